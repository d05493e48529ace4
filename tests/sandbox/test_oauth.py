"""A seller lets an app in, or not; tokens live, are refreshed, and end."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest

from sandbox import shops, tokens, verbs
from sandbox.clock import Clock
from sandbox.market import Market
from sandbox.testing import ORIGIN, Caller, transport
from tests.sandbox.conftest import US

KEY, SECRET = "key1", "secret1"
BACK = "http://127.0.0.1:8000/connect/back?from=sandbox"


@pytest.fixture
def browser(market: Market) -> Iterator[httpx.Client]:
    shops.add_app(market.books, KEY, SECRET, BACK, service_id="7001")
    with httpx.Client(transport=transport(market), base_url=ORIGIN) as client:
        yield client


def answer(browser: httpx.Client, path: str, **form: str) -> httpx.QueryParams:
    """What the browser is sent back with."""
    page = browser.get(path)
    assert "Harbor Goods" in page.text
    sent = browser.post(path, data=form)
    assert sent.status_code == 303
    back = httpx.URL(sent.headers["location"])
    assert str(back).startswith(BACK)
    return back.params


def get(browser: httpx.Client, code: str, secret: str = SECRET) -> dict[str, object]:
    asked = {"app_key": KEY, "app_secret": secret, "auth_code": code}
    whole = browser.get("/api/v2/token/get", params=asked | {"grant_type": "authorized_code"})
    return dict(whole.json())


def refresh(browser: httpx.Client, token: str) -> dict[str, object]:
    asked = {"app_key": KEY, "app_secret": SECRET, "refresh_token": token}
    whole = browser.get("/api/v2/token/refresh", params=asked | {"grant_type": "refresh_token"})
    return dict(whole.json())


LINKS = [
    "/open/authorize?service_id=7001&state=st%26ate",
    f"/open/authorize?service_id={KEY}&state=st%26ate",
    f"/oauth/authorize?app_key={KEY}&state=st%26ate",
]


@pytest.mark.parametrize("link", LINKS)
def test_a_seller_agrees(market: Market, browser: httpx.Client, link: str) -> None:
    back = answer(browser, link, shop=US, answer="agree")
    assert (back["app_key"], back["state"], back["shop_region"]) == (KEY, "st&ate", "US")
    given = get(browser, back["code"])
    assert given["code"] == 0
    data = given["data"]
    assert isinstance(data, dict)
    week = time.time() + 7 * 86400
    assert abs(data["access_token_expire_in"] - week) < 60
    assert (data["seller_name"], data["user_type"]) == ("Harbor Goods", 0)
    caller = Caller(market, KEY, SECRET, data["access_token"])
    assert caller.data("GET", "/authorization/202309/shops")["shops"][0]["id"] == US
    assert get(browser, back["code"])["code"] != 0, "a code works once"


def test_a_seller_refuses(browser: httpx.Client) -> None:
    back = answer(browser, LINKS[0], shop=US, answer="refuse")
    assert (back["code"], back["error"], back["state"]) == ("null", "auth_denied", "st&ate")


def test_no_such_app(browser: httpx.Client) -> None:
    assert browser.get("/open/authorize?service_id=1").status_code == 404
    assert browser.post("/oauth/authorize?app_key=1").status_code == 404


def test_another_site_may_not_agree_for_the_seller(browser: httpx.Client) -> None:
    form = {"shop": US, "answer": "agree"}
    sent = browser.post(LINKS[0], data=form, headers={"Origin": "https://evil.example"})
    assert sent.status_code == 403
    assert browser.get("http://rebound.example/control/").status_code == 403


def test_a_code_lives_thirty_minutes() -> None:
    at = [1_790_000_000.0]
    market = Market(clock=Clock(real=lambda: at[0]))
    shops.add_shop(market.books, {"id": US, "name": "Harbor Goods", "region": "US"})
    shops.add_app(market.books, KEY, SECRET, BACK)
    app = shops.app(market.books, KEY)
    assert app
    late = tokens.give_code(market, app, US)
    good = tokens.give_code(market, app, US)
    with httpx.Client(transport=transport(market), base_url=ORIGIN) as browser:
        at[0] += 1799
        assert get(browser, good)["code"] == 0
        at[0] += 1
        assert get(browser, late)["code"] == 36004004
    market.close()


def test_a_wrong_secret_gets_nothing_and_spends_nothing(browser: httpx.Client) -> None:
    code = answer(browser, LINKS[0], shop=US, answer="agree")["code"]
    assert get(browser, code, "wrong")["code"] == 36004003
    assert get(browser, code)["code"] == 0


@pytest.mark.parametrize("rotates", [True, False])
def test_a_refresh_ends_what_was_before(
    market: Market, browser: httpx.Client, rotates: bool
) -> None:
    market.facts.set("refresh_rotates", rotates)
    data = get(browser, answer(browser, LINKS[0], shop=US, answer="agree")["code"])["data"]
    assert isinstance(data, dict)
    new = refresh(browser, data["refresh_token"])["data"]
    assert isinstance(new, dict)
    again = refresh(browser, data["refresh_token"])
    assert (again["code"] == 0) is not rotates
    caller = Caller(market, KEY, SECRET, data["access_token"])
    assert caller.code("GET", "/authorization/202309/shops") == 36009004
    if rotates:
        caller.token = new["access_token"]
        assert caller.code("GET", "/authorization/202309/shops") == 0


def test_an_ended_token_can_be_refreshed_until_the_refresh_token_ends(
    market: Market, browser: httpx.Client
) -> None:
    data = get(browser, answer(browser, LINKS[0], shop=US, answer="agree")["code"])["data"]
    assert isinstance(data, dict)
    verbs.do(market, "end_token", US)
    caller = Caller(market, KEY, SECRET, data["access_token"])
    assert caller.code("GET", "/authorization/202309/shops") == 105002
    new = refresh(browser, data["refresh_token"])["data"]
    assert isinstance(new, dict)
    verbs.do(market, "end_refresh_token", US)
    assert refresh(browser, new["refresh_token"])["code"] == 36004004


def test_a_grant_type_must_fit(browser: httpx.Client) -> None:
    asked = {"app_key": KEY, "app_secret": SECRET, "auth_code": "x", "grant_type": "x"}
    for name in ("get", "refresh"):
        assert browser.get(f"/api/v2/token/{name}", params=asked).json()["code"] == 36004002


def test_faults_strike_token_calls(market: Market, browser: httpx.Client) -> None:
    data = get(browser, answer(browser, LINKS[0], shop=US, answer="agree")["code"])["data"]
    assert isinstance(data, dict)
    market.faults.one_shot("refresh_token", "http_503")
    assert refresh(browser, data["refresh_token"])["code"] == 36009003
    market.faults.one_shot("refresh_token", "timeout_after_effect")
    with pytest.raises(httpx.ReadTimeout):
        refresh(browser, data["refresh_token"])
    assert refresh(browser, data["refresh_token"])["code"] == 36004004, "it was spent"


def test_secrets_are_not_in_the_record(market: Market, browser: httpx.Client) -> None:
    data = get(browser, answer(browser, LINKS[0], shop=US, answer="agree")["code"])["data"]
    assert isinstance(data, dict)
    kept = str(market.record.exchanges())
    assert "get_token" in kept
    for secret in (SECRET, data["access_token"], data["refresh_token"]):
        assert secret not in kept
