"""The orders behind the numbers of metrics: as many as are counted, of the shops that are one's
own, each with why it counts; and the dates that the page names.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shipboard.accounts.models import User
from shipboard.accounts.roles import Role
from shipboard.channels.contract import Stage
from shipboard.channels.models import Shop
from shipboard.orders.metric_rules import Measure
from shipboard.orders.models import Order, Parcel, ParcelContent
from tests import make

pytestmark = pytest.mark.django_db
NOW, HOUR = make.NOW, make.HOUR
DAY = timedelta(days=1)
#: Each with whether its market counts the carrier's scan.
MARKETS = {
    "US": ("America/Los_Angeles", True),
    "GB": ("Europe/London", False),
    "TH": ("Asia/Bangkok", True),
    "DE": ("Europe/Berlin", False),
}


def page(desk: Client, path: str, status: int = 200) -> str:
    answer = desk.get(path)
    assert answer.status_code == status
    return unescape(answer.content.decode())


def listed(desk: Client, path: str) -> list[str]:
    """The first order of each row, of all pages."""
    found: list[str] = []
    while path:
        html = page(desk, path)
        found += re.findall(r'data-against="([^"]+)"', html)
        path = "".join(re.findall(r'rel="next" href="([^"]+)"', html))
    return found


def some_orders(shop: Shop, chance: random.Random, many: int) -> Iterator[Order]:
    """Of any stage, with times before, in and after every period, known or not."""

    def maybe() -> Any:
        hours = chance.choice([*range(-900, 0, 60), *range(-200, 30, 10)])
        return NOW + hours * HOUR if chance.random() < 0.8 else None

    names = ("paid_at", "ship_by", "collect_by", "arranged_at", "collected_at", "canceled_at")
    for number in range(many):
        yield make.row(
            shop,
            f"{shop.slug}-{number}",
            stage=chance.choice([*Stage, Stage.CANCELED, Stage.IN_TRANSIT, Stage.DELIVERED]).value,
            order_type=chance.choice(["normal", "normal", "sample"]),
            is_cod=chance.random() < 0.2,
            is_platform_fulfilled=chance.random() < 0.1,
            created_at=maybe() or NOW - DAY,
            canceled_by=chance.choice(["", "buyer", "seller", "system"]),
            **{name: maybe() for name in names},
        )


def packed(orders: list[Order], chance: random.Random) -> None:
    """Some in a package of their own, some in one with the next, with a number or without."""
    for first, second in zip(orders[::2], orders[1::2], strict=True):
        parcels = [
            Parcel.objects.create(
                shop=first.shop,
                key=f"P-{first.order_id}-{number}",
                package_id=f"P-{first.order_id}-{number}",
                tracking_number=chance.choice(["", f"1Z{first.pk}{number}"]),
                as_of=NOW,
                rank=0,
            )
            for number in range(2)
        ]
        for order, parcel in zip((first, second), chance.choices(parcels, k=2), strict=True):
            ParcelContent.objects.create(order=order, parcel=parcel, line=0, quantity=1)


@pytest.fixture
def world() -> list[Shop]:
    chance = random.Random(11)
    shops = [make.shop(region, region=region, timezone=MARKETS[region][0]) for region in MARKETS]
    for shop in shops:
        Order.objects.bulk_create(some_orders(shop, chance, 150))
        packed(list(Order.objects.filter(shop=shop).order_by("pk")), chance)
    return shops


@pytest.mark.parametrize("days", [7, 14, 30])
@pytest.mark.parametrize("asked", ["", "shop=us&", "shop=gb&", "shop=us&shop=de&"])
def test_as_many_are_listed_as_are_counted(
    desk: Client, world: list[Shop], monkeypatch: pytest.MonkeyPatch, asked: str, days: int
) -> None:
    monkeypatch.setattr("shipboard.orders.metrics_against.MANY", 9)
    html = page(desk, f"/metrics/?{asked}days={days}")
    told = dict(re.findall(r'href="(/metrics/against/[^"]+)"[^>]*>(?:See the )?([\d,]+)[ <]', html))
    lists = {path: listed(desk, path) for path in told}
    assert {path: len(rows) for path, rows in lists.items()} == {
        path: int(many) for path, many in told.items()
    }
    for path, rows in lists.items():
        # The orders of a package may be of another package too.
        assert "of=tracked" in path or len(set(rows)) == len(rows)
        shops = re.findall(r"shop=(\w+)", path)
        assert not shops or {row.split("-")[0] for row in rows} <= set(shops)
    for measure in Measure:
        path = f"/metrics/against/?of={measure}&{asked}days={days}"
        assert path in told, "each rate of the page leads to a list"
    assert any(len(rows) > 9 for rows in lists.values())


def test_a_rate_without_any_leads_nowhere(desk: Client) -> None:
    shop = make.shop(region="GB")
    in_time = {"stage": "in_transit", "arranged_at": NOW - 40 * HOUR, "ship_by": NOW - 30 * HOUR}
    make.row(shop, "1", paid_at=NOW - 60 * HOUR, **in_time).save()
    html = page(desk, "/metrics/")
    assert re.findall(r"/metrics/against/\?of=(\w+)", html) == ["took_arranged"]
    assert "No order is here" in page(desk, "/metrics/against/?of=arranged")
    assert page(desk, "/metrics/against/?of=took_collected").count("data-against") == 0


def test_the_newest_come_first_and_pages_lead_both_ways(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shipboard.orders.metrics_against.MANY", 2)
    shop = make.shop(region="GB")
    Order.objects.bulk_create(
        make.row(shop, str(n), ship_by=NOW - (1 + n // 2) * HOUR) for n in range(5)
    )
    first = "/metrics/against/?of=arranged&shop=northwind&days=14"
    assert listed(desk, first) == ["1", "0", "3", "2", "4"]
    second = re.findall(r'rel="next" href="([^"]+)"', page(desk, first))[0]
    assert "shop=northwind&days=14" in second
    html = page(desk, second)
    assert re.findall(r'data-against="(\w+)"', html) == ["3", "2"]
    assert 'href="/metrics/?shop=northwind&days=14" aria-label="Back to Metrics"' in html
    back = re.findall(r'rel="prev" href="([^"]+)"', html)[0]
    assert re.findall(r'data-against="(\w+)"', page(desk, back)) == ["1", "0"]


def row_of(html: str, number: str) -> str:
    return re.sub(r"<[^>]+>", " ", html.split(f'data-against="{number}"')[1].split("</tr>")[0])


def test_why_an_order_is_late(desk: Client) -> None:
    shop = make.shop(region="GB")
    due = {"ship_by": NOW - 30 * HOUR}
    gone = {"stage": "in_transit", "arranged_at": NOW - 20 * HOUR}
    part = {"stage": "partially_shipped", "arranged_at": NOW - 40 * HOUR}
    soon = {"stage": "in_transit", "arranged_at": NOW - 30 * HOUR + timedelta(seconds=5)}
    for number, given in {"1": gone, "2": {}, "3": part, "4": soon}.items():
        make.row(shop, number, **due, **given).save()
    html = page(desk, "/metrics/against/?of=arranged&shop=northwind")
    assert '<a class="mono" href="/orders/1/?shop=northwind">' in html
    assert "4 of 4 count against it. The rate is 100.0 %, at most 4\u00a0%." in html
    assert "Sat 21 Nov 06:00 UTC" in row_of(html, "1")
    assert "Sat 21 Nov 16:00 UTC" in row_of(html, "1")
    assert "Arranged 10 h late" in row_of(html, "1")
    assert "Not arranged yet, 30 h late" in row_of(html, "2")
    assert "Not all of it is arranged yet, 30 h late" in row_of(html, "3")
    assert "Arranged less than a minute late" in row_of(html, "4")


def test_why_a_cancellation_counts(desk: Client) -> None:
    shop = make.shop(region="GB")
    gone = {"stage": "canceled", "paid_at": NOW - DAY, "canceled_at": NOW - HOUR}
    for by in ("seller", "system", "buyer"):
        make.row(shop, by, canceled_by=by, cancel_reason=f"<{by}'s reason>", **gone).save()
    html = page(desk, "/metrics/against/?of=canceled")
    assert "2 orders against the rate" in html
    assert "Canceled by the seller" in row_of(html, "seller")
    assert "seller's reason" in html
    assert "Canceled by the system, before the carrier had it" in row_of(html, "system")
    assert 'data-against="buyer"' not in html


def test_why_a_package_is_not_tracked(desk: Client) -> None:
    shop = make.shop(region="GB")
    at = NOW - 9 * DAY
    orders = [
        make.row(shop, str(n), stage="pending_collection", arranged_at=at + n * HOUR)
        for n in range(3)
    ]
    Order.objects.bulk_create(orders)
    for package, number, inside in (("P1", "1Z9", orders[:2]), ("P2", "", orders[2:])):
        parcel = Parcel.objects.create(
            shop=shop, key=package, package_id=package, tracking_number=number, as_of=NOW, rank=0
        )
        for order in inside:
            ParcelContent.objects.create(order=order, parcel=parcel, line=0, quantity=1)
    html = page(desk, "/metrics/against/?of=tracked")
    assert "2 packages against the rate" in html
    assert "The rate is 0.0 %, at least 95\u00a0%." in html
    assert "No carrier has scanned it Tracking number 1Z9" in re.sub(" +", " ", row_of(html, "0"))
    assert '<a class="mono" href="/orders/1/?shop=northwind">' in html
    assert "It has no tracking number" in row_of(html, "2")


def test_the_slowest_are_listed_first(desk: Client) -> None:
    shop = make.shop(region="GB")
    for hours in (3, 50, 20):
        sent = {"stage": "in_transit", "arranged_at": NOW - DAY}
        make.row(shop, str(hours), paid_at=NOW - DAY - hours * HOUR, **sent).save()
    cod = {"stage": "in_transit", "arranged_at": NOW - DAY, "is_cod": True, "paid_at": NOW}
    make.row(shop, "cod", created_at=NOW - 2 * DAY, **cod).save()
    make.row(shop, "before", paid_at=NOW - 60 * DAY, arranged_at=NOW - 10 * DAY).save()
    assert "/metrics/against/?of=took_arranged&days=7" in page(desk, "/metrics/")
    html = page(desk, "/metrics/against/?of=took_arranged&days=7")
    assert re.findall(r'data-against="(\w+)"', html) == ["50", "cod", "20", "3"]
    assert "2 d 2 h" in row_of(html, "50")
    assert "24 h" in row_of(html, "cod")


def test_of_shops_that_are_ones_own_alone(client: Client) -> None:
    theirs, ours = make.shop("Theirs", region="GB"), make.shop("Ours", region="GB")
    for shop in (theirs, ours):
        late = {"ship_by": NOW - DAY, "stage": "in_transit", "arranged_at": NOW - HOUR}
        make.row(shop, f"{shop.slug}-1", paid_at=NOW - 2 * DAY, **late).save()
    person = User.objects.create_user(
        "tam@shop.example", "a long password", role=Role.VIEWER, sees_all_shops=False
    )
    person.shops.set([ours])
    client.force_login(person)
    for of in ("arranged", "took_arranged"):
        assert listed(client, f"/metrics/against/?of={of}") == ["ours-1"]
        page(client, f"/metrics/against/?of={of}&shop=theirs", 400)
    person.shops.clear()
    for of in (*Measure, "took_arranged"):
        assert listed(client, f"/metrics/against/?of={of}") == []


@pytest.mark.parametrize("query", ["", "of=late", "of=arranged&days=8", "of=arranged&after=x"])
def test_what_is_not_understood_is_refused(desk: Client, query: str) -> None:
    make.shop()
    page(desk, f"/metrics/against/?{query}", 400)


def test_the_place_of_one_list_is_none_of_another(
    desk: Client, world: list[Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shipboard.orders.metrics_against.MANY", 2)
    after = re.findall(r"after=([^\"]+)", page(desk, "/metrics/against/?of=arranged"))[0]
    page(desk, f"/metrics/against/?of=arranged&after={after}")
    page(desk, f"/metrics/against/?of=collected&after={after}", 400)


@pytest.mark.parametrize("of", [*Measure, "took_arranged"])
def test_as_many_questions_for_many_rows_as_for_few(
    desk: Client, world: list[Shop], monkeypatch: pytest.MonkeyPatch, of: str
) -> None:
    asked = []
    for many in (2, 40):
        monkeypatch.setattr("shipboard.orders.metrics_against.MANY", many)
        with CaptureQueriesContext(connection) as captured:
            assert page(desk, f"/metrics/against/?of={of}&days=30").count("data-against") >= 2
        asked.append(len(captured))
    assert asked[0] == asked[1]


CHANGES = {
    "clocks go back in the United States": "2026-11-01T08:30:00+00:00",
    "a day after that": "2026-11-02T03:00:00+00:00",
    "clocks go back in Europe": "2026-10-25T00:30:00+00:00",
    "clocks go forward in the United States": "2026-03-08T20:00:00+00:00",
    "clocks go forward in Europe": "2026-03-29T06:30:00+00:00",
}


@pytest.mark.parametrize("at", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("shop", ["", "us", "gb", "th"])
def test_charts_have_the_dates_that_the_page_names(
    desk: Client, monkeypatch: pytest.MonkeyPatch, at: str, shop: str
) -> None:
    """Of one shop its own last days; of several all dates on which a day of one of them counts, and
    in each chart those of the shops alone that it is of."""
    monkeypatch.setenv("SHIPBOARD_NOW", at)
    monkeypatch.setattr("tests.make.NOW", NOW.fromisoformat(at))
    days = {}
    for region in ("TH", "GB", "US"):
        made = make.shop(region, region=region, timezone=MARKETS[region][0])
        make.row(made, region, paid_at=make.NOW - HOUR, ship_by=make.NOW - HOUR).save()
        make.row(made, f"{region}2", collect_by=make.NOW - HOUR).save()
        today = make.NOW.astimezone(made.zone).date()
        if shop in ("", made.slug):
            days[region] = {today - number * DAY for number in range(7)}
    html = page(desk, f"/metrics/?shop={shop}&days=7")
    everything = sorted(set[Any]().union(*days.values()))
    first, last = (f"{day:%a} {day.day} {day:%b}" for day in (everything[0], everything[-1]))
    assert f'<p class="head-note">{first} to {last}, ' in html
    drawn = re.findall(r'<svg class="chart".*?aria-labelledby="chart-(\w+)-.*?</svg>', html, re.S)
    assert drawn
    for key in drawn:
        counts = [
            region
            for region in days
            if key not in ("arranged", "collected") or MARKETS[region][1] is (key == "collected")
        ]
        of = sorted(set[Any]().union(*(days[region] for region in counts)))
        svg = html.split(f'aria-labelledby="chart-{key}-')[1].split("</svg>")[0]
        bars = re.findall(r"<g><title>(\w+ \d+ \w+):", svg)
        assert bars == [f"{day:%a} {day.day} {day:%b}" for day in of]
        table = html.split(f'aria-labelledby="chart-{key}-')[1].split("</table>")[0]
        assert re.findall(r'<time datetime="([^"]+)">', table) == [day.isoformat() for day in of]
        assert ("not the same date in every shop" in svg) is (len(of) > 7)
