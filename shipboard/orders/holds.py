"""Held here: our own brake on an order. The marketplace's clocks go on; nothing ships it here.
A hold with an end is over then by the clock alone.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from shipboard.orders.events import record
from shipboard.orders.models import Hold, Order
from shipboard.orders.overlays import BadWords, Refused, touch, words

MOST_CHARACTERS = 300
CLOCK = "the clock"
LONGEST = timedelta(days=366)


class NotHeld(Refused):
    """There is nothing to release."""


class AlreadyHeld(Refused):
    """An order has one hold at a time."""


def live(now: datetime) -> Q:
    """Holds that hold at `now`; the same rule as `hold_of` in Python."""
    return Q(released_at=None) & (Q(until=None) | Q(until__gt=now))


def hold_of(order: Order, now: datetime) -> Hold | None:
    """The hold that holds the order at `now`. No query when the holds came with the order."""
    for hold in order.holds.all():
        if hold.released_at is None and (hold.until is None or hold.until > now):
            return hold
    return None


def held(now: datetime, order: str = "pk") -> Q:
    """Of what names an order at `order`: it is held here at `now`."""
    return Q(Exists(Hold.objects.filter(live(now), order=OuterRef(order))))


def due(now: datetime) -> Q:
    """Held orders whose reminder has come."""
    return Q(Exists(Hold.objects.filter(live(now), order=OuterRef("pk"), remind_at__lte=now)))


@transaction.atomic
def place_hold(
    order: Order,
    *,
    reason: str,
    by: str,
    now: datetime,
    until: datetime | None = None,
    remind_at: datetime | None = None,
    as_of: datetime | None = None,
    seen: int | None = None,
) -> Hold:
    """Hold an order for `reason` (1 to 300 characters), until a person or the instant `until` ends
    it. `as_of`: the instant of the facts that call for it, so that newer facts can lift it.
    Raises BadWords, AlreadyHeld, Stale or Gone."""
    said = words(reason, MOST_CHARACTERS, "the reason")
    check_instants(until, remind_at, now)
    touch(order, now=now, seen=seen)
    if last := Hold.objects.filter(order=order, released_at=None).first():
        _make_room(last, order, now)
    hold = Hold.objects.create(
        order=order,
        reason=said,
        by=by,
        placed_at=now,
        until=until,
        remind_at=remind_at,
        as_of=as_of,
    )
    record(order, "hold_placed", by=by, at=now, hold=hold.pk)
    return hold


def check_instants(until: datetime | None, remind_at: datetime | None, now: datetime) -> None:
    """Raises BadWords when a hold would be over, or ask, before anybody could see it."""
    if any(each and each > now + LONGEST for each in (until, remind_at)):
        raise BadWords(
            "A hold and its reminder lie within a year; choose an earlier time, or none."
        )
    if until and until <= now:
        raise BadWords("A hold must end later than now; choose a later time, or none.")
    if remind_at and remind_at <= now:
        raise BadWords("The reminder must come later than now; choose a later time, or none.")
    if until and remind_at and remind_at >= until:
        raise BadWords("The reminder must come before the hold ends; choose an earlier time.")


def _make_room(last: Hold, order: Order, now: datetime) -> None:
    """Close a hold that the clock has ended. Raises AlreadyHeld when it has not."""
    if last.until is None or last.until > now:
        raise AlreadyHeld(f"{last.by} holds this order already: {last.reason}")
    Hold.objects.filter(pk=last.pk).update(released_at=last.until, released_by=CLOCK)
    record(order, "hold_ended", by=CLOCK, at=last.until, hold=last.pk)


@transaction.atomic
def release_hold(order: Order, *, by: str, now: datetime, seen: int | None = None) -> None:
    """End the present hold. Raises NotHeld, which names who or what ended it already, Stale or
    Gone."""
    touch(order, now=now, seen=seen)
    present = Hold.objects.filter(live(now), order=order)
    if not present.update(released_at=now, released_by=by):
        raise NotHeld(_why_not_held(order))
    record(order, "hold_released", by=by, at=now)


def _why_not_held(order: Order) -> str:
    last = Hold.objects.filter(order=order).order_by("-pk").first()
    if last is None:
        return "This order is not held here."
    who = last.released_by or CLOCK
    return f"This order is not held any more: {who} released it already."
