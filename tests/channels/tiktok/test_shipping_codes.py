"""What each refusal of a shipment, or of a correction, means: its kind, what it did there, what has
to be mended, and a sentence with a next step. Codes as facts of the marketplace list them.
"""

from __future__ import annotations

import pytest

from shipboard.channels.contract import FailureKind as Kind
from shipboard.channels.contract import Fix, Outcome
from shipboard.channels.tiktok.errors import failure

MARK, SHIP = ("mark_shipped",), ("ship_package",)
EDITS = ("update_order_shipping_info", "update_package_shipping_info")
ALL = (*MARK, *SHIP, *EDITS)
NONE, UNKNOWN, DONE = Outcome.NONE, Outcome.UNKNOWN, Outcome.DONE

#: Operations, codes, kind, outcome, what to mend, a word of the sentence.
TABLE = (
    # The number and its carrier.
    (ALL, "21004012", Kind.NEEDS_FIX, NONE, Fix.TRACKING, "characters"),
    (ALL, "21004015", Kind.NEEDS_FIX, NONE, Fix.TRACKING, "fit the carrier"),
    (ALL, "11028006", Kind.NEEDS_FIX, NONE, Fix.TRACKING, "No carrier"),
    (ALL, "21004016", Kind.NEEDS_FIX, NONE, Fix.TRACKING, "not offered"),
    ((*MARK, *EDITS), "21022032", Kind.NEEDS_FIX, NONE, Fix.TRACKING, "not offered"),
    (SHIP, "21022032", Kind.FINAL, NONE, None, "does not serve"),
    (ALL, "21011022", Kind.NEEDS_FIX, NONE, Fix.TRACKING, "not valid"),
    (ALL, "21011025 21034012", Kind.NEEDS_FIX, NONE, Fix.TRACKING, "used by another order"),
    (ALL, "21011026", Kind.NEEDS_FIX, NONE, Fix.TRACKING, "as many orders"),
    # The order and its package.
    (ALL, "21011044", Kind.NOT_READY, NONE, None, "on hold"),
    (ALL, "21011007 21008044", Kind.BLOCKED_BY_CASE, NONE, None, "is open"),
    (ALL, "21011041 21011042", Kind.FINAL, NONE, None, "canceled"),
    ((*MARK, *SHIP), "21011027", Kind.FINAL, NONE, None, "delivered"),
    (EDITS, "21011027", Kind.FINAL, NONE, None, "delivered"),
    (
        (*MARK, *SHIP),
        "11006021 21008099 21011006 21011020 21011040 21023046",
        Kind.ALREADY_DONE,
        DONE,
        None,
        "shipped already",
    ),
    (
        EDITS,
        "11006021 21008099 21011006 21011020 21011040 21023046",
        Kind.FINAL,
        NONE,
        None,
        "new number was not taken",
    ),
    (ALL, "21011004 21008106 21004010", Kind.FINAL, NONE, None, "not how orders"),
    (ALL, "21008025 21008043", Kind.FINAL, NONE, None, "own warehouse"),
    ((*MARK, *SHIP), "21011048", Kind.NEEDS_FIX, NONE, Fix.SPLIT, "name the lines"),
    (EDITS, "21011048", Kind.NEEDS_FIX, NONE, Fix.SPLIT, "several packages"),
    (ALL, "21011033 21011046", Kind.NEEDS_FIX, NONE, Fix.SPLIT, "one parcel with others"),
    (ALL, "21011005 21011029 21011031", Kind.FINAL, NONE, None, "split, combined or canceled"),
    (ALL, "21042057", Kind.FINAL, NONE, None, "not awaiting shipment"),
    (ALL, "21008117", Kind.FINAL, NONE, None, "platform chooses"),
    # Corrections afterwards.
    (EDITS, "21011049 10007002", Kind.FINAL, NONE, None, "may not be changed"),
    (EDITS, "21011050", Kind.FINAL, NONE, None, "time"),
    (EDITS, "21011051", Kind.FINAL, NONE, None, "changed once already"),
    (EDITS, "21011052", Kind.FINAL, NONE, None, "cannot be changed"),
    (EDITS, "21011043", Kind.NEEDS_FIX, NONE, Fix.SHIP_FIRST, "no tracking number"),
    (EDITS, "21011030", Kind.FINAL, NONE, None, "delivered"),
    # Nobody knows whether it was done.
    (
        ALL,
        "36009003 36009007 11001027 11001031 11006005 11006026 21001003 21001008 21001011 21001029 "
        "21001043 21001055 21008300 21022026 21022029 21022030 21042001 21042076 10002014 10002015 "
        "10037001",
        Kind.TRANSIENT,
        UNKNOWN,
        None,
        "TikTok Shop",
    ),
    (ALL, "36009002", Kind.THROTTLED, NONE, None, "pause"),
)
CASES = [
    (operation, code, *rest)
    for operations, codes, *rest in TABLE
    for operation in operations
    for code in codes.split()
]


@pytest.mark.parametrize(("operation", "code", "kind", "outcome", "fix", "word"), CASES)
def test_a_refusal(
    operation: str, code: str, kind: Kind, outcome: Outcome, fix: Fix | None, word: str
) -> None:
    found = failure(operation, code, "Its words.", "request-1", 200)
    assert (found.kind, found.outcome, found.fix) == (kind, outcome, fix)
    assert word in found.sentence
    assert found.sentence.endswith(".")
    assert found.next_step.endswith(".")
    assert found.words == "Its words."
    # What may have been done is looked at, never tried again.
    assert "retry" not in found.allowed or outcome is NONE


def test_the_field_is_offered_for_correction_where_it_is_wrong() -> None:
    for operation, code, _, _, fix, _ in CASES:
        found = failure(operation, code, "", "", 200)
        assert ("edit_tracking" in found.allowed) == (fix is Fix.TRACKING), (operation, code)


@pytest.mark.parametrize("operation", ALL)
@pytest.mark.parametrize(("status", "outcome"), [(500, UNKNOWN), (502, UNKNOWN), (429, NONE)])
def test_a_code_that_nobody_knows_goes_by_the_status(
    operation: str, status: int, outcome: Outcome
) -> None:
    assert failure(operation, "99999999", "", "", status).outcome is outcome
