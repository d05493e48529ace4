"""Paging: every order once, in the order that plain Python would give, whatever comes between."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shipboard.channels.contract import Stage
from shipboard.orders.filters import BadFilter, OrderFilter, Sort, SortKey, parse
from shipboard.orders.models import Order
from shipboard.orders.paging import page_of
from shipboard.orders.stages import RANK, STAGES_OF, stage_now
from tests import make

pytestmark = pytest.mark.django_db
SORTS = [Sort(key, descending) for key in SortKey for descending in (False, True)]
FAR = datetime.max.replace(tzinfo=make.NOW.tzinfo)


@pytest.fixture
def orders() -> list[Order]:
    """Thirty orders with few different values, so that keys often are equal or missing."""
    shop, chance = make.shop(), random.Random(1)
    return Order.objects.bulk_create(
        make.row(
            shop,
            str(number),
            stage=chance.choice(list(Stage)),
            hold_ends_at=chance.choice([None, make.NOW, make.NOW + make.HOUR]),
            closes_at=chance.choice([None, make.NOW, make.NOW + make.HOUR]),
            created_at=make.NOW - timedelta(hours=chance.randrange(3)),
            paid_at=chance.choice([None, make.NOW, make.NOW + make.HOUR]),
            ship_by=chance.choice([None, make.NOW, make.NOW + make.HOUR]),
            currency=chance.choice(["", "THB", "USD"]),
            total=chance.choice([None, Decimal(0), Decimal("9.5"), Decimal("1000.0001")]),
        )
        for number in range(30)
    )


def key(order: Order, sort: Sort) -> tuple[Any, ...]:
    """What plain Python sorts by, ascending; an order without the instant comes last."""
    sign = -1 if sort.descending else 1

    def at(value: datetime | None) -> tuple[bool, float]:
        return value is None, sign * (value or FAR).timestamp()

    match sort.key:
        case SortKey.CREATED:
            of: tuple[Any, ...] = (at(order.created_at),)
        case SortKey.PAID:
            of = (at(order.paid_at),)
        case SortKey.SHIP_BY:
            of = (at(order.ship_by),)
        case SortKey.STATUS:
            of = (sign * RANK[stage_now(order, make.NOW)], at(order.ship_by))
        case SortKey.TOTAL:
            places = {"": 0, "THB": 1, "USD": 2}
            of = (sign * places[order.currency], sign * (order.total or Decimal(0)))
    return (*of, sign * order.pk)


def walk(filter_: OrderFilter, size: int) -> Iterator[list[int]]:
    while True:
        page = page_of(Order.objects.all(), replace(filter_, per_page=size), make.NOW)
        yield [order.pk for order in page.rows]
        if not page.after:
            return
        filter_ = replace(filter_, after=page.after)


@pytest.mark.parametrize("sort", SORTS, ids=str)
@pytest.mark.parametrize("size", [1, 7, 30])
def test_pages_hold_every_order_once_in_order(orders: list[Order], sort: Sort, size: int) -> None:
    pages = list(walk(OrderFilter(sort=sort), size))
    expected = [order.pk for order in sorted(orders, key=lambda order: key(order, sort))]
    assert [pk for page in pages for pk in page] == expected
    assert len(pages) == -(-len(orders) // size)


@pytest.mark.parametrize("query", ["", "tab=pending_shipping", "tab=completed", "stage=delivered"])
@pytest.mark.parametrize("sort", SORTS, ids=str)
@pytest.mark.parametrize("size", [1, 7, 30])
def test_walking_back_shows_the_same_pages(
    orders: list[Order], sort: Sort, query: str, size: int
) -> None:
    filter_ = replace(parse(query), sort=sort, per_page=size)
    page = page_of(Order.objects.all(), filter_, make.NOW)
    there = [page]
    while page.after:
        page = page_of(Order.objects.all(), replace(filter_, after=page.after), make.NOW)
        there.append(page)
    back = [page]
    while page.before:
        page = page_of(Order.objects.all(), replace(filter_, before=page.before), make.NOW)
        back.append(page)
    assert [(list(each.rows), each.after) for each in back[::-1]] == [
        (list(each.rows), each.after) for each in there
    ]
    assert sum(len(each.rows) for each in there) == sum(in_view(order, filter_) for order in orders)


def in_view(order: Order, filter_: OrderFilter) -> bool:
    stage = stage_now(order, make.NOW)
    return stage in (filter_.stage or STAGES_OF.get(filter_.tab, Stage))


def test_back_to_where_orders_have_gone_is_the_first_page_whole(orders: list[Order]) -> None:
    filter_ = OrderFilter(per_page=20)
    first = page_of(Order.objects.all(), filter_, make.NOW)
    second = page_of(Order.objects.all(), replace(filter_, after=first.after), make.NOW)
    first.rows[0].delete()
    page = page_of(Order.objects.all(), replace(filter_, before=second.before), make.NOW)
    assert list(page.rows) == [*first.rows[1:], second.rows[0]]
    assert not page.before


def test_a_page_is_after_or_before_a_place() -> None:
    with pytest.raises(BadFilter, match="give one of them"):
        parse("after=a&before=b")
    assert "before" not in OrderFilter(before="x").query()


@pytest.mark.parametrize("sort", SORTS, ids=str)
def test_rows_that_come_and_go_neither_repeat_nor_hide_others(
    orders: list[Order], sort: Sort
) -> None:
    expected = [order.pk for order in sorted(orders, key=lambda order: key(order, sort))]
    pages = walk(OrderFilter(sort=sort), 10)
    seen = next(pages)
    Order.objects.filter(pk__in=[seen[-1], expected[25]]).delete()
    template = orders[0]
    make.row(
        template.shop, "new", **{n: getattr(template, n) for n in ("created_at", "ship_by")}
    ).save()
    rest = [pk for page in pages for pk in page]
    assert [pk for pk in rest if pk in expected] == [
        pk for pk in expected[10:] if pk != expected[25]
    ]
    assert len(rest) == len(set(rest))


@pytest.mark.parametrize("sort", SORTS, ids=str)
def test_a_place_in_another_list_is_refused(orders: list[Order], sort: Sort) -> None:
    after = page_of(Order.objects.all(), OrderFilter(sort=sort, per_page=20), make.NOW).after
    for other in SORTS:
        if other != sort:
            with pytest.raises(BadFilter, match="go back to the first page"):
                page_of(Order.objects.all(), OrderFilter(sort=other, after=after), make.NOW)


def sealed(*values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


ODD = [sealed("-created", "2026-11-22", 1), sealed("-created", "0001-01-01T00:00+23:00", 1 << 80)]
SAFE = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@SAFE
@given(st.one_of(st.text(min_size=1), st.binary().map(repr), st.sampled_from(ODD)))
def test_a_place_that_we_did_not_write_is_refused(place: str) -> None:
    for name in ("after", "before"):
        with pytest.raises(BadFilter, match=f"{name}= is not a place in this list"):
            page_of(Order.objects.all(), OrderFilter(**{name: place}), make.NOW)


@SAFE
@given(st.integers(0, 200), st.sampled_from("aZ0~-_:"))
def test_nor_one_that_somebody_changed(place: int, sign: str) -> None:
    if not Order.objects.exists():
        shop = make.shop()
        Order.objects.bulk_create(make.row(shop, str(number)) for number in range(25))
    after = page_of(Order.objects.all(), OrderFilter(per_page=20), make.NOW).after
    place %= len(after)
    changed = after[:place] + sign + after[place + 1 :]
    if changed != after:
        with pytest.raises(BadFilter):
            page_of(Order.objects.all(), OrderFilter(after=changed), make.NOW)


def test_a_place_survives_the_query_string(orders: list[Order]) -> None:
    filter_ = OrderFilter(per_page=20)
    after = page_of(Order.objects.all(), filter_, make.NOW).after
    assert parse(filter_.query(after=after)).after == after


def test_no_orders_no_next_page() -> None:
    page = page_of(Order.objects.all(), OrderFilter(), make.NOW)
    assert (list(page.rows), page.after) == ([], "")
