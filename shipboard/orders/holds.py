"""Held here: our own brake on an order. The marketplace's clocks go on; nothing ships it here."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from shipboard.orders.events import record
from shipboard.orders.models import Hold, Order


class NotHeld(Exception):
    """There is nothing to release; the message says what to do."""


@transaction.atomic
def place_hold(
    order: Order, *, reason: str, by: str, now: datetime, as_of: datetime | None = None
) -> bool:
    """Hold an order; False when it is held already, which stays as it is. `as_of`: the instant of
    the facts that call for it, so that newer facts can lift it; None: only a person lifts it."""
    order = Order.objects.select_for_update().get(pk=order.pk)
    if order.holds.filter(released_at=None).exists():
        return False
    order.holds.create(reason=reason, by=by, placed_at=now, as_of=as_of)
    record(order, "hold_placed", by=by, at=now, reason=reason)
    return True


@transaction.atomic
def release_hold(order: Order, *, by: str, now: datetime) -> None:
    """End the present hold. Raises NotHeld when somebody else already did."""
    ended = Hold.objects.filter(order=order, released_at=None).update(
        released_at=now, released_by=by
    )
    if not ended:
        raise NotHeld("This order is not held any more; somebody released it already.")
    record(order, "hold_released", by=by, at=now)
