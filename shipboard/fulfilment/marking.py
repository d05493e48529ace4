"""Marking an order as shipped where nothing else says so: platform orders of shops that nobody can
call. It is recorded here; what a later import shows confirms it or not (recorded.py).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right
from shipboard.channels.contract import Shipping
from shipboard.channels.registry import capabilities
from shipboard.fulfilment.allowed import Verb
from shipboard.fulfilment.claiming import claim, target_of
from shipboard.fulfilment.refusals import Taken
from shipboard.fulfilment.shipping import check_can_ship, sent_before
from shipboard.fulfilment.units import WHOLE, Unit, inside, open_units
from shipboard.orders.attempts import Attempt
from shipboard.orders.events import record
from shipboard.orders.models import Line, Order
from shipboard.orders.overlays import touch
from shipboard.orders.parts import to_decide

KIND = Attempt.Kind.MARK


def mark_shipped(
    order: Order,
    *,
    access: Access,
    now: datetime,
    wall: datetime,
    seen: int | None = None,
    key: UUID | None = None,
    is_bulk: bool = False,
) -> Attempt:
    """Record that all of an order which waits is in the carrier's hands; undone (outbox.revoke)
    until an import tells. `now` is the desk's clock, `wall` real time; `seen` the order's version
    that the person saw; the same `key` again gives the first attempt; `is_bulk`: within a
    transaction of a run. Raises CannotShip, DecisionNeeded, Taken, Stale, Gone and NotAllowed;
    nothing is done then."""
    access.need(Right.WORK)
    try:
        with transaction.atomic(savepoint=not is_bulk):
            return _mark(order, access, now, wall, seen, key, is_bulk)
    except IntegrityError:
        raise Taken(
            f"Order {order.order_id} was shipped by somebody else a moment earlier. Look at it as "
            "it is now."
        ) from None


def _mark(
    given: Order,
    access: Access,
    now: datetime,
    wall: datetime,
    seen: int | None,
    key: UUID | None,
    is_bulk: bool,
) -> Attempt:
    if key and (first := sent_before(given, key, access, lambda it: it.kind == KIND)):
        return first
    touch(given, now=now, seen=seen)
    (order,) = to_decide(Order.objects.filter(pk=given.pk), now)
    check_can_ship(order, now, verb=Verb.MARK_SHIPPED, despite_request=False)
    units = _units(order, now)
    attempt = Attempt.objects.create(
        kind=KIND,
        state=Attempt.State.RECORDED,
        key=key,
        shop=order.shop,
        order=order,
        by=access.by,
        person_id=access.person_id,
        is_bulk=is_bulk,
        asked_at=now,
        due_at=wall,
    )
    claim(attempt, [(order, units)])
    record(order, "marked_here", by=access.by, at=now, attempt=attempt.pk)
    return attempt


def _units(order: Order, now: datetime) -> tuple[Unit, ...]:
    """Those that wait; all of them where its label has given them a tracking number already, though
    the marketplace has them wait. Raises Taken."""
    lines = list(Line.objects.filter(order=order).select_related("item").order_by("position"))
    if not open_units(order, lines, order.contents.all()):
        return inside(lines, {WHOLE: 1})
    can = capabilities(order.shop, Shipping.PLATFORM)
    ((_, units),) = target_of(order, None, "", can, Verb.MARK_SHIPPED, now).units
    return units
