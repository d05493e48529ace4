"""What each refusal of a label means: its group, and a sentence that tells it from its neighbours.
Codes as facts of the marketplace list them.
"""

from __future__ import annotations

import pytest

from sandbox.errors import ERRORS
from shipboard.channels.contract import FailureKind, Rejection
from shipboard.channels.tiktok.errors import ROWS, failure
from shipboard.channels.tiktok.rejections import ARRANGING, LABEL_CALLS
from shipboard.channels.tiktok.rejections import ROWS as GROUPS

CATALOGUE = {
    Rejection.BUYER_ADDRESS: "11021010 11021013 11021024 11021012 11021023 21014009 21021010",
    Rejection.SELLER_ADDRESS: "11021025 11034009 11005004",
    Rejection.OVERSIZED: "11021014 11021017 11021019 11021022 11021020",
    Rejection.OVERWEIGHT: "11021015 11021016",
    Rejection.TOO_MANY_ITEMS: "11021018",
    Rejection.ITEM_DATA: "11021011 11021021",
    Rejection.CONTENT_RULE: "11006013 11006014",
    Rejection.NO_SERVICE: "11021009 21011037 21004008 21022032 11003011",
    Rejection.CARRIER_ORDER_ERROR: "21042067 21022026 21004024",
    Rejection.PICKUP_SLOT: "21011053 21011054 21004017",
    Rejection.DOCUMENTS_MISSING: "21004006 21004019 21004020",
    Rejection.ORDER_STATE: "21011044 21011007 21008044 21011041 21042057 21011020",
    Rejection.ALREADY_BOUGHT: "21022025 21008042 21030006 21042056",
    Rejection.PRINT_FAILURE: "11034023 21023022 11034037",
    Rejection.SYSTEM: "11001031 21001003 21001008 21001011 21022029 36009003",
}
CODES = [(group, code) for group, codes in CATALOGUE.items() for code in codes.split()]


@pytest.mark.parametrize(("group", "code"), CODES)
@pytest.mark.parametrize("operation", ARRANGING.split())
def test_every_code_of_the_catalogue_has_its_group(
    operation: str, group: Rejection, code: str
) -> None:
    said = failure(operation, code, "Its words.", "R1", 200)
    assert said.rejection is group
    assert said.sentence
    assert said.next_step


def test_every_code_that_a_label_call_may_answer_has_a_group() -> None:
    for error in ERRORS.values():
        for operation in sorted(LABEL_CALLS):
            if error.fits(operation) and not str(error.code).startswith("2502"):
                said = failure(operation, str(error.code), "", "", 200)
                grouped = said.rejection is not Rejection.UNKNOWN
                # Numbers of the seller's own carriers have nothing to do with the platform's.
                is_number = str(error.code) in OWN_CARRIER
                assert grouped != is_number, error


OWN_CARRIER = (
    "11028006",
    "21004015",
    "21004012",
    "21004016",
    "21011022",
    "21011025",
    "21011026",
    "21034012",
)


def test_the_groups_name_only_codes_that_have_a_meaning() -> None:
    known = {code for _, codes, _ in ROWS for code in codes.split()}
    assert {code for _, codes, _ in GROUPS for code in codes.split()} <= known


def test_one_code_means_another_thing_of_a_document() -> None:
    assert failure("ship_package", "21021010", "", "", 200).rejection is Rejection.BUYER_ADDRESS
    said = failure("shipping_document", "21021010", "", "", 200)
    assert (said.kind, said.rejection) == (FailureKind.BLOCKED_BY_CASE, Rejection.ORDER_STATE)
    gone = failure("shipping_document", "21042102", "", "", 200)
    assert gone.rejection is Rejection.PRINT_FAILURE


def test_an_unknown_code_says_the_platforms_words_and_the_request_id() -> None:
    said = failure("create_packages", "11029999", "The moon is full.", "R7", 200)
    assert said.rejection is Rejection.UNKNOWN
    assert "The moon is full" in said.sentence
    assert "R7" in said.sentence
    assert failure("create_packages", "", "", "", 503).rejection is Rejection.SYSTEM
    assert failure("create_packages", "", "", "", 429).rejection is Rejection.SYSTEM


@pytest.mark.parametrize("operation", ["mark_shipped", "order_detail", "split_order"])
def test_what_is_no_label_has_no_group(operation: str) -> None:
    assert failure(operation, "11021010", "", "", 200).rejection is None


def test_each_way_of_being_too_much_has_a_sentence_of_its_own() -> None:
    codes = " ".join(
        CATALOGUE[group]
        for group in (Rejection.OVERSIZED, Rejection.OVERWEIGHT, Rejection.ITEM_DATA)
    )
    sentences = [failure("create_packages", code, "", "", 200).sentence for code in codes.split()]
    assert len(set(sentences)) == len(sentences)
