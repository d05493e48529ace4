"""The stage of an order from its two status words and, where they leave it open, its times."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ..contract import Stage, StageSource
from .errors import quoted
from .remarks import Remarks
from .words import COARSE_WORDS, FINE_WORDS, Tab, folded

Times = Mapping[str, datetime | None]
STAGE_OF_NEWEST_TIME = (
    ("canceled_at", Stage.CANCELED),
    ("delivered_at", Stage.DELIVERED),
    ("collected_at", Stage.IN_TRANSIT),
    ("arranged_at", Stage.PENDING_COLLECTION),
    ("paid_at", Stage.ON_HOLD),
)


def stage_of(
    status: str, substatus: str, times: Times, *, all_arranged: bool, remarks: Remarks, row: int
) -> tuple[Stage, StageSource]:
    """The stage, and whether the words named it or we derived it from `times` (UTC, by column).

    The fine word decides first, but an order whose coarse word is canceled is canceled. A coarse
    word with several stages is decided by the times; `all_arranged` says whether every row with
    goods has an RTS time. Words that nobody knows are remarked on, once each.
    """
    fine, coarse = folded(substatus), folded(status)
    named = FINE_WORDS.get(fine)
    if FINE_WORDS.get(coarse) is Stage.CANCELED:
        return Stage.CANCELED, StageSource.CHANNEL
    if named:
        return named, StageSource.CHANNEL
    tab = COARSE_WORDS.get(coarse) or COARSE_WORDS.get(fine)
    by_status = FINE_WORDS.get(coarse)
    if tab or by_status:
        if fine and fine not in COARSE_WORDS:
            remarks.add(
                f"The order substatus {quoted(substatus)} is not known; the order status and the "
                "times were used instead",
                row,
            )
        stage = _within(tab, times, all_arranged=all_arranged) if tab else by_status
        return stage or Stage.UNKNOWN, StageSource.CHANNEL
    return _derived(status, substatus, times, remarks, row), StageSource.DERIVED


def _within(tab: Tab, times: Times, *, all_arranged: bool) -> Stage:
    if tab is Tab.SHIPPED:
        return Stage.DELIVERED if times.get("delivered_at") else Stage.IN_TRANSIT
    if not times.get("arranged_at"):
        return Stage.AWAITING_SHIPMENT
    return Stage.PENDING_COLLECTION if all_arranged else Stage.PARTIALLY_SHIPPED


def _derived(status: str, substatus: str, times: Times, remarks: Remarks, row: int) -> Stage:
    stage = next((stage for key, stage in STAGE_OF_NEWEST_TIME if times.get(key)), Stage.UNKNOWN)
    words = " / ".join(quoted(word) for word in (status, substatus) if word)
    said = f"The order status {words} is not known" if words else "The order status is blank"
    if stage is Stage.UNKNOWN:
        remarks.add(f"{said} and the order's times say nothing; its stage is unknown", row)
    else:
        remarks.add(f"{said}; the stage was worked out from the order's times", row)
    return stage
