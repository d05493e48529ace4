"""Too much for one file, and how to split it: periods of the shops' own days, each small enough, by
whole months where they are; a day that is too much alone by shop, and by stage.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import QuerySet

from shipboard.channels.contract import Stage
from shipboard.fulfilment.selection import MOST
from shipboard.orders.models import Order
from shipboard.orders.overlays import Refused
from shipboard.orders.stages import STAGE_LABELS, stage_at

#: The marketplace's own bound of one export.
MOST_ORDERS = MOST
SHOWN = 6
NARROWER = "them by warehouse, delivery option, carrier or SKUs"
Day = tuple[date, int]


@dataclass(frozen=True, slots=True)
class Period:
    """`orders` that were created on days from `first` to `last`, both included; where named, those
    of one shop (slug and name) and of one stage alone."""

    first: date
    last: date
    orders: int
    shop: tuple[str, str] = ("", "")
    stage: str = ""

    @property
    def query(self) -> str:
        query = f"created_from={self.first}&created_to={self.last}"
        query += f"&shop={self.shop[0]}" if self.shop[0] else ""
        return query + (f"&stage={self.stage}" if self.stage else "")

    @property
    def words(self) -> str:
        """`2026-11-22 to 2026-11-22, Northwind, In transit`."""
        stage = STAGE_LABELS[Stage(self.stage)] if self.stage else ""
        named = (f"{self.first} to {self.last}", self.shop[1], stage)
        return ", ".join(filter(None, named))


class TooMany(Refused):
    """More than fit in one file; `periods` are parts that do, oldest first. `beyond`: parts that
    neither a day, a shop nor a stage makes small enough."""

    def __init__(
        self, message: str, periods: tuple[Period, ...] = (), beyond: tuple[Period, ...] = ()
    ) -> None:
        super().__init__(message)
        self.periods, self.beyond = periods, beyond


def too_many_orders(orders: QuerySet[Order], found: int, now: datetime) -> TooMany:
    """What to say of `orders`, `found` of them: more than the marketplace's bound of one export."""
    made = [
        piece
        for each in parts(days_of(orders), MOST_ORDERS)
        for piece in ([each] if each.orders <= MOST_ORDERS else _of_a_day(orders, each, now))
    ]
    periods = tuple(each for each in made if each.orders <= MOST_ORDERS)
    beyond = tuple(each for each in made if each.orders > MOST_ORDERS)
    told = [f"{each.query} ({each.orders:,} orders)" for each in periods[:SHOWN]]
    if len(periods) > SHOWN:
        told.append(f"and {len(periods) - SHOWN:,} more")
    split = f", or split them by period: {'; '.join(told)}" if told else ""
    return TooMany(
        f"{found:,} orders are too many for one file, which holds {MOST_ORDERS:,}. Filter by a "
        f"status first{split}. {beyond_words(beyond)}".rstrip(),
        periods,
        beyond,
    )


def beyond_words(beyond: Iterable[Period]) -> str:
    """What to do about parts that are too many even so; blank when there are none."""
    told = "; ".join(f"{each.words} ({each.orders:,} orders)" for each in beyond)
    return f"Too many even so: {told}. Narrow {NARROWER}." if told else ""


def _of_a_day(orders: QuerySet[Order], day: Period, now: datetime) -> Iterator[Period]:
    """A day that is too big, by shop, and where a shop's alone is too big by stage at `now`."""
    by_shop: dict[tuple[str, str], dict[str, int]] = {}
    for slug, name, stage, many in _stages_of(orders, day.first, now):
        by_shop.setdefault((slug, name), {})[stage] = many
    for shop, stages in by_shop.items():
        whole = replace(day, shop=shop, orders=sum(stages.values()))
        if whole.orders <= MOST_ORDERS:
            yield whole
        else:
            yield from (replace(whole, stage=stage, orders=n) for stage, n in stages.items())


def _stages_of(
    orders: QuerySet[Order], day: date, now: datetime
) -> list[tuple[str, str, str, int]]:
    """(slug, name, stage, orders) of those created on `day` of their shop."""
    staged = orders.order_by().annotate(stage_now=stage_at(now))
    chosen, given = staged.values("shop_id", "created_at", "stage_now").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            "select shop.slug, shop.name, chosen.stage, count(*) "  # noqa: S608
            f"from ({chosen}) as chosen(shop, at, stage) join shop on shop.id = chosen.shop "
            "where (chosen.at at time zone shop.timezone)::date = %s "
            "group by shop.id, chosen.stage order by shop.name, shop.id, chosen.stage",
            [*given, day],
        )
        return list(cursor.fetchall())


def too_many_rows(rows: int, most: int) -> TooMany:
    return TooMany(
        f"{rows:,} rows are more than a sheet can have ({most:,}). Take CSV, or export fewer "
        "orders at a time."
    )


def days_of(orders: QuerySet[Order]) -> list[Day]:
    """How many of `orders` were created on each day of their shop, oldest first."""
    chosen, given = orders.order_by().values("shop_id", "created_at").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            "select (chosen.at at time zone shop.timezone)::date, count(*) "  # noqa: S608
            f"from ({chosen}) as chosen(shop, at) join shop on shop.id = chosen.shop "
            "group by 1 order by 1",
            given,
        )
        return list(cursor.fetchall())


def parts(days: Iterable[Day], most: int) -> tuple[Period, ...]:
    """Periods of at most `most` orders. Months stay whole and are put together while they fit; a
    month that is too big is cut by days. A day that is too big stands alone."""
    made: list[Period] = []
    for month in _months(days):
        if sum(orders for _, orders in month) > most:
            made += _joined([Period(day, day, orders) for day, orders in month], most)
            continue
        first = month[0][0].replace(day=1)
        whole = Period(first, _month_end(first), sum(orders for _, orders in month))
        last = made.pop() if made else None
        made += _joined([*([last] if last else []), whole], most)
    return tuple(made)


def _joined(periods: Iterable[Period], most: int) -> list[Period]:
    """Neighbours put together while they hold no more than `most`."""
    made: list[Period] = []
    for period in periods:
        if made and made[-1].orders + period.orders <= most:
            made[-1] = Period(made[-1].first, period.last, made[-1].orders + period.orders)
        else:
            made.append(period)
    return made


def _months(days: Iterable[Day]) -> Iterable[list[Day]]:
    months: dict[date, list[Day]] = {}
    for day, orders in days:
        months.setdefault(day.replace(day=1), []).append((day, orders))
    return months.values()


def _month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
