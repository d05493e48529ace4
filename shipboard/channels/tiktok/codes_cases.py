"""Error codes of cancellations and returns: decided already, not to be decided so, and reasons that
do not fit. From the marketplace's documentation of each operation.
"""

from __future__ import annotations

from shipboard.channels.contract import FailureKind as Kind
from shipboard.channels.contract import Fix, Outcome
from shipboard.channels.tiktok.meanings import (
    ANY,
    BY_ITSELF,
    LOOK,
    RETRY,
    Meaning,
    Row,
    already_done,
    final,
    needs_fix,
)

ANSWERS = "approve_cancellation reject_cancellation"
DECIDES = "approve_return reject_return"
WRITES = f"cancel_order {ANSWERS} {DECIDES}"
CANCELED = "25001010 25001011"
MISFIT = "25020003 25020004 25020009 25020010"
OVER = "25020011 25020012 25011032 25005010 25005011"
NOT_SO = "25001001 25001003"
READ_AGAIN = "Nothing was changed; the case is read again."

CASES: tuple[Row, ...] = (
    (
        ANY,
        "25001014 25001020 25001021",
        needs_fix(
            Fix.REASON,
            "The reason does not fit the order's market or state.",
            "Choose one of the reasons that are offered now.",
            "choose_reason",
        ),
    ),
    (ANY, NOT_SO, final("The case cannot be changed so.", "Read the case again.", *LOOK)),
    (
        "cancel_order",
        NOT_SO,
        final(
            "TikTok Shop does not let it be canceled now.",
            "Read the order again; it may have been shipped, or the market does not allow it.",
            *LOOK,
        ),
    ),
    (
        "approve_cancellation",
        NOT_SO,
        final(
            "Nothing is left that could be canceled: the order is on its way or canceled already.",
            READ_AGAIN,
            *LOOK,
        ),
    ),
    (
        "reject_cancellation",
        NOT_SO,
        final(
            "TikTok Shop does not let this request be rejected by a call.",
            "Where that is so, shipping the order rejects it.",
            *LOOK,
        ),
    ),
    ("cancel_order", CANCELED, already_done("The order has been canceled already.")),
    ("approve_cancellation", CANCELED, already_done("The order has been canceled already.")),
    (
        "reject_cancellation",
        CANCELED,
        final(
            "The order has been canceled already, so the request cannot be rejected.",
            "Do not ship it.",
            *LOOK,
        ),
    ),
    (
        ANY,
        "25001044 25001045",
        final("The case is not open any more: it is decided already.", READ_AGAIN, *LOOK),
    ),
    # Whoever holds the lock, this call has done nothing.
    (
        WRITES,
        "25001028",
        Meaning(
            Kind.TRANSIENT,
            "The case is being changed by somebody else just now.",
            BY_ITSELF,
            RETRY,
            outcome=Outcome.NONE,
        ),
    ),
    (
        ANY,
        "25011010",
        final("The platform decides this case now.", "Wait for its decision.", *LOOK),
    ),
    (ANY, MISFIT, final("The return cannot be decided so.", "Read the case again.", *LOOK)),
    (
        ANY,
        OVER,
        final("The return is not open any more: it is decided already.", READ_AGAIN, *LOOK),
    ),
    (
        DECIDES,
        "36009010 36009023",
        final(
            "TikTok Shop did not take the decision as it was given.",
            "Check the reason, the comment and the amount; then decide again.",
            *LOOK,
        ),
    ),
    (
        "reject_return",
        "36009014",
        final("TikTok Shop does not take this decision from here yet.", "Decide in Seller Center."),
    ),
    (
        "upload_image",
        "36009010 36009022 36009023",
        final(
            "TikTok Shop does not take this picture.",
            "Choose a JPEG or PNG of at most 10 MB, with sides of 100 to 20,000 pixels.",
        ),
    ),
)
