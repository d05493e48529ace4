"""The notice bar: on every page, for as long as it lasts, to those who work for the shop."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from shipboard.accounts.models import User
from shipboard.accounts.roles import Role
from shipboard.channels.models import Shop
from shipboard.ingest import notices
from shipboard.ingest.notices import About, Trouble
from tests import make
from tests.ingest.fake_channel import connected_shop

pytestmark = pytest.mark.django_db
TROUBLE = Trouble("Access to Northwind was taken back <b>now</b>.", "Connect it again.")


@pytest.fixture
def shop(db: None) -> Shop:
    return connected_shop()


def bar(client: Client, path: str = "/orders/") -> list[tuple[str, str]]:
    html = client.get(path).content.decode()
    found = re.findall(r'told told-(\w+)">.*?<span>(.*?)</span> <a href="/shops/northwind', html)
    return [(level, re.sub(r"</?strong>", "", words)) for level, words in found]


@pytest.mark.parametrize("path", ["/orders/", "/runs/", "/exports/", "/shops/", "/settings/"])
def test_it_is_on_every_page_until_it_is_over(desk: Client, shop: Shop, path: str) -> None:
    assert bar(desk, path) == []
    notices.begin(shop, About.RECONNECT, TROUBLE, make.NOW)
    assert bar(desk, path) == [
        (
            "severe",
            "Problem: Access to Northwind was taken back &lt;b&gt;now&lt;/b&gt;. Connect it again.",
        )
    ]
    notices.over(shop, [About.RECONNECT], make.NOW)
    assert bar(desk, path) == []


def test_several_fold_with_the_severe_first(desk: Client, shop: Shop) -> None:
    notices.begin(shop, About.STALE, Trouble("Old."), make.NOW - timedelta(days=2))
    for about in (About.EXPIRING, About.MISSED):
        notices.begin(shop, about, Trouble(f"It is {about}."), make.NOW)
    assert [level for level, _ in bar(desk)] == ["severe", "mild", "mild"]
    html = desk.get("/orders/").content.decode()
    assert "<summary>and 2 more notices</summary>" in html


def test_nobody_is_told_of_another_shop(shop: Shop) -> None:
    notices.begin(shop, About.RECONNECT, TROUBLE, make.NOW)
    person = User.objects.create_user("tam@shop.example", "a long password", role=Role.MANAGER)
    person.sees_all_shops = False
    person.save()
    client = Client()
    client.force_login(person)
    assert bar(client) == []
    person.shops.add(shop)
    assert len(bar(client)) == 1


def test_a_shops_health_page_tells_of_it_once(desk: Client, shop: Shop) -> None:
    other = connected_shop("Other")
    notices.begin(shop, About.STALE, Trouble("It is old."), make.NOW)
    notices.begin(other, About.STALE, Trouble("The other is old."), make.NOW)
    html = desk.get("/shops/northwind/health/").content.decode()
    assert html.count("It is old.") == 1
    assert "The other is old." in html.split('id="h-state"')[0]


def test_strangers_are_told_nothing(shop: Shop) -> None:
    notices.begin(shop, About.RECONNECT, TROUBLE, make.NOW)
    page = Client().get("/login/")
    assert page.status_code == 200
    assert "Northwind" not in page.content.decode()
