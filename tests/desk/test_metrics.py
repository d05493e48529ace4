"""Metrics on screen: the numbers with their limits, the forecast and its orders, the file of days,
and what an empty desk says.
"""

from __future__ import annotations

import csv
import re
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shipboard.accounts.models import User
from shipboard.accounts.roles import Role
from shipboard.channels.models import Shop
from shipboard.desk.charts import BOTTOM, TOP, chart
from shipboard.orders.metrics import Share, shown
from shipboard.orders.models import Order
from tests import make

pytestmark = pytest.mark.django_db
NOW, HOUR = make.NOW, make.HOUR


def page(desk: Client, path: str = "/metrics/", status: int = 200) -> str:
    answer = desk.get(path)
    assert answer.status_code == status
    return unescape(answer.content.decode())


def fill(shop: Shop, *, late: int = 1, good: int = 8, today: int = 3) -> None:
    """Orders that went in time, late ones, and ones that go late today."""
    gone = {"stage": "in_transit", "paid_at": NOW - 60 * HOUR}
    early, after = NOW - 40 * HOUR, NOW - 20 * HOUR
    rows = [
        ("g", good, {"arranged_at": early, **gone}),
        ("l", late, {"arranged_at": after, **gone}),
    ]
    made = [
        make.row(shop, f"{shop.slug}-{mark}{n}", ship_by=NOW - 30 * HOUR, **given)
        for mark, many, given in rows
        for n in range(many)
    ]
    made += [make.row(shop, f"{shop.slug}-t{n}", ship_by=NOW + n * HOUR) for n in range(today)]
    Order.objects.bulk_create(made)


@pytest.fixture
def shop() -> Shop:
    return make.shop(region="GB")


def values(html: str) -> dict[str, str]:
    return dict(re.findall(r'data-measure="(\w+)" data-value="([^"]*)"', html))


def test_an_empty_desk_says_what_there_will_be(desk: Client) -> None:
    html = page(desk)
    assert "There is no shop yet" in html
    assert "How each number is worked out" in html
    make.shop()
    html = page(desk)
    assert "Nothing to measure yet" in html
    assert '<svg class="chart"' not in html


def test_numbers_with_their_limits(desk: Client, shop: Shop) -> None:
    fill(shop)
    html = page(desk)
    assert values(html) == {
        "arranged": "11.1 %",
        "collected": "—",
        "canceled": "0.0 %",
        "tracked": "—",
        "on_time": "—",
        "took_arranged": "20 h",
        "took_collected": "—",
    }
    assert (
        'id="measure-arranged" data-measure="arranged" data-value="11.1 %" data-state="over"'
        in html
    )
    assert "1 of 9 arranged after their ship-by" in html
    assert "12 whose deadline is not known" in html
    assert "style=" not in html.split("<main")[1]


def test_the_forecast_leads_to_the_orders(desk: Client, shop: Shop) -> None:
    fill(shop, late=0, good=60)
    html = page(desk)
    assert 'data-forecast="northwind" data-open="3" data-fewest="1"' in html
    assert "Ship 1 order now" in html
    html = page(desk, "/metrics/orders/?shop=northwind&days=7")
    assert re.findall(r'data-decides="([^"]+)"', html) == [f"northwind-t{n}" for n in range(3)]
    assert "/orders/?q=northwind-t0&shop=northwind&per_page=100" in html
    assert "ends at 4.8 %; with the first 1 gone in time, at 3.2 %" in html
    assert desk.get("/orders/?q=northwind-t0&shop=northwind&per_page=100").status_code == 200


def test_days_as_a_file(desk: Client, shop: Shop) -> None:
    fill(shop)
    answer = desk.get("/metrics/days.csv?days=14")
    assert answer["Content-Disposition"].startswith("attachment")
    rows = list(csv.DictReader(answer.content.decode().splitlines()))
    assert len(rows) == 14
    day = next(row for row in rows if row["day"] == "2026-11-21")
    late = "Late dispatch, by arranging"
    assert (day["shop"], day["zone"], day[f"{late}: orders counted"]) == ("northwind", "UTC", "9")
    assert day[f"{late}: arranged after their ship-by"] == "1"
    assert f"{late}: not counted, whose deadline is not known" in day


def test_several_shops_have_a_row_each_and_one_together(desk: Client, shop: Shop) -> None:
    fill(shop)
    fill(make.shop("Kite", region="US", timezone="America/New_York"), late=9)
    html = page(desk)
    assert re.findall(r'data-shop="([^"]*)"', html) == ["kite", "northwind", ""]
    assert "10 of 26" in html
    assert "Kite: its market counts the carrier’s scan" in html


@pytest.mark.parametrize("shops", [1, 4])
def test_a_constant_number_of_queries(desk: Client, shops: int) -> None:
    for number in range(shops):
        fill(make.shop(f"Shop {number}", region="GB"))
    desk.get("/metrics/")
    with CaptureQueriesContext(connection) as captured:
        desk.get("/metrics/")
    ours = [each["sql"] for each in captured if "seen" in each["sql"] or '"held"' in each["sql"]]
    assert len(ours) == 3


@pytest.mark.parametrize("query", ["days=8", "shop=nowhere", "dayz=7", "days=7&days=x"])
def test_what_is_not_understood_is_refused(desk: Client, shop: Shop, query: str) -> None:
    page(desk, f"/metrics/?{query}", 400)
    page(desk, f"/metrics/days.csv?{query}", 400)


def test_of_shops_that_are_ones_own_alone(shop: Shop, client: Client) -> None:
    fill(shop)
    other = make.shop("Other", region="GB")
    person = User.objects.create_user(
        "tam@shop.example", "a long password", role=Role.VIEWER, sees_all_shops=False
    )
    person.shops.set([other])
    client.force_login(person)
    assert "Nothing to measure yet" in page(client)
    page(client, "/metrics/orders/?shop=northwind", 400)
    page(client, "/metrics/?shop=northwind", 400)


def test_what_does_not_count_in_a_market_is_never_red(desk: Client, shop: Shop) -> None:
    fill(shop)
    late = {"collect_by": NOW - 30 * HOUR, "stage": "in_transit", "collected_at": NOW - 20 * HOUR}
    Order.objects.bulk_create(make.row(shop, f"scan-{n}", **late) for n in range(4))
    html = page(desk)
    assert 'data-measure="collected" data-value="100.0 %">' in html
    assert 'data-measure="on_time" data-value="0.0 %">' in html
    assert "does not count here" in html
    table = html.split('id="metrics-shops"')[1]
    assert table.count('class="num is-bad"') == 1


@pytest.mark.parametrize(
    ("rate", "said"),
    [
        ("2.54", "2.54"),
        ("2.5", "2.5"),
        ("2.5004", "2.5004"),
        ("2.46", "2.46"),
        ("2.56", "2.6"),
        ("94.96", "94.96"),
        ("3.14", "3.1"),
    ],
)
def test_a_rate_is_never_rounded_to_a_limit(rate: str, said: str) -> None:
    assert shown(Decimal(rate)) == said


def test_the_line_of_what_must_be_reached_is_of_what_went_well() -> None:
    days = {NOW.date(): Share(8, 2)}
    drawn = chart("x", "T", "t", days, Decimal(5), of="packages", bad="bad", is_least=True)
    assert drawn.limit == "95 % limit"
    assert drawn.bars[0].says.endswith("8 packages, 2 bad, 75.0 %")
    assert float(drawn.lines[0].split(",")[-1]) > drawn.limit_y
    assert drawn.marks[-1].right == "80 %"
    whole = chart("x", "T", "t", {NOW.date(): Share(8)}, Decimal(5), of="o", bad="b", is_least=True)
    assert [mark.right for mark in whole.marks] == ["0 %", "25 %", "50 %", "75 %", "100 %"]


def test_the_badge_beside_manage_orders(desk: Client, shop: Shop) -> None:
    assert page(desk, "/metrics/badge/").strip() == ""
    fill(shop)
    assert "11.1 %" in page(desk, "/metrics/badge/")
    assert 'hx-get="/metrics/badge/"' in page(desk, "/orders/")
    assert 'hx-get="/metrics/badge/"' not in page(desk, "/metrics/")


def test_where_the_parts_of_a_chart_go() -> None:
    first = NOW.date()
    shares = (Share(8, 2), Share(), Share(4, 0))
    days = {first + timedelta(days=n): share for n, share in enumerate(shares)}
    drawn = chart("x", "Late", "Per day.", days, Decimal(4), of="orders", bad="late")
    full, empty, half = drawn.bars
    assert (full.bad_y, round(full.bad_height + full.good_height)) == (TOP, BOTTOM - TOP)
    assert (empty.good_height, empty.bad_height) == (0, 0)
    assert half.good_height == (BOTTOM - TOP) / 2
    assert full.says == "Sun 22 Nov: 8 orders, 2 late, 25.0 %"
    assert len(drawn.lines) == 2
    assert drawn.marks[-1].left == "8"
    assert [mark.right for mark in drawn.marks] == ["0 %", "10 %", "20 %", "30 %", "40 %"]
