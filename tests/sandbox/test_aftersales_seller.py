"""A seller cancels an order or lines of it, and asks beforehand what he may."""

from __future__ import annotations

import pytest

from sandbox.kinds import Doc
from sandbox.market import Market
from sandbox.testing import Caller
from tests.sandbox.conftest import GB, TH, US
from tests.sandbox.lives import (
    DAY,
    NEW,
    R,
    asked,
    cancellations,
    claim,
    delivered,
    do,
    noted,
    order,
    pass_,
    placed,
    ready,
    ship,
)
from tests.sandbox.shipping import GULL, mark

STOCK, STOCK_UK = "seller_cancel_reason_out_of_stock", "seller_cancel_reason_out_of_stock_uk"
PRICE = "seller_cancel_reason_wrong_price"
ADDRESS = "seller_cancel_paid_reason_address_not_deliver"


def cancel(caller: Caller, doc: Doc, reason: str = STOCK, root: str = R, **body: object) -> int:
    asked = {"order_id": doc["id"], "cancel_reason": reason, **body}
    return caller.code("POST", f"{root}/cancellations", None, asked)


def ids(doc: Doc) -> list[str]:
    return [line["id"] for line in doc["line_items"]]


def eligible(caller: Caller, doc: Doc, root: str = NEW, **query: str) -> list[Doc]:
    path = f"{root}/orders/{doc['id']}/aftersale_eligibility"
    found = caller.data("GET", path, query)["sku_eligibility"]
    return [entry for sku in found for entry in sku["line_item_eligibility"]]


@pytest.mark.parametrize("held", [True, False])
def test_a_seller_cancels_an_order(market: Market, th: Caller, held: bool) -> None:
    made = placed(market, TH) if held else ready(market, TH)
    assert cancel(th, made) == 0
    now = order(market, TH, made["id"])
    assert (now["status"], now["cancellation_initiator"]) == ("CANCELLED", "SELLER")
    assert now["cancel_reason"] == "Out of stock"
    [case] = cancellations(th)
    assert (case["cancel_type"], case["role"]) == ("CANCEL", "SELLER")
    assert case["refund_amount"]["refund_total"] == made["payment"]["total_amount"]
    assert cancel(th, made) == 25001010


@pytest.mark.parametrize("code", [25001010, 25001011])
def test_not_twice(market: Market, th: Caller, code: int) -> None:
    market.facts.set("order_cancelled_code", code)
    made = placed(market, TH)
    assert [cancel(th, made), cancel(th, made)] == [0, code]
    assert noted(market, "cancelled") == 1


def test_reasons_fit_market_and_stage(market: Market, us: Caller, th: Caller, gb: Caller) -> None:
    assert cancel(us, placed(market, US), ADDRESS) == 25001021
    american, thai, british = (ready(market, shop) for shop in (US, TH, GB))
    assert cancel(us, american, "seller_reject_apply_product_has_been_packed") == 25001021
    assert cancel(us, american, ADDRESS) == 0
    assert cancel(th, thai, ADDRESS) == 25001021
    assert cancel(gb, british, STOCK) == 25001021
    assert cancel(gb, british, STOCK_UK) == 0
    assert cancel(th, thai | {"id": "1"}) == 36009010
    assert noted(market, "cancelled") == 2


def test_the_menu_is_what_is_taken(market: Market, us: Caller) -> None:
    made = ready(market, US)
    [entry] = eligible(us, made, request_types="CANCEL", initiate_aftersale_user="SELLER")
    assert entry["eligible"]
    assert entry["order_line_list"] == [{"order_line_item_id": id} for id in ids(made)]
    for number, name in enumerate(entry["available_reason_names"]):
        assert cancel(us, ready(market, US, seed=str(number + 20)), name) == 0
    [old] = eligible(us, made, R, request_types="CANCEL")
    assert "available_reason_names" not in old


@pytest.mark.parametrize("lines", ["order_line_item_ids", "order_line_list", "skus"])
def test_lines_are_cancelled_where_the_market_has_that(
    market: Market, us: Caller, lines: str
) -> None:
    made = ready(market, US, "units")
    first = made["line_items"][0]
    given: dict[str, list[object]] = {
        "order_line_item_ids": [first["id"]],
        "order_line_list": [{"order_line_item_id": first["id"]}],
        "skus": [{"sku_id": first["sku_id"], "quantity": 1}],
    }
    body = {lines: given[lines]}
    assert cancel(us, made, PRICE, NEW, **body) == 25001021
    assert cancel(us, made, STOCK, NEW, **body) == 0
    now = order(market, US, made["id"])
    assert now["status"] == "AWAITING_SHIPMENT"
    cancelled = [one for one in now["line_items"] if one["display_status"] == "CANCELLED"]
    assert [one["id"] for one in cancelled] == [first["id"]]
    assert "cancellation_initiator" not in now
    [case] = cancellations(us)
    [entry] = case["cancel_line_items"]
    assert case["refund_amount"]["refund_total"] == entry["refund_amount"]["refund_total"]
    assert cancel(us, now, STOCK, NEW, order_line_item_ids=[first["id"]]) == 25001001


@pytest.mark.parametrize("code", [25001001, 25001003])
def test_elsewhere_the_whole_order_or_nothing(market: Market, th: Caller, code: int) -> None:
    market.facts.set("cancel_refused_code", code)
    made = ready(market, TH, "units")
    assert cancel(th, made, order_line_item_ids=ids(made)[:1]) == code
    sku = made["line_items"][0]["sku_id"]
    too_many = [{"sku_id": sku, "quantity": len(ids(made)) + 1}]
    assert cancel(th, made, skus=too_many) == 36009010
    assert cancel(th, made, order_line_item_ids=ids(made)) == 0


def test_lines_are_named_in_one_way(market: Market, us: Caller) -> None:
    made = ready(market, US, "units")
    both: Doc = {
        "order_line_item_ids": ids(made)[:1],
        "order_line_list": [{"order_line_item_id": ids(made)[1]}],
    }
    assert cancel(us, made, STOCK, NEW, **both) == 36009010
    assert cancel(us, made, STOCK, order_line_item_ids=["1"]) == 36009010


@pytest.mark.parametrize("renames", [False, True])
def test_a_package_loses_cancelled_lines(market: Market, gb: Caller, renames: bool) -> None:
    market.facts.set("partial_cancel_renames_package", renames)
    made = ready(market, GB, "units")
    before = made["packages"][0]["id"]
    assert cancel(gb, made, STOCK_UK, order_line_item_ids=ids(made)[:1]) == 0
    now = order(market, GB, made["id"])
    [package] = now["packages"]
    assert (package["id"] != before) == renames
    told = gb.data("GET", f"/fulfillment/202309/packages/{package['id']}")
    assert told["order_line_item_ids"] == ids(made)[1:]
    [sku] = told["orders"][0]["skus"]
    assert sku["quantity"] == len(ids(made)) - 1
    assert ship(market, gb, GB, now)["status"] == "AWAITING_COLLECTION"


@pytest.mark.parametrize("everywhere", [False, True])
def test_before_collection_in_the_us_only(
    market: Market, us: Caller, th: Caller, everywhere: bool
) -> None:
    if everywhere:
        regions = ("US", "GB", "JP", "MX", "BR", "DE", "ES", "FR", "IE", "IT")
        sea = ("TH", "VN", "MY", "SG", "PH", "ID")
        market.facts.set("seller_cancels_before_collection_markets", (*regions, *sea))
    american = ship(market, us, US, ready(market, US))
    thai = ship(market, th, TH, ready(market, TH))
    assert cancel(us, american) == 0
    assert cancel(th, thai) == (0 if everywhere else 25001001)
    assert order(market, US, american["id"])["status"] == "CANCELLED"


def test_not_once_the_carrier_has_it_nor_before_payment(market: Market, us: Caller) -> None:
    made = ship(market, us, US, ready(market, US))
    do(market, "collect", US, order_id=made["id"])
    assert cancel(us, made) == 25001001
    unpaid = placed(market, US, paid="no")
    assert unpaid["status"] == "UNPAID"
    assert cancel(us, unpaid) == 25001001


def test_what_is_left_of_an_order_is_cancelled(market: Market, us: Caller) -> None:
    made = ready(market, US, "units", seed="11")
    made |= {"shipping_type": "SELLER"}
    market.books.put("order", US, made)
    assert mark(us, made, "GX123456789012", GULL, ids(made)[0]) == 0
    assert order(market, US, made["id"])["status"] == "PARTIALLY_SHIPPING"
    rest = ids(made)[1:]
    assert cancel(us, made, STOCK, order_line_item_ids=rest) == 0
    now = order(market, US, made["id"])
    assert now["status"] == "AWAITING_COLLECTION"
    assert [one["display_status"] for one in now["line_items"]][1:] == ["CANCELLED"] * len(rest)


@pytest.mark.parametrize("closes", [True, False])
def test_while_the_buyer_asks(market: Market, th: Caller, closes: bool) -> None:
    market.facts.set("seller_cancel_closes_request", closes)
    made = ready(market, TH)
    asked(market, TH, made)
    assert cancel(th, made) == (0 if closes else 25001001)
    states = {one["role"]: one["cancel_status"] for one in cancellations(th, NEW)}
    if closes:
        assert states["BUYER"] == "CANCELLATION_REQUEST_CANCEL"
        assert states["SELLER"] == "CANCELLATION_REQUEST_SUCCESS"
        pass_(market, DAY)
        assert noted(market, "refunded") == 1
    else:
        assert states == {"BUYER": "CANCELLATION_REQUEST_PENDING"}


def test_who_may_ask_for_what(market: Market, us: Caller) -> None:
    unpaid, done = placed(market, US, paid="no"), delivered(market, us, US)

    def may(doc: Doc, user: str) -> set[str]:
        entries = eligible(us, doc, initiate_aftersale_user=user)
        assert all(one["eligible"] or one["ineligible_reason"] for one in entries)
        return {one["request_type"] for one in entries if one["eligible"]}

    assert may(order(market, US, unpaid["id"]), "BUYER") == {"CANCEL"}
    assert may(done, "BUYER") == {"REFUND", "RETURN_AND_REFUND"}
    assert may(done, "SELLER") == {"REFUND"}
    claim(market, US, "ask_return", done)
    assert may(done, "BUYER") == set()
    path = f"{NEW}/orders/{done['id']}/aftersale_eligibility"
    assert us.code("GET", path, {"initiate_aftersale_user": "PLATFORM"}) == 36009010
    assert us.code("GET", path, {"request_types": "CANCEL,GIFT"}) == 36009010
    assert us.code("GET", f"{NEW}/orders/1/aftersale_eligibility") == 36009010


@pytest.mark.parametrize("user", ["SELLER", "BUYER"])
def test_whom_it_is_about_when_nobody_is_named(market: Market, us: Caller, user: str) -> None:
    market.facts.set("eligibility_user", user)
    made = ship(market, us, US, ready(market, US))
    [entry] = eligible(us, made, request_types="CANCEL")
    assert entry["eligible"] == (user == "SELLER")


@pytest.mark.parametrize("on", [True, False])
def test_buyers_in_sea_may_ask_after_the_label(market: Market, th: Caller, on: bool) -> None:
    market.facts.set("sea_buyers_cancel_before_collection", on)
    made = ship(market, th, TH, ready(market, TH))
    [entry] = eligible(th, made, request_types="CANCEL", initiate_aftersale_user="BUYER")
    assert entry["eligible"] == on


@pytest.mark.parametrize("on", [True, False])
def test_a_refund_of_what_is_on_its_way(market: Market, us: Caller, on: bool) -> None:
    if not on:
        market.facts.set("refund_in_transit_markets", ())
    made = ship(market, us, US, ready(market, US))
    do(market, "collect", US, order_id=made["id"])
    [entry] = eligible(us, made, request_types="REFUND", initiate_aftersale_user="BUYER")
    assert entry["eligible"] == on
