"""The rejected rows of an import as lines of a CSV: mend them and send the file again."""

from __future__ import annotations

from collections.abc import Iterator

from shipboard.channels.file.mended import REASON, guarded
from shipboard.ingest.models import OrderImport


def rejected_lines(of: OrderImport) -> Iterator[list[str]]:
    """Header and rows, each with the reason; a reason of an earlier round is left out."""
    header = [str(name) for name in of.header]
    kept = [place for place, name in enumerate(header) if name.strip() != REASON]
    yield [*(guarded(header[place]) for place in kept), REASON]
    for rejected in of.rejected_rows.order_by("row").iterator(chunk_size=500):
        cells = [str(cell or "") for cell in rejected.cells]
        cells += [""] * (len(header) - len(cells))
        yield [guarded(cells[place]) for place in kept] + [rejected.reason]
