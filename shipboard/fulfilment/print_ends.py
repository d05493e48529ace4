"""What became of a print: what its first PDF left out, and whether all of the rest came out, none,
or the labels up to the last good one. What did not come out counts as never printed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import Q, QuerySet

from shipboard.accounts import audit
from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right
from shipboard.carriers.scanned import clean
from shipboard.fulfilment.print_pages import is_over, left_out, pdf_of
from shipboard.fulfilment.printing import in_step, lock, tell
from shipboard.orders.labels import Label, LabelOrder, PrintFile, PrintItem
from shipboard.orders.overlays import Refused

Outcome = PrintItem.Outcome
#: In the audit: somebody had the file of a print.
OPENED = "print_opened"


class CameOut(StrEnum):
    ALL = "all"
    NONE = "none"
    UP_TO = "up_to"


class SettledBefore(Refused):
    """Somebody has said already what became of the file."""


class NotInFile(Refused):
    """No label of the file is meant by the number or code."""


def prints_seen_by(access: Access) -> QuerySet[PrintFile]:
    """Files whose labels are all of shops that the actor may see."""
    found = PrintFile.objects.filter(items__isnull=False).distinct()
    if access.shop_ids is None:
        return found
    foreign = PrintItem.objects.exclude(label__shop__in=access.shop_ids)
    return found.exclude(pk__in=foreign.values("file"))


def awaiting(access: Access) -> QuerySet[PrintFile]:
    """Prints seen by the actor of which nobody has said yet what came out."""
    waiting = prints_seen_by(access).filter(settled_at=None)
    return waiting.exclude(content=PrintFile.Content.PICK_LIST)


def prints_of(access: Access, wanted: str) -> QuerySet[PrintFile]:
    """Prints seen by the actor that hold an order, tracking number or package, or that a person of
    that name sent."""
    code = labels_with_code(wanted, access).values("pk")
    orders = LabelOrder.objects.filter(order__order_id=wanted.strip()).values("label")
    items = PrintItem.objects.filter(Q(label__in=code) | Q(label__in=orders)).values("file")
    named = Q(by__icontains=wanted.strip()) | Q(person__name__icontains=wanted.strip())
    return prints_seen_by(access).filter(Q(pk__in=items) | named)


@transaction.atomic
def open_first(file: PrintFile, *, access: Access, now: datetime, with_addresses: bool) -> bytes:
    """The PDF of a print of which nobody has said yet what came out. What the first one leaves out
    cannot have come out, and counts as never printed; what it holds may be on paper, whatever
    later ones leave out. Raises SettledBefore, and as pdf_of does; nothing is written then."""
    subject = f"print {file.pk}"
    file = PrintFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
    if is_over(file):
        raise SettledBefore(f"{file.settled_by} has said by now what became of this print.")
    if file.settled_at is None and not audit.is_noted(OPENED, subject, since=file.sent_at):
        lock(list(file.items.values_list("label", flat=True)))
        lost = left_out(file, now)
        for item in lost:
            item.outcome = Outcome.LOST
        PrintItem.objects.bulk_update(lost, ["outcome"])
        _tell(lost, access, now)
    audit.note(access.by, OPENED, subject, labels=file.labels)
    return pdf_of(file, now, with_addresses=with_addresses)


def settle(
    file: PrintFile, came_out: CameOut, *, access: Access, now: datetime, last: str = ""
) -> int:
    """Write down what came out of the printer; how many labels were good. `last`, with UP_TO: the
    last good label in the order in which the file was printed, by its number in the stack or by
    what was scanned from it. Raises SettledBefore, NotInFile and NotAllowed."""
    access.need(Right.WORK)
    with transaction.atomic():
        file = PrintFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
        if file.settled_at is not None:
            raise SettledBefore(f"{file.settled_by} has said already what became of this print.")
        items = list(file.items.select_related("label").order_by("position"))
        place = position_of(items, last) if came_out is CameOut.UP_TO else 0
        lock([item.label_id for item in items])
        sent = [item for item in items if item.outcome == Outcome.SENT]
        for item in sent:
            is_good = came_out is CameOut.ALL or (place and _is_before(file, item, place))
            item.outcome = Outcome.CONFIRMED if is_good else Outcome.LOST
        PrintItem.objects.bulk_update(sent, ["outcome"])
        file.settled_at, file.settled_by = now, access.by
        file.save(update_fields=["settled_at", "settled_by"])
        _tell(sent, access, now)
        good = sum(item.outcome == Outcome.CONFIRMED for item in items)
        audit.note(
            access.by, "print_settled", f"print {file.pk}", good=good, lost=len(items) - good
        )
        return good


def _tell(items: Sequence[PrintItem], access: Access, now: datetime) -> None:
    in_step([item.label for item in items])
    tell(((item, _kind(item)) for item in items), access.by, now)


def _is_before(file: PrintFile, item: PrintItem, place: int) -> bool:
    """Whether it left the printer no later than the label at `place`: a stack that is turned round
    is printed from its end."""
    return item.position >= place if file.is_reversed else item.position <= place


def _kind(item: PrintItem) -> str:
    return "print_confirmed" if item.outcome == Outcome.CONFIRMED else "print_lost"


def position_of(items: list[PrintItem], said: str) -> int:
    """The place in the stack of the label that a number or a scan means; `items` with their labels.
    Raises NotInFile."""
    text = said.strip()
    if not text:
        raise NotInFile(
            "Say which label was the last good one: its number in the stack, or scan it."
        )
    if text.isascii() and text.isdigit() and len(text) <= 3:
        if any(item.position == int(text) for item in items):
            return int(text)
        raise NotInFile(f"There is no label {int(text)} in this file; it has {len(items)}.")
    wanted = {text.upper(), clean(text).upper()}
    found = [
        item.position
        for item in items
        if {item.label.tracking_number.upper(), item.label.package_id.upper()} & wanted
    ]
    if len(found) != 1:
        raise NotInFile(f"No label of this file has the code {text[:60]}.")
    return found[0]


def labels_of_order(number: str, access: Access) -> QuerySet[Label]:
    """Labels that count of the actor's orders with this number."""
    inside = LabelOrder.objects.filter(order__order_id=number.strip()).values("label")
    found = Label.objects.filter(pk__in=inside).exclude(state=Label.State.VOIDED)
    return found if access.shop_ids is None else found.filter(shop__in=access.shop_ids)


def labels_with_code(code: str, access: Access) -> QuerySet[Label]:
    """Labels of the actor's shops that a scanned tracking number or package id names."""
    read = {code.strip().upper(), clean(code).upper()} - {""}
    by_code = Q(package_id__in=[code.strip(), clean(code)]) & ~Q(package_id="")
    for each in read:
        by_code |= Q(tracking_number__iexact=each)
    found = Label.objects.filter(by_code) if read else Label.objects.none()
    return found if access.shop_ids is None else found.filter(shop__in=access.shop_ids)
