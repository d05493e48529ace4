"""Where a decision leads: the states in which a case is once it was taken. Others may have decided
so too, or silence; what counts is that the case is there.
"""

from __future__ import annotations

from collections.abc import Mapping

from shipboard.channels.case_contract import Decision

BASE = "RETURN_OR_REFUND_REQUEST"
CLOSED = (f"{BASE}_CANCEL", "RETURN_OR_REFUND__REQUEST_CANCELLED")
PAID = (f"{BASE}_SUCCESS", f"{BASE}_COMPLETE")
REJECTED = ("REFUND_OR_RETURN_REQUEST_REJECT", *CLOSED)
#: A replacement is told of as one of the other kinds where it ends in money.
REFUNDED = ("REPLACEMENT_REQUEST_REFUND_SUCCESS", "EXCHANGE_REQUEST_REFUND_SUCCESS", *PAID)

LEADS_TO: Mapping[Decision, tuple[str, ...]] = {
    Decision.APPROVE_CANCEL: ("CANCELLATION_REQUEST_SUCCESS", "CANCELLATION_REQUEST_COMPLETE"),
    Decision.REJECT_CANCEL: ("CANCELLATION_REQUEST_CANCEL", "CANCELLATION_REQUEST_CANCELLED"),
    Decision.APPROVE_REFUND: PAID,
    Decision.REJECT_REFUND: REJECTED,
    Decision.APPROVE_RETURN: ("AWAITING_BUYER_SHIP", "BUYER_SHIPPED_ITEM"),
    Decision.REJECT_RETURN: REJECTED,
    Decision.REFUND_WITHOUT_RETURN: PAID,
    Decision.APPROVE_PACKAGE: PAID,
    Decision.REJECT_PACKAGE: ("REJECT_RECEIVE_PACKAGE", *CLOSED),
    Decision.APPROVE_REPLACEMENT: ("REPLACEMENT_REQUEST_COMPLETE", "EXCHANGE_REQUEST_COMPLETE"),
    Decision.REJECT_REPLACEMENT: ("REPLACEMENT_REQUEST_REJECT", "REPLACEMENT_REQUEST_CANCEL"),
    Decision.REFUND_INSTEAD: REFUNDED,
    # Taken or refused by the buyer since, an offer was made all the same.
    Decision.OFFER_PART: ("AWAITING_BUYER_RESPONSE", *PAID),
    Decision.OFFER_PART_AFTER: ("AWAITING_BUYER_RESPONSE", *PAID),
}


def has_come_of(decision: Decision, status: str) -> bool:
    return status in LEADS_TO[decision]
