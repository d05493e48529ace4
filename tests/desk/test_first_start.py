"""Who can sign in after the first start, with the demo and without it."""

from __future__ import annotations

import pytest
from django.test import Client

from shipboard.accounts.models import User
from shipboard.channels.models import Shop
from shipboard.orders.models import Order
from shipboard.setup import DEMO_EMAIL, DEMO_PASSWORD, prepare

pytestmark = pytest.mark.django_db


def signs_in(email: str, password: str) -> bool:
    response = Client().post("/login/", {"login": email, "password": password})
    return response.status_code == 302 and "/orders/" in response["Location"]


def test_a_first_start_prints_a_password_once() -> None:
    (said, _) = prepare(demo=False)
    email, password = said.removeprefix("First sign-in: ").split(" / ")
    assert signs_in(email, password)
    assert prepare(demo=False) == []


def test_the_first_owner_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIPBOARD_ADMIN_EMAIL", "mai@shop.example")
    monkeypatch.setenv("SHIPBOARD_ADMIN_PASSWORD", "a long password")
    prepare(demo=False)
    prepare(demo=False)
    assert User.objects.count() == 1
    assert signs_in("mai@shop.example", "a long password")


def test_the_demo_is_loaded_once_and_closed_without_it() -> None:
    assert prepare(demo=True) == [f"Demo sign-in: {DEMO_EMAIL} / {DEMO_PASSWORD}"]
    stages = set(Order.objects.values_list("stage", flat=True))
    assert len(stages) == 9  # every stage that the file format has a word for
    count = Order.objects.count()
    prepare(demo=True)
    assert (Order.objects.count(), Shop.objects.count()) == (count, 1)
    assert signs_in(DEMO_EMAIL, DEMO_PASSWORD)
    said = prepare(demo=False)
    assert not signs_in(DEMO_EMAIL, DEMO_PASSWORD)
    assert said[0].startswith("First sign-in: owner@")
    assert "shop remove demo-northwind" in said[-1]
