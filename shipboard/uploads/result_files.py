"""The file as it was sent with what became of each row, and the rows that failed alone, in the same
layout, to mend and send again.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell as BookCell
from openpyxl.cell.cell import MergedCell
from openpyxl.worksheet.worksheet import Worksheet

from shipboard.channels.file.cells import text
from shipboard.channels.file.mended import guarded, guarded_text
from shipboard.channels.file.tracking import ShipmentFile, opened, read_shipments
from shipboard.channels.file.tracking_columns import REASON, RESULT
from shipboard.uploads.models import ShipmentUpload
from shipboard.uploads.results import LABELS, TO_MEND, Result, rows_of
from shipboard.uploads.uploads import plain_file

#: What became of a row, by its number: a word and a sentence.
Told = Mapping[int, tuple[str, str]]
AS_TEXT = "@"


def with_results(upload: ShipmentUpload) -> bytes:
    """The whole file with two columns more, other sheets as they are. Raises uploads.NotKept."""
    return _written(upload, only=None)


def to_mend(upload: ShipmentUpload) -> bytes:
    """Header and the rows that were refused or failed, with the reason. Raises NotKept."""
    wanted = {
        number
        for number, result in rows_of(upload).values_list("row", "result")
        if result in TO_MEND
    }
    return _written(upload, only=wanted)


def _written(upload: ShipmentUpload, only: set[int] | None) -> bytes:
    told = {
        number: (LABELS[Result(result)], why)
        for number, result, why in rows_of(upload).values_list("row", "result", "why")
    }
    with plain_file(upload) as path:
        file = read_shipments(path)
        if not upload.is_workbook:
            return _csv(path, file, told, only)
        return _workbook(path, file, told, only)


def _places(file: ShipmentFile) -> tuple[int, int]:
    """Positions of the two columns: those of before, else behind the header."""
    results = file.columns.results
    if len(results) == 2:
        return results[0], results[1]
    return (results[0] if results else file.columns.width), file.columns.width + (not results)


def _csv(path: Path, file: ShipmentFile, told: Told, only: set[int] | None) -> bytes:
    stream = io.StringIO()
    stream.write("\ufeff")  # tells spreadsheets that it is UTF-8
    writer = csv.writer(stream)
    with opened(path) as (_, sheet):
        for number, cells in sheet.rows():
            if only is None or number <= file.header_row or number in only:
                texts = [text(cell) for cell in cells]
                writer.writerow(guarded(each) for each in _extended(number, texts, file, told))
    return stream.getvalue().encode("utf-8", "replace")


def _extended(number: int, cells: list[str], file: ShipmentFile, told: Told) -> list[str]:
    said = _said(number, file, told)
    if said is None:
        return cells
    places = _places(file)
    cells += [""] * (max(places) + 1 - len(cells))
    for place, value in zip(places, said, strict=True):
        cells[place] = value
    return cells


def _said(number: int, file: ShipmentFile, told: Told) -> tuple[str, str] | None:
    return (RESULT, REASON) if number == file.header_row else told.get(number)


def _workbook(path: Path, file: ShipmentFile, told: Told, only: set[int] | None) -> bytes:
    try:
        # A formula that moves up would look at other rows: what it came to stays instead.
        book = load_workbook(io.BytesIO(path.read_bytes()), data_only=only is not None)
        sheet = book[file.sheet]
        if only is not None:
            _keep(sheet, file, only)
    except Exception:
        # Our own reader takes more than the library does: the cells alone, then.
        return _plain(path, file, told, only)
    numbers = sorted(only) if only is not None else sorted(told)
    start = file.header_row + 1
    _put(sheet, file.header_row, file, (RESULT, REASON))
    for at, number in enumerate(numbers, start):
        if number in told:
            _put(sheet, at if only is not None else number, file, told[number])
    return _saved(book)


def _put(sheet: Worksheet, row: int, file: ShipmentFile, said: tuple[str, str]) -> None:
    for place, value in zip(_places(file), said, strict=True):
        cell = sheet.cell(row=row, column=place + 1)
        cell.value, cell.number_format = guarded_text(value), AS_TEXT


def _keep(sheet: Worksheet, file: ShipmentFile, only: set[int]) -> None:
    """Leave only the header and these rows, moved up to it."""
    width = max(file.columns.width, *(place + 1 for place in _places(file)))
    kept = [
        _values(cells)
        for number in sorted(only)
        for cells in sheet.iter_rows(min_row=number, max_row=number, max_col=width)
    ]
    start = file.header_row + 1
    # Its own way of deleting rows looks at every cell that there could be.
    for place in [each for each in sheet._cells if each[0] >= start]:
        del sheet._cells[place]
    for at, values in enumerate(kept, start):
        for column, (value, form) in enumerate(values, 1):
            cell = sheet.cell(row=at, column=column)
            cell.value, cell.number_format = value, form


def _values(cells: Iterable[BookCell | MergedCell]) -> list[tuple[Any, str]]:
    return [(cell.value, cell.number_format) for cell in cells]


def _plain(path: Path, file: ShipmentFile, told: Told, only: set[int] | None) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(file.sheet[:31] or "Shipping info")
    with opened(path) as (_, source):
        for number, cells in source.rows():
            if only is None or number <= file.header_row or number in only:
                texts = _extended(number, [text(cell) for cell in cells], file, told)
                sheet.append([guarded_text(each) for each in texts])
    return _saved(book)


def _saved(book: Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
