"""What a buyer gets back for lines of an order: what they cost with tax and, for a whole order that
was not shipped, the shipping fee.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sandbox.kinds import UNTOLD, Doc

NAMES = ("refund_subtotal", "refund_shipping_fee", "refund_tax")


def of_line(line: Doc) -> Doc:
    """The refund of one unit."""
    tax = sum((Decimal(one["tax_amount"]) for one in line.get("item_tax") or ()), Decimal(0))
    return _told(line["currency"], Decimal(line["sale_price"]), Decimal(0), tax)


def of_lines(order: Doc, lines: Sequence[Doc], *, with_shipping: bool = False) -> Doc:
    """The refund of these units together."""
    each = [of_line(line) for line in lines]
    goods, _, tax = (sum((Decimal(one[name]) for one in each), Decimal(0)) for name in NAMES)
    fee = Decimal(0)
    if with_shipping:
        payment = order["payment"]
        fee = Decimal(payment["shipping_fee"])
        tax = Decimal(payment.get("tax") or "0")
    return _told(order["payment"]["currency"], goods, fee, tax)


def of_part(order: Doc, amount: str) -> Doc:
    """The refund of a sum that was agreed on."""
    return _told(order["payment"]["currency"], Decimal(amount), Decimal(0), Decimal(0))


def nothing(order: Doc) -> Doc:
    return _told(order["payment"]["currency"], Decimal(0), Decimal(0), Decimal(0))


def is_paid(order: Doc) -> bool:
    """Whether money can go back: not before payment, nor for what is paid on delivery before it."""
    if order["status"] == "UNPAID":
        return False
    return not order["is_cod"] or bool(order.get("delivery_time"))


def is_refunded(order: Doc, line_id: str) -> bool:
    return line_id in order.get(UNTOLD, {}).get("refunded", ())


def _told(currency: str, goods: Decimal, fee: Decimal, tax: Decimal) -> Doc:
    return {
        "currency": currency,
        "refund_total": str(goods + fee + tax),
        "refund_subtotal": str(goods),
        "refund_shipping_fee": str(fee),
        "refund_tax": str(tax),
    }
