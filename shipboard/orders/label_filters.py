"""The filter of Shipping Labels: a frozen value read from a query string. What it does not
understand it refuses, as the filter of orders does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import StrEnum

from shipboard.channels.contract import Rejection
from shipboard.orders.filters import (
    BadFilter,
    Logistics,
    Reader,
    day,
    many,
    one_value,
    per_page,
    query_of,
    search,
    single,
    texts,
)
from shipboard.orders.label_states import WORDS, LabelState, Printed
from shipboard.orders.values import is_storable


class LabelTab(StrEnum):
    """Every label is in one of these but for the first, which holds orders that have none yet."""

    TO_CREATE = "to_create"
    CREATING = "creating"
    CREATED = "created"
    PRINTED = "printed"
    REJECTED = "rejected"
    VOIDED = "voided"


TAB_LABELS: Mapping[LabelTab, str] = {
    LabelTab.TO_CREATE: WORDS[LabelState.NONE],
    LabelTab.CREATING: WORDS[LabelState.CREATING],
    LabelTab.CREATED: WORDS[LabelState.CREATED],
    LabelTab.PRINTED: WORDS[LabelState.PRINTED],
    LabelTab.REJECTED: WORDS[LabelState.REJECTED],
    LabelTab.VOIDED: WORDS[LabelState.VOIDED],
}


class LabelSort(StrEnum):
    SHIP_BY = "ship_by"
    SHIP_BY_LAST = "-ship_by"
    ASKED = "asked"
    ASKED_LAST = "-asked"

    @property
    def descending(self) -> bool:
        return self.value.startswith("-")


class YesOnly(StrEnum):
    YES = "yes"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelFilter:
    """Which labels, in which order, and which page of them. `reason` is why creating failed; days
    are the shop's, both ends included."""

    tab: LabelTab = LabelTab.TO_CREATE
    q: tuple[str, ...] = ()
    reason: tuple[Rejection, ...] = ()
    stale: YesOnly | None = None
    printed: Printed | None = None
    carrier: tuple[str, ...] = ()
    service: tuple[str, ...] = ()
    logistics: tuple[Logistics, ...] = ()
    warehouse: tuple[str, ...] = ()
    shop: tuple[str, ...] = ()
    ship_by_from: date | None = None
    ship_by_to: date | None = None
    sort: LabelSort | None = None
    per_page: int = 50
    after: str = ""
    before: str = ""

    @property
    def sorting(self) -> LabelSort:
        """As asked for; else what must be shipped first, and of what is over the newest."""
        if self.sort:
            return self.sort
        is_over = self.tab in (LabelTab.PRINTED, LabelTab.VOIDED)
        return LabelSort.ASKED_LAST if is_over else LabelSort.SHIP_BY

    def query(self, **changes: object) -> str:
        """The query string of this filter with `changes`; a change of rows returns to page one."""
        return query_of(self, changes)

    def at(self, tab: LabelTab) -> LabelFilter:
        """The same in another tab, without what is not asked there."""
        moved = replace(self, tab=tab, sort=None, after="", before="", printed=None, stale=None)
        if tab is not LabelTab.REJECTED:
            moved = replace(moved, reason=())
        return replace(moved, service=()) if tab is LabelTab.TO_CREATE else moved

    @property
    def is_narrowed(self) -> bool:
        looks = {"tab", "shop", "sort", "per_page", "after", "before"}
        return any(getattr(self, each.name) for each in fields(self) if each.name not in looks)


READERS: Mapping[str, Reader] = {
    "tab": single(LabelTab),
    "q": search,
    "reason": many(Rejection),
    "stale": single(YesOnly),
    "printed": single(Printed),
    "carrier": texts,
    "service": texts,
    "logistics": many(Logistics),
    "warehouse": texts,
    "shop": texts,
    "ship_by_from": day,
    "ship_by_to": day,
    "sort": single(LabelSort),
    "per_page": per_page,
    "after": one_value,
    "before": one_value,
}


def parse(given: Iterable[tuple[str, str]]) -> LabelFilter:
    """The filter that parameters mean; blank values count as not given. A reason moves to Rejected,
    and `printed` to the tab that it tells from the other. Raises BadFilter."""
    values: dict[str, list[str]] = {}
    for name, value in given:
        if name not in READERS:
            known = ", ".join(READERS)
            raise BadFilter(f"{name!r} is not a filter of Shipping Labels. There are {known}.")
        if not is_storable(value):
            raise BadFilter(f"{name} holds a character that no label can hold.")
        if value.strip():
            values.setdefault(name, []).append(value.strip())
    read = LabelFilter(**{name: READERS[name](name, each) for name, each in values.items()})  # type: ignore[arg-type]
    first, last = read.ship_by_from, read.ship_by_to
    if first and last and first > last:
        raise BadFilter(f"ship_by_from={first} is after ship_by_to={last}; swap the two days.")
    if read.after and read.before:
        raise BadFilter("after= and before= are two places; give one of them.")
    return _settled(read)


def _settled(read: LabelFilter) -> LabelFilter:
    if read.reason and read.tab is not LabelTab.REJECTED:
        read = replace(read, tab=LabelTab.REJECTED)
    if read.printed and read.tab in (LabelTab.TO_CREATE, LabelTab.CREATED, LabelTab.PRINTED):
        tab = LabelTab.PRINTED if read.printed is Printed.YES else LabelTab.CREATED
        return replace(read, tab=tab, printed=None)
    if read.tab is LabelTab.TO_CREATE:
        for name in ("stale", "service"):
            if getattr(read, name):
                raise BadFilter(f"{name}= is asked of labels; open another tab than To create.")
    return read
