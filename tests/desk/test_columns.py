"""Columns and views of the order list: what is offered, what is kept with the person, headings."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from shipboard.accounts.models import User
from shipboard.channels.contract import Stage
from shipboard.desk.columns import COLUMNS, USUAL, chosen, headings
from shipboard.ingest.apply import Source, apply
from shipboard.orders.filters import OrderFilter, Sort, SortKey, parse
from shipboard.orders.models import Colour, Flag, Order
from shipboard.orders.stages import Tab
from tests import make

pytestmark = pytest.mark.django_db
SOURCE = Source(by="tests", now=make.NOW)


@pytest.fixture
def orders() -> list[Order]:
    shop = make.shop()
    lines = tuple(
        make.line(sku_id=f"1{n}", seller_sku=f"SKU-{n}", product_name=f"Thing {n}", quantity=n)
        for n in (1, 2, 3)
    )
    first = make.order("576000000000000001", lines=lines, parcels=(make.parcel(),))
    apply(shop, [first, make.order("576000000000000002", stage=Stage.IN_TRANSIT)], SOURCE)
    return list(Order.objects.order_by("order_id"))


def page(desk: Client, address: str = "/orders/") -> str:
    response = desk.get(address)
    assert response.status_code == 200
    return response.content.decode()


def columns_of(html: str) -> list[str]:
    head = re.search(r"<thead>(.*?)</thead>", html, re.S)
    assert head
    return re.findall(r'<th scope="col" class="c-(\w+)"', head[1])[1:-1]


@given(st.lists(st.one_of(st.sampled_from(list(COLUMNS)), st.text(max_size=5))))
def test_whatever_is_stored_the_order_is_shown_and_nothing_unknown(stored: list[str]) -> None:
    keys = [column.key for column in chosen(stored)]
    known = set(stored) & set(COLUMNS)
    assert keys[0] == "order"
    assert set(keys) == known | {"order"} if known else set(keys) == set(USUAL)


def test_every_column_has_a_cell(desk: Client, owner: User, orders: list[Order]) -> None:
    owner.columns = list(COLUMNS)
    owner.save()
    html = page(desk)
    assert columns_of(html) == list(COLUMNS)
    for key in COLUMNS:
        assert html.count(f'<td class="c-{key}">') == 2


def test_a_choice_of_columns_is_kept_and_taken_back(
    desk: Client, owner: User, orders: list[Order]
) -> None:
    given = {"columns": ["warehouse", "total", "nonsense"], "query": "tab=shipped&per_page=20"}
    response = desk.post("/orders/columns/", given)
    assert response.headers["Location"] == "/orders/?tab=shipped&per_page=20"
    owner.refresh_from_db()
    assert owner.columns == ["order", "warehouse", "total"]
    assert columns_of(page(desk)) == ["order", "warehouse", "total"]
    desk.post("/orders/columns/", {"columns": ["warehouse"], "usual": "yes", "query": ""})
    assert columns_of(page(desk)) == list(USUAL)


def test_the_column_page_ticks_what_is_shown(desk: Client, owner: User) -> None:
    owner.columns = ["order", "paid"]
    owner.save()
    html = page(desk, "/orders/columns/?tab=shipped")
    assert re.findall(r'value="(\w+)" checked', html) == ["order", "paid"]
    assert '<input type="hidden" name="query" value="tab=shipped">' in html
    assert "<html" in html
    assert "<html" not in desk.get("/orders/columns/", headers={"HX-Request": "true"}).text
    assert desk.get("/orders/columns/?nonsense=1").status_code == 400


def test_headings_sort_and_turn_round() -> None:
    by_paid = OrderFilter(tab=Tab.SHIPPED, sort=Sort(SortKey.PAID, True), after="x", per_page=20)
    found = {each.column.key: each for each in headings(COLUMNS.values(), by_paid)}
    assert found["paid"].direction == "descending"
    assert parse(urlsplit(found["paid"].href).query) == OrderFilter(
        tab=Tab.SHIPPED, sort=Sort(SortKey.PAID), per_page=20
    )
    assert found["total"].direction == ""
    assert parse_qs(urlsplit(found["total"].href).query)["sort"] == ["-total"]
    assert found["warehouse"].href == ""
    # The next deadline is not one column to sort by, but what must ship next is.
    assert found["clock"].href == ""
    pending = OrderFilter(tab=Tab.PENDING_SHIPPING)
    clock = next(each for each in headings(COLUMNS.values(), pending) if each.column.key == "clock")
    assert (clock.label, clock.direction) == ("Ship by", "ascending")


def test_rows_carry_what_scripts_need_in_either_view(desk: Client, orders: list[Order]) -> None:
    for view, element in (("list", "tr"), ("card", "article")):
        html = page(desk, f"/orders/?view={view}&tab=all&sort=created&shop=northwind")
        found = re.findall(
            rf'<{element} class="row[^>]* id="order-(\d+)" data-order="(\d+)" data-pk="(\d+)" '
            r'data-version="(\d+)"',
            html,
        )
        expected = {(str(o.pk), o.order_id, str(o.pk), str(o.version)) for o in orders}
        assert set(found) == expected
        for order in orders:
            label = f'aria-label="Select order {order.order_id}"'
            assert f'<input type="checkbox" class="pick" value="{order.pk}" {label}>' in html
        for place in ("pick-page", "announce", "bulk", "run-card"):
            assert html.count(f'id="{place}"') == 1
        assert 'id="desk" data-query="shop=northwind" data-count="2" data-changes="' in html


def test_a_card_shows_every_line(desk: Client, orders: list[Order]) -> None:
    html = page(desk, "/orders/?view=card")
    for word in ("Thing 1", "Thing 2", "Thing 3", "SKU-3", "Blue", "9400111899223100000001"):
        assert word in html
    assert "Thing 3" not in page(desk, "/orders/?view=list")


def test_a_view_is_remembered_but_not_by_a_link(desk: Client, owner: User) -> None:
    make.shop()
    apply(Order.shop.field.related_model.objects.get(), [make.order()], SOURCE)
    assert "<article" in page(desk, "/orders/?view=card")
    assert "<article" not in page(desk)
    response = desk.post("/orders/view/", {"view": "card", "query": "tab=pending_shipping"})
    assert response.headers["Location"] == "/orders/?tab=pending_shipping"
    assert "<article" in page(desk)
    assert re.search(r'value="card" aria-pressed="true"', page(desk))
    assert "<article" not in page(desk, "/orders/?view=list")
    owner.order_view = "mosaic"  # of a version that had it
    owner.save()
    assert "<article" not in page(desk)


def test_a_change_of_view_stays_on_the_page(desk: Client) -> None:
    shop = make.shop()
    many = [make.order(f"57600000000000{n:04}", total=n) for n in range(1, 22)]
    apply(shop, many, SOURCE)
    first = page(desk, "/orders/?per_page=20&sort=total")
    after = re.search(r'rel="next" href="([^"]+)"', first)
    assert after
    second = page(desk, after[1].replace("&amp;", "&"))
    here = re.search(r'name="query" value="([^"]+)"', second)
    assert here
    response = desk.post("/orders/view/", {"view": "card", "query": here[1].replace("&amp;", "&")})
    assert re.findall(r'data-order="(\d+)"', page(desk, response.headers["Location"])) == [
        "576000000000000021"
    ]


@pytest.mark.parametrize("given", [{"view": "mosaic"}, {"view": "card", "query": "tab=no"}])
def test_nonsense_is_refused_and_not_kept(desk: Client, owner: User, given: dict[str, str]) -> None:
    assert desk.post("/orders/view/", given).status_code == 400
    owner.refresh_from_db()
    assert owner.order_view == "list"


def test_a_flag_is_said_in_words(desk: Client, orders: list[Order]) -> None:
    Flag.objects.create(order=orders[0], colour=Colour.ORANGE, by="mai", at=make.NOW)
    for view in ("list", "card"):
        html = page(desk, f"/orders/?view={view}")
        assert html.count("Orange flag") == 1
        assert html.count('class="flag flag-orange"') == 1


def test_the_shop_switch_keeps_the_rest(desk: Client, orders: list[Order]) -> None:
    assert 'id="shop"' not in page(desk)
    make.shop("Harbour")
    html = page(desk, "/orders/?tab=shipped&carrier=USPS&shop=northwind")
    form: Any = re.search(r'<form class="shop-switch".*?</form>', html, re.S)
    assert '<option value="northwind" selected>Northwind</option>' in form[0]
    hidden = re.findall(r'type="hidden" name="(\w+)" value="(\w+)"', form[0])
    assert hidden == [("tab", "shipped"), ("carrier", "USPS")]
    assert "2 of 2 shops" in page(desk, "/orders/?shop=northwind&shop=harbour")


def test_pages_lead_back(desk: Client) -> None:
    shop = make.shop()
    apply(shop, [make.order(f"57600000000000{n:04}") for n in range(45)], SOURCE)
    seen, address = [], "/orders/?per_page=20"
    for _ in range(3):
        html = page(desk, address)
        seen.append(re.findall(r'data-order="(\d+)"', html))
        following = re.search(r'rel="next" href="([^"]+)"', html)
        if following:
            address = following[1].replace("&amp;", "&")
    for expected in (seen[1], seen[0]):
        back: Any = re.search(r'rel="prev" href="([^"]+)"', html)
        html = page(desk, back[1].replace("&amp;", "&"))
        assert re.findall(r'data-order="(\d+)"', html) == expected
    assert 'rel="prev"' not in html
