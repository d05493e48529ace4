"""Labels that are created, with files as the platform makes them, for tests of what is printed."""

from __future__ import annotations

import io
from typing import Any

import pypdfium2
import zxingcpp

from sandbox.labels.document import make as document
from sandbox.labels.parcel import Item, Parcel, Party
from shipboard.channels.contract import Document, LineFact, ParcelContent, Stage
from shipboard.channels.models import Shop
from shipboard.fulfilment import storing
from shipboard.ingest.apply import Source, apply
from shipboard.orders.labels import Label, LabelOrder
from shipboard.orders.models import Order
from tests import make

BUYER = {"name": "Rowan Ashby", "address": "77 Lantern Street", "city": "Portland", "state": "OR"}


def number(at: int) -> str:
    return f"GX{at:012d}"


def label(shop: Shop, at: int, **given: Any) -> Label:
    """A created label of an order of its own, with its file; `skus` are its lines, by SKU."""
    skus: dict[str, int] = given.pop("skus", {"MUG-01": 1})
    values = {"ship_by": make.NOW + make.HOUR * at}
    recipient = given.pop("recipient", BUYER)
    apply(
        shop,
        [
            make.order(
                f"5760{at:06d}",
                recipient=recipient,
                lines=tuple(_line(sku, units) for sku, units in skus.items()),
            )
        ],
        Source(by="tests", now=make.NOW),
    )
    order = Order.objects.get(shop=shop, order_id=f"5760{at:06d}")
    Order.objects.filter(pk=order.pk).update(**values)
    made = Label.objects.create(
        shop=shop,
        state=Label.State.CREATING,
        package_id=f"1153{at:06d}",
        tracking_number=number(at),
        carrier="Gull Express",
        by="mai",
        asked_at=make.NOW,
        arranged_at=make.NOW,
    )
    LabelOrder.objects.create(
        label=made,
        order=order,
        units=sum(skus.values()),
        contents={str(place): units for place, units in enumerate(skus.values())},
    )
    if given.pop("is_created", True):
        storing.store(made, Document(content=file_of(at), media_type="application/pdf"), make.NOW)
        made.save()
    return made


def cancel_units(of: Label, sku: str, *, had: int, canceled: int, hours: int = 1) -> None:
    """The buyer cancels some of the `had` units that the label was made for."""
    order = Order.objects.get(labels__label=of)
    left = (ParcelContent(0, had - canceled),)
    fact = make.order(
        order.order_id,
        stage=Stage.PENDING_COLLECTION,
        as_of=make.NOW + make.HOUR * hours,
        lines=(_line(sku, had, {"canceled_units": str(canceled)}),),
        parcels=(
            make.parcel(
                package_id=of.package_id, tracking_number=of.tracking_number, contents=left
            ),
        ),
        recipient=order.recipient,
    )
    apply(of.shop, [fact], Source(by="tests", now=make.NOW + make.HOUR * hours))


def _line(sku: str, units: int, extra: dict[str, str] | None = None) -> LineFact:
    return make.line(
        quantity=units, seller_sku=sku, sku_id=f"17-{sku}", sku_name="", extra=extra or {}
    )


def file_of(at: int) -> bytes:
    parcel = Parcel(
        package_id=f"1153{at:06d}",
        tracking_number=number(at),
        carrier="Gull Express",
        service="Gull Ground",
        sort_code="US-972",
        region="US",
        sender=Party("Harbor Goods", ("Dock 4, Oakland",)),
        recipient=Party("Rowan Ashby", ("77 Lantern Street",), "(+1)5550100999"),
        orders=(f"5760{at:06d}",),
        items=(Item("MUG-01", "Enamel mug", 1),),
    )
    return bytes(document(parcel, "SHIPPING_LABEL").content)


def pages_of(content: bytes) -> list[tuple[str, set[str]]]:
    """Of each page its text, and the codes that a reader finds on it when it is on paper."""
    found = []
    pdf = pypdfium2.PdfDocument(io.BytesIO(content))
    for page in pdf:
        text = " ".join(page.get_textpage().get_text_range().split())
        picture = page.render(scale=250 / 72).to_pil().convert("L")
        found.append((text, {each.text for each in zxingcpp.read_barcodes(picture)}))
    pdf.close()
    return found
