"""Paper: sizes, and a document on it. What is drawn for A6 is drawn larger on A5: the two are of
one shape.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from io import BytesIO

from reportlab import rl_config
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

WIDE, HIGH = 105 * mm, 148 * mm
#: Millimetres, across and down.
SIZES = {"A6": (105, 148), "A5": (148, 210), "A4": (210, 297)}
#: reportlab's fonts read their files at a place that all documents share.
DRAWING = threading.Lock()

#: Fonts and pictures as they are, not spelled out in letters: a third smaller, and soon done.
rl_config.useA85 = 0

Page = Callable[[Canvas], None]


def pdf(pages: list[Page], size: str, title: str) -> bytes:
    """A document of pages that are each drawn within A6 and shown at `size`."""
    across, down = (side * mm for side in SIZES[size])
    out = BytesIO()
    with DRAWING:
        canvas = Canvas(out, pagesize=(across, down), pageCompression=1, invariant=1)
        canvas.setTitle(title)
        canvas.setAuthor("Sandbox marketplace")
        for draw in pages:
            scale = min(across / WIDE, down / HIGH)
            if size != "A6":
                canvas.translate((across - WIDE * scale) / 2, (down - HIGH * scale) / 2)
                canvas.scale(scale, scale)
            draw(canvas)
            canvas.showPage()
        canvas.save()
    return out.getvalue()
