"""The shipping label: what the carrier scans and reads, on A6."""

from __future__ import annotations

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from sandbox.labels.codes import bars, square
from sandbox.labels.fonts import BOLD, REGULAR, width, wrap, write
from sandbox.labels.parcel import Parcel, Party
from sandbox.labels.sheet import HIGH, WIDE

EDGE = 4 * mm
INNER = WIDE - 2 * EDGE
#: Heights from the bottom at which the label is ruled.
RULES = tuple(level * mm for level in (128, 95, 74, 40))
FRAME = f"0.6 w {EDGE:.2f} {EDGE:.2f} {INNER:.2f} {HIGH - 2 * EDGE:.2f} re S " + " ".join(
    f"{EDGE:.2f} {y:.2f} m {WIDE - EDGE:.2f} {y:.2f} l S" for y in RULES
)
NOT_REAL = "SANDBOX - NOT VALID FOR POSTAGE"


def draw_label(canvas: Canvas, parcel: Parcel) -> None:
    canvas.addLiteral(FRAME)
    _head(canvas, parcel)
    _tracking(canvas, parcel)
    _party(canvas, parcel, "FROM", parcel.sender, 91 * mm, (9, 7.5), 4)
    _party(canvas, parcel, "TO", parcel.recipient, 68.5 * mm, (13, 10.5), 5)
    _foot(canvas, parcel)


def _head(canvas: Canvas, parcel: Parcel) -> None:
    x = EDGE + 2 * mm
    write(canvas, x, 136 * mm, parcel.carrier, 16, BOLD)
    write(canvas, x, 130.5 * mm, parcel.service, 9)
    right = WIDE - EDGE - 2 * mm
    write(canvas, right - width(parcel.sort_code, 24, BOLD), 131 * mm, parcel.sort_code, 24, BOLD)


def _tracking(canvas: Canvas, parcel: Parcel) -> None:
    number = parcel.tracking_number
    bars(canvas, EDGE, 102 * mm, INNER, 24 * mm, number)
    write(canvas, (WIDE - width(number, 12, BOLD)) / 2, 97 * mm, number, 12, BOLD)


def _party(
    canvas: Canvas,
    parcel: Parcel,
    word: str,
    party: Party,
    y: float,
    sizes: tuple[float, float],
    most: int,
) -> None:
    """A name and at most so many lines under it; what is longer is cut, as carriers do."""
    large, small = sizes
    x, room = EDGE + 14 * mm, INNER - 16 * mm
    write(canvas, EDGE + 2 * mm, y - 1, word, 8, BOLD)
    name = wrap(party.name, large, room, BOLD, parcel.region)[:1]
    lines = [
        part for line in party.lines for part in wrap(line, small, room, REGULAR, parcel.region)
    ]
    lines = [*lines[: most - 1], party.phone] if party.phone else lines[:most]
    for line in name:
        write(canvas, x, y - large * 0.3, line, large, BOLD, parcel.region)
    for number, line in enumerate(lines, 1):
        write(
            canvas, x, y - large * 0.3 - number * small * 1.35, line, small, REGULAR, parcel.region
        )


def _foot(canvas: Canvas, parcel: Parcel) -> None:
    side = 31 * mm
    square(canvas, WIDE - EDGE - side - 1 * mm, EDGE + 2 * mm, side, parcel.package_id)
    x, y, room = EDGE + 2 * mm, 35 * mm, INNER - side - 5 * mm
    write(canvas, x, y, f"Package {parcel.package_id}", 9, BOLD)
    told = [_orders(parcel.orders), f"{parcel.units} unit{'s' * (parcel.units != 1)}"]
    told += [part for part in (parcel.weight, parcel.handover, parcel.made) if part]
    for number, line in enumerate(told, 1):
        write(canvas, x, y - number * 4 * mm, wrap(line, 8, room)[0], 8)
    if parcel.collect:
        write(canvas, x, 9 * mm, f"COD {parcel.collect}", 14, BOLD)
    write(canvas, x, EDGE + 2 * mm, NOT_REAL, 6.5, BOLD)


def _orders(ids: tuple[str, ...]) -> str:
    return f"Order {ids[0]}" if len(ids) == 1 else f"{len(ids)} orders from {ids[0]}"
