"""The form of one label: what the market asks for, what is filled in, what the platform offers for
such a parcel, and what was typed, read back as a wish.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_UP, Decimal

from django.core import signing

from shipboard.channels.contract import (
    Capabilities,
    ChannelFailure,
    Handover,
    ServiceFact,
    Shipping,
    ShipTarget,
    Size,
    SlotFact,
)
from shipboard.channels.registry import NotConnected, capabilities, open_channel
from shipboard.desk.quantities import number_of
from shipboard.desk.shipment_form import chosen_contents
from shipboard.fulfilment.claiming import package_of, picked_of, waiting_packages
from shipboard.fulfilment.label_wishes import LabelWish, slot_of
from shipboard.fulfilment.limits import INCH, OUNCE, is_imperial, why_too_big
from shipboard.fulfilment.measures import suggest
from shipboard.fulfilment.refusals import BadShipment
from shipboard.fulfilment.units import claimed_keys, open_units
from shipboard.orders.measures import Box
from shipboard.orders.models import Line, Order

WEIGHT_UNITS: Mapping[str, Decimal] = {"g": Decimal(1), "oz": OUNCE}
SIDE_UNITS: Mapping[str, Decimal] = {"cm": Decimal(1), "in": INCH}
SIDES = ("length", "width", "height")
#: Grams, centimetres: what no carrier of parcels takes, and a slip of the keyboard may bring.
MOST_GRAMS, MOST_SIDE = 1_000_000, Decimal(1_000)
#: A service with the price that was shown, so that no other is bought.
SALT, AGE = "label-service", 3_600
BY_WAREHOUSE = (
    "In this market the collection method is set for each warehouse in Seller Center, under Manage "
    "Orders, Fulfillment settings; a choice here counts for nothing."
)
CHANGED = "Weight, size or contents have changed since these prices. Look at the prices again."


@dataclass(frozen=True)
class Service:
    """`value` is what the form carries: it and what it was shown with, signed."""

    fact: ServiceFact
    value: str
    is_chosen: bool


@dataclass(frozen=True)
class Slot:
    fact: SlotFact
    value: str


@dataclass(frozen=True)
class Offers:
    """What the platform offers for the parcel as it is typed. `problem`: why it does not, in
    sentences; `waits`: what is missing before it can be asked."""

    services: list[Service] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    can_pickup: bool = False
    can_drop_off: bool = False
    drop_off_url: str = ""
    problem: str = ""
    waits: str = ""

    @property
    def cheapest(self) -> Decimal | None:
        return min((s.fact.price for s in self.services if s.fact.price is not None), default=None)


def can_of(order: Order) -> Capabilities:
    return capabilities(order.shop, Shipping.PLATFORM)


def filled_in(order: Order, given: Mapping[str, str]) -> dict[str, str]:
    """`given`, or for a new form what such a parcel weighed and measured last, in the units of the
    shop's market."""
    if "weight" in given or not can_of(order).needs_parcel:
        return dict(given)
    size = suggest(order, order.lines.all())
    in_ounces = is_imperial(order.shop.region)
    weight_unit, side_unit = ("oz", "in") if in_ounces else ("g", "cm")
    found = {"weight_unit": weight_unit, "side_unit": side_unit, "weight": ""}
    if size.weight_grams:
        found["weight"] = _shown(size.weight_grams / WEIGHT_UNITS[weight_unit])
    sides = (size.length_cm, size.width_cm, size.height_cm)
    for name, side in zip(SIDES, sides, strict=True):
        found[name] = _shown(side / SIDE_UNITS[side_unit]) if side and size.sides else ""
    return found | dict(given)


def _shown(number: Decimal) -> str:
    text = f"{round(number, 2):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def size_of(order: Order, given: Mapping[str, str]) -> Size:
    """What was typed, or nothing where the market does not ask for it; a chosen box gives the
    sides. Raises BadShipment."""
    if not can_of(order).needs_parcel:
        return Size()
    weigh = WEIGHT_UNITS.get(given.get("weight_unit") or "g")
    measure = SIDE_UNITS.get(given.get("side_unit") or "cm")
    if weigh is None or measure is None:
        raise BadShipment("weight", "Choose one of the units that are offered.")
    grams = _number(given, "weight", "the weight") * weigh
    box = _box(given)
    if box:
        sides = [Decimal(each or 0) for each in (box.length_cm, box.width_cm, box.height_cm)]
    else:
        sides = [_number(given, name, f"the {name}") * measure for name in SIDES]
    if not 0 < grams <= MOST_GRAMS:
        raise BadShipment("weight", "Give the weight of the packed parcel; it is more than 0.")
    for name, side in zip(SIDES, sides, strict=True):
        if not 0 < round(side, 2) <= MOST_SIDE:
            raise BadShipment(name, f"Give the {name} of the parcel; it is more than 0.")
    length, width, height = (round(side, 2) for side in sides)
    whole = int(grams.to_integral_value(ROUND_UP))
    return Size(weight_grams=whole, length_cm=length, width_cm=width, height_cm=height)


def _box(given: Mapping[str, str]) -> Box | None:
    pk = given.get("box", "")
    if not pk:
        return None
    found = Box.objects.filter(pk=pk).first() if pk.isdecimal() and len(pk) < 10 else None
    if found is None:
        raise BadShipment("box", "That box is gone; choose another, or give the sides.")
    return found


def _number(given: Mapping[str, str], name: str, what: str) -> Decimal:
    text = given.get(name, "").strip()
    if not text:
        raise BadShipment(name, f"Give {what} of the packed parcel.")
    return number_of(text, name, what)


def wish_from(order: Order, given: Mapping[str, str]) -> LabelWish:
    """What was posted, checked against what the delivery option takes. Raises BadShipment."""
    can, size = can_of(order), size_of(order, given)
    if can.needs_parcel and (too_big := why_too_big(order, size)):
        raise BadShipment("weight", too_big)
    wish = LabelWish(
        size=size,
        contents=chosen_contents(order, given),
        package_id=given.get("package_id", ""),
        despite_request=given.get("despite") == "yes",
    )
    if can.rate_quotes:
        return _with_service(order, wish, given)
    if can.handover_by_warehouse:
        return _without_handover(wish, given)
    return _with_handover(wish, given) if can.pickup_slots else wish


def _without_handover(wish: LabelWish, given: Mapping[str, str]) -> LabelWish:
    if given.get("handover") or given.get("slot"):
        raise BadShipment("handover", BY_WAREHOUSE)
    return wish


def _with_service(order: Order, wish: LabelWish, given: Mapping[str, str]) -> LabelWish:
    if not given.get("service"):
        raise BadShipment("service", "Choose a service.")
    try:
        said = signing.loads(given["service"], salt=SALT, max_age=AGE)
    except signing.BadSignature:
        raise BadShipment("service", "These prices are old. Look at them again.") from None
    if said["of"] != _parcel(order, wish):
        raise BadShipment("service", CHANGED)
    price = None if said["price"] is None else Decimal(said["price"])
    return replace(
        wish,
        service_id=said["id"],
        service=said["name"],
        price=price,
        currency=said["currency"],
    )


def _with_handover(wish: LabelWish, given: Mapping[str, str]) -> LabelWish:
    said = given.get("handover", "")
    if said not in list(Handover):
        raise BadShipment("handover", "Choose pick-up or drop-off.")
    slot = given.get("slot", "")
    if slot and said != Handover.PICKUP:
        raise BadShipment("slot", "A pick-up time needs pick-up: choose that, or “Any time”.")
    return replace(wish, handover=Handover(said), slot=slot_of(slot) if slot else None)


def _parcel(order: Order, wish: LabelWish) -> str:
    """What a price is of, in one text."""
    size = wish.size
    contents = sorted(wish.contents.items()) if wish.contents is not None else ""
    sides = [str(each) for each in size.sides]
    return f"{order.pk} {size.weight_grams} {sides} {contents} {wish.package_id}"


def asks_platform(can: Capabilities) -> bool:
    """Whether the platform is asked what there is to choose. Where it takes the hand-over from the
    warehouse, a choice would count for nothing."""
    return can.rate_quotes or (can.pickup_slots and not can.handover_by_warehouse)


def offers(order: Order, given: Mapping[str, str]) -> Offers:
    """Ask the platform what it offers for this parcel: one call at most, outside any transaction.
    What goes wrong is said in `problem`."""
    can = can_of(order)
    if not asks_platform(can):
        return Offers()
    try:
        if can.rate_quotes:
            return _services(order, given)
        return _handover(order, given)
    except BadShipment as missing:
        return Offers(waits=str(missing))
    except NotConnected as problem:
        return Offers(problem=str(problem))
    except ChannelFailure as failure:
        said = (failure.sentence, failure.next_step)
        return Offers(problem=" ".join(filter(None, said)))


def _services(order: Order, given: Mapping[str, str]) -> Offers:
    size = size_of(order, given)
    if too_big := why_too_big(order, size):
        return Offers(problem=too_big)
    wish = LabelWish(
        size=size,
        contents=chosen_contents(order, given),
        package_id=given.get("package_id", ""),
    )
    facts = open_channel(order.shop).services(_target(order, wish), size)
    if not facts:
        return Offers(problem="No service takes such a parcel to this address. Check its weight.")
    usual = next((each for each in facts if each.is_default), facts[0]).remote_id
    chosen = _chosen(given) or usual
    if chosen not in {each.remote_id for each in facts}:
        chosen = usual
    of = _parcel(order, wish)
    return Offers([Service(each, _signed(each, of), each.remote_id == chosen) for each in facts])


def _target(order: Order, wish: LabelWish) -> ShipTarget:
    can = can_of(order)
    if can.whole_packages:
        waiting = waiting_packages(order)
        package_id = package_of(waiting, wish.package_id) if waiting else ""
        return ShipTarget(order_id=order.order_id, package_id=package_id)
    lines = list(Line.objects.filter(order=order).select_related("item").order_by("position"))
    taken = claimed_keys(order)
    units = open_units(order, lines, order.contents.all())
    picked = picked_of(tuple(each for each in units if each.key not in taken), wish.contents, can)
    return ShipTarget(
        order_id=order.order_id, unit_ids=tuple(each.unit_id for each in picked if each.unit_id)
    )


def _signed(fact: ServiceFact, of: str) -> str:
    price = None if fact.price is None else str(fact.price)
    said = {"id": fact.remote_id, "name": fact.name, "price": price, "currency": fact.currency}
    return signing.dumps(said | {"of": of}, salt=SALT)


def _chosen(given: Mapping[str, str]) -> str:
    """The service that was chosen before, whatever it cost then."""
    try:
        return str(signing.loads(given.get("service", ""), salt=SALT)["id"])
    except signing.BadSignature:
        return ""


def _handover(order: Order, given: Mapping[str, str]) -> Offers:
    waiting = waiting_packages(order)
    if not waiting:
        return Offers(waits="The marketplace has not made its package yet.")
    package_id = package_of(waiting, given.get("package_id", ""))
    fact = open_channel(order.shop).handover(package_id)
    return Offers(
        slots=[
            Slot(each, f"{each.starts_at.isoformat()}/{each.ends_at.isoformat()}")
            for each in fact.slots
        ],
        can_pickup=fact.can_pickup,
        can_drop_off=fact.can_drop_off,
        drop_off_url=fact.drop_off_url,
    )
