"""What may be split, combined and taken apart (the marketplace's rules of packages), and what each
of them asks for then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import F
from django.db.models.functions import Lower

from shipboard.channels.contract import Capabilities, Shipping, Stage
from shipboard.channels.registry import capabilities
from shipboard.fulfilment.allowed import Verb, why_not
from shipboard.fulfilment.packed import (
    companions_inside,
    contents_of,
    is_as_wished,
    lines_of,
    waiting_units,
)
from shipboard.fulfilment.refusals import BadShipment, CannotShip
from shipboard.fulfilment.repack_wishes import Repacking, Way
from shipboard.orders.labels import LIVE, Label
from shipboard.orders.models import Line, Order
from shipboard.orders.parts import to_decide

#: In one package, by the marketplace's rule.
MOST_ORDERS = 20
BY_SKU = "sku"
#: Looked at when what could travel together is looked for.
MOST_LOOKED_AT = 100


def why_not_repack(order: Order, now: datetime) -> str:
    """The sentence that says why the order's packages cannot be changed now; blank: they can.
    `order` comes with its parts. One query where nothing else stands in the way."""
    return why_not(Verb.REPACK, order, now) or _why_not_for_label(order)


def _why_not_for_label(order: Order) -> str:
    label = Label.objects.filter(inside__order=order.pk, state__in=LIVE).order_by("-pk").first()
    if label is None:
        return ""
    said = "Its shipping label is printed" if label.is_printed else "It has a shipping label"
    return f"{said}: void the label on the Shipping Labels page first, then pack it anew."


def can_of(order: Order) -> Capabilities:
    return capabilities(order.shop, Shipping(order.shipping))


def why_not_split(order: Order) -> str:
    """Beyond why_not_repack. `order` comes with its parts."""
    if not can_of(order).split:
        return "The marketplace does not split orders of this market."
    if any(len(ids) > 1 for ids in companions_inside([order]).values()):
        return "It travels with other orders: take it out of their package first."
    units = waiting_units(order)
    if any(not unit.unit_id for unit in units):
        return "The marketplace does not name the units of this order; split it in Seller Center."
    parts = _skus(order) if can_of(order).split == BY_SKU else {unit.key for unit in units}
    if len(parts) > 1:
        return ""
    if len(units) > 1:
        return "All of it is one SKU, and in this market the units of a SKU travel together."
    return "There is one unit in it; nothing to split."


def _skus(order: Order) -> set[str]:
    lines = {line.position: line for line in lines_of(order)}
    return {sku_of(lines[unit.line]) for unit in waiting_units(order)}


def sku_of(line: Line) -> str:
    """What its units have in common. `line` comes with its item."""
    return line.item.sku_id or line.item.seller_sku or line.item.product_name


def partition(order: Order, groups: Sequence[Sequence[str]]) -> Repacking:
    """The order's units in these packages. Raises CannotShip and BadShipment."""
    if reason := why_not_split(order):
        raise CannotShip(reason)
    given = [tuple(group) for group in groups if group]
    named = [unit_id for group in given for unit_id in group]
    units = waiting_units(order)
    if sorted(named) != sorted(unit.unit_id for unit in units):
        raise BadShipment(
            "groups", "Every unit that waits goes in one package, and in no second one."
        )
    if len(given) < 2:
        raise BadShipment("groups", "Put something in a second package.")
    if can_of(order).split == BY_SKU:
        _check_whole_skus(order, given)
    repacking = Repacking(way=Way.SPLIT, groups=tuple(given))
    if is_as_wished(repacking, [order]):
        raise CannotShip("The order is packed in this way already.")
    return repacking


def _check_whole_skus(order: Order, groups: Sequence[Sequence[str]]) -> None:
    package_of = {unit_id: at for at, group in enumerate(groups) for unit_id in group}
    places: dict[str, set[int]] = {}
    for line in lines_of(order):
        found = {package_of[unit_id] for unit_id in line.unit_ids if unit_id in package_of}
        places.setdefault(sku_of(line), set()).update(found)
    if any(len(found) > 1 for found in places.values()):
        raise BadShipment("groups", "In this market all units of a SKU go in one package.")


def combination(order: Order, orders: Sequence[Order], group_id: str) -> Repacking:
    """These orders, `order` among them, in one package. Raises CannotShip and BadShipment."""
    if not can_of(order).combine:
        raise CannotShip("The marketplace does not combine orders of this market.")
    if len(orders) < 2:
        raise BadShipment("orders", "Choose the orders that are to travel with this one.")
    if len(orders) > MOST_ORDERS:
        raise BadShipment("orders", f"One package takes at most {MOST_ORDERS} orders.")
    own = next(each for each in orders if each.pk == order.pk)
    if len({(each.shop_id, each.shipping, alike(each)) for each in orders}) > 1 or not alike(own):
        raise BadShipment(
            "orders",
            "Only orders of one buyer, to one address, from one warehouse and with one delivery "
            "option travel together.",
        )
    inside = companions_inside(orders)
    for each in orders:
        if not is_alone(each, inside):
            raise BadShipment(
                "orders",
                f"Order {each.order_id} is split or combined already, or has no package yet.",
            )
    ids = (own.order_id, *(each.order_id for each in orders if each.pk != own.pk))
    packages = {each.parcel.package_id for each in own.contents.all()}
    return Repacking(way=Way.COMBINE, groups=(ids,), package_id=group_id or min(packages))


def alike(order: Order) -> tuple[str, ...]:
    """What orders that travel together have in common; nothing where too little is known."""
    if not order.buyer_username or not order.recipient:
        return ()
    recipient = sorted(f"{name}={value}" for name, value in order.recipient.items())
    return (
        order.buyer_username.lower(),
        order.warehouse,
        order.delivery_option,
        *recipient,
    )


def is_alone(order: Order, inside: Mapping[int, frozenset[str]]) -> bool:
    """Whether the order is in one package of its own; `inside` are the orders of each package."""
    packages = contents_of(order)
    return len(packages) == 1 and all(inside[pk] == {order.order_id} for pk in packages)


def parting(order: Order, orders: Sequence[Order], leaving: Sequence[str]) -> Repacking:
    """The order's package taken apart: these leave it, or all do. Raises CannotShip and
    BadShipment."""
    own = next(each for each in orders if each.pk == order.pk)
    shared = {pk: ids for pk, ids in companions_inside([own]).items() if len(ids) > 1}
    if not can_of(own).combine or len(shared) != 1:
        raise CannotShip("It does not travel with other orders; nothing to take apart.")
    ((pk, together),) = shared.items()
    if together != {each.order_id for each in orders}:
        raise CannotShip("The package has changed since you saw it. Look at it as it is now.")
    out = set(leaving or together)
    if not out <= together:
        raise BadShipment("leaving", "An order that was chosen is not in this package.")
    stay = tuple(sorted(together - out))
    groups = tuple((each,) for each in sorted(out)) + ((stay,) if stay else ())
    package_id = next(e.parcel.package_id for e in own.contents.all() if e.parcel_id == pk)
    return Repacking(way=Way.UNCOMBINE, groups=groups, package_id=package_id)


def companions(order: Order, now: datetime) -> list[Order]:
    """Other orders of the same buyer that could travel in one package with this one by what is
    known here; with their parts. `order` comes with its parts. No query where nothing suits."""
    if not can_of(order).combine or not alike(order) or order.stage != Stage.AWAITING_SHIPMENT:
        return []
    alikes = (
        Order.objects.alias(buyer=Lower("buyer_username"))
        .filter(
            shop=order.shop_id,
            buyer=order.buyer_username.lower(),
            stage=order.stage,
            shipping=order.shipping,
            warehouse=order.warehouse,
            delivery_option=order.delivery_option,
            recipient=order.recipient,
        )
        .exclude(pk=order.pk)
    )
    found = to_decide(
        alikes.order_by(F("ship_by").asc(nulls_last=True), "pk")[:MOST_LOOKED_AT], now
    )
    if not found:
        return []
    inside = companions_inside([order, *found])
    if not is_alone(order, inside):
        return []
    fit = [each for each in found if is_alone(each, inside) and not why_not_repack(each, now)]
    return fit[: MOST_ORDERS - 1]
