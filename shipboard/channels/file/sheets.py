"""Where rows come from, whatever the file: one protocol, and the door that picks the reader."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Protocol

from .cells import Cell
from .csv_rows import CsvRows
from .errors import UnreadableFile, quoted
from .header import header_at
from .kinds import Kind, kind_of
from .limits import HEADER_WITHIN_ROWS
from .xlsx_archive import Archive, open_archive
from .xlsx_book import Book, SharedStrings, read_book
from .xlsx_rows import sheet_rows

SHEET_NAME = "OrderSKUList"


class Sheet(Protocol):
    """One table of cells. `ends_mid_row`: the file has no line break at its end."""

    @property
    def ends_mid_row(self) -> bool: ...

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """Row numbers (from 1) and cells, from the start each time it is called."""
        ...


@contextmanager
def open_sheet(path: Path) -> Iterator[Sheet]:
    """The table in the file at `path`; raises UnreadableFile when there is none to read."""
    if kind_of(path) is Kind.TEXT:
        yield CsvRows(path)
        return
    with open_archive(path) as archive:
        yield _workbook_sheet(archive)


class _WorkbookSheet:
    """One worksheet as a Sheet."""

    ends_mid_row = False

    def __init__(
        self, archive: Archive, part: str, book: Book, strings: SharedStrings, no_value: str
    ) -> None:
        self._no_value = no_value
        self._archive = archive
        self._part = part
        self._book = book
        self._strings = strings

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        return sheet_rows(self._archive, self._part, self._book, self._strings, self._no_value)


#: The sheet of the marketplace's batch upload of shipment information.
TEMPLATE_SHEET = "Shipping info"


def worksheets(archive: Archive, no_value: str = "") -> list[tuple[str, Sheet]]:
    """Every sheet with cells by its name; a formula without a stored value reads `no_value`. Raises
    UnreadableFile when there is none."""
    book = read_book(archive)
    strings = SharedStrings(archive, book.strings_part)
    if not book.sheets:
        raise UnreadableFile("The workbook has no sheet with cells. Export the orders again.")
    return [
        (name, _WorkbookSheet(archive, part, book, strings, no_value)) for name, part in book.sheets
    ]


def _workbook_sheet(archive: Archive) -> Sheet:
    """The sheet with the marketplace's name, else the only one, else the one with the header."""
    sheets = worksheets(archive)
    for name, sheet in sheets:
        if name.strip().casefold() == SHEET_NAME.casefold():
            return sheet
    if len(sheets) == 1:
        return sheets[0][1]
    return _sheet_with_header(sheets)


def _sheet_with_header(sheets: Sequence[tuple[str, Sheet]]) -> Sheet:
    fitting = [
        sheet
        for _, sheet in sheets
        if header_at([cells for _, cells in islice(sheet.rows(), HEADER_WITHIN_ROWS)]) is not None
    ]
    if len(fitting) == 1:
        return fitting[0]
    if any(name.strip().casefold() == TEMPLATE_SHEET.casefold() for name, _ in sheets):
        raise UnreadableFile(
            "This is the template for uploading shipment information, not an order export. "
            "Choose Export in Manage Orders of your seller centre, and take that file."
        )
    names = ", ".join(quoted(name) for name, _ in sheets[:5])
    found = "several sheets" if fitting else "no sheet"
    raise UnreadableFile(
        f"The workbook has no sheet “{SHEET_NAME}”, and {found} with the header of an order export "
        f"(found {names}). Keep only the sheet with the orders, or export them again."
    )
