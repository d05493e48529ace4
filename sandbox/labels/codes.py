"""Codes that scanners read: Code 128 for the tracking number, QR for the package id."""

from __future__ import annotations

from functools import lru_cache

import qrcode
from qrcode.constants import ERROR_CORRECT_M
from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

#: The widest a module gets, and the quiet zone on each side in modules.
WIDEST = 0.5 * mm
QUIET = 10


def bars(canvas: Canvas, x: float, y: float, room: float, height: float, text: str) -> None:
    """Code 128 of `text` in the middle of `room`, with the quiet zones that scanners need."""
    modules, boxes = stripes(text)
    module = min(WIDEST, room / (modules + 2 * QUIET))
    left = x + (room - module * modules) / 2
    canvas.addLiteral(f"q {module:.5f} 0 0 {height:.3f} {left:.3f} {y:.3f} cm {boxes} f Q")


def stripes(text: str) -> tuple[int, str]:
    """Modules across, and the bars as rectangles one high, in the words of PDF."""
    code = Code128(text, quiet=False)
    code.validate()
    code.encode()
    code.decompose()
    place = 0
    boxes = []
    for sign in code.decomposed:  # A is a bar of one module, B of two; a, b spaces
        wide = ord(sign.lower()) - ord("a") + 1
        if sign.isupper():
            boxes.append(f"{place} 0 {wide} 1 re")
        place += wide
    return place, " ".join(boxes)


def square(canvas: Canvas, x: float, y: float, side: float, text: str) -> None:
    """QR of `text` with a quiet zone of four modules inside `side`."""
    count, boxes = matrix(text)
    module = side / (count + 8)
    canvas.addLiteral(
        f"q {module:.5f} 0 0 {module:.5f} {x + 4 * module:.3f} {y + 4 * module:.3f} cm {boxes} f Q"
    )


@lru_cache(maxsize=256)
def matrix(text: str) -> tuple[int, str]:
    """Modules a side, and the dark ones as rectangles in the words of PDF, one per stretch.

    One mask for all: each is allowed, and looking for the best costs more than the whole label.
    """
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, mask_pattern=3)
    code.add_data(text)
    code.make(fit=True)
    count = len(code.modules)
    boxes = []
    for row, dark in enumerate(code.modules):
        column = 0
        while column < count:
            start = column
            while column < count and dark[column]:
                column += 1
            if column > start:
                boxes.append(f"{start} {count - 1 - row} {column - start} 1 re")
            column += 1
    return count, " ".join(boxes)
