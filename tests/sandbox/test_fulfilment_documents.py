"""Shipping documents: when there are any, what they are, and for how long they stand."""

from __future__ import annotations

import json
from io import BytesIO

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from sandbox import shops
from sandbox.market import Market
from sandbox.testing import Caller, authorised
from tests.sandbox.conftest import TH, US
from tests.sandbox.shipping import (
    GULL,
    LABEL,
    F,
    at_once,
    buy,
    document,
    later,
    mark,
    order,
    package_id,
    ready,
    scan,
    ship,
)


def url(caller: Caller, id: str, **more: str) -> str:
    data = caller.data("GET", f"{F}/packages/{id}/shipping_documents", LABEL | more)
    return str(data["doc_url"])


def codes(content: bytes) -> set[str]:
    page = pypdfium2.PdfDocument(content)[0].render(scale=203 / 72).to_pil()
    return {code.text for code in zxingcpp.read_barcodes(page)}


def test_before_and_while_and_after(market: Market, th: Caller) -> None:
    (one,) = ready(market, TH)
    id = package_id(one)
    assert document(th, id) == 21023035
    ship(th, id)
    assert document(th, id) == 11034037
    later(market, 2.5)
    data = th.data("GET", f"{F}/packages/{id}/shipping_documents", LABEL)
    assert data["tracking_number"] == order(market, TH, one)["tracking_number"]
    assert document(th, id) == 0
    scan(market, TH, id, "FULFILLING")
    assert document(th, id) == 21042102
    scan(market, TH, id, "CANCELLED")
    assert document(th, id) == 21023059


@pytest.mark.parametrize("fact", ["document_before_ship_code", "label_not_ready_code"])
def test_the_other_codes(market: Market, th: Caller, fact: str) -> None:
    (one,) = ready(market, TH)
    if fact == "label_not_ready_code":
        ship(th, package_id(one))
    from sandbox.facts import TABLE

    for code in TABLE[fact].others:
        market.facts.set(fact, code)
        assert document(th, package_id(one)) == code


def test_picked_up_has_two_codes(market: Market, th: Caller) -> None:
    (one,) = ready(market, TH)
    ship(th, package_id(one))
    scan(market, TH, package_id(one), "COMPLETED")
    market.facts.set("document_picked_up_code", 21023046)
    assert document(th, package_id(one)) == 21023046


@pytest.mark.parametrize("seconds", [0, 2, 30])
def test_carriers_take_their_time(market: Market, th: Caller, seconds: int) -> None:
    market.facts.set("label_seconds", seconds)
    (one,) = ready(market, TH)
    ship(th, package_id(one))
    assert (document(th, package_id(one)) == 0) is (seconds == 0)
    later(market, seconds)
    assert document(th, package_id(one)) == 0


def test_a_slow_label(market: Market, th: Caller) -> None:
    market.faults.one_shot("ship_package", "slow_label")
    one, two = ready(market, TH, 2)
    ship(th, package_id(one))
    ship(th, package_id(two))
    later(market, 60)
    assert document(th, package_id(one)) == 11034037
    assert document(th, package_id(two)) == 0
    market.faults.one_shot("shipping_document", "slow_label")
    assert document(th, package_id(two)) == 11034037
    later(market, 100)
    assert document(th, package_id(one)) == 0


def test_a_case_blocks_the_document(market: Market, th: Caller) -> None:
    at_once(market)
    (one,) = ready(market, TH)
    ship(th, package_id(one))
    market.books.put("order", TH, order(market, TH, one) | {"is_buyer_request_cancel": True})
    assert document(th, package_id(one)) == 21021010


@pytest.mark.parametrize("code", [11034002, 21008017])
def test_there_is_none_for_what_sellers_ship(market: Market, us: Caller, code: int) -> None:
    market.facts.set("document_seller_ships_code", code)
    (one,) = ready(market, US, shipping_type="SELLER")
    mark(us, one, "GX000000000001", GULL)
    assert document(us, package_id(order(market, US, one))) == code


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"document_type": ""}, 36009022),
        ({"document_type": "POSTER"}, 36009010),
        ({"document_size": "A4"}, 36009010),
        ({"document_format": "PNG"}, 36009010),
        ({"document_format": "ZPL"}, 36009010),
        ({"document_type": "INVOICE_LABEL"}, 36009010),
        ({"document_type": "HAZMAT_LABEL"}, 36009010),
    ],
)
def test_documents_that_are_not(market: Market, us: Caller, asked: dict, code: int) -> None:
    at_once(market)
    (one,) = ready(market, US)
    assert document(us, buy(us, one), **asked) == code


@pytest.mark.parametrize("size", ["A6", "A5"])
def test_the_label_says_whose_it_is(market: Market, us: Caller, size: str) -> None:
    at_once(market)
    (one,) = ready(market, US)
    id = buy(us, one)
    answer = us.http.get(url(us, id, document_size=size))
    assert answer.headers["content-type"] == "application/pdf"
    assert codes(answer.content) == {id, order(market, US, one)["tracking_number"]}
    text = pypdfium2.PdfDocument(answer.content)[0].get_textpage().get_text_range()
    assert "Rowan Ashby" in text
    assert "(+1)********43" in text
    assert "2025550143" not in text
    assert "Portland, Oregon, 97201" in text


def test_a_picture_and_a_slip(market: Market, us: Caller) -> None:
    at_once(market)
    (one,) = ready(market, US)
    id = buy(us, one)
    picture = us.http.get(url(us, id, document_type="SHIPPING_LABEL_PICTURE"))
    assert picture.headers["content-type"] == "image/png"
    found = {code.text for code in zxingcpp.read_barcodes(Image.open(BytesIO(picture.content)))}
    assert id in found
    both = us.http.get(url(us, id, document_type="SHIPPING_LABEL_AND_PACKING_SLIP")).content
    pages = pypdfium2.PdfDocument(both)
    assert len(pages) == 2
    slip = pages[1].get_textpage().get_text_range()
    assert "MUG-01" in slip
    assert "3 in all" in slip


def test_zpl_is_for_brazil(market: Market) -> None:
    at_once(market)
    id = "7495000000000000009"
    shops.add_shop(market.books, {"id": id, "name": "Casa", "region": "BR"})
    caller = authorised(market, id)
    (one,) = ready(market, id)
    ship(caller, package_id(one))
    answer = caller.http.get(url(caller, package_id(one), document_format="ZPL"))
    assert answer.text.startswith("^XA")
    assert package_id(one) in answer.text
    assert document(caller, package_id(one), document_type="INVOICE_LABEL") == 0


def test_the_address_is_good_for_a_day(market: Market, us: Caller) -> None:
    at_once(market)
    (one,) = ready(market, US)
    where = url(us, buy(us, one))
    later(market, 24 * 3600 - 60)
    assert us.http.get(where).status_code == 200
    later(market, 120)
    assert us.http.get(where).status_code == 403


@pytest.mark.parametrize("wrong", ["x", "x.y", "é.é", "bm90IGpzb24.0"])
def test_made_up_addresses_open_nothing(market: Market, us: Caller, wrong: str) -> None:
    at_once(market)
    (one,) = ready(market, US)
    where = url(us, buy(us, one))
    base, _, ticket = where.rpartition("/")
    assert us.http.get(f"{base}/{wrong}").status_code == 403
    assert us.http.get(f"{base}/A{ticket[1:]}").status_code == 403


def test_null_data_after_the_effect(market: Market, us: Caller) -> None:
    """The money is spent although the answer tells of nothing."""
    (one,) = ready(market, US)
    market.faults.one_shot("create_packages", "null_data")
    answer = us.send("POST", f"{F}/packages", None, {"order_id": one["id"]}).json()
    assert json.dumps(answer["data"]) == "null"
    assert len(market.books.ledger(what="label_bought")) == 1
