"""What the marketplace will say of a shop: how many orders were late, canceled by the seller's
fault and tracked, day by day of the shop, and how long they took. Asked of the orders as they are
with the present instant; nothing is stored. The formulas are in metric_rules.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from django.db import connection

from shipboard.channels.models import Shop
from shipboard.orders.metric_rules import JUDGED_AFTER, RULES, Measure
from shipboard.orders.metrics_sql import COUNTS, SPANS, TOLD

DAYS = (7, 14, 30)


@dataclass(frozen=True, slots=True)
class Share:
    """So many `bad` ones of `of`. Beside them, in neither: `unknown`, of which nobody told how they
    ended, and `undated`, which have no deadline or date that is known here."""

    of: int = 0
    bad: int = 0
    unknown: int = 0
    undated: int = 0

    def __add__(self, other: Share) -> Share:
        return Share(
            self.of + other.of,
            self.bad + other.bad,
            self.unknown + other.unknown,
            self.undated + other.undated,
        )

    @property
    def rate(self) -> Decimal | None:
        """Per cent, exactly; None when there is nothing to divide by."""
        return Decimal(100 * self.bad) / self.of if self.of else None

    @property
    def well(self) -> Decimal | None:
        """What is left of 100."""
        return None if self.rate is None else 100 - self.rate


class Meaning(StrEnum):
    """What "shipped" means for the time from payment."""

    ARRANGED = "arranged"
    COLLECTED = "collected"


@dataclass(frozen=True, slots=True)
class Span:
    """The time from payment to shipment of `orders`; None without any."""

    orders: int = 0
    median: timedelta | None = None
    slow: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """`days` whole days of a shop, the last of which is the one that `now` is in."""

    days: int
    #: The first instants of its days and of as many before them, and of the day after the last.
    midnights: tuple[datetime, ...]
    #: The first day of all of these.
    earliest: date

    @property
    def before(self) -> datetime:
        return self.midnights[0]

    @property
    def start(self) -> datetime:
        return self.midnights[self.days]

    @property
    def end(self) -> datetime:
        return self.midnights[-1]

    @property
    def first(self) -> date:
        return self.day(self.days)

    @property
    def last(self) -> date:
        return self.day(2 * self.days - 1)

    def day(self, number: int) -> date:
        return self.earliest + timedelta(days=number)


def dates_of(periods: Collection[Period]) -> tuple[date, date]:
    """The first and the last date of which something counts: where the shops' days differ, one
    more than a period has."""
    return min(each.first for each in periods), max(each.last for each in periods)


def period_of(shop: Shop, days: int, now: datetime) -> Period:
    """In the shop's zone, whatever its days' lengths."""
    zone = shop.zone
    earliest = now.astimezone(zone).date() - timedelta(days=2 * days - 1)
    each = (earliest + timedelta(days=number) for number in range(2 * days + 1))
    return Period(days, tuple(datetime.combine(day, time.min, zone) for day in each), earliest)


NOTHING: Mapping[Measure, Share] = {measure: Share() for measure in Measure}


@dataclass(frozen=True)
class Figures:
    """Of one shop, or of several together."""

    now: Mapping[Measure, Share]
    before: Mapping[Measure, Share]
    days: Mapping[date, Mapping[Measure, Share]] = field(default_factory=dict)
    spans: Mapping[Meaning, Span] = field(default_factory=dict)
    spans_before: Mapping[Meaning, Span] = field(default_factory=dict)


@dataclass(frozen=True)
class Metrics:
    """`of` by the shop's key; `total` of all of them together."""

    of: Mapping[int, Figures]
    total: Figures


#: Late dispatch alone, both meanings of it.
LATE = (Measure.ARRANGED, Measure.COLLECTED)
#: What rates are held against, told either way round.
LIMITS = {side for rule in RULES.values() for side in (rule.limit, 100 - rule.limit)}


def metrics(
    shops: Sequence[Shop], days: int, now: datetime, measures: Sequence[Measure] = tuple(Measure)
) -> Metrics:
    """Of the last `days` days of each shop and of as many before them. Two queries; one, without
    the time that shipping took, for fewer than all `measures`: the others are then blank."""
    periods = {shop.pk: period_of(shop, days, now) for shop in shops}
    told = _counted(shops, periods, now, measures)
    spans = _spans(shops, periods) if len(measures) == len(Measure) else {}
    of = {shop.pk: _figures(periods[shop.pk], told[shop.pk], spans, shop.pk) for shop in shops}
    return Metrics(of, _together(of.values(), spans))


def total_where_counted(found: Metrics, counted: Mapping[int, Measure]) -> Figures:
    """The total, where each meaning of late dispatch is of the shops alone for which it counts
    (`counted`, by the shop's key); one that counts nowhere is of all."""

    def kept(pk: int, row: Mapping[Measure, Share]) -> Mapping[Measure, Share]:
        return {
            measure: share for measure, share in row.items() if pk in of_total(measure, counted)
        }

    parts = [
        Figures(
            kept(pk, of.now),
            kept(pk, of.before),
            {day: kept(pk, row) for day, row in of.days.items()},
        )
        for pk, of in found.of.items()
    ]
    total, spans = _together(parts, {}), found.total
    return replace(total, spans=spans.spans, spans_before=spans.spans_before)


def of_total(measure: Measure, counted: Mapping[int, Measure]) -> set[int]:
    """Keys of the shops of which the total of a measure is."""
    here = {pk for pk, each in counted.items() if each is measure}
    return here if measure in LATE and here else set(counted)


def seller_fault_rate(shop: Shop, now: datetime, more: int = 0, days: int = 7) -> Share:
    """Seller-fault cancellations of the shop's last `days` days, with `more` canceled now. Its
    limit is RULES[Measure.CANCELED].limit. One query."""
    periods = {shop.pk: period_of(shop, days, now)}
    told = _counted([shop], periods, now, (Measure.CANCELED,))[shop.pk]
    found = sum((share for (_, number), share in told.items() if number >= days), start=Share())
    return replace(found, bad=found.bad + more)


#: By measure and the number of the day, the first of the period before being 0.
Told = Mapping[tuple[Measure, int], Share]


def _counted(
    shops: Sequence[Shop],
    periods: Mapping[int, Period],
    now: datetime,
    measures: Iterable[Measure] = Measure,
) -> Mapping[int, Told]:
    """By the shop's key."""
    found: dict[int, dict[tuple[Measure, int], Share]] = defaultdict(dict)
    if not shops:
        return found
    statement = TOLD + " union all ".join(COUNTS[measure] for measure in measures)
    with connection.cursor() as cursor:
        cursor.execute(statement, given_of(shops, periods) | {"now": now})
        for shop, name, day, *numbers in cursor.fetchall():
            found[shop][Measure(name), day - 1] = Share(*map(int, numbers))
    return found


def given_of(shops: Sequence[Shop], periods: Mapping[int, Period]) -> dict[str, Any]:
    """What TOLD is asked with."""
    of = [periods[shop.pk] for shop in shops]
    return {
        "shops": [shop.pk for shop in shops],
        "midnights": [_array(period.midnights) for period in of],
        "since": [period.before for period in of],
        "start": [period.start for period in of],
        "until": [period.end for period in of],
        "reach": min(period.before for period in of) - JUDGED_AFTER,
        "last": max(period.end for period in of),
        "judged": JUDGED_AFTER,
    }


def _array(instants: Iterable[datetime]) -> str:
    """As PostgreSQL writes an array."""
    return "{" + ",".join(each.astimezone(UTC).isoformat() for each in instants) + "}"


def _figures(
    period: Period,
    told: Told,
    spans: Mapping[tuple[int | None, Meaning, bool], Span],
    shop: int,
) -> Figures:
    rows = [
        {measure: told.get((measure, number), Share()) for measure in Measure}
        for number in range(2 * period.days)
    ]
    days = {period.day(number): rows[number] for number in range(period.days, 2 * period.days)}
    earlier = _sum(rows[: period.days])
    return Figures(_sum(days.values()), earlier, days, *_spans_of(spans, shop))


def _sum(
    rows: Iterable[Mapping[Measure, Share]], start: Mapping[Measure, Share] = NOTHING
) -> dict[Measure, Share]:
    total = dict(start)
    for row in rows:
        for measure, share in row.items():
            total[measure] = total.get(measure, Share()) + share
    return total


def _together(
    of: Iterable[Figures], spans: Mapping[tuple[int | None, Meaning, bool], Span]
) -> Figures:
    """Days of the same date stand together, though those of other zones begin elsewhere. A measure
    lacks the days that are in the period of none of its shops."""
    of = list(of)
    by_day: dict[date, list[Mapping[Measure, Share]]] = defaultdict(list)
    for figures in of:
        for day, row in figures.days.items():
            by_day[day].append(row)
    days = {day: _sum(rows, {}) for day, rows in sorted(by_day.items())}
    return Figures(
        _sum(each.now for each in of),
        _sum(each.before for each in of),
        days,
        *_spans_of(spans, None),
    )


def _spans(
    shops: Sequence[Shop], periods: Mapping[int, Period]
) -> Mapping[tuple[int | None, Meaning, bool], Span]:
    """By shop (None: all of them), meaning, and whether it is the period's or that before it."""
    if not shops:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(TOLD + SPANS, given_of(shops, periods))
        return {
            (shop, Meaning(name), is_now): Span(orders, _seconds(median), _seconds(slow))
            for shop, name, is_now, orders, median, slow in cursor.fetchall()
        }


def _seconds(value: float | None) -> timedelta | None:
    return None if value is None else timedelta(seconds=round(value))


def _spans_of(
    spans: Mapping[tuple[int | None, Meaning, bool], Span], shop: int | None
) -> tuple[dict[Meaning, Span], dict[Meaning, Span]]:
    now, before = (
        {meaning: spans.get((shop, meaning, is_now), Span()) for meaning in Meaning}
        for is_now in (True, False)
    )
    return now, before


def shown(rate: Decimal | None) -> str:
    """`3.1`, as screens show a rate; one beside a limit has as many places as tell it from that."""
    if rate is None:
        return "—"
    for places in range(1, 7):
        said = rate.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
        if said not in LIMITS or said == rate:
            break
    return f"{said:f}"


def is_over(measure: Measure, rate: Decimal | None) -> bool:
    return rate is not None and rate > RULES[measure].limit
