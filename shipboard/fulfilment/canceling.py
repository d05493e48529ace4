"""A seller cancels an order, or units of it: the order is looked at, what still waits is claimed so
that nobody ships it, and the cancellation is put in the outbox, all in one transaction. Nothing is
called here (sending.py does that).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right
from shipboard.channels.contract import Shipping
from shipboard.channels.registry import capabilities
from shipboard.fulfilment import outbox, queueing
from shipboard.fulfilment.allowed import Verb, why_not
from shipboard.fulfilment.cancel_wishes import CancelWish, cancel_wish_of
from shipboard.fulfilment.claiming import all_free, claim
from shipboard.fulfilment.moved_on import moved_on
from shipboard.fulfilment.refusals import BadCancel, CannotCancel, Taken
from shipboard.fulfilment.shipping import sent_before
from shipboard.fulfilment.units import Unit, open_units
from shipboard.orders.attempts import Attempt
from shipboard.orders.events import record
from shipboard.orders.models import Line, Order
from shipboard.orders.overlays import touch
from shipboard.orders.parts import to_decide

WHOLE_ONLY = "In this market an order is canceled as a whole only."


def ask_to_cancel(
    order: Order,
    wish: CancelWish,
    *,
    access: Access,
    now: datetime,
    wall: datetime,
    seen: int | None = None,
    stage: str = "",
    key: UUID | None = None,
    is_bulk: bool = False,
) -> Attempt:
    """Put a cancellation in the outbox. `now` is the desk's clock, `wall` real time; `seen` the
    version that the person saw, `stage` the order's when it was decided (blank: as it is now); the
    same `key` again gives the first attempt. `is_bulk`: within a transaction of a run, which has
    the outbox looked at for all its rows. Raises CannotCancel, BadCancel, Taken, Stale, Gone and
    NotAllowed; nothing is done then."""
    access.need(Right.WORK)
    try:
        with transaction.atomic(savepoint=not is_bulk):
            return _ask(order, wish, access, now, wall, seen, stage, key, is_bulk)
    except IntegrityError:
        raise Taken(
            f"Somebody else shipped or canceled order {order.order_id} a moment earlier. Look at "
            "it as it is now."
        ) from None


def _ask(
    given: Order,
    wish: CancelWish,
    access: Access,
    now: datetime,
    wall: datetime,
    seen: int | None,
    stage: str,
    key: UUID | None,
    is_bulk: bool,
) -> Attempt:
    if key and (first := sent_before(given, key, access, lambda it: _is_same(it, wish))):
        return first
    touch(given, now=now, seen=seen)
    (order,) = to_decide(Order.objects.filter(pk=given.pk), now)
    if reason := why_not(Verb.CANCEL, order, now) or moved_on(stage or order.stage, order, now):
        raise CannotCancel(reason)
    if not wish.reason:
        raise BadCancel("reason", "Choose why it is canceled; the marketplace wants a reason.")
    waiting = _waiting(order, wish.unit_ids)
    attempt = Attempt.objects.create(
        kind=Attempt.Kind.CANCEL,
        state=Attempt.State.WAITING,
        key=key,
        shop=order.shop,
        order=order,
        asks=wish.stored(),
        is_part=bool(wish.unit_ids),
        by=access.by,
        person_id=access.person_id,
        is_bulk=is_bulk,
        asked_at=now,
        due_at=outbox.due_at(order, now, wall),
    )
    claim(attempt, ((order, waiting),))
    record(order, "cancel_asked", by=access.by, at=now, attempt=attempt.pk)
    if not is_bulk:
        queueing.queue(queueing.SEND, order.shop_id, attempt.due_at, wall)
    return attempt


def _waiting(order: Order, unit_ids: Collection[str]) -> tuple[Unit, ...]:
    """Those of the units to be canceled (none named: all) that wait to be shipped, and that nobody
    else has. Raises BadCancel and Taken."""
    lines = list(Line.objects.filter(order=order).select_related("item").order_by("position"))
    known = {unit_id for line in lines for unit_id in line.unit_ids}
    if unit_ids:
        can = capabilities(order.shop, Shipping(order.shipping))
        if not can.cancels_parts:
            raise BadCancel("units", WHOLE_ONLY)
        if not known.issuperset(unit_ids):
            raise BadCancel("units", "Some of what was chosen is not in the order any more.")
    units = open_units(order, lines, order.contents.all())
    chosen = tuple(unit for unit in units if not unit_ids or unit.unit_id in unit_ids)
    return all_free(order, chosen) if chosen else ()


def _is_same(attempt: Attempt, wish: CancelWish) -> bool:
    is_cancel = attempt.kind == Attempt.Kind.CANCEL
    return is_cancel and cancel_wish_of(attempt.asks or {}).unit_ids == wish.unit_ids
