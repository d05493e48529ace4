"""Metrics: what the marketplace measures the shops by, what will become of it today, and the
orders that decide that.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import StringIO

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header, urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from shipboard import clock
from shipboard.channels.models import Shop
from shipboard.desk.charts import Chart, chart
from shipboard.desk.door import access_for
from shipboard.desk.errors import refused
from shipboard.orders.filters import BadFilter, OrderFilter
from shipboard.orders.metric_rules import (
    ON_TIME_LEAST,
    ON_TIME_SOURCE,
    RULES,
    Measure,
    dispatched_by,
)
from shipboard.orders.metrics import (
    DAYS,
    LATE,
    Figures,
    Meaning,
    Metrics,
    Share,
    Span,
    is_over,
    metrics,
    period_of,
    shown,
    total_where_counted,
)
from shipboard.orders.metrics_forecast import (
    DEADLINE,
    Forecast,
    counted_by,
    deciding,
    forecasts,
)
from shipboard.orders.queries import in_view, visible_shops
from shipboard.orders.value_words import span_words

#: Orders of one link to Manage Orders: its address must fit into a request line.
AT_ONCE = 100
#: More orders than this are not listed; the first ones are those to ship first.
MOST = 1000
CHARTED = (Measure.ARRANGED, Measure.COLLECTED, Measure.CANCELED, Measure.TRACKED)
UNITS = {Measure.CANCELED: "confirmed", Measure.TRACKED: "packages"}


@dataclass(frozen=True)
class Asked:
    shops: list[Shop]
    visible: list[Shop]
    days: int
    #: The slug of the only shop that was asked for.
    shop: str

    def query(self, **changes: str) -> str:
        given = {"shop": self.shop, "days": str(self.days)} | changes
        return urlencode({name: value for name, value in given.items() if value})


@dataclass(frozen=True)
class Number:
    """A number of the page, with that of the period before and its limit. `state`: over, within,
    or blank where there is no rate or no limit."""

    key: str
    title: str
    value: str
    counts: str
    change: str
    is_worse: bool
    limit: str
    state: str
    besides: str
    is_counted: bool = False


@require_safe
@never_cache
def metrics_page(request: HttpRequest) -> HttpResponse:
    """GET /metrics/[?shop=<slug>&days=7|14|30]."""
    try:
        asked = _asked(request)
    except BadFilter as problem:
        return refused(request, problem)
    now = clock.now()
    found = metrics(asked.shops, asked.days, now)
    counted = {shop.pk: counted_by(shop, found.of[shop.pk]) for shop in asked.shops}
    told_by, total = set(counted.values()), total_where_counted(found, counted)
    context = {
        "asked": asked,
        "every_days": DAYS,
        "numbers": list(_numbers(total, told_by)),
        "rows": [(shop, found.of[shop.pk], counted[shop.pk]) for shop in asked.shops],
        "total": total,
        "told_by": told_by,
        "counts": _counts,
        "is_empty": not any(_all_of(found.total)),
        "forecasts": _forecasts(asked, found, now),
        "is_one_market": len(told_by) == 1,
        "blind": [
            (shop, market is Measure.COLLECTED)
            for shop in asked.shops
            if (market := dispatched_by(shop)) is not counted[shop.pk]
        ],
        "periods": [(shop, period_of(shop, asked.days, now)) for shop in asked.shops],
        "charts": [(each, _chart(each, total, told_by)) for each in _charted(told_by)],
        "rules": RULES,
        "Measure": Measure,
        "Meaning": Meaning,
        "on_time": (ON_TIME_LEAST, ON_TIME_SOURCE),
        "rate": shown,
        "well": lambda share: shown(share.well),
        "took": took,
        "day_name": day_name,
        "is_over": is_over,
        "at": now,
    }
    return render(request, "metrics.html", context)


def _asked(request: HttpRequest) -> Asked:
    """Raises BadFilter for what is not understood."""
    for name in request.GET:
        if name not in ("shop", "days"):
            raise BadFilter(f"{name!r} is not a choice of this page; there are shop and days.")
    days = request.GET.get("days") or str(DAYS[0])
    if days not in map(str, DAYS):
        raise BadFilter(f"days={days} is not offered; it can be 7, 14 or 30.")
    slugs = tuple(dict.fromkeys(each for each in request.GET.getlist("shop") if each))
    visible = list(visible_shops(access_for(request)))
    shops = in_view(OrderFilter(shop=slugs), visible)
    return Asked(shops, visible, int(days), slugs[0] if len(slugs) == 1 else "")


def _all_of(figures: Figures) -> Iterator[int]:
    """Whatever was counted, the period before too."""
    for side in (figures.now, figures.before):
        for share in side.values():
            yield share.of + share.bad + share.unknown + share.undated


def _numbers(total: Figures, told_by: set[Measure]) -> Iterator[Number]:
    for measure in (Measure.COLLECTED, Measure.ARRANGED, Measure.CANCELED, Measure.TRACKED):
        yield _number(measure, total, is_counted=_counts(measure, told_by))
    yield _on_time(total, is_counted=Measure.COLLECTED in told_by)
    for meaning, title in ((Meaning.ARRANGED, "arranged"), (Meaning.COLLECTED, "scanned")):
        span, before = total.spans[meaning], total.spans_before[meaning]
        yield Number(
            f"took_{meaning}",
            f"From payment to {title}",
            took(span.median),
            f"9 of 10 within {took(span.slow)}; {span.orders:,} orders" if span.orders else "",
            f"before: {took(before.median)}, 9 of 10 {took(before.slow)}" if before.orders else "",
            _is_slower(span, before),
            "the median; no limit is stated",
            "",
            "",
        )


def _counts(measure: Measure, told_by: set[Measure]) -> bool:
    """Of the two meanings of late dispatch only that of a market of these shops."""
    return measure not in LATE or measure in told_by


def _number(measure: Measure, total: Figures, *, is_counted: bool) -> Number:
    rule, share, before = RULES[measure], total.now[measure], total.before[measure]
    rate, value = share.rate, share.rate
    if rule.is_least:
        value = share.well
    return Number(
        measure.value,
        rule.title,
        f"{shown(value)} %" if rate is not None else "—",
        f"{share.bad:,} of {share.of:,} {rule.what}" if share.of else "",
        _change(rate, before.rate, -1 if rule.is_least else 1),
        is_counted and rate is not None and before.rate is not None and rate > before.rate,
        rule.threshold if is_counted else f"does not count here; {rule.threshold} elsewhere",
        "" if rate is None or not is_counted else "over" if is_over(measure, rate) else "within",
        _besides(measure, share),
        is_counted and measure in LATE,
    )


def _on_time(total: Figures, *, is_counted: bool) -> Number:
    """The other side of late dispatch by scan."""
    share, before = total.now[Measure.COLLECTED], total.before[Measure.COLLECTED]
    well = share.well
    return Number(
        "on_time",
        "On-time collection",
        f"{shown(well)} %" if well is not None else "—",
        f"{share.of - share.bad:,} of {share.of:,} scanned in time" if share.of else "",
        _change(share.rate, before.rate, -1),
        is_counted
        and share.rate is not None
        and before.rate is not None
        and share.rate > before.rate,
        f"more than {ON_TIME_LEAST:f} %",
        "" if well is None or not is_counted else "within" if well > ON_TIME_LEAST else "over",
        _besides(Measure.COLLECTED, share),
    )


def _change(rate: Decimal | None, before: Decimal | None, sign: int) -> str:
    """Of what is shown: `sign` -1 where that is what went well."""
    if rate is None or before is None:
        return ""
    points = sign * (rate - before)
    size = shown(abs(points))
    if size == "0.0":
        return "as in the period before"
    return f"{'up' if points > 0 else 'down'} {size} points from the period before"


def _besides(measure: Measure, share: Share) -> str:
    parts = ((share.unknown, _unknown(measure)), (share.undated, _undated(measure)))
    said = [f"{many:,} {words}" for many, words in parts if many]
    return f"Not counted: {', '.join(said)}." if said else ""


def _undated(measure: Measure) -> str:
    return {
        Measure.CANCELED: "without a known date",
        Measure.TRACKED: "shipped on a day that is not known",
    }.get(measure, "whose deadline is not known")


def _unknown(measure: Measure) -> str:
    return {
        Measure.CANCELED: "canceled by nobody knows whom",
        Measure.TRACKED: "without a known package",
    }.get(measure, "of which nobody told when they went")


def took(span: timedelta | None) -> str:
    """`19 h 40 min`; days from two on."""
    if span is None:
        return "—"
    minutes = round(span.total_seconds() / 60)
    return span_words(minutes if minutes < 48 * 60 else minutes // 60 * 60)


def _is_slower(span: Span, before: Span) -> bool:
    return bool(span.median and before.median and span.median > before.median)


def _charted(told_by: set[Measure]) -> Iterator[Measure]:
    late = {Measure.ARRANGED, Measure.COLLECTED}
    return (each for each in CHARTED if each not in late or each in told_by)


def _chart(measure: Measure, total: Figures, told_by: set[Measure]) -> Chart:
    rule = RULES[measure]
    unit = UNITS.get(measure, "orders")
    days = {day: row[measure] for day, row in total.days.items()}
    whole = total.now[measure]
    line, many, rate = "their rate", whole.bad, whole.rate
    if rule.is_least:
        line, many, rate = "the rate of the others", whole.of - whole.bad, whole.well
    text = (
        f"{unit.capitalize()} per day as bars, those {rule.what} stacked on top; the line is "
        f"{line}, the dashed line the limit. {many:,} of {whole.of:,} in all: {shown(rate)} %."
    )
    title, least = f"{rule.title}, day by day", rule.is_least
    return chart(
        measure.value, title, text, days, rule.limit, of=unit, bad=rule.what, is_least=least
    )


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


def _forecasts(asked: Asked, found: Metrics, now: datetime) -> list[Told]:
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
        f"/metrics/orders/?{asked.query(shop=shop.slug)}",
    )


@require_safe
@never_cache
def metrics_orders(request: HttpRequest) -> HttpResponse:
    """GET /metrics/orders/?shop=<slug>&days=7|14|30: of one shop, the orders to ship now, and the
    other ones that go late today."""
    try:
        asked = _asked(request)
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


@require_safe
@never_cache
def metrics_days(request: HttpRequest) -> HttpResponse:
    """GET /metrics/days.csv?<as the page>: a row for each shop and day."""
    try:
        asked = _asked(request)
    except BadFilter as problem:
        return refused(request, problem)
    now = clock.now()
    found = metrics(asked.shops, asked.days, now)
    file = StringIO()
    writer = csv.writer(file)
    writer.writerow(["shop", "day", "zone", *(name for name, _ in _columns(_blank_day()))])
    for shop in asked.shops:
        for day, row in found.of[shop.pk].days.items():
            values = [value for _, value in _columns(row)]
            writer.writerow([shop.slug, day.isoformat(), shop.timezone, *values])
    response = HttpResponse(file.getvalue(), content_type="text/csv; charset=utf-8")
    name = content_disposition_header(True, f"metrics-{asked.days}-days-{now:%Y-%m-%d}.csv")
    response["Content-Disposition"] = name or "attachment"
    return response


def _blank_day() -> Mapping[Measure, Share]:
    return {measure: Share() for measure in Measure}


def _columns(row: Mapping[Measure, Share]) -> Iterator[tuple[str, int]]:
    """Each with its heading."""
    for measure, share in row.items():
        rule = RULES[measure]
        yield f"{rule.title}: {UNITS.get(measure, 'orders')} counted", share.of
        yield f"{rule.title}: {rule.what}", share.bad
        yield f"{rule.title}: not counted, {_unknown(measure)}", share.unknown
        yield f"{rule.title}: not counted, {_undated(measure)}", share.undated


@require_safe
@never_cache
def metrics_badge(request: HttpRequest) -> HttpResponse:
    """GET /metrics/badge/: late dispatch of the last 7 days for the rail beside Manage Orders, of
    the shop that is the furthest over its limit or the nearest to it."""
    shops = in_view(OrderFilter(), list(visible_shops(access_for(request))))
    found = metrics(shops, DAYS[0], clock.now(), LATE)
    rates = [
        (rate, RULES[measure], shop)
        for shop in shops
        for measure in [counted_by(shop, found.of[shop.pk])]
        if (rate := found.of[shop.pk].now[measure].rate) is not None
    ]
    worst = max(rates, key=lambda each: each[0], default=None)
    context = {"worst": worst, "rate": shown, "is_over": bool(worst and worst[0] > worst[1].limit)}
    return render(request, "metrics_badge.html", context)


def day_name(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"
