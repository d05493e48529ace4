"""Labels that were made at the marketplace and come here as a file: each becomes a label like any
other, with its parcel's orders inside and its pages as they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from shipboard.channels.contract import Document
from shipboard.channels.models import Shop
from shipboard.fulfilment import storing
from shipboard.fulfilment.labelling import put_inside
from shipboard.fulfilment.units import WHOLE, Unit, inside
from shipboard.orders.labels import Label, LabelDocument
from shipboard.orders.models import Line, Order, Parcel, ParcelContent
from shipboard.orders.overlays import Refused, touch

PDF = "application/pdf"
SUPERSEDED = "A label that was created at the marketplace took its place."


class NotFiled(Refused):
    """The pages are not taken as a label; the message says why."""


class AlreadyThere(NotFiled):
    """The parcel has its label here."""

    def __init__(self, label: Label) -> None:
        self.label = label
        super().__init__("The label of this parcel is here already.")


@dataclass(frozen=True, slots=True)
class Whose:
    """A parcel: the channel's, with its orders; or an order of which no parcel is known yet."""

    orders: frozenset[int]
    parcel: int | None = None


@dataclass(frozen=True, slots=True)
class Sheets:
    """Pages of one label. `tracking_number`: as it stands on them, where facts name none yet."""

    content: bytes
    pages: int
    tracking_number: str = ""


def file_label(shop: Shop, whose: Whose, sheets: Sheets, *, by: str, now: datetime) -> Label:
    """Keep the pages as the label of a parcel: of the one that is known without its file, else of a
    new one. Raises AlreadyThere and NotFiled; nothing is done then."""
    try:
        with transaction.atomic():
            orders = _locked(whose, now)
            parcel = Parcel.objects.filter(pk=whose.parcel).first() if whose.parcel else None
            label = _known(shop, whose, parcel, sheets, now) or _new(
                shop, orders, parcel, sheets, by, now
            )
            if parcel:
                label.package_id = label.package_id or parcel.package_id
                label.tracking_number = label.tracking_number or parcel.tracking_number
            storing.store(label, Document(content=sheets.content, media_type=PDF), now)
            label.save()
            LabelDocument.objects.filter(label=label).update(pages=sheets.pages)
            return label
    except IntegrityError:
        raise NotFiled("A label of this parcel was made by somebody else a moment ago.") from None


@transaction.atomic
def add_pages(
    label: Label, sheets: Sheets, join: Callable[[bytes, bytes], bytes], now: datetime
) -> Label:
    """Pages that a person says belong to the parcel as well, behind those that are here. Raises
    NotFiled when it was printed without them, or its file is gone; and what `join` raises."""
    orders = Order.objects.filter(labels__label=label).order_by("pk")
    for order in orders:
        touch(order, now=now)
    found = Label.objects.select_for_update().get(pk=label.pk)
    if found.is_printed:
        raise NotFiled(
            "The label of this parcel was printed already, so no page is added to it. Put this "
            "page away."
        )
    kept = storing.content_of(found)
    if kept.media_type != PDF:
        raise NotFiled("The label of this parcel is no PDF, so no page can be added to it.")
    document = LabelDocument.objects.get(label=found)
    document.sealed = storing.sealed(join(kept.content, sheets.content))
    document.pages += sheets.pages
    document.save(update_fields=["sealed", "pages"])
    return found


def _locked(whose: Whose, now: datetime) -> list[Order]:
    orders = list(Order.objects.filter(pk__in=whose.orders).order_by("pk"))
    for order in orders:
        touch(order, now=now)
    if not orders:
        raise NotFiled("The order is not here any more.")
    return orders


def _known(
    shop: Shop, whose: Whose, parcel: Parcel | None, sheets: Sheets, now: datetime
) -> Label | None:
    """The parcel's label that waits for its file. Raises AlreadyThere and NotFiled."""
    pks = Label.objects.filter(shop=shop, inside__order__in=whose.orders).values("pk")
    live = Label.objects.filter(pk__in=pks).exclude(state=Label.State.VOIDED).order_by("pk")
    number = parcel.tracking_number if parcel else sheets.tracking_number
    mine = [
        each
        for each in live.select_for_update()
        if _is_same(each, parcel.package_id if parcel else "", number)
    ]
    for each in mine:
        if LabelDocument.objects.filter(label=each).exists():
            raise AlreadyThere(each)
    mine = [each for each in mine if not _is_superseded(each, now)]
    for each in mine:
        if each.source == Label.Source.ASKED and each.arranged_at is None:
            raise NotFiled("The label of this parcel is being created here; wait for it.")
    if len(mine) > 1:
        raise NotFiled("Several labels of this order wait for their file; name the package.")
    return mine[0] if mine else None


def _is_same(label: Label, package_id: str, number: str) -> bool:
    """Whether it is of that package, or that number, or one of them is not known yet."""
    if label.package_id and package_id:
        return label.package_id == package_id
    if label.tracking_number and number:
        return label.tracking_number.upper() == number.upper()
    return True


def _is_superseded(label: Label, now: datetime) -> bool:
    """Rejected here, and nothing was bought; it makes room."""
    if label.state != Label.State.REJECTED or label.arranged_at is not None:
        return False
    label.state, label.voided_at, label.void_reason = Label.State.VOIDED, now, SUPERSEDED
    label.save()
    return True


def _new(
    shop: Shop,
    orders: Sequence[Order],
    parcel: Parcel | None,
    sheets: Sheets,
    by: str,
    now: datetime,
) -> Label:
    label = Label.objects.create(
        shop=shop,
        state=Label.State.CREATED,
        source=Label.Source.FILE,
        package_id=parcel.package_id if parcel else "",
        tracking_number=parcel.tracking_number if parcel else sheets.tracking_number,
        carrier=(parcel.carrier if parcel else "") or orders[0].carrier,
        warehouse=orders[0].warehouse,
        by=by,
        asked_at=now,
    )
    put_inside(label, [(order, _units(order, parcel)) for order in orders])
    return label


def _units(order: Order, parcel: Parcel | None) -> tuple[Unit, ...]:
    lines = list(Line.objects.filter(order=order).select_related("item").order_by("position"))
    if parcel is None:
        return inside(lines, {WHOLE: 1})
    counts = Counter[int]()
    for content in ParcelContent.objects.filter(order=order, parcel=parcel, is_current=True):
        counts[content.line] += content.quantity
    return inside(lines, counts, parcel.package_id)
