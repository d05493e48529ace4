"""Plain makers: shops and facts with sensible values, changed by keyword."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from shipboard.channels.contract import (
    ItemFact,
    LineFact,
    OrderFact,
    ParcelContent,
    ParcelFact,
    Stage,
)
from shipboard.channels.models import Shop
from shipboard.orders.labels import Label, LabelOrder
from shipboard.orders.models import Order

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def shop(name: str = "Northwind", **given: Any) -> Shop:
    values: dict[str, Any] = {
        "slug": name.lower().replace(" ", "-"),
        "name": name,
        "channel": "file",
        "region": "US",
        "timezone": "UTC",
        "currency": "USD",
        "dispatch_hours": 48,
        "auto_cancel_hours": 72,
        "added_at": NOW,
    }
    return Shop.objects.create(**values | given)


def line(**given: Any) -> LineFact:
    item = ItemFact(
        sku_id=given.pop("sku_id", "1729000000000000001"),
        seller_sku=given.pop("seller_sku", "MUG-01"),
        product_name=given.pop("product_name", "Enamel mug"),
        product_id=given.pop("product_id", ""),
        sku_name=given.pop("sku_name", "Blue"),
    )
    price = Decimal("9.50")
    values: dict[str, Any] = {"quantity": 1, "unit_price": price, "total": price}
    return LineFact(item=item, **values | given)


def parcel(**given: Any) -> ParcelFact:
    values: dict[str, Any] = {
        "package_id": "1150000000000000001",
        "tracking_number": "9400111899223100000001",
        "carrier": "USPS",
        "contents": (ParcelContent(0, 1),),
    }
    return ParcelFact(**values | given)


def order(order_id: str = "576000000000000001", **given: Any) -> OrderFact:
    values: dict[str, Any] = {
        "as_of": NOW,
        "stage": Stage.AWAITING_SHIPMENT,
        "created_at": NOW - 10 * HOUR,
        "paid_at": NOW - 10 * HOUR,
        "currency": "USD",
        "total": Decimal("12.50"),
        "lines": (line(),),
    }
    return OrderFact(order_id=order_id, **values | given)


def row(shop: Shop, order_id: str = "576000000000000001", **given: Any) -> Order:
    """An order's row, not saved: for questions that need neither lines nor how it came."""
    values: dict[str, Any] = {
        "as_of": NOW,
        "digest": b"",
        "stage": Stage.AWAITING_SHIPMENT,
        "stage_source": "channel",
        "order_type": "normal",
        "currency": "USD",
        "total": Decimal("12.50"),
        "created_at": NOW - 10 * HOUR,
        "first_seen_at": NOW,
        "changed_at": NOW,
    }
    return Order(shop=shop, order_id=order_id, **values | given)


def label(*orders: Order, **given: Any) -> Label:
    """A label that is here, of one unit of each of these stored orders."""
    values: dict[str, Any] = {
        "shop": orders[0].shop,
        "state": Label.State.CREATED,
        "by": "mai",
        "asked_at": NOW - HOUR,
        "arranged_at": NOW - HOUR,
        "stored_at": NOW - HOUR,
    }
    made = Label.objects.create(**values | given)
    for order in orders:
        LabelOrder.objects.create(label=made, order=order, units=1, contents={"0": 1})
    return made
