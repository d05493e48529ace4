"""The packing slip: what is in the package, for whoever packs and whoever opens it; as many pages
as it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from sandbox.labels.fonts import BOLD, REGULAR, width, wrap, write
from sandbox.labels.parcel import Item, Parcel
from sandbox.labels.sheet import HIGH, WIDE

EDGE = 6 * mm
NAME, COUNT = EDGE + 30 * mm, WIDE - EDGE
ROOM = COUNT - NAME - 10 * mm
SIZE, STEP = 8, 3.6 * mm
TOP, BOTTOM = HIGH - 42 * mm, 14 * mm

Row = tuple[str, str, str]


def slip_pages(parcel: Parcel) -> list[Callable[[Canvas], None]]:
    pages = list(_pages(parcel))
    return [
        partial(_draw, parcel=parcel, rows=rows, number=number, count=len(pages))
        for number, rows in enumerate(pages, 1)
    ]


def _pages(parcel: Parcel) -> Iterator[list[Row]]:
    """Rows of printed lines, a page of them at a time; an item stays on one page if it can."""
    most = int((TOP - BOTTOM) / STEP)
    page: list[Row] = []
    for item in parcel.items:
        rows = _rows(item, parcel.region)[:most]
        if page and len(page) + len(rows) > most:
            yield page
            page = []
        page += rows
    yield page


def _rows(item: Item, region: str) -> list[Row]:
    names = wrap(item.name, SIZE, ROOM, REGULAR, region) or [""]
    skus = wrap(item.sku, SIZE, NAME - EDGE - 2 * mm, REGULAR, region) or [""]
    depth = max(len(names), len(skus))
    names += [""] * (depth - len(names))
    skus += [""] * (depth - len(skus))
    counts = [str(item.quantity), *[""] * (depth - 1)]
    return list(zip(skus, names, counts, strict=True))


def _draw(canvas: Canvas, parcel: Parcel, rows: list[Row], number: int, count: int) -> None:
    _head(canvas, parcel)
    region = parcel.region
    for place, (sku, name, quantity) in enumerate(rows, 1):
        y = TOP - place * STEP
        write(canvas, EDGE, y, sku, SIZE, REGULAR, region)
        write(canvas, NAME, y, name, SIZE, REGULAR, region)
        write(canvas, COUNT - width(quantity, SIZE, BOLD), y, quantity, SIZE, BOLD)
    write(canvas, EDGE, 8 * mm, f"Page {number} of {count}", 7)
    total = f"{parcel.units} in all"
    write(canvas, COUNT - width(total, 7, BOLD), 8 * mm, total, 7, BOLD)


def _head(canvas: Canvas, parcel: Parcel) -> None:
    write(canvas, EDGE, HIGH - 13 * mm, "Packing slip", 16, BOLD)
    facts = [
        f"Package {parcel.package_id}",
        parcel.tracking_number,
        "Orders " + ", ".join(parcel.orders),
    ]
    for place, line in enumerate(facts):
        text = (wrap(line, 8, WIDE - 2 * EDGE) or [""])[0]
        write(canvas, EDGE, HIGH - 20 * mm - place * 4 * mm, text, 8)
    write(canvas, EDGE, HIGH - 33 * mm, parcel.recipient.name, 9, BOLD, parcel.region)
    y = TOP + 1.5 * mm
    write(canvas, EDGE, y, "SKU", 7, BOLD)
    write(canvas, NAME, y, "Item", 7, BOLD)
    write(canvas, COUNT - width("Qty", 7, BOLD), y, "Qty", 7, BOLD)
    canvas.addLiteral(f"0.5 w {EDGE:.2f} {TOP:.2f} m {COUNT:.2f} {TOP:.2f} l S")
