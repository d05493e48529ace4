"""TikTok Shop's names of where a cancellation or a return stands, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping

from shipboard.channels.case_contract import CaseStatus

WAITS = CaseStatus("Waits for an answer", goes_on=True)
REJECTED = CaseStatus("Rejected; the buyer may dispute it", goes_on=True)
REFUNDING = CaseStatus("Approved, the refund is on its way", is_refunded=True)
ENDED = CaseStatus("Withdrawn or closed")
CANCEL_ENDED = CaseStatus("Withdrawn or rejected")
REFUNDED_INSTEAD = CaseStatus("Refunded instead", is_refunded=True)

STATUSES: Mapping[str, CaseStatus] = {
    "CANCELLATION_REQUEST_PENDING": WAITS,
    "CANCELLATION_REQUEST_SUCCESS": REFUNDING,
    "CANCELLATION_REQUEST_COMPLETE": CaseStatus("Canceled and refunded", is_refunded=True),
    "CANCELLATION_REQUEST_CANCEL": CANCEL_ENDED,
    "CANCELLATION_REQUEST_CANCELLED": CANCEL_ENDED,
    "RETURN_OR_REFUND_REQUEST_PENDING": WAITS,
    "REFUND_OR_RETURN_REQUEST_REJECT": REJECTED,
    "AWAITING_BUYER_SHIP": CaseStatus("Approved; the buyer has to send it back", goes_on=True),
    "AWAITING_BUYER_RESPONSE": CaseStatus("The buyer thinks about your offer", goes_on=True),
    "BUYER_SHIPPED_ITEM": CaseStatus("On its way back", goes_on=True),
    "REJECT_RECEIVE_PACKAGE": CaseStatus(
        "What came back was rejected; the buyer may dispute it", goes_on=True
    ),
    "RETURN_OR_REFUND_REQUEST_SUCCESS": REFUNDING,
    "RETURN_OR_REFUND_REQUEST_COMPLETE": CaseStatus("Refunded", is_refunded=True),
    "RETURN_OR_REFUND_REQUEST_CANCEL": ENDED,
    "RETURN_OR_REFUND__REQUEST_CANCELLED": ENDED,
    "REPLACEMENT_REQUEST_PENDING": WAITS,
    "EXCHANGE_REQUEST_PENDING": WAITS,
    "REPLACEMENT_REQUEST_REJECT": REJECTED,
    "REPLACEMENT_REQUEST_REFUND_SUCCESS": REFUNDED_INSTEAD,
    "EXCHANGE_REQUEST_REFUND_SUCCESS": REFUNDED_INSTEAD,
    "REPLACEMENT_REQUEST_CANCEL": ENDED,
    "REPLACEMENT_REQUEST_COMPLETE": CaseStatus("Replaced"),
    "EXCHANGE_REQUEST_COMPLETE": CaseStatus("Replaced"),
}
