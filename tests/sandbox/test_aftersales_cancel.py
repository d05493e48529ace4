"""A buyer asks to cancel and the seller answers; searches, keys and what each version writes."""

from __future__ import annotations

import json

import pytest

from sandbox.market import Market
from sandbox.testing import Caller
from tests.sandbox.conftest import GB, TH, US
from tests.sandbox.lives import (
    HOUR,
    NEW,
    R,
    asked,
    cancellations,
    do,
    noted,
    order,
    pass_,
    placed,
    ready,
    ship,
    told,
)

PACKED = {"reject_reason": "seller_reject_apply_product_has_been_packed"}


def answer(caller: Caller, case: dict, how: str, key: str = "", **body: object) -> int:
    query = {"idempotency_key": key} if key else None
    return caller.code("POST", f"{R}/cancellations/{case['cancel_id']}/{how}", query, dict(body))


def test_a_request_waits_for_the_seller(market: Market, th: Caller) -> None:
    made = ready(market, TH)
    case = asked(market, TH, made)
    now = order(market, TH, made["id"])
    assert now["status"] == "AWAITING_SHIPMENT"
    assert now["is_buyer_request_cancel"]
    assert now["request_cancel_time"] == market.clock.now()
    [shown] = cancellations(th)
    [step] = shown["seller_next_action_response"]
    assert step == {
        "action": "SELLER_RESPOND_CANCEL",
        "deadline": market.clock.now() + 24 * HOUR,
    }
    assert (shown["cancel_type"], shown["role"]) == ("BUYER_CANCEL", "BUYER")
    assert shown["refund_amount"]["refund_total"] == made["payment"]["total_amount"]
    assert case["cancel_status"] == shown["cancel_status"] == "CANCELLATION_REQUEST_PENDING"


@pytest.mark.parametrize("seconds", [3600, 0])
def test_approving_cancels_and_pays_back_once(market: Market, th: Caller, seconds: int) -> None:
    market.facts.set("refund_seconds", seconds)
    made = ready(market, TH)
    case = asked(market, TH, made)
    assert answer(th, case, "approve") == 0
    now = order(market, TH, made["id"])
    assert now["status"] == "CANCELLED"
    assert now["cancellation_initiator"] == "BUYER"
    assert not now["is_buyer_request_cancel"]
    assert {line["cancel_user"] for line in now["line_items"]} == {"BUYER"}
    assert not now["packages"]
    pass_(market, seconds)
    [shown] = cancellations(th)
    assert shown["cancel_status"] == "CANCELLATION_REQUEST_COMPLETE"
    [refund] = market.books.ledger(what="refunded")
    assert refund.amount == made["payment"]["total_amount"]
    assert noted(market, "cancel_approved") == noted(market, "cancelled") == 1


def test_a_rejected_order_goes_on(market: Market, th: Caller) -> None:
    made = ready(market, TH)
    case = asked(market, TH, made)
    assert answer(th, case, "reject", **PACKED, comment="It is in its box.") == 0
    now = order(market, TH, made["id"])
    assert (now["status"], now["is_buyer_request_cancel"]) == ("AWAITING_SHIPMENT", False)
    [entry] = market.books.ledger(what="cancel_rejected")
    assert entry.detail["comment"] == "It is in its box."
    assert ship(market, th, TH, now)["status"] == "AWAITING_COLLECTION"


@pytest.mark.parametrize("code", [25001021, 25001014])
def test_a_reason_to_reject_must_fit(market: Market, th: Caller, code: int) -> None:
    market.facts.set("reject_reason_code", code)
    case = asked(market, TH, ready(market, TH))
    assert answer(th, case, "reject", reject_reason="because") == code
    assert answer(th, case, "reject") == 36009022


@pytest.mark.parametrize(("by_call", "code"), [(False, 25001001), (True, 0)])
def test_in_the_us_shipping_rejects(market: Market, us: Caller, by_call: bool, code: int) -> None:
    market.facts.set("us_rejects_by_call", by_call)
    made = ready(market, US)
    case = asked(market, US, made)
    assert answer(us, case, "reject", **PACKED) == code
    if not by_call:
        assert ship(market, us, US, made)["status"] == "AWAITING_COLLECTION"
    [shown] = cancellations(us)
    assert shown["cancel_status"] == "CANCELLATION_REQUEST_CANCELLED"
    assert not order(market, US, made["id"])["is_buyer_request_cancel"]


def test_a_key_makes_a_decision_once(market: Market, th: Caller) -> None:
    case = asked(market, TH, ready(market, TH))
    assert [answer(th, case, "approve", "key") for _ in range(3)] == [0, 0, 0]
    assert noted(market, "cancel_approved") == 1
    assert answer(th, case, "approve", "other") == 25001044
    assert answer(th, case, "approve", "x" * 256) == 36009023


def test_a_refused_key_may_be_tried_again(market: Market, th: Caller) -> None:
    case = asked(market, TH, ready(market, TH))
    assert answer(th, case, "reject", "key", reject_reason="because") == 25001021
    assert answer(th, case, "reject", "key", **PACKED) == 0
    assert noted(market, "cancel_rejected") == 1


@pytest.mark.parametrize(("scope", "decided"), [("case", 2), ("shop", 1)])
def test_a_key_of_another_case(market: Market, th: Caller, scope: str, decided: int) -> None:
    market.facts.set("idempotency_scope", scope)
    cases = [asked(market, TH, ready(market, TH)) for _ in range(2)]
    assert [answer(th, case, "approve", "key") for case in cases] == [0, 0]
    assert noted(market, "cancel_approved") == decided


@pytest.mark.parametrize("code", [25001044, 25001045])
def test_what_is_decided_stays(market: Market, th: Caller, code: int) -> None:
    market.facts.set("case_closed_code", code)
    made = ready(market, TH)
    case = asked(market, TH, made)
    do(market, "buyer_withdraws", TH, cancel_id=case["cancel_id"])
    assert answer(th, case, "approve") == answer(th, case, "reject", **PACKED) == code
    assert order(market, TH, made["id"])["status"] == "AWAITING_SHIPMENT"
    assert answer(th, {"cancel_id": "1"}, "approve") == 36009010


@pytest.mark.parametrize("hours", [24, 48])
def test_silence_approves(market: Market, th: Caller, hours: int) -> None:
    market.facts.set("cancel_response_hours", hours)
    made = ready(market, TH)
    asked(market, TH, made)
    pass_(market, hours * HOUR - 1)
    assert order(market, TH, made["id"])["status"] == "AWAITING_SHIPMENT"
    market.clock.advance(1)
    path = "/order/202309/orders"
    [shown] = th.data("GET", path, {"ids": made["id"]})["orders"]
    assert shown["status"] == "CANCELLED"
    [entry] = market.books.ledger(what="cancel_approved")
    assert entry.detail["by"] == "SYSTEM"


def test_on_hold_a_buyer_needs_nobody(market: Market, gb: Caller) -> None:
    """There is a case all the same."""
    made = placed(market, GB)
    case = asked(market, GB, made)
    assert case["cancel_status"] == "CANCELLATION_REQUEST_SUCCESS"
    assert order(market, GB, made["id"])["status"] == "CANCELLED"
    assert not cancellations(gb)[0].get("seller_next_action_response")


@pytest.mark.parametrize("spelling", ["CANCELLED", "CANCEL"])
def test_each_version_writes_a_closed_request(market: Market, th: Caller, spelling: str) -> None:
    market.facts.set("cancelled_spelling_202309", f"CANCELLATION_REQUEST_{spelling}")
    case = asked(market, TH, ready(market, TH))
    do(market, "buyer_withdraws", TH, cancel_id=case["cancel_id"])
    only = {"cancel_status": ["CANCELLATION_REQUEST_CANCEL"]}
    [old], [new] = cancellations(th, R, **only), cancellations(th, NEW, **only)
    assert old["cancel_status"] == f"CANCELLATION_REQUEST_{spelling}"
    assert new["cancel_status"] == "CANCELLATION_REQUEST_CANCEL"


@pytest.mark.parametrize("field", ["seller_next_action_response", "seller_next_action"])
@pytest.mark.parametrize("action", ["SELLER_RESPOND_CANCEL", "SELLER_RESPOND_BUYER_CANCEL"])
def test_the_next_step_by_either_name(market: Market, th: Caller, field: str, action: str) -> None:
    market.facts.set("next_action_field", field)
    market.facts.set("cancel_action_name", action)
    asked(market, TH, ready(market, TH))
    assert [one["action"] for one in cancellations(th)[0][field]] == [action]


@pytest.mark.parametrize("moves", [False, True])
def test_whether_a_request_moves_the_order(market: Market, th: Caller, moves: bool) -> None:
    market.facts.set("update_time_moves_on_cancel_request", moves)
    made = ready(market, TH)
    pass_(market, 60)
    asked(market, TH, made)
    now = order(market, TH, made["id"])
    assert now["update_time"] == made["update_time"] + (60 if moves else 0)
    body = {"update_time_ge": made["update_time"] + 1}
    found = th.data("POST", "/order/202309/orders/search", None, body)
    assert found["total_count"] == int(moves)
    always = {"is_buyer_request_cancel": True}
    assert th.data("POST", "/order/202309/orders/search", None, always)["total_count"] == 1


def test_pages_are_small_and_the_oldest_come_first(market: Market, th: Caller) -> None:
    made = []
    for number in range(12):
        made.append(asked(market, TH, placed(market, TH, seed=str(number + 1)))["cancel_id"])
        market.clock.advance(5)
    path = f"{R}/cancellations/search"
    first = th.data("POST", path, None, {})
    rest = th.data("POST", path, {"page_token": first["next_page_token"]}, {})
    ids = [one["cancel_id"] for one in first["cancellations"] + rest["cancellations"]]
    assert (len(first["cancellations"]), first["total_count"]) == (10, 12)
    assert ids == made
    last = th.data("POST", path, {"sort_order": "DESC", "page_size": "1"}, {})
    assert [one["cancel_id"] for one in last["cancellations"]] == made[-1:]
    assert [th.code("POST", path, {"page_size": size}, {}) for size in ("0", "51")] == (
        [36009023] * 2
    )


def test_filters(market: Market, th: Caller) -> None:
    first, second = (placed(market, TH, seed=seed) for seed in ("1", "2"))
    mine = asked(market, TH, first)
    reason = "seller_cancel_reason_out_of_stock"
    body = {"order_id": second["id"], "cancel_reason": reason}
    theirs = th.data("POST", f"{R}/cancellations", None, body)["cancel_id"]

    def found(**asked: object) -> set[str]:
        return {one["cancel_id"] for one in cancellations(th, **asked)}

    assert found() == {mine["cancel_id"], theirs}
    assert found(cancel_types=["BUYER_CANCEL"]) == {mine["cancel_id"]}
    assert found(order_ids=[second["id"]]) == found(cancel_ids=[theirs]) == {theirs}
    assert not found(update_time_ge=market.clock.now() + 1)
    path = f"{R}/cancellations/search"
    assert th.code("POST", path, None, {"order_ids": "576"}) == 36009010
    assert th.code("POST", path, {"page_token": "x"}, {}) == 36009010


def test_webhooks_tell_of_each_step(market: Market, th: Caller) -> None:
    wanted = {"event_type": "CANCELLATION_STATUS_CHANGE", "address": "https://desk.example/hooks"}
    th.data("PUT", "/event/202309/webhooks", None, wanted)
    case = asked(market, TH, ready(market, TH))
    answer(th, case, "reject", **PACKED)
    data = [json.loads(text)["data"] for text in told(market, 11)]
    assert [one["cancel_status"] for one in data] == [
        "CANCELLATION_REQUEST_PENDING",
        "CANCELLATION_REQUEST_CANCELLED",
    ]
    assert data[0] == {
        "order_id": case["order_id"],
        "cancellations_role": "BUYER",
        "cancel_status": "CANCELLATION_REQUEST_PENDING",
        "cancel_id": case["cancel_id"],
        "create_time": case["create_time"],
    }


def test_a_shipped_request_cannot_be_approved(market: Market, th: Caller) -> None:
    """In South East Asia a request may come after the label; the carrier was quicker."""
    made = ship(market, th, TH, ready(market, TH))
    case = asked(market, TH, made)
    assert case["cancel_status"] == "CANCELLATION_REQUEST_PENDING"
    do(market, "collect", TH, order_id=made["id"])
    assert answer(th, case, "approve") == 25001044
    now = order(market, TH, made["id"])
    assert (now["status"], now["is_buyer_request_cancel"]) == ("IN_TRANSIT", False)


def test_a_parcel_that_waits_is_pulled(market: Market, th: Caller) -> None:
    made = ship(market, th, TH, ready(market, TH))
    assert answer(th, asked(market, TH, made), "approve") == 0
    [package] = market.books.find("package", TH)
    assert package["package_status"] == "CANCELLED"
    assert noted(market, "label_voided") == 1
    assert order(market, TH, made["id"])["status"] == "CANCELLED"
