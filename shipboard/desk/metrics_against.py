"""Metrics, the orders behind a number: those that count against a rate, each with why it does, and
those that took longest from payment to shipment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from shipboard import clock
from shipboard.channels.models import Shop
from shipboard.desk.errors import refused
from shipboard.desk.metrics_asked import Asked, asked_of, took
from shipboard.desk.metrics_numbers import bad_words
from shipboard.orders.filters import BadFilter
from shipboard.orders.metric_rules import JUDGED_AFTER, RULES, Measure
from shipboard.orders.metrics import (
    LATE,
    Meaning,
    Share,
    metrics,
    of_total,
    shown,
    total_where_counted,
)
from shipboard.orders.metrics_against import MANY, Counted, Page, against, slowest
from shipboard.orders.metrics_forecast import counted_by
from shipboard.orders.metrics_sql import DEADLINE, DONE, OPEN_STAGES
from shipboard.orders.models import Order

#: What the columns of instants are called.
MOMENTS: Mapping[Measure, Sequence[str]] = {
    Measure.ARRANGED: ("Ship by", "Arranged"),
    Measure.COLLECTED: ("Collect by", "First scan"),
    Measure.CANCELED: ("Confirmed", "Canceled"),
    Measure.TRACKED: ("Arranged", "Judged"),
}
SLOWEST = {f"took_{meaning}": meaning for meaning in Meaning}
WHICH = (*(measure.value for measure in Measure), *SLOWEST)


@dataclass(frozen=True)
class Row:
    """An order, or a package with its orders. An instant is None where nothing happened, or nobody
    told. `besides`: words of the marketplace, or numbers."""

    orders: Sequence[Order]
    moments: Sequence[datetime | None]
    why: str
    besides: str = ""

    @property
    def shop(self) -> Shop:
        return self.orders[0].shop


@require_safe
@never_cache
def metrics_against(request: HttpRequest) -> HttpResponse:
    """GET /metrics/against/?of=<measure or took_...>[&shop=<slug>&days=7|14|30&after=|before=]."""
    now = clock.now()
    try:
        asked = asked_of(request, ("of", "after", "before"))
        of = request.GET.get("of", "")
        if of not in WHICH:
            raise BadFilter(f"of= says which number is meant: one of {', '.join(WHICH)}.")
        places = request.GET.get("after", ""), request.GET.get("before", "")
        context = (
            _slowest(asked, SLOWEST[of], now)
            if of in SLOWEST
            else _against(asked, Measure(of), now, *places)
        )
    except BadFilter as problem:
        return refused(request, problem)
    context |= {"asked": asked, "of": of, "period": asked.period(now), "at": now}
    return render(request, "metrics_against.html", context)


def _against(
    asked: Asked, measure: Measure, now: datetime, after: str, before: str
) -> dict[str, object]:
    shops, share = _judged(asked, measure, now)
    page: Page = against(shops, measure, asked.days, now, after, before)
    rule = RULES[measure]
    told = f"The rate is {shown(share.well if rule.is_least else share.rate)} %, {rule.threshold}"
    return {
        "title": rule.title,
        "heading": f"{bad_words(measure, share.bad)} against the rate",
        "leads": (f"{share.bad:,} of {share.of:,} count against it. {told}.", rule.formula),
        "moments": MOMENTS[measure],
        "last": "Why it counts",
        "rows": [_row(each, measure, now) for each in page.rows if each.orders],
        "page": page,
    }


def _judged(asked: Asked, measure: Measure, now: datetime) -> tuple[list[Shop], Share]:
    """What the page of the numbers shows for these shops, and of which of them it is."""
    if measure not in LATE:
        return asked.shops, metrics(asked.shops, asked.days, now, (measure,)).total.now[measure]
    found = metrics(asked.shops, asked.days, now, LATE)
    counted = {shop.pk: counted_by(shop, found.of[shop.pk]) for shop in asked.shops}
    here = of_total(measure, counted)
    shops = [shop for shop in asked.shops if shop.pk in here]
    return shops, total_where_counted(found, counted).now[measure]


def _slowest(asked: Asked, meaning: Meaning, now: datetime) -> dict[str, object]:
    measure, found = Measure(meaning), slowest(asked.shops, meaning, asked.days, now)
    title = f"From payment to {'arranged' if measure is Measure.ARRANGED else 'scanned'}"
    return {
        "title": title,
        "heading": "The slowest order" if len(found) == 1 else f"The {len(found)} slowest orders",
        "leads": (f"Of those shipped in the period, the {MANY} that took longest.",),
        "moments": ("Confirmed", MOMENTS[measure][1]),
        "last": "Took",
        "rows": [_slow(each, measure) for each in found],
        "page": Page(()),
    }


def _slow(of: Counted, measure: Measure) -> Row:
    begun, done = _confirmed(of.orders[0]), getattr(of.orders[0], DONE[measure])
    return Row(of.orders, (begun, done), took(done - begun if begun else None))


def _confirmed(order: Order) -> datetime | None:
    """Cash on delivery is confirmed when it is placed."""
    return order.created_at if order.is_cod else order.paid_at


def _row(of: Counted, measure: Measure, now: datetime) -> Row:
    match measure:
        case Measure.CANCELED:
            return _canceled(of)
        case Measure.TRACKED:
            return _untracked(of)
        case _:
            return _late(of, measure, now)


def _late(of: Counted, measure: Measure, now: datetime) -> Row:
    (order,) = of.orders
    due, done = getattr(order, DEADLINE[measure]), getattr(order, DONE[measure])
    word = "arranged" if measure is Measure.ARRANGED else "scanned"
    if order.stage not in OPEN_STAGES[measure]:
        why = f"{word.capitalize()} {_span(done - due)} late"
    elif done:
        why = f"Not all of it is {word} yet, {_span(now - due)} late"
    else:
        why = f"Not {word} yet, {_span(now - due)} late"
    return Row(of.orders, (due, done), why)


def _span(late: timedelta) -> str:
    return took(late) if late >= timedelta(minutes=1) else "less than a minute"


def _canceled(of: Counted) -> Row:
    (order,) = of.orders
    before = ", before the carrier had it" if order.canceled_by == "system" else ""
    why = f"Canceled by the {order.canceled_by}{before}"
    return Row(of.orders, (_confirmed(order), order.canceled_at), why, order.cancel_reason)


def _untracked(of: Counted) -> Row:
    """The first of its orders to be arranged dates a package."""
    known = [order.arranged_at for order in of.orders if order.arranged_at]
    moments = (min(known), min(known) + JUDGED_AFTER) if known else (None, None)
    number = of.parcel.tracking_number if of.parcel else ""
    why = "No carrier has scanned it" if number else "It has no tracking number"
    named = f"Tracking number {number}" if number else f"Package {of.parcel}"
    return Row(of.orders, moments, why, named)
