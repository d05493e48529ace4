"""Manage Orders: the to-do board, tabs, search, filter and one page of orders, as rows or cards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.vary import vary_on_headers

from shipboard import clock
from shipboard.accounts.models import User
from shipboard.channels.warehouses import logistics_of
from shipboard.desk import board, notice_bar
from shipboard.desk.ages import ages, facts_of, with_facts
from shipboard.desk.columns import LOGISTICS, USUAL, chosen, headings
from shipboard.desk.door import access_for
from shipboard.desk.errors import refused
from shipboard.desk.filter_panel import pills
from shipboard.desk.looks import here, view_for
from shipboard.desk.rows import row_of
from shipboard.desk.seen import looking
from shipboard.orders.cards import OVERLAP, SOURCE
from shipboard.orders.filters import BadFilter, OrderFilter, Sort, SortKey, parse
from shipboard.orders.models import Order
from shipboard.orders.queries import listing, visible_shops
from shipboard.orders.saved_views import kept_query
from shipboard.orders.stages import Tab

SORT_LABELS = {
    Sort(SortKey.SHIP_BY): "Ship by: soonest first",
    Sort(SortKey.SHIP_BY, True): "Ship by: latest first",
    Sort(SortKey.CREATED, True): "Created: newest first",
    Sort(SortKey.CREATED): "Created: oldest first",
    Sort(SortKey.PAID, True): "Paid: newest first",
    Sort(SortKey.PAID): "Paid: oldest first",
    Sort(SortKey.TOTAL): "Total: lowest first",
    Sort(SortKey.TOTAL, True): "Total: highest first",
    Sort(SortKey.STATUS): "Status: earliest stage first",
    Sort(SortKey.STATUS, True): "Status: latest stage first",
}


def home(request: HttpRequest) -> HttpResponse:
    return redirect("/orders/?tab=pending_shipping")


@never_cache
@vary_on_headers("HX-Request", "HX-History-Restore-Request")
def order_list(request: HttpRequest) -> HttpResponse:
    """GET /orders/?<query string of the contract>; a query it does not understand is 400."""
    access = access_for(request)
    now = clock.now()
    shops = list(with_facts(visible_shops(access)))
    try:
        given_tab = request.GET.get("tab") or Tab.ALL
        filter_ = parse((name, value) for name, values in request.GET.lists() for value in values)
        seen = looking((shop.pk for shop in shops), now)
        found = listing(filter_, access, now, shops)
    except BadFilter as problem:
        return refused(request, problem)
    given = [value for values in dict(request.GET.lists()).values() for value in values]
    if not all(str(value).strip() for value in given) or filter_.tab != given_tab:
        return redirect(board.href(filter_))  # a form's blanks and a tab left behind make no link
    person = cast(User, request.user)
    context = {
        "found": found,
        "cards": board.cards(filter_, found),
        "tabs": board.tabs(filter_, found),
        "chips": board.chips(filter_, found),
        "pills": pills(filter_, shops),
        "hit_tabs": board.hit_tabs(filter_, found),
        "sorts": SORT_LABELS,
        "shops": shops,
        "overlap": f"{OVERLAP} {SOURCE} {board.clock_of(found, now)}",
        "q": ", ".join(filter_.q),
        "ages": ages(found.shops, now, facts_of(found.shops)),
        "here": here(filter_),
        "matching": kept_query(replace(filter_, sort=None)),
        # The live refresh asks what has changed since this token.
        "told": (told := notice_bar.standing(request)),
        "changes_token": replace(seen, count=found.count, notices=notice_bar.mark(told)).seal(),
        **rows_context(found.page.rows, filter_, now, person),
    }
    return render(request, "order_list.html", context)


def rows_context(
    orders: Iterable[Order], filter_: OrderFilter, now: datetime, person: User
) -> dict[str, Any]:
    """What order_rows.html needs to draw `orders` (with their parts) as `person` looks at them."""
    columns, orders = chosen(person.columns), list(orders)
    has_logistics = any(column.key == LOGISTICS for column in columns)
    return {
        "rows": [row_of(order, now) for order in orders],
        "filter": filter_,
        "view": view_for(filter_, person),
        "columns": columns,
        "headings": headings(columns, filter_),
        "is_wide": any(column.key not in USUAL for column in columns),
        "travels": logistics_of({order.shop_id for order in orders}) if has_logistics else {},
        "at": now,
    }
