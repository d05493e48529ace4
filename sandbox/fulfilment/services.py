"""Which services would take a parcel, and at what price: asked before a label is bought."""

from __future__ import annotations

import re

from sandbox.api import Call, Refusal, operation
from sandbox.fulfilment import given, obstacles
from sandbox.fulfilment.arranging import dimension_of, weight_of
from sandbox.fulfilment.asked import check_can_ship, check_lane, check_market, lines_of, order_of
from sandbox.fulfilment.parcel import Measured, Service, measure, services
from sandbox.kinds import UNTOLD, Doc
from sandbox.shapes import CURRENCIES

BASIC = "seller.fulfillment.basic"
LONGEST_LINE = 60
POSTCODES = {"US": r"\d{5}(-\d{4})?", "JP": r"\d{3}-?\d{4}"}


@operation(
    "shipping_services",
    "POST",
    "/fulfillment/{version}/orders/{order_id}/shipping_services/query",
    scope=BASIC,
)
def shipping_services(call: Call) -> Doc:
    check_market(call, "services_markets")
    order = order_of(call, call.path["order_id"])
    lines = lines_of(order, line_ids(call.body))
    check_lane(call, order, "TIKTOK")
    check_can_ship(call, order, lines)
    lines = [line for line in lines if line["display_status"] == "AWAITING_SHIPMENT"]
    if not lines:
        raise Refusal(int(call.fact("already_shipped_code")))
    check_recipient(order, call.shop.region)
    check_together(call, lines)
    measured = measure(call.body, len(lines))
    obstacles.check(call, [order], lines, measured)
    found = eligible(call, measured)
    return {
        "order_id": order["id"],
        "order_line_id": [line["id"] for line in lines],
        "weight": call.body.get("weight") or weight_of(measured),
        "shipping_services": [
            told(call, service, measured) | {"is_default": place == 0, "signature_fee": "0.00"}
            for place, service in enumerate(found)
        ],
    } | _size(call.body, measured)


def _size(body: Doc, measured: Measured) -> Doc:
    if body.get("dimension"):
        return {"dimension": body["dimension"]}
    return {"dimension": dimension_of(measured)} if measured.sides else {}


def line_ids(body: Doc) -> list[str]:
    """The lines that a call names, by either of the two fields for it."""
    return given.line_ids(body.get("order_line_list")) or given.texts(
        body.get("order_line_item_ids")
    )


def eligible(call: Call, measured: Measured) -> list[Service]:
    """The services that take this parcel, the usual one first. Raises Refusal if none does."""
    found = [one for one in services(call.shop.region) if measured.grams <= one.most]
    if not found:
        raise Refusal(11021009)
    return found[:1] if call.on("label_allocation") else found


def chosen(call: Call, measured: Measured) -> Service:
    """The service that a call asks for, or the usual one. Raises Refusal."""
    found = eligible(call, measured)
    wanted = call.body.get("shipping_service_id")
    if not wanted:
        return found[0]
    service = next((one for one in found if one.id == wanted), None)
    if service is None:
        raise Refusal(21011037, "This service does not take the parcel.")
    return service


def told(call: Call, service: Service, measured: Measured) -> Doc:
    price = service.price(measured)
    return {
        "id": service.id,
        "name": service.name,
        "price": str(price),
        "shipping_fee": str(price),
        "currency": CURRENCIES.get(call.shop.region, "USD"),
        "earliest_delivery_days": service.days[0],
        "latest_delivery_days": service.days[1],
        "shipping_provider_id": service.carrier.id,
        "shipping_provider_name": service.carrier.name,
    }


def check_recipient(order: Doc, region: str) -> None:
    """Whether a label can be addressed to the buyer. Raises Refusal."""
    address = order[UNTOLD]["address"]
    form = POSTCODES.get(region)
    if form and not re.fullmatch(form, address["postal_code"]):
        raise Refusal(11021010, "The recipient's postal code is not valid.")
    if len(address["address_line1"]) > LONGEST_LINE:
        raise Refusal(11021013, "The recipient's address is too long.")
    if not (address["address_line1"] or address["full_address"]):
        raise Refusal(11021024, "The recipient's address is not valid.")


def check_together(call: Call, lines: list[Doc]) -> None:
    """Whether these units may go in one package. Raises Refusal."""
    if len(lines) > call.fact("most_units_in_package"):
        raise Refusal(11021018, "Too many units for one package.")
    dangerous = {bool(line.get("is_dangerous_good")) for line in lines}
    if len(dangerous) > 1:
        raise Refusal(11006013, "Dangerous goods must go in a package of their own.")
