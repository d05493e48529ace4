"""How much a file may hold before it is refused. An export has at most 200,000 orders; the
limits leave several times that, and keep a hostile file from taking the machine's memory.
"""

from __future__ import annotations

MAX_FILE_BYTES = 200 * 1024**2
MAX_UNCOMPRESSED_BYTES = 2 * 1024**3
MAX_RATIO = 200  # unpacked to packed, of entries larger than RATIO_FROM_BYTES
RATIO_FROM_BYTES = 8 * 1024**2
MAX_ENTRIES = 5_000
MAX_SMALL_PART_BYTES = 8 * 1024**2  # the workbook's own lists: sheets, relations, styles
MAX_SHARED_TEXT_BYTES = 160 * 1024**2
MAX_ROWS = 1_000_000
MAX_ROWS_OF_AN_ORDER = 5_000
MAX_SHEET_ROW = 1_048_576  # the last row that a spreadsheet program can show
MAX_COLUMNS = 1_000
MAX_CELL_CHARS = 100_000
MAX_LINE_CHARS = 1_000_000
HEADER_WITHIN_ROWS = 10


def megabytes(count: int) -> str:
    """`count` bytes for a sentence, never less than they are: "200 MB"."""
    return f"{-(-count // 1024**2):,} MB"
