"""How old the data of each shop is: on every order screen, in words, the oldest first."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shipboard.channels.contract import Stream
from shipboard.channels.models import Connection, Shop
from shipboard.desk import wording
from shipboard.ingest.apply import Source, apply
from shipboard.ingest.models import Cursor, OrderImport
from shipboard.orders.models import Order
from tests import make
from tests.desk.test_changes import Looker
from tests.ingest.fake_channel import connected_shop

pytestmark = pytest.mark.django_db
SOURCE = Source(by="tests", now=make.NOW)
ORDER = "576000000000000001"


def polled(shop: Shop, **ago: float) -> Shop:
    at = make.NOW - timedelta(**ago)
    Cursor.objects.update_or_create(
        shop=shop, stream=Stream.ORDERS, defaults={"succeeded_at": at, "tried_at": at}
    )
    return shop


def imported(shop: Shop, **ago: float) -> Shop:
    at = make.NOW - timedelta(**ago)
    OrderImport.objects.create(
        shop=shop, by="x", file_name="x", size=1, state="done", as_of=at, queued_at=at
    )
    return shop


def told(html: str) -> list[tuple[str, str]]:
    """(level, words) of each shop on a page, in their order."""
    found = re.findall(r'<a class="age(?: age-(\w+))?"[^>]*>(.*?)</a>', unescape(html), re.S)
    return [(level, re.sub(r"<[^>]+>", "", words)) for level, words in found]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, ("fresh", "Northwind: just now")),
        (119, ("fresh", "Northwind: 1 min ago")),
        (299, ("fresh", "Northwind: 4 min ago")),
        (300, ("amber", "Northwind: 5 min ago, getting old")),
        (899, ("amber", "Northwind: 14 min ago, getting old")),
        (900, ("red", "Northwind: 15 min ago, out of date")),
        (7200, ("red", "Northwind: 2 h ago, out of date")),
    ],
)
def test_the_age_is_said_in_words_too(desk: Client, seconds: int, said: tuple[str, str]) -> None:
    polled(connected_shop(), seconds=seconds)
    html = desk.get("/orders/").content.decode()
    assert told(html) == [said]
    assert 'href="/shops/northwind/health/"' in html


def test_a_poll_makes_it_fresh_on_an_open_page(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = polled(connected_shop(), minutes=4)
    apply(shop, [make.order()], SOURCE)
    looker = Looker(desk)
    polled(shop)
    monkeypatch.setenv("SHIPBOARD_NOW", (make.NOW + timedelta(minutes=1)).isoformat())
    assert told(looker.ask().content.decode()) == [("fresh", "Northwind: 1 min ago")]


@pytest.mark.parametrize(
    "path",
    [
        "/orders/",
        "/orders/?view=card",
        f"/orders/{ORDER}/",
        "/exports/new/",
        "drawer",
        "run",
        "run by filter",
        "export of chosen",
    ],
)
def test_every_order_screen_says_it(desk: Client, path: str) -> None:
    shop = polled(connected_shop(), minutes=20)
    apply(shop, [make.order()], SOURCE)
    pk = Order.objects.get().pk
    answers: dict[str, Any] = {
        "drawer": lambda: desk.get(f"/orders/{ORDER}/", headers={"HX-Target": "drawer-body"}),
        "run": lambda: desk.post("/runs/form/", {"verb": "note", "orders": f"{pk}"}),
        "run by filter": lambda: desk.post(
            "/runs/form/", {"verb": "note", "query": "shop=northwind", "count": "1"}
        ),
        "export of chosen": lambda: desk.post("/exports/new/", {"orders": f"{pk}"}),
    }
    answer = answers.get(path, lambda: desk.get(path))()
    assert answer.status_code == 200
    assert told(answer.content.decode()) == [("red", "Northwind: 20 min ago, out of date")]


def test_the_head_of_a_demo_order_begins_with_its_shop(desk: Client) -> None:
    shop = polled(connected_shop(), minutes=20)
    apply(shop, [make.order()], SOURCE)
    Shop.objects.update(is_demo=True)
    head = re.search(r'<div class="head-note">(.*?)</div>', at_detail(desk), re.S)
    assert head
    assert told(head[1]) == [("red", "Northwind: 20 min ago, out of date")]
    assert "demo" not in head[1]
    Connection.objects.all().delete()
    Shop.objects.update(channel="file", remote_id="")
    assert "demo · Northwind</div>" in at_detail(desk)


def at_detail(desk: Client) -> str:
    return desk.get(f"/orders/{ORDER}/").content.decode()


def test_of_many_shops_the_oldest_is_shown_and_the_others_on_asking(desk: Client) -> None:
    polled(connected_shop("Fresh"), minutes=1)
    polled(connected_shop("Old"), minutes=16)
    imported(imported(make.shop("Files"), hours=9), hours=2)
    html = desk.get("/orders/").content.decode()
    assert told(html) == [
        ("red", "Old: 16 min ago, out of date"),
        ("fresh", "Fresh: 1 min ago"),
        ("", "Files: facts as of Sun 22 Nov 10:00 UTC"),
    ]
    assert "<summary>and 2 more</summary>" in html
    assert told(desk.get("/orders/?shop=fresh").content.decode()) == [("fresh", "Fresh: 1 min ago")]


def test_lines_that_do_not_run_say_so(desk: Client) -> None:
    connected_shop("New")
    paused, off = polled(connected_shop("Quiet"), minutes=2), connected_shop("Gone")
    Connection.objects.filter(shop=paused).update(state="paused")
    Connection.objects.filter(shop=off).update(state="off")
    make.shop("Never imported")
    assert told(desk.get("/orders/").content.decode()) == [
        ("red", "New: never read to the end"),
        ("fresh", "Quiet: paused, 2 min ago"),
        ("red", "Gone: disconnected"),
    ]


@pytest.mark.parametrize(("state", "word"), [("paused", "paused"), ("off", "disconnected")])
def test_what_was_stopped_on_purpose_is_no_alarm_on_shops(
    desk: Client, state: str, word: str
) -> None:
    shop = polled(connected_shop(), hours=2)
    assert told(desk.get("/shops/").content.decode())[0][0] == "red"
    Connection.objects.filter(shop=shop).update(state=state)
    html = desk.get("/shops/").content.decode()
    assert told(html) == []
    assert re.findall("paused|disconnected", re.sub(r"<[^>]+>", "", html).lower()) == [word]
    assert 'href="/shops/northwind/health/"' in html


def test_it_costs_one_question_whatever_the_number_of_shops(desk: Client) -> None:
    def asks() -> list[str]:
        with CaptureQueriesContext(connection) as asked:
            assert desk.get("/orders/").status_code == 200
        return [query["sql"] for query in asked if '"cursor"' in query["sql"]]

    polled(connected_shop())
    imported(make.shop("Files"))
    assert len(asks()) == 1
    for n in range(5):
        polled(connected_shop(f"Shop {n}"))
        imported(make.shop(f"Files {n}"))
    assert len(asks()) == 1


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "just now"),
        (59, "just now"),
        (60, "1 min ago"),
        (3599, "59 min ago"),
        (3600, "1 h ago"),
        (172_799, "47 h ago"),
        (172_800, "2 days ago"),
    ],
)
def test_ago(seconds: int, said: str) -> None:
    assert wording.time_ago(make.NOW - timedelta(seconds=seconds), make.NOW) == said
