"""Reading what was printed: pages as pictures, the codes on them, and their text."""

from __future__ import annotations

import io

import pypdfium2
import zxingcpp
from PIL import Image

from shipboard.printing import Slip, SlipLine

#: Of a label printer.
DOTS = 203


def pictures(content: bytes, dots: int = DOTS) -> list[Image.Image]:
    document = pypdfium2.PdfDocument(content)
    try:
        return [page.render(scale=dots / 72).to_pil().convert("L") for page in document]
    finally:
        document.close()


def codes(content: bytes) -> list[list[str]]:
    """The texts of all codes, page by page, from top to bottom and left to right."""
    return [
        [
            found.text
            for found in sorted(
                zxingcpp.read_barcodes(picture),
                key=lambda code: (code.position.top_left.y // 40, code.position.top_left.x),
            )
        ]
        for picture in pictures(content)
    ]


def texts(content: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(content)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


def sizes(content: bytes) -> list[tuple[float, float]]:
    document = pypdfium2.PdfDocument(content)
    try:
        return [tuple(round(side, 1) for side in page.get_size()) for page in document]
    finally:
        document.close()


def squeezed(text: str) -> str:
    """Without blanks and line ends, which lines add and take."""
    return "".join(text.split())


def slip(
    name: str = "Running shoes",
    *,
    order_id: str = "576461413038785752",
    tracking_number: str = "TBA123456789012",
    lines: tuple[SlipLine, ...] | None = None,
    **given: object,
) -> Slip:
    made = Slip(
        shop="Suzi Home Store",
        order_ids=(order_id,),
        lines=lines if lines is not None else (SlipLine("17", "SKU-1", name, "Red", 1),),
        tracking_number=tracking_number,
        carrier="J&T Express",
    )
    return Slip(**{**vars(made), **given})


def png(picture: Image.Image, **options: object) -> bytes:
    written = io.BytesIO()
    picture.save(written, "PNG", **options)
    return written.getvalue()
