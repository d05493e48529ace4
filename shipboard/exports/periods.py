"""Too much for one file, and how to split it: periods of the shops' own days, each small enough, by
whole months where they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection
from django.db.models import QuerySet

from shipboard.fulfilment.selection import MOST
from shipboard.orders.models import Order
from shipboard.orders.overlays import Refused

#: The marketplace's own bound of one export.
MOST_ORDERS = MOST
SHOWN = 6
Day = tuple[date, int]


@dataclass(frozen=True, slots=True)
class Period:
    """`orders` that were created on days from `first` to `last`, both included."""

    first: date
    last: date
    orders: int

    @property
    def query(self) -> str:
        return f"created_from={self.first}&created_to={self.last}"


class TooMany(Refused):
    """More than fit in one file; `periods` are parts that do, oldest first."""

    def __init__(self, message: str, periods: tuple[Period, ...] = ()) -> None:
        super().__init__(message)
        self.periods = periods


def too_many_orders(orders: QuerySet[Order], found: int) -> TooMany:
    """What to say of `orders`, `found` of them: more than the marketplace's bound of one export."""
    periods = parts(days_of(orders), MOST_ORDERS)
    told = [f"{each.query} ({each.orders:,} orders)" for each in periods[:SHOWN]]
    if len(periods) > SHOWN:
        told.append(f"and {len(periods) - SHOWN:,} more")
    return TooMany(
        f"{found:,} orders are too many for one file, which holds {MOST_ORDERS:,}. Filter by a "
        f"status first, or split them by period: {'; '.join(told)}.",
        periods,
    )


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
