"""The columns of an order export: our key, and the header names that mean it. Names are compared
without case and spaces, so a column may stand anywhere and be spelled a little differently.

The names are the marketplace's own, with its spelling ("Cancelation"); regions differ in the
address block and in some fees.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from .errors import UnreadableFile, quoted
from .mended import REASON

COLUMNS: dict[str, tuple[str, ...]] = {
    "order_id": ("Order ID", "Order Number"),
    "status": ("Order Status",),
    "substatus": ("Order Substatus", "Order Sub-status"),
    "case_type": (
        "Cancelation/Return Type",
        "Cancellation/Return Type",
        "Cancelation/Refund Type",
        "Cancellation/Refund Type",
    ),
    "order_type": ("Normal or Pre-order", "Normal or Preorder"),
    "sku_id": ("SKU ID",),
    "seller_sku": ("Seller SKU",),
    "product_id": ("Product ID",),
    "product_name": ("Product Name",),
    "sku_name": ("Variation", "SKU Name"),
    "category": ("Product Category",),
    "quantity": ("Quantity",),
    "returned": ("Sku Quantity of return", "Sku Quantity of returns"),
    "unit_price": ("SKU Unit Original Price",),
    "subtotal": ("SKU Subtotal Before Discount",),
    "platform_discount": ("SKU Platform Discount",),
    "seller_discount": ("SKU Seller Discount",),
    "line_total": ("SKU Subtotal After Discount",),
    "shipping_fee": ("Shipping Fee After Discount",),
    "original_shipping_fee": ("Original Shipping Fee",),
    "shipping_fee_seller_discount": ("Shipping Fee Seller Discount",),
    "shipping_fee_platform_discount": ("Shipping Fee Platform Discount",),
    "payment_platform_discount": ("Payment platform discount",),
    "retail_delivery_fee": ("Retail Delivery Fee",),
    "small_order_fee": ("Small Order Fee",),
    "buyer_service_fee": ("Buyer Service Fee",),
    "handling_fee": ("Handling Fee",),
    "shipping_insurance": ("Shipping Insurance",),
    "item_insurance": ("Item Insurance",),
    "distance_shipping_fee": ("Distance Shipping Fee",),
    "taxes": ("Taxes",),
    "total": ("Order Amount",),
    "refund": ("Order Refund Amount",),
    "created_at": ("Created Time", "Create Time"),
    "paid_at": ("Paid Time",),
    "arranged_at": ("RTS Time",),
    "collected_at": ("Shipped Time",),
    "delivered_at": ("Delivered Time",),
    "canceled_at": ("Cancelled Time", "Canceled Time"),
    "canceled_by": ("Cancel By", "Cancelled By", "Canceled By"),
    "cancel_reason": ("Cancel Reason",),
    "fulfillment_type": ("Fulfillment Type", "Fulfilment Type"),
    "warehouse": ("Warehouse Name",),
    "tracking_number": ("Tracking ID", "Tracking Number"),
    "delivery_option_type": ("Delivery Option Type",),
    "delivery_option": ("Delivery Option",),
    "carrier": ("Shipping Provider Name", "Shipping Provider"),
    "buyer_message": ("Buyer Message",),
    "buyer_username": ("Buyer Username",),
    "name": ("Recipient", "Recipient Name"),
    "phone": ("Phone #", "Phone", "Phone Number"),
    "country": ("Country",),
    "state": ("State", "Province"),
    "region": ("Region",),
    "city": ("City", "Municipality", "Regency and City", "Regency/City"),
    "district": ("District", "Districts"),
    "subdistrict": ("Commune", "Barangay", "Villages", "Village", "Subdistrict", "Ward"),
    "postal_code": ("Zipcode", "Zip Code", "Postal Code", "Postcode"),
    "address": ("Detail Address",),
    "address_extra": ("Additional address information",),
    "house": ("House Name or Number",),
    "delivery_instruction": ("Delivery Instruction", "Delivery Instructions"),
    "payment_method": ("Payment Method",),
    "weight_kg": ("Weight(kg)", "Weight (kg)"),
    "package_id": ("Package ID",),
    "seller_note": ("Seller Note",),
    "why_rejected": (REASON,),
}

ITEM = ("sku_id", "seller_sku", "product_id", "product_name", "sku_name", "category")
LINE_AMOUNTS = ("unit_price", "subtotal", "platform_discount", "seller_discount", "line_total")
OF_A_LINE = frozenset((*ITEM, "quantity", "returned", *LINE_AMOUNTS, "weight_kg"))
CHARGES = (
    "shipping_fee",
    "original_shipping_fee",
    "shipping_fee_seller_discount",
    "shipping_fee_platform_discount",
    "payment_platform_discount",
    "retail_delivery_fee",
    "small_order_fee",
    "buyer_service_fee",
    "handling_fee",
    "shipping_insurance",
    "item_insurance",
    "distance_shipping_fee",
    "taxes",
    "refund",
)
TIMES = ("created_at", "paid_at", "arranged_at", "collected_at", "delivered_at", "canceled_at")
RECIPIENT = (
    "name",
    "phone",
    "country",
    "state",
    "city",
    "district",
    "subdistrict",
    "postal_code",
    "address",
    "address_extra",
    "house",
    "delivery_instruction",
)
REQUIRED = ("order_id", "status", "created_at", "quantity")
ONE_REQUIRED = ("sku_id", "seller_sku")


def folded(name: str) -> str:
    """A header name as it is compared: no case, no spaces, one Unicode form."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().replace("_", " ").split())


_KEYS = {
    folded(name): (key, rank) for key, names in COLUMNS.items() for rank, name in enumerate(names)
}


def known_names(cells: Sequence[str]) -> int:
    """How many of `cells` are names of columns that we know."""
    return sum(folded(cell) in _KEYS for cell in cells)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a file keeps what: `at` maps our keys to positions (from 0), `others` lists the
    columns we have no name for, `header` are the file's own names."""

    header: tuple[str, ...]
    at: dict[str, int]
    others: tuple[tuple[int, str], ...]

    def title(self, key: str) -> str:
        """The file's own name of column `key`, for sentences."""
        return self.header[self.at[key]] if key in self.at else COLUMNS[key][0]


def layout_of(header: Sequence[str]) -> Layout:
    """The layout that `header` describes. Of two names for one key the first listed in COLUMNS
    wins and the other column is kept as an unknown one.

    Raises UnreadableFile when a name stands twice or a required column is missing.
    """
    names = tuple(name.strip() for name in header)
    _refuse_repeated(names)
    ranked: dict[str, tuple[int, int]] = {}
    for position, name in enumerate(names):
        key, rank = _KEYS.get(folded(name), ("", 0))
        if key and (key not in ranked or rank < ranked[key][0]):
            ranked[key] = (rank, position)
    at = {key: position for key, (_, position) in ranked.items()}
    _refuse_incomplete(at)
    taken = set(at.values())
    others = tuple(
        (position, name or f"Column {position + 1}")
        for position, name in enumerate(names)
        if position not in taken
    )
    return Layout(header=names, at=at, others=others)


def _refuse_repeated(names: Sequence[str]) -> None:
    seen: set[str] = set()
    for name in names:
        key = folded(name)
        if key and key in seen:
            raise UnreadableFile(
                f"The header has the column {quoted(name)} twice, so it is not clear which one "
                "counts. Remove or rename one of them, or export the file again."
            )
        seen.add(key)


def _refuse_incomplete(at: dict[str, int]) -> None:
    missing = [COLUMNS[key][0] for key in REQUIRED if key not in at]
    if not any(key in at for key in ONE_REQUIRED):
        missing.append(" or ".join(COLUMNS[key][0] for key in ONE_REQUIRED))
    if missing:
        raise UnreadableFile(
            f"The header has no column {_listed(missing)}. Export the orders again with all "
            "columns, and keep the header as it is."
        )


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
