"""Asking for another way of packing: an order split into packages, orders of one buyer combined,
and combined ones taken apart again. Nothing is called here (sending.py does that).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right
from shipboard.fulfilment import queueing
from shipboard.fulfilment.claiming import all_free, claim
from shipboard.fulfilment.packed import companions_inside
from shipboard.fulfilment.refusals import CannotShip, Taken
from shipboard.fulfilment.repack_rules import (
    combination,
    parting,
    partition,
    why_not_repack,
)
from shipboard.fulfilment.repack_wishes import Repacking
from shipboard.fulfilment.shipping import sent_before
from shipboard.orders.attempts import Attempt
from shipboard.orders.events import record
from shipboard.orders.models import Order
from shipboard.orders.overlays import touch
from shipboard.orders.parts import to_decide

#: What is to be asked of the orders as they are now, with their parts. Raises Refused.
Build = Callable[[Sequence[Order]], Repacking]


def ask_to_split(
    order: Order,
    groups: Sequence[Sequence[str]],
    *,
    access: Access,
    now: datetime,
    wall: datetime,
    seen: int | None = None,
    key: UUID | None = None,
) -> Attempt:
    """Have the order packed in these groups of units (by the channel's ids), all that wait and each
    in one of them; it goes at once. Packages that it is split into already are packed anew. `now`
    is the desk's clock, `wall` real time; `seen` the version that the person saw; the same `key`
    again gives the first attempt. Raises CannotShip, BadShipment, Taken, Stale, Gone and
    NotAllowed; nothing is done then."""
    return _ask(
        order, [order.pk], lambda found: partition(found[0], groups), access, now, wall, seen, key
    )


def ask_to_combine(
    order: Order,
    others: Sequence[Order],
    *,
    access: Access,
    now: datetime,
    wall: datetime,
    seen: int | None = None,
    key: UUID | None = None,
    group_id: str = "",
) -> Attempt:
    """Have the order travel in one package with these others of its buyer. `group_id`: the
    channel's name of what can be combined, where it gave one. The rest as in `ask_to_split`."""
    pks = [order.pk, *(each.pk for each in others)]
    return _ask(
        order, pks, lambda found: combination(order, found, group_id), access, now, wall, seen, key
    )


def ask_to_uncombine(
    order: Order,
    leaving: Sequence[str] = (),
    *,
    access: Access,
    now: datetime,
    wall: datetime,
    seen: int | None = None,
    key: UUID | None = None,
) -> Attempt:
    """Have orders of the order's package (by id; none named: all) travel by themselves again. The
    rest as in `ask_to_split`."""
    (fresh,) = to_decide(Order.objects.filter(pk=order.pk), now)
    together = frozenset[str]().union(*companions_inside([fresh]).values())
    found = Order.objects.filter(shop=order.shop_id, order_id__in=together | {order.order_id})
    pks = list(found.values_list("pk", flat=True))
    return _ask(
        order, pks, lambda found: parting(order, found, leaving), access, now, wall, seen, key
    )


def _ask(
    given: Order,
    pks: Sequence[int],
    build: Build,
    access: Access,
    now: datetime,
    wall: datetime,
    seen: int | None,
    key: UUID | None,
) -> Attempt:
    access.need(Right.WORK)
    try:
        with transaction.atomic():
            _lock(pks)
            if key and (first := sent_before(given, key, access, _is_repack)):
                return first
            return _asked(given, pks, build, access, now, wall, seen, key)
    except IntegrityError:
        # Lost a race for a unit.
        raise Taken(
            f"Somebody else packed or shipped order {given.order_id} a moment earlier. Look at it "
            "as it is now."
        ) from None


def _lock(pks: Sequence[int]) -> None:
    """In one order, so that two of us never wait for each other."""
    list(Order.objects.filter(pk__in=pks).order_by("pk").select_for_update().values("pk"))


def _is_repack(attempt: Attempt) -> bool:
    return attempt.kind == Attempt.Kind.REPACK


def _asked(
    given: Order,
    pks: Sequence[int],
    build: Build,
    access: Access,
    now: datetime,
    wall: datetime,
    seen: int | None,
    key: UUID | None,
) -> Attempt:
    touch(given, now=now, seen=seen)
    orders = to_decide(Order.objects.filter(pk__in=pks).order_by("pk"), now)
    for each in orders:
        if each.pk != given.pk:
            touch(each, now=now)
        if reason := why_not_repack(each, now):
            is_own = each.pk == given.pk
            raise CannotShip(reason if is_own else f"Order {each.order_id}: {reason}")
    repacking = build(orders)
    units = tuple((each, all_free(each)) for each in orders)
    attempt = Attempt.objects.create(
        kind=Attempt.Kind.REPACK,
        state=Attempt.State.WAITING,
        key=key,
        shop=given.shop,
        order=given,
        package_id=repacking.package_id,
        asks=repacking.stored(),
        by=access.by,
        person_id=access.person_id,
        asked_at=now,
        due_at=wall,
    )
    claim(attempt, units)
    for each in orders:
        record(each, "repacking_asked", by=access.by, at=now, attempt=attempt.pk)
    queueing.queue(queueing.SEND, given.shop_id, wall, wall)
    return attempt
