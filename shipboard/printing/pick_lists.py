"""The pick list: what to fetch for a whole stack, shelf by shelf, and into which of its parcels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from shipboard.printing.pdf_file import PdfFile
from shipboard.printing.records import Paper, PickLine
from shipboard.printing.sheets import Sheets

_MOST_NAME = 2


def pick_list_pdf(
    lines: Sequence[PickLine],
    *,
    title: str = "Pick list",
    told: Iterable[str] = (),
    paper: Paper = Paper.A4,
    region: str = "",
) -> bytes:
    """In the order of `lines`; `told` are lines of text below the title (when, by whom, for which
    file)."""
    file = PdfFile()
    sheets = Sheets(file, paper, f"{title}, continued", region)
    sheets.text(title, 1.6, is_bold=True)
    for text in told:
        sheets.text(text)
    sheets.text(_totals(lines), is_bold=True)
    sheets.gap(0.6 * sheets.size)
    sheets.repeat(lambda: _head(sheets))
    for line in lines:
        _line(sheets, line)
    sheets.close()
    return file.written()


def _totals(lines: Sequence[PickLine]) -> str:
    units = sum(line.quantity for line in lines)
    parcels = len({place for line in lines for place, _ in line.parcels})
    return f"Units: {units} · items: {len(lines)} · parcels: {parcels}"


def _columns(sheets: Sheets) -> tuple[float, float, float]:
    """Where quantity, item and places begin; the box to tick is at the left."""
    quantity = sheets.left + 2 * sheets.size
    item = quantity + 3.6 * sheets.size
    return quantity, item, item + (sheets.right - item) * 0.66


def _head(sheets: Sheets) -> None:
    for x, word in zip(_columns(sheets), ("Qty", "Item", "Parcels"), strict=True):
        sheets.put(x, sheets.lines(word, sheets.inner)[0], 0.9)
    sheets.gap(1.4 * sheets.size)
    sheets.rule()
    sheets.gap(0.5 * sheets.size)


def _line(sheets: Sheets, line: PickLine) -> None:
    quantity, item, places = _columns(sheets)
    room = places - item - sheets.size
    coded = sheets.lines(" · ".join(filter(None, (line.sku, line.variant))), room, is_bold=True)
    named = sheets.lines(line.name, room, most=_MOST_NAME)
    placed = sheets.lines(", ".join(_places(line)), sheets.right - places)
    rows = max(len(coded) + len(named), len(placed))
    sheets.need(1.4 * sheets.size * min(rows, 8))
    sheets.frame(sheets.left, 1.1 * sheets.size)
    sheets.put_fitting(quantity, str(line.quantity), item - quantity - 2, 1.2)
    described = [*coded, *named]
    for row in range(rows):
        sheets.need(1.4 * sheets.size)
        if row < len(described):
            sheets.put(item, described[row])
        if row < len(placed):
            sheets.put(places, placed[row])
        sheets.gap(1.4 * sheets.size)
    sheets.gap(0.5 * sheets.size)


def _places(line: PickLine) -> Iterator[str]:
    """Places in the stack; neighbours with as many units each are one: "3-7"."""
    numbered = enumerate(sorted(line.parcels))
    for (_, units), some in groupby(numbered, lambda each: (each[1][0] - each[0], each[1][1])):
        places = [place for _, (place, _) in some]
        name = str(places[0]) if len(places) == 1 else f"{places[0]}-{places[-1]}"
        yield name if units == 1 else f"{name}\N{MULTIPLICATION SIGN}{units}"
