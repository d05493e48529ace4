"""Ship Package, one and many: Thailand and the UK, by the platform and by the seller himself."""

from __future__ import annotations

import pytest

from sandbox.market import Market
from sandbox.testing import Caller
from tests.sandbox.conftest import GB, TH, US
from tests.sandbox.shipping import MANGROVE, MONSOON, F, order, package_id, ready, ship

ALREADY = (21011020, 11006021, 21008099, 21011006, 21011040, 21042056)


def test_a_package_is_there_from_payment(market: Market, th: Caller, us: Caller) -> None:
    (thai,), (american,) = ready(market, TH), ready(market, US)
    assert thai["packages"]
    assert {line["package_status"] for line in thai["line_items"]} == {"TO_FULFILL"}
    assert american["packages"] == []
    (unpaid,) = ready(market, TH, fulfillment_type="FULFILLMENT_BY_TIKTOK")
    assert unpaid["packages"] == []


@pytest.mark.parametrize("at_payment", [True, False])
def test_the_uk_either_way(market: Market, gb: Caller, at_payment: bool) -> None:
    market.facts.set("uk_package_at_payment", at_payment)
    (one,) = ready(market, GB)
    assert bool(one["packages"]) is at_payment


def test_shipping_moves_the_order_and_the_ledger(market: Market, th: Caller) -> None:
    (one,) = ready(market, TH)
    assert ship(th, package_id(one)) == 0
    after = order(market, TH, one)
    assert after["status"] == "AWAITING_COLLECTION"
    assert after["tracking_number"].startswith("MG")
    assert after["shipping_provider"] == "Mangrove Express"
    assert [line.what for line in market.books.ledger()] == ["label_bought", "shipped"]
    assert market.books.ledger()[0].amount == "50.00"


@pytest.mark.parametrize("code", ALREADY)
def test_shipping_again_is_refused(market: Market, th: Caller, code: int) -> None:
    market.facts.set("already_shipped_code", code)
    (one,) = ready(market, TH)
    assert [ship(th, package_id(one)) for _ in range(3)] == [0, code, code]
    assert len(market.books.ledger(what="label_bought")) == 1


def test_shipping_again_may_be_answered(market: Market, th: Caller) -> None:
    market.facts.set("ship_twice", "answered")
    (one,) = ready(market, TH)
    assert [ship(th, package_id(one)) for _ in range(2)] == [0, 0]
    assert len(market.books.ledger()) == 2


def test_a_batch_tells_only_what_failed(market: Market, th: Caller) -> None:
    one, two, three = ready(market, TH, 3)
    assert ship(th, package_id(two)) == 0
    ids = [package_id(one), package_id(two), "404", package_id(three)]
    body = {"packages": [{"id": id, "handover_method": "PICKUP"} for id in ids]}
    errors = th.data("POST", f"{F}/packages/ship", None, body)["errors"]
    assert [(e["detail"]["package_id"], e["code"]) for e in errors] == [
        (ids[1], 21011020),
        ("404", 21011005),
    ]
    states = {order(market, TH, doc)["status"] for doc in (one, two, three)}
    assert states == {"AWAITING_COLLECTION"}
    assert len(market.books.ledger(what="shipped")) == 3


@pytest.mark.parametrize("most", [50, 10])
def test_a_batch_has_a_most(market: Market, th: Caller, most: int) -> None:
    market.facts.set("ship_batch_most", most)
    made = ready(market, TH, most + 1)
    packages = [{"id": package_id(one)} for one in made]
    assert th.code("POST", f"{F}/packages/ship", None, {"packages": packages}) == 36009023
    assert th.data("POST", f"{F}/packages/ship", None, {"packages": packages[1:]}) == {}
    assert len(market.books.ledger(what="shipped")) == most


def test_sea_sellers_ship_with_their_own_number(market: Market, th: Caller) -> None:
    (one,) = ready(market, TH, shipping_type="SELLER")
    id = package_id(one)
    assert ship(th, id) == 36009022
    own = {"tracking_number": "MS0123456789", "shipping_provider_id": MONSOON}
    assert ship(th, id, self_shipment=own | {"shipping_provider_id": MANGROVE}) == 21004015
    assert ship(th, id, self_shipment=own) == 0
    assert order(market, TH, one)["tracking_number"] == "MS0123456789"
    assert [line.what for line in market.books.ledger()] == ["shipped"]


def test_uk_sellers_mark_instead(market: Market, gb: Caller) -> None:
    (one,) = ready(market, GB, shipping_type="SELLER")
    assert ship(gb, package_id(one)) == 21011004


def test_slots(market: Market, gb: Caller, th: Caller) -> None:
    one, two, three = ready(market, GB, 3)
    path = f"{F}/packages/{package_id(one)}/handover_time_slots"
    data = gb.data("GET", path)
    assert data["can_van_collection"]
    first = next(slot for slot in data["pickup_slots"] if slot["avaliable"])
    slot = {"start_time": first["start_time"], "end_time": first["end_time"]}
    odd = slot | {"start_time": slot["start_time"] + 60}
    gone = data["pickup_slots"][0]
    market.clock.hold(gone["start_time"] + 60)
    assert ship(gb, package_id(one), pickup_slot=odd) == 21011053
    over = {"start_time": gone["start_time"], "end_time": gone["end_time"]}
    assert ship(gb, package_id(one), pickup_slot=over) == 21011054
    assert ship(gb, package_id(one), pickup_slot={"start_time": 1, "end_time": 0}) == 21011053
    last = data["pickup_slots"][-1]
    slot = {"start_time": last["start_time"], "end_time": last["end_time"]}
    assert ship(gb, package_id(one), handover_method="PICKUP", pickup_slot=slot) == 0
    assert gb.data("GET", f"{F}/packages/{package_id(one)}")["pickup_slot"] == slot
    assert gb.code("GET", path) == 21011020
    assert ship(gb, package_id(two), handover_method="DROP_OFF") == 0
    assert gb.data("GET", f"{F}/packages/{package_id(two)}")["handover_method"] == "DROP_OFF"
    assert ship(gb, package_id(three)) == 0


@pytest.mark.parametrize(("ignored", "expected"), [(True, "PICKUP"), (False, "DROP_OFF")])
def test_sea_ignores_the_handover(market: Market, th: Caller, ignored: bool, expected: str) -> None:
    market.facts.set("handover_ignored_in_sea", ignored)
    (one,) = ready(market, TH)
    assert ship(th, package_id(one), handover_method="DROP_OFF") == 0
    assert th.data("GET", f"{F}/packages/{package_id(one)}")["handover_method"] == expected


@pytest.mark.parametrize("code", [21011007, 21008044])
def test_a_request_to_cancel_stops_sea_and_not_the_us(
    market: Market, th: Caller, us: Caller, code: int
) -> None:
    market.facts.set("after_sale_code", code)
    (thai,), (american,) = ready(market, TH), ready(market, US)
    with market.books.change():
        for shop, one in ((TH, thai), (US, american)):
            case = {
                "cancel_id": f"7{one['id']}",
                "order_id": one["id"],
                "cancel_type": "BUYER_CANCEL",
                "cancel_status": "CANCELLATION_REQUEST_PENDING",
                "create_time": 1,
            }
            market.books.put("cancellation", shop, case)
            market.books.put("order", shop, one | {"is_buyer_request_cancel": True})
    assert ship(th, package_id(thai)) == code
    market.facts.set("us_ships_through_requests", False)
    assert us.code("POST", f"{F}/packages", None, {"order_id": american["id"]}) == code
    market.facts.set("us_ships_through_requests", True)
    assert us.code("POST", f"{F}/packages", None, {"order_id": american["id"]}) == 0
    assert not order(market, US, american)["is_buyer_request_cancel"]
    (case,) = market.books.find("cancellation", US, order_id=american["id"])
    assert case["cancel_status"] == "CANCELLATION_REQUEST_CANCEL"


def test_an_open_return_stops_every_market(market: Market, us: Caller) -> None:
    (one,) = ready(market, US)
    case = {
        "return_id": "1",
        "order_id": one["id"],
        "return_status": "RETURN_OR_REFUND_REQUEST_PENDING",
        "create_time": 1,
    }
    market.books.put("return", US, case)
    assert us.code("POST", f"{F}/packages", None, {"order_id": one["id"]}) == 21011007


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"status": "ON_HOLD"}, 21011044),
        ({"status": "UNPAID"}, 21042057),
        ({"status": "CANCELLED"}, 21011041),
        ({"status": "DELIVERED"}, 21011027),
        ({"fulfillment_type": "FULFILLMENT_BY_TIKTOK"}, 21008025),
        ({"shipping_type": "SELLER"}, 21011004),
    ],
)
def test_what_may_not_be_shipped(market: Market, us: Caller, more: dict, code: int) -> None:
    (one,) = ready(market, US, **more)
    assert us.code("POST", f"{F}/packages", None, {"order_id": one["id"]}) == code


@pytest.mark.parametrize(
    ("fact", "code", "more"),
    [
        ("cancelled_code", 21011042, {"status": "CANCELLED"}),
        ("platform_code", 21008043, {"fulfillment_type": "FULFILLMENT_BY_TIKTOK"}),
    ],
)
def test_the_other_codes(market: Market, us: Caller, fact: str, code: int, more: dict) -> None:
    market.facts.set(fact, code)
    (one,) = ready(market, US, **more)
    assert us.code("POST", f"{F}/packages", None, {"order_id": one["id"]}) == code


def test_webhooks_of_shipping(market: Market, th: Caller) -> None:
    (one,) = ready(market, TH)
    body = {"event_type": "ORDER_STATUS_CHANGE", "address": "https://desk.example.com/hook"}
    th.data("PUT", "/event/202309/webhooks", None, body)
    ship(th, package_id(one))
    (hook,) = market.books.find("hook", TH)
    assert '"order_status":"AWAITING_COLLECTION"' in hook["text"]


def test_what_is_cancelled_stays_cancelled(market: Market, th: Caller) -> None:
    one, two = ready(market, TH, 2)
    with market.books.change():
        one["line_items"][0]["display_status"] = "CANCELLED"
        for line in two["line_items"]:
            line["display_status"] = "CANCELLED"
        market.books.put("order", TH, one)
        market.books.put("order", TH, two)
    assert ship(th, package_id(one)) == 0
    told = [line["display_status"] for line in order(market, TH, one)["line_items"]]
    assert told == ["CANCELLED", "AWAITING_COLLECTION", "AWAITING_COLLECTION"]
    assert ship(th, package_id(two)) == 21011041


def test_parts_of_a_split_order_are_looked_at_alone(market: Market, th: Caller) -> None:
    (one,) = ready(market, TH)
    one["line_items"][2]["is_dangerous_good"] = True
    market.books.put("order", TH, one)
    assert ship(th, package_id(one)) == 11006013
    group = [{"id": "a", "order_line_item_ids": [one["line_items"][2]["id"]]}]
    data = th.data("POST", f"{F}/orders/{one['id']}/split", None, {"splittable_groups": group})
    assert [ship(th, part["id"]) for part in data["packages"]] == [0, 0]
