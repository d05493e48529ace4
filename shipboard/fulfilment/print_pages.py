"""The bytes of a print, made anew from its items whenever they are wanted: a cover and a pick list
when they were asked for, and the platform's labels with slips of ours. Nothing of it is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from shipboard.fulfilment import storing
from shipboard.fulfilment.printing import (
    COLLECTED,
    WITH_LABELS,
    WITH_SLIPS,
    Content,
    is_collected,
    named,
    printables,
    slip_lines,
    stale_words,
)
from shipboard.orders.labels import Label, PrintFile, PrintItem
from shipboard.orders.models import Order
from shipboard.orders.overlays import Refused
from shipboard.printing import (
    Cover,
    Ending,
    LeftOut,
    Pages,
    Paper,
    Slip,
    cover_pdf,
    interleave,
    merge,
    pick_lines,
    pick_list_pdf,
    slips_pdf,
)

#: Of an address, in the order in which it is written on a slip.
ADDRESS = (
    ("name",),
    ("house", "address"),
    ("address_extra",),
    ("subdistrict", "district"),
    ("city", "state", "postal_code"),
    ("country",),
)


class NothingToOpen(Refused):
    """None of the labels of a print that is over may be had on paper again."""


def pdf_of(file: PrintFile, now: datetime, *, with_addresses: bool) -> bytes:
    """The whole file for the printer at `now`: labels that are voided or no longer fit their
    parcel, that did not come out, or that the carrier has, are left out, and a cover, asked for or
    not, says so. Slips name the recipient only `with_addresses` and only where the channel masks
    nothing. Raises storing.NoDocument once label files are gone, printing.Damaged for one that
    cannot be read, and NothingToOpen."""
    paper = Paper(file.size)
    items = {item.label_id: item for item in file.items.order_by("position")}
    labels = printables(list(items), now)
    whys = {label.pk: _why_unusable(label, file, items[label.pk]) for label in labels}
    usable = [label for label in labels if not whys[label.pk]]
    if not usable and is_over(file):
        raise NothingToOpen(f"Nothing was opened. {' '.join(dict.fromkeys(whys.values()))}")
    parts = []
    if file.with_cover or len(usable) < len(labels):
        parts.append(Pages("The cover", _cover(file, labels, items, whys, paper), paper=paper))
    if file.with_pick_list:
        parts.append(Pages("The pick list", _pick_list(file, labels, whys, paper), paper=paper))
    if usable:
        parts += _stack(file, usable, items, paper, with_addresses)
    return merge(parts, file.is_reversed)


def pick_list_title(still_creating: int) -> str:
    """What stands above a pick list, final or not."""
    if not still_creating:
        return "Pick list"
    many = "1 label is" if still_creating == 1 else f"{still_creating} labels are"
    return f"Pick list, NOT FINAL: {many} still being created"


def is_over(file: PrintFile) -> bool:
    """Whether what came out of it is on parcels by now, so that it is opened with a reason only."""
    return file.settled_at is not None and file.content != Content.PICK_LIST


def left_out(file: PrintFile, now: datetime) -> list[PrintItem]:
    """What pdf_of leaves out at `now`; the items in the order of the stack."""
    items = {item.label_id: item for item in file.items.order_by("position")}
    labels = printables(list(items), now)
    return [items[each.pk] for each in labels if _why_unusable(each, file, items[each.pk])]


def _why_unusable(label: Label, file: PrintFile, item: PrintItem) -> str:
    if label.state == Label.State.VOIDED:
        return "It is voided and must not be used."
    if label.stale:  # type: ignore[attr-defined]
        return stale_words(label)
    if file.content == Content.PICK_LIST:
        return ""
    if is_collected(label, is_again=is_over(file) or bool(item.reason)):
        return COLLECTED
    is_lost = item.outcome == PrintItem.Outcome.LOST
    return "It did not come out of this print; print it anew." if is_lost else ""


def _stack(
    file: PrintFile,
    labels: Sequence[Label],
    items: dict[int, PrintItem],
    paper: Paper,
    with_addresses: bool,
) -> list[Pages]:
    documents = [_document(label, paper) for label in labels] if _has(file, WITH_LABELS) else []
    if not _has(file, WITH_SLIPS):
        return documents
    printed = slips_pdf(
        (_slip(label, file, items[label.pk], with_addresses) for label in labels), paper
    )
    if documents:
        return interleave(documents, printed)
    return [Pages("The packing slips", printed.content, paper=paper)]


def _has(file: PrintFile, contents: Sequence[PrintFile.Content]) -> bool:
    return Content(file.content) in contents


def _document(label: Label, paper: Paper) -> Pages:
    found = storing.content_of(label)
    return Pages(f"The label of order {named(label)}", found.content, found.media_type, paper=paper)


def _slip(label: Label, file: PrintFile, item: PrintItem, with_addresses: bool) -> Slip:
    orders = [each.order for each in label.inside.all()]
    messages = dict.fromkeys(order.buyer_message for order in orders if order.buyer_message)
    dues = [order.ship_by for order in orders if order.ship_by]
    return Slip(
        shop=label.shop.name,
        order_ids=tuple(order.order_id for order in orders),
        lines=slip_lines(label),
        package_id=label.package_id,
        tracking_number=label.tracking_number,
        carrier=label.carrier,
        ship_by=_instant(min(dues), label) if dues else "",
        buyer_message="\n".join(messages),
        recipient=_recipient(orders[0]) if orders and with_addresses else (),
        region=label.shop.region,
        stack=f"{item.position} of {file.labels}",
    )


def _instant(at: datetime, label: Label) -> str:
    return f"{at.astimezone(label.shop.zone):%Y-%m-%d %H:%M %Z}"


def _recipient(order: Order) -> tuple[str, ...]:
    """The address line by line; nothing of one that the channel masks."""
    told = order.recipient
    if not told.get("address") or any("*" in str(value) for value in told.values()):
        return ()
    lines = (" ".join(told[key] for key in keys if told.get(key)) for keys in ADDRESS)
    return tuple(line for line in lines if line)


def _cover(
    file: PrintFile,
    labels: Sequence[Label],
    items: dict[int, PrintItem],
    whys: dict[int, str],
    paper: Paper,
) -> bytes:
    """`whys`: by label why it is left out, blank where it is not."""
    zone = labels[0].shop.zone
    gone = [
        LeftOut(f"{items[each.pk].position}: order {named(each)}", why)
        for each in labels
        if (why := whys[each.pk])
    ]
    usable = [each for each in labels if not whys[each.pk]]
    cover = Cover(
        title=Content(file.content).label,
        counts=_counts(file, usable),
        by=file.by,
        at=f"{file.sent_at.astimezone(zone):%Y-%m-%d %H:%M}",
        zone=str(zone),
        first=_ending(usable[0]) if usable else None,
        last=_ending(usable[-1]) if usable else None,
        left_out=(*(LeftOut(f"Order {what}", why) for what, why in file.left_out), *gone),
        number=file.number,
        files=file.files,
    )
    return cover_pdf(cover, paper)


def _counts(file: PrintFile, usable: Sequence[Label]) -> tuple[tuple[str, int], ...]:
    many = len(usable)
    found = [("Labels", many)] if _has(file, WITH_LABELS) else []
    if _has(file, WITH_SLIPS):
        found.append(("Packing slips", many))
    units = sum(line.quantity for label in usable for line in slip_lines(label))
    return (*(found or [("Parcels", many)]), ("Units", units))


def _ending(label: Label) -> Ending:
    return Ending(
        order_id=named(label),
        tracking_number=label.tracking_number,
        package_id=label.package_id,
    )


def _pick_list(
    file: PrintFile, labels: Sequence[Label], whys: dict[int, str], paper: Paper
) -> bytes:
    """Places are those of the stack, so that a label which is left out leaves a gap."""
    stack = [() if whys[label.pk] else slip_lines(label) for label in labels]
    zone = labels[0].shop.zone
    told = [f"{file.sent_at.astimezone(zone):%Y-%m-%d %H:%M} {zone}, by {file.by}"]
    if file.files > 1:
        told.insert(0, f"For file {file.number} of {file.files}")
    return pick_list_pdf(
        pick_lines(stack),
        title=pick_list_title(file.still_creating),
        told=told,
        paper=paper,
        region=labels[0].shop.region,
    )
