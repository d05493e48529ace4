"""Rows put aside between the two readings of a file: in an unnamed temporary file (it holds
addresses, and vanishes with the process), with only offsets in memory. Rows of one group need not
be adjacent.
"""

from __future__ import annotations

import marshal
import tempfile
from array import array
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from .cells import Cell

StoredRow = tuple[int, tuple[Cell, ...]]
MARSHAL_VERSION = 2  # without the table of references, which costs more than it saves here


class Spool:
    """Rows by group: `add` while the sheet is read, then `groups` in order of their first row.

    Twelve bytes of memory for a row and eight for a group. Errors of the disk are not the file's
    and pass as OSError.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__
        self._offsets = array("Q", [0])
        self._next = array("L")  # index of the group's next row, 0 for none
        self._first = array("L")
        self._last = array("L")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def __len__(self) -> int:
        return len(self._next)

    def add(self, group: int | None, number: int, cells: list[Cell]) -> int:
        """Keeps a row under `group`, or under a new group when None; returns the group."""
        stored = marshal.dumps((number, tuple(cells)), MARSHAL_VERSION)
        self._file.write(stored)
        index = len(self._next)
        self._next.append(0)
        self._offsets.append(self._offsets[-1] + len(stored))
        if group is None:
            self._first.append(index)
            self._last.append(index)
            return len(self._first) - 1
        self._next[self._last[group]] = index
        self._last[group] = index
        return group

    def groups(self, most: int) -> Iterator[list[StoredRow]]:
        """The rows of each group, in the file's order; of a group that has more than `most` rows,
        the first `most + 1`."""
        for first in self._first:
            rows = [self._row(first)]
            index = self._next[first]
            while index and len(rows) <= most:
                rows.append(self._row(index))
                index = self._next[index]
            yield rows

    def _row(self, index: int) -> StoredRow:
        start = self._offsets[index]
        self._file.seek(start)
        stored = self._file.read(self._offsets[index + 1] - start)
        row: StoredRow = marshal.loads(stored)  # noqa: S302 - our own bytes, written by `add`
        return row
