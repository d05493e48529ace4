"""Text that was pasted from a spreadsheet: an order ID and its tracking number on each line, the
carrier beside them if one likes. Every line becomes a pair, or a problem that says what to do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from shipboard import carriers
from shipboard.channels.file.ids import is_damaged
from shipboard.channels.file.tracking_columns import Columns, columns_of
from shipboard.channels.text import UNWANTED

#: Lines of one paste, and signs of one cell that are looked at.
MOST_LINES, LONGEST = 2_000, 200
#: Signs of a paste and of a line of it, and columns that are looked at.
MOST_SIGNS, LONGEST_LINE, MOST_COLUMNS = 1_000_000, 2_000, 200
CUT = (
    "The spreadsheet has rounded this number. Format the column as text, put the number in again, "
    "and paste once more."
)
ONE_ONLY = (
    "An order ID or its tracking number is missing: put both on one line, the order ID first."
)
TOO_LONG = (
    f"The line is longer than {LONGEST_LINE:,} signs, so it is not read. Copy only the order ID, "
    "the tracking number and the carrier."
)
TOO_MUCH = (
    f"The text is longer than {MOST_SIGNS:,} signs, so none of it is read. Paste fewer lines, or "
    "send a file."
)
_SPLIT = re.compile(r"[;,]")


@dataclass(frozen=True, slots=True)
class Pair:
    """What one line says; `line` counts from 1. `tracking_number` is as it was written."""

    line: int
    order_id: str
    tracking_number: str
    carrier: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that is not taken, or not as it stands; `text` is how it was written."""

    line: int
    text: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Pasted:
    pairs: tuple[Pair, ...]
    problems: tuple[Problem, ...]


def pasted(text: str) -> Pasted:
    """Read `text`: columns stand apart by tabs, else semicolons or commas, else blanks. A header
    row may say which column is which. An order that comes twice with different numbers is not
    guessed at: none of its lines is taken."""
    if len(text) > MOST_SIGNS:
        return Pasted((), (Problem(0, f"{text[:80]}…", TOO_MUCH),))
    pairs: list[Pair] = []
    problems: list[Problem] = []
    columns: Columns | None = None
    for line, raw in _lines(text):
        if line > MOST_LINES:
            problems.append(Problem(line, "", f"Only {MOST_LINES:,} lines are read at once."))
            break
        if len(raw) > LONGEST_LINE:
            problems.append(Problem(line, f"{raw[:80].strip()}…", TOO_LONG))
            continue
        cells = [cell.strip().strip('"').strip()[:LONGEST] for cell in _cells(raw)]
        if not pairs and not problems and not columns and _is_header(cells):
            columns = columns_of(cells)
            continue
        read = _pair(line, cells, columns)
        (pairs if isinstance(read, Pair) else problems).append(read)  # type: ignore[arg-type]
    kept = _without_twins(pairs, problems)
    return Pasted(tuple(kept), tuple(sorted(problems, key=lambda each: each.line)))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Without what cannot be kept; the tabs at a line's ends are columns and stay."""
    for line, raw in enumerate(text.splitlines(), 1):
        kept = UNWANTED.sub("", raw)
        if kept.strip():
            yield line, kept


def _cells(raw: str) -> list[str]:
    if "\t" in raw:
        return raw.split("\t", MOST_COLUMNS)
    if _SPLIT.search(raw):
        return _SPLIT.split(raw, MOST_COLUMNS)
    return raw.split(maxsplit=1)


def _is_header(cells: list[str]) -> bool:
    return columns_of(cells) is not None or not any(map(str.isdigit, "".join(cells)))


def _pair(line: int, cells: list[str], columns: Columns | None) -> Pair | Problem:
    said = " ".join(filter(None, cells))[:LONGEST]
    if columns is None and len([cell for cell in cells if cell]) > 3:
        return Problem(
            line,
            said,
            "It has more than three columns. Copy only the order ID, the tracking number and, if "
            "you like, the carrier; or copy the header row too.",
        )
    order_id, number, carrier = _named(cells, columns)
    order_id = order_id.lstrip("'")
    if not order_id or not number:
        return Problem(line, said, ONE_ONLY)
    if is_damaged(order_id) or is_damaged(number):
        return Problem(line, said, CUT)
    return Pair(line, order_id, number.lstrip("'"), carrier)


def _named(cells: list[str], columns: Columns | None) -> tuple[str, str, str]:
    places = columns.at if columns else {"order_id": 0, "tracking": 1, "carrier": 2}

    def cell(key: str) -> str:
        place = places.get(key, len(cells))
        return cells[place] if place < len(cells) else ""

    return cell("order_id"), cell("tracking"), cell("carrier")


def _without_twins(pairs: list[Pair], problems: list[Problem]) -> list[Pair]:
    by_order: dict[str, list[Pair]] = {}
    for pair in pairs:
        by_order.setdefault(pair.order_id, []).append(pair)
    kept = []
    for order_id, of_order in by_order.items():
        if len({carriers.clean(each.tracking_number) for each in of_order}) == 1:
            kept.append(of_order[0])
            problems += [
                Problem(each.line, order_id, f"It repeats line {of_order[0].line}; it counts once.")
                for each in of_order[1:]
            ]
            continue
        lines = ", ".join(str(each.line) for each in of_order)
        problems += [
            Problem(
                each.line,
                f"{order_id} {each.tracking_number}",
                f"Lines {lines} give this order different numbers, so none is taken. Keep the one "
                "that is right.",
            )
            for each in of_order
        ]
    return kept
