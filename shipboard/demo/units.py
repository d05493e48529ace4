"""An order's units and parcels as documents of the API, which has one line item for every single
unit, and marks each with its parcel.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from shipboard.channels.contract import (
    LineFact,
    OrderFact,
    OrderType,
    ParcelContent,
    ParcelFact,
    Stage,
)
from shipboard.demo.markets import Market

Doc = dict[str, Any]

NOTHING = Decimal(0)
CENT = Decimal("0.01")
#: A parcel's status and its finer one, by the stage of its order.
PARCELS = {
    Stage.PARTIALLY_SHIPPED: ("PROCESSING", "RTS"),
    Stage.PENDING_COLLECTION: ("PROCESSING", "RTS"),
    Stage.IN_TRANSIT: ("FULFILLING", "TTS"),
    Stage.DELIVERED: ("COMPLETED", "DELIVERED"),
    Stage.CLOSED: ("COMPLETED", "DELIVERED"),
}
WAITING = ("TO_FULFILL", "STOCKING")
UNSHIPPED = {Stage.ON_HOLD, Stage.AWAITING_SHIPMENT, Stage.PARTIALLY_SHIPPED}
#: Units of an order that is as a whole none of the statuses of units.
UNITS = dict.fromkeys((Stage.ON_HOLD, Stage.UNKNOWN, Stage.PARTIALLY_SHIPPED), "AWAITING_SHIPMENT")
SHIPPED_UNITS = {Stage.PARTIALLY_SHIPPED: "AWAITING_COLLECTION"}


def parcels_of(fact: OrderFact, market: Market) -> tuple[ParcelFact, ...]:
    """The order's parcels, and, where the market has packages from payment on, the one that holds
    what has not been shipped."""
    is_waiting = fact.stage in UNSHIPPED and not fact.is_platform_fulfilled
    if not (market.has_package_at_payment and is_waiting):
        return fact.parcels
    packed = {content.line for parcel in fact.parcels for content in parcel.contents}
    rest = tuple(
        ParcelContent(place, line.quantity)
        for place, line in enumerate(fact.lines)
        if place not in packed
    )
    if not rest:
        return fact.parcels
    return (*fact.parcels, ParcelFact(package_id=f"1154{fact.order_id[-15:]}", contents=rest))


def status_of(parcel: ParcelFact, stage: Stage) -> tuple[str, str]:
    return PARCELS[stage] if parcel.tracking_number else WAITING


def provider_id(carrier: str, market: Market) -> str:
    names = [each.name for each in market.carriers]
    return f"71501{market.number}{names.index(carrier):013}" if carrier else ""


def units_of(fact: OrderFact, market: Market, status: str) -> Iterator[Doc]:
    """The line items of an order of that status."""
    number = 0
    for place, line in enumerate(fact.lines):
        held = _holders(place, parcels_of(fact, market))
        for unit, discount in enumerate(_shares(line)):
            number += 1
            parcel = held[unit] if unit < len(held) else None
            yield {
                "id": f"{fact.order_id}{number:02}",
                **_sold(line, fact, discount),
                "warehouse_id": market.warehouse_ids[fact.warehouse],
                "display_status": UNITS.get(fact.stage, status),
                **(_marked(parcel, fact, market, status) if parcel else {}),
                **(_canceled(fact) if fact.canceled_by else {}),
            }


def _holders(place: int, parcels: tuple[ParcelFact, ...]) -> list[ParcelFact]:
    """The parcel of each unit of a line, in turn."""
    return [
        parcel
        for parcel in parcels
        for content in parcel.contents
        if content.line == place
        for _ in range(content.quantity)
    ]


def _shares(line: LineFact) -> list[Decimal]:
    """The line's discount over its units, to the cent."""
    cents = int((line.seller_discount or NOTHING) / CENT)
    each, more = divmod(cents, line.quantity)
    return [(each + (unit < more)) * CENT for unit in range(line.quantity)]


def _sold(line: LineFact, fact: OrderFact, discount: Decimal) -> Doc:
    item, price = line.item, line.unit_price or NOTHING
    return {
        "product_id": item.product_id,
        "product_name": item.product_name,
        "sku_id": item.sku_id,
        "sku_name": item.sku_name,
        "seller_sku": item.seller_sku,
        "sku_image": "",
        "original_price": str(price),
        "sale_price": str(price - discount),
        "platform_discount": "0",
        "seller_discount": str(discount),
        "currency": fact.currency,
        "is_gift": not price and fact.order_type is not OrderType.SAMPLE,
    }


def _marked(parcel: ParcelFact, fact: OrderFact, market: Market, status: str) -> Doc:
    marks = {
        "package_id": parcel.package_id,
        "package_status": status_of(parcel, fact.stage)[0],
        "tracking_number": parcel.tracking_number,
        "shipping_provider_id": provider_id(parcel.carrier, market),
        "shipping_provider_name": parcel.carrier,
    }
    if parcel.tracking_number:
        marks["display_status"] = SHIPPED_UNITS.get(fact.stage, status)
    return marks


def _canceled(fact: OrderFact) -> Doc:
    return {"cancel_user": fact.canceled_by.upper(), "cancel_reason": fact.cancel_reason}
