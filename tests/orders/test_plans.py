"""How PostgreSQL answers, with twenty thousand orders: by the indexes meant for it, and without
sorting or reading them all."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from shipboard.accounts.access import COMMAND_LINE
from shipboard.channels.models import Shop
from shipboard.orders.filters import OrderFilter, parse
from shipboard.orders.models import Order
from shipboard.orders.paging import page_of
from shipboard.orders.queries import counts, matching, shops_in_view
from shipboard.orders.search import find
from tests import make

pytestmark = pytest.mark.django_db
ORDERS = """
insert into "order" (shop_id, order_id, as_of, digest, field_ages, stage, stage_source,
    status_words, order_type, shipping, is_platform_fulfilled, is_cod, currency, total, charges,
    created_at, paid_at, ship_by, hold_ends_at, closes_at, channel_deadlines, canceled_by,
    cancel_reason, warehouse, delivery_option, delivery_option_type, carrier, payment_method,
    buyer_username, buyer_message, seller_note, recipient, extra, units, skus, is_split,
    first_seen_at, changed_at)
select %(shop)s, '5760' || n, %(now)s, '', '{}',
    (array['awaiting_shipment', 'on_hold', 'in_transit', 'canceled', 'canceled', 'delivered',
           'delivered', 'delivered', 'closed', 'closed', 'closed', 'closed', 'closed', 'closed',
           'closed', 'closed', 'closed', 'closed', 'closed', 'closed'])[1 + n %% 20],
    'channel', '', 'normal', '', false, false, 'USD', n %% 977, '{}',
    %(now)s - n * interval '7 min',
    %(now)s - n * interval '7 min', %(now)s + (n %% 5000 - 2500) * interval '1 min',
    %(now)s - n * interval '7 min', %(now)s + n * interval '1 min', '{}', '', '', '', '', '', '',
    '', 'buyer' || n, '', '', '{}', '{}', 1, 1, false, %(now)s, %(now)s
  from generate_series(1, 20000) as n
"""
ITEMS = """
insert into item (shop_id, digest, sku_id, seller_sku, product_id, product_name, sku_name, category,
    image_url)
select %(shop)s, int4send(n), '1729' || n, 'SKU-' || n, '1730' || n,
    'Enamel mug of kind ' || md5(n::text) || ' with lid', 'Blue ' || n, '', ''
  from generate_series(1, 20000) as n
"""
LINES = """
insert into line (order_id, position, item_id, quantity, returned, unit_ids, extra)
select o.id, 0, i.id, 1, 0, '{}', '{}' from (select id, row_number() over () as n from "order") o
  join (select id, row_number() over () as n from item) i using (n)
"""


@pytest.fixture(scope="module")
def shop(django_db_setup: None, django_db_blocker: Any) -> Iterator[Shop]:
    """A shop with many orders, once for all tests here, gone afterwards."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = make.shop()
        with connection.cursor() as cursor:
            for statement in (ORDERS, ITEMS, LINES):
                cursor.execute(statement, {"shop": made.pk, "now": make.NOW})
            cursor.execute("analyze")
        yield made
        transaction.set_rollback(True)


def plans(work: Callable[[], object]) -> list[list[dict[str, Any]]]:
    """The plan nodes of every query that `work` sends."""
    with CaptureQueriesContext(connection) as captured:
        work()
    found = []
    for query in captured:
        with connection.cursor() as cursor:
            cursor.execute("explain (format json) " + query["sql"].replace("%", "%%"), [])
            (plan,) = cursor.fetchone() or ("",)
        found.append(list(nodes((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])))
    return found


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def page(query: str, *, after: str = "") -> Any:
    filter_ = replace(parse(query), after=after)
    orders = matching(filter_, shops_in_view(filter_, COMMAND_LINE), make.NOW, None)
    return page_of(orders, filter_, make.NOW)


def deep(query: str) -> str:
    """A place far down the list."""
    after = ""
    for _ in range(10):
        after = page(query + "&per_page=100", after=after).after
    return after


@pytest.mark.parametrize("is_deep", [False, True])
@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("tab=pending_shipping", "order_to_ship"),
        ("", "order_newest"),
        ("tab=completed", "order_completed"),
        ("tab=canceled", "order_canceled"),
        ("sort=created", "order_newest"),
        ("sort=paid", "order_paid"),
        ("sort=total", "order_total"),
        ("sort=-total", "order_total"),
    ],
)
def test_a_page_comes_from_its_index_unsorted(
    shop: Shop, query: str, index: str, is_deep: bool
) -> None:
    after = deep(query) if is_deep else ""
    (plan,) = [
        each
        for each in plans(lambda: page(query, after=after))
        if any(node.get("Relation Name") == "order" for node in each)
    ]
    kinds = {node["Node Type"] for node in plan}
    assert kinds <= {"Limit", "Index Scan", "Result"}, kinds
    assert [node["Index Name"] for node in plan if "Index Name" in node] == [index]
    if is_deep:
        assert any("Index Cond" in node for node in plan)


def test_tabs_and_chips_ask_for_nothing_that_their_index_lacks(shop: Shop) -> None:
    (index,) = [each for each in Order._meta.indexes if each.name == "order_counts"]
    with CaptureQueriesContext(connection) as captured:
        counts([shop], make.NOW)
    asked = set(re.findall(r'"order"\."(\w+)"', captured[0]["sql"]))
    held = {each.name for each in index.expressions}
    assert asked <= {f"{name}_id" if name == "shop" else name for name in held}


def test_cards_read_only_what_is_open(shop: Shop) -> None:
    _, *cards = plans(lambda: counts([shop], make.NOW))
    assert len(cards) == 3
    for plan in cards:
        assert not [node for node in plan if node["Node Type"] == "Seq Scan" and is_big(node)]


def is_big(node: dict[str, Any]) -> bool:
    return node.get("Relation Name") in {"order", "item", "line"}


@pytest.mark.parametrize("many", [1, 100])
def test_search_reads_no_table_from_end_to_end(shop: Shop, many: int) -> None:
    values = [f"SKU-{number}" for number in range(many)] + ["buyer77", "1729123", "Blue 5"]
    exact, part = plans(lambda: find(values, COMMAND_LINE))
    assert not [node for node in exact if node["Node Type"] == "Seq Scan" and is_big(node)]
    assert "item_product_name" in {node.get("Index Name") for node in part}


def test_ids_alone_do_not_look_into_names(shop: Shop) -> None:
    (exact,) = plans(lambda: find(["57601234567", "1729123456789"], COMMAND_LINE))
    assert not [node for node in exact if node["Node Type"] == "Seq Scan" and is_big(node)]


def test_a_filter_of_nothing_but_a_shop_keeps_the_index(shop: Shop) -> None:
    (plan,) = [
        each
        for each in plans(lambda: page(OrderFilter(shop=(shop.slug,)).query()))
        if any(node.get("Relation Name") == "order" for node in each)
    ]
    assert "order_newest" in {node.get("Index Name") for node in plan}
