"""Labels of the platform, in TikTok Shop's words: which call arranges a parcel, what its body is in
each version, and what the answers mean. Grams and centimetres. Nothing is called from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from shipboard.channels.contract import (
    Arranged,
    Arrangement,
    DeliveryOptionFact,
    Handover,
    HandoverFact,
    ServiceFact,
    Shipping,
    ShipTarget,
    Size,
    SlotFact,
)
from shipboard.channels.regions import ALIASES
from shipboard.channels.tiktok import lanes
from shipboard.channels.tiktok.shipments import NO_PACKAGE, SHIP, refused
from shipboard.channels.tiktok.values import Odd, Payload, flag, ident, instant, money, part, parts
from shipboard.channels.tiktok.values import text as words_of

BUY = "create_packages"
#: From this version on the body says of what type the shipment is; the older one is for the US.
TYPED = "202512"
WHOLE, PART = "1", "2"
HANDOVERS = {Handover.PICKUP: "PICKUP", Handover.DROP_OFF: "DROP_OFF"}
#: Documents whose page has a size that can be chosen.
SIZED = ("SHIPPING_LABEL", "PACKING_SLIP", "SHIPPING_LABEL_AND_PACKING_SLIP")
GRAMS = {"GRAM": Decimal(1), "KILOGRAM": Decimal(1000), "POUND": Decimal("453.59237")}
CENTIMETRES = {"CM": Decimal(1), "INCH": Decimal("2.54")}
#: Nothing that a column of the database could not hold.
MOST_GRAMS, MOST_CENTIMETRES = 2_000_000_000, Decimal(999_999)
CENT = Decimal("0.01")


def arranging_operation(region: str, target: ShipTarget) -> str:
    """The call that has a parcel arranged: its label is bought, or the package that exists is
    shipped. Raises ChannelFailure, with nothing done, where there is none."""
    lane = lanes.lane(region, Shipping.PLATFORM, has_package=bool(target.package_id))
    if BUY in lane.steps:
        return BUY
    if SHIP not in lane.steps:
        raise refused(SHIP, lane.sentence, "Ship it in Seller Center.")
    if not target.package_id:
        raise refused(SHIP, *NO_PACKAGE)
    return SHIP


def arranging_version(operation: str, region: str, chosen: str) -> str:
    """Outside the United States labels are bought by the typed body only."""
    is_typed = operation == BUY and ALIASES.get(region.upper(), region.upper()) != "US"
    return max(chosen, TYPED) if is_typed else chosen


def arranging_body(
    operation: str, version: str, target: ShipTarget, wanted: Arrangement
) -> dict[str, object]:
    if operation == SHIP:
        return _shipping(wanted)
    bought = {"order_id": target.order_id, **measures(wanted.size)}
    if wanted.service_id:
        bought["shipping_service_id"] = wanted.service_id
    units = list(target.unit_ids)
    if version < TYPED:
        return bought | ({"order_line_item_ids": units} if units else {})
    if not units:
        return bought | {"ship_type": WHOLE}
    named = [{"order_line_id": unit} for unit in units]
    return bought | {"ship_type": PART, "order_line_item": named}


def _shipping(wanted: Arrangement) -> dict[str, object]:
    body: dict[str, object] = {}
    if wanted.handover in HANDOVERS:
        body["handover_method"] = HANDOVERS[wanted.handover]
    if wanted.slot:
        start, end = (int(at.timestamp()) for at in wanted.slot)
        body["pickup_slot"] = {"start_time": start, "end_time": end}
    return body


def services_body(target: ShipTarget, size: Size) -> dict[str, object]:
    units = {"order_line_item_ids": list(target.unit_ids)} if target.unit_ids else {}
    return units | measures(size)


def measures(size: Size) -> dict[str, object]:
    """Weight and sides, as far as they are known."""
    said: dict[str, object] = {}
    if size.weight_grams is not None:
        said["weight"] = {"value": str(size.weight_grams), "unit": "GRAM"}
    if size.sides:
        names = ("length", "width", "height")
        sides = {name: _plain(side) for name, side in zip(names, size.sides, strict=True)}
        said["dimension"] = sides | {"unit": "CM"}
    return said


def _plain(side: Decimal) -> str:
    return f"{side.normalize():f}"


def read_arranged(data: Payload, target: ShipTarget) -> Arranged:
    """What was said of a parcel that is arranged. It is, so nothing here can fail: what is missing
    or odd reads as not said."""
    package_id = data.get("package_id")
    known = package_id if isinstance(package_id, str) else ""
    told = data.get("shipping_service_info")
    service: Payload = told if isinstance(told, dict) else {}
    try:
        price = money(service, "price")
    except Odd:
        price = None
    currency = words_of(service, "currency")
    return Arranged(
        package_id=known.strip()[:64] or target.package_id,
        service=words_of(service, "name"),
        carrier=words_of(service, "shipping_provider_name"),
        tracking_number=words_of(data, "tracking_number"),
        price=price if len(currency) == 3 else None,
        currency=currency if len(currency) == 3 else "",
    )


def read_services(data: Payload) -> tuple[ServiceFact, ...]:
    """The usual one first. Raises Odd."""
    named = parts(data, "shipping_services") or parts(data, "services")
    found = [_service(one) for one in named if ident(one, "id")]
    return tuple(sorted(found, key=lambda one: not one.is_default))


def _service(one: Payload) -> ServiceFact:
    return ServiceFact(
        remote_id=ident(one, "id"),
        name=words_of(one, "name"),
        carrier=words_of(one, "shipping_provider_name"),
        price=money(one, "price"),
        currency=words_of(one, "currency"),
        days=(_days(one, "earliest_delivery_days"), _days(one, "latest_delivery_days")),
        is_default=flag(one, "is_default"),
    )


def _days(one: Payload, name: str) -> int | None:
    said = words_of(one, name)
    return int(said) if said.isascii() and said.isdecimal() and len(said) <= 3 else None


def read_handover(data: Payload) -> HandoverFact:
    """Raises Odd."""
    slots = (_slot(one) for one in parts(data, "pickup_slots"))
    return HandoverFact(
        can_pickup=flag(data, "can_pickup"),
        can_drop_off=flag(data, "can_drop_off"),
        drop_off_url=_address(words_of(data, "drop_off_point_url", 2_000)),
        slots=tuple(sorted(filter(None, slots), key=lambda slot: slot.starts_at)),
    )


def _slot(one: Payload) -> SlotFact | None:
    """Whether it is open is spelled `avaliable`. Raises Odd."""
    starts_at, ends_at = instant(one, "start_time"), instant(one, "end_time")
    if not starts_at or not ends_at or ends_at <= starts_at:
        return None
    name = "avaliable" if "avaliable" in one else "available"
    return SlotFact(
        starts_at=starts_at, ends_at=ends_at, is_open=flag(one, name) if name in one else True
    )


def _address(url: str) -> str:
    """A page that a person may be sent to."""
    return url if url.startswith("https://") else ""


def read_delivery_options(data: Payload) -> tuple[DeliveryOptionFact, ...]:
    """Each once; a limit that is missing, none or odd reads as not said. Raises Odd."""
    found: dict[str, DeliveryOptionFact] = {}
    for one in parts(data, "delivery_options"):
        remote_id = ident(one, "id")
        if not remote_id:
            continue
        weights, sides = part(one, "weight_limit"), part(one, "dimension_limit")
        fact = DeliveryOptionFact(
            remote_id=remote_id,
            name=words_of(one, "name"),
            least_grams=_grams(weights, "min_weight"),
            most_grams=_grams(weights, "max_weight"),
            most_sides=_sides(sides),
        )
        found.setdefault(remote_id, fact)
    return tuple(found.values())


def _grams(limit: Payload, name: str) -> int | None:
    grams = _scaled(limit, name, GRAMS)
    return int(grams) if grams is not None and grams <= MOST_GRAMS else None


def _sides(limit: Payload) -> tuple[Decimal, ...]:
    """Longest first; none unless all three are said."""
    told = [_scaled(limit, name, CENTIMETRES) for name in ("max_length", "max_width", "max_height")]
    known = [side.quantize(CENT) for side in told if side is not None and side <= MOST_CENTIMETRES]
    return tuple(sorted(known, reverse=True)) if len(known) == len(told) else ()


def _scaled(limit: Payload, name: str, scale: Mapping[str, Decimal]) -> Decimal | None:
    unit = scale.get(words_of(limit, "unit").upper())
    try:
        number = Decimal(words_of(limit, name))
    except InvalidOperation:
        return None
    return number * unit if unit and number.is_finite() and number > 0 else None
