"""Asking for a shipment: the order is looked at, the units are claimed, and the shipment is put in
the outbox, all in one transaction. Nothing is called here (sending.py does that).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from shipboard import carriers
from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right
from shipboard.channels.contract import Shipping
from shipboard.channels.registry import capabilities
from shipboard.fulfilment import outbox, queueing
from shipboard.fulfilment.allowed import Verb, asks_to_cancel, why_not
from shipboard.fulfilment.claiming import claim, lock_together, target_of
from shipboard.fulfilment.numbers import checked
from shipboard.fulfilment.refusals import (
    AlreadyAsked,
    CannotShip,
    DecisionNeeded,
    Taken,
)
from shipboard.orders.attempts import LIVE, Attempt
from shipboard.orders.events import record
from shipboard.orders.models import Order
from shipboard.orders.overlays import touch
from shipboard.orders.parts import to_decide


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipWish:
    """What a person gives to ship an order. `contents`: units by line position, None for all that
    wait. `package_id`: which of the channel's packages, blank where there is one or none.
    `despite_request`: ship although the buyer asks to cancel. `group`: a word of the person's for
    orders that go in one parcel."""

    tracking_number: str
    carrier: str = ""
    carrier_id: str = ""
    service: str = ""
    contents: Mapping[int, int] | None = None
    package_id: str = ""
    despite_request: bool = False
    group: str = ""

    def stored(self) -> dict[str, Any]:
        """As a run's row keeps it."""
        stored = {name: value for name, value in asdict(self).items() if value}
        if self.contents is not None:
            stored["contents"] = {str(line): count for line, count in self.contents.items()}
        return stored


def wish_of(stored: Mapping[str, Any]) -> ShipWish:
    """The opposite of `stored`."""
    fields = dict(stored)
    if "contents" in fields:
        fields["contents"] = {int(line): count for line, count in fields["contents"].items()}
    return ShipWish(**fields)


def ask_to_ship(
    order: Order,
    wish: ShipWish,
    *,
    access: Access,
    now: datetime,
    wall: datetime,
    seen: int | None = None,
    key: UUID | None = None,
    is_bulk: bool = False,
) -> Attempt:
    """Put a shipment in the outbox (or, for a shop that nobody can call, record it). `now` is the
    desk's clock, `wall` real time; `seen` the order's version that the person saw; the same `key`
    again gives the first attempt. `is_bulk`: within a transaction of a run, which has the outbox
    looked at for all its rows. Raises CannotShip, DecisionNeeded, BadShipment, Taken,
    AlreadyAsked, Stale, Gone and NotAllowed; nothing is done then."""
    access.need(Right.WORK)
    try:
        # A run has a savepoint of its own for each row.
        with transaction.atomic(savepoint=not is_bulk):
            return _ask(order, wish, access, now, wall, seen, key, is_bulk)
    except IntegrityError:
        # Lost a race that the locks do not cover.
        raise Taken(
            f"Order {order.order_id} was shipped by somebody else a moment earlier. Look at it "
            "as it is now."
        ) from None


def _ask(
    given: Order,
    wish: ShipWish,
    access: Access,
    now: datetime,
    wall: datetime,
    seen: int | None,
    key: UUID | None,
    is_bulk: bool,
) -> Attempt:
    if capabilities(given.shop, Shipping.SELLER).whole_packages:
        lock_together(given)
    if key and (first := sent_before(given, key, access, of_number(wish.tracking_number))):
        return first
    touch(given, now=now, seen=seen)
    (order,) = to_decide(Order.objects.filter(pk=given.pk), now)
    _check_not_the_same(order, carriers.clean(wish.tracking_number))
    check_can_ship(order, now, despite_request=wish.despite_request)
    number = checked(order, wish.tracking_number, wish.carrier, wish.carrier_id, now)
    can = capabilities(order.shop, Shipping(order.shipping))
    target = target_of(order, wish.contents, wish.package_id, can, Verb.ADD_SHIPMENT, now)
    attempt = Attempt.objects.create(
        kind=Attempt.Kind.SHIP,
        state=Attempt.State.WAITING if can.ships else Attempt.State.RECORDED,
        key=key,
        shop=order.shop,
        order=order,
        package_id=target.package_id,
        tracking_number=number.tracking_number,
        carrier=number.carrier,
        carrier_id=number.carrier_id,
        service=wish.service,
        is_part=target.is_part,
        despite_request=wish.despite_request,
        group=wish.group,
        by=access.by,
        person_id=access.person_id,
        is_bulk=is_bulk,
        asked_at=now,
        due_at=outbox.due_at(order, now, wall),
        warning=number.warning,
    )
    claim(attempt, target.units)
    for each, _ in target.units:
        record(each, "shipment_asked", by=access.by, at=now, attempt=attempt.pk)
    if can.ships and not is_bulk:
        queueing.queue(queueing.SEND, order.shop_id, attempt.due_at, wall)
    return attempt


def sent_before(
    order: Order, key: UUID, access: Access, is_the_same: Callable[[Attempt], bool]
) -> Attempt | None:
    """The attempt that this very form has made already, if it has; the order is locked from here
    on, so that one form sent twice at once is one. Raises CannotShip when the form's key stands for
    something else, or for what was taken back since."""
    list(Order.objects.filter(pk=order.pk).select_for_update().values("pk"))
    first = Attempt.objects.filter(key=key).first()
    if first is None:
        return None
    is_same = (first.order_id, first.person_id) == (order.pk, access.person_id)
    if not is_same or not is_the_same(first):
        raise CannotShip("This form was used for something else already. Open it anew.")
    if first.state == Attempt.State.REVOKED:
        raise CannotShip("What this form asked for was taken back since. Open it anew.")
    return first


def of_number(tracking_number: str) -> Callable[[Attempt], bool]:
    """Whether an attempt carries this very number."""
    number = carriers.clean(tracking_number)
    return lambda attempt: attempt.tracking_number == number


def check_can_ship(
    order: Order, now: datetime, *, verb: Verb = Verb.ADD_SHIPMENT, despite_request: bool
) -> None:
    """Raises CannotShip or DecisionNeeded. `order` comes with its parts (orders.parts)."""
    verb = Verb.SHIP_DESPITE if despite_request else verb
    if reason := why_not(verb, order, now):
        if asks_to_cancel(order) and not despite_request:
            raise DecisionNeeded(reason)
        raise CannotShip(reason)


def _check_not_the_same(order: Order, number: str) -> None:
    """Raises AlreadyAsked when the order goes under that very number already."""
    same = Attempt.objects.filter(
        order=order, kind=Attempt.Kind.SHIP, tracking_number=number
    ).filter(state__in=(*LIVE, Attempt.State.DONE))
    if first := same.order_by("pk").first():
        raise AlreadyAsked(f"{first.by} ships it already under {first.tracking_number}.")


def without_request(wish: ShipWish) -> ShipWish:
    """The wish as bulk, file and scan take it: never against a buyer who asks to cancel."""
    return replace(wish, despite_request=False)
