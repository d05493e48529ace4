"""The demo on screen: marked everywhere, kept apart, and left by the door Use my own shop."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from sandbox.market import Market
from shipboard.accounts.demo import OWNER, PACKER, PASSWORD
from shipboard.accounts.models import AuditEntry, User
from shipboard.accounts.roles import Role
from shipboard.channels.models import App, Grant, Shop
from shipboard.ingest.apply import Source, apply
from shipboard.ingest.demo_removal import allow_again
from shipboard.orders.models import Order
from tests import make
from tests.demo.market import prepare, running_with_kept_demo

pytestmark = pytest.mark.django_db
BANNER = "nothing here is real"
BUTTON = "Use my own shop"
MINE = {"email": "mai@shop.example", "password": "a long password"}


@pytest.fixture(autouse=True)
def market() -> Iterator[Market]:
    with running_with_kept_demo() as market:
        yield market


def demo_shop(name: str = "Demo one", number: int = 1) -> Shop:
    shop = make.shop(name, is_demo=True)
    fact = make.order(f"57900000000000000{number}", warehouse=f"Made up {number}")
    apply(shop, [fact], Source(by="tests", now=make.NOW))
    return shop


def own_shop() -> Shop:
    shop = make.shop("Harbour")
    facts = [make.order(number, warehouse=f"Quay {number}") for number in ("1", "2")]
    apply(shop, facts, Source(by="tests", now=make.NOW))
    return shop


def signed_in(email: str = OWNER) -> Client:
    client = Client()
    client.force_login(User.objects.get(email=email))
    return client


def page(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def test_every_page_says_so_while_the_demo_is_in_view(desk: Client) -> None:
    demo_shop()
    for path in ("/orders/", "/orders/579000000000000001/", "/shops/", "/uploads/", "/settings/"):
        shown = page(desk, path)
        assert BANNER in shown, path
        assert BUTTON in shown, path


def test_only_what_shows_the_demo_says_so_beside_a_shop_of_ones_own(desk: Client) -> None:
    demo_shop()
    own_shop()
    for path in ("/orders/", "/orders/?shop=harbour", "/orders/1/", "/shops/", "/uploads/"):
        assert BANNER not in page(desk, path), path
    for path in ("/orders/?shop=demo-one", "/orders/579000000000000001/"):
        assert BANNER in page(desk, path), path
    refused = desk.get("/orders/?shop=demo-one&shop=harbour")
    assert refused.status_code == 400
    assert "never shown together" in refused.content.decode()


def test_no_demo_no_banner(desk: Client) -> None:
    assert BANNER not in page(desk, "/orders/")
    own_shop()
    assert BANNER not in page(desk, "/orders/")
    assert BANNER not in page(Client(), "/login/")


def test_only_owners_are_offered_the_way_out(owner: User, desk: Client) -> None:
    demo_shop()
    for role in (Role.MANAGER, Role.PACKER, Role.VIEWER):
        User.objects.filter(pk=owner.pk).update(role=role)
        shown = page(desk, "/orders/")
        assert BANNER in shown
        assert BUTTON not in shown
        assert desk.get("/own-shop/").status_code == 403
        assert desk.post("/own-shop/").status_code == 403
    assert Shop.objects.count() == 1


def test_the_filter_panel_offers_what_is_in_view(desk: Client) -> None:
    demo_shop()
    demo_shop("Demo two", 2)
    own_shop()
    shown = page(desk, "/orders/filter/")
    assert "Quay 2" in shown
    assert "Made up" not in shown
    assert "Demo two" not in shown
    shown = page(desk, "/orders/filter/?shop=demo-one")
    assert "Made up 2" in shown
    assert "Quay" not in shown
    assert "Harbour" not in shown


def test_use_my_own_shop_from_the_demo_account(market: Market) -> None:
    prepare(with_demo=True)
    assert market.books.find("subscription")
    mine = own_shop()
    client, packer = signed_in(), signed_in(PACKER)
    shown = page(client, "/own-shop/")
    assert "2,400 made-up orders" in shown
    assert 'name="password"' in shown
    answer = client.post("/own-shop/", MINE)
    assert (answer.status_code, answer["Location"]) == (302, "/shops/")
    shops = client.get("/shops/")
    assert "The demo is gone" in shops.content.decode()
    assert shops.wsgi_request.user == User.objects.get(email=MINE["email"])
    assert list(Shop.objects.all()) == [mine]
    assert not App.objects.exists()
    assert not Grant.objects.exists()
    assert not market.books.find("subscription"), "nobody is sent webhooks any more"
    assert Order.objects.count() == 2
    assert packer.get("/orders/").status_code == 302
    assert not Client().login(email=OWNER, password=PASSWORD)
    assert AuditEntry.objects.filter(kind="demo_removed").get().by == MINE["email"]


def test_a_demo_taken_away_stays_away_until_it_is_asked_for() -> None:
    prepare(with_demo=True)
    signed_in().post("/own-shop/", MINE)
    (said,) = prepare(with_demo=True)
    assert MINE["email"] in said
    assert "shipboard demo" in said
    assert not Shop.objects.exists()
    assert not Client().login(email=OWNER, password=PASSWORD)
    assert prepare(with_demo=False) == []
    allow_again(by="tests")
    assert prepare(with_demo=True)[0] == f"Demo sign-in: {OWNER} / {PASSWORD}"
    assert Shop.objects.filter(is_demo=True).count() == 3
    assert Client().login(email=OWNER, password=PASSWORD)


#: What is given instead, and what is said of it.
REFUSED: tuple[tuple[dict[str, str], str], ...] = (
    ({"password": ""}, "This field is required"),
    ({"password": "short"}, "too short"),
    ({"email": "not an address"}, "valid email"),
    ({"email": "x" * 300 + "@shop.example"}, "at most 254 characters"),
    ({"email": PACKER}, "has an account here already"),
    ({"email": "IN@shop.example"}, "has an account here already"),
)


def test_what_is_refused_changes_nothing() -> None:
    prepare(with_demo=True)
    User.objects.create_user("in@shop.example", "a long password", role=Role.OWNER)
    client = signed_in()
    for given, said in REFUSED:
        answer = client.post("/own-shop/", MINE | given)
        assert answer.status_code == 422, given
        assert said in answer.content.decode(), given
        assert Order.objects.count() == 2400
        assert Client().login(email=OWNER, password=PASSWORD)
        assert not User.objects.filter(email=MINE["email"]).exists()


def test_an_owner_of_ones_own_only_removes_the_demo(owner: User, desk: Client) -> None:
    prepare(with_demo=True)
    assert 'name="password"' not in page(desk, "/own-shop/")
    assert desk.post("/own-shop/")["Location"] == "/shops/"
    assert not Shop.objects.exists()
    assert not Client().login(email=PACKER, password=PASSWORD)
    assert desk.post("/own-shop/")["Location"] == "/shops/"
    assert desk.get("/own-shop/")["Location"] == "/shops/"
    assert AuditEntry.objects.filter(kind="demo_removed").count() == 1
    assert User.objects.get(pk=owner.pk).is_active


@pytest.mark.django_db(transaction=True)
def test_a_double_click_makes_one_account() -> None:
    prepare(with_demo=True)
    client = signed_in()

    def post(_: int) -> str:
        twin = Client()
        twin.cookies = client.cookies
        try:
            answer = twin.post("/own-shop/", MINE)
        finally:
            connection.close()
        return str(answer["Location"])

    with ThreadPoolExecutor(2) as pool:
        went = list(pool.map(post, range(2)))
    assert set(went) <= {"/shops/", "/login/?next=/own-shop/"}
    assert "/shops/" in went
    assert User.objects.filter(email=MINE["email"]).count() == 1
    assert AuditEntry.objects.filter(kind="demo_removed").count() == 1
    assert not Shop.objects.exists()
