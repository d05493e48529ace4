"""`shipboard shop connect` against the sandbox marketplace; and where `shop add` sends people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result
from django.core.cache import cache

from sandbox import shops, tokens
from sandbox.market import Market
from sandbox.testing import transport
from shipboard.accounts.models import AuditEntry
from shipboard.channels import http
from shipboard.channels.models import App, Connection, Grant, Shop
from shipboard.channels.tiktok import client as client_module
from shipboard.cli import connect, main, orders

pytestmark = pytest.mark.django_db(transaction=True)

US, TH = "7495000000000000001", "7495000000000000002"
HERE = "https://sandbox.test"
STATE = "the-state-of-this-run"


@pytest.fixture
def market(monkeypatch: pytest.MonkeyPatch) -> Iterator[Market]:
    market = Market()
    for id, name, region in ((US, "Harbor Goods", "US"), (TH, "Baan Craft", "TH")):
        shops.add_shop(market.books, {"id": id, "name": name, "region": region, "seller": "s1"})
    shops.add_app(market.books, "key1", "secret1", "https://page.example/back")
    monkeypatch.setattr(http, "TRANSPORT", transport(market))
    monkeypatch.setattr(client_module, "sleep", lambda seconds: None)
    monkeypatch.setattr(orders, "desk", nullcontext)
    known = SimpleNamespace(token_urlsafe=lambda size: STATE)
    monkeypatch.setattr(connect, "secrets", known)
    cache.clear()
    yield market
    market.close()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "secret"
    file.write_text("secret1\n")
    return file


def run(secret: Path, *more: str, pasted: str = "") -> Result:
    hosts = ("--api-host", HERE, "--auth-host", HERE, "--authorize-host", HERE)
    given = ("shop", "connect", "--app-key", "key1", "--app-secret-file", str(secret), *hosts)
    return CliRunner().invoke(main, [*given, *more], input=f"{pasted}\n")


def back(market: Market, state: str = STATE) -> str:
    app = shops.app(market.books, "key1")
    assert app is not None
    return f"https://page.example/back?code={tokens.give_code(market, app, US)}&state={state}"


def test_shops_are_connected(market: Market, secret: Path) -> None:
    ran = run(secret, "--json", pasted=back(market))
    assert ran.exit_code == 0, ran.output
    assert f"{HERE}/open/authorize?app_key=key1&state={STATE}" in ran.stderr
    told = json.loads(ran.stdout)
    assert [(one["shop"], one["region"], one["timezone"]) for one in told["shops"]] == [
        ("harbor-goods", "US", "America/Los_Angeles"),
        ("baan-craft", "TH", "Asia/Bangkok"),
    ]
    assert {one["check"]: one["verdict"] for one in told["checks"]} == {
        "Domain": "note",
        "Scopes": "good",
    }
    assert "secret1" not in ran.output
    kinds = list(AuditEntry.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["app_kept", "access_given", "shop_connected", "shop_connected"]


def test_once_more_renews(market: Market, secret: Path) -> None:
    ran = run(secret, "--shop-id", TH, "--timezone", "UTC", pasted=back(market))
    assert ran.exit_code == 0, ran.output
    assert "Connected Baan Craft as baan-craft." in ran.stdout
    assert "SHIPBOARD_PUBLIC_URL is not set" in ran.stdout
    Grant.objects.update(problem="It ended.")
    assert run(secret, "--shop-id", TH, pasted=back(market)).exit_code == 0
    assert Shop.objects.get().timezone == "UTC"
    assert Grant.objects.get().problem == ""


@pytest.mark.parametrize(
    ("pasted", "said"),
    [
        ("https://page.example/back?code=c&state=other", "does not belong to the page above"),
        (f"https://page.example/?code=null&error=auth_denied&state={STATE}", "did not let the app"),
        (f"https://page.example/?state={STATE}", "holds no code"),
        (f"https://page.example/?code=wrong&state={STATE}", "refused the code"),
    ],
)
def test_what_cannot_be_taken(market: Market, secret: Path, pasted: str, said: str) -> None:
    ran = run(secret, "--json", pasted=pasted)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert said in ran.stderr
    assert Connection.objects.count() == 0


def test_a_shop_that_the_access_is_not_for(market: Market, secret: Path) -> None:
    ran = run(secret, "--shop-id", "1", pasted=back(market))
    assert ran.exit_code == 2
    assert f"{US} (Harbor Goods), {TH} (Baan Craft)" in ran.stderr


def test_a_wrong_secret(market: Market, secret: Path) -> None:
    secret.write_text("wrong")
    ran = run(secret)
    assert ran.exit_code == 2
    assert "It is not the secret of this app key." in ran.stderr
    assert App.objects.count() == 0


def test_shop_add_names_the_page(market: Market, settings: Any) -> None:
    settings.PUBLIC_URL = "https://desk.example.com"
    ran = CliRunner().invoke(main, ["shop", "add", "Kite", "--channel", "tiktok", "--json"])
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "open https://desk.example.com/shops/tiktok/connect/" in ran.stderr
    assert "shipboard shop connect" in ran.stderr
    settings.PUBLIC_URL = ""
    ran = CliRunner().invoke(main, ["shop", "add", "Kite", "--channel", "tiktok"])
    assert "/shops/tiktok/connect/" in ran.stderr


def test_shop_add_still_asks_for_region_and_zone(market: Market) -> None:
    ran = CliRunner().invoke(main, ["shop", "add", "Kite", "--timezone", "UTC"])
    assert (ran.exit_code, "is not a country code" in ran.stderr) == (2, True)
    ran = CliRunner().invoke(main, ["shop", "add", "Kite", "--region", "US"])
    assert (ran.exit_code, "is not a time zone" in ran.stderr) == (2, True)
    assert Shop.objects.count() == 0


def test_its_help_explains_the_market_and_the_rule_that_is_not_set() -> None:
    told = " ".join(CliRunner().invoke(main, ["shop", "connect", "--help"]).output.split())
    assert "row for the rest of the world" in told
    assert "Each shop gets no ship-by rule of its own" in told
