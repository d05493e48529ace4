"""Asking for a shipment: the order is looked at, the units are claimed, and the shipment is put in
the outbox, all in one transaction. Nothing is called here (sending.py does that).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from shipboard import carriers
from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right
from shipboard.channels.contract import Capabilities, Shipping
from shipboard.channels.registry import capabilities
from shipboard.fulfilment import outbox
from shipboard.fulfilment.allowed import Verb, asks_to_cancel, said_of, why_not
from shipboard.fulfilment.numbers import checked
from shipboard.fulfilment.refusals import (
    AlreadyAsked,
    BadShipment,
    CannotShip,
    DecisionNeeded,
    Taken,
)
from shipboard.fulfilment.units import Unit, chosen, claimed_keys, open_units
from shipboard.orders.attempts import LIVE, Attempt, ClaimedUnit
from shipboard.orders.events import record
from shipboard.orders.models import Line, Order, ParcelContent
from shipboard.orders.overlays import touch
from shipboard.orders.parts import to_decide

#: A shipment that the channel accepted longer ago than this, and of which newer facts say nothing,
#: has been taken back over there: its units are free again.
TAKEN_BACK_AFTER = timedelta(minutes=10)


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
        _lock_together(given)
    if key and (first := sent_before(given, key, wish.tracking_number, access)):
        return first
    touch(given, now=now, seen=seen)
    (order,) = to_decide(Order.objects.filter(pk=given.pk), now)
    _check_not_the_same(order, carriers.clean(wish.tracking_number))
    check_can_ship(order, now, despite_request=wish.despite_request)
    number = checked(order, wish.tracking_number, wish.carrier, wish.carrier_id, now)
    can = capabilities(order.shop, Shipping(order.shipping))
    target = _target(order, wish, can, now)
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
    _claim(attempt, target.units)
    for each, _ in target.units:
        record(each, "shipment_asked", by=access.by, at=now, attempt=attempt.pk)
    if can.ships and not is_bulk:
        outbox.queue(order.shop_id, attempt.due_at, wall)
    return attempt


def sent_before(order: Order, key: UUID, tracking_number: str, access: Access) -> Attempt | None:
    """The attempt that this very form has made already, if it has; the order is locked from here
    on, so that one form sent twice at once is one. Raises CannotShip when the form's key stands for
    something else, or for what was taken back since."""
    list(Order.objects.filter(pk=order.pk).select_for_update().values("pk"))
    first = Attempt.objects.filter(key=key).first()
    if first is None:
        return None
    is_same = (first.order_id, first.person_id) == (order.pk, access.person_id)
    if not is_same or first.tracking_number != carriers.clean(tracking_number):
        raise CannotShip("This form was used for something else already. Open it anew.")
    if first.state == Attempt.State.REVOKED:
        raise CannotShip("What this form asked for was taken back since. Open it anew to ship.")
    return first


def _lock_together(order: Order) -> None:
    """Take the orders that share a package with this one, all in one order, so that two people who
    ship them at once never wait for each other."""
    mine = ParcelContent.objects.filter(order=order, is_current=True).values("parcel")
    together = ParcelContent.objects.filter(parcel__in=mine, is_current=True).values("order")
    list(Order.objects.filter(pk__in=together).order_by("pk").select_for_update().values("pk"))


@dataclass(frozen=True, slots=True)
class _Target:
    """What is shipped: units of the order, and of others where they share its package."""

    units: tuple[tuple[Order, tuple[Unit, ...]], ...]
    package_id: str = ""
    is_part: bool = False


def check_can_ship(order: Order, now: datetime, *, despite_request: bool) -> None:
    """Raises CannotShip or DecisionNeeded. `order` comes with its parts (orders.parts)."""
    verb = Verb.SHIP_DESPITE if despite_request else Verb.ADD_SHIPMENT
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


def _target(order: Order, wish: ShipWish, can: Capabilities, now: datetime) -> _Target:
    lines = {order.pk: _lines(order)}
    units = open_units(order, lines[order.pk], order.contents.all())
    if can.whole_packages:
        return _package(order, wish, units, now)
    free = _free(order, units)
    picked = picked_of(free, wish.contents, can)
    return _Target(((order, picked),), is_part=len(picked) < len(units))


def picked_of(
    free: tuple[Unit, ...], contents: Mapping[int, int] | None, can: Capabilities
) -> tuple[Unit, ...]:
    """The units of a parcel with these contents, of those that are free. Raises BadShipment."""
    if contents is None:
        return free
    if not can.part_shipments and can.ships:
        raise BadShipment("contents", "This marketplace ships an order of this market as a whole.")
    picked = chosen(free, contents)
    wanted = sum(contents.values())
    if not wanted:
        raise BadShipment("contents", "Choose what is in the parcel; nothing is chosen.")
    if len(picked) < wanted:
        raise BadShipment(
            "contents",
            f"{wanted:,} units were chosen, and only {len(picked):,} of them still wait.",
        )
    return picked


def _package(order: Order, wish: ShipWish, units: Sequence[Unit], now: datetime) -> _Target:
    """The channel's package, with every order in it."""
    waiting = waiting_packages(order)
    if not waiting:
        # Nothing names a package yet; the call finds out, after reading the order again.
        return _Target(((order, _free(order, units)),))
    package_id = package_of(waiting, wish.package_id)
    return _Target(_inside(order, waiting[package_id], now), package_id, len(waiting) > 1)


def waiting_packages(order: Order) -> dict[str, int]:
    """The channel's packages of an order (with its parts) that wait, with our keys of them."""
    return {
        each.parcel.package_id: each.parcel_id
        for each in order.contents.all()
        if each.parcel.package_id and not each.parcel.tracking_number
    }


def package_of(waiting: Mapping[str, int], wanted: str) -> str:
    """Which of them is meant; `wanted` may be blank where there is one. Raises BadShipment."""
    if wanted and wanted not in waiting:
        raise BadShipment("package_id", "That package does not wait any more. Choose again.")
    if not wanted and len(waiting) > 1:
        raise BadShipment(
            "package_id",
            f"The order is split into {len(waiting)} packages, and each needs a number of its "
            "own: open the order and ship them one by one.",
        )
    return wanted or next(iter(waiting))


def _inside(
    order: Order, parcel_id: int, now: datetime
) -> tuple[tuple[Order, tuple[Unit, ...]], ...]:
    """The units of a parcel, order by order. Raises CannotShip for another order in it that must
    not go."""
    pks = ParcelContent.objects.filter(parcel=parcel_id, is_current=True).values_list(
        "order_id", flat=True
    )
    together = to_decide(Order.objects.filter(pk__in={*pks}).order_by("pk"), now)
    found = []
    for each in together:
        if each.pk != order.pk:
            touch(each, now=now)
            if reason := why_not(Verb.ADD_SHIPMENT, each, now):
                raise CannotShip(f"It is combined with order {each.order_id}: {reason}")
        units = _of_parcel(each, parcel_id, open_units(each, _lines(each), each.contents.all()))
        found.append((each, _free(each, units)))
    return tuple(found)


def _of_parcel(order: Order, parcel_id: int, units: Sequence[Unit]) -> tuple[Unit, ...]:
    counts: dict[int, int] = {}
    for content in order.contents.all():
        if content.parcel_id == parcel_id:
            counts[content.line] = counts.get(content.line, 0) + content.quantity
    return tuple(units) if -1 in counts else chosen(units, counts)


def _lines(order: Order) -> list[Line]:
    return list(Line.objects.filter(order=order).select_related("item").order_by("position"))


def _free(order: Order, units: Sequence[Unit]) -> tuple[Unit, ...]:
    """Open units that no shipment has. Raises Taken when there are none."""
    claimed = claimed_keys(order)
    free = tuple(unit for unit in units if unit.key not in claimed)
    if free:
        return free
    if units and _give_back(order, units):
        return tuple(units)
    raise _taken(order)


def _give_back(order: Order, units: Iterable[Unit]) -> bool:
    """Whether all of them are free after all, which they are then."""
    claims = ClaimedUnit.objects.filter(order=order, unit__in=[unit.key for unit in units])
    if not all(was_taken_back(each, order) for each in _attempts_of(claims)):
        return False
    claims.delete()
    return True


def _attempts_of(claims: QuerySet[ClaimedUnit]) -> QuerySet[Attempt]:
    return Attempt.objects.filter(pk__in=claims.values("attempt"))


def was_taken_back(attempt: Attempt, order: Order) -> bool:
    """Whether the channel accepted it once, and newer facts of its say that its units wait."""
    return (
        attempt.state == Attempt.State.DONE
        and attempt.ended_at is not None
        and attempt.ended_at + TAKEN_BACK_AFTER <= order.as_of
    )


def _taken(order: Order) -> Taken:
    claims = ClaimedUnit.objects.filter(order=order).select_related("attempt").order_by("-attempt")
    if last := claims.first():
        return Taken(said_of(last.attempt))
    return Taken("None of its units waits to be shipped any more.")


def _claim(attempt: Attempt, units: Sequence[tuple[Order, tuple[Unit, ...]]]) -> None:
    """Raises IntegrityError when another shipment has one of them."""
    ClaimedUnit.objects.bulk_create(
        ClaimedUnit(order=order, unit=unit.key, line=unit.line, attempt=attempt)
        for order, of_order in units
        for unit in of_order
    )


def without_request(wish: ShipWish) -> ShipWish:
    """The wish as bulk, file and scan take it: never against a buyer who asks to cancel."""
    return replace(wish, despite_request=False)
