"""Returns as time goes by: silence, disputes, keys, codes, searches and webhooks."""

from __future__ import annotations

import json

import pytest

from sandbox.market import Market
from sandbox.testing import Caller
from tests.sandbox.claims import back, decide, status
from tests.sandbox.conftest import US
from tests.sandbox.lives import (
    DAY,
    HOUR,
    R,
    claim,
    delivered,
    do,
    noted,
    pass_,
    returns,
    told,
)


@pytest.mark.parametrize(
    ("verb", "fact", "hours", "then"),
    [
        ("ask_refund", "return_response_hours", 48, "RETURN_OR_REFUND_REQUEST_SUCCESS"),
        ("ask_refund", "return_response_hours", 24, "RETURN_OR_REFUND_REQUEST_SUCCESS"),
        ("ask_return", "return_response_hours", 48, "AWAITING_BUYER_SHIP"),
        ("ask_replacement", "", 24, "REPLACEMENT_REQUEST_COMPLETE"),
    ],
)
def test_silence_approves(
    market: Market, us: Caller, verb: str, fact: str, hours: int, then: str
) -> None:
    if fact:
        market.facts.set(fact, hours)
    case = claim(market, US, verb, delivered(market, us, US))
    pass_(market, hours * HOUR - 1)
    assert status(market, case) == case["return_status"]
    pass_(market, 1)
    assert status(market, case) == then


@pytest.mark.parametrize("hours", [48, 192, 240])
def test_silence_takes_the_parcel(market: Market, us: Caller, hours: int) -> None:
    market.facts.set("receive_hours", hours)
    case = back(market, us)
    pass_(market, hours * HOUR - 1)
    assert status(market, case) == "BUYER_SHIPPED_ITEM"
    pass_(market, 1)
    assert status(market, case) == "RETURN_OR_REFUND_REQUEST_SUCCESS"


def test_who_does_not_ship_back_gets_nothing(market: Market, us: Caller) -> None:
    case = claim(market, US, "ask_return", delivered(market, us, US))
    decide(us, case, "APPROVE_RETURN")
    pass_(market, 5 * DAY)
    assert status(market, case) == "RETURN_OR_REFUND_REQUEST_CANCEL"
    assert noted(market, "refunded") == 0


@pytest.mark.parametrize(("side", "then"), [("buyer", "SUCCESS"), ("seller", "CANCEL")])
def test_the_platform_rules(market: Market, us: Caller, side: str, then: str) -> None:
    case = claim(market, US, "ask_return", delivered(market, us, US))
    assert decide(us, case, "REJECT_RETURN", comment="As described.") == 0
    do(market, "dispute", US, return_id=case["return_id"])
    assert decide(us, case, "APPROVE_RETURN") == 25011010
    pass_(market, 9 * DAY)
    [shown] = returns(us, arbitration_status=["IN_PROGRESS"])
    assert shown["return_status"] == "REFUND_OR_RETURN_REQUEST_REJECT"
    do(market, "rule", US, **{"return_id": case["return_id"], "for": side})
    [shown] = returns(us)
    assert shown["return_status"] == f"RETURN_OR_REFUND_REQUEST_{then}"
    assert shown["arbitration_status"] == f"SUPPORT_{side.upper()}"


def test_an_undisputed_rejection_closes(market: Market, us: Caller) -> None:
    case = back(market, us)
    assert decide(us, case, "REJECT_RECEIVED_PACKAGE") == 0
    pass_(market, 48 * HOUR)
    assert status(market, case) == "RETURN_OR_REFUND_REQUEST_CANCEL"
    assert decide(us, case, "APPROVE_RECEIVED_PACKAGE") == 25020011


@pytest.mark.parametrize(
    ("key", "code"),
    [("return_closed_code", 25020012), ("return_closed_code", 25005010)],
)
def test_the_codes_of_what_is_closed(market: Market, us: Caller, key: str, code: int) -> None:
    market.facts.set(key, code)
    case = claim(market, US, "ask_return", delivered(market, us, US))
    do(market, "withdraw_return", US, return_id=case["return_id"])
    assert decide(us, case, "APPROVE_RETURN") == code


@pytest.mark.parametrize("code", [25020003, 25020004, 25020009, 25020010])
def test_the_codes_of_what_does_not_fit(market: Market, us: Caller, code: int) -> None:
    market.facts.set("decision_misfit_code", code)
    case = claim(market, US, "ask_return", delivered(market, us, US))
    assert decide(us, case, "APPROVE_REFUND") == code
    assert decide(us, case, "APPROVE_CAKE") == 36009010
    assert decide(us, case, "REJECT_RETURN", reject_reason="because") == 25001021
    assert decide(us, {"return_id": "1"}, "APPROVE_REFUND") == 36009010


def test_a_key_decides_once(market: Market, us: Caller) -> None:
    case = claim(market, US, "ask_refund", delivered(market, us, US))
    path, body = f"{R}/returns/{case['return_id']}/approve", {"decision": "APPROVE_REFUND"}
    codes = [us.code("POST", path, {"idempotency_key": "k"}, body) for _ in range(2)]
    assert codes == [0, 0]
    assert noted(market, "return_approve_refund") == 1


@pytest.mark.parametrize("omitted", [True, False])
def test_a_page_without_returns(market: Market, us: Caller, omitted: bool) -> None:
    market.facts.set("empty_returns_omitted", omitted)
    found = us.data("POST", f"{R}/returns/search", None, {})
    assert ("return_orders" not in found) == omitted
    sizes = [us.code("POST", f"{R}/returns/search", {"page_size": one}, {}) for one in "95"]
    assert sizes == [36009023, 36009023]


def test_filters_of_returns(market: Market, us: Caller) -> None:
    first = claim(market, US, "ask_refund", delivered(market, us, US))
    second = claim(market, US, "ask_return", delivered(market, us, US))
    both = {first["return_id"], second["return_id"]}

    def found(**asked: object) -> set[str]:
        return {one["return_id"] for one in returns(us, **asked)}

    assert found() == both
    assert found(return_types=["REFUND"]) == {first["return_id"]}
    assert found(order_ids=[second["order_id"]]) == {second["return_id"]}
    assert found(return_status=["RETURN_OR_REFUND_REQUEST_PENDING"]) == both
    assert not found(return_ids=["1"])


@pytest.mark.parametrize(
    "spelling", ["RETURN_OR_REFUND_REQUEST_CANCEL", "RETURN_OR_REFUND__REQUEST_CANCELLED"]
)
def test_webhooks_of_returns(market: Market, us: Caller, spelling: str) -> None:
    market.facts.set("webhook_return_cancelled", spelling)
    wanted = {"event_type": "RETURN_STATUS_CHANGE", "address": "https://desk.example/hooks"}
    us.data("PUT", "/event/202309/webhooks", None, wanted)
    case = claim(market, US, "ask_return", delivered(market, us, US))
    do(market, "withdraw_return", US, return_id=case["return_id"])
    data = [json.loads(text)["data"] for text in told(market, 12)]
    assert [one["return_status"] for one in data] == ["RETURN_OR_REFUND_REQUEST_PENDING", spelling]
    assert data[0] == {
        "order_id": case["order_id"],
        "return_role": "BUYER",
        "return_type": "RETURN_AND_REFUND",
        "return_status": "RETURN_OR_REFUND_REQUEST_PENDING",
        "return_id": case["return_id"],
        "create_time": case["create_time"],
        "update_time": case["update_time"],
    }
