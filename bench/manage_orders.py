"""Manage Orders on a desk of very many orders: pages at any depth, the counts around them, search
and the whole response, each against a floor of the same run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import reduce
from operator import or_
from typing import Any
from unittest import mock

from django.core.management import call_command
from django.db import connection
from django.shortcuts import render
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.load import load
from bench.many_orders import ITEMS, NOW, add_closed, fill
from bench.timing import Result, against, medians
from shipboard.accounts.access import COMMAND_LINE
from shipboard.accounts.models import User
from shipboard.accounts.roles import Role
from shipboard.channels.models import Shop
from shipboard.orders.cards import Card, on_card
from shipboard.orders.counts import counts
from shipboard.orders.filters import OrderFilter, SortKey, parse
from shipboard.orders.models import OPEN_STAGES, TOTAL_OR_ZERO, Order
from shipboard.orders.paging import Place, Run, page_of, runs_of, seal
from shipboard.orders.queries import matching
from shipboard.orders.search import find
from shipboard.orders.stages import Tab, in_tab
from shipboard.orders.tally import fold, pulse

LISTS = ("tab=pending_shipping", "tab=all", "tab=completed")
SORTS = tuple(f"sort={sign}{key}" for key in SortKey for sign in ("", "-"))


def results(orders: int) -> list[Result]:
    """Fills the database, and measures."""
    independent = list(_independent(orders // 5))
    fill(orders)
    fold()
    shops = list(Shop.objects.all())
    return [
        *(result for query in (*LISTS, *SORTS) for result in _paged(query, shops)),
        *_counted(shops),
        *independent,
        *_searched(orders),
        *_whole(),
    ]


def _paged(query: str, shops: list[Shop]) -> Iterator[Result]:
    filter_ = parse(query)
    wide = matching(replace(filter_, tab=Tab.ALL, stage=()), shops, NOW, None)
    deep = replace(filter_, after=_deep(filter_))

    def page(of: OrderFilter) -> Callable[[], object]:
        return lambda: page_of(wide, of, NOW)

    taken = medians({"first": page(filter_), "deep": page(deep)})
    what = f"Page at 90 % depth, `{query}`"
    yield against(what, taken["deep"], taken["first"], "its first page")


def _deep(filter_: OrderFilter) -> str:
    """The cursor of the order nine tenths down the longest run of a list."""
    runs = runs_of(filter_, NOW)
    longest = max(runs, key=lambda run: _of(run).count())
    sign = "-" if filter_.sorting.descending else ""
    wanted = (*longest.columns, "id")
    rows = _of(longest).order_by(*(sign + name for name in wanted)).values_list(*wanted)
    *values, pk = rows[_of(longest).count() * 9 // 10]
    return seal(Place(longest.name, tuple(values), pk), filter_)


def _of(run: Run) -> Any:
    return Order.objects.annotate(by_total=TOTAL_OR_ZERO).filter(reduce(or_, run.parts))


def _counted(shops: list[Shop]) -> Iterator[Result]:
    found = counts(shops, NOW)
    for tab in Tab:
        if found.tabs[tab] != Order.objects.filter(in_tab(tab, NOW)).count():
            raise SystemExit(f"The count of the tab {tab} is not what a recount finds.")
    for card in Card:
        if found.cards[card] != Order.objects.filter(on_card(card, NOW)).count():
            raise SystemExit(f"The count of the card {card} is not what a recount finds.")
    opened = Order.objects.filter(stage__in=OPEN_STAGES)
    taken = medians(
        {
            "counts": lambda: counts(shops, NOW),
            "open": opened.count,
            "pulse": lambda: pulse([shop.pk for shop in shops]),
        }
    )
    floor = f"count(*) of {opened.count():,} open orders"
    read = _rows_read(lambda: counts(shops, NOW))
    yield against(
        f"Tabs, chips and cards, equal to a recount; of {found.tabs[Tab.ALL]:,} orders {read:,} "
        "index rows read",
        taken["counts"],
        taken["open"],
        floor,
    )
    yield against("Has anything changed? (the pulse)", taken["pulse"], taken["open"], floor)


def _independent(orders: int) -> Iterator[Result]:
    """The same counts before and after as many closed orders again, each against count(*) of the
    open ones, of which there are as many as before."""
    fill(orders)
    fold()
    before, read_before = _times_open()
    add_closed(orders)
    fold()
    after, read_after = _times_open()
    yield Result(
        f"The same beside {orders:,} closed orders more, {read_after:,} index rows read",
        f"{after:.2f} times count(*) of the open",
        f"without them {before:.2f} times, {read_before:,} index rows read",
        f"{after / before:.2f}",
    )


def _times_open() -> tuple[float, int]:
    """How many times count(*) of the open orders the counts take, and how many rows they read."""
    shops = list(Shop.objects.all())
    opened = Order.objects.filter(stage__in=OPEN_STAGES)
    taken = medians({"counts": lambda: counts(shops, NOW), "open": opened.count})
    return taken["counts"] / taken["open"], _rows_read(lambda: counts(shops, NOW))


def _rows_read(work: Callable[[], object]) -> int:
    """Rows of orders that the one query of `work` reads."""
    with CaptureQueriesContext(connection) as captured:
        work()
    (query,) = captured
    with connection.cursor() as cursor:
        cursor.execute("explain (analyze, format json) " + query["sql"].replace("%", "%%"), [])
        (plan,) = cursor.fetchone() or ("",)

    def rows(node: dict[str, Any]) -> int:
        own = 0
        if node.get("Relation Name") == "order":
            own = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
            own *= node["Actual Loops"]
        return int(own) + sum(rows(child) for child in node.get("Plans", []))

    return rows((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])


#: What finding these values takes at the least: an index probe for each, in one statement.
PROBES = """
select id from "order" where order_id = any(%(order)s)
union all select id from "order" where lower(buyer_username) = any(%(buyer)s)
union all select c.order_id from parcel p join parcel_content c on c.parcel_id = p.id
    where upper(p.tracking_number) = any(%(tracking)s)
union all select l.order_id from item i join line l on l.item_id = i.id
    where lower(i.seller_sku) = any(%(sku)s)
union all select l.order_id from item i join line l on l.item_id = i.id
    where i.product_id = any(%(product)s)
"""


def _values(orders: int, each: int) -> dict[str, list[str]]:
    """So many values of each kind, of orders and items all over the tables."""
    steps = [1 + number * (orders - 1) // each for number in range(each)]
    items = [1 + number * (ITEMS - 1) // each for number in range(each)]
    return {
        "order": [f"5769{number:014d}" for number in steps],
        "buyer": [f"buyer{number}" for number in steps],
        "tracking": [f"94001118992231{number:08d}" for number in steps],
        "sku": [f"sku-{number}" for number in items],
        "product": [f"1730{number // 3:014d}" for number in items],
    }


def _searched(orders: int) -> Iterator[Result]:
    hundred, thousand = _values(orders, 20), _values(orders, 200)

    def search(of: dict[str, list[str]]) -> Callable[[], object]:
        return lambda: find([value for values in of.values() for value in values], COMMAND_LINE)

    def probes() -> None:
        with connection.cursor() as cursor:
            cursor.execute(PROBES, hundred)
            cursor.fetchall()

    taken = medians(
        {
            "probes": probes,
            "100": search(hundred),
            "1000": search(thousand),
            "name": lambda: find(["linen apron number 41"], COMMAND_LINE),
        }
    )
    yield against("Search for 100 mixed values", taken["100"], taken["probes"], "index probes")
    yield against("Search for 1,000 mixed values", taken["1000"], taken["100"], "the 100")
    yield against("Search for a part of a name", taken["name"], taken["probes"], "index probes")


@contextmanager
def _signed_in() -> Iterator[Client]:
    call_command("collectstatic", interactive=False, verbosity=0)
    person = User.objects.create_user("mai@shop.example", "bench", role=Role.OWNER)
    client = Client(SERVER_NAME="localhost")
    client.force_login(person)
    yield client


def _whole() -> Iterator[Result]:
    """The whole response against the same rows rendered from memory and its bare SQL."""
    with _signed_in() as client:
        address = "/orders/?tab=pending_shipping"
        shown: list[Any] = []

        def remember(request: Any, template: str, context: Any, **given: Any) -> Any:
            shown[:] = [request, template, context]
            return real(request, template, context, **given)

        real = render
        client.get(address)  # a session's first request writes more
        with (
            CaptureQueriesContext(connection) as captured,
            mock.patch("shipboard.desk.order_list.render", remember),
        ):
            client.get(address)
        request, template, context = shown
        statements = [query["sql"] for query in captured]

        def sql() -> None:
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement.replace("%", "%%"), [])
                    if cursor.description:
                        cursor.fetchall()

        taken = medians(
            {
                "whole": lambda: client.get(address),
                "render": lambda: render_to_string(template, context, request),
                "sql": sql,
            }
        )
        floor = taken["render"] + taken["sql"]
        yield against(
            f"The whole of `{address}`, {len(statements)} queries",
            taken["whole"],
            floor,
            f"rendering from memory {taken['render']:.1f} ms + its SQL {taken['sql']:.1f} ms",
        )
        yield load(address, client, taken["whole"])
