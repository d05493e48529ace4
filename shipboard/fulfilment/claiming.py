"""What a call to ship is about: units of an order that wait and that nobody has, or a package with
every order in it; and the claim on them, which the database gives out once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from shipboard.channels.contract import Capabilities
from shipboard.fulfilment.allowed import Verb, said_of, why_not
from shipboard.fulfilment.refusals import BadShipment, CannotShip, Taken
from shipboard.fulfilment.units import WHOLE, Unit, chosen, claimed_keys, in_package, open_units
from shipboard.orders.attempts import Attempt, ClaimedUnit
from shipboard.orders.models import Line, Order, ParcelContent
from shipboard.orders.overlays import touch
from shipboard.orders.parts import to_decide
from shipboard.orders.staleness import TAKEN_BACK_AFTER


def lock_together(order: Order) -> None:
    """Take the orders that share a package with this one, all in one order, so that two people who
    ship them at once never wait for each other."""
    mine = ParcelContent.objects.filter(order=order, is_current=True).values("parcel")
    together = ParcelContent.objects.filter(parcel__in=mine, is_current=True).values("order")
    list(Order.objects.filter(pk__in=together).order_by("pk").select_for_update().values("pk"))


@dataclass(frozen=True, slots=True)
class Target:
    """What is shipped: units of the order, and of others where they share its package."""

    units: tuple[tuple[Order, tuple[Unit, ...]], ...]
    package_id: str = ""
    is_part: bool = False


def target_of(
    order: Order,
    contents: Mapping[int, int] | None,
    package_id: str,
    can: Capabilities,
    verb: Verb,
    now: datetime,
) -> Target:
    """What `verb` ships of an order (with its parts, locked): units by line position (None: all
    that wait), or the package. Raises BadShipment, CannotShip and Taken."""
    units = open_units(order, _lines(order), order.contents.all())
    is_split = verb is Verb.CREATE_LABEL and len(waiting_packages(order)) > 1
    if can.whole_packages or is_split:
        return _package(order, package_id, units, verb, now)
    free = _free(order, units)
    picked = picked_of(free, contents, can)
    return Target(((order, picked),), is_part=len(picked) < len(units))


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


def _package(order: Order, wanted: str, units: Sequence[Unit], verb: Verb, now: datetime) -> Target:
    """The channel's package, with every order in it."""
    waiting = waiting_packages(order)
    if not waiting:
        # Nothing names a package yet; the call finds out, after reading the order again.
        return Target(((order, _free(order, units)),))
    package_id = package_of(waiting, wanted)
    return Target(_inside(order, waiting[package_id], verb, now), package_id, len(waiting) > 1)


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
    order: Order, parcel_id: int, verb: Verb, now: datetime
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
            if reason := why_not(verb, each, now):
                raise CannotShip(f"It is combined with order {each.order_id}: {reason}")
        units = of_parcel(each, parcel_id, open_units(each, _lines(each), each.contents.all()))
        found.append((each, _free(each, units)))
    return tuple(found)


def of_parcel(order: Order, parcel_id: int, units: Sequence[Unit]) -> tuple[Unit, ...]:
    """Which of the open units of an order (with its parts) its waiting parcel holds. Parcels that
    share a line have units of their own each: by the channel's word, else those of the older parcel
    come first."""
    held: dict[int, dict[int, int]] = {}
    package: dict[int, str] = {}
    for content in order.contents.all():
        if not content.parcel.tracking_number:
            package[content.parcel_id] = content.parcel.package_id
            counts = held.setdefault(content.parcel_id, {})
            counts[content.line] = counts.get(content.line, 0) + content.quantity
    left = tuple(units)
    for pk in sorted(held):
        picked = left if WHOLE in held[pk] else chosen(in_package(left, package[pk]), held[pk])
        if pk == parcel_id:
            return picked
        left = tuple(unit for unit in left if unit not in picked)
    return ()


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


def all_free(order: Order, among: Sequence[Unit] | None = None) -> tuple[Unit, ...]:
    """Every unit of the order (with its parts) that waits, or of those `among` them. Raises Taken
    when somebody has one."""
    units = open_units(order, _lines(order), order.contents.all()) if among is None else (*among,)
    claimed = claimed_keys(order)
    taken = [unit for unit in units if unit.key in claimed]
    if not units or (taken and not _give_back(order, taken)):
        raise _taken(order)
    return units


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


def claim(attempt: Attempt, units: Sequence[tuple[Order, tuple[Unit, ...]]]) -> None:
    """Raises IntegrityError when another shipment has one of them."""
    ClaimedUnit.objects.bulk_create(
        ClaimedUnit(order=order, unit=unit.key, line=unit.line, attempt=attempt)
        for order, of_order in units
        for unit in of_order
    )
