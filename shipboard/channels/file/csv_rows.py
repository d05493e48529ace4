"""Rows of a CSV file: UTF-8, comma, semicolon or tab, quoted as RFC 4180 says. Anything that
would have to be guessed (another encoding, a broken quote) is refused as a whole.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from pathlib import Path

from .cells import Cell
from .columns import known_names
from .errors import UnreadableFile
from .limits import HEADER_WITHIN_ROWS, MAX_CELL_CHARS, MAX_COLUMNS, MAX_LINE_CHARS

SAVE_AS = "Export the orders again, or save the file as “CSV UTF-8”."
DELIMITERS = (",", ";", "\t")
UTF_32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
WIDE_ENCODINGS = (*UTF_32, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
CHUNK = 1 << 16


class CsvRows:
    """The rows of the file at `path`, read as they are asked for; memory does not grow with it.

    The constructor reads the file once to be sure of its encoding: raises UnreadableFile.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.ends_mid_row = not _checked_end(path)
        self._delimiter = _delimiter(path)

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """Row numbers as a spreadsheet counts them (from 1, a cell with line breaks is one row)
        and cells. Raises UnreadableFile at a row that cannot be read."""
        with self._path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(_lines(file), delimiter=self._delimiter, strict=True)
            number = 0
            while True:
                number += 1
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    raise _broken(number, error) from None
                _refuse_oversize(cells, number)
                yield number, list[Cell](cells)


def _lines(file: io.TextIOBase) -> Iterator[str]:
    while line := file.readline(MAX_LINE_CHARS + 1):
        if len(line) > MAX_LINE_CHARS:
            raise UnreadableFile(
                f"A line of the file has more than {MAX_LINE_CHARS:,} characters, so it is not an "
                f"order export. {SAVE_AS}"
            )
        yield line


def _broken(number: int, error: csv.Error) -> UnreadableFile:
    if "field larger" in str(error):
        return _too_long(number)
    return UnreadableFile(
        f"A quotation mark in or before row {number:,} is not closed as it should be, so it is "
        f"not clear where rows begin. {SAVE_AS}"
    )


def _refuse_oversize(cells: list[str], number: int) -> None:
    if len(cells) > MAX_COLUMNS:
        raise UnreadableFile(
            f"Row {number:,} has {len(cells):,} columns, and at most {MAX_COLUMNS:,} can be read. "
            f"{SAVE_AS}"
        )
    if any(map(MAX_CELL_CHARS.__lt__, map(len, cells))):
        raise _too_long(number)


def _too_long(number: int) -> UnreadableFile:
    return UnreadableFile(
        f"A cell in row {number:,} has more than {MAX_CELL_CHARS:,} characters: a quotation mark "
        f"may be missing. {SAVE_AS}"
    )


def _checked_end(path: Path) -> bool:
    """Reads the whole file as UTF-8 and says whether it ends with a line break."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines = 1
    chunk = b""
    with path.open("rb") as file:
        while more := file.read(CHUNK):
            chunk = more
            if lines == 1 and chunk.startswith(WIDE_ENCODINGS):
                name = "UTF-32" if chunk.startswith(UTF_32) else "UTF-16"
                raise UnreadableFile(f"The file is not UTF-8 but {name} text. {SAVE_AS}")
            if b"\0" in chunk:
                line = lines + chunk.count(b"\n", 0, chunk.index(b"\0"))
                raise UnreadableFile(
                    f"Line {line:,} of the file has NUL characters: it is damaged, or not UTF-8 "
                    f"text. {SAVE_AS}"
                )
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                line = lines + chunk.count(b"\n", 0, max(error.start, 0))
                raise _not_utf8(line) from None
            lines += chunk.count(b"\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise _not_utf8(lines) from None
    return chunk.endswith((b"\n", b"\r"))


def _not_utf8(line: int) -> UnreadableFile:
    return UnreadableFile(
        f"Line {line:,} of the file is not UTF-8 text; a spreadsheet program may have saved it in "
        f"another encoding. {SAVE_AS}"
    )


def _delimiter(path: Path) -> str:
    """The delimiter under which the first rows have the most column names that we know."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        start = file.read(65_536)

    def names(delimiter: str) -> int:
        reader = csv.reader(io.StringIO(start, newline=""), delimiter=delimiter)
        best = 0
        try:
            for _, cells in zip(range(HEADER_WITHIN_ROWS), reader, strict=False):
                best = max(best, known_names(cells))
        except csv.Error:
            pass
        return best

    return max(DELIMITERS, key=names)
