"""The price breakdown of an order: amounts that add up to what the buyer pays."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from shipboard.orders.models import Order

#: Charges that the total contains, in the order shown; discounts are taken off.
ADDED = {
    "shipping_fee": "Shipping, after discounts",
    "taxes": "Taxes",
    "retail_delivery_fee": "Retail delivery fee",
    "small_order_fee": "Small order fee",
    "distance_shipping_fee": "Distance shipping fee",
    "buyer_service_fee": "Buyer service fee",
    "handling_fee": "Handling fee",
    "shipping_insurance": "Shipping insurance",
    "item_insurance": "Item insurance",
}
TAKEN_OFF = {"payment_platform_discount": "Payment discount by the platform"}


@dataclass(frozen=True)
class Price:
    label: str
    amount: Decimal
    is_total: bool = False


def breakdown(order: Order) -> list[Price]:
    """Rows that add up to the last, the total; what the channel does not itemise is a row of its
    own. Empty when the channel gave no total. `order` comes with its lines."""
    if order.total is None:
        return []
    rows = _products(order)
    rows += [_charge(order, name, label) for name, label in ADDED.items()]
    rows += [_charge(order, name, label, sign=-1) for name, label in TAKEN_OFF.items()]
    rows = [row for row in rows if row.amount]
    rest = order.total - sum((row.amount for row in rows), Decimal(0))
    if rest:
        rows.append(Price("Other, not itemised by the channel", rest))
    return [*rows, Price("Order amount", order.total, is_total=True)]


def _products(order: Order) -> list[Price]:
    lines = list(order.lines.all())

    def of(name: str) -> Decimal:
        return sum((getattr(line, name) or Decimal(0) for line in lines), Decimal(0))

    if all(line.subtotal is not None for line in lines):
        return [
            Price("Products", of("subtotal")),
            Price("Seller discount", -of("seller_discount")),
            Price("Platform discount", -of("platform_discount")),
        ]
    return [Price("Products, after discounts", of("total"))]


def _charge(order: Order, name: str, label: str, sign: int = 1) -> Price:
    return Price(label, sign * Decimal(order.charges.get(name, 0)))
