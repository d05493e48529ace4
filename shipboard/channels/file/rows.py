"""The rows of one order, with the questions that are asked of them: the first value, the value on
which all agree, the amount, the instant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from ..contract import ShopFacts
from .cells import Cell, clean_row, text
from .columns import Layout
from .dates import BadDate, DateReader
from .errors import Rejection
from .ids import is_damaged, is_zero_tailed
from .money import BadMoney, read_money
from .remarks import Remarks
from .spool import StoredRow
from .words import folded

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Reading:
    """What all orders of one file share. rounded: keys of the id columns that a spreadsheet
    program rounded throughout."""

    layout: Layout
    shop: ShopFacts
    dates: DateReader
    as_of: datetime
    rounded: frozenset[str]
    remarks: Remarks


class Row:
    """One spreadsheet row, cleaned. `texts`: the cells as text. `originals`: cells that cleaning
    changed, by position."""

    __slots__ = ("_at", "cells", "number", "originals", "texts")

    def __init__(self, stored: StoredRow, layout: Layout) -> None:
        self.number, cells = stored
        self.cells, self.originals = clean_row(cells)
        self._at = layout.at
        missing = len(layout.header) - len(cells)
        if missing > 0:
            self.cells += [""] * missing
        self.texts = [cell if isinstance(cell, str) else text(cell) for cell in self.cells]

    def cell(self, key: str) -> Cell:
        """The cell of column `key`, "" when the file has no such column."""
        at = self._at.get(key)
        return "" if at is None else self.cells[at]

    def text(self, key: str) -> str:
        at = self._at.get(key)
        return "" if at is None else self.texts[at]


class OrderRows:
    """All rows of one order, without repeated ones."""

    def __init__(self, rows: Sequence[Row], reading: Reading) -> None:
        self.reading = reading
        self.layout = reading.layout
        self.rows = _without_repeats(rows, reading.remarks)
        self.currencies: dict[str, int] = {}

    def texts(self, key: str) -> list[str]:
        """The values of column `key`, one for each row."""
        at = self.layout.at.get(key)
        return [] if at is None else [row.texts[at] for row in self.rows]

    def first(self, key: str) -> str:
        """The first value that is not blank; remarks on rows that differ."""
        at = self.layout.at.get(key)
        if at is None:
            return ""
        found = self.rows[0].texts[at]
        if len(self.rows) == 1:
            return found
        for row, value in zip(self.rows, self.texts(key), strict=False):
            if value and not found:
                found = value
            elif value and value != found:
                title = self.layout.title(key)
                self.reading.remarks.add(
                    f"{title} differs between the rows of one order; the first row's was taken, so "
                    "look the order up in your seller centre before you rely on it",
                    row.number,
                )
                break
        return found

    def any(self, key: str) -> str:
        """The first value that is not blank, of a column that may well differ between parcels."""
        return next((value for value in self.texts(key) if value), "")

    def agreed(self, key: str) -> str:
        """The words on which all rows that have some agree, case apart; raises Rejection."""
        given = self._given(key)
        self._one([(row, value, folded(value)) for row, value in given], key)
        return given[0][1] if given else ""

    def money(self, key: str) -> Decimal | None:
        """The amount on which all rows that have one agree; raises Rejection."""
        given = self._given(key)
        if not given:
            return None
        if len(given) == 1:
            return self.row_money(given[0][0], key)
        return self._one([(row, value, self.row_money(row, key)) for row, value in given], key)

    def row_money(self, row: Row, key: str) -> Decimal | None:
        """The amount in one row; raises Rejection."""
        try:
            amount, stated = read_money(row.cell(key), self.reading.shop.currency)
        except BadMoney as error:
            raise Rejection(row.number, f"{self.layout.title(key)} {error}") from None
        if stated:
            self.currencies.setdefault(stated, row.number)
        return amount

    def instant(self, key: str) -> datetime | None:
        """The UTC instant on which all rows that have one agree; raises Rejection."""
        return self._one([(row, value, at) for row, value, at in self.instants(key)], key)

    def instants(self, key: str) -> list[tuple[Row, str, datetime]]:
        """The UTC instants of column `key`, of the rows that have one; raises Rejection."""
        found: list[tuple[Row, str, datetime]] = []
        for row, value in self._given(key):
            if found and value == found[-1][1]:
                found.append((row, value, found[-1][2]))
                continue
            try:
                instant = self.reading.dates.read(row.cell(key))
            except BadDate as error:
                raise Rejection(row.number, f"{self.layout.title(key)} {error}") from None
            if instant:
                found.append((row, value, instant.at))
                if instant.remark:
                    title = self.layout.title(key)
                    self.reading.remarks.add(f"{title} {instant.remark}", row.number)
        return found

    def _given(self, key: str) -> list[tuple[Row, str]]:
        at = self.layout.at.get(key)
        if at is None:
            return []
        return [(row, value) for row in self.rows if (value := row.texts[at])]

    def _one(self, given: list[tuple[Row, str, Value]], key: str) -> Value | None:
        if not given:
            return None
        row, shown, value = given[0]
        for other, other_shown, other_value in given[1:]:
            if other_value != value:
                raise disagreement(row, other, self.layout.title(key), shown, other_shown)
        return value


def disagreement(row: Row, other: Row, title: str, shown: str, other_shown: str) -> Rejection:
    """Two rows of one order that cannot both be true."""
    return Rejection(
        other.number,
        f"Rows {row.number} and {other.number} of the order disagree on {title} "
        f"({shown[:40]} and {other_shown[:40]}). Export the orders again, or put one row right.",
    )


def id_text(row: Row, key: str, reading: Reading) -> str:
    """An id cell as text; raises Rejection when a spreadsheet program damaged it."""
    cell = row.cell(key)
    value = text(cell)
    if value and (is_damaged(cell) or (key in reading.rounded and is_zero_tailed(value))):
        raise Rejection(
            row.number,
            f"{reading.layout.title(key)} reads {value[:30]}: a spreadsheet program rounded it. "
            "Export the orders again and upload the file without opening it in a spreadsheet "
            "program.",
        )
    return value


def _without_repeats(rows: Sequence[Row], remarks: Remarks) -> list[Row]:
    if len(rows) == 1:
        return list(rows)
    kept: list[Row] = []
    seen: set[tuple[Cell, ...]] = set()
    for row in rows:
        count = len(seen)
        seen.add(tuple(row.cells))
        if len(seen) == count:
            remarks.add("The same row stands in the file twice; it was counted once", row.number)
        else:
            kept.append(row)
    return kept
