"""Metrics, what will become of late dispatch today: the forecast in words, and the page of the
orders that decide it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from shipboard import clock
from shipboard.channels.models import Shop
from shipboard.desk.errors import refused
from shipboard.desk.metrics_asked import Asked, asked_of
from shipboard.orders.filters import BadFilter, OrderFilter
from shipboard.orders.metric_rules import RULES
from shipboard.orders.metrics import LATE, Metrics, is_over, metrics, shown
from shipboard.orders.metrics_forecast import DEADLINE, Forecast, deciding, forecasts

#: Orders of one link to Manage Orders: its address must fit into a request line.
AT_ONCE = 100
#: More orders than this are not listed; the first ones are those to ship first.
MOST = 1000


@dataclass(frozen=True)
class Told:
    """A shop's forecast as the page tells it."""

    shop: Shop
    of: Forecast
    rate: str
    at_end: str
    if_shipped: str
    is_over: bool
    will_be_over: bool
    orders: str


def told_forecasts(asked: Asked, found: Metrics, now: datetime) -> list[Told]:
    of = forecasts(asked.shops, found, asked.days, now)
    return [_told(shop, of[shop.pk], asked) for shop in asked.shops]


def _told(shop: Shop, of: Forecast, asked: Asked) -> Told:
    return Told(
        shop,
        of,
        shown(of.share.rate),
        shown(of.at_end.rate),
        shown(of.if_shipped.rate),
        is_over(of.measure, of.share.rate),
        is_over(of.measure, of.at_end.rate),
        f"/metrics/orders/?{asked.query(shop.slug)}",
    )


@require_safe
@never_cache
def metrics_orders(request: HttpRequest) -> HttpResponse:
    """GET /metrics/orders/?shop=<slug>&days=7|14|30: of one shop, the orders to ship now, and the
    other ones that go late today."""
    try:
        asked = asked_of(request)
        if len(asked.shops) != 1:
            raise BadFilter("shop= says whose orders are meant; give one shop.")
    except BadFilter as problem:
        return refused(request, problem)
    (shop,), now = asked.shops, clock.now()
    found = metrics([shop], asked.days, now, LATE)
    of = forecasts([shop], found, asked.days, now)[shop.pk]
    orders = list(deciding(shop, of.measure, now)[:MOST])
    numbers = [order.order_id for order in orders]
    context = {
        "asked": asked,
        "shop": shop,
        "outlook": _told(shop, of, asked),
        "rule": RULES[of.measure],
        "orders": [(order, getattr(order, DEADLINE[of.measure])) for order in orders],
        "fewest": _links(numbers[: of.fewest], shop),
        "every": _links(numbers, shop),
        "numbers": "\n".join(numbers[: of.fewest or MOST]),
        "most": MOST,
        "at": now,
    }
    return render(request, "metrics_orders.html", context)


def _links(numbers: Sequence[str], shop: Shop) -> list[tuple[int, int, str]]:
    """(first, last, address) of Manage Orders for so many of them at once."""
    pieces = (range(first, min(first + AT_ONCE, len(numbers))) for first in _firsts(numbers))
    return [
        (
            piece.start + 1,
            piece.stop,
            "/orders/?"
            + OrderFilter(
                q=tuple(numbers[piece.start : piece.stop]), shop=(shop.slug,), per_page=100
            ).query(),
        )
        for piece in pieces
    ]


def _firsts(numbers: Sequence[str]) -> range:
    return range(0, len(numbers), AT_ONCE)
