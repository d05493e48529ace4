"""What a call must pass, and in which order the marketplace looks."""

from __future__ import annotations

import pytest

from sandbox import shops
from sandbox.market import Market
from sandbox.testing import Caller, authorised
from tests.sandbox.conftest import TH, US

SHOPS_PATH = "/authorization/202309/shops"
SEARCH = "/order/202309/orders/search"


def test_shops_of_a_token_are_those_of_its_seller(market: Market) -> None:
    sister = {"id": "7495000000000000009", "name": "Harbor UK", "region": "GB", "seller": US}
    shops.add_shop(market.books, sister)
    caller = authorised(market, US)
    caller.cipher = ""
    found = caller.data("GET", SHOPS_PATH)["shops"]
    assert {shop["id"] for shop in found} == {US, sister["id"]}
    assert all(shop["cipher"] and shop["code"] for shop in found)


@pytest.mark.parametrize(("off", "code"), [(-299, 0), (-301, 36009004), (29, 0), (32, 36009004)])
def test_the_timestamp_window(us: Caller, off: int, code: int) -> None:
    us.cipher = ""
    at = str(int(us.market.clock.real()) + off)
    assert us.code("GET", SHOPS_PATH, {"timestamp": at}) == code


def test_a_missing_timestamp_is_refused(us: Caller) -> None:
    us.cipher = ""
    assert us.code("GET", SHOPS_PATH, {"timestamp": ""}) == 36009004


def test_the_marketplace_clock_does_not_move_the_window(us: Caller) -> None:
    us.market.clock.follow("-40d")
    assert us.code("POST", SEARCH, body={}) == 0


def test_an_unknown_key_is_seen_before_a_wrong_signature(us: Caller) -> None:
    us.key = "nobody"
    assert us.code("POST", SEARCH, body={}) == 36009004


def test_a_wrong_secret_is_seen_before_a_wrong_token(us: Caller) -> None:
    us.secret, us.token = "wrong", "wrong"
    answer = us.send("POST", SEARCH, body={})
    assert (answer.status_code, answer.json()["code"]) == (401, 106001)


def test_a_wrong_token_is_refused(us: Caller) -> None:
    us.token = "wrong"
    assert us.code("POST", SEARCH, body={}) == 36009004


def test_a_token_of_another_app_is_refused(market: Market, us: Caller) -> None:
    other = authorised(market, US, "other app")
    us.token = other.token
    assert us.code("POST", SEARCH, body={}) == 36009004


def test_a_scope_that_was_not_granted(market: Market) -> None:
    shops.add_app(
        market.books, "narrow", "secret of narrow", "http://x.test", ("seller.logistics",)
    )
    narrow = authorised(market, US, "narrow")
    assert narrow.code("POST", SEARCH, body={}) == 105005


def test_the_cipher_must_be_there_where_it_belongs(us: Caller) -> None:
    us.cipher = ""
    assert us.code("POST", SEARCH, body={}) == 106013


def test_the_cipher_must_not_be_there_where_it_does_not_belong(us: Caller) -> None:
    assert us.code("GET", SHOPS_PATH) == 36009004


@pytest.mark.parametrize("cipher", ["ROW_", "ROW_zzz.x", "nonsense", "ROW_€.€"])
def test_a_cipher_that_is_none(us: Caller, cipher: str) -> None:
    us.cipher = cipher
    assert us.code("POST", SEARCH, body={}) == 36009004


def test_a_cipher_of_a_shop_that_the_token_does_not_cover(market: Market, us: Caller) -> None:
    us.cipher = shops.shop(market.books, TH).cipher
    assert us.code("POST", SEARCH, body={}) == 36009004


def test_a_version_that_is_retired(us: Caller) -> None:
    assert us.code("POST", "/order/202212/orders/search", body={}) == 36009014


def test_a_path_that_is_none(us: Caller) -> None:
    answer = us.http.get("/order/202309/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, 36009009)


@pytest.mark.parametrize(("size", "code"), [("0", 36009023), ("101", 36009023), ("x", 36009023)])
def test_page_size_has_bounds(us: Caller, size: str, code: int) -> None:
    assert us.code("POST", SEARCH, {"page_size": size}, {}) == code


def test_fifty_calls_a_second(us: Caller) -> None:
    at = [100.0]
    us.market.limits._tell = lambda: at[0]
    answers = [us.send("POST", SEARCH, body={}) for _ in range(51)]
    assert {answer.status_code for answer in answers[:50]} == {200}
    assert (answers[50].status_code, answers[50].json()["code"]) == (429, 36009002)
    us.cipher, us_cipher = "", us.cipher
    assert us.code("GET", SHOPS_PATH) == 0, "each API has a limit of its own"
    us.cipher = us_cipher
    at[0] += 1.01
    assert us.code("POST", SEARCH, body={}) == 0


def test_the_limit_can_be_switched_off(us: Caller) -> None:
    us.market.facts.set("calls_per_second", 0)
    us.market.limits._tell = lambda: 100.0
    assert {us.code("POST", SEARCH, body={}) for _ in range(60)} == {0}


def test_a_body_that_is_not_an_object(us: Caller) -> None:
    assert us.code("POST", SEARCH, body=[1]) == 36009010  # type: ignore[arg-type]
