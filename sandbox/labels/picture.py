"""A page as a picture, for printers and programs that take no PDF: the same drawing, in pixels."""

from __future__ import annotations

from io import BytesIO

import pypdfium2

from sandbox.labels.sheet import DRAWING

#: Dots an inch of a usual label printer.
DOTS = 203


def png(content: bytes, page: int = 0) -> bytes:
    """One page of a PDF in grey. The library may be used by one thread at a time."""
    out = BytesIO()
    with DRAWING:
        document = pypdfium2.PdfDocument(content)
        try:
            picture = document[page].render(scale=DOTS / 72, grayscale=True).to_pil()
        finally:
            document.close()
    picture.save(out, "PNG", dpi=(DOTS, DOTS))
    return out.getvalue()
