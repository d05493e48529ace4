"""Returns as a table: which decision of a seller is possible at which state and what it leads to,
and whom each state waits for, how long, and what silence means.
"""

from __future__ import annotations

from dataclasses import dataclass

REFUND, RETURN, REPLACEMENT = "REFUND", "RETURN_AND_REFUND", "REPLACEMENT"
BASE = "RETURN_OR_REFUND_REQUEST"
PENDING, SUCCESS, CLOSED, COMPLETE = (
    f"{BASE}_{end}" for end in ("PENDING", "SUCCESS", "CANCEL", "COMPLETE")
)
REJECTED = "REFUND_OR_RETURN_REQUEST_REJECT"
TO_SHIP, SHIPPED, REFUSED, OFFERED = (
    "AWAITING_BUYER_SHIP",
    "BUYER_SHIPPED_ITEM",
    "REJECT_RECEIVE_PACKAGE",
    "AWAITING_BUYER_RESPONSE",
)
NEW_PENDING, NEW_REJECTED, NEW_CLOSED, NEW_COMPLETE, NEW_REFUNDED = (
    f"REPLACEMENT_REQUEST_{end}"
    for end in ("PENDING", "REJECT", "CANCEL", "COMPLETE", "REFUND_SUCCESS")
)
#: Where the money is on its way, or has gone.
PAYS = (SUCCESS, NEW_REFUNDED)


@dataclass(frozen=True)
class Decision:
    """`types` of return at status `at` may be decided so, and then have status `to`."""

    name: str
    types: tuple[str, ...]
    at: str
    to: str
    #: Versions of the API that take it; empty: all.
    versions: tuple[str, ...] = ()

    @property
    def is_reject(self) -> bool:
        return self.name.startswith("REJECT") or self.name == OFFER_AFTER


OFFER, OFFER_AFTER = "OFFER_PARTIAL_REFUND", "OFFER_PARTIAL_REFUND_AFTER_RECEIVING_PKG"
APPROVALS = (
    Decision("APPROVE_REFUND", (REFUND,), PENDING, SUCCESS),
    Decision("APPROVE_RETURN", (RETURN,), PENDING, TO_SHIP),
    Decision("DIRECT_REFUND", (RETURN,), PENDING, SUCCESS),
    Decision("APPROVE_RECEIVED_PACKAGE", (RETURN,), SHIPPED, SUCCESS),
    Decision("APPROVE_REPLACEMENT", (REPLACEMENT,), NEW_PENDING, NEW_COMPLETE),
    Decision("ISSUE_REPLACEMENT_REFUND", (REPLACEMENT,), NEW_PENDING, NEW_REFUNDED),
    Decision(OFFER, (REFUND, RETURN), PENDING, OFFERED),
)
REJECTIONS = (
    Decision("REJECT_REFUND", (REFUND,), PENDING, REJECTED),
    Decision("REJECT_RETURN", (RETURN,), PENDING, REJECTED),
    Decision("REJECT_RECEIVED_PACKAGE", (RETURN,), SHIPPED, REFUSED),
    Decision("REJECT_REPLACEMENT", (REPLACEMENT,), NEW_PENDING, NEW_REJECTED),
    Decision(OFFER_AFTER, (RETURN,), SHIPPED, OFFERED, ("202606",)),
)
DECISIONS = {one.name: one for one in (*APPROVALS, *REJECTIONS)}
#: The thirteen that an app may ask about.
ASKABLE = (
    "APPROVE_REQUEST_CANCEL",
    "APPROVE_REFUND",
    "APPROVE_RETURN",
    "APPROVE_RECEIVED_PACKAGE",
    "APPROVE_REPLACEMENT",
    "ISSUE_REPLACEMENT_REFUND",
    "DIRECT_REFUND",
    "REJECT_REQUEST_CANCEL",
    "REJECT_REFUND",
    "REJECT_RETURN",
    "REJECT_RECEIVED_PACKAGE",
    "REJECT_REPLACEMENT",
    "ISSUE_EXCHANGE_REFUND",
)


@dataclass(frozen=True)
class Wait:
    """`action`: what the seller has to do, blank when it is another's turn. `hours` names the fact
    of how long; `silence` is the status that comes then.
    """

    action: str
    hours: str
    silence: str


ANSWER, BUYER_ANSWERS = "return_response_hours", "buyer_answer_hours"
WAITS = {
    (REFUND, PENDING): Wait("SELLER_RESPOND_REFUND", ANSWER, SUCCESS),
    (RETURN, PENDING): Wait("SELLER_RESPOND_RETURN", ANSWER, TO_SHIP),
    (RETURN, TO_SHIP): Wait("", "ship_back_hours", CLOSED),
    (RETURN, REFUSED): Wait("", BUYER_ANSWERS, CLOSED),
    (REFUND, REJECTED): Wait("", BUYER_ANSWERS, CLOSED),
    (RETURN, REJECTED): Wait("", BUYER_ANSWERS, CLOSED),
    (REPLACEMENT, NEW_PENDING): Wait(
        "SELLER_RESPOND_REPLACEMENT", "replacement_response_hours", NEW_COMPLETE
    ),
    (REPLACEMENT, NEW_REJECTED): Wait("", BUYER_ANSWERS, NEW_CLOSED),
}
#: What came back, once it is there. On its way it waits for nobody.
ARRIVED = Wait("SELLER_RESPOND_RECEIVE_PACKAGE", "receive_hours", SUCCESS)
FIRST = {REFUND: PENDING, RETURN: PENDING, REPLACEMENT: NEW_PENDING}


def fitting(return_type: str, status: str, name: str, version: str = "") -> Decision | None:
    """The decision, if a return of this type may be decided so at this status."""
    one = DECISIONS.get(name)
    if one is None or return_type not in one.types or status != one.at:
        return None
    return one if not one.versions or not version or version in one.versions else None
