"""Rows of one worksheet, streamed. The sheet's stated dimension is not believed: Seller Center
writes A1:A1 whatever follows.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from xml.parsers.expat import XMLParserType

from .cells import EXACT_DIGITS, Cell
from .errors import UnreadableFile
from .limits import MAX_CELL_CHARS, MAX_COLUMNS, MAX_SHEET_ROW
from .xlsx_archive import DAMAGED, Archive
from .xlsx_book import Book, SharedStrings
from .xlsx_xml import fed, guarded_parser, local

ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
LAST_SERIAL = 2_950_000  # in the year 9976, whichever epoch the workbook counts from
TEXT_PIECES = 2 + MAX_CELL_CHARS // 8_192  # expat hands text out in pieces of up to 8,192
Row = tuple[int, list[Cell]]


def sheet_rows(
    archive: Archive, part: str, book: Book, strings: SharedStrings, no_value: str = ""
) -> Iterator[Row]:
    """Row numbers as the spreadsheet shows them and cells, blank rows left out; a missing cell is
    "", a formula without a stored value `no_value`. Raises UnreadableFile when the sheet is damaged
    or larger than the limits."""
    parser = guarded_parser()
    events = _SheetEvents(_CellReader(book, strings).cell, no_value)
    parser.ordered_attributes = True
    events.attach(parser)
    for _ in fed(parser, archive.chunks(part)):
        yield from events.rows
        events.rows.clear()


class _SheetEvents:
    """Expat's callbacks for a worksheet; complete rows gather in `rows`."""

    __slots__ = (
        "_at",
        "_columns",
        "_is_formula",
        "_kind",
        "_next",
        "_no_value",
        "_number",
        "_phonetic",
        "_pieces",
        "_read",
        "_row",
        "_style",
        "_text",
        "rows",
    )

    def __init__(self, read: Callable[[str, str, str], Cell], no_value: str) -> None:
        self.rows: list[Row] = []
        self._read = read
        self._no_value = no_value
        self._is_formula = False
        self._columns: dict[str, int] = {}
        self._row: list[Cell] = []
        self._number = 0
        self._at = self._next = 0
        self._kind = self._style = ""
        self._text = self._phonetic = False
        self._pieces: list[str] = []

    def attach(self, parser: XMLParserType) -> None:
        """Sets the callbacks. Prefixes are only looked for when the root element has one, as a
        large sheet has ten million cells."""

        def root(name: str, _: list[str]) -> None:
            if ":" in name:
                parser.StartElementHandler = lambda name, given: self.start(local(name), given)
                parser.EndElementHandler = lambda name: self.end(local(name))
            else:
                parser.StartElementHandler = self.start
                parser.EndElementHandler = self.end

        parser.StartElementHandler = root
        parser.CharacterDataHandler = self.characters

    def start(self, name: str, attributes: list[str]) -> None:
        if name == "c":
            self._kind = self._style = ""
            self._pieces = []
            self._is_formula = False
            self._at = self._next
            pairs = iter(attributes)
            for key, value in zip(pairs, pairs, strict=True):
                if key == "r":
                    letters = value.rstrip("0123456789")
                    at = self._columns.get(letters)
                    self._at = self._position(letters) if at is None else at
                elif key == "t":
                    self._kind = value
                elif key == "s":
                    self._style = value
            self._next = self._at + 1
        elif name == "v" or name == "t":
            self._text = not self._phonetic
        elif name == "row":
            self._start_row(attributes)
        elif name == "f":
            self._is_formula = True
        elif name == "rPh":
            self._phonetic = True

    def characters(self, piece: str) -> None:
        if self._text:
            self._pieces.append(piece)
            if len(self._pieces) > TEXT_PIECES:
                raise self._too_long()

    def end(self, name: str) -> None:
        if name == "v" or name == "t":
            self._text = False
        elif name == "c":
            if self._pieces:
                self._put("".join(self._pieces))
            elif self._is_formula and self._kind != "str" and self._no_value:
                self._kind = "str"  # of a text that is blank it is the value
                self._put(self._no_value)
        elif name == "row":
            if self._row:
                self.rows.append((self._number, self._row))
        elif name == "rPh":
            self._phonetic = False

    def _start_row(self, attributes: list[str]) -> None:
        number = self._number + 1
        for index in range(0, len(attributes), 2):
            value = attributes[index + 1]
            if attributes[index] == "r" and value.isascii() and value.isdigit() and len(value) < 9:
                number = max(number, int(value))
        if number > MAX_SHEET_ROW:
            raise UnreadableFile(
                f"The sheet has rows beyond {MAX_SHEET_ROW:,}, the last that a workbook can have. "
                "Export fewer orders at a time."
            )
        self._number = number
        self._row = []
        self._next = 0

    def _put(self, value: str) -> None:
        if len(value) > MAX_CELL_CHARS:
            raise self._too_long()
        row, at = self._row, self._at
        cell = self._read(self._kind, self._style, value)
        if at == len(row):
            row.append(cell)
        elif at > len(row):
            row.extend([""] * (at - len(row)))
            row.append(cell)
        else:
            row[at] = cell

    def _position(self, letters: str) -> int:
        """Column letters to a position from 0."""
        at = 0
        for letter in letters[:8].upper():
            if not "A" <= letter <= "Z":
                raise UnreadableFile(DAMAGED)
            at = at * 26 + ord(letter) - 64
        if not 0 < at <= MAX_COLUMNS:
            raise UnreadableFile(
                f"Row {self._number:,} has a cell beyond column {MAX_COLUMNS:,}, so this is "
                "not an order export. Export the orders again."
            )
        self._columns[letters] = at - 1
        return at - 1

    def _too_long(self) -> UnreadableFile:
        return UnreadableFile(
            f"A cell in row {self._number:,} has more than {MAX_CELL_CHARS:,} characters, as no "
            "order has. Export the orders again."
        )


class _CellReader:
    """Turns a cell's type, style and stored text into a Cell."""

    __slots__ = ("_book", "_dates", "_strings")

    def __init__(self, book: Book, strings: SharedStrings) -> None:
        self._book = book
        self._dates = frozenset(str(style) for style in book.date_styles)
        self._strings = strings

    def cell(self, kind: str, style: str, value: str) -> Cell:
        if kind == "s":
            try:
                return unescaped(self._strings[int(value)])
            except (IndexError, ValueError):
                raise UnreadableFile(DAMAGED) from None
        if kind in ("inlineStr", "str", "e"):
            return unescaped(value)
        if kind == "b":
            return "TRUE" if value.strip() == "1" else "FALSE"
        if kind == "d":
            return (value.strip().replace("T", " "),)
        return self._number(style, value.strip())

    def _number(self, style: str, value: str) -> Cell:
        try:
            number = float(value)
        except ValueError:
            return value
        if not math.isfinite(number):
            return value
        if style in self._dates and 1 <= number < LAST_SERIAL:
            seconds = round(number * 86_400)
            return ((self._book.epoch + timedelta(seconds=seconds)).isoformat(" "),)
        if number.is_integer() and abs(number) < 10**EXACT_DIGITS:
            return int(number)
        return number


def unescaped(value: str) -> str:
    """`value` with the format's `_x0009_` escapes resolved."""
    if "_x" not in value:
        return value
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)
