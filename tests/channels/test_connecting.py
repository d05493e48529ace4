"""Connecting against the sandbox marketplace: the app tested and kept, shops put on a grant,
paused, cut, webhooks asked for; and what is said when something is wrong.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from typing import Any

import httpx
import pytest
from django.core.cache import cache

from sandbox import shops, tokens
from sandbox.market import Market
from sandbox.testing import transport
from shipboard.channels import connecting, http, sealed
from shipboard.channels.condition import Standing, condition_of
from shipboard.channels.connecting import AppGiven, BadApp, CannotConnect
from shipboard.channels.models import App, CallRecord, Connection, Grant, Shop
from shipboard.channels.shops import BadShop, Rules, add_shop
from shipboard.channels.tiktok import checks, hooking, oauth
from shipboard.channels.tiktok import client as client_module
from shipboard.channels.tiktok.checks import Level
from shipboard.channels.tiktok.oauth import RemoteShop
from shipboard.channels.tiktok.scopes import COSTS
from shipboard.channels.tiktok.versions import OPERATIONS
from tests import make
from tests.channels.tiktok import made

pytestmark = pytest.mark.django_db

US, TH = "7495000000000000001", "7495000000000000002"
DESK = "https://desk.example.com"
HOSTS = {"api_host": "https://sandbox.test", "auth_host": "https://sandbox.test"}
GIVEN = AppGiven(key="key1", secret="secret1", name="Harbor's app", **HOSTS)


@pytest.fixture
def market(monkeypatch: pytest.MonkeyPatch) -> Iterator[Market]:
    """One seller with a shop in the US and one in Thailand."""
    market = Market()
    for id, name, region in ((US, "Harbor Goods", "US"), (TH, "Baan Craft", "TH")):
        shops.add_shop(market.books, {"id": id, "name": name, "region": region, "seller": "s1"})
    shops.add_app(market.books, "key1", "secret1", "https://desk.example/back")
    monkeypatch.setattr(http, "TRANSPORT", transport(market))
    monkeypatch.setattr(client_module, "sleep", lambda seconds: None)
    cache.clear()
    yield market
    market.close()


@pytest.fixture
def grant(market: Market) -> Grant:
    return granted(market, connecting.keep_app(GIVEN, make.NOW))


def granted(market: Market, app: App, shop: str = US) -> Grant:
    theirs = shops.app(market.books, app.key)
    assert theirs is not None
    return oauth.exchange(app, tokens.give_code(market, theirs, shop))


def connected(grant: Grant, shop: str = US, **given: Any) -> Connection:
    [remote] = [one for one in oauth.shops(grant) if one.remote_id == shop]
    said: dict[str, Any] = {"name": remote.name, "timezone": "UTC", "rules": Rules()} | given
    return connecting.connect(grant, remote, presets=set(), by="mai", now=make.NOW, **said)


def verdicts(found: tuple[checks.Check, ...]) -> dict[str, str]:
    return {check.what: check.level.value for check in found}


def subscriptions(market: Market, shop: str = US) -> list[dict[str, Any]]:
    return market.books.find("subscription", shop)


# -- the app


def test_an_app_is_kept_sealed_once_the_marketplace_knows_it(market: Market) -> None:
    app = connecting.keep_app(GIVEN, make.NOW)
    assert "secret1" not in app.sealed_secret
    assert sealed.app_secret(App.objects.get()) == "secret1"
    assert app.name == "Harbor's app"
    assert "secret1" not in str(list(CallRecord.objects.values()))


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"secret": "wrong"}, "secret", "not the secret of this app key"),
        ({"key": "nobody"}, "key", "does not know this key"),
        ({"key": " "}, "key", "Copy the app key"),
        ({"secret": " "}, "secret", "Copy the app secret"),
        ({"key": "k\u00e4y"}, "key", "Copy the app key"),
        ({"api_host": "http://shop.example"}, "api_host", "must begin with https"),
        ({"auth_host": "https://10.0.0.1"}, "auth_host", "not by an IP address"),
        ({"authorize_url": "ftp://x"}, "authorize_url", "begins with https"),
    ],
)
def test_an_app_that_cannot_be_right_is_not_kept(
    market: Market, changed: dict[str, str], field: str, said: str
) -> None:
    given = {name: getattr(GIVEN, name) for name in AppGiven.__dataclass_fields__} | changed
    with pytest.raises(BadApp, match=said) as caught:
        connecting.keep_app(AppGiven(**given), make.NOW)
    assert caught.value.field == field
    assert App.objects.count() == 0


def test_a_wrong_secret_does_not_replace_the_right_one(market: Market, grant: Grant) -> None:
    with pytest.raises(BadApp):
        connecting.keep_app(AppGiven(key="key1", secret="wrong", **HOSTS), make.NOW)
    assert sealed.app_secret(App.objects.get()) == "secret1"
    shops.add_app(market.books, "key1", "secret2", "https://desk.example/back")
    again = connecting.keep_app(AppGiven(key="key1", secret="secret2", **HOSTS), make.NOW)
    assert (again.pk, again.name) == (grant.app_id, "Harbor's app")


def test_an_app_goes_unless_shops_hang_on_it(market: Market, grant: Grant) -> None:
    line = connected(grant)
    with pytest.raises(CannotConnect, match="stays"):
        connecting.remove_app(grant.app)
    line.shop.delete()
    connecting.remove_app(grant.app)
    assert App.objects.count() == Grant.objects.count() == 0


# -- what is tested


def test_every_part_has_a_verdict_before_authorising(market: Market) -> None:
    app = connecting.keep_app(GIVEN, make.NOW)
    found = checks.before(app, DESK)
    assert [check.what for check in found] == [
        *("Host", "Clock", "App key", "App secret", "Redirect", "Domain", "Scopes")
    ]
    assert all(check.sentence.endswith(".") for check in found)
    told = verdicts(found)
    assert (told["Host"], told["App key"], told["App secret"]) == ("good", "good", "good")
    assert (told["Redirect"], told["Scopes"]) == ("open", "open")
    assert Grant.objects.count() == 0


def test_key_and_secret_are_told_apart(market: Market) -> None:
    wrong_secret, wrong_key = made.app(**HOSTS), made.app(key="nobody", **HOSTS)
    sealed.set_app_secret(wrong_secret, "wrong")
    assert [check.level for check in checks.credentials(wrong_secret)] == [Level.GOOD, Level.BAD]
    assert [check.level for check in checks.credentials(wrong_key)] == [Level.BAD, Level.OPEN]


def test_hosts_that_do_not_answer_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    app = made.app()
    monkeypatch.setattr(http, "TRANSPORT", made.Answers(httpx.ConnectError("no")))
    told = {check.what: check for check in checks.before(app, DESK)}
    assert told["Host"].level is Level.BAD
    assert "could not be reached" in told["Host"].sentence
    assert "could not be tested" in told["App key"].sentence
    monkeypatch.setattr(http, "TRANSPORT", made.Answers(httpx.Response(404, text="nothing")))
    [host, *_] = checks.before(app, DESK)
    assert "HTTP 404), but not as TikTok Shop's API" in host.sentence
    assert "nothing" not in host.sentence


@pytest.mark.parametrize(("off", "level"), [(0, Level.GOOD), (420, Level.BAD)])
def test_the_clock_is_compared(monkeypatch: pytest.MonkeyPatch, off: int, level: Level) -> None:
    date = formatdate(time.time() + off, usegmt=True)
    answers = made.Answers(lambda: made.envelope(None, 36009004, date=date))
    monkeypatch.setattr(http, "TRANSPORT", answers)
    told = {check.what: check for check in checks.before(made.app(), DESK)}
    assert told["Clock"].level is level
    assert ("7 minutes behind" in told["Clock"].sentence) is bool(off)


def test_an_answer_that_tells_nothing_leaves_it_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "TRANSPORT", made.Answers(lambda: made.envelope(None, 99)))
    assert [check.level for check in checks.credentials(made.app())] == [Level.OPEN, Level.OPEN]


@pytest.mark.parametrize(
    ("desk", "said"),
    [
        ("", "SHIPBOARD_PUBLIC_URL is not set"),
        ("http://desk.example.com", "only to https on a domain name"),
        ("https://desk.example.com:8443", "without a port"),
        ("https://203.0.113.7", "domain name"),
        ("https://[2001:db8::1]", "domain name"),
        ("https://2130706433", "domain name"),
        ("https://desk", "domain name"),
        ("http://127.0.0.1:8000", "domain name"),
        ("https://[bad", "is no address"),
        (f"https://{'a' * 250}.example", "too long"),
    ],
)
def test_desks_that_webhooks_cannot_reach(desk: str, said: str) -> None:
    check = checks.domain(made.app(), desk)
    assert check.level is Level.NOTE
    assert said in check.sentence
    assert hooking.POLLING in check.sentence


def test_desks_that_webhooks_can_reach() -> None:
    assert hooking.address(made.app(), f"{DESK}/") == f"{DESK}/hooks/tiktok/"
    neighbour = App(key="k", api_host="http://127.0.0.1:8790")
    assert hooking.address(neighbour, "http://localhost:8000").startswith("http://localhost:8000/")


def test_without_a_public_address_only_neighbours_send_webhooks() -> None:
    near, far = App(key="k", api_host="http://127.0.0.1:8790"), made.app()
    here, there = "http://localhost:8000", "https://desk.example.org"
    assert hooking.desk_of(near, "", here) == here
    assert checks.domain(near, hooking.desk_of(near, "", here)).level is Level.GOOD
    assert [hooking.desk_of(*pair) for pair in ((near, "", there), (far, "", here))] == ["", ""]
    assert hooking.desk_of(far, DESK, here) == DESK


def test_every_scope_in_use_has_its_cost() -> None:
    assert set(COSTS) == {operation.scope for operation in OPERATIONS.values()}


def test_missing_scopes_are_listed_with_their_cost(market: Market) -> None:
    few = [scope for scope in COSTS if scope != "seller.logistics"]
    shops.add_app(market.books, "key1", "secret1", "https://desk.example/back", scopes=few)
    grant = granted(market, connecting.keep_app(GIVEN, make.NOW))
    [check] = checks.granted(grant)
    assert check.level is Level.BAD
    assert "seller.logistics is missing: warehouses, carriers" in check.sentence
    grant.scopes = list(COSTS)
    assert verdicts(checks.after(grant, DESK)) == dict.fromkeys(
        ("App key", "App secret", "Redirect", "Domain", "Scopes"), "good"
    )
    grant.scopes = []
    assert checks.granted(grant)[0].level is Level.NOTE


# -- shops on a grant


def test_a_shop_is_connected(market: Market, grant: Grant) -> None:
    line = connected(grant, TH, rules=Rules(dispatch_hours=24))
    shop = Shop.objects.get()
    assert (shop.channel, shop.remote_id, shop.region) == ("tiktok", TH, "TH")
    assert (shop.currency, shop.dispatch_hours) == ("THB", 24)
    assert (line.state, line.grant_id) == ("on", grant.pk)
    assert condition_of(Connection.objects.get()).standing is Standing.ON


def test_the_marketplace_decides_on_the_region(market: Market, grant: Grant) -> None:
    assert connected(grant, TH, region="US").shop.region == "TH"
    silent = RemoteShop(remote_id="1", name="Silent", region="", cipher="c")
    told = {"name": "S", "timezone": "UTC", "rules": Rules(), "presets": set(), "by": "mai"}
    assert connecting.connect(grant, silent, now=make.NOW, region="GB", **told).shop.region == "GB"


def test_a_shop_is_connected_once(market: Market, grant: Grant) -> None:
    connected(grant)
    with pytest.raises(BadShop, match="Twice is connected already"):
        connected(grant, name="Twice")
    with pytest.raises(BadShop, match="choose another name"):
        connected(grant, TH, name="Harbor Goods")
    assert Connection.objects.count() == Shop.objects.count() == 1


def test_shops_of_a_marketplace_cannot_be_added_without_it(db: None) -> None:
    for given, said in ((("tiktok", ""), "by connecting them"), (("ebay", ""), "no channel")):
        with pytest.raises(BadShop, match=said):
            add_shop(
                "X", region="US", timezone="UTC", rules=Rules(), presets=set(), channel=given[0]
            )


def test_an_access_that_has_ended_connects_nothing(market: Market, grant: Grant) -> None:
    [remote, *_] = oauth.shops(grant)
    Grant.objects.update(ended_at=datetime.now(UTC))
    told = {"name": "S", "timezone": "UTC", "rules": Rules(), "presets": set(), "by": "mai"}
    with pytest.raises(CannotConnect, match="has ended"):
        connecting.connect(grant, remote, now=make.NOW, **told)
    assert Shop.objects.count() == 0


def test_pausing_and_resuming(market: Market, grant: Grant) -> None:
    line = connected(grant)
    connecting.pause(line, "mai", make.NOW)
    assert condition_of(line).standing is Standing.PAUSED
    with pytest.raises(CannotConnect, match="Nothing was changed: Harbor Goods is Paused"):
        connecting.pause(line, "tam", make.NOW)
    assert line.state_by == "mai"
    connecting.resume(line, "tam", make.NOW)
    assert (line.state, line.state_by) == ("on", "tam")


def test_tokens_live_as_long_as_a_shop_uses_them(market: Market, grant: Grant) -> None:
    first, second = connected(grant), connected(grant, TH)
    connecting.disconnect(first, "mai", make.NOW)
    grant.refresh_from_db()
    assert grant.sealed_access_token
    assert grant.ended_at is None
    assert (first.state, first.sealed_cipher) == ("off", "")
    connecting.disconnect(second, "mai", make.NOW)
    grant.refresh_from_db()
    assert grant.sealed_access_token == grant.sealed_refresh_token == ""
    assert (grant.ended_at is not None, Shop.objects.count()) == (True, 2)
    with pytest.raises(CannotConnect, match="already"):
        connecting.disconnect(second, "mai", make.NOW)
    assert condition_of(second).standing is Standing.OFF


def test_a_shop_that_was_cut_is_connected_again_not_twice(market: Market, grant: Grant) -> None:
    line = connected(grant)
    connecting.disconnect(line, "mai", make.NOW)
    renewed = granted(market, grant.app)
    assert renewed.pk == grant.pk
    assert connecting.renew(renewed, oauth.shops(renewed)) == []
    [remote] = [one for one in oauth.shops(renewed) if one.remote_id == US]
    connecting.reconnect(line, renewed, remote, "tam", make.NOW)
    assert (line.state, sealed.cipher(line)) == ("on", remote.cipher)
    assert Shop.objects.count() == 1


def test_another_access_takes_a_shop_over(market: Market, grant: Grant) -> None:
    line = connected(grant)
    connecting.pause(line, "mai", make.NOW)
    shops.add_app(market.books, "key2", "secret2", "https://desk.example/back")
    other = granted(
        market, connecting.keep_app(AppGiven(key="key2", secret="secret2", **HOSTS), make.NOW)
    )
    [remote] = [one for one in oauth.shops(other) if one.remote_id == US]
    connecting.reconnect(line, other, remote, "mai", make.NOW)
    assert (line.grant_id, line.state) == (other.pk, "paused")
    grant.refresh_from_db()
    assert grant.sealed_refresh_token == "", "the former access is not kept for nobody"


def test_authorising_again_renews_the_shops_there_are(market: Market, grant: Grant) -> None:
    line = connected(grant)
    Connection.objects.update(sealed_cipher="")
    Grant.objects.update(ended_at=datetime.now(UTC), problem="The seller withdrew.")
    again = granted(market, grant.app)
    assert connecting.renew(again, oauth.shops(again)) == [line]
    assert condition_of(Connection.objects.get()).standing is Standing.ON


def test_an_unused_access_can_be_deleted(market: Market, grant: Grant) -> None:
    line = connected(grant)
    with pytest.raises(CannotConnect, match="disconnect the shop"):
        connecting.forget(grant)
    line.shop.delete()
    connecting.forget(grant)
    assert Grant.objects.count() == 0


# -- how a line stands


@pytest.mark.parametrize(
    ("days", "standing"),
    [(31, Standing.ON), (29, Standing.ENDING), (-1, Standing.ENDED)],
)
def test_notice_is_given_before_the_access_ends(days: int, standing: Standing) -> None:
    line = made.connection()
    at = line.grant.refresh_ends_at - timedelta(days=days)
    found = condition_of(line, at)
    assert found.standing is standing
    assert bool(found.next_step) is (standing is not Standing.ON)


def test_a_changed_key_of_the_desk_is_a_sentence(settings: Any) -> None:
    line = made.connection()
    settings.SECRET_KEY = "another"
    found = condition_of(line)
    assert found.standing is Standing.ENDED
    assert "SHIPBOARD_SECRET_KEY" in found.sentence
    assert "connect the shop again" in found.next_step
    key, secret = checks.credentials(line.grant.app)
    assert (key.level, secret.level) == (Level.OPEN, Level.BAD)
    assert "SHIPBOARD_SECRET_KEY" in secret.sentence


# -- webhooks


def test_webhooks_are_asked_for_and_called_off(market: Market, grant: Grant) -> None:
    line = connected(grant)
    connecting.set_up_hooks(line, DESK)
    assert (line.hooks_address, line.hooks_problem) == (f"{DESK}/hooks/tiktok/", "")
    wanted = {one["event_type"] for one in subscriptions(market)}
    assert wanted == set(hooking.kinds("US"))
    assert {one["address"] for one in subscriptions(market)} == {f"{DESK}/hooks/tiktok/"}
    connecting.disconnect(line, "mai", make.NOW)
    assert subscriptions(market) == []


def test_invoices_are_for_brazil() -> None:
    assert set(hooking.kinds("BR")) - set(hooking.kinds("US")) == {"INVOICE_STATUS_CHANGE"}


def test_without_a_public_address_it_is_polling_only(market: Market, grant: Grant) -> None:
    line = connected(grant)
    connecting.set_up_hooks(line, "")
    assert subscriptions(market) == []
    assert "SHIPBOARD_PUBLIC_URL" in Connection.objects.get().hooks_problem


def test_a_marketplace_that_refuses_webhooks_leaves_polling(
    market: Market, grant: Grant, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = connected(grant)
    connecting.set_up_hooks(line, DESK)
    refused = made.Answers(lambda: made.envelope(None, 105005))
    monkeypatch.setattr(http, "TRANSPORT", refused)
    connecting.set_up_hooks(line, DESK)
    assert line.hooks_address == ""
    assert "lacks the right (scope)" in line.hooks_problem
    assert hooking.POLLING in line.hooks_problem


def test_a_kind_that_is_refused_costs_the_others_nothing(
    market: Market, grant: Grant, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = connected(grant)
    first = made.Answers(lambda: made.envelope(None, 36009010), lambda: made.envelope({}))
    monkeypatch.setattr(http, "TRANSPORT", first)
    connecting.set_up_hooks(line, DESK)
    assert line.hooks_address == f"{DESK}/hooks/tiktok/"
    assert "refused webhooks of ORDER_STATUS_CHANGE" in line.hooks_problem
    monkeypatch.setattr(http, "TRANSPORT", made.Answers(lambda: made.envelope(None, 36009010)))
    connecting.set_up_hooks(line, DESK)
    assert line.hooks_address == ""


def test_a_marketplace_that_is_away_does_not_keep_a_shop_from_being_cut(
    market: Market, grant: Grant, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = connected(grant)
    connecting.set_up_hooks(line, DESK)
    monkeypatch.setattr(http, "TRANSPORT", made.Answers(httpx.ConnectError("no")))
    connecting.disconnect(line, "mai", make.NOW)
    assert (line.state, line.hooks_address) == ("off", "")
