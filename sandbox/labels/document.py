"""Which sheets a document of each type has, and in which sizes and formats it comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from sandbox.labels.label import draw_label
from sandbox.labels.notices import draw_hazard, draw_invoice
from sandbox.labels.parcel import Parcel
from sandbox.labels.picture import png
from sandbox.labels.sheet import Page, pdf
from sandbox.labels.slip import slip_pages
from sandbox.labels.zpl import zpl

PDF, PNG, ZPL = "application/pdf", "image/png", "text/plain"


@dataclass(frozen=True)
class Document:
    content: bytes
    mime: str


def _label(parcel: Parcel) -> list[Page]:
    return [partial(draw_label, parcel=parcel)]


#: Type to (its pages, the one size it comes in or blank for the size that was asked for).
TYPES: dict[str, tuple[Callable[[Parcel], list[Page]], str]] = {
    "SHIPPING_LABEL": (_label, ""),
    "PACKING_SLIP": (slip_pages, ""),
    "SHIPPING_LABEL_AND_PACKING_SLIP": (lambda parcel: _label(parcel) + slip_pages(parcel), ""),
    "SHIPPING_LABEL_PICTURE": (_label, "A6"),
    "HAZMAT_LABEL": (lambda parcel: [partial(draw_hazard, parcel=parcel)], "A4"),
    "INVOICE_LABEL": (lambda parcel: [partial(draw_invoice, parcel=parcel)], "A6"),
}


def make(parcel: Parcel, type: str, size: str = "A6", format: str = "PDF") -> Document:
    """The document. Only the label itself comes as ZPL."""
    if format == "ZPL" and type == "SHIPPING_LABEL":
        return Document(zpl(parcel), ZPL)
    pages, fixed = TYPES[type]
    content = pdf(pages(parcel), fixed or size, f"{type} {parcel.package_id}")
    if type == "SHIPPING_LABEL_PICTURE":
        return Document(png(content), PNG)
    return Document(content, PDF)
