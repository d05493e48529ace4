"""How parcels travel, said for a warehouse by name: the shop's page, the order's, the column, the
filter; and nobody asks a channel for its name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shipboard.accounts.models import AuditEntry, User
from shipboard.channels.contract import WarehouseFact
from shipboard.channels.models import Shop
from shipboard.channels.warehouses import logistics_of, remember, set_logistics
from shipboard.ingest.apply import Source, apply
from tests import make
from tests.ingest.fake_channel import connected_shop

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2] / "shipboard"


@pytest.fixture
def shop(db: None) -> Shop:
    made = make.shop()
    facts = [
        make.order(f"57600000000000000{n}", warehouse=name, parcels=(make.parcel(),))
        for n, name in enumerate(["Leeds", "Hull", ""])
    ]
    apply(made, facts, Source(by="tests", now=make.NOW))
    return made


def post(desk: Client, **given: str) -> str:
    return desk.post("/shops/northwind/warehouses/", given, follow=True).content.decode()


def test_every_name_is_listed_and_set_on_the_shops_page(desk: Client, shop: Shop) -> None:
    page = desk.get("/shops/northwind/").content.decode()
    assert re.findall(r'name="name" value="(\w+)"', page) == ["Hull", "Leeds"]
    assert page.count("Not set</strong>") == 2
    page = post(desk, name="Leeds", logistics="direct")
    assert "Orders from Leeds follow at once." in page
    assert logistics_of([shop.pk]) == {(shop.pk, "Leeds"): "direct"}
    assert re.findall(r'name="name" value="(\w+)"', page) == ["Hull", "Leeds"]
    assert page.count("Not set</strong>") == 1
    entry = AuditEntry.objects.get(kind="logistics_set")
    assert (entry.subject, entry.detail["logistics"]) == ("Northwind", "direct")
    post(desk, name="Leeds", logistics="")
    assert logistics_of([shop.pk]) == {}


def test_what_the_channel_says_is_shown_with_its_country(desk: Client) -> None:
    shop = connected_shop(region="GB")
    facts = [("7301", "Leeds", "GB"), ("7302", "Yiwu", "CN"), ("7303", "Store", "")]
    remember(shop, [WarehouseFact(remote_id=a, name=b, country=c) for a, b, c in facts])
    page = desk.get("/shops/northwind/").content.decode()
    assert re.findall(r'name="name" value="(\w+)"', page) == ["Store", "Leeds", "Yiwu"]
    assert "says that it is in United Kingdom" in page
    assert "says that it is in CN" in page


@pytest.mark.parametrize(
    "given", [{"name": "Mars"}, {"name": "Leeds", "logistics": "by ship"}, {"name": "\x00"}, {}]
)
def test_nothing_else_is_taken(desk: Client, shop: Shop, given: dict[str, str]) -> None:
    assert "message-error" in post(desk, **{"logistics": "local", **given})
    assert logistics_of([shop.pk]) == {}


def test_an_order_says_how_it_travels_or_asks(desk: Client, shop: Shop) -> None:
    page = desk.get("/orders/576000000000000000/").content.decode()
    assert "Logistics type not set for <bdi>Leeds</bdi>" in page
    assert 'href="/shops/northwind/#warehouses"' in page
    set_logistics(shop, "Leeds", "local")
    page = desk.get("/orders/576000000000000000/").content.decode()
    assert "Logistics type not set" not in page
    assert "· local warehouse" in page
    assert "Logistics type not set" not in desk.get("/orders/576000000000000002/").content.decode()


def test_a_column_shows_it_for_one_question_a_page(desk: Client, owner: User, shop: Shop) -> None:
    def asks() -> int:
        with CaptureQueriesContext(connection) as asked:
            desk.get("/orders/")
        return len([query for query in asked if 'from "warehouse"' in query["sql"].lower()])

    assert asks() == 0
    set_logistics(shop, "Leeds", "direct")
    User.objects.filter(pk=owner.pk).update(columns=["order", "logistics"])
    assert asks() == 1
    page = desk.get("/orders/").content.decode()
    cells = re.findall(r'<td class="c-logistics">(.*?)</td>', page, re.S)
    words = sorted(re.sub(r"<[^>]+>", "", cell).strip() for cell in cells)
    assert words == ["Direct shipping", "Not set", "—"]


def test_the_filter_is_offered_and_taken_off_again(desk: Client, shop: Shop) -> None:
    set_logistics(shop, "Leeds", "direct")
    page = desk.get("/orders/?logistics=direct").content.decode()
    assert re.findall(r'data-order="(\d+)"', page) == ["576000000000000000"]
    assert "Remove filter: Logistics: Direct shipping" in page
    panel = desk.get("/orders/filter/?logistics=direct").content.decode()
    assert re.search(r'name="logistics" value="direct" checked', panel)
    assert desk.get("/orders/?logistics=by+ship").status_code == 400


def test_no_screen_compares_channels_by_name() -> None:
    """Screens ask what a channel can do; only connecting to one is of that one."""
    compares = re.compile(
        r"channel\s*(==|!=|\bin\b|\bnot in\b)|Channel\.(FILE|TIKTOK)\b|(?<!layout == )'tiktok'"
    )
    files = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "desk").glob("*.py")]
    assert len(files) > 100
    wrong = [
        f"{path.name}: {line.strip()}"
        for path in files
        if not path.name.startswith(("connect", "hooks"))
        for line in path.read_text().splitlines()
        if compares.search(line)
    ]
    assert wrong == []
