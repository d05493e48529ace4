"""Reasons by their keys, in words: of cancellations, returns and rejections. Keys change by market
and with time; one that is not known here is made readable. Which of them fit is the API's to say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from shipboard.channels.case_contract import Reason

#: What a key begins with, before what it is about.
PREFIX = re.compile(
    r"(?:seller|buyer|system|operator|ecom|order)_(?:(?:cancel|refund|return|reject|apply|package|"
    r"replacement|paid|unpaid|reason)_)*"
)
#: Variants of one reason for a market.
MARKET = re.compile(r"_(?:uk|us|gb|eu|id|th|vn|my|ph|sg|jp|mx|br)$")
#: By what a key is about.
WORDS: Mapping[str, str] = {
    "out_of_stock": "Out of stock",
    "wrong_price": "Pricing error",
    "pricing_error": "Pricing error",
    "address_not_deliver": "Cannot deliver to the buyer's address",
    "buyer_requested": "The buyer asked to cancel",
    "payment_unavailable": "The payment method is not available",
    "ordered_by_mistake": "Ordered by mistake",
    "mistake": "Ordered by mistake",
    "better_price": "Found a better price",
    "no_longer_needed": "No longer needed",
    "no_need": "No longer needed",
    "changed_mind": "No longer needed",
    "forgot_coupon": "Forgot to use a coupon",
    "change_payment": "Needs to change the payment method",
    "discount_not_as_expected": "The discount is not as expected",
    "high_shipping_fee": "The shipping fee is too high",
    "wrong_address": "Wrong delivery address",
    "not_shipped_on_time": "Not shipped on time",
    "product_has_been_packed": "The product has been packed already",
    "delivery_on_schedule": "The delivery is on schedule",
    "agreement_reached": "An agreement was reached with the buyer",
    "invalid_reason": "The buyer's reason is not valid",
    "payment_overdue": "The payment was overdue",
    "shipping_overdue": "Not shipped in time",
    "collection_overdue": "Not collected in time",
    "delivery_overdue": "Not delivered in time",
    "package_lost": "The package was lost",
    "package_damaged": "The package was damaged",
    "delivery_failed": "The delivery failed",
    "damaged": "The item arrived damaged",
    "wrong_item": "The wrong item was sent",
    "not_as_described": "The item is not as described",
    "missing_parts": "Parts are missing",
    "missing_item": "An item is missing",
    "not_received": "The package did not arrive",
}


def words(name: str) -> str:
    """A reason in a few words; what is no key comes back as it is."""
    if not re.fullmatch(r"[a-z0-9_]+", name) or "_" not in name:
        return name
    about = MARKET.sub("", PREFIX.sub("", name, count=1)) or name
    return WORDS.get(about) or about.replace("_", " ").strip().capitalize()


def reason(name: str, text: str = "") -> Reason:
    return Reason(name, text or words(name))
