"""Order documents as the API shows them, made from a few words: one row per unit, money as decimal
strings, times in unix seconds, and only the fields that such an order has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sandbox.api import Shop
from sandbox.fulfilment.carriers import PLATFORM_OPTION, SELLER_OPTION
from sandbox.kinds import UNTOLD, Doc

DAY = 86400
CURRENCIES = {"US": "USD", "GB": "GBP", "TH": "THB", "VN": "VND", "MY": "MYR", "SG": "SGD"} | {
    "PH": "PHP",
    "ID": "IDR",
    "JP": "JPY",
    "MX": "MXN",
    "BR": "BRL",
    "DE": "EUR",
    "ES": "EUR",
    "FR": "EUR",
    "IE": "EUR",
    "IT": "EUR",
}
#: Deadlines of a new order, as days from payment.
DEADLINES = {
    "rts_sla_time": 2,
    "tts_sla_time": 3,
    "shipping_due_time": 7,
    "collection_due_time": 8,
    "delivery_due_time": 20,
}
ADDRESS = {
    "name": "Rowan Ashby",
    "first_name": "Rowan",
    "last_name": "Ashby",
    "phone_number": "(+1)2025550143",
    "address_line1": "18 Juniper Row",
    "address_line2": "",
    "address_line3": "",
    "address_line4": "",
    "address_detail": "18 Juniper Row",
    "postal_code": "97201",
    "full_address": "18 Juniper Row, Portland, OR 97201",
    "district_info": [
        {"address_level": "L1", "address_level_name": "state", "address_name": "Oregon"},
        {"address_level": "L3", "address_level_name": "city", "address_name": "Portland"},
    ],
}
#: Statuses before which nothing has been paid or may be shipped.
UNPAID, ON_HOLD = "UNPAID", "ON_HOLD"


@dataclass(frozen=True)
class Item:
    """So many units of a SKU at a price."""

    sku: str
    price: str = "19.90"
    quantity: int = 1
    name: str = "Enamel mug"
    variation: str = "Default"


def order(
    shop: Shop,
    id: str,
    at: int,
    items: Sequence[Item] = (Item("MUG-01"),),
    *,
    status: str = "AWAITING_SHIPMENT",
    shipping_type: str = "TIKTOK",
    shipping_fee: str = "3.50",
    address: Doc | None = None,
    buyer: str = "buyer1",
    **more: object,
) -> Doc:
    """An order placed (and, unless UNPAID, paid) at unix second `at`. `more` sets further fields.

    It has no package yet: `shapes_package.package` makes one. The address is open here and kept
    untold as well; `life.save_order` shows as much of it as such an order shows.
    """
    currency = CURRENCIES.get(shop.region, "USD")
    lines = _lines(id, items, currency, status, shop)
    warehouse = shop.warehouses[0]["id"] if shop.warehouses else ""
    there = {"region_code": shop.region} | ADDRESS | (address or {})
    doc: Doc = {
        "id": id,
        "status": status,
        "order_type": "NORMAL",
        "commerce_platform": "TIKTOK_SHOP",
        "fulfillment_type": "FULFILLMENT_BY_SELLER",
        "shipping_type": shipping_type,
        "delivery_type": "HOME_DELIVERY",
        "delivery_option_id": SELLER_OPTION if shipping_type == "SELLER" else PLATFORM_OPTION,
        "delivery_option_name": "Standard shipping",
        "create_time": at,
        "update_time": at,
        "user_id": f"7494{abs(hash_of(buyer)):014}",
        "buyer_email": f"{buyer}@chat.example.com",
        "buyer_nickname": buyer,
        "buyer_message": "",
        "seller_note": "",
        "warehouse_id": warehouse,
        "tracking_number": "",
        "shipping_provider": "",
        "shipping_provider_id": "",
        "is_cod": False,
        "is_on_hold_order": status == ON_HOLD,
        "is_buyer_request_cancel": False,
        "is_sample_order": False,
        "is_replacement_order": False,
        "has_updated_recipient_address": False,
        "payment_method_name": "Credit card",
        "payment_method_code": "CREDIT_CARD",
        "payment": _payment(items, currency, shipping_fee),
        "recipient_address": there,
        "packages": [],
        "line_items": lines,
        UNTOLD: {"address": there},
    }
    if status != UNPAID:
        doc |= paid(doc, at)
    return doc | more


def paid(doc: Doc, at: int) -> Doc:
    """What payment at `at` adds to an order: the time of it and its deadlines."""
    return {"paid_time": at} | {name: at + days * DAY for name, days in DEADLINES.items()}


def hash_of(text: str) -> int:
    """A number that is the same for a text in every process."""
    number = 7
    for letter in text.encode():
        number = (number * 31 + letter) % 10**14
    return number


def _lines(id: str, items: Sequence[Item], currency: str, status: str, shop: Shop) -> list[Doc]:
    units = [item for item in items for _ in range(item.quantity)]
    shown = "AWAITING_SHIPMENT" if status in (ON_HOLD, "PARTIALLY_SHIPPING") else status
    return [
        {
            "id": f"{id}{number:02}",
            "product_id": f"1729{hash_of(item.name):014}",
            "product_name": item.name,
            "sku_id": f"1730{hash_of(item.sku):014}",
            "sku_name": item.variation,
            "seller_sku": item.sku,
            "sku_image": f"https://images.example.com/{item.sku}.jpg",
            "original_price": item.price,
            "sale_price": item.price,
            "platform_discount": "0",
            "seller_discount": "0",
            "currency": currency,
            "is_gift": False,
            "display_status": shown,
            "warehouse_id": shop.warehouses[0]["id"] if shop.warehouses else "",
        }
        for number, item in enumerate(units, 1)
    ]


def _payment(items: Sequence[Item], currency: str, shipping_fee: str) -> Doc:
    goods = sum((Decimal(item.price) * item.quantity for item in items), Decimal(0))
    return {
        "currency": currency,
        "sub_total": str(goods),
        "shipping_fee": shipping_fee,
        "original_shipping_fee": shipping_fee,
        "original_total_product_price": str(goods),
        "seller_discount": "0",
        "platform_discount": "0",
        "tax": "0",
        "total_amount": str(goods + Decimal(shipping_fee)),
    }
