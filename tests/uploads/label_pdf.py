"""PDFs of labels, as Seller Center gives them, and worse ones."""

from __future__ import annotations

import io
from collections.abc import Iterable

import pypdfium2
from reportlab.pdfgen.canvas import Canvas

from sandbox.labels.document import make as document
from sandbox.labels.parcel import Item, Parcel, Party

ADDRESS = "77 Lantern Street"


def parcel(at: int, **given: object) -> Parcel:
    """A parcel of the order `order_id(at)`, in package `package(at)` under `tracking(at)`."""
    values: dict[str, object] = {
        "package_id": package(at),
        "tracking_number": tracking(at),
        "carrier": "Gull Express",
        "service": "Gull Ground",
        "sort_code": "US-972",
        "region": "US",
        "sender": Party("Harbor Goods", ("Dock 4, Oakland",)),
        "recipient": Party("Rowan Ashby", (ADDRESS, "Portland, OR 97201"), "(+1)5550100999"),
        "orders": (order_id(at),),
        "items": (Item("MUG-01", "Enamel mug", 1),),
    }
    return Parcel(**values | given)  # type: ignore[arg-type]


def order_id(at: int) -> str:
    return f"57600000{at:010d}"


def package(at: int) -> str:
    return f"11530000{at:011d}"


def tracking(at: int) -> str:
    return f"GX{at:012d}"


LABEL, SLIP, BOTH = "SHIPPING_LABEL", "PACKING_SLIP", "SHIPPING_LABEL_AND_PACKING_SLIP"


def pages(parcels: Iterable[Parcel], kind: str = LABEL) -> bytes:
    """One PDF of the documents of these parcels, in turn."""
    return joined(document(each, kind).content for each in parcels)


def joined(contents: Iterable[bytes]) -> bytes:
    whole = pypdfium2.PdfDocument.new()
    for content in contents:
        with pypdfium2.PdfDocument(content) as pdf:
            whole.import_pages(pdf)
    return _saved(whole)


def turned(content: bytes, by: int) -> bytes:
    """Every page turned by so many degrees."""
    pdf = pypdfium2.PdfDocument(content)
    for page in pdf:
        page.set_rotation(by)
    return _saved(pdf)


def scanned(content: bytes, dots: int = 200) -> bytes:
    """Its pages as pictures alone, without a letter of text."""
    pdf = pypdfium2.PdfDocument(content)
    pictures = [page.render(scale=dots / 72).to_pil().convert("L") for page in pdf]
    pdf.close()
    stream = io.BytesIO()
    pictures[0].save(
        stream, "PDF", save_all=True, append_images=pictures[1:], resolution=float(dots)
    )
    return stream.getvalue()


def written(*texts: str, size: tuple[float, float] = (298, 420)) -> bytes:
    """A page for each text, which stands on it in lines."""
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=size, invariant=1)
    for text in texts:
        for at, line in enumerate(text.splitlines()):
            canvas.drawString(20, size[1] - 40 - at * 14, line)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def texts(content: bytes) -> list[str]:
    with pypdfium2.PdfDocument(content) as pdf:
        return [page.get_textpage().get_text_bounded() for page in pdf]


def _saved(pdf: pypdfium2.PdfDocument) -> bytes:
    stream = io.BytesIO()
    pdf.save(stream)
    pdf.close()
    return stream.getvalue()
