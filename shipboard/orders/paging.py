"""Keyset paging: a page begins after the last row of the one before, or ends before the first row
of the one after, however deep. A cursor is that row's place: its run, its values and its key,
signed by the desk; it survives rows that come and go.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any, TypeVar

from django.core import signing
from django.db.models import BooleanField, F, Func, Q, QuerySet, Value
from django.db.models.lookups import GreaterThan, LessThan

from shipboard.channels.contract import Stage
from shipboard.orders.cards import BY_DEADLINE, FEW
from shipboard.orders.filters import BadFilter, OrderFilter, SortKey
from shipboard.orders.models import MOVING, TO_SHIP, TOTAL_OR_ZERO, Order
from shipboard.orders.stages import RANK, STAGES_OF, ways_into

Spot = TypeVar("Spot", bound=tuple[Any, int])


def keys_of_page(
    many: int,
    after: str,
    before: str,
    rows: Callable[[Spot | None, bool], list[Spot]],
    opened: Callable[[str], Spot],
    sealed: Callable[[Spot], str],
) -> tuple[list[int], str, str]:
    """Keys of one page of a list that is sorted by one value and the key, and the cursors of the
    next and the previous page. `rows` gives (value, key) of one row more than `many` from a place
    on, forwards or backwards; `opened` and `sealed` turn cursors into places and back."""
    start, is_back = before or after, bool(before)
    found = rows(opened(start) if start else None, is_back)
    if is_back and len(found) <= many:  # near the start: the first page, whole
        start, is_back, found = "", False, rows(None, False)
    shown = found[:many][::-1] if is_back else found[:many]
    has_more, has_less = is_back or len(found) > many, is_back or bool(start)
    return (
        [pk for _, pk in shown],
        sealed(shown[-1]) if shown and has_more else "",
        sealed(shown[0]) if shown and has_less else "",
    )


@dataclass(frozen=True)
class Page:
    """Rows of one page; `after` is the cursor of the next, blank on the last, and `before` that of
    the previous, blank on the first."""

    rows: Sequence[Order]
    after: str
    before: str = ""


@dataclass(frozen=True)
class Run:
    """Orders that stand together in a list, all of them before those of the next run, by columns
    that none of them lacks. Each part lies in one stage, so an index gives it in order."""

    name: str
    parts: tuple[Q, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """Where a row stands: in which run, with which values of its columns, and its key."""

    run: str
    values: tuple[Any, ...]
    pk: int


def page_of(orders: QuerySet[Order], filter_: OrderFilter, now: datetime) -> Page:
    """The page of `orders` that `filter_` asks for: its tab, stages, order and place are applied
    here. Raises BadFilter for a cursor that is not ours."""
    if filter_.before:
        return _page_before(orders, filter_, now)
    runs = runs_of(filter_, now)
    start = _open(filter_.after, "after", filter_, runs) if filter_.after else None
    places = _places(orders, runs, start, filter_.per_page + 1, filter_.sorting.descending)
    shown = places[: filter_.per_page]
    return Page(
        _rows(orders, shown),
        after=seal(shown[-1], filter_) if len(places) > len(shown) else "",
        before=seal(shown[0], filter_) if start and shown else "",
    )


def _page_before(orders: QuerySet[Order], filter_: OrderFilter, now: datetime) -> Page:
    """The page that ends before a place; near the start it is the first page, whole."""
    runs = runs_of(filter_, now)
    end = _open(filter_.before, "before", filter_, runs)
    backwards = not filter_.sorting.descending
    places = _places(orders, runs[::-1], end, filter_.per_page + 1, backwards)
    if len(places) <= filter_.per_page:
        return page_of(orders, replace(filter_, before=""), now)
    shown = places[-2::-1]
    return Page(_rows(orders, shown), seal(shown[-1], filter_), seal(shown[0], filter_))


def runs_of(filter_: OrderFilter, now: datetime) -> list[Run]:
    """The runs of a list, first to last."""
    key, descending = filter_.sorting.key, filter_.sorting.descending
    in_tab = frozenset(STAGES_OF.get(filter_.tab, Stage))
    shown = in_tab.intersection(filter_.stage) if filter_.stage else in_tab
    match key:
        case SortKey.CREATED:
            return [Run("", _parts(filter_, shown, now), ("created_at",))]
        case SortKey.TOTAL:
            return [Run("", _parts(filter_, shown, now), ("currency", "by_total"))]
        case SortKey.SHIP_BY:
            return _by_instant("", _parts(filter_, shown, now), "ship_by")
        case SortKey.PAID:
            return _by_instant("", _parts(filter_, shown, now), "paid_at")
        case SortKey.STATUS:
            return [
                run
                for stage in sorted(shown, key=lambda stage: RANK[stage], reverse=descending)
                for run in _by_instant(stage.value, _parts(filter_, {stage}, now), "ship_by")
            ]


def _by_instant(name: str, parts: Iterable[Q], column: str) -> list[Run]:
    """Orders without the instant come last in either direction."""
    known, missing = Q(**{f"{column}__isnull": False}), Q(**{f"{column}__isnull": True})
    return [
        Run(name, tuple(part & known for part in parts), (column,)),
        Run(f"{name} missing", tuple(part & missing for part in parts), ()),
    ]


def _parts(filter_: OrderFilter, shown: Collection[Stage], now: datetime) -> tuple[Q, ...]:
    """Conditions, each of one stored stage, that together let the orders of `shown` through. What
    a search, a case or a lost parcel has found is few, and sorted as it is."""
    parts = ways_into(shown, now)
    if filter_.q or filter_.urgency in FEW:
        return (reduce(or_, parts.values(), Q(pk__in=[])),)
    if filter_.urgency in BY_DEADLINE:
        parts = {stage: parts[stage] for stage in parts if stage in (*TO_SHIP, *MOVING)}
    return tuple(parts.values()) or (Q(pk__in=[]),)


def _places(
    orders: QuerySet[Order], runs: Sequence[Run], start: Place | None, many: int, descending: bool
) -> list[Place]:
    """The first `many` places beyond `start`, run by run until there are enough."""
    found: list[Place] = []
    names = [run.name for run in runs]
    for run in runs[names.index(start.run) if start else 0 :]:
        beyond = _beyond(run, start, descending) if start and start.run == run.name else Q()
        rows = _merged(_plain(orders).filter(beyond), run, many - len(found), descending)
        found += [Place(run.name, tuple(values), pk) for *values, pk in rows]
        if len(found) == many:
            break
    return found


def _merged(
    orders: QuerySet[Order], run: Run, many: int, descending: bool
) -> QuerySet[Order, tuple[Any, ...]]:
    """Values and keys of the first `many` of a run: of as many from each of its parts."""
    wanted = (*run.columns, "id")
    order = [("-" if descending else "") + name for name in wanted]
    parts = [orders.filter(part).values_list(*wanted).order_by(*order)[:many] for part in run.parts]
    return parts[0].union(*parts[1:], all=True).order_by(*order)[:many] if parts[1:] else parts[0]


def _plain(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Places need none of the parts that rows are shown with."""
    return orders.select_related(None).prefetch_related(None).annotate(by_total=TOTAL_OR_ZERO)


def _beyond(run: Run, place: Place, descending: bool) -> Q:
    """Rows of a run beyond `place` in its order: a comparison of rows, which an index answers."""
    there = Row(*(F(name) for name in (*run.columns, "id")))
    here = Row(*(Value(value) for value in (*place.values, place.pk)))
    return Q(LessThan(there, here) if descending else GreaterThan(there, here))


class Row(Func):
    """Several values that are compared as one, the first that differs deciding."""

    template = "row(%(expressions)s)"
    output_field = BooleanField()  # so that it may be compared; nothing reads it


def _rows(orders: QuerySet[Order], places: Sequence[Place]) -> list[Order]:
    """The orders at `places`, with their parts."""
    pks = [place.pk for place in places]
    by_pk = {order.pk: order for order in orders.filter(pk__in=pks)}
    return [by_pk[pk] for pk in pks if pk in by_pk]


#: What nobody else has signed is never read, so a cursor needs no other checks.
SIGNER = signing.Signer(salt="shipboard.orders.paging", sep="~")
#: How the columns that are not text are written and read.
READ: Mapping[str, Any] = {
    "created_at": datetime.fromisoformat,
    "ship_by": datetime.fromisoformat,
    "paid_at": datetime.fromisoformat,
    "by_total": Decimal,
}


def seal(place: Place, filter_: OrderFilter) -> str:
    """The cursor of a place in the list of `filter_`."""
    values = [v.isoformat() if isinstance(v, datetime) else str(v) for v in place.values]
    return SIGNER.sign_object([str(filter_.sorting), place.run, *values, place.pk])


def _open(cursor: str, name: str, filter_: OrderFilter, runs: Iterable[Run]) -> Place:
    try:
        sort, run_name, *values, pk = SIGNER.unsign_object(cursor)
    except signing.BadSignature:
        sort, run_name, values, pk = "", "", [], 0
    columns = {run.name: run.columns for run in runs}.get(run_name, ())
    if sort != str(filter_.sorting) or run_name not in {run.name for run in runs}:
        raise BadFilter(f"{name}= is not a place in this list; go back to the first page.")
    read = tuple(READ.get(each, str)(value) for each, value in zip(columns, values, strict=True))
    return Place(run_name, read, pk)
