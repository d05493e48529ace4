"""Shipping in the US: services, labels for whole orders, parts and several, and their price."""

from __future__ import annotations

import pytest

from sandbox.kinds import Doc
from sandbox.market import Market
from sandbox.testing import Caller
from tests.sandbox.conftest import GB, TH, US
from tests.sandbox.shipping import F, at_once, buy, later, lines, order, ready

NEWER = "/fulfillment/202512/packages"


def services(one: Doc) -> str:
    return f"{F}/orders/{one['id']}/shipping_services/query"


def test_services_have_prices_and_days(market: Market, us: Caller) -> None:
    (one,) = ready(market, US)
    weight = {"value": "2.5", "unit": "POUND"}
    size = {"length": "10", "width": "8", "height": "4", "unit": "INCH"}
    data = us.data("POST", services(one), None, {"weight": weight, "dimension": size})
    assert [s["name"] for s in data["shipping_services"]] == ["Gull Ground", "Gull Two Day"]
    assert [s["price"] for s in data["shipping_services"]] == ["5.90", "12.30"]
    assert [s["is_default"] for s in data["shipping_services"]] == [True, False]
    assert data["order_line_id"] == lines(one, 0, 1, 2)
    assert data["dimension"] == size


def test_a_light_parcel_has_one_more_service(market: Market, us: Caller) -> None:
    (one,) = ready(market, US)
    body = {"order_line_item_ids": lines(one, 0), "weight": {"value": "200", "unit": "GRAM"}}
    data = us.data("POST", services(one), None, body)
    assert "Union Light" in [s["name"] for s in data["shipping_services"]]
    market.facts.set("label_allocation", True)
    assert len(us.data("POST", services(one), None, body)["shipping_services"]) == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"weight": {"value": "71", "unit": "POUND"}}, 11021015),
        ({"dimension": {"length": "300", "width": "5", "height": "5", "unit": "CM"}}, 11021022),
        ({"dimension": {"length": "100", "width": "80", "height": "60", "unit": "CM"}}, 11021020),
        ({"dimension": {"length": "100", "unit": "CM"}}, 36009010),
        ({"weight": {"value": "much", "unit": "GRAM"}}, 36009010),
        ({"weight": {"value": "-1", "unit": "GRAM"}}, 36009010),
        ({"weight": {"value": "1", "unit": "STONE"}}, 36009010),
        ({"weight": {"value": "NaN", "unit": "GRAM"}}, 36009010),
        ({"order_line_item_ids": ["1"]}, 21011031),
    ],
)
def test_a_parcel_that_nobody_takes(market: Market, us: Caller, body: Doc, code: int) -> None:
    (one,) = ready(market, US)
    assert us.code("POST", services(one), None, body) == code
    assert us.code("POST", f"{F}/packages", None, {"order_id": one["id"], **body}) == code
    assert market.books.ledger(shop=US) == []


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ({"postal_code": "9720"}, 11021010),
        ({"address_line1": "x" * 61}, 11021013),
        ({"address_line1": "", "full_address": ""}, 11021024),
    ],
)
def test_an_address_no_label_can_have(market: Market, us: Caller, address: Doc, code: int) -> None:
    (one,) = ready(market, US, address=address)
    assert us.code("POST", services(one), None, {}) == code
    assert us.code("POST", f"{F}/packages", None, {"order_id": one["id"]}) == code


def test_a_label_is_bought_and_the_order_moves_on(market: Market, us: Caller) -> None:
    market.clock.hold(market.clock.now())
    (one,) = ready(market, US)
    assert order(market, US, one)["packages"] == []
    service = "7208000000000000002"
    body = {"weight": {"value": "1200", "unit": "GRAM"}, "shipping_service_id": service}
    data = us.data("POST", f"{F}/packages", None, {"order_id": one["id"], **body})
    assert data["shipping_service_info"]["name"] == "Gull Two Day"
    after = order(market, US, one)
    assert after["status"] == "AWAITING_COLLECTION"
    assert after["packages"] == [{"id": data["package_id"]}]
    assert after["tracking_number"].startswith("GX")
    assert after["rts_time"] == after["update_time"] == market.books.ledger()[0].at
    assert {line["package_id"] for line in after["line_items"]} == {data["package_id"]}
    assert {line["package_status"] for line in after["line_items"]} == {"PROCESSING"}
    bought, shipped = market.books.ledger(order_id=one["id"])
    assert (bought.what, bought.amount, shipped.what) == ("label_bought", "12.30", "shipped")


def test_the_sub_status_tells_of_the_label(market: Market, us: Caller) -> None:
    (one,) = ready(market, US)
    id = buy(us, one)
    assert us.data("GET", f"{F}/packages/{id}")["package_sub_status"] == "RTSING"
    later(market, 3)
    assert us.data("GET", f"{F}/packages/{id}")["package_sub_status"] == "RTS"


@pytest.mark.parametrize("code", [21022025, 21008042, 21030006])
def test_a_second_purchase_is_refused(market: Market, us: Caller, code: int) -> None:
    market.facts.set("label_exists_code", code)
    (one,) = ready(market, US)
    buy(us, one)
    assert us.code("POST", f"{F}/packages", None, {"order_id": one["id"]}) == 21030005
    later(market, 3)
    assert us.code("POST", f"{F}/packages", None, {"order_id": one["id"]}) == code
    assert len(market.books.ledger(what="label_bought")) == 1


def test_a_second_purchase_may_be_possible(market: Market, us: Caller) -> None:
    market.facts.set("create_packages_twice", "bought again")
    (one,) = ready(market, US)
    first, second = buy(us, one), buy(us, one)
    assert first != second
    assert len(market.books.ledger(what="label_bought")) == 2
    assert [one["id"] for one in order(market, US, one)["packages"]] == [first, second]


def test_a_part_goes_first(market: Market, us: Caller) -> None:
    (one,) = ready(market, US)
    first = buy(us, one, order_line_item_ids=lines(one, 0))
    after = order(market, US, one)
    assert after["status"] == "PARTIALLY_SHIPPING"
    assert after["split_or_combine_tag"] == "SPLIT"
    assert [line["display_status"] for line in after["line_items"]] == [
        "AWAITING_COLLECTION",
        "AWAITING_SHIPMENT",
        "AWAITING_SHIPMENT",
    ]
    second = buy(us, one)
    assert second != first
    after = order(market, US, one)
    assert after["status"] == "AWAITING_COLLECTION"
    assert market.books.need("package", US, second)["order_line_item_ids"] == lines(one, 1, 2)


def test_three_ship_types(market: Market, us: Caller) -> None:
    at_once(market)
    one, two, three, four = ready(market, US, 4)
    whole = us.data("POST", NEWER, None, {"ship_type": "1", "order_id": one["id"]})
    part = us.data(
        "POST",
        NEWER,
        None,
        {
            "ship_type": "2",
            "order_id": two["id"],
            "order_line_item": [{"order_line_id": lines(two, 2)[0]}],
        },
    )
    ids = [three["id"], four["id"]]
    several = us.data("POST", NEWER, None, {"ship_type": "3", "order_list_ids": ids})
    assert len({data["package_id"] for data in (whole, part, several)}) == 3
    assert order(market, US, two)["status"] == "PARTIALLY_SHIPPING"
    made = market.books.need("package", US, several["package_id"])
    assert [one["id"] for one in made["orders"]] == ids
    assert made["split_and_combine_tag"] == "COMBINE"
    assert {order(market, US, one)["split_or_combine_tag"] for one in (three, four)} == {"COMBINED"}
    assert len(market.books.ledger(what="label_bought")) == 3


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"ship_type": "4", "order_id": "x"}, 36009010),
        ({"ship_type": "1"}, 36009022),
        ({"ship_type": "2", "order_id": "1"}, 21011005),
        ({"ship_type": "3", "order_list_ids": ["1"]}, 36009023),
        ({}, 36009022),
    ],
)
def test_wrong_ship_types(market: Market, us: Caller, body: Doc, code: int) -> None:
    assert us.code("POST", NEWER, None, body) == code


def test_several_orders_must_have_one_recipient(market: Market, us: Caller) -> None:
    (one,) = ready(market, US)
    (two,) = ready(market, US, address={"name": "Alma Brook"})
    body = {"ship_type": "3", "order_list_ids": [one["id"], two["id"]]}
    assert us.code("POST", NEWER, None, body) == 21011033


def test_other_markets_buy_no_labels(market: Market, th: Caller, gb: Caller) -> None:
    (thai,), (british,) = ready(market, TH), ready(market, GB)
    assert th.code("POST", f"{F}/packages", None, {"order_id": thai["id"]}) == 21008106
    market.facts.set("wrong_region_code", 21004010)
    assert th.code("POST", services(thai), None, {}) == 21004010
    assert gb.code("POST", f"{F}/packages", None, {"order_id": british["id"]}) == 21004010
    born = british["packages"][0]["id"]
    body = {"ship_type": "1", "order_id": british["id"]}
    assert gb.data("POST", NEWER, None, body)["package_id"] == born


def test_a_service_that_does_not_take_it(market: Market, us: Caller) -> None:
    (one,) = ready(market, US)
    body = {"order_id": one["id"], "shipping_service_id": "7208000000000000003"}
    assert us.code("POST", f"{F}/packages", None, body) == 21011037


def test_dangerous_goods_go_alone(market: Market, us: Caller) -> None:
    (one,) = ready(market, US)
    with market.books.change():
        one["line_items"][0]["is_dangerous_good"] = True
        market.books.put("order", US, one)
    assert us.code("POST", f"{F}/packages", None, {"order_id": one["id"]}) == 11006013
    buy(us, one, order_line_item_ids=lines(one, 0))
    buy(us, one, order_line_item_ids=lines(one, 1, 2))
    assert order(market, US, one)["status"] == "AWAITING_COLLECTION"


def test_nothing_is_offered_for_what_has_gone(market: Market, us: Caller) -> None:
    (one,) = ready(market, US)
    buy(us, one, order_line_item_ids=lines(one, 0))
    data = us.data("POST", services(one), None, {})
    assert data["order_line_id"] == lines(one, 1, 2)
    buy(us, one)
    assert us.code("POST", services(one), None, {}) == 21011020
