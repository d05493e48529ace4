"""Keyset paging: a page begins after the last row of the one before, however deep. A cursor is
the sort values and key of that row, signed by the desk; it survives rows that come and go.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core import signing
from django.db.models import Case, DateTimeField, F, Func, IntegerField, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from shipboard.orders.filters import BadFilter, OrderFilter, Sort, SortKey
from shipboard.orders.models import NEVER, TOTAL_OR_ZERO, Order
from shipboard.orders.stages import RANK, stage_at, stage_now

#: The counterpart of NEVER: puts rows without the instant last when the newest come first.
LONG_AGO = Func(template="'-infinity'::timestamptz", output_field=DateTimeField())


@dataclass(frozen=True)
class Page:
    """Rows of one page; `after` is the cursor of the next, blank on the last."""

    rows: Sequence[Order]
    after: str


@dataclass(frozen=True)
class Column:
    """One thing a sort compares; never null. `of` gives a row's value as cursor text, `read`
    turns that text into a value to compare with."""

    expression: Combinable
    of: Callable[[Order], str]
    read: Callable[[str], Any]


def instant(name: str, *, descending: bool) -> Column:
    """An instant column; rows without one come last in either direction."""
    missing = "-infinity" if descending else "infinity"
    blank = LONG_AGO if descending else NEVER

    def of(order: Order) -> str:
        value = getattr(order, name)
        return value.isoformat() if value else missing

    def read(text: str) -> Any:
        return blank if text == missing else datetime.fromisoformat(text)

    return Column(Coalesce(name, blank), of, read)


def columns_of(sort: Sort, now: datetime) -> dict[str, Column]:
    """The columns a sort compares, in order; the primary key decides after them."""
    match sort.key:
        case SortKey.SHIP_BY:
            return {"by_ship_by": instant("ship_by", descending=sort.descending)}
        case SortKey.PAID:
            return {"by_paid": instant("paid_at", descending=sort.descending)}
        case SortKey.TOTAL:
            return {
                "by_currency": Column(F("currency"), lambda order: order.currency, str),
                "by_total": Column(
                    TOTAL_OR_ZERO, lambda order: str(order.total or Decimal(0)), Decimal
                ),
            }
        case SortKey.STATUS:
            whens = [When(stage_now=stage, then=Value(rank)) for stage, rank in RANK.items()]
            return {
                "by_rank": Column(
                    Case(*whens, output_field=IntegerField()),
                    lambda order: str(RANK[stage_now(order, now)]),
                    int,
                ),
                "by_ship_by": instant("ship_by", descending=sort.descending),
            }
        case SortKey.CREATED:
            return {
                "created_at": Column(
                    F("created_at"),
                    lambda order: order.created_at.isoformat(),
                    datetime.fromisoformat,
                )
            }


def page_of(orders: QuerySet[Order], filter_: OrderFilter, now: datetime) -> Page:
    """The page that `filter_` asks for. Raises BadFilter for a cursor that is not ours."""
    sort = filter_.sorting
    columns = columns_of(sort, now)
    orders = orders.alias(stage_now=stage_at(now))
    orders = orders.alias(
        **{name: each.expression for name, each in columns.items() if name != "created_at"}
    )
    if filter_.after:
        orders = orders.filter(_beyond(_open(filter_.after, sort, columns), sort))
    sign = "-" if sort.descending else ""
    names = [sign + name for name in (*columns, "pk")]
    rows = list(orders.order_by(*names)[: filter_.per_page + 1])
    is_last = len(rows) <= filter_.per_page
    rows = rows[: filter_.per_page]
    return Page(rows, "" if is_last else _seal(rows[-1], sort, columns))


def _beyond(last: Mapping[str, Any], sort: Sort) -> Q:
    """Rows after `last` in the order of its keys: row comparison spelled out, led by a plain
    bound on the first column that an index can start from."""
    beyond = "lt" if sort.descending else "gt"
    names = list(last)
    wanted = Q()
    for depth, name in enumerate(names):
        equal = Q(**{each: last[each] for each in names[:depth]})
        wanted |= equal & Q(**{f"{name}__{beyond}": last[name]})
    first = names[0]
    return Q(**{f"{first}__{beyond}e": last[first]}) & wanted


#: What nobody else has signed is never read, so a cursor needs no other checks.
SIGNER = signing.Signer(salt="shipboard.orders.paging", sep="~")


def _seal(row: Order, sort: Sort, columns: Mapping[str, Column]) -> str:
    values = [str(sort), *(column.of(row) for column in columns.values()), row.pk]
    return SIGNER.sign_object(values)


def _open(cursor: str, sort: Sort, columns: Mapping[str, Column]) -> dict[str, Any]:
    try:
        sealed_sort, *values, pk = SIGNER.unsign_object(cursor)
    except signing.BadSignature:
        sealed_sort, values, pk = "", [], 0
    if sealed_sort != str(sort) or len(values) != len(columns):
        raise BadFilter("after= is not a place in this list; go back to the first page.")
    named = zip(columns.items(), values, strict=True)
    return {**{name: column.read(value) for (name, column), value in named}, "pk": pk}
