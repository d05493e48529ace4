"""How PostgreSQL answers, with twenty thousand orders: by the indexes meant for it, and without
sorting or reading them all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from shipboard.accounts.access import COMMAND_LINE
from shipboard.channels.contract import Stage
from shipboard.channels.models import Shop
from shipboard.orders.facets import facets
from shipboard.orders.filters import OrderFilter, parse
from shipboard.orders.models import Order
from shipboard.orders.paging import page_of
from shipboard.orders.queries import counts, matching, shops_in_view
from shipboard.orders.search import find
from shipboard.orders.stages import Tab
from shipboard.orders.tally import pulse
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
                cursor.execute("analyze")  # or the next is planned for the empty tables of before
            # Checked once, or the end of every test would check them again.
            cursor.execute("set constraints all immediate; set constraints all deferred")
        yield made
        transaction.set_rollback(True)


@pytest.fixture
def large(shop: Shop) -> Iterator[None]:
    """As on a desk of millions: 20,000 rows are so few that the planner may find reading them all
    cheaper. Where no index serves, it reads them all still."""
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        yield
        cursor.execute("set local enable_seqscan = on")


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


def page(query: str, *, after: str = "", before: str = "") -> Any:
    filter_ = replace(parse(query), after=after, before=before)
    wide = replace(filter_, tab=Tab.ALL, stage=())
    orders = matching(wide, shops_in_view(filter_, COMMAND_LINE), make.NOW, None)
    return page_of(orders, filter_, make.NOW)


def deep(query: str) -> Any:
    """A page far down the list."""
    after = ""
    for _ in range(3):
        found = page(query, after=after)
        after = found.after or after
    return found


INDEXES = {
    "created": "order_created",
    "ship_by": "order_ship_by",
    "paid": "order_paid",
    "total": "order_total",
    "status": "order_ship_by",
}
#: With many orders; of a handful PostgreSQL may as well read and sort them all.
TABS = ("", "tab=pending_shipping", "tab=completed", "tab=canceled", "stage=awaiting_shipment")


@pytest.mark.parametrize("where", ["first", "after", "before"])
@pytest.mark.parametrize("sort", [*INDEXES, *(f"-{key}" for key in INDEXES)])
@pytest.mark.parametrize("tab", TABS)
def test_a_page_is_merged_from_its_index(shop: Shop, tab: str, sort: str, where: str) -> None:
    query = f"{tab}&sort={sort}&per_page=20"
    place = {} if where == "first" else {where: getattr(deep(query), where)}
    _, places, *_ = plans(lambda: page(query, **place))
    kinds = {node["Node Type"] for node in places}
    assert kinds <= {"Limit", "Append", "Merge Append", "Subquery Scan", "Index Scan", "Sort"} | {
        "Index Only Scan",
        "Incremental Sort",
    }, kinds
    used = {node["Index Name"]: node["Plan Rows"] for node in places if "Index Name" in node}
    meant = INDEXES[sort.removeprefix("-")]
    assert meant in used
    # Delivered orders that the clock has closed are few, and may come from their own index; of
    # stages that have hardly an order any index will do.
    assert {name for name, rows in used.items() if rows > 1} <= {meant, "order_closes"}
    for node in places:
        if node["Node Type"] == "Sort":
            assert node["Plan Rows"] <= 20 * len(Stage) + 10


@pytest.mark.usefixtures("large")
def test_counts_read_the_tally_and_what_the_clock_moves(shop: Shop) -> None:
    (plan,) = plans(lambda: counts([shop], make.NOW))
    assert not [node for node in plan if node["Node Type"] == "Seq Scan" and is_big(node)]
    used = {node["Index Name"] for node in plan if "Index Name" in node}
    assert used >= {"order_hold_ends", "order_closes", "order_card_logistics"}
    every_order = {index.name for index in Order._meta.indexes if not index.condition}
    for node in plan:
        if node.get("Index Name") in every_order:  # whichever it is, it reads open stages alone
            assert "stage" in node["Index Cond"], node
            assert "closed" not in node["Index Cond"], node


def test_the_pulse_reads_only_the_tally(shop: Shop) -> None:
    (plan,) = plans(lambda: pulse([shop.pk]))
    assert {node.get("Relation Name", "tally") for node in plan} == {"tally"}


def test_facets_read_no_orders(shop: Shop) -> None:
    (plan,) = plans(lambda: facets([shop]))
    assert not [node for node in plan if is_big(node)]


def is_big(node: dict[str, Any]) -> bool:
    return node.get("Relation Name") in {"order", "item", "line"}


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("many", [1, 100])
def test_search_reads_no_table_from_end_to_end(shop: Shop, many: int) -> None:
    values = [f"SKU-{number}" for number in range(many)] + ["buyer77", "1729123", "Blue 5"]
    exact, part = plans(lambda: find(values, COMMAND_LINE))
    assert not [node for node in exact if node["Node Type"] == "Seq Scan" and is_big(node)]
    assert "item_product_name" in {node.get("Index Name") for node in part}


@pytest.mark.usefixtures("large")
def test_ids_alone_do_not_look_into_names(shop: Shop) -> None:
    (exact,) = plans(lambda: find(["57601234567", "1729123456789"], COMMAND_LINE))
    assert not [node for node in exact if node["Node Type"] == "Seq Scan" and is_big(node)]


def test_a_filter_of_nothing_but_a_shop_keeps_the_index(shop: Shop) -> None:
    _, places, *_ = plans(lambda: page(OrderFilter(shop=(shop.slug,)).query()))
    assert {node["Index Name"] for node in places if "Index Name" in node} == {"order_created"}
