"""Orders as an app reads them."""

from __future__ import annotations

import time

import pytest

from sandbox.kinds import Doc
from sandbox.life import save_order, set_lines, settle
from sandbox.market import Market
from sandbox.testing import Caller
from tests.sandbox.conftest import TH, US
from tests.sandbox.fill import MAY, place

SEARCH = "/order/202309/orders/search"


def all_pages(caller: Caller, body: Doc, **query: str) -> list[list[Doc]]:
    pages: list[list[Doc]] = []
    token = ""
    while token or not pages:
        asked = {"page_size": "100", **query} | ({"page_token": token} if token else {})
        found = caller.data("POST", SEARCH, asked, body)
        pages.append(found["orders"])
        token = found["next_page_token"]
    return pages


@pytest.mark.parametrize("way", ["ASC", "DESC"])
def test_250_orders_over_pages(market: Market, us: Caller, way: str) -> None:
    made = [order["id"] for order in place(market, US, 250)]
    place(market, TH, 3)
    pages = all_pages(us, {}, sort_field="update_time", sort_order=way)
    assert [len(page) for page in pages] == [100, 100, 50]
    found = [order["id"] for page in pages for order in page]
    assert found == (made if way == "ASC" else made[::-1])
    assert us.data("POST", SEARCH, {"page_size": "1"}, {})["total_count"] == 250


def test_the_time_window_includes_its_start_and_not_its_end(market: Market, us: Caller) -> None:
    made = place(market, US, 5)
    body = {"update_time_ge": MAY + 60, "update_time_lt": MAY + 180}
    found = us.data("POST", SEARCH, {"sort_order": "ASC"}, body)["orders"]
    assert [order["id"] for order in found] == [made[1]["id"], made[2]["id"]]


def test_filters(market: Market, us: Caller) -> None:
    first, second, third = place(market, US, 3)
    with market.books.change():
        third |= {"is_buyer_request_cancel": True, "shipping_type": "SELLER", "warehouse_id": "w9"}
        save_order(market, US, third)
        set_lines(second, None, "CANCELLED")
        settle(market, US, second)

    def found(body: Doc) -> list[str]:
        return [one["id"] for one in us.data("POST", SEARCH, None, body)["orders"]]

    assert found({"order_status": "CANCELLED"}) == [second["id"]]
    assert found({"is_buyer_request_cancel": True}) == [third["id"]]
    assert found({"shipping_type": "SELLER"}) == [third["id"]]
    assert found({"warehouse_ids": ["w9", "w8"]}) == [third["id"]]
    assert set(found({"buyer_user_id": first["user_id"]})) == {
        order["id"] for order in (first, second, third)
    }


def test_a_page_token_that_is_none(us: Caller) -> None:
    assert us.code("POST", SEARCH, {"page_token": "bm9uZQ=="}, {}) == 36009010


@pytest.mark.parametrize("version", ["202309", "202507"])
def test_detail_tells_more_of_the_payment(market: Market, us: Caller, version: str) -> None:
    made = place(market, US, 2)
    ids = ",".join([made[1]["id"], "404", made[0]["id"]])
    found = us.data("GET", f"/order/{version}/orders", {"ids": ids})["orders"]
    assert [order["id"] for order in found] == [made[1]["id"], made[0]["id"]]
    assert found[0]["payment_method_code"] == "CREDIT_CARD"
    listed = us.data("POST", SEARCH, None, {})["orders"][0]
    assert "payment_method_code" not in listed
    assert "_" not in listed
    assert "_" not in found[0]


def test_detail_may_refuse_unknown_ids(market: Market, us: Caller) -> None:
    market.facts.set("unknown_ids_in_detail", "refused")
    assert us.code("GET", "/order/202309/orders", {"ids": "404"}) == 36009010


def test_detail_takes_fifty_ids(us: Caller) -> None:
    ids = ",".join(str(number) for number in range(51))
    assert us.code("GET", "/order/202309/orders", {"ids": ids}) == 36009023


def test_price_detail(market: Market, us: Caller) -> None:
    (order,) = place(market, US, 1)
    found = us.data("GET", f"/order/202407/orders/{order['id']}/price_detail")
    assert (found["total"], found["currency"]) == ("67.80", "USD")
    assert len(found["line_items"]) == 3


def test_a_request_to_cancel_need_not_move_update_time(market: Market, us: Caller) -> None:
    (order,) = place(market, US, 1)
    with market.books.change():
        save_order(market, US, order | {"is_buyer_request_cancel": True})
    found = us.data("POST", SEARCH, None, {"is_buyer_request_cancel": True})["orders"][0]
    assert found["update_time"] == MAY


@pytest.mark.parametrize(
    ("statuses", "whole"),
    [
        (["AWAITING_SHIPMENT"] * 3, "AWAITING_SHIPMENT"),
        (["AWAITING_COLLECTION", "AWAITING_SHIPMENT", "AWAITING_SHIPMENT"], "PARTIALLY_SHIPPING"),
        (["AWAITING_COLLECTION", "IN_TRANSIT", "IN_TRANSIT"], "AWAITING_COLLECTION"),
        (["IN_TRANSIT", "CANCELLED", "DELIVERED"], "IN_TRANSIT"),
        (["CANCELLED"] * 3, "CANCELLED"),
    ],
)
def test_the_status_follows_from_the_lines(
    market: Market, us: Caller, statuses: list[str], whole: str
) -> None:
    (order,) = place(market, US, 1)
    for line, status in zip(order["line_items"], statuses, strict=True):
        line["display_status"] = status
    with market.books.change():
        settle(market, US, order)
    assert us.data("POST", SEARCH, None, {})["orders"][0]["status"] == whole


def test_addresses_by_region_and_status(market: Market, us: Caller, th: Caller) -> None:
    place(market, US, 1, status="ON_HOLD")
    place(market, US, 1)
    place(market, TH, 1)
    place(market, TH, 1, shipping_type="SELLER")
    open_, hidden = (one["recipient_address"] for one in _listed(us))
    assert open_["name"] == "Rowan Ashby"
    assert (hidden["name"], hidden["region_code"]) == ("", "US")
    names = [one["recipient_address"]["name"] for one in _listed(th)]
    assert sorted(names) == ["R****", "Rowan Ashby"]


def test_us_addresses_are_masked_after_the_end(market: Market, us: Caller) -> None:
    cancelled, closed = place(market, US, 2)
    with market.books.change():
        set_lines(cancelled, None, "CANCELLED")
        settle(market, US, cancelled)
        set_lines(closed, None, "COMPLETED")
        settle(market, US, closed | {"delivery_time": int(time.time()) - 31 * 86400})
    assert {one["recipient_address"]["name"] for one in _listed(us)} == {"R****"}


@pytest.mark.parametrize(("shown", "line"), [("absent", {}), ("blank", {"package_id": ""})])
def test_a_line_without_a_package(market: Market, us: Caller, shown: str, line: Doc) -> None:
    market.facts.set("unshipped_package_id", shown)
    place(market, US, 1)
    first = _listed(us)[0]["line_items"][0]
    assert {name: first[name] for name in ("package_id",) if name in first} == line


def _listed(caller: Caller) -> list[Doc]:
    orders: list[Doc] = caller.data("POST", SEARCH, None, {})["orders"]
    return orders
