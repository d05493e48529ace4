"""How the marketplace behaves, as a table: one row per fact, with how sure we are of it. A fact
that is inferred, or told in two ways, is a switch; the tests run with either value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Trust(StrEnum):
    """Where a fact comes from."""

    DOCS = "D"  # the marketplace's own documentation says so
    SDK = "S"  # a newer third-party client says so
    TESTED = "T"  # tried out
    INFERRED = "I"  # our inference
    CONFLICT = "C"  # sources contradict each other
    OURS = "O"  # an indulgence of the sandbox's own, so that it can run on one machine


@dataclass(frozen=True)
class Fact:
    key: str
    words: str
    trust: Trust
    value: Any
    #: The other values it may have; empty when nothing else is plausible.
    others: tuple[Any, ...] = ()


TABLE: dict[str, Fact] = {}


def fact(key: str, words: str, trust: Trust, value: Any, others: tuple[Any, ...] = ()) -> None:
    """Adds a row to the table. A switch of True has the alternative False, without saying so."""
    if not others and isinstance(value, bool) and trust in (Trust.INFERRED, Trust.CONFLICT):
        others = (not value,)
    TABLE[key] = Fact(key, words, trust, value, others)


def switches() -> list[Fact]:
    """The facts that have other values."""
    return [row for row in TABLE.values() if row.others]


def settings() -> Iterator[tuple[str, Any]]:
    """Every switch with each of its other values: what to run the tests with, one at a time."""
    for row in switches():
        for other in row.others:
            yield row.key, other


class UnknownFact(LookupError):
    """No such fact, or not one of its values."""


class Facts:
    """The table as one marketplace has it set."""

    def __init__(self) -> None:
        self._set: dict[str, Any] = {}

    def value(self, key: str) -> Any:
        """Raises UnknownFact."""
        if key not in TABLE:
            raise UnknownFact(key)
        return self._set.get(key, TABLE[key].value)

    def on(self, key: str) -> bool:
        return bool(self.value(key))

    def set(self, key: str, value: Any) -> None:
        """Raises UnknownFact for a value that is neither the fact's nor one of the others."""
        if key not in TABLE or value not in (TABLE[key].value, *TABLE[key].others):
            raise UnknownFact(f"{key} = {value!r}")
        self._set[key] = value

    def reset(self) -> None:
        self._set.clear()

    def rows(self) -> list[tuple[Fact, Any]]:
        """Every fact with its present value."""
        return [(row, self.value(row.key)) for row in TABLE.values()]
