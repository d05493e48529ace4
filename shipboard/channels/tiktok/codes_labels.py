"""Error codes of labels and parcels: not ready yet, made already, and what has to be mended first.
From the marketplace's documentation of each operation.
"""

from __future__ import annotations

from shipboard.channels.contract import Fix
from shipboard.channels.tiktok.meanings import (
    ANY,
    DOCUMENT,
    LOOK,
    SHIP,
    Meaning,
    Row,
    already_done,
    blocked,
    final,
    needs_fix,
    not_ready,
)

ASK_BUYER = "Ask the buyer to correct the address, or cancel the order with a reason that fits."
OTHER_PARCEL = "Change the weight or size, choose another service, or split the order."
UNDELIVERABLE = needs_fix(
    Fix.ADDRESS,
    "The carrier cannot deliver to the buyer's address.",
    ASK_BUYER,
    "ask_buyer",
    "cancel",
)
OPEN_CASE = blocked(
    "A cancellation or return of this order is open.",
    "Answer it first. In the United States shipping rejects a cancellation by itself.",
)
SHIPPED_LABEL = final(
    "The parcel has been handed over, so its label can no longer be fetched.",
    "Print the copy that is kept here, if there is one.",
    "reprint",
)

LABELS: tuple[Row, ...] = (
    (ANY, "11034037 11034025", not_ready("The carrier is still making the label.")),
    (ANY, "11034023", not_ready("The carrier took too long over the label.")),
    (ANY, "21023022 11006010 21023034", not_ready("The label is not ready yet.")),
    (ANY, "21030005", not_ready("The label is being bought.")),
    (
        ANY,
        "21023035 21042104 21008109",
        needs_fix(
            Fix.SHIP_FIRST,
            "There is no label before the shipment has been arranged.",
            "Arrange the shipment first.",
            "ship",
        ),
    ),
    (ANY, "21042102", SHIPPED_LABEL),
    (DOCUMENT, "21023046", SHIPPED_LABEL),
    (ANY, "21023046", already_done("The parcel has been shipped already.")),
    (
        ANY,
        "21023059",
        final("The package was canceled, so it has no label.", "Nothing is left to do."),
    ),
    (DOCUMENT, "21011027", SHIPPED_LABEL),
    (
        ANY,
        "21011027",
        final("The order has been delivered already.", "Nothing is left to do.", *LOOK),
    ),
    (
        ANY,
        "11034002 21008017",
        final(
            "TikTok Shop makes no label for an order that the seller ships.",
            "Use the label of your own carrier.",
        ),
    ),
)
DONE: tuple[Row, ...] = (
    (
        ANY,
        "11006021 21008099 21011006 21011020 21011040",
        already_done("The order has been shipped already."),
    ),
    (ANY, "21042056 21022025 21030006 21008042", already_done("The label exists already.")),
)
ADDRESSES: tuple[Row, ...] = (
    (
        ANY,
        "11021010",
        needs_fix(
            Fix.ADDRESS, "The buyer's postal code is not valid.", ASK_BUYER, "ask_buyer", "cancel"
        ),
    ),
    (
        ANY,
        "11021012",
        needs_fix(
            Fix.ADDRESS,
            "The buyer's address holds characters or words that the carrier does not take.",
            ASK_BUYER,
            "ask_buyer",
            "cancel",
        ),
    ),
    (
        ANY,
        "11021024",
        needs_fix(
            Fix.ADDRESS,
            "The carrier does not know the buyer's address as it is written.",
            ASK_BUYER,
            "ask_buyer",
            "cancel",
        ),
    ),
    (
        ANY,
        "11021013",
        needs_fix(
            Fix.ADDRESS,
            "The buyer's address is too long for the carrier.",
            "Ask the buyer to shorten it, or cancel the order with a reason that fits.",
            "ask_buyer",
            "cancel",
        ),
    ),
    (
        ANY,
        "11021023",
        needs_fix(
            Fix.ADDRESS,
            "The buyer's address or the warehouse's is not valid.",
            "Check the warehouse's address in Seller Center; then ask the buyer.",
            "ask_buyer",
            "open_warehouse",
        ),
    ),
    (ANY, "21014009", UNDELIVERABLE),
    (SHIP, "21021010", UNDELIVERABLE),
    (DOCUMENT, "21021010", OPEN_CASE),
    (
        ANY,
        "21021010",
        final(
            "The buyer's address cannot be delivered to, or a case of the order is open.",
            "Look at the order's cases and its address.",
            *LOOK,
        ),
    ),
    (
        ANY,
        "11021025 11034009 11005004",
        needs_fix(
            Fix.WAREHOUSE,
            "The warehouse's address is not valid.",
            "Correct it in Seller Center; then try again.",
            "open_warehouse",
            "retry",
        ),
    ),
)


def _too_much(sentence: str, next_step: str = OTHER_PARCEL) -> Meaning:
    """The parcel is beyond what the service takes."""
    return needs_fix(
        Fix.PARCEL, sentence, next_step, "edit_parcel", "choose_service", "split", "cancel"
    )


def _bad_name(whose: str) -> Meaning:
    return needs_fix(
        Fix.PARCEL,
        f"The carrier does not take the name of {whose}.",
        "Correct the name in the listing, or its customs name; then try again.",
        "open_listing",
        "retry",
    )


def _alone(sentence: str) -> Meaning:
    return needs_fix(Fix.SPLIT, sentence, "Split the order.", "split")


PARCELS: tuple[Row, ...] = (
    (
        ANY,
        "11021009 21004008 11003011",
        needs_fix(
            Fix.PARCEL,
            "No shipping service takes a parcel of this weight and size to this address.",
            OTHER_PARCEL,
            "edit_parcel",
            "choose_service",
            "split",
        ),
    ),
    (
        ANY,
        "21011037",
        needs_fix(
            Fix.PARCEL,
            "The shipping service that was chosen does not take this parcel.",
            "Choose another service, or change the weight or size.",
            "choose_service",
            "edit_parcel",
            "split",
        ),
    ),
    (ANY, "11021014", _too_much("A product of the parcel is too big for the service.")),
    (ANY, "11021017", _too_much("A SKU of the parcel is bigger than the service takes.")),
    (
        ANY,
        "11021019",
        _too_much("The parcel's length, width or height is more than the service takes."),
    ),
    (
        ANY,
        "11021020",
        _too_much("The parcel's length and girth together are more than the service takes."),
    ),
    (ANY, "11021022", _too_much("The parcel's longest side is longer than the service takes.")),
    (ANY, "11021015", _too_much("The parcel is too heavy for the service.")),
    (ANY, "11021016", _too_much("A SKU of the parcel is too heavy for the service.")),
    (
        ANY,
        "11021018",
        needs_fix(
            Fix.PARCEL,
            "The parcel holds more items than the service takes.",
            "Split the order.",
            "split",
        ),
    ),
    (ANY, "11021011", _bad_name("a product")),
    (ANY, "11021021", _bad_name("a SKU")),
)
SPLITS: tuple[Row, ...] = (
    (ANY, "11006013", _alone("Some of the goods must travel in a parcel of their own.")),
    (ANY, "11006014", _alone("Phones and tablets must travel in a parcel of their own.")),
    (
        ANY,
        "21011048",
        needs_fix(
            Fix.SPLIT,
            "The order has several packages, so the call must name the lines.",
            "Choose the lines or the package.",
            "choose_lines",
        ),
    ),
    (ANY, "21011035 21011036", final("The order cannot be split so.", "Ship it whole.", "ship")),
    (
        ANY,
        "21011033 21011046",
        needs_fix(
            Fix.SPLIT,
            "The order travels in one parcel with others.",
            "Take the parcel apart first, or ship its orders together.",
            "uncombine",
            "ship",
        ),
    ),
)
