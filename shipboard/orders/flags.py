"""Coloured flags of ours: an order has one or none, and what a colour means is the seller's own."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from shipboard.orders.events import record
from shipboard.orders.models import Colour, Flag, Order
from shipboard.orders.overlays import touch


@transaction.atomic
def set_flag(
    order: Order, colour: Colour | None, *, by: str, now: datetime, seen: int | None = None
) -> bool:
    """Give an order this flag, or with None take its flag away; False when it is so already, and
    then nothing changes. Raises Stale or Gone."""
    if _colour(order) == colour:
        return False
    touch(order, now=now, seen=seen)
    if _colour(order) == colour:  # somebody else did so while we waited for the row
        return False
    if colour is None:
        Flag.objects.filter(order=order).delete()
        record(order, "flag_removed", by=by, at=now)
        return True
    Flag.objects.bulk_create(
        [Flag(order=order, colour=colour, by=by, at=now)],
        update_conflicts=True,
        unique_fields=["order"],
        update_fields=["colour", "by", "at"],
    )
    record(order, "flag_set", by=by, at=now, colour=colour.value)
    return True


def _colour(order: Order) -> str | None:
    return Flag.objects.filter(order=order).values_list("colour", flat=True).first()


def flag_of(order: Order) -> Flag | None:
    """The order's flag. No query when it came with the order (orders.parts.with_parts)."""
    return getattr(order, "flag", None)
