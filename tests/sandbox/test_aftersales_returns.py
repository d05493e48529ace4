"""Returns: what a buyer asks, and what a seller may decide at each state."""

from __future__ import annotations

import pytest

from sandbox.aftersales.decisions import ASKABLE, DECISIONS
from sandbox.market import Market
from sandbox.testing import Caller
from sandbox.verbs import CannotDo
from tests.sandbox.claims import ASKS, LATER, actions, back, decide, status
from tests.sandbox.conftest import US
from tests.sandbox.lives import (
    DAY,
    HOUR,
    R,
    asked,
    claim,
    delivered,
    do,
    noted,
    order,
    pass_,
    ready,
    returns,
)


def test_a_refund_completes_the_order(market: Market, us: Caller) -> None:
    made = delivered(market, us, US)
    case = claim(market, US, "ask_refund", made)
    assert actions(us) == ["SELLER_RESPOND_REFUND"]
    assert decide(us, case, "APPROVE_REFUND") == 0
    assert status(market, case) == "RETURN_OR_REFUND_REQUEST_SUCCESS"
    assert order(market, US, made["id"])["status"] == "COMPLETED"
    pass_(market, HOUR)
    assert status(market, case) == "RETURN_OR_REFUND_REQUEST_COMPLETE"
    [entry] = market.books.ledger(what="refunded")
    assert entry.amount == case["refund_amount"]["refund_total"]
    pass_(market, HOUR)
    assert noted(market, "refunded") == 1


def test_a_refund_of_one_unit_leaves_the_order(market: Market, us: Caller) -> None:
    made = delivered(market, us, US, "units")
    came = do(market, "ask_refund", US, order_id=made["id"], whole="no")
    case = market.books.need("return", US, came["return_id"])
    assert len(case["return_line_items"]) == 1
    assert decide(us, case, "APPROVE_REFUND") == 0
    assert order(market, US, made["id"])["status"] == "DELIVERED"
    pass_(market, 15 * DAY)
    with pytest.raises(CannotDo):
        do(market, "ask_refund", US, order_id=made["id"])


def test_a_return_all_the_way(market: Market, us: Caller) -> None:
    made = delivered(market, us, US)
    case = claim(market, US, "ask_return", made)
    assert actions(us) == ["SELLER_RESPOND_RETURN"]
    assert decide(us, case, "APPROVE_RETURN") == 0
    assert (status(market, case), actions(us)) == ("AWAITING_BUYER_SHIP", [])
    do(market, "ship_back", US, return_id=case["return_id"])
    assert (status(market, case), actions(us)) == ("BUYER_SHIPPED_ITEM", [])
    do(market, "return_arrives", US, return_id=case["return_id"])
    assert actions(us) == ["SELLER_RESPOND_RECEIVE_PACKAGE"]
    assert returns(us)[0]["return_tracking_number"].startswith("GX")
    assert decide(us, case, "APPROVE_RECEIVED_PACKAGE") == 0
    pass_(market, HOUR)
    assert status(market, case) == "RETURN_OR_REFUND_REQUEST_COMPLETE"
    records = us.data("GET", f"{R}/returns/{case['return_id']}/records")["records"]
    assert [one["event"] for one in records] == [
        "ORDER_REQUEST",
        "APPROVE_RETURN",
        "BUYER_SHIPPED",
        "RETURN_PACKAGE_DELIVERED",
        "APPROVE_RECEIVED_PACKAGE",
        "REFUND_PAID",
    ]
    assert us.code("GET", f"{R}/returns/1/records") == 36009010


@pytest.mark.parametrize("kind", list(ASKS))
@pytest.mark.parametrize("name", list(DECISIONS))
def test_only_what_fits_is_taken(market: Market, us: Caller, kind: str, name: str) -> None:
    case = claim(market, US, ASKS[kind], delivered(market, us, US))
    decision, first = DECISIONS[name], case["return_status"]
    part = {"currency": "USD", "amount": "1.00"}
    root = LATER if decision.versions else R
    code = decide(us, case, name, root, **({"partial_refund": part} if "OFFER" in name else {}))
    fits = kind in decision.types and decision.at == first
    assert code == (0 if fits else 25020003)
    assert status(market, case) == (decision.to if fits else first)
    assert noted(market, f"return_{name.lower()}") == int(fits)


@pytest.mark.parametrize("kind", list(ASKS))
def test_eligibility_says_the_same(market: Market, us: Caller, kind: str) -> None:
    case = claim(market, US, ASKS[kind], delivered(market, us, US))
    query = {"return_or_cancel_id": case["return_id"]}
    found = us.data("GET", "/return_refund/202601/decision_eligibility", query)["decisions"]
    assert [one["decision"] for one in found] == list(ASKABLE)
    for one in found:
        decision = DECISIONS.get(one["decision"])
        fits = decision is not None and kind in decision.types
        assert one["eligible"] == (fits and decision.at == case["return_status"])
    reasons = us.data("GET", f"{R}/reject_reasons", query)["reasons"]
    offered = [reason for one in found for reason in one.get("available_reject_reasons", [])]
    assert reasons == offered
    assert reasons


def test_what_may_be_decided_about_a_request(market: Market, us: Caller) -> None:
    case = asked(market, US, ready(market, US))
    path, query = (
        "/return_refund/202601/decision_eligibility",
        {
            "return_or_cancel_id": case["cancel_id"],
            "check_decisions": "APPROVE_REQUEST_CANCEL,REJECT_REQUEST_CANCEL",
        },
    )
    may = [one["eligible"] for one in us.data("GET", path, query)["decisions"]]
    assert may == [True, False]
    market.facts.set("us_rejects_by_call", True)
    yes, no = us.data("GET", path, query)["decisions"]
    assert (yes["eligible"], no["eligible"]) == (True, True)
    assert no["available_reject_reasons"]
    assert us.code("GET", path, {}) == 36009022
    assert us.code("GET", path, {"return_or_cancel_id": "1"}) == 36009010
    assert us.code("GET", path, query | {"check_decisions": "WAIT"}) == 36009010


def test_the_buyer_keeps_it(market: Market, us: Caller) -> None:
    case = claim(market, US, "ask_return", delivered(market, us, US))
    assert decide(us, case, "APPROVE_RETURN", buyer_keep_item=True) == 0
    assert status(market, case) == "RETURN_OR_REFUND_REQUEST_SUCCESS"


@pytest.mark.parametrize("takes", [True, False])
def test_an_offer_of_a_part(market: Market, us: Caller, takes: bool) -> None:
    made = delivered(market, us, US)
    case = claim(market, US, "ask_refund", made)
    whole = case["refund_amount"]["refund_total"]
    wrong = ({"amount": whole, "currency": "USD"}, {"amount": "1", "currency": "EUR"}, {})
    for part in wrong:
        assert decide(us, case, "OFFER_PARTIAL_REFUND", partial_refund=part) == 36009010
    part = {"amount": "2.50", "currency": "USD"}
    assert decide(us, case, "OFFER_PARTIAL_REFUND", partial_refund=part) == 0
    [offered] = returns(us)
    assert offered["return_status"] == "AWAITING_BUYER_RESPONSE"
    assert offered["seller_proposed_return_type"] == "PARTIAL_REFUND"
    do(market, "answer_offer", US, return_id=case["return_id"], takes="yes" if takes else "no")
    [now] = returns(us)
    assert now["refund_amount"]["refund_total"] == ("2.50" if takes else whole)
    assert order(market, US, made["id"])["status"] == "DELIVERED"
    if takes:
        pass_(market, HOUR)
        assert [one.amount for one in market.books.ledger(what="refunded")] == ["2.50"]
    else:
        assert now["buyer_rejected_partial_refund"] is True
        assert actions(us) == ["SELLER_RESPOND_REFUND"]
        assert decide(us, case, "OFFER_PARTIAL_REFUND", partial_refund=part) == 25020003


def test_an_offer_after_the_parcel_came_back(market: Market, us: Caller) -> None:
    case, name = back(market, us), "OFFER_PARTIAL_REFUND_AFTER_RECEIVING_PKG"
    amount = {"partial_refund_total": "1.00", "currency": "USD"}
    assert decide(us, case, name, partial_refund_amount=amount) == 36009010
    long = {"partial_refund_amount": amount, "comment": "x" * 501}
    assert decide(us, case, name, LATER, **long) == 36009023
    assert decide(us, case, name, LATER, partial_refund_amount=amount) == 0
    pass_(market, 48 * HOUR)
    assert status(market, case) == "BUYER_SHIPPED_ITEM"
    assert actions(us) == ["SELLER_RESPOND_RECEIVE_PACKAGE"]


def test_a_replacement_is_a_new_order(market: Market, us: Caller) -> None:
    made = delivered(market, us, US, "units")
    case = claim(market, US, "ask_replacement", made)
    assert decide(us, case, "APPROVE_REPLACEMENT") == 0
    [new] = [one for one in market.books.find("order", US) if one["is_replacement_order"]]
    assert (new["replaced_order_id"], new["status"]) == (made["id"], "AWAITING_SHIPMENT")
    assert len(new["line_items"]) == len(made["line_items"])
    assert {line["id"] for line in new["line_items"]}.isdisjoint(
        line["id"] for line in made["line_items"]
    )
    assert new["payment"]["total_amount"] == "0"
    assert new["recipient_address"]["name"] == made["recipient_address"]["name"]
    assert us.data("GET", "/order/202309/orders", {"ids": new["id"]})["orders"]
    data = us.data("POST", "/fulfillment/202309/packages", None, {"order_id": new["id"]})
    assert data["package_id"]


def test_money_instead_of_a_replacement(market: Market, us: Caller) -> None:
    made = delivered(market, us, US)
    case = claim(market, US, "ask_replacement", made)
    assert decide(us, case, "ISSUE_REPLACEMENT_REFUND") == 0
    assert status(market, case) == "REPLACEMENT_REQUEST_REFUND_SUCCESS"
    assert noted(market, "refunded") == 1
    assert order(market, US, made["id"])["status"] == "COMPLETED"
