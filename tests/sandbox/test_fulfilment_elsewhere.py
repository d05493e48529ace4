"""Shipping in Brazil, where an invoice goes first, and in Japan, where both ways are open."""

from __future__ import annotations

import base64
import json

import pytest

from sandbox import shops
from sandbox.kinds import Doc
from sandbox.market import Market
from sandbox.testing import Caller, authorised
from tests.sandbox.conftest import US
from tests.sandbox.shipping import F, at_once, later, lines, order, package_id, ready, ship

UPLOAD = "/fulfillment/202502/invoice/upload"
BR, JP = "7495000000000000009", "7495000000000000010"
TOKYO = {"postal_code": "150-0041", "name": "田中 陽子"}


@pytest.fixture
def br(market: Market) -> Caller:
    shops.add_shop(market.books, {"id": BR, "name": "Casa Norte", "region": "BR"})
    return authorised(market, BR)


@pytest.fixture
def jp(market: Market) -> Caller:
    shops.add_shop(market.books, {"id": JP, "name": "Kumo", "region": "JP"})
    return authorised(market, JP)


def upload(caller: Caller, id: str, content: bytes = b"<nfe/>", type: str = "XML") -> Doc:
    one = {"package_id": id, "file_type": type, "file": base64.b64encode(content).decode()}
    return dict(caller.data("POST", UPLOAD, None, {"invoices": [one]}))


@pytest.mark.parametrize("seconds", [2, 30])
def test_an_invoice_goes_first(market: Market, br: Caller, seconds: int) -> None:
    market.facts.set("invoice_seconds", seconds)
    hook = {"event_type": "INVOICE_STATUS_CHANGE", "address": "https://desk.example.com/hook"}
    br.data("PUT", "/event/202309/webhooks", None, hook)
    (one,) = ready(market, BR, need_upload_invoice="NEED_INVOICE")
    id = package_id(one)
    assert ship(br, id) == 21004006
    assert upload(br, id) == {}
    assert ship(br, id) == 21004019
    later(market, seconds - 1)
    assert ship(br, id) == 21004019
    later(market, 2)
    (told,) = market.books.find("hook", BR)
    data = json.loads(told["text"])["data"]
    assert (data["package_id"], data["invoice_status"]) == (id, "SUCCESS")
    assert ship(br, id) == 0


def test_an_invoice_that_is_none(market: Market, br: Caller, us: Caller) -> None:
    (one,) = ready(market, BR, need_upload_invoice="NEED_INVOICE")
    id = package_id(one)
    assert upload(br, id, b"no xml") == {}
    later(market, 3)
    assert order(market, BR, one)["need_upload_invoice"] == "NEED_INVOICE"
    assert upload(br, id, type="PDF")["errors"][0]["code"] == 36009010
    assert upload(br, id, b"<" * (1024 * 1024 + 1))["errors"][0]["code"] == 36009023
    assert upload(br, "404")["errors"][0]["detail"]["package_id"] == "404"
    bad = {"package_id": id, "file_type": "XML", "file": "é"}
    (error,) = br.data("POST", UPLOAD, None, {"invoices": [bad]})["errors"]
    assert error["code"] == 36009010
    assert us.code("POST", UPLOAD, None, {"invoices": [bad]}) == 21008106


def test_japan_buys_for_the_package_that_is_there(market: Market, jp: Caller) -> None:
    at_once(market)
    one, two = ready(market, JP, 2, address=TOKYO)
    asked = f"{F}/orders/{one['id']}/shipping_services/query"
    (service,) = jp.data("POST", asked, None, {})["shipping_services"]
    assert service["currency"] == "JPY"
    newer = "/fulfillment/202512/packages"
    whole = jp.data("POST", newer, None, {"ship_type": "1", "order_id": one["id"]})
    assert whole["package_id"] == package_id(one)
    part = [{"order_line_id": lines(two, 0)[0]}]
    body = {"ship_type": "2", "order_id": two["id"], "order_line_item": part}
    made = jp.data("POST", newer, None, body)["package_id"]
    after = order(market, JP, two)
    rest = next(one["id"] for one in after["packages"] if one["id"] != made)
    assert package_id(two) not in (made, rest)
    assert after["status"] == "PARTIALLY_SHIPPING"
    assert ship(jp, rest) == 0
    assert order(market, JP, two)["status"] == "AWAITING_COLLECTION"


def test_a_japanese_postcode(market: Market, jp: Caller) -> None:
    (one,) = ready(market, JP, address={"postal_code": "97201"})
    body = {"ship_type": "1", "order_id": one["id"]}
    assert jp.code("POST", "/fulfillment/202512/packages", None, body) == 11021010
    assert ready(market, US)[0]["packages"] == []
