"""What a run does with one order: the verb as a person would do it, or the reason to leave it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from shipboard.fulfilment.allowed import Verb, why_not
from shipboard.fulfilment.wishes import Wishes
from shipboard.orders.flags import set_flag
from shipboard.orders.holds import place_hold, release_hold
from shipboard.orders.models import Order
from shipboard.orders.notes import add_note

#: Does the verb; blank: done; else why the order was left as it was. Raises Refused.
Work = Callable[[Order, Wishes, str, datetime], str]


def _note(order: Order, wishes: Wishes, by: str, now: datetime) -> str:
    add_note(order, text=wishes.text, by=by, now=now)
    return ""


def _flag(order: Order, wishes: Wishes, by: str, now: datetime) -> str:
    if set_flag(order, wishes.colour, by=by, now=now):
        return ""
    return f"It is flagged {wishes.colour} already." if wishes.colour else "It has no flag."


def _hold(order: Order, wishes: Wishes, by: str, now: datetime) -> str:
    if reason := why_not(Verb.HOLD, order, now):
        return reason
    place_hold(
        order,
        reason=wishes.reason,
        by=by,
        now=now,
        until=wishes.until,
        remind_at=wishes.remind_at,
    )
    return ""


def _release(order: Order, wishes: Wishes, by: str, now: datetime) -> str:
    if reason := why_not(Verb.RELEASE, order, now):
        return reason
    release_hold(order, by=by, now=now)
    return ""


WORK: Mapping[Verb, Work] = {
    Verb.NOTE: _note,
    Verb.FLAG: _flag,
    Verb.HOLD: _hold,
    Verb.RELEASE: _release,
}
