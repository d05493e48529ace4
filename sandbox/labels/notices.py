"""The other sheets of some packages: the hazard label of dangerous goods (A4), and the invoice
label of Brazil (A6).
"""

from __future__ import annotations

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from sandbox.labels.codes import bars, square
from sandbox.labels.fonts import BOLD, write
from sandbox.labels.parcel import Parcel
from sandbox.labels.sheet import WIDE

EDGE = 8 * mm


def draw_hazard(canvas: Canvas, parcel: Parcel) -> None:
    """A square on its corner, ruled as the mark for limited quantities is."""
    middle, centre, reach = WIDE / 2, 92 * mm, 34 * mm
    canvas.addLiteral(
        f"1.5 w {middle:.2f} {centre + reach:.2f} m {middle + reach:.2f} {centre:.2f} l "
        f"{middle:.2f} {centre - reach:.2f} l {middle - reach:.2f} {centre:.2f} l s"
    )
    write(canvas, EDGE, 136 * mm, "Limited quantity", 18, BOLD)
    write(canvas, EDGE, 40 * mm, f"Package {parcel.package_id}", 10)
    bars(canvas, EDGE, 20 * mm, WIDE - 2 * EDGE, 14 * mm, parcel.tracking_number)


def draw_invoice(canvas: Canvas, parcel: Parcel) -> None:
    write(canvas, EDGE, 134 * mm, "Invoice label", 18, BOLD)
    for place, line in enumerate((f"Package {parcel.package_id}", *parcel.orders[:12])):
        write(canvas, EDGE, 126 * mm - place * 5 * mm, line, 10)
    square(canvas, EDGE, 40 * mm, 40 * mm, parcel.package_id)
    bars(canvas, EDGE, 16 * mm, WIDE - 2 * EDGE, 18 * mm, parcel.tracking_number)
