"""What follows the sales of a demo shop: cases of every kind, at every step, with deadlines near
and far, decided ones, and how a canceled order came to be so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from shipboard.channels.case_contract import CaseStep
from shipboard.channels.contract import CaseFact, CaseKind, OrderFact, Stage
from shipboard.demo.orders import Maker

#: Reasons by their keys, as the marketplace has them.
WORDS = {
    "buyer_cancel_reason_better_price": "Better price available",
    "buyer_cancel_reason_no_longer_needed": "No longer needed",
    "buyer_cancel_reason_wrong_address": "Wrong delivery address",
    "seller_cancel_reason_out_of_stock": "Out of stock",
    "system_cancel_shipping_overdue": "Not shipped in time",
    "operator_cancel_review": "Closed by the marketplace after a review",
    "buyer_return_reason_changed_mind": "No longer needed",
    "buyer_return_reason_damaged": "The item arrived damaged",
    "buyer_return_reason_not_as_described": "The item is not as described",
    "buyer_return_reason_wrong_item": "The wrong item was sent",
    "buyer_refund_reason_missing_item": "An item is missing",
    "buyer_refund_reason_not_received": "The package did not arrive",
}
#: Why a canceled order was, by who canceled it.
CANCELED = {
    "buyer": "buyer_cancel_reason_no_longer_needed",
    "seller": "seller_cancel_reason_out_of_stock",
    "system": "system_cancel_shipping_overdue",
    "operator": "operator_cancel_review",
}
ASKED = "RETURN_OR_REFUND_REQUEST"
#: How a request that waits, and one that was done as wished, is written.
BEGINS = {
    CaseKind.CANCELLATION: "CANCELLATION_REQUEST",
    CaseKind.RETURN: ASKED,
    CaseKind.REFUND: ASKED,
    CaseKind.REPLACEMENT: "REPLACEMENT_REQUEST",
}
GRANTED = "CANCELLATION_REQUEST_COMPLETE"
STEPS = {
    CaseKind.CANCELLATION: CaseStep.CANCEL,
    CaseKind.RETURN: CaseStep.RETURN,
    CaseKind.REFUND: CaseStep.REFUND,
    CaseKind.REPLACEMENT: CaseStep.REPLACEMENT,
}


@dataclass(frozen=True)
class Shape:
    """A case and the order it is about. `ago` and `since`: hours since the order's last step and
    since the case was opened; `left`: hours to answer, None where it waits for nobody here.
    `status` blank: as a request that waits or was done is written."""

    kind: CaseKind
    reason_name: str
    stage: Stage
    ago: float
    since: float
    left: float | None = None
    step: CaseStep = CaseStep.NOTHING
    status: str = ""
    dispute: str = ""
    is_tracked: bool = False


def _waits(kind: CaseKind, reason: str, since: float, left: float) -> Shape:
    stage = Stage.AWAITING_SHIPMENT if kind is CaseKind.CANCELLATION else Stage.DELIVERED
    return Shape(kind, reason, stage, since + 9, since, left, STEPS[kind])


def _came_back(reason: str, since: float, left: float) -> Shape:
    return Shape(
        CaseKind.RETURN,
        reason,
        Stage.DELIVERED,
        since + 20,
        since,
        left,
        CaseStep.PACKAGE,
        "BUYER_SHIPPED_ITEM",
        is_tracked=True,
    )


def _goes_on(
    kind: CaseKind, reason: str, status: str, dispute: str = "", *, is_tracked: bool = False
) -> Shape:
    """It waits for the buyer, the carrier or the marketplace."""
    return Shape(
        kind,
        reason,
        Stage.DELIVERED,
        90,
        70,
        status=status,
        dispute=dispute,
        is_tracked=is_tracked,
    )


CANCELLATION, RETURN, REFUND, REPLACEMENT = (
    CaseKind.CANCELLATION,
    CaseKind.RETURN,
    CaseKind.REFUND,
    CaseKind.REPLACEMENT,
)
SHAPES = (
    _waits(CANCELLATION, "buyer_cancel_reason_better_price", 23.4, 0.6),
    _waits(CANCELLATION, "buyer_cancel_reason_wrong_address", 21, 3),
    _waits(CANCELLATION, "buyer_cancel_reason_no_longer_needed", 2, 22),
    _waits(RETURN, "buyer_return_reason_changed_mind", 46, 2),
    _waits(RETURN, "buyer_return_reason_not_as_described", 8, 40),
    _waits(REFUND, "buyer_return_reason_damaged", 47.3, 0.7),
    _waits(REFUND, "buyer_refund_reason_missing_item", 20, 28),
    _waits(REPLACEMENT, "buyer_return_reason_wrong_item", 5, 19),
    _came_back("buyer_return_reason_changed_mind", 160, 5),
    _came_back("buyer_return_reason_damaged", 140, 30),
    _goes_on(RETURN, "buyer_return_reason_changed_mind", "AWAITING_BUYER_SHIP"),
    _goes_on(RETURN, "buyer_return_reason_not_as_described", "BUYER_SHIPPED_ITEM", is_tracked=True),
    _goes_on(REFUND, "buyer_refund_reason_missing_item", "AWAITING_BUYER_RESPONSE"),
    _goes_on(
        REFUND,
        "buyer_refund_reason_not_received",
        "REFUND_OR_RETURN_REQUEST_REJECT",
        dispute="in_progress",
    ),
    _goes_on(REFUND, "buyer_return_reason_damaged", f"{ASKED}_CANCEL"),
    _goes_on(REPLACEMENT, "buyer_return_reason_wrong_item", "REPLACEMENT_REQUEST_REJECT"),
    Shape(RETURN, "buyer_return_reason_changed_mind", Stage.CLOSED, 500, 480),
    Shape(REFUND, "buyer_return_reason_damaged", Stage.CLOSED, 500, 480),
    Shape(REPLACEMENT, "buyer_return_reason_wrong_item", Stage.CLOSED, 500, 480),
)


def shaped(make: Maker, number: int, shape: Shape) -> CaseFact:
    """The case of the order of that number."""
    ends = "PENDING" if shape.left is not None else "COMPLETE"
    carrier = make.market.carriers[0]
    case = make.case(
        number,
        shape.kind,
        ago=shape.since,
        respond_in=shape.left,
        reason=WORDS[shape.reason_name],
    )
    status = shape.status or f"{BEGINS[shape.kind]}_{ends}"
    return replace(
        case,
        step=shape.step,
        status=status,
        is_granted=status == GRANTED,
        by="buyer",
        reason_name=shape.reason_name,
        dispute=shape.dispute,
        tracking_number=carrier.number(make.random(number)) if shape.is_tracked else "",
        carrier=carrier.name if shape.is_tracked else "",
    )


def canceled(make: Maker, number: int, fact: OrderFact) -> dict[str, Any]:
    """Why a canceled order was, and the case that tells of it."""
    name = CANCELED[fact.canceled_by]
    case = make.case(number, CANCELLATION, ago=0, respond_in=None, reason=WORDS[name])
    at = fact.canceled_at or make.now
    asked = at - timedelta(minutes=10) if fact.canceled_by == "buyer" else at
    case = replace(
        case,
        status=GRANTED,
        is_granted=True,
        by=fact.canceled_by,
        reason_name=name,
        requested_at=max(asked, fact.created_at),
    )
    return {"cancel_reason": case.reason, "cases": (case,)}
