"""The live refresh of Manage Orders: what has changed since somebody saw the page. Asked every two
seconds by every open page, so nothing new must cost next to nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import cast

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from shipboard import clock
from shipboard.accounts.models import User
from shipboard.desk import board, notice_bar, outbox, wording
from shipboard.desk.ages import ages, facts_of, with_facts
from shipboard.desk.door import access_for
from shipboard.desk.order_list import rows_context
from shipboard.desk.rows import row_of
from shipboard.desk.seen import NotSeen, Seen, open_token
from shipboard.orders.case_lists import to_answer_count
from shipboard.orders.counts import of_shops
from shipboard.orders.filters import BadFilter, OrderFilter, parse
from shipboard.orders.models import Hold, Order
from shipboard.orders.parts import with_parts
from shipboard.orders.queries import Listing, listing, matching, visible_shops
from shipboard.orders.stages import stage_now
from shipboard.orders.tally import pulse

#: What the clock alone changes (a hold's end, a card's day) is looked at this often.
RECOUNT = timedelta(minutes=1)
MOST_ROWS = 100


@never_cache
def changes(request: HttpRequest) -> HttpResponse:
    """GET /orders/changes/?<the list's query>&token=<data-changes>&rows=<pk:version,...>, or the
    same as POST when it is long. 204: nothing has changed; else changes.html, for live.js."""
    given = request.POST if request.method == "POST" else request.GET
    access, now = access_for(request), clock.now()
    try:
        seen = open_token(given.get("token", ""))
        moved = pulse(access.narrow(seen.shop_ids))
        told = notice_bar.standing(request)
        is_same = moved == seen.pulse and notice_bar.mark(told) == seen.notices
        if is_same and now - seen.at < RECOUNT:
            return HttpResponse(status=204)
        shown = _versions(given.get("rows", ""))
        filter_ = parse(
            (name, value)
            for name, values in given.lists()
            for value in values
            if name not in ("token", "rows")
        )
        shops = list(with_facts(visible_shops(access)))
        found = listing(replace(filter_, per_page=20), access, now, shops)
    except (NotSeen, BadFilter) as problem:
        return HttpResponse(str(problem), status=400, content_type="text/plain")
    news = _news(filter_, found, seen, shown, now)
    context = {
        "found": found,
        "news": news,
        "ages": ages(found.shops, now, facts_of(found.shops)),
        "links": {
            "tab": board.tabs(filter_, found),
            "stage": board.chips(filter_, found),
            "card": [card for card, *_ in board.cards(filter_, found)],
        },
        "told": told,
        "bar": outbox.bar_of(shops, clock.wall()),
        "to_answer": to_answer_count(shops, now),
        "fresh_token": replace(seen, at=now, pulse=moved, notices=notice_bar.mark(told)).seal(),
        "first_page": board.href(filter_),
        **rows_context(news.rows, filter_, now, cast(User, request.user)),
    }
    return render(request, "changes.html", context)


@dataclass(frozen=True)
class News:
    """`rows`: orders on the page to be drawn anew; `gone`: why a row is no longer in the list, by
    key; `added`: how many orders came in; `more`: how many more match, old ones among them."""

    rows: list[Order]
    gone: Mapping[int, str]
    added: int
    more: int


def _versions(text: str) -> dict[int, int]:
    """Rows on the page, as 'key:version,...'."""
    pairs = [each.partition(":") for each in text.split(",") if each]
    if len(pairs) > MOST_ROWS or not all(map(_is_pair, pairs)):
        raise NotSeen("rows= is up to 100 of key:version, with commas between them.")
    return {int(pk): int(version or 0) for pk, _, version in pairs}


def _is_pair(pair: tuple[str, str, str]) -> bool:
    pk, _, version = pair
    return (pk + version).isdecimal() and 0 < len(pk) < 19 and len(version) < 19


def _news(
    filter_: OrderFilter, found: Listing, seen: Seen, shown: Mapping[int, int], now: datetime
) -> News:
    fitting = matching(filter_, found.shops, now, found.hits)
    orders = with_parts(of_shops(found.shops).filter(pk__in=shown).order_by("pk"), now)
    ended = _ended(shown, seen.at, now)
    still = set(fitting.filter(pk__in=shown).values_list("pk", flat=True))
    gone = dict.fromkeys(shown, "This order is not on this desk any more.")
    gone |= {order.pk: _left(order, filter_, now) for order in orders}
    return News(
        rows=[
            order
            for order in orders
            if order.version != shown[order.pk]
            or order.pk in ended
            or row_of(order, seen.at) != row_of(order, now)
        ],
        gone={pk: why for pk, why in gone.items() if pk not in still},
        added=fitting.filter(pk__gt=seen.newest).count(),
        more=found.count - seen.count,
    )


def _ended(pks: Iterable[int], since: datetime, now: datetime) -> set[int]:
    """Orders whose hold has ended, or asks for a decision, by the clock alone."""
    passed = Q(until__gt=since, until__lte=now) | Q(remind_at__gt=since, remind_at__lte=now)
    holds = Hold.objects.filter(passed, order__in=list(pks), released_at=None)
    return set(holds.values_list("order_id", flat=True))


def _left(order: Order, filter_: OrderFilter, now: datetime) -> str:
    stage = stage_now(order, now)
    return f"No longer in this list: now {wording.stage(stage)}."
