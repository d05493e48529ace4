"""The facts of what follows a sale: how long everybody has, how states and fields are written, and
which of several codes is answered.
"""

from __future__ import annotations

from sandbox.facts import Trust, fact
from sandbox.fulfilment.carriers import EUROPE, SEA

D, S, INFERRED, CONFLICT = Trust.DOCS, Trust.SDK, Trust.INFERRED, Trust.CONFLICT
EVERYWHERE = ("US", "GB", "JP", "MX", "BR", *EUROPE, *SEA)

fact(
    "cancel_response_hours",
    "So long a seller has to answer a request to cancel; silence approves it.",
    CONFLICT,
    24,
    (48,),
)
fact(
    "return_response_hours",
    "So long a seller has to answer a request for a return or refund; silence approves it.",
    CONFLICT,
    48,
    (24,),
)
fact("replacement_response_hours", "And one for a replacement.", D, 24)
fact(
    "receive_hours",
    "So long a seller has to look at what came back; silence approves it.",
    CONFLICT,
    48,
    (192, 240),
)
fact("ship_back_hours", "A buyer ships back within five days, or the case is closed.", D, 120)
fact("buyer_answer_hours", "A buyer answers an offer or a rejection within 48 hours.", D, 48)
fact("refund_seconds", "From the approval to the money.", INFERRED, 3600, (0,))
fact(
    "cancelled_spelling_202309",
    "How 202309 writes a closed request; filters and 202602 write ..._CANCEL.",
    CONFLICT,
    "CANCELLATION_REQUEST_CANCELLED",
    ("CANCELLATION_REQUEST_CANCEL",),
)
fact(
    "cancel_action_name",
    "What a seller is asked to do about a request to cancel.",
    CONFLICT,
    "SELLER_RESPOND_CANCEL",
    ("SELLER_RESPOND_BUYER_CANCEL",),
)
fact(
    "next_action_field",
    "The field that says what the seller has to do.",
    CONFLICT,
    "seller_next_action_response",
    ("seller_next_action",),
)
fact(
    "webhook_return_cancelled",
    "How the webhook writes a return that was closed.",
    CONFLICT,
    "RETURN_OR_REFUND_REQUEST_CANCEL",
    ("RETURN_OR_REFUND__REQUEST_CANCELLED",),
)
fact("empty_returns_omitted", "A page without returns has no return_orders.", S, True, (False,))
fact(
    "seller_cancels_before_collection_markets",
    "Where a seller may cancel what awaits collection.",
    CONFLICT,
    ("US",),
    (EVERYWHERE,),
)
fact(
    "sea_buyers_cancel_before_collection",
    "In South East Asia buyers may ask to cancel until the carrier has the parcel.",
    CONFLICT,
    True,
)
fact(
    "refund_in_transit_markets",
    "Where a buyer may ask for a refund of what is in transit.",
    INFERRED,
    ("US", "GB", *EUROPE),
    ((),),
)
fact("line_cancel_markets", "Where single lines are cancelled, out of stock only.", D, ("US", "GB"))
fact(
    "us_rejects_by_call",
    "In the US a request to cancel is rejected by a call too, not by shipping alone.",
    INFERRED,
    False,
)
fact(
    "seller_cancel_closes_request",
    "A seller's own cancellation closes the buyer's request; else it is refused while one is open.",
    INFERRED,
    True,
)
fact(
    "partial_cancel_renames_package",
    "Lines that remain after a cancellation get a new package.",
    INFERRED,
    False,
)
fact(
    "cancel_uncombines",
    "When all of an order is canceled that shares a package, the others get packages of their own.",
    D,
    True,
    (False,),
)
fact(
    "eligibility_user",
    "Whom an eligibility without initiate_aftersale_user is about.",
    INFERRED,
    "SELLER",
    ("BUYER",),
)
fact(
    "idempotency_scope",
    "A repeated key is known for one case, or for the whole shop.",
    INFERRED,
    "case",
    ("shop",),
)
fact("cancel_refused_code", "No cancellation now.", CONFLICT, 25001001, (25001003,))
fact("order_cancelled_code", "It is cancelled already.", CONFLICT, 25001010, (25001011,))
fact("cancel_reason_code", "A reason that does not fit.", D, 25001021)
fact(
    "reject_reason_code",
    "A reason to reject that does not fit.",
    CONFLICT,
    25001021,
    (25001014, 25001020),
)
fact("case_closed_code", "The request to cancel is not open.", CONFLICT, 25001044, (25001045,))
fact(
    "decision_misfit_code",
    "A decision that does not fit the return.",
    CONFLICT,
    25020003,
    (25020004, 25020009, 25020010),
)
fact(
    "return_closed_code",
    "The return is not open.",
    CONFLICT,
    25020011,
    (25020012, 25011032, 25005010, 25005011),
)
fact("with_platform_code", "The platform decides the case.", D, 25011010)
fact("case_locked_code", "The case is being changed.", D, 25001028)
