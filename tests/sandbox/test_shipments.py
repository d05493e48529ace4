"""The sandbox's own books of what went out, which show double shipments; and its latency."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from sandbox import control_do
from sandbox.control_do import Wrong
from sandbox.fulfilment.arranging import SHIPPED
from sandbox.market import Market
from sandbox.testing import Caller, double_shipments, shipments
from tests.sandbox.conftest import TH, US
from tests.sandbox.lives import do
from tests.sandbox.lives import ready as placed
from tests.sandbox.lives import ship as sent_by_platform
from tests.sandbox.shipping import GULL, lines, mark, order, package_id, ready


def test_shipments_tell_their_units(market: Market, us: Caller) -> None:
    (one,) = ready(market, US, shipping_type="SELLER")
    mark(us, one, "GX000000000001", GULL, *lines(one, 1))
    mark(us, one, "GX000000000002", GULL)
    first, second = shipments(market)
    assert (first.tracking_number, first.units) == ("GX000000000001", tuple(lines(one, 1)))
    assert second.units == tuple(lines(one, 0, 2))
    assert (first.orders, first.shop) == ((one["id"],), US)
    assert [each["id"] for each in order(market, US, one)["packages"]] == [
        first.package_id,
        second.package_id,
    ]
    assert shipments(market, TH) == []
    assert double_shipments(market) == []


def test_a_label_bought_again_is_a_double_shipment(market: Market, us: Caller) -> None:
    market.facts.set("create_packages_twice", "bought again")
    (one,) = ready(market, US)
    path, body = "/fulfillment/202309/packages", {"order_id": one["id"]}
    assert [us.code("POST", path, None, body) for _ in range(2)] == [0, 0]
    (double,) = double_shipments(market)
    assert double.units == tuple(lines(one, 0, 1, 2))
    told = us.http.get("/control/api/double_shipments").json()["shipments"]
    assert [each["package_id"] for each in told] == [double.package_id]
    assert len(us.http.get(f"/control/api/shipments?shop={US}").json()["shipments"]) == 2
    assert us.http.get(f"/control/api/double_shipments?shop={TH}").json() == {"shipments": []}


def test_books_of_before_the_ledger_told_units(market: Market, us: Caller) -> None:
    (one,) = ready(market, US, shipping_type="SELLER")
    mark(us, one, "GX000000000001", GULL)
    sent = order(market, US, one)
    detail = {"tracking_number": "GX000000000001", "orders": [one["id"]]}
    market.books.note(
        SHIPPED, US, 1, order_id=one["id"], package_id=package_id(sent), detail=detail
    )
    (double,) = double_shipments(market)
    assert double.units == tuple(lines(one, 0, 1, 2))


def test_what_the_platform_took_back_may_go_again(market: Market, us: Caller) -> None:
    one, other = placed(market, US), placed(market, US)
    for each in (one, other):
        sent_by_platform(market, us, US, each)
    do(market, "step_back", US, order_id=one["id"])
    sent_by_platform(market, us, US, order(market, US, one))
    assert len(shipments(market)) == 3
    assert double_shipments(market) == []


def test_latency_is_real_and_holds_up_nobody_else(market: Market, us: Caller) -> None:
    orders = ready(market, US, 8, shipping_type="SELLER")
    control_do.act(market, "latency", {"milliseconds": "200"})

    def send(number: int) -> int:
        return mark(us, orders[number], f"GX00000000000{number}", GULL)

    began = time.monotonic()
    with ThreadPoolExecutor(8) as hands:
        assert list(hands.map(send, range(8))) == [0] * 8
    took = time.monotonic() - began
    assert 0.2 <= took < 1.2
    assert us.http.get("/control/api/state").json()["latency"] == 200
    assert 'value="200"' in us.http.get("/control/").text
    market.latency.set(0)


@pytest.mark.parametrize("given", [{"milliseconds": -1}, {"milliseconds": 60_001}, {}])
def test_a_latency_that_cannot_be(market: Market, given: dict[str, int]) -> None:
    with pytest.raises(Wrong):
        control_do.act(market, "latency", given)
    assert market.latency.milliseconds == 0
