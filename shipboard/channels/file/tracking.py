"""Reading a file of shipments: the marketplace's template in both layouts, its order export, or an
export of the desk with tracking numbers filled in; XLSX or CSV. What a cell says is kept as text.
"""

from __future__ import annotations

import codecs
import re
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ..text import clean
from .cells import NO_VALUE, Cell, is_blank, text
from .csv_rows import SAVE_AS, CsvRows
from .errors import UnreadableFile, quoted
from .ids import Tails, is_damaged, is_zero_tailed, order_id_fault
from .kinds import Kind, kind_of
from .limits import HEADER_WITHIN_ROWS, megabytes
from .mended import unguarded
from .sheets import TEMPLATE_SHEET, Sheet, worksheets
from .tracking_columns import SHORT, Columns, columns_of
from .xlsx_archive import open_archive

__all__ = ["MAX_BYTES", "MAX_ROWS", "ShipmentFile", "ShipmentRow", "read_shipments"]

MAX_ROWS = 10_000
MAX_BYTES = 20 * 1024**2
#: A worksheet of that many rows and an export's columns takes half of it.
MAX_UNPACKED = 96 * 1024**2
#: What no id, number or name is longer than; the rest of a cell is not kept.
LONGEST = 200
NOTHING = {"n/a", "na", "none", "-", "--"}
AGAIN = "Fill in a template from Upload, and choose that file."
TYPE_AGAIN = "Format the column as text and type it again."
WORK_OUT = "Save the file once in a spreadsheet program, or type what should stand there."
#: Columns as sentences name them.
TITLES = {
    "order_id": "order ID",
    "sku_id": "SKU ID",
    "package_id": "package ID",
    "tracking": "tracking number",
    "quantity": "quantity",
    "carrier": "carrier",
    "service": "shipping service",
    "group": "group",
}
_OTHERS_REMEDY = re.compile(r"export", re.IGNORECASE)
#: What programs write so that a spreadsheet leaves digits alone: '57 and ="57".
_KEPT = re.compile(r"""'([0-9A-Za-z]+)|="([^"]*)\"""")
_QUANTITY = re.compile(r"[0-9]{1,6}(?:\.0+)?")
_WIDE = {
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


@dataclass(frozen=True, slots=True)
class ShipmentRow:
    """One row as it stands. `number`: the spreadsheet's own, its first row being 1. `quantity`
    None: not said. `group` blank: none (`N/A`). `fault`: why it cannot be taken, a sentence;
    `warning`: what may be wrong with it."""

    number: int
    order_id: str
    tracking: str
    carrier: str = ""
    service: str = ""
    sku_id: str = ""
    quantity: int | None = None
    package_id: str = ""
    group: str = ""
    fault: str = ""
    warning: str = ""


@dataclass(frozen=True, slots=True)
class ShipmentFile:
    """`sheet`: the worksheet's name, blank for CSV. `header_row`: the header's number."""

    rows: tuple[ShipmentRow, ...]
    columns: Columns
    header_row: int
    sheet: str = ""


def read_shipments(path: Path) -> ShipmentFile:
    """The shipments in the file at `path`. Raises UnreadableFile with a sentence when nothing can
    be taken; what is wrong with one row only is its `fault`."""
    try:
        with opened(path) as (name, sheet):
            return _read(name, sheet)
    except UnreadableFile as problem:
        raise _for_shipments(problem) from None


@contextmanager
def opened(path: Path) -> Iterator[tuple[str, Sheet]]:
    """The table of shipments in the file at `path`, with its worksheet's name, blank for CSV.
    Raises UnreadableFile."""
    if path.stat().st_size > MAX_BYTES:
        raise UnreadableFile(
            f"The file is {megabytes(path.stat().st_size)}, and at most {megabytes(MAX_BYTES)} can "
            "be read. Split it into several files."
        )
    if _encoding(path):
        with _as_utf8(path) as copy:
            yield "", CsvRows(copy)
        return
    if kind_of(path) is Kind.TEXT:
        yield "", CsvRows(path)
        return
    with open_archive(path) as archive:
        _refuse_big(path)
        yield _sheet(worksheets(archive, NO_VALUE))


def is_workbook(path: Path) -> bool:
    """Whether a file that was read is XLSX."""
    return not _encoding(path) and kind_of(path) is Kind.WORKBOOK


def _encoding(path: Path) -> str:
    """The encoding of text in two bytes a sign, as spreadsheets save "Unicode text"; else blank."""
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return ""
    return _WIDE.get(start[:2], "")


@contextmanager
def _as_utf8(path: Path) -> Iterator[Path]:
    try:
        plain = path.read_bytes().decode("utf-16")
    except UnicodeDecodeError:
        raise UnreadableFile(
            "The file begins as UTF-16 text and goes on as something else. Save it as “CSV UTF-8”."
        ) from None
    with tempfile.NamedTemporaryFile() as copy:
        copy.write(plain.encode("utf-8", "replace"))
        copy.flush()
        yield Path(copy.name)


def _refuse_big(path: Path) -> None:
    with zipfile.ZipFile(path) as file:
        unpacked = sum(entry.file_size for entry in file.infolist())
    if unpacked > MAX_UNPACKED:
        raise UnreadableFile(
            f"The workbook unpacks to {megabytes(unpacked)}, and at most {megabytes(MAX_UNPACKED)} "
            "can be read. Keep only the sheet with the shipments."
        )


def _sheet(sheets: Sequence[tuple[str, Sheet]]) -> tuple[str, Sheet]:
    """The one with the header: by the template's name, else the only one; the template's example
    has the header too and is none of it."""
    fitting = [each for each in sheets if _header(each[1]) is not None]
    named = [each for each in fitting if each[0].strip().casefold() == TEMPLATE_SHEET.casefold()]
    others = [each for each in fitting if "example" not in each[0].casefold()]
    for found in (named, fitting, others):
        if len(found) == 1:
            return found[0]
    if not fitting:
        raise no_header()
    names = ", ".join(quoted(name) for name, _ in fitting[:5])
    raise UnreadableFile(
        f"Several sheets have shipments ({names}). Keep one of them, or name it {TEMPLATE_SHEET}."
    )


def no_header() -> UnreadableFile:
    return UnreadableFile(
        f"None of the first {HEADER_WITHIN_ROWS} rows is a header with {SHORT[0]} and {SHORT[1]}. "
        f"{AGAIN}"
    )


def _header(sheet: Sheet) -> tuple[int, Columns] | None:
    for number, cells in islice(sheet.rows(), HEADER_WITHIN_ROWS):
        if columns := columns_of(cells):
            return number, columns
    return None


def _read(name: str, sheet: Sheet) -> ShipmentFile:
    header = _header(sheet)
    if header is None:
        raise no_header()
    at, columns = header
    if columns.twice:
        raise UnreadableFile(
            f"The header has the column {quoted(columns.twice)} more than once, so it is not clear "
            "which one counts. Keep one of them."
        )
    found = list(_data(sheet, at, columns))
    if not found:
        raise UnreadableFile(
            "The file has the header but no row below it. Fill in the orders to ship, one row each."
        )
    tails = Tails()
    for _, cells in found:
        tails.see(_text(cells, columns, "tracking"))
    rows = tuple(_row(number, cells, columns, tails) for number, cells in found)
    return ShipmentFile(rows, columns, at, name)


def _data(sheet: Sheet, header: int, columns: Columns) -> Iterator[tuple[int, list[Cell]]]:
    """Rows with something in a column of ours; a row that explains the columns is left out."""
    places = sorted(columns.at.values())
    count, is_first = 0, True
    for number, cells in sheet.rows():
        if number <= header or is_blank([cells[at] for at in places if at < len(cells)]):
            continue
        if is_first and _explains(_text(cells, columns, "order_id")):
            is_first = False
            continue
        is_first = False
        count += 1
        if count > MAX_ROWS:
            raise UnreadableFile(
                f"The file has more than {MAX_ROWS:,} rows. Split it into several files."
            )
        yield number, cells


def _explains(identifier: str) -> bool:
    """Whether the row under the header is words, as the marketplace's exports have it."""
    return " " in identifier and not re.search(r"\d", identifier)


def _cell(cells: Sequence[Cell], columns: Columns, key: str) -> Cell:
    at = columns.at.get(key)
    return cells[at] if at is not None and at < len(cells) else ""


def _text(cells: Sequence[Cell], columns: Columns, key: str) -> str:
    cell = _cell(cells, columns, key)
    if cell == NO_VALUE:
        return ""
    value = unguarded(clean(text(cell)))
    if kept := _KEPT.fullmatch(value):
        value = kept[1] or kept[2]
    return clean(value)[:LONGEST]


def _said(cells: Sequence[Cell], columns: Columns, key: str) -> str:
    """As _text, without the words that stand for nothing."""
    value = _text(cells, columns, key)
    return "" if value.casefold() in NOTHING else value


def _row(number: int, cells: list[Cell], columns: Columns, tails: Tails) -> ShipmentRow:
    quantity = _said(cells, columns, "quantity")
    return ShipmentRow(
        number=number,
        order_id=_text(cells, columns, "order_id"),
        tracking=_said(cells, columns, "tracking"),
        carrier=_said(cells, columns, "carrier"),
        service=_said(cells, columns, "service"),
        sku_id=_said(cells, columns, "sku_id"),
        quantity=int(float(quantity)) if _QUANTITY.fullmatch(quantity) else None,
        package_id=_said(cells, columns, "package_id"),
        group=_said(cells, columns, "group"),
        fault=_fault(cells, columns, tails, quantity),
        warning=_warning(cells, columns),
    )


def _fault(cells: list[Cell], columns: Columns, tails: Tails, quantity: str) -> str:
    for key, title in TITLES.items():
        if _cell(cells, columns, key) == NO_VALUE:
            return f"The {title} is a formula without a value. {WORK_OUT}"
    identifier = _cell(cells, columns, "order_id")
    as_read = _text(cells, columns, "order_id") if isinstance(identifier, str) else identifier
    if fault := order_id_fault(as_read):
        return fault if not is_damaged(as_read) or not as_read else _rounded("order ID", as_read)
    for key in ("sku_id", "package_id", "tracking"):
        if _said(cells, columns, key) and _is_rounded(cells, columns, key):
            return _rounded(TITLES[key], _cell(cells, columns, key))
    if tails.are_rounded and is_zero_tailed(_said(cells, columns, "tracking")):
        return _rounded(TITLES["tracking"], _cell(cells, columns, "tracking"))
    if quantity and not (_QUANTITY.fullmatch(quantity) and float(quantity) > 0):
        return f"The quantity reads {quoted(quantity)}; give a whole number above 0, or leave it."
    return ""


def _is_rounded(cells: Sequence[Cell], columns: Columns, key: str) -> bool:
    """5.76E+17, and a date where an id should be."""
    cell = _cell(cells, columns, key)
    return is_damaged(_text(cells, columns, key) if isinstance(cell, str) else cell)


def _rounded(title: str, cell: Cell) -> str:
    return f"The {title} reads {quoted(text(cell))}: a spreadsheet program changed it. {TYPE_AGAIN}"


def _warning(cells: list[Cell], columns: Columns) -> str:
    if isinstance(_cell(cells, columns, "tracking"), int):
        return (
            "The tracking number stands in the file as a number, which loses zeros at its front: "
            "compare it with the label."
        )
    return ""


def _for_shipments(problem: UnreadableFile) -> UnreadableFile:
    """The same in the words of this file: what an order export should do is no help here."""
    said = str(problem).replace("not an order export", "not a file of shipments")
    said = said.replace("as no order export is", "as no spreadsheet is")
    said = said.replace("which no export has", "which no spreadsheet has")
    said = said.replace(SAVE_AS, "Save the file as “CSV UTF-8”.")
    reason, *rest = re.split(r"(?<=[.!?]) ", said)
    remedies = [each for each in rest if not _OTHERS_REMEDY.search(each)]
    return UnreadableFile(" ".join([reason, *(remedies or [AGAIN])]))
