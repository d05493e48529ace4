"""A workbook's own lists: its sheets, which cell styles are dates, from which day it counts, and
its shared strings.
"""

from __future__ import annotations

import posixpath
import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from .errors import UnreadableFile
from .limits import MAX_CELL_CHARS, MAX_SHARED_TEXT_BYTES, MAX_SMALL_PART_BYTES, megabytes
from .xlsx_archive import DAMAGED, Archive
from .xlsx_xml import elements, fed, guarded_parser, local

FROM_1900 = datetime(1899, 12, 30)  # noqa: DTZ001 - a sheet's local time has no zone
FROM_1904 = datetime(1904, 1, 1)  # noqa: DTZ001
BUILT_IN_DATES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
NOT_A_DATE_PART = re.compile(
    r'"[^"]*"|\[(?!h+\]|m+\]|s+\])[^\]]*\]|\\.|_.|\*.|General', re.IGNORECASE
)
DATE_PART = re.compile(r"[dmyhs]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Book:
    """sheets: name and part, in the workbook's order. date_styles: which indexes of cell styles
    show a date. epoch: the instant of serial number 0, local time."""

    sheets: tuple[tuple[str, str], ...]
    date_styles: frozenset[int]
    epoch: datetime
    strings_part: str


def read_book(archive: Archive) -> Book:
    """Reads the small parts of a workbook; raises UnreadableFile."""
    main = _target(archive, "_rels/.rels", "", "officeDocument") or "xl/workbook.xml"
    relations = _relations(archive, main)
    sheets: list[tuple[str, str]] = []
    epoch = FROM_1900
    for name, attributes in elements(_small(archive, main)):
        if name == "sheet":
            link = next((value for key, value in attributes.items() if local(key) == "id"), "")
            kind, part = relations.get(link, ("", ""))
            if kind == "worksheet" and part in archive.names:
                sheets.append((attributes.get("name", ""), part))
        elif name == "workbookPr" and attributes.get("date1904", "") in ("1", "true"):
            epoch = FROM_1904
    parts = {kind: part for kind, part in relations.values() if part in archive.names}
    return Book(
        sheets=tuple(sheets),
        date_styles=_date_styles(archive, parts.get("styles", "")),
        epoch=epoch,
        strings_part=parts.get("sharedStrings", ""),
    )


def _small(archive: Archive, part: str) -> Iterator[bytes]:
    if part not in archive.names or archive.size(part) > MAX_SMALL_PART_BYTES:
        raise UnreadableFile(DAMAGED)
    return archive.chunks(part)


def _relations(archive: Archive, of: str) -> dict[str, tuple[str, str]]:
    """Relation id to the last word of its type and the part that it names."""
    folder, name = posixpath.split(of)
    listing = posixpath.join(folder, "_rels", f"{name}.rels")
    return {
        attributes.get("Id", ""): (
            attributes.get("Type", "").rpartition("/")[2],
            _part(folder, attributes.get("Target", "")),
        )
        for element, attributes in elements(_small(archive, listing))
        if element == "Relationship"
    }


def _part(folder: str, target: str) -> str:
    return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")


def _target(archive: Archive, listing: str, folder: str, kind: str) -> str:
    if listing not in archive.names:
        return ""
    for element, attributes in elements(_small(archive, listing)):
        if element == "Relationship" and attributes.get("Type", "").endswith(f"/{kind}"):
            return _part(folder, attributes.get("Target", ""))
    return ""


def _date_styles(archive: Archive, part: str) -> frozenset[int]:
    if not part:
        return frozenset()
    dates = set(BUILT_IN_DATES)
    styles: list[int] = []
    is_cell_style = False
    for name, attributes in elements(_small(archive, part)):
        if name == "numFmt" and DATE_PART.search(
            NOT_A_DATE_PART.sub("", attributes.get("formatCode", ""))
        ):
            dates.add(_number(attributes.get("numFmtId", "")))
        elif name in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
            is_cell_style = name == "cellXfs"
        elif name == "xf" and is_cell_style:
            styles.append(_number(attributes.get("numFmtId", "")))
    return frozenset(index for index, code in enumerate(styles) if code in dates)


def _number(value: str) -> int:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else -1


class SharedStrings:
    """The workbook's shared strings, packed as UTF-8 in one block of memory: a list of a million
    small strings would take three times as much."""

    def __init__(self, archive: Archive, part: str) -> None:
        self._text = bytearray()
        self._ends = array("L", [0])
        if part:
            self._read(archive.chunks(part))

    def __getitem__(self, index: int) -> str:
        """String number `index` (from 0); IndexError outside the list."""
        if not 0 <= index < len(self._ends) - 1:
            raise IndexError(index)
        return self._text[self._ends[index] : self._ends[index + 1]].decode("utf-8")

    def _read(self, chunks: Iterator[bytes]) -> None:
        parser = guarded_parser()
        within = _Within()
        text, ends = self._text, self._ends

        def start(name: str, _: dict[str, str]) -> None:
            name = local(name)
            if name == "rPh":
                within.phonetic = True
            elif name == "t":
                within.text = not within.phonetic

        def characters(piece: str) -> None:
            if within.text:
                text.extend(piece.encode("utf-8"))
                if len(text) - ends[-1] > 4 * MAX_CELL_CHARS:
                    raise UnreadableFile(
                        f"A cell of the workbook has more than {MAX_CELL_CHARS:,} characters, as "
                        "no order has. Export the orders again."
                    )

        def end(name: str) -> None:
            name = local(name)
            if name == "t":
                within.text = False
            elif name == "rPh":
                within.phonetic = False
            elif name == "si":
                ends.append(len(text))

        parser.StartElementHandler = start
        parser.CharacterDataHandler = characters
        parser.EndElementHandler = end
        for _ in fed(parser, chunks):
            if len(text) + len(ends) > MAX_SHARED_TEXT_BYTES:
                raise UnreadableFile(
                    f"The workbook has more than {megabytes(MAX_SHARED_TEXT_BYTES)} of text. "
                    "Export fewer orders at a time, or as CSV."
                )


@dataclass(slots=True)
class _Within:
    """Where the reader of shared strings is."""

    text: bool = False
    phonetic: bool = False
