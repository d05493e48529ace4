"""How orders are packed by the facts: which units share a package, and which orders do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from shipboard.channels.contract import Stage
from shipboard.fulfilment.repack_wishes import Repacking, Way
from shipboard.fulfilment.units import WHOLE, Unit, open_units
from shipboard.orders.models import Line, Order, ParcelContent

#: Units by line position.
Content = Counter[int]


def lines_of(order: Order) -> list[Line]:
    return list(Line.objects.filter(order=order).select_related("item").order_by("position"))


def waiting_units(order: Order) -> tuple[Unit, ...]:
    """Those that wait to be shipped; `order` comes with its parts."""
    return open_units(order, lines_of(order), order.contents.all())


def contents_of(order: Order) -> Mapping[int, Content]:
    """What each package of the order (with its parts) holds of it, by the parcel's key."""
    held: dict[int, Content] = {}
    for each in order.contents.all():
        if each.parcel.package_id:
            held.setdefault(each.parcel_id, Counter())[each.line] += each.quantity
    return held


def companions_inside(orders: Iterable[Order]) -> Mapping[int, frozenset[str]]:
    """The orders in each package of these (with their parts), by the parcel's key."""
    parcels = {pk for order in orders for pk in contents_of(order)}
    found: dict[int, set[str]] = {}
    rows = ParcelContent.objects.filter(parcel__in=parcels, is_current=True)
    for pk, order_id in rows.values_list("parcel", "order__order_id"):
        found.setdefault(pk, set()).add(order_id)
    return {pk: frozenset(ids) for pk, ids in found.items()}


def is_as_wished(repacking: Repacking, orders: Sequence[Order]) -> bool:
    """Whether the orders (with their parts) are packed in that way now. What was canceled meanwhile
    is in no package and missed in none."""
    if repacking.way is Way.SPLIT:
        return _is_split(repacking, orders[0])
    return _are_together(repacking, orders)


def _is_split(repacking: Repacking, order: Order) -> bool:
    lines = lines_of(order)
    line_of = {unit_id: line.position for line in lines for unit_id in line.unit_ids}
    if order.stage == Stage.AWAITING_SHIPMENT:
        waiting = {unit.unit_id for unit in open_units(order, lines, order.contents.all())}
        line_of = {unit_id: line for unit_id, line in line_of.items() if unit_id in waiting}
    wished = [Counter(line_of[u] for u in group if u in line_of) for group in repacking.groups]
    wished = [group for group in wished if group]
    held = list(contents_of(order).values())
    if len(wished) == 1 and len(held) == 1 and WHOLE in held[0]:
        return True
    return bool(wished) and _sorted(wished) == _sorted(held)


def _sorted(contents: Iterable[Content]) -> list[list[tuple[int, int]]]:
    return sorted(sorted(each.items()) for each in contents)


def _are_together(repacking: Repacking, orders: Sequence[Order]) -> bool:
    alive = {each.order_id: each for each in orders if each.stage != Stage.CANCELED}
    groups = [frozenset(group).intersection(alive) for group in repacking.groups]
    groups = [group for group in groups if group]
    if repacking.way is Way.COMBINE and any(len(group) < 2 for group in groups):
        return False
    inside = companions_inside(orders)
    return bool(groups) and all(
        {inside[pk].intersection(alive) for pk in contents_of(alive[order_id])} == {group}
        for group in groups
        for order_id in group
    )
