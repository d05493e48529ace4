"""The filter of Cancellations & returns: a frozen value read from a query string. What it does not
understand it refuses, as the filter of orders does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from shipboard.channels.case_contract import CaseStep
from shipboard.channels.contract import CaseKind
from shipboard.orders.filters import (
    BadFilter,
    Reader,
    many,
    one_value,
    per_page,
    query_of,
    search,
    single,
    texts,
)
from shipboard.orders.values import is_storable


class CaseTab(StrEnum):
    """Every case is in one of these."""

    TO_ANSWER = "to_answer"
    UNDER_WAY = "under_way"
    DECIDED = "decided"


TAB_LABELS: Mapping[CaseTab, str] = {
    CaseTab.TO_ANSWER: "To answer",
    CaseTab.UNDER_WAY: "Under way",
    CaseTab.DECIDED: "Decided",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """Which cases, and which page of them. `reason` in the channel's words; `answered_by`: who
    answered from here."""

    tab: CaseTab = CaseTab.TO_ANSWER
    q: tuple[str, ...] = ()
    kind: tuple[CaseKind, ...] = ()
    step: tuple[CaseStep, ...] = ()
    reason: tuple[str, ...] = ()
    answered_by: tuple[str, ...] = ()
    shop: tuple[str, ...] = ()
    per_page: int = 50
    after: str = ""
    before: str = ""

    def query(self, **changes: object) -> str:
        """The query string of this filter with `changes`; a change of rows returns to page one."""
        return query_of(self, changes)

    def at(self, tab: CaseTab) -> CaseFilter:
        """The same in another tab, without what is not asked there."""
        moved = replace(self, tab=tab, after="", before="")
        return moved if tab is CaseTab.TO_ANSWER else replace(moved, step=())

    @property
    def is_narrowed(self) -> bool:
        return any(getattr(self, name) for name in NARROWING)


NARROWING = ("q", "kind", "step", "reason", "answered_by")


def _numbers(name: str, values: list[str]) -> tuple[str, ...]:
    """Spaces separate too: no number of a case or an order holds one."""
    return search(name, [part for each in search(name, values) for part in each.split()])


READERS: Mapping[str, Reader] = {
    "tab": single(CaseTab),
    "q": _numbers,
    "kind": many(CaseKind),
    "step": many(CaseStep),
    "reason": texts,
    "answered_by": texts,
    "shop": texts,
    "per_page": per_page,
    "after": one_value,
    "before": one_value,
}


def parse(given: Iterable[tuple[str, str]]) -> CaseFilter:
    """The filter that parameters mean; blank values count as not given. A step moves to To answer,
    for only what waits has one. Raises BadFilter."""
    values: dict[str, list[str]] = {}
    for name, value in given:
        if name not in READERS:
            known = ", ".join(READERS)
            raise BadFilter(f"{name!r} is not a filter of Cancellations & returns; known: {known}.")
        if not is_storable(value):
            raise BadFilter(f"{name} holds a character that no case can hold.")
        if value.strip():
            values.setdefault(name, []).append(value.strip())
    read = CaseFilter(**{name: READERS[name](name, each) for name, each in values.items()})  # type: ignore[arg-type]
    if read.after and read.before:
        raise BadFilter("after= and before= are two places; give one of them.")
    return replace(read, tab=CaseTab.TO_ANSWER) if read.step else read
