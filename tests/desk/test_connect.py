"""Connecting on the desk's pages against the sandbox marketplace, step by step as a person goes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from django.core import signing
from django.core.cache import cache
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from sandbox import shops, tokens
from sandbox.market import Market
from sandbox.testing import transport
from shipboard.accounts.models import AuditEntry, User
from shipboard.accounts.roles import Role
from shipboard.channels import connecting, http, sealed
from shipboard.channels.models import App, Connection, Grant, Shop
from shipboard.channels.tiktok import client as client_module
from shipboard.desk import connect_state
from tests import make
from tests.channels.tiktok import made

pytestmark = pytest.mark.django_db

US, TH, GB = "7495000000000000001", "7495000000000000002", "7495000000000000003"
HERE = "https://sandbox.test"
APP = {
    "market": "row",
    "key": "key1",
    "secret": "secret1",
    "name": "Harbor's app",
    "api_host": HERE,
    "auth_host": HERE,
    "authorize_url": f"{HERE}/open/authorize",
}
LINK = re.compile(rf'href="({HERE}/open/authorize\?[^"]+)"')


@pytest.fixture
def market(monkeypatch: pytest.MonkeyPatch) -> Iterator[Market]:
    """A seller with shops in the US and Thailand, and another in the UK."""
    market = Market()
    for id, name, region, seller in (
        (US, "Harbor Goods", "US", "s1"),
        (TH, "Baan Craft", "TH", "s1"),
        (GB, "Fen & Co", "GB", "s2"),
    ):
        shops.add_shop(market.books, {"id": id, "name": name, "region": region, "seller": seller})
    shops.add_app(market.books, "key1", "secret1", "http://testserver/shops/tiktok/callback/")
    monkeypatch.setattr(http, "TRANSPORT", transport(market))
    monkeypatch.setattr(client_module, "sleep", lambda seconds: None)
    cache.clear()
    yield market
    market.close()


Seller = Callable[..., str]


@pytest.fixture
def seller(market: Market) -> Iterator[Seller]:
    """Answers on the marketplace's page; gives where the browser is sent."""
    with httpx.Client(transport=transport(market), base_url=HERE) as browser:

        def answers(page: str, shop: str = US, answer: str = "agree") -> str:
            sent = browser.post(page, data={"shop": shop, "answer": answer})
            assert sent.status_code == 303
            return str(sent.headers["location"])

        yield answers


@pytest.fixture
def app(desk: Client, market: Market) -> App:
    assert desk.post("/shops/tiktok/app/", APP).status_code == 302
    return App.objects.get()


def text(response: Any) -> str:
    """The page's words, without markup."""
    words = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", unescape(words))


def link(desk: Client, app: App, query: str = "") -> str:
    """Where the test page leads to."""
    page = desk.get(f"/shops/tiktok/apps/{app.pk}/{query}").content.decode()
    [found] = LINK.findall(page)
    return unescape(found)


def local(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def choices(page: Any, *names: str) -> dict[str, str]:
    """The form of the page as a browser would send it, with these shops ticked and no other."""
    body = page.content.decode()
    prefix = {
        unescape(name): found
        for found, name in re.findall(r'name="(\w+)-connect"[^>]*> Connect ([^<]+)</label>', body)
    }
    sent: dict[str, str] = {}
    for name in names:
        key = prefix[name]
        if key.startswith("s"):
            for field in ("name", "timezone"):
                value = re.search(rf'name="{key}-{field}" value="([^"]*)"', body)
                assert value is not None
                sent[f"{key}-{field}"] = unescape(value[1])
            sent |= {f"{key}-after_sales_days": "14", f"{key}-sla": ""}
        sent[f"{key}-connect"] = "on"
    return sent


def connect(desk: Client, app: App, seller: Seller, *names: str) -> Grant:
    back = desk.get(local(seller(link(desk, app))))
    page = desk.get(back["Location"])
    assert desk.post(back["Location"], choices(page, *names)).status_code == 302
    return Grant.objects.get()


def audited() -> list[tuple[str, str]]:
    return list(AuditEntry.objects.order_by("pk").values_list("kind", "subject"))


def test_the_whole_way(desk: Client, market: Market, seller: Seller) -> None:
    page = desk.get("/shops/").content.decode()
    assert "Connect TikTok Shop" in page
    first = text(desk.get("/shops/tiktok/connect/"))
    assert "http://testserver/shops/tiktok/callback/" in first
    assert "seller.order.info" in first
    assert "SHIPBOARD_PUBLIC_URL is not set" in first
    there = desk.post("/shops/tiktok/app/", APP)["Location"]
    tested = text(desk.get(there))
    assert "App key Works TikTok Shop knows it." in tested
    assert "App secret Works TikTok Shop knows it." in tested
    assert "Redirect Later Not reached yet." in tested
    assert "Domain Works without" in tested
    app = App.objects.get()
    back = desk.get(local(seller(link(desk, app))))
    assert back.status_code == 302
    assert "code" not in back["Location"], "the code is not left in the address bar"
    page = desk.get(back["Location"])
    shown = text(page)
    assert "Redirect Works TikTok Shop's answer came back here." in shown
    assert "Scopes Works All that the desk uses." in shown
    sent = choices(page, "Harbor Goods", "Baan Craft")
    assert sorted(value for key, value in sent.items() if key.endswith("-timezone")) == [
        *("America/Los_Angeles", "Asia/Bangkok")
    ]
    assert desk.post(back["Location"], sent)["Location"] == "/shops/"
    by_region = {shop.region: shop for shop in Shop.objects.all()}
    assert set(by_region) == {"US", "TH"}
    assert (by_region["TH"].remote_id, by_region["TH"].currency) == (TH, "THB")
    assert Connection.objects.filter(state="on", state_by="mai@shop.example").count() == 2
    assert ProcrastinateJob.objects.filter(task_name="sync_shop").count() == 2
    assert sorted(audited()) == [
        ("access_given", "Harbor Goods"),
        ("app_kept", "Harbor's app"),
        ("shop_connected", "Baan Craft"),
        ("shop_connected", "Harbor Goods"),
    ]
    again = text(desk.get(f"/shops/tiktok/grants/{Grant.objects.get().pk}/"))
    assert "Harbor Goods is connected, and calls with this access" in again


def test_that_the_demo_leaves_is_said_before_and_after(
    desk: Client, app: App, seller: Seller
) -> None:
    make.shop("Demo shop", is_demo=True)
    before = "The demo shops (Demo shop) leave Manage Orders as soon as a shop of your own is here"
    for path in ("/shops/", "/shops/tiktok/connect/"):
        assert before in text(desk.get(path))
    connect(desk, app, seller, "Harbor Goods")
    after = text(desk.get("/shops/"))
    assert "The demo shops (Demo shop) are out of view now" in after
    assert "choose it in the list of shops on Manage Orders" in after
    for path in ("/shops/", "/shops/tiktok/connect/"):
        assert "demo shops (" not in text(desk.get(path))
    assert 'value="demo-shop"' in desk.get("/orders/").content.decode()


def test_adding_a_file_shop_says_it_too(desk: Client) -> None:
    make.shop("Demo shop", is_demo=True)
    given = {"name": "Own", "region": "GB", "timezone": "UTC", "sla": "", "after_sales_days": 14}
    page = text(desk.post("/shops/", given, follow=True))
    assert "The demo shops (Demo shop) are out of view now" in page
    page = text(desk.post("/shops/", given | {"name": "Second"}, follow=True))
    assert "out of view" not in page


def test_the_ship_by_rule_is_explained_where_no_preset_is(desk: Client) -> None:
    page = text(desk.get("/shops/"))
    assert "presets for Thailand, United States, Vietnam; elsewhere, as in the United" in page


def test_no_page_shows_a_secret(desk: Client, app: App, seller: Seller) -> None:
    grant = connect(desk, app, seller, "Harbor Goods")
    line = Connection.objects.get()
    secrets = (
        "secret1",
        app.sealed_secret,
        sealed.access_token(grant),
        sealed.refresh_token(grant),
        sealed.cipher(line),
        grant.sealed_access_token,
    )
    for path in (
        "/shops/",
        "/shops/tiktok/connect/",
        "/shops/tiktok/app/",
        f"/shops/tiktok/apps/{app.pk}/",
        f"/shops/tiktok/grants/{grant.pk}/",
        "/shops/harbor-goods/connection/",
        "/settings/audit/",
    ):
        page = desk.get(path)
        assert page.status_code == 200, path
        for secret in secrets:
            assert secret not in page.content.decode(), path
    refused = desk.post("/shops/tiktok/app/", APP | {"secret": "not the secret"})
    assert refused.status_code == 422
    assert "not the secret" not in refused.content.decode().replace("is not the secret of", "")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"secret": "wrong"}, "It is not the secret of this app key."),
        ({"key": "nobody"}, "TikTok Shop does not know this key"),
        ({"key": ""}, "This field is required"),
        ({"service_id": "no number!"}, "That holds no service ID"),
        ({"api_host": "http://elsewhere.example"}, "must begin with https"),
    ],
)
def test_an_app_that_is_not_right_is_refused_in_words(
    desk: Client, market: Market, changed: dict[str, str], said: str
) -> None:
    response = desk.post("/shops/tiktok/app/", APP | changed)
    assert response.status_code == 422
    assert said in text(response)
    assert App.objects.count() == 0


def test_the_service_id_may_be_pasted_as_a_link(desk: Client, market: Market) -> None:
    pasted = "https://services.example/open/authorize?service_id=7001&state=x"
    desk.post("/shops/tiktok/app/", APP | {"service_id": pasted, "authorize_url": ""})
    app = App.objects.get()
    assert app.service_id == "7001"
    page = desk.get(f"/shops/tiktok/apps/{app.pk}/?market=US").content.decode()
    assert "https://services.tiktokshops.us/open/authorize?service_id=7001" in page
    page = desk.get(f"/shops/tiktok/apps/{app.pk}/?market=row").content.decode()
    assert "https://services.tiktokshop.com/open/authorize?service_id=7001" in page


def test_a_seller_who_refuses(desk: Client, app: App, seller: Seller) -> None:
    back = desk.get(local(seller(link(desk, app), answer="refuse")))
    assert back.status_code == 400
    assert "did not let the app in" in text(back)
    assert f"/shops/tiktok/apps/{app.pk}/" in back.content.decode()
    assert Grant.objects.count() == 0


def test_an_answer_works_once(desk: Client, app: App, seller: Seller) -> None:
    back = local(seller(link(desk, app)))
    assert desk.get(back).status_code == 302
    again = desk.get(back)
    assert again.status_code == 400
    assert "used already" in text(again)


def test_a_code_that_has_run_out(desk: Client, market: Market, app: App, seller: Seller) -> None:
    back = local(seller(link(desk, app)))
    for code in market.books.find("code", ""):
        market.books.remove("code", "", code["code"])
    refused = desk.get(back)
    assert refused.status_code == 400
    assert "refused the code" in text(refused)
    assert "Test the app and try again" in text(refused)


def test_an_answer_too_late(
    desk: Client, app: App, seller: Seller, monkeypatch: pytest.MonkeyPatch
) -> None:
    back = local(seller(link(desk, app)))
    monkeypatch.setattr(connect_state, "SECONDS", -1)
    assert "More than half an hour has passed" in text(desk.get(back))
    assert Grant.objects.count() == 0


def test_somebody_elses_answer_is_not_taken(desk: Client, app: App, seller: Seller) -> None:
    back = local(seller(link(desk, app)))
    other = User.objects.create_user("other@shop.example", "a long password", role=Role.OWNER)
    for who in (other, User.objects.get(email="mai@shop.example")):
        client = Client()
        client.force_login(who)
        refused = client.get(back)
        assert refused.status_code == 400
        assert "begun by somebody else, or before you signed in anew" in text(refused)
    forged = back.replace("state=", "state=x")
    for path in (forged, "/shops/tiktok/callback/?code=c", "/shops/tiktok/callback/"):
        assert "does not belong to anything begun here" in text(desk.get(path))
    assert Grant.objects.count() == 0
    assert desk.get(back).status_code == 302, "the right one still goes through"


def test_a_state_of_another_purpose_is_not_taken(desk: Client, app: App) -> None:
    state = signing.dumps({"a": app.pk, "p": 1, "s": "", "w": 0, "o": "x"})
    assert desk.get(f"/shops/tiktok/callback/?code=c&state={state}").status_code == 400


def test_an_answer_for_another_app(desk: Client, app: App, seller: Seller) -> None:
    back = local(seller(link(desk, app))).replace("app_key=key1", "app_key=key2")
    assert "for another app" in text(desk.get(back))
    app.delete()
    assert "not here any more" in text(desk.get(back))


def test_a_marketplace_that_is_away_may_be_asked_again(
    desk: Client, market: Market, app: App, seller: Seller, monkeypatch: pytest.MonkeyPatch
) -> None:
    back = local(seller(link(desk, app)))
    monkeypatch.setattr(http, "TRANSPORT", made.Answers(httpx.ConnectError("no")))
    assert "could not be reached" in text(desk.get(back))
    monkeypatch.setattr(http, "TRANSPORT", transport(market))
    assert desk.get(back).status_code == 302


def test_the_address_may_be_pasted(desk: Client, app: App, seller: Seller) -> None:
    address = seller(link(desk, app)).replace("http://testserver", "https://page.example")
    done = desk.post("/shops/tiktok/pasted/", {"address": f" {address} "})
    assert done["Location"] == f"/shops/tiktok/grants/{Grant.objects.get().pk}/"
    for wrong in ("", "nothing", "https://[x"):
        assert desk.post("/shops/tiktok/pasted/", {"address": wrong}).status_code == 400


def test_shops_are_connected_all_or_none(desk: Client, app: App, seller: Seller) -> None:
    make.shop("Taken", slug="taken")
    back = desk.get(local(seller(link(desk, app))))["Location"]
    page = desk.get(back)
    assert "Taken gets its orders from files and stays as it is" in text(page)
    sent = choices(page, "Harbor Goods", "Baan Craft")
    [wrong] = [key for key, value in sent.items() if value == "Baan Craft"]
    refused = desk.post(back, sent | {wrong: "Taken"})
    assert refused.status_code == 422
    assert "There is a shop 'taken' already" in text(refused)
    zone = wrong.replace("-name", "-timezone")
    assert "is not a time zone" in text(desk.post(back, sent | {zone: "Nowhere"}))
    assert "Choose at least one shop" in text(desk.post(back, {}))
    assert Connection.objects.count() == 0
    region = wrong.replace("-name", "-region")
    assert desk.post(back, sent | {region: "US"}).status_code == 302
    assert Shop.objects.get(remote_id=TH).region == "TH", "the marketplace knows its region"


def test_a_name_that_is_taken_is_not_suggested(desk: Client, app: App, seller: Seller) -> None:
    make.shop("Harbor Goods")
    back = desk.get(local(seller(link(desk, app))))["Location"]
    assert "Harbor Goods (TikTok Shop)" in desk.get(back).content.decode()


def test_shops_that_cannot_be_listed(
    desk: Client, market: Market, app: App, seller: Seller
) -> None:
    few = ["seller.order.info"]
    here = "http://testserver/shops/tiktok/callback/"
    shops.add_app(market.books, "key1", "secret1", here, scopes=few)
    back = desk.get(local(seller(link(desk, app))))
    page = desk.get(back["Location"])
    assert page.status_code == 424
    said = text(page)
    assert "The app lacks the right (scope) for this." in said
    assert "seller.authorization.info is missing: the shop can't be found" in said


def test_authorising_again_renews_and_does_not_double(
    desk: Client, app: App, seller: Seller
) -> None:
    connect(desk, app, seller, "Harbor Goods")
    Grant.objects.update(ended_at=make.NOW, problem="The seller withdrew this desk's access.")
    page = text(desk.get("/shops/harbor-goods/connection/"))
    assert "The seller withdrew this desk's access. Authorise again." in page
    assert "Authorise again" in text(desk.get("/shops/"))
    back = desk.get(local(seller(link(desk, app, "?shop=harbor-goods"))))
    page = text(desk.get(back["Location"]))
    assert "The access of Harbor Goods is renewed." in page
    assert (Shop.objects.count(), Grant.objects.get().ended_at) == (1, None)


def test_webhooks_that_ended_with_the_access_come_back_with_it(
    desk: Client, market: Market, app: App, seller: Seller, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://desk.example.com"
    connect(desk, app, seller, "Harbor Goods")
    shop = Shop.objects.get().remote_id
    wanted = len(market.books.find("subscription", shop))
    tokens.withdraw(market, shop)
    assert wanted
    assert not market.books.find("subscription", shop)
    desk.get(local(seller(link(desk, app, "?shop=harbor-goods"))))
    assert len(market.books.find("subscription", shop)) == wanted


def test_another_sellers_access_is_told_apart(desk: Client, app: App, seller: Seller) -> None:
    connect(desk, app, seller, "Harbor Goods")
    back = desk.get(local(seller(link(desk, app, "?shop=harbor-goods"), shop=GB)))
    assert "This access is not for Harbor Goods" in text(desk.get(back["Location"]))


def test_pausing_resuming_disconnecting_and_coming_back(
    desk: Client, app: App, seller: Seller
) -> None:
    connect(desk, app, seller, "Harbor Goods")
    at = "/shops/harbor-goods/connection/"
    desk.post(f"{at}pause/")
    assert "Harbor Goods is paused." in text(desk.get("/shops/"))
    assert text(desk.get("/shops/")).lower().count("paused") == 1
    assert "Nothing is read or sent until somebody resumes it." in text(desk.get(at))
    assert "Nothing was changed" in text(desk.post(f"{at}pause/", follow=True))
    desk.post(f"{at}resume/")
    assert Connection.objects.get().state == "on"
    asked = desk.get(f"{at}cut/")
    assert "this desk's access is deleted here" in text(asked)
    assert 'method="post" action="/shops/harbor-goods/connection/cut/"' in asked.content.decode()
    assert 'action="/shops/harbor-goods/connection/cut/"' not in desk.get(at).content.decode()
    assert Connection.objects.get().state == "on"
    desk.post(f"{at}cut/")
    assert desk.get(f"{at}cut/")["Location"] == at
    grant = Grant.objects.get()
    assert (grant.sealed_access_token, grant.sealed_refresh_token) == ("", "")
    assert "Disconnected" in text(desk.get(at))
    assert "connect it again first" in text(desk.post(f"{at}webhooks/", follow=True))
    back = desk.get(local(seller(link(desk, app, "?shop=harbor-goods"))))["Location"]
    page = desk.get(back)
    assert "It is disconnected; its orders are here." in text(page)
    sent = choices(page, "Harbor Goods again")
    assert desk.post(back, sent)["Location"] == at
    assert (Shop.objects.count(), Connection.objects.get().state) == (1, "on")
    kinds = [kind for kind, _ in audited()]
    assert kinds[3:] == [
        *("shop_paused", "shop_resumed", "shop_disconnected", "access_given", "shop_connected")
    ]
    assert "mai@shop.example paused the connection of Harbor Goods" in text(
        desk.get("/settings/audit/")
    )


def test_webhooks_come_where_the_desk_is_public(
    desk: Client, market: Market, app: App, seller: Seller, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://desk.example.com"
    first = text(desk.get("/shops/tiktok/connect/"))
    assert "https://desk.example.com/shops/tiktok/callback/" in first
    assert "https://desk.example.com/hooks/tiktok/" in first
    connect(desk, app, seller, "Harbor Goods")
    at = "/shops/harbor-goods/connection/"
    assert "Webhooks Sent to https://desk.example.com/hooks/tiktok/" in text(desk.get(at))
    settings.PUBLIC_URL = ""
    desk.post(f"{at}webhooks/")
    page = text(desk.get(at))
    assert "Webhooks Polling only SHIPBOARD_PUBLIC_URL is not set" in page
    assert "Ask for webhooks" not in page
    assert "SHIPBOARD_PUBLIC_URL is not set" in text(desk.get(f"/shops/tiktok/apps/{app.pk}/"))
    settings.PUBLIC_URL = "https://desk.example.com"
    assert "Ask for webhooks now" in text(desk.get(at))
    assert "TikTok Shop sends webhooks here." in text(desk.post(f"{at}webhooks/", follow=True))


def test_a_desk_beside_its_marketplace_needs_no_public_address(
    desk: Client, app: App, seller: Seller, settings: Any
) -> None:
    settings.PUBLIC_URL, settings.ALLOWED_HOSTS = "", ["localhost", "testserver"]
    connect(desk, app, seller, "Harbor Goods")
    at, why = "/shops/harbor-goods/connection/", "SHIPBOARD_PUBLIC_URL is not set"
    assert why in text(desk.get(at, headers={"host": "localhost"}))
    App.objects.update(api_host="http://127.0.0.1:8790")
    page = text(desk.get(at, headers={"host": "localhost"}))
    assert "Webhooks can be sent to http://localhost/hooks/tiktok/." in page
    assert "Ask for webhooks now" in page
    assert why in text(desk.get(at))


def test_a_shop_that_is_removed_gets_no_more_webhooks(
    desk: Client, market: Market, app: App, seller: Seller, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://desk.example.com"
    connect(desk, app, seller, "Harbor Goods")
    shop = Shop.objects.get().remote_id
    assert market.books.find("subscription", shop)
    desk.post("/shops/harbor-goods/remove/", {"slug": "harbor-goods"})
    assert not market.books.find("subscription", shop)
    assert not Shop.objects.exists()


def test_the_notice_comes_thirty_days_before(desk: Client, app: App, seller: Seller) -> None:
    connect(desk, app, seller, "Harbor Goods")
    grant = Grant.objects.get()
    grant.refresh_ends_at = grant.granted_at + 20 * made.DAY
    grant.save()
    assert "Access ends soon" in text(desk.get("/shops/"))
    assert "Authorise again before." in text(desk.get("/shops/harbor-goods/connection/"))


def test_a_changed_key_of_the_desk_is_said(
    desk: Client, app: App, seller: Seller, settings: Any, owner: User
) -> None:
    grant = connect(desk, app, seller, "Harbor Goods")
    settings.SECRET_KEY = "another"
    desk.force_login(owner)
    for path in (
        "/shops/",
        "/shops/harbor-goods/connection/",
        f"/shops/tiktok/apps/{app.pk}/",
        f"/shops/tiktok/grants/{grant.pk}/",
    ):
        page = desk.get(path)
        assert page.status_code in (200, 424), path
        assert "SHIPBOARD_SECRET_KEY" in page.content.decode(), path
    assert desk.post("/shops/tiktok/app/", APP).status_code == 302
    back = desk.get(local(seller(link(desk, app))))
    assert "The access of Harbor Goods is renewed." in text(desk.get(back["Location"]))
    assert "SHIPBOARD_SECRET_KEY" not in desk.get("/shops/").content.decode()


def test_apps_and_unused_accesses_are_listed_and_go(desk: Client, app: App, seller: Seller) -> None:
    desk.get(local(seller(link(desk, app))))
    grant = Grant.objects.get()
    page = text(desk.get("/shops/tiktok/connect/"))
    assert "Access that no shop uses yet" in page
    desk.post(f"/shops/tiktok/grants/{grant.pk}/forget/")
    assert Grant.objects.count() == 0
    desk.post(f"/shops/tiktok/apps/{app.pk}/remove/")
    assert App.objects.count() == 0
    assert "Apps stored here" not in text(desk.get("/shops/tiktok/connect/"))


def test_what_is_in_use_does_not_go(desk: Client, app: App, seller: Seller) -> None:
    grant = connect(desk, app, seller, "Harbor Goods")
    said = text(desk.post(f"/shops/tiktok/grants/{grant.pk}/forget/", follow=True))
    assert "disconnect the shop instead" in said
    assert "stays" in text(desk.post(f"/shops/tiktok/apps/{app.pk}/remove/", follow=True))
    assert (App.objects.count(), Grant.objects.count()) == (1, 1)


@pytest.mark.parametrize("role", [Role.MANAGER, Role.PACKER, Role.VIEWER])
def test_only_owners_touch_a_line(desk: Client, app: App, seller: Seller, role: Role) -> None:
    connect(desk, app, seller, "Harbor Goods")
    person = User.objects.create_user(
        "x@shop.example", "a long password", role=role, sees_all_shops=True
    )
    client = Client()
    client.force_login(person)
    assert client.get("/shops/harbor-goods/connection/").status_code == 403
    for verb in ("pause", "resume", "cut", "webhooks"):
        path = f"/shops/harbor-goods/connection/{verb}/"
        assert client.post(path).status_code == 403
        assert desk.get(path).status_code == (200 if verb == "cut" else 405)
    assert Connection.objects.get().state == "on"
    page = client.get("/shops/").content.decode()
    assert "Connect TikTok Shop" not in page
    assert "/connection/" not in page


def test_a_form_from_elsewhere_cuts_nothing(app: App, desk: Client, seller: Seller) -> None:
    connect(desk, app, seller, "Harbor Goods")
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(email="mai@shop.example"))
    for path in ("connection/cut/", "connection/pause/"):
        assert client.post(f"/shops/harbor-goods/{path}").status_code == 403
    assert Connection.objects.get().state == "on"


def test_shops_of_files_have_no_connection(desk: Client) -> None:
    make.shop()
    assert desk.get("/shops/northwind/connection/").status_code == 404
    assert desk.post("/shops/northwind/connection/cut/").status_code == 404


def test_a_withdrawn_seller_meets_a_sentence(
    desk: Client, market: Market, app: App, seller: Seller
) -> None:
    grant = connect(desk, app, seller, "Harbor Goods")
    tokens.withdraw(market, US)
    page = desk.get(f"/shops/tiktok/grants/{grant.pk}/")
    assert page.status_code == 424
    assert "The shops can't be listed" in text(page)
    connecting.disconnect(Connection.objects.get(), "mai", make.NOW)
    assert Connection.objects.get().state == "off"
