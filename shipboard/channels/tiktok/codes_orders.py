"""Error codes that an order's state or its tracking number are the reason of. From the
marketplace's documentation of each operation.
"""

from __future__ import annotations

from shipboard.channels.contract import FailureKind as Kind
from shipboard.channels.contract import Fix
from shipboard.channels.tiktok.codes_labels import OPEN_CASE
from shipboard.channels.tiktok.meanings import (
    AGAIN,
    ANY,
    EDIT,
    LOOK,
    RETRY,
    SHIP,
    Meaning,
    Row,
    final,
    needs_fix,
)

PICKED_UP_EDIT = final(
    "The parcel has been delivered, so its tracking number can no longer be changed.",
    "Ask TikTok Shop's support if the number is wrong.",
)
NO_SLOT = "Load the pickup times again and choose one, or drop the parcel off."
TOO_LATE_EDIT = "Ask TikTok Shop's support to correct the number."
REREAD = "Read the order again and look at its state; then try by hand."
NOT_OFFERED = needs_fix(
    Fix.TRACKING,
    "The carrier is not offered for the order's delivery option.",
    "Choose another carrier.",
    "edit_tracking",
)

STATES: tuple[Row, ...] = (
    (ANY, "21008044 21011007", OPEN_CASE),
    (
        ANY,
        "21011041 21011042 25001010 25001011",
        final("The order has been canceled.", "Do not ship it.", *LOOK),
    ),
    (
        ANY,
        "21011044",
        Meaning(
            Kind.NOT_READY,
            "The order is on hold: the buyer may still cancel it freely.",
            "Ship it once the hour is over.",
            RETRY,
        ),
    ),
    (
        ANY,
        "21008025 21008043",
        final("The platform's own warehouse ships this order.", "There is nothing to do here."),
    ),
    (
        ANY,
        "21011004 21008106 21004010",
        final(
            "This is not how orders of this market and shipping type are shipped.",
            "Read the order again and ship it the way that is offered then.",
            *LOOK,
        ),
    ),
    (
        ANY,
        "21008117",
        final("The platform chooses the carrier of this order.", "No carrier is to be chosen."),
    ),
    (
        ANY,
        "21042067 21034006",
        final("The carrier could not process this shipment.", AGAIN, "retry", "choose_service"),
    ),
    (
        ANY,
        "21022032",
        final(
            "The carrier does not serve this parcel by the order's delivery option.",
            "Choose another service, or check the weight, the size and the address.",
            "choose_service",
            "edit_parcel",
            "retry",
        ),
    ),
    (
        ANY,
        "21004024",
        final("The platform's limit for such shipments is reached.", AGAIN, "retry"),
    ),
    (
        ANY,
        "21011003 21011008 21011012 21011013",
        final("It cannot be shipped now.", REREAD, "retry"),
    ),
    (ANY, "21042057", final("The order is not awaiting shipment.", REREAD, *LOOK)),
    (
        ANY,
        "21032001 21022028",
        final("The label could not be bought.", AGAIN, "retry", "choose_service"),
    ),
    (
        ANY,
        "21004006",
        needs_fix(
            Fix.INVOICE,
            "The order's invoice has not been uploaded.",
            "Upload the invoice first.",
            "upload_invoice",
        ),
    ),
    (
        ANY,
        "21004019 21004020",
        needs_fix(
            Fix.INVOICE,
            "The order's invoice has not been accepted yet.",
            "Wait until it is verified, or upload a correct one.",
            "upload_invoice",
            "retry",
        ),
    ),
    (
        ANY,
        "21011053",
        needs_fix(
            Fix.SLOT, "The pickup time is not one that the carrier offers.", NO_SLOT, "load_slots"
        ),
    ),
    (
        ANY,
        "21011054",
        needs_fix(Fix.SLOT, "The pickup time is taken, or none was chosen.", NO_SLOT, "load_slots"),
    ),
    (
        ANY,
        "21004017",
        needs_fix(Fix.SLOT, "A pickup time has to be chosen.", NO_SLOT, "load_slots"),
    ),
)
TRACKING: tuple[Row, ...] = (
    (
        ANY,
        "11028006",
        needs_fix(
            Fix.TRACKING,
            "No carrier has tracking numbers like this one.",
            "Check the number.",
            "edit_tracking",
        ),
    ),
    (
        ANY,
        "21004012",
        needs_fix(
            Fix.TRACKING,
            "The tracking number holds characters other than letters and digits.",
            "Correct the number.",
            "edit_tracking",
        ),
    ),
    (
        ANY,
        "21004015",
        needs_fix(
            Fix.TRACKING,
            "The tracking number does not fit the carrier.",
            "Check both the number and the carrier.",
            "edit_tracking",
        ),
    ),
    (ANY, "21004016", NOT_OFFERED),
    (f"mark_shipped {EDIT}", "21022032", NOT_OFFERED),
    (
        ANY,
        "21011022",
        needs_fix(
            Fix.TRACKING,
            "The tracking number or the carrier is not valid.",
            "Check both.",
            "edit_tracking",
        ),
    ),
    (
        ANY,
        "21011025 21034012",
        needs_fix(
            Fix.TRACKING,
            "The tracking number is used by another order already.",
            "Check the number.",
            "edit_tracking",
        ),
    ),
    (
        ANY,
        "21011026",
        needs_fix(
            Fix.TRACKING,
            "The tracking number is used by as many orders as one number may have.",
            "One number serves at most 20 orders to one recipient and address.",
            "edit_tracking",
        ),
    ),
    (
        ANY,
        "21011049 10007002",
        final("The tracking number may not be changed here.", TOO_LATE_EDIT),
    ),
    (
        ANY,
        "21011050",
        final("The time in which a tracking number may be changed is over.", TOO_LATE_EDIT),
    ),
    (
        ANY,
        "21011051",
        final("The tracking number has been changed once already.", TOO_LATE_EDIT),
    ),
    (ANY, "21011052", final("This parcel's tracking number cannot be changed.", TOO_LATE_EDIT)),
    (
        ANY,
        "21011043",
        needs_fix(
            Fix.SHIP_FIRST,
            "The order has no tracking number that could be changed yet.",
            "Ship it with its number first.",
            "ship",
        ),
    ),
    (EDIT, "21011030 21011027", PICKED_UP_EDIT),
    # Said of an edit it does not mean that the new number was taken.
    (
        EDIT,
        "11006021 21008099 21011006 21011020 21011040 21023046",
        final(
            "The new number was not taken: the parcel counts as shipped under the old one.",
            TOO_LATE_EDIT,
            *LOOK,
        ),
    ),
    (
        EDIT,
        "21011048",
        needs_fix(
            Fix.SPLIT,
            "The order travels in several packages, so one of them has to be named.",
            "Choose the package whose number is wrong.",
            "choose_lines",
        ),
    ),
    (
        f"{SHIP} {EDIT}",
        "21011005 21011029 21011031",
        final(
            "TikTok Shop does not have the package or the units that the desk named; the order may "
            "have been split, combined or canceled there.",
            REREAD,
            *LOOK,
        ),
    ),
    (
        ANY,
        "21011030",
        final("The order is past the state in which this is possible.", REREAD, *LOOK),
    ),
)
