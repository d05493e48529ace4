"""The Manage Orders page: counts, links, search, refusals, and what it costs."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shipboard.channels.contract import Stage
from shipboard.ingest.apply import Source, apply
from tests import make

pytestmark = pytest.mark.django_db
SOURCE = Source(by="tests", now=make.NOW)


def counts(page: str, kind: str) -> dict[str, int]:
    return {
        name: int(n) for name, n in re.findall(rf'data-{kind}="(\w+)" data-count="(\d+)"', page)
    }


def numbered(number: int, **given: Any) -> Any:
    return make.order(
        f"5760000000000{number:05}",
        parcels=(make.parcel(package_id=f"115{number}", tracking_number=f"9400{number:018}"),),
        lines=(make.line(sku_id=f"17290{number}"), make.line(sku_id="1729999", quantity=2)),
        **given,
    )


def test_tabs_and_cards_carry_their_counts(desk: Client) -> None:
    shop = make.shop(dispatch_hours=48)
    late = make.NOW - timedelta(hours=60)
    apply(
        shop,
        [
            numbered(1),
            numbered(2, created_at=late, paid_at=late),
            numbered(3, stage=Stage.ON_HOLD, paid_at=make.NOW - timedelta(minutes=59)),
            numbered(4, stage=Stage.ON_HOLD, paid_at=make.NOW - timedelta(minutes=60)),
            numbered(5, stage=Stage.DELIVERED, delivered_at=make.NOW - timedelta(days=14)),
            numbered(6, stage=Stage.UNKNOWN),
        ],
        SOURCE,
    )
    page = desk.get("/orders/?tab=processing").content.decode()
    assert counts(page, "tab") == {
        "all": 6,
        "processing": 2,
        "pending_shipping": 3,
        "shipped": 0,
        "completed": 1,
        "canceled": 0,
    }
    assert counts(page, "stage") == {"unpaid": 0, "on_hold": 1, "unknown": 1}
    cards = counts(page, "card")
    assert (cards["overdue"], cards["ship_24h"], cards["auto_cancel_24h"]) == (1, 0, 1)
    assert len(cards) == 6


def test_cards_link_across_tabs_and_name_the_rule(desk: Client) -> None:
    make.shop()
    page = desk.get("/orders/?tab=shipped").content.decode()
    assert 'href="/orders/?urgency=overdue"' in page
    for mission in ("Stocking timeout", "Requested cancellation", "Rejected Shipping Labels"):
        assert mission in page


def test_an_unknown_parameter_is_refused_by_name(desk: Client) -> None:
    response = desk.get("/orders/?stagee=unpaid")
    assert response.status_code == 400
    assert "stagee" in response.content.decode()
    assert desk.get("/orders/?tab=sideways").status_code == 400
    assert desk.get("/orders/?shop=nobody").status_code == 400
    assert desk.get("/orders/?after=Zm9v").status_code == 400


def test_search_says_where_hits_are_and_what_was_not_found(desk: Client) -> None:
    shop = make.shop()
    apply(shop, [numbered(1), numbered(2, stage=Stage.IN_TRANSIT)], SOURCE)
    page = desk.get("/orders/", {"q": "17290 1, 1729999, nothing-like-it"}).content.decode()
    assert "Pending shipping (1)" in page
    assert "Shipped (1)" in page
    assert "nothing-like-it" in page
    assert len(re.findall('data-order="', page)) == 2


@pytest.mark.parametrize(
    "query", ["", "?tab=pending_shipping", "?q=1729999", "?urgency=ship_24h", "?view=card"]
)
def test_queries_do_not_grow_with_rows(desk: Client, query: str) -> None:
    shop = make.shop()
    desk.get("/orders/")  # a sign-in's first page also notes that the person is here
    costs = []
    for first, last in ((0, 1), (1, 3), (3, 50)):
        apply(shop, [numbered(number) for number in range(first, last)], SOURCE)
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(f"/orders/{query}").status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1] == costs[2] <= 21, costs


def test_every_page_of_a_sort_is_reached_once(desk: Client) -> None:
    shop = make.shop()
    apply(shop, [numbered(number) for number in range(45)], SOURCE)
    seen: list[str] = []
    address = "/orders/?per_page=20&sort=total"
    for _ in range(3):
        page = desk.get(address).content.decode()
        seen += re.findall(r'data-order="(\d+)"', page)
        match = re.search(r'rel="next" href="([^"]+)"', page)
        address = match[1].replace("&amp;", "&") if match else ""
    assert not address
    assert len(seen) == len(set(seen)) == 45


def test_what_a_seller_wrote_is_shown_as_text(desk: Client) -> None:
    shop = make.shop()
    evil = make.order(
        buyer_username="<script>alert(1)</script>",
        buyer_message='"><img src=x onerror=alert(1)>',
        lines=(make.line(product_name="<b>bold</b>"),),
    )
    apply(shop, [evil], SOURCE)
    for path in ("/orders/", "/orders/576000000000000001/"):
        page = desk.get(path).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "<b>bold" not in page


def test_an_empty_desk_says_what_to_do(desk: Client) -> None:
    assert "Add a shop" in desk.get("/orders/").content.decode()
    make.shop()
    assert "Import orders" in desk.get("/orders/").content.decode()


def test_the_filter_panel_keeps_what_is_chosen(desk: Client) -> None:
    make.shop()
    page = desk.get("/orders/filter/?tab=shipped&shipping=seller&stage=in_transit").content.decode()
    assert re.search(r'name="shipping" value="seller" checked', page)
    assert re.search(r'name="stage" value="in_transit" checked', page)
    assert '<input type="hidden" name="tab" value="shipped">' in page


def test_pills_remove_one_thing_each(desk: Client) -> None:
    make.shop()
    page = desk.get("/orders/?shipping=seller&has=seller_note&q=abc").content.decode()
    assert page.count('class="pill"') == 3
    assert 'href="/orders/?q=abc&amp;has=seller_note"' in page


@pytest.mark.parametrize("view", ["list", "card"])
def test_canceled_units_are_named_and_not_counted(desk: Client, view: str) -> None:
    line = make.line(quantity=3, extra={"canceled_units": "1"})
    apply(make.shop(), [make.order("1", lines=(line,))], SOURCE)
    page = desk.get(f"/orders/?view={view}").content.decode()
    assert "1 of 3 canceled" in page
    assert "2 units" in page if view == "card" else '<td class="c-qty"><strong>2</strong>' in page
