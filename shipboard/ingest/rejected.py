"""The rejected rows of an import as lines of a CSV: mend them and send the file again."""

from __future__ import annotations

from collections.abc import Iterator

from shipboard.ingest.models import OrderImport

REASON = "Why it was rejected"
#: A cell that begins so would be a formula in a spreadsheet; a quote keeps it text.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def rejected_lines(of: OrderImport) -> Iterator[list[str]]:
    """Header and rows, each with the reason; the first line begins with a byte-order mark so that
    spreadsheets read UTF-8."""
    header = [str(name) for name in of.header] + [REASON]
    yield ["\ufeff" + header[0], *header[1:]]
    for rejected in of.rejected_rows.order_by("row").iterator(chunk_size=500):
        cells = [str(cell or "") for cell in rejected.cells]
        padded = cells + [""] * (len(of.header) - len(cells))
        yield [guarded(cell) for cell in padded] + [rejected.reason]


def guarded(cell: str) -> str:
    """Ids keep a trailing tab, as the marketplace's own files do, so that they stay text."""
    if cell.isdigit() and len(cell) > 15:
        return cell + "\t"
    return "'" + cell if cell.startswith(FORMULA) and not _is_number(cell) else cell


def _is_number(cell: str) -> bool:
    return cell.lstrip("+-").replace(".", "", 1).isdigit()
