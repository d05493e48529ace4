"""Every documented error code has a meaning, a sentence and a way on."""

from __future__ import annotations

import pytest

from shipboard.channels.contract import FailureKind as Kind
from shipboard.channels.contract import Fix, Outcome
from shipboard.channels.tiktok.errors import ROWS, failure
from shipboard.channels.tiktok.meanings import ANY
from shipboard.channels.tiktok.versions import OPERATIONS

#: As the documentation lists them, by what a person can do.
DOCUMENTED = {
    (Kind.AUTH, None): "105002 36009004 106001 106013 101000 36009033",
    (Kind.SCOPE, None): "105005",
    (Kind.THROTTLED, None): "36009002",
    (Kind.TRANSIENT, None): (
        "36009003 36009007 11001027 11001031 11006005 11006026 21001003 21001008 21001011 21001029 "
        "21001043 21001055 21008300 21022026 21022029 21022030 21042001 21042076 10002014 10002015 "
        "10037001 10037009 25001028"
    ),
    (
        Kind.NOT_READY,
        None,
    ): "11034037 11034023 21023022 11006010 11034025 21023034 21030005 21011044",
    (Kind.NEEDS_FIX, Fix.SHIP_FIRST): "21023035 21042104 21008109 21011043",
    (Kind.ALREADY_DONE, None): (
        "11006021 21008099 21011006 21011020 21011040 21042056 21022025 21030006 21008042"
    ),
    (Kind.NEEDS_FIX, Fix.ADDRESS): "11021010 11021012 11021013 11021023 11021024 21014009",
    (Kind.NEEDS_FIX, Fix.WAREHOUSE): "11021025 11034009 11005004",
    (Kind.NEEDS_FIX, Fix.PARCEL): (
        "11021009 11021011 11021014 11021015 11021016 11021017 11021018 11021019 11021020 11021021 "
        "11021022 21011037 21004008 11003011"
    ),
    (Kind.NEEDS_FIX, Fix.SPLIT): "11006013 11006014 21011048 21011033 21011046",
    (Kind.BLOCKED_BY_CASE, None): "21008044 21011007",
    (Kind.NEEDS_FIX, Fix.TRACKING): (
        "11028006 21004012 21004015 21004016 21011022 21011025 21011026 21034012"
    ),
    (Kind.NEEDS_FIX, Fix.SLOT): "21011053 21011054 21004017",
    (Kind.NEEDS_FIX, Fix.INVOICE): "21004006 21004019 21004020",
    (Kind.NEEDS_FIX, Fix.REASON): "25001014 25001020 25001021",
    (Kind.FINAL, None): (
        "21042102 21023059 21011027 21011035 21011036 21011041 21011042 25001010 25001011 21011049 "
        "21011050 21011051 21011052 21011030 10007002 21008025 21008043 11034002 21008017 21011004 "
        "21008106 21004010 21008117 21042067 21022032 21034006 21004024 21011003 21011008 21011012 "
        "21011013 21032001 21042057 21022028 11001002 11050001 21001001 21011005 21011029 21011031 "
        "36009009 36009010 36009022 36009023 36009014 10006402 21008111 21011028 25020005 25001001 "
        "25001003 25001044 25001045 25011010 25020003 25020004 25020009 25020010 25020011 25020012 "
        "25011032 25005010 25005011"
    ),
}
CODES = [(code, kind, fix) for (kind, fix), codes in DOCUMENTED.items() for code in codes.split()]


@pytest.mark.parametrize(("code", "kind", "fix"), CODES)
def test_every_documented_code(code: str, kind: Kind, fix: Fix | None) -> None:
    found = failure("ship_package", code, "words", "request-1", 200)
    assert (found.kind, found.fix) == (kind, fix)
    assert (found.code, found.words, found.request_id) == (code, "words", "request-1")
    assert found.sentence.endswith(".")
    assert found.next_step.endswith(".")
    assert "not known here" not in found.sentence


@pytest.mark.parametrize(
    ("code", "operation", "kind", "fix"),
    [
        ("21021010", "ship_package", Kind.NEEDS_FIX, Fix.ADDRESS),
        ("21021010", "create_packages", Kind.NEEDS_FIX, Fix.ADDRESS),
        ("21021010", "shipping_document", Kind.BLOCKED_BY_CASE, None),
        ("21021010", "package_detail", Kind.FINAL, None),
        ("21023046", "shipping_document", Kind.FINAL, None),
        ("21023046", "ship_package", Kind.ALREADY_DONE, None),
    ],
)
def test_codes_that_mean_one_thing_here_and_another_there(
    code: str, operation: str, kind: Kind, fix: Fix | None
) -> None:
    found = failure(operation, code, "", "", 200)
    assert (found.kind, found.fix) == (kind, fix)


def test_a_delivered_parcel_is_told_apart_when_its_number_is_edited() -> None:
    edit = failure("update_order_shipping_info", "21011030", "", "", 200)
    ship = failure("ship_package", "21011030", "", "", 200)
    assert "tracking number" in edit.sentence
    assert edit.sentence != ship.sentence


@pytest.mark.parametrize(
    ("operation", "code", "outcome"),
    [
        ("ship_package", "21001003", Outcome.UNKNOWN),
        ("ship_package", "36009002", Outcome.NONE),
        ("ship_package", "21042056", Outcome.DONE),
        ("ship_package", "11021010", Outcome.NONE),
        ("ship_package", "99999999", Outcome.NONE),
        ("search_orders", "21001003", Outcome.NONE),
        ("shipping_document", "21001003", Outcome.NONE),
    ],
)
def test_what_a_refused_call_has_done(operation: str, code: str, outcome: Outcome) -> None:
    found = failure(operation, code, "", "", 200)
    assert found.outcome == outcome
    assert ("look_again" in found.allowed) == (outcome is not Outcome.NONE)
    assert not (outcome is Outcome.UNKNOWN and "retry" in found.allowed)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(200, Kind.FINAL), (429, Kind.THROTTLED), (503, Kind.TRANSIENT), (None, Kind.FINAL)],
)
def test_a_code_that_nobody_knows(status: int | None, kind: Kind) -> None:
    found = failure("ship_package", "77777777", "Strange things.", "request-9", status)
    assert found.kind == kind
    if kind is Kind.FINAL:
        assert "Strange things" in found.sentence
        assert "77777777" in found.sentence
        assert "request-9" in found.sentence


def test_rows_name_operations_that_there_are() -> None:
    named = {operation for operations, _, _ in ROWS for operation in operations.split()}
    assert named <= {ANY, *OPERATIONS}
