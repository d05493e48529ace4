"""Metrics: what the marketplace measures the shops by, day by day and with its limits; the file of
the days, and the badge in the rail.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from io import StringIO

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from shipboard import clock
from shipboard.desk.charts import Chart, chart
from shipboard.desk.door import access_for
from shipboard.desk.errors import refused
from shipboard.desk.metrics_asked import asked_of, day_name, took
from shipboard.desk.metrics_deciding import told_forecasts
from shipboard.desk.metrics_numbers import counts, numbers_of, undated_words, unknown_words
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
    Share,
    is_over,
    metrics,
    shown,
    total_where_counted,
)
from shipboard.orders.metrics_forecast import (
    counted_by,
)
from shipboard.orders.queries import in_view, visible_shops

CHARTED = (Measure.ARRANGED, Measure.COLLECTED, Measure.CANCELED, Measure.TRACKED)
UNITS = {Measure.CANCELED: "confirmed", Measure.TRACKED: "packages"}


@require_safe
@never_cache
def metrics_page(request: HttpRequest) -> HttpResponse:
    """GET /metrics/[?shop=<slug>&days=7|14|30]."""
    try:
        asked = asked_of(request)
    except BadFilter as problem:
        return refused(request, problem)
    now = clock.now()
    found = metrics(asked.shops, asked.days, now)
    counted = {shop.pk: counted_by(shop, found.of[shop.pk]) for shop in asked.shops}
    told_by, total = set(counted.values()), total_where_counted(found, counted)
    context = {
        "asked": asked,
        "every_days": DAYS,
        "numbers": list(numbers_of(total, told_by)),
        "rows": [(shop, found.of[shop.pk], counted[shop.pk]) for shop in asked.shops],
        "total": total,
        "told_by": told_by,
        "counts": counts,
        "is_empty": not any(_all_of(found.total)),
        "forecasts": told_forecasts(asked, found, now),
        "is_one_market": len(told_by) == 1,
        "blind": [
            (shop, market is Measure.COLLECTED)
            for shop in asked.shops
            if (market := dispatched_by(shop)) is not counted[shop.pk]
        ],
        "period": asked.period(now),
        "charts": [(each, _chart(each, total, asked.days)) for each in _charted(told_by)],
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


def _all_of(figures: Figures) -> Iterator[int]:
    """Whatever was counted, the period before too."""
    for side in (figures.now, figures.before):
        for share in side.values():
            yield share.of + share.bad + share.unknown + share.undated


def _charted(told_by: set[Measure]) -> Iterator[Measure]:
    late = {Measure.ARRANGED, Measure.COLLECTED}
    return (each for each in CHARTED if each not in late or each in told_by)


def _chart(measure: Measure, total: Figures, period: int) -> Chart:
    rule = RULES[measure]
    unit = UNITS.get(measure, "orders")
    days = {day: row[measure] for day, row in total.days.items() if measure in row}
    whole = total.now[measure]
    line, many, rate = "their rate", whole.bad, whole.rate
    if rule.is_least:
        line, many, rate = "the rate of the others", whole.of - whole.bad, whole.well
    text = (
        f"{unit.capitalize()} per day as bars, those {rule.what} stacked on top; the line is "
        f"{line}, the dashed line the limit. {many:,} of {whole.of:,} in all: {shown(rate)} %."
    )
    if len(days) > period:
        text += " It is not the same date in every shop: the first and the last day are of some."
    title, least = f"{rule.title}, day by day", rule.is_least
    return chart(
        measure.value, title, text, days, rule.limit, of=unit, bad=rule.what, is_least=least
    )


@require_safe
@never_cache
def metrics_days(request: HttpRequest) -> HttpResponse:
    """GET /metrics/days.csv?<as the page>: a row for each shop and day."""
    try:
        asked = asked_of(request)
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
        yield f"{rule.title}: not counted, {unknown_words(measure)}", share.unknown
        yield f"{rule.title}: not counted, {undated_words(measure)}", share.undated


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
