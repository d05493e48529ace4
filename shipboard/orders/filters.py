"""The filter is a thing: a frozen value read from a query string, the same for page, command line,
export and bulk run. What it does not understand it refuses, so that a typo never widens a list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.db.models import TextChoices

from shipboard.channels.contract import CaseKind, OrderType, Shipping, Stage
from shipboard.channels.models import Warehouse
from shipboard.orders.cards import Card
from shipboard.orders.label_states import LabelState, Printed
from shipboard.orders.scans import LogisticsTag
from shipboard.orders.stages import STAGES_OF, Tab
from shipboard.orders.values import TooManyValues, is_storable, join_values, split_values

PER_PAGE = (20, 50, 100)
Logistics = Warehouse.Logistics


class BadFilter(ValueError):
    """A parameter or value that is not understood; the message is a sentence naming it."""


class SortKey(StrEnum):
    STATUS = "status"
    SHIP_BY = "ship_by"
    PAID = "paid"
    CREATED = "created"
    TOTAL = "total"


class Contents(StrEnum):
    SINGLE_SKU = "single_sku"
    MULTI_SKU = "multi_sku"


class Packages(StrEnum):
    SPLIT = "split"
    COMBINED = "combined"


class Has(StrEnum):
    BUYER_MESSAGE = "buyer_message"
    SELLER_NOTE = "seller_note"


class Held(StrEnum):
    YES = "yes"
    NO = "no"
    #: Held, and the reminder has come.
    DUE = "due"


class FlagChoice(StrEnum):
    """A colour (orders.models.Colour), any, or none at all."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    GREEN = "green"
    BLUE = "blue"
    PURPLE = "purple"
    ANY = "any"
    NONE = "none"


class CanceledBy(StrEnum):
    BUYER = "buyer"
    SELLER = "seller"
    SYSTEM = "system"
    OPERATOR = "operator"


class View(StrEnum):
    LIST = "list"
    CARD = "card"


@dataclass(frozen=True, slots=True)
class Sort:
    key: SortKey
    descending: bool = False

    def __str__(self) -> str:
        return ("-" if self.descending else "") + self.key


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFilter:
    """Which orders, in which order, and which page of them. Dates are days of the shop, both ends
    included. Empty tuples, None and '' mean: not filtered by this."""

    tab: Tab = Tab.ALL
    stage: tuple[Stage, ...] = ()
    urgency: Card | None = None
    q: tuple[str, ...] = ()
    shop: tuple[str, ...] = ()
    shipping: tuple[Shipping, ...] = ()
    logistics: tuple[Logistics, ...] = ()
    logistics_tag: tuple[LogisticsTag, ...] = ()
    carrier: tuple[str, ...] = ()
    warehouse: tuple[str, ...] = ()
    delivery_option: tuple[str, ...] = ()
    order_type: tuple[OrderType, ...] = ()
    contents: Contents | None = None
    packages: Packages | None = None
    label: tuple[LabelState, ...] = ()
    printed: Printed | None = None
    has: tuple[Has, ...] = ()
    held: Held | None = None
    flag: tuple[FlagChoice, ...] = ()
    canceled_by: tuple[CanceledBy, ...] = ()
    case: tuple[CaseKind, ...] = ()
    currency: tuple[str, ...] = ()
    created_from: date | None = None
    created_to: date | None = None
    paid_from: date | None = None
    paid_to: date | None = None
    ship_by_from: date | None = None
    ship_by_to: date | None = None
    sort: Sort | None = None
    #: None: as the reader last looked.
    view: View | None = None
    per_page: int = 50
    after: str = ""
    before: str = ""

    @property
    def sorting(self) -> Sort:
        """The sort asked for, or the tab's own: what must be shipped first, else newest first."""
        if self.sort:
            return self.sort
        if self.tab == Tab.PENDING_SHIPPING:
            return Sort(SortKey.SHIP_BY)
        return Sort(SortKey.CREATED, descending=True)

    def query(self, **changes: object) -> str:
        """The query string of this filter with `changes`; a change of rows returns to page one."""
        return query_of(self, changes)

    def is_narrowed(self, besides: Collection[str] = ()) -> bool:
        """Whether anything but tab, stage chip, sorting, paging and `besides` narrows the list."""
        return any(getattr(self, name) for name in NARROWING.difference(besides))


#: Parameters of the Filter panel and the search box.
NARROWING = frozenset(
    each.name
    for each in fields(OrderFilter)
    if each.name not in {"tab", "stage", "sort", "view", "per_page", "after", "before"}
)


def query_of(filter_: Any, changes: Mapping[str, object]) -> str:
    """The query string of a filter (see `pairs`) with `changes`, at its first page unless they say
    which."""
    changed: Any = replace(filter_, **{"after": "", "before": "", **changes})
    return urlencode(list(pairs(changed)))


def pairs(filter_: Any) -> Iterable[tuple[str, str]]:
    """Parameters and values of a filter (of orders, labels or cases: a record whose fields all have
    defaults) as they stand in a query string; defaults are left out."""
    blank = type(filter_)()
    for each in fields(filter_):
        value = getattr(filter_, each.name)
        if value == getattr(blank, each.name):
            continue
        if each.name == "q":
            yield "q", join_values(value)
        elif isinstance(value, tuple):
            yield from ((each.name, str(one)) for one in value)
        else:
            yield each.name, str(value)


Reader = Callable[[str, list[str]], object]


def one_value(name: str, values: list[str]) -> str:
    if len(set(values)) > 1:
        raise BadFilter(f"{name} can be given once; it was given as {', '.join(values)}.")
    return values[0]


def _choice(of: type[StrEnum] | type[TextChoices]) -> Callable[[str, str], object]:
    allowed = [each.value for each in of if each.value]

    def read(name: str, value: str) -> object:
        if value not in allowed:
            raise BadFilter(f"{name}={value} is not known; {name} can be {', '.join(allowed)}.")
        return of(value)

    return read


def single(of: type[StrEnum]) -> Reader:
    read = _choice(of)
    return lambda name, values: read(name, one_value(name, values))


def many(of: type[StrEnum] | type[TextChoices]) -> Reader:
    read = _choice(of)
    return lambda name, values: tuple(dict.fromkeys(read(name, value) for value in values))


def texts(_name: str, values: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def day(name: str, values: list[str]) -> date:
    value = one_value(name, values)
    try:
        if not re.fullmatch(r"[12]\d{3}-\d{2}-\d{2}", value, re.ASCII):
            raise ValueError
        return date.fromisoformat(value)
    except ValueError:
        raise BadFilter(f"{name}={value} is not a day; write it as 2026-11-22.") from None


def sort(name: str, values: list[str]) -> Sort:
    value = one_value(name, values)
    key = value.removeprefix("-")
    if key not in [each.value for each in SortKey]:
        known = ", ".join(each.value for each in SortKey)
        raise BadFilter(f"sort={value} is not known; sort can be {known}, each also with a -.")
    return Sort(SortKey(key), value.startswith("-"))


def per_page(name: str, values: list[str]) -> int:
    value = one_value(name, values)
    if value not in map(str, PER_PAGE):
        raise BadFilter(f"per_page={value} is not offered; it can be 20, 50 or 100.")
    return int(value)


def currencies(name: str, values: list[str]) -> tuple[str, ...]:
    for value in values:
        if not re.fullmatch(r"[A-Za-z]{3}", value):
            raise BadFilter(f"{name}={value} is not a currency; write three letters, such as USD.")
    return tuple(dict.fromkeys(value.upper() for value in values))


def search(_name: str, values: list[str]) -> tuple[str, ...]:
    try:
        # Taken apart one by one: a stray quote in one must not swallow the next.
        return split_values(join_values(one for each in values for one in split_values(each)))
    except TooManyValues as problem:
        raise BadFilter(str(problem)) from None


READERS: Mapping[str, Reader] = {
    "tab": single(Tab),
    "stage": many(Stage),
    "urgency": single(Card),
    "q": search,
    "shop": texts,
    "shipping": many(Shipping),
    "logistics": many(Logistics),
    "logistics_tag": many(LogisticsTag),
    "carrier": texts,
    "warehouse": texts,
    "delivery_option": texts,
    "order_type": many(OrderType),
    "contents": single(Contents),
    "packages": single(Packages),
    "label": many(LabelState),
    "printed": single(Printed),
    "has": many(Has),
    "held": single(Held),
    "flag": many(FlagChoice),
    "canceled_by": many(CanceledBy),
    "case": many(CaseKind),
    "currency": currencies,
    "created_from": day,
    "created_to": day,
    "paid_from": day,
    "paid_to": day,
    "ship_by_from": day,
    "ship_by_to": day,
    "sort": sort,
    "view": single(View),
    "per_page": per_page,
    "after": one_value,
    "before": one_value,
}


def parse(query: str | Iterable[tuple[str, str]]) -> OrderFilter:
    """The filter that a query string means; blank values count as not given. Choosing a stage
    outside the open tab moves to All. Raises BadFilter."""
    given: dict[str, list[str]] = {}
    items = parse_qsl(query, keep_blank_values=True) if isinstance(query, str) else query
    for name, value in items:
        if name not in READERS:
            raise BadFilter(
                f"{name!r} is not a filter of the order list; check the spelling. "
                f"There are {', '.join(READERS)}."
            )
        if not is_storable(value):
            raise BadFilter(f"{name} holds a character that no order can hold.")
        if value.strip():
            given.setdefault(name, []).append(value.strip())
    read = OrderFilter(**{name: READERS[name](name, values) for name, values in given.items()})  # type: ignore[arg-type]
    _check_days(read)
    if read.after and read.before:
        raise BadFilter("after= and before= are two places; give one of them.")
    if read.tab != Tab.ALL and any(each not in STAGES_OF[read.tab] for each in read.stage):
        return replace(read, tab=Tab.ALL)
    return read


def _check_days(read: OrderFilter) -> None:
    for name in ("created", "paid", "ship_by"):
        first, last = getattr(read, f"{name}_from"), getattr(read, f"{name}_to")
        if first and last and first > last:
            raise BadFilter(f"{name}_from={first} is after {name}_to={last}; swap the two days.")
