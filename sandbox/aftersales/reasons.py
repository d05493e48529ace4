"""Reasons as data: who may give which, in which market and at which stage. Real menus change; a
client asks for them each time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

BUYER, SELLER, SYSTEM = "BUYER", "SELLER", "SYSTEM"
PAID = ("ON_HOLD", "AWAITING_SHIPMENT", "AWAITING_COLLECTION")
READY = ("AWAITING_SHIPMENT", "AWAITING_COLLECTION")
#: Where an address that cannot be served is no reason any more.
NO_ADDRESS_REASON = ("ID", "PH", "VN", "MY", "TH")
OUT_OF_STOCK = "out_of_stock"


@dataclass(frozen=True)
class Reason:
    """`stages`: of the order's lines. `only` and `without` are markets; empty `only` is all."""

    name: str
    text: str
    stages: tuple[str, ...] = PAID
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    def fits(self, region: str, stage: str) -> bool:
        there = not self.only or region in self.only
        return stage in self.stages and there and region not in self.without


SELLER_CANCELS = (
    Reason("seller_cancel_reason_out_of_stock", "Out of stock", without=("GB",)),
    Reason("seller_cancel_reason_out_of_stock_uk", "Out of stock", only=("GB",)),
    Reason("seller_cancel_reason_wrong_price", "Pricing error", without=("GB",)),
    Reason("seller_cancel_reason_wrong_price_uk", "Pricing error", only=("GB",)),
    Reason(
        "seller_cancel_paid_reason_address_not_deliver",
        "Unable to deliver to the buyer's address",
        READY,
        without=(*NO_ADDRESS_REASON, "GB"),
    ),
    Reason(
        "seller_cancel_paid_reason_address_not_deliver_uk",
        "Unable to deliver to the buyer's address",
        READY,
        only=("GB",),
    ),
    Reason("seller_cancel_paid_reason_buyer_requested", "The buyer asked to cancel"),
)
UNPAID = ("UNPAID",)
BUYER_CANCELS = (
    Reason("buyer_cancel_reason_payment_unavailable", "Payment method not available", UNPAID),
    Reason("buyer_cancel_reason_forgot_coupon", "Forgot to use a coupon", (*UNPAID, *PAID)),
    Reason("buyer_cancel_reason_better_price", "Better price available", (*UNPAID, *PAID)),
    Reason("buyer_cancel_reason_no_longer_needed", "No longer needed", (*UNPAID, *PAID)),
    Reason("buyer_cancel_reason_wrong_address", "Wrong delivery address"),
    Reason("buyer_cancel_reason_change_payment", "Need to change the payment method"),
    Reason("buyer_cancel_reason_not_shipped_on_time", "Not shipped on time", READY),
)
SYSTEM_CANCELS = (
    Reason("system_cancel_payment_overdue", "The payment is overdue", UNPAID),
    Reason("system_cancel_shipping_overdue", "Not shipped in time", ("AWAITING_SHIPMENT",)),
    Reason("system_cancel_collection_overdue", "Not collected in time", ("AWAITING_COLLECTION",)),
    Reason("system_cancel_delivery_overdue", "Not delivered in time", ("IN_TRANSIT",)),
    Reason("system_cancel_package_lost", "The package was lost", ("IN_TRANSIT",)),
    Reason("system_cancel_package_damaged", "The package was damaged", ("IN_TRANSIT",)),
    Reason("system_cancel_delivery_failed", "The delivery failed", ("IN_TRANSIT",)),
)
SELLER_REJECTS = {
    "CANCEL": (
        ("seller_reject_apply_product_has_been_packed", "The product has been packed"),
        ("seller_reject_apply_delivery_on_schedule", "The delivery is on schedule"),
        ("seller_reject_apply_agreement_reached", "An agreement was reached with the buyer"),
    ),
    "REJECT_REFUND": (
        ("seller_reject_refund_already_shipped", "The product has been shipped"),
        ("seller_reject_refund_no_evidence", "The evidence does not show the problem"),
    ),
    "REJECT_RETURN": (
        ("seller_reject_return_as_described", "The product is as described"),
        ("seller_reject_return_not_returnable", "The product cannot be returned"),
    ),
    "REJECT_RECEIVED_PACKAGE": (
        ("seller_reject_package_wrong_item", "Another item came back"),
        ("seller_reject_package_used", "The item was used or damaged"),
        ("seller_reject_package_empty", "The package was empty"),
    ),
    "REJECT_REPLACEMENT": (
        ("seller_reject_replacement_as_described", "The product is as described"),
    ),
}
BUYER_RETURNS = (
    ("buyer_return_reason_damaged", "The item arrived damaged"),
    ("buyer_return_reason_wrong_item", "The wrong item was sent"),
    ("buyer_return_reason_not_as_described", "The item is not as described"),
    ("buyer_return_reason_missing_parts", "Parts are missing"),
    ("buyer_return_reason_changed_mind", "No longer needed"),
)
BUYER_REFUNDS = (
    ("buyer_refund_reason_not_received", "The package did not arrive"),
    ("buyer_refund_reason_missing_item", "An item is missing"),
    ("buyer_refund_reason_damaged", "The item arrived damaged"),
)
CANCELS = {BUYER: BUYER_CANCELS, SELLER: SELLER_CANCELS, SYSTEM: SYSTEM_CANCELS}


def cancels(user: str, region: str, stages: Iterable[str]) -> list[Reason]:
    """The reasons of `user` to cancel that fit every one of these stages."""
    wanted = tuple(stages)
    return [one for one in CANCELS[user] if all(one.fits(region, stage) for stage in wanted)]


def rejects(of: str) -> list[dict[str, str]]:
    """The reasons to reject that a decision takes; `of` is CANCEL or the decision's name."""
    return [{"name": name, "text": text} for name, text in SELLER_REJECTS.get(of, ())]


def text_of(name: str) -> str:
    """A reason in words; the name itself when it is none of ours."""
    known = {one.name: one.text for group in CANCELS.values() for one in group}
    known |= dict(pair for group in SELLER_REJECTS.values() for pair in group)
    known |= dict(BUYER_RETURNS) | dict(BUYER_REFUNDS)
    return known.get(name, name)
