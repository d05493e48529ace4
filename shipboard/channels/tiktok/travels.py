"""Where each package of an order is, by what the order's payload says of its units. The package
itself says it more finely, and is asked only when something is done with it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from shipboard.channels.contract import ParcelState, Travel
from shipboard.channels.tiktok.extra import trouble_of
from shipboard.channels.tiktok.lines import Unit, units_of
from shipboard.channels.tiktok.values import LONG, Payload, instant, text

TRAVELS: Mapping[str, Travel] = {
    "TO_FULFILL": Travel.WAITING,
    "PROCESSING": Travel.ARRANGED,
    "FULFILLING": Travel.COLLECTED,
    "COMPLETED": Travel.DELIVERED,
    "CANCELLED": Travel.CANCELED,
    # A unit's own word, where its package's is not said.
    "AWAITING_SHIPMENT": Travel.WAITING,
    "AWAITING_COLLECTION": Travel.ARRANGED,
    "IN_TRANSIT": Travel.COLLECTED,
    "DELIVERED": Travel.DELIVERED,
}
#: The order's own instants are its parcel's where it has only one.
INSTANTS = {
    Travel.ARRANGED: "rts_time",
    Travel.COLLECTED: "collection_time",
    Travel.DELIVERED: "delivery_time",
    Travel.CANCELED: "cancel_time",
}


def parcel_states(payload: str) -> tuple[ParcelState, ...]:
    """The packages that the units of an order's payload name, those that are no more among them;
    none where it cannot be read."""
    try:
        order = json.loads(payload)
        units = units_of(order) if isinstance(order, dict) else []
        boxes: dict[str, list[Unit]] = {}
        for unit in units:
            if name := unit.package_id or unit.tracking_number:
                boxes.setdefault(name, []).append(unit)
        return tuple(_state(inside, order, is_only=len(boxes) == 1) for inside in boxes.values())
    except ValueError:  # no JSON, or Odd
        return ()


def _state(units: Sequence[Unit], order: Payload, *, is_only: bool) -> ParcelState:
    first = next((unit for unit in units if not unit.is_canceled), units[0])
    word = first.package_status or first.status
    travel = TRAVELS.get(word, Travel.UNKNOWN)
    trouble = trouble_of(first.source) if first.is_canceled else ""
    reason = text(first.source, "cancel_reason", LONG) if first.is_canceled else ""
    if first.is_canceled:
        travel = Travel(trouble) if trouble else Travel.CANCELED
    return ParcelState(
        package_id=first.package_id,
        tracking_number=first.tracking_number,
        carrier=first.carrier,
        travel=travel,
        words=reason or (word if travel is Travel.UNKNOWN else ""),
        at=_at(travel, units, order, is_only=is_only),
    )


def _at(travel: Travel, units: Sequence[Unit], order: Payload, *, is_only: bool) -> datetime | None:
    own = [unit.arranged_at for unit in units if unit.arranged_at]
    if travel is Travel.ARRANGED and own:
        return min(own)
    ended = travel in (Travel.LOST, Travel.DAMAGED)
    name = INSTANTS.get(Travel.CANCELED if ended else travel)
    return instant(order, name) if name and is_only else None
