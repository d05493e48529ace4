"""The stages of a label's way, with the time each took: asked, sent, arranged, file stored,
printed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from shipboard.fulfilment.printing import WITH_LABELS
from shipboard.orders.attempts import Attempt
from shipboard.orders.labels import Label, PrintItem


@dataclass(frozen=True)
class StageTime:
    """`took`: since the stage before, such as "420 ms"; blank for the first and for what is not
    reached yet."""

    name: str
    at: datetime | None
    took: str = ""


def stages_of(label: Label, ahead: timedelta) -> list[StageTime]:
    """In their order; two queries, for when it was last sent and printed. `ahead`: of the desk's
    clock before real time, which calls are kept in."""
    tried = Attempt.objects.filter(label=label, kind=Attempt.Kind.LABEL).order_by("-pk").first()
    return timed(
        [
            ("Asked for", label.asked_at),
            (
                "Sent to the marketplace",
                tried.claimed_at + ahead if tried and tried.claimed_at else None,
            ),
            ("Rejected", label.rejected_at)
            if label.rejected_at and not label.arranged_at
            else ("Arranged and paid for", label.arranged_at),
            ("File stored", label.stored_at),
            ("Sent to print", label.printed_at or _last_sent(label)),
            ("Print confirmed", label.print_confirmed_at),
        ]
    )


def sendings(label: Label) -> QuerySet[PrintItem]:
    """How often it went to a printer, whatever came out."""
    return PrintItem.objects.filter(label=label, file__content__in=WITH_LABELS)


def _last_sent(label: Label) -> datetime | None:
    return sendings(label).order_by("-pk").values_list("file__sent_at", flat=True).first()


def timed(stages: Sequence[tuple[str, datetime | None]]) -> list[StageTime]:
    found, before = [], None
    for name, at in stages:
        took = duration(at - before) if at and before and at >= before else ""
        found.append(StageTime(name, at, took))
        before = at or before
    return found


def duration(took: timedelta) -> str:
    """ "420 ms", "3.2 s", "4 min 5 s", "2 h 10 min"."""
    seconds = took.total_seconds()
    if seconds < 1:
        return f"{round(seconds * 1000)} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
