"""CSV as RFC 4180 has it: UTF-8 with a byte-order mark, rows that end in CR LF. PostgreSQL writes
the rows; what is left is their ends and the header.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import BinaryIO

#: Controls but tab, line feed and carriage return. Ingest has taken them out; nothing gets by.
CONTROLS = bytes([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F])
#: The other controls, and the two signs that no XML may hold, in UTF-8.
RARE = re.compile(rb"\xc2[\x80-\x9f]|\xef\xbf[\xbe\xbf]")
GATHERED = 500


def cleaned(block: bytes, spared: bytes = b"") -> bytes:
    """`block` without control characters, but for `spared`."""
    block = block.translate(None, bytes(sign for sign in CONTROLS if sign not in spared))
    if b"\xc2" in block or b"\xef\xbf" in block:
        block = RARE.sub(b"", block)
    return block


class CsvFile:
    """Rows as they come from PostgreSQL (source.py) into `out`, which is never closed."""

    #: A cell of it can hold anything; see XlsxFile.
    shortened, warning = 0, ""

    def __init__(self, out: BinaryIO, header: Sequence[str]) -> None:
        self._out = out
        self._rows: list[bytes | memoryview] = []
        #: A row of nothing: an empty line would be none to most readers.
        self._blank = b'""' if len(header) == 1 else b""
        out.write(b"\xef\xbb\xbf")
        self.explain(header)

    def explain(self, cells: Iterable[str]) -> None:
        """A row of our own words."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\r\n").writerow(cells)
        self._out.write(text.getvalue().encode())

    def add(self, row: bytes | memoryview) -> None:
        self._rows.append(row[:-1] or self._blank)
        if len(self._rows) >= GATHERED:
            self._flush()

    def end(self) -> None:
        self._flush()

    def _flush(self) -> None:
        if self._rows:
            self._rows.append(b"")
            self._out.write(cleaned(b"\r\n".join(self._rows)))
            self._rows.clear()
