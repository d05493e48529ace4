"""The ZIP archive that an XLSX workbook is, opened with suspicion: sizes are checked before
anything is unpacked, and every fault of the archive becomes one sentence.
"""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import UnreadableFile
from .limits import (
    MAX_ENTRIES,
    MAX_RATIO,
    MAX_UNCOMPRESSED_BYTES,
    RATIO_FROM_BYTES,
    megabytes,
)

AGAIN = "Export the orders again and choose the file that arrives."
DAMAGED = f"The workbook is damaged or was cut short on the way. {AGAIN}"
CHUNK = 1 << 16
DIRECTORY_ENTRY = b"PK\x01\x02"
FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    KeyError,
    RuntimeError,
    struct.error,
    UnicodeError,
    ValueError,
    OverflowError,
    OSError,
)


class Archive:
    """The parts of one workbook by name; `chunks` streams a part."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self.names = frozenset(file.namelist())

    def chunks(self, part: str) -> Iterator[bytes]:
        """The bytes of `part` in order. Never more than the archive's directory promised, as
        zipfile stops there. Raises UnreadableFile when the part is missing or damaged."""
        try:
            with self._file.open(part) as stream:
                while chunk := stream.read(CHUNK):
                    yield chunk
        except FAULTS as error:
            raise UnreadableFile(DAMAGED) from error

    def size(self, part: str) -> int:
        return self._file.getinfo(part).file_size


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """The archive at `path`; raises UnreadableFile when it is broken, locked or a bomb."""
    _refuse_crowded(path)
    try:
        file = zipfile.ZipFile(path)
    except FAULTS as error:
        raise UnreadableFile(DAMAGED) from error
    with file:
        _refuse_bombs(file.infolist())
        _refuse_others(frozenset(file.namelist()))
        yield Archive(file)


def _refuse_crowded(path: Path) -> None:
    """Counts directory entries before zipfile would make an object of each."""
    found = 0
    tail = b""
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            found += (tail + chunk).count(DIRECTORY_ENTRY)
            tail = chunk[-len(DIRECTORY_ENTRY) + 1 :]
    if found > MAX_ENTRIES:
        raise UnreadableFile(
            f"The file holds more than {MAX_ENTRIES:,} files, so it is not an order export. {AGAIN}"
        )


def _refuse_bombs(entries: list[zipfile.ZipInfo]) -> None:
    if any(entry.flag_bits & 1 for entry in entries):
        raise UnreadableFile(
            "The file is protected with a password. Save a copy without the password and choose "
            "that copy, or export the orders again."
        )
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNCOMPRESSED_BYTES:
        raise UnreadableFile(
            f"The workbook unpacks to {megabytes(unpacked)}, and at most "
            f"{megabytes(MAX_UNCOMPRESSED_BYTES)} can be read. Export fewer orders at a time."
        )
    for entry in entries:
        packed = max(entry.compress_size, 1)
        if entry.file_size > RATIO_FROM_BYTES and entry.file_size > MAX_RATIO * packed:
            raise UnreadableFile(
                f"The workbook is packed more than {MAX_RATIO} to 1, as no order export is. {AGAIN}"
            )


def _refuse_others(names: frozenset[str]) -> None:
    if any(name.startswith("xl/") and name.endswith(".xml") for name in names):
        return
    if "xl/workbook.bin" in names:
        what = "a binary Excel workbook (.xlsb). Open it and save it as an Excel workbook (.xlsx)"
    elif "content.xml" in names:
        what = "an OpenDocument file. Open it and save it as an Excel workbook (.xlsx)"
    elif any(name.startswith("word/") for name in names):
        what = "a text document, not an order export. Choose the exported file"
    else:
        what = "a ZIP archive, not a workbook. If the export is inside, unpack it and choose that"
    raise UnreadableFile(f"The file is {what}, or export the orders again.")
