"""Who can sign in after the first start, with the demo and without it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from sandbox.market import Market
from shipboard.accounts.demo import OWNER, PASSWORD, ROLES
from shipboard.accounts.models import User
from shipboard.accounts.roles import Role
from shipboard.channels.models import Shop
from shipboard.orders.models import Order
from tests import make
from tests.demo.market import SITE, prepare, running_with_kept_demo

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def market() -> Iterator[Market]:
    with running_with_kept_demo() as market:
        yield market


def signs_in(email: str, password: str) -> bool:
    response = Client().post("/login/", {"login": email, "password": password})
    return response.status_code == 302 and "/orders/" in response["Location"]


def test_a_first_start_prints_a_password_once() -> None:
    (said, _) = prepare(with_demo=False)
    email, password = said.removeprefix("First sign-in: ").split(" / ")
    assert signs_in(email, password)
    assert prepare(with_demo=False) == []


def test_the_first_owner_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIPBOARD_ADMIN_EMAIL", "mai@shop.example")
    monkeypatch.setenv("SHIPBOARD_ADMIN_PASSWORD", "a long password")
    prepare(with_demo=False)
    prepare(with_demo=False)
    assert User.objects.count() == 1
    assert signs_in("mai@shop.example", "a long password")


def test_a_desk_never_starts_without_an_owner_who_can_sign_in() -> None:
    User.objects.create_user("mai@shop.example", "a long password", role=Role.PACKER)
    User.objects.create_user("owner@shipboard.example", "a long password", is_active=False)
    said, _ = prepare(with_demo=False)
    email, password = said.removeprefix("First sign-in: ").split(" / ")
    assert signs_in(email, password)


def test_the_demo_is_loaded_once_and_closed_without_it() -> None:
    first, second, third = prepare(with_demo=True)
    assert first == f"Demo sign-in: {OWNER} / {PASSWORD}"
    assert [email for email in ROLES if email in second] == list(ROLES)[1:]
    assert third == f"The demo's marketplace: {SITE.sandbox}/control/"
    count = Order.objects.count()
    prepare(with_demo=True)
    assert (Order.objects.count(), Shop.objects.count()) == (count, 3)
    for email, role in ROLES.items():
        assert signs_in(email, PASSWORD)
        assert User.objects.get(email=email).role == role
    said = prepare(with_demo=False)
    assert not any(signs_in(email, PASSWORD) for email in ROLES)
    assert said[0].startswith("First sign-in: owner@")
    assert [line for line in said if "shop remove demo-northwind-uk" in line]


def test_a_session_of_the_demo_ends_with_it_and_does_not_come_back() -> None:
    prepare(with_demo=True)
    client = Client()
    client.post("/login/", {"login": OWNER, "password": PASSWORD})
    assert client.get("/shops/").status_code == 200
    prepare(with_demo=True)
    assert client.get("/shops/").status_code == 200
    prepare(with_demo=False)
    assert client.get("/shops/").status_code == 302
    prepare(with_demo=True)
    assert client.get("/shops/").status_code == 302
    assert signs_in(OWNER, PASSWORD)


def test_a_shop_with_the_name_of_a_demo_shop_is_left_alone() -> None:
    mine = make.shop("Demo Northwind UK")
    said = prepare(with_demo=True)
    assert "could not be made" in said[-1]
    assert list(Shop.objects.all()) == [mine]
