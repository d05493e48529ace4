"""Finding the header among a sheet's first rows, and telling the description row under it from
an order.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..text import clean
from .cells import Cell, text
from .columns import COLUMNS, ONE_REQUIRED, REQUIRED, Layout, known_names, layout_of
from .errors import UnreadableFile
from .limits import HEADER_WITHIN_ROWS

LEAST_KNOWN_NAMES = 3
DIGIT = re.compile(r"\d")
LETTER = re.compile(r"[^\W\d_]")


def header_at(rows: Sequence[Sequence[Cell]]) -> int | None:
    """The index of the first row that knows at least three of our column names, or None."""
    for index, cells in enumerate(rows):
        if known_names([text(cell) for cell in cells]) >= LEAST_KNOWN_NAMES:
            return index
    return None


def read_header(cells: Sequence[Cell]) -> Layout:
    """The layout of header row `cells`; raises UnreadableFile when it cannot serve."""
    names = [clean(text(cell)) for cell in cells]
    while names and not names[-1]:
        names.pop()
    return layout_of(names)


def no_header() -> UnreadableFile:
    """What to say of a sheet without a header."""
    wanted = ", ".join(COLUMNS[key][0] for key in (*REQUIRED, ONE_REQUIRED[0]))
    return UnreadableFile(
        f"None of the first {HEADER_WITHIN_ROWS} rows is the header of an order export (looked "
        f"for {wanted}). Choose the file that the marketplace's order export made."
    )


def is_description(cells: Sequence[Cell], layout: Layout) -> bool:
    """Whether the row under the header explains the columns ("Platform unique order ID.").

    Every importer meets that row. A real order has a digit in its quantity and its created time
    even when its id is damaged, so a row is only taken for a description when neither has one
    and the id cell is words.
    """

    def cell(key: str) -> str:
        at = layout.at[key]
        return text(cells[at]) if at < len(cells) else ""

    explained = all(
        LETTER.search(cell(key)) and not DIGIT.search(cell(key))
        for key in ("quantity", "created_at")
    )
    identifier = cell("order_id").strip()
    return explained and bool(LETTER.search(identifier)) and not DIGIT.match(identifier)
