"""Sending labels to the printer: which of those chosen may be printed now, in which stack, and in
files of at most a hundred; one transaction, decided on facts that are locked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Prefetch, Q

from shipboard.accounts import audit
from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right
from shipboard.fulfilment.allowed import Verb
from shipboard.fulfilment.clearing import clear, taken_out_words, to_take_out
from shipboard.fulfilment.models import RunRow
from shipboard.orders.labels import Label, LabelDocument, LabelOrder, PrintFile, PrintItem
from shipboard.orders.models import Event, Line, Order, ParcelContent
from shipboard.orders.overlays import Refused, reason_words
from shipboard.orders.staleness import BEFORE_COLLECTION, WORDS, Stale, with_staleness
from shipboard.printing.records import Paper, SlipLine
from shipboard.printing.stacking import Contents, Sorting, in_files, in_stack_order

LONGEST_REASON = 200
Content = PrintFile.Content
WITH_LABELS = (Content.LABELS, Content.LABELS_AND_SLIPS)
WITH_SLIPS = (Content.SLIPS, Content.LABELS_AND_SLIPS)
COLLECTED = "The carrier has scanned the parcel already."
IN_MAKING = (Label.State.CREATING, Label.State.UNKNOWN, Label.State.DELAYED)


@dataclass(frozen=True)
class Choice:
    """What is to be printed and how. Labels that went to a printer before are left out, but for
    those named in `again`, for which there must be a `reason`. `cleared` names labels (by key) of
    which the canceled units are out of the parcel now, and how many those are."""

    content: PrintFile.Content = PrintFile.Content.LABELS
    sorting: Sorting = Sorting.SKU
    size: Paper = Paper.A6
    is_reversed: bool = False
    with_pick_list: bool = False
    with_cover: bool = True
    reason: str = ""
    again: frozenset[int] = frozenset()
    cleared: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """What a choice would print: `going` in the order of the stack, of which `again` went to a
    printer before; `left_out` with the reason. `printed` are all that went to a printer before and
    can be chosen to go again, `to_clear` those left out until canceled units are out of the
    parcel, with how many those are, and `clearing` those of which the choice says so."""

    going: tuple[Label, ...]
    again: tuple[Label, ...]
    left_out: tuple[tuple[Label, str], ...]
    printed: tuple[Label, ...]
    to_clear: tuple[tuple[Label, int], ...]
    clearing: frozenset[int]
    still_creating: int


class NothingToPrint(Refused):
    """None of the labels may be printed as it was asked."""


def plan(labels: Sequence[Label], choice: Choice, now: datetime) -> Plan:
    """What `choice` would print of `labels` at `now`, by the facts as they are; a constant number
    of queries."""
    going, again, printed, left_out, to_clear, clearing = [], [], [], [], [], set()
    for label in printables([each.pk for each in labels], now):
        out = to_take_out(label) if label.state == Label.State.CREATED else {}
        if out:
            to_clear.append((label, sum(out.values())))
        is_cleared = bool(out) and choice.cleared.get(label.pk) == sum(out.values())
        if why := why_not(label, choice.content, is_cleared=is_cleared):
            left_out.append((label, why))
            continue
        if is_cleared:
            clearing.add(label.pk)
        if was_sent(label, choice.content):
            printed.append(label)
            if label.pk not in choice.again:
                left_out.append((label, f"{sent_words(label)} It was not chosen to go again."))
                continue
            again.append(label)
        going.append(label)
    return Plan(
        tuple(in_stack_order(going, choice.sorting, _sorted_by)),
        tuple(again),
        tuple(left_out),
        tuple(printed),
        tuple(to_clear),
        frozenset(clearing),
        still_creating(labels),
    )


def send_to_print(
    labels: Sequence[Label], choice: Choice, access: Access, key: UUID, now: datetime
) -> list[PrintFile]:
    """Write down that these labels go to the printer now, and in which files; their bytes are made
    by fulfilment/print_pages.py. What may not be printed is left out and told in `left_out`. The
    same `key` again gives the first files. Raises NothingToPrint, BadWords and NotAllowed; nothing
    is written then."""
    access.need(Right.WORK)
    if first := _sent_with(key, access, labels, choice):
        return first
    if choice.reason.strip():
        choice = replace(choice, reason=reason_words(choice.reason, LONGEST_REASON))
    seen = [each for each in labels if access.allows(each.shop_id)]
    try:
        with transaction.atomic():
            return _send(seen, choice, access, key, now)
    except IntegrityError:
        if first := _sent_with(key, access, labels, choice):
            return first
        raise NothingToPrint(
            "This form was sent by somebody else already. Reload the page, and choose again."
        ) from None


def _sent_with(
    key: UUID, access: Access, labels: Sequence[Label], choice: Choice
) -> list[PrintFile]:
    """What this very form has sent already. Raises NothingToPrint when its key stands for something
    else."""
    found = PrintFile.objects.filter(key=key, person=access.person_id)
    sent = PrintItem.objects.filter(file__in=found).values_list("label_id", flat=True)
    is_same = {*sent} <= {each.pk for each in labels}
    if found and not (is_same and found[0].content == choice.content):
        raise NothingToPrint("This form was used for another print already. Open it anew.")
    return list(found.order_by("number"))


def _send(
    labels: Sequence[Label], choice: Choice, access: Access, key: UUID, now: datetime
) -> list[PrintFile]:
    lock([each.pk for each in labels])
    if first := _sent_with(key, access, labels, choice):  # the same form, which came first
        return first
    found = _cleared(labels, choice, access, now)
    if found.again and not choice.reason.strip():
        raise NothingToPrint(
            f"Nothing was printed. Say why {_many_again(len(found.again))} printed once more."
        )
    if not found.going:
        whys = list(dict.fromkeys(why for _, why in found.left_out))
        said = " ".join(whys[:3]) or "No label is chosen."
        raise NothingToPrint(f"Nothing was printed. {said}")
    stacks = in_files(found.going)
    files = PrintFile.objects.bulk_create(
        PrintFile(
            key=key,
            number=number,
            files=len(stacks),
            content=choice.content,
            sorting=choice.sorting.value,
            is_reversed=choice.is_reversed,
            size=choice.size.value,
            by=access.by,
            person_id=access.person_id,
            sent_at=now,
            labels=len(stack),
            with_pick_list=choice.with_pick_list or choice.content == Content.PICK_LIST,
            with_cover=choice.with_cover,
            still_creating=min(found.still_creating, 30_000),
            left_out=[[named(each), why] for each, why in found.left_out] if number == 1 else [],
            # Nobody has to say whether a pick list came out.
            settled_at=now if choice.content == Content.PICK_LIST else None,
            settled_by=access.by if choice.content == Content.PICK_LIST else "",
        )
        for number, stack in enumerate(stacks, 1)
    )
    again = {each.pk for each in found.again}
    items = PrintItem.objects.bulk_create(
        PrintItem(
            file=file,
            label=label,
            position=position,
            reason=choice.reason if label.pk in again else "",
            outcome=_first_outcome(choice),
        )
        for file, stack in zip(files, stacks, strict=True)
        for position, label in enumerate(stack, 1)
    )
    _tell_sent(items, choice, again, access, now)
    audit.note(
        access.by,
        "labels_printed",
        f"print {files[0].pk}",
        labels=len(items),
        files=len(files),
        content=choice.content.label.lower(),
    )
    return files


def _cleared(labels: Sequence[Label], choice: Choice, access: Access, now: datetime) -> Plan:
    """The plan once the canceled units of those that would go are written down as out: whatever
    else keeps one of them back is asked anew."""
    found = plan(labels, choice, now)
    clearing = [label for label in found.going if label.pk in found.clearing]
    for label in clearing:
        clear(label, access.by, now)
    return plan(labels, choice, now) if clearing else found


def _many_again(count: int) -> str:
    return "the label that you chose is" if count == 1 else f"the {count:,} that you chose are"


def _first_outcome(choice: Choice) -> PrintItem.Outcome:
    is_settled = choice.content == Content.PICK_LIST
    return PrintItem.Outcome.CONFIRMED if is_settled else PrintItem.Outcome.SENT


def _tell_sent(
    items: Sequence[PrintItem], choice: Choice, again: set[int], access: Access, now: datetime
) -> None:
    if choice.content == Content.PICK_LIST:
        return
    kind = "labels_printed" if choice.content in WITH_LABELS else "slips_printed"
    in_step([item.label for item in items])
    tell(
        ((item, "label_reprinted" if item.label_id in again else kind) for item in items),
        access.by,
        now,
    )


def lock(pks: Sequence[int]) -> None:
    """Take these labels' orders, then the labels, for the rest of the transaction."""
    orders = LabelOrder.objects.filter(label__in=pks).values("order")
    for rows in (Order.objects.filter(pk__in=orders), Label.objects.filter(pk__in=pks)):
        list(rows.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))


def tell(told: Iterable[tuple[PrintItem, str]], by: str, now: datetime) -> None:
    """Write into the history of each item's orders what became of it, and have their open pages
    learn of it."""
    kinds = {item.label_id: (item, kind) for item, kind in told}
    inside = list(LabelOrder.objects.filter(label__in=kinds).order_by("pk"))
    Event.objects.bulk_create(
        Event(
            order_id=each.order_id,
            kind=kinds[each.label_id][1],
            by=by,
            at=now,
            detail={"label": each.label_id, "print": kinds[each.label_id][0].pk},
        )
        for each in inside
    )
    orders = Order.objects.filter(pk__in=[each.order_id for each in inside])
    orders.update(version=F("version") + 1, changed_at=now)


def in_step(labels: Iterable[Label]) -> None:
    """Have each label, which is locked, say how far it is on its way to paper: what its items say.
    An item that came out lost counts as never printed."""
    rows = {each.pk: each for each in Label.objects.filter(pk__in=[each.pk for each in labels])}
    items: dict[int, list[PrintItem]] = {pk: [] for pk in rows}
    kept = PrintItem.objects.filter(label__in=rows).exclude(outcome=PrintItem.Outcome.LOST)
    for item in kept.select_related("file").order_by("pk"):
        items[item.label_id].append(item)
    for pk, label in rows.items():
        own = [item for item in items[pk] if item.file.content in WITH_LABELS]
        label.label_print = _furthest(own)
        label.slip_print = _furthest(item for item in items[pk] if item.file.content in WITH_SLIPS)
        label.prints = len(own)
        label.printed_at = own[-1].file.sent_at if own else None
        label.printed_by = own[-1].file.by if own else ""
        confirmed = [item for item in own if item.outcome == PrintItem.Outcome.CONFIRMED]
        label.print_confirmed_at = confirmed[-1].file.settled_at if confirmed else None
    Label.objects.bulk_update(rows.values(), IN_STEP)


IN_STEP = (
    "label_print",
    "slip_print",
    "prints",
    "printed_at",
    "printed_by",
    "print_confirmed_at",
)


def _furthest(items: Iterable[PrintItem]) -> Label.Print:
    outcomes = {item.outcome for item in items}
    if PrintItem.Outcome.CONFIRMED in outcomes:
        return Label.Print.CONFIRMED
    return Label.Print.SENT if outcomes else Label.Print.NO


def printables(pks: Sequence[int], now: datetime) -> list[Label]:
    """Labels in the order of `pks`, with all that printing asks of them: shop, `stale`,
    `has_document`, and their orders with lines and items."""
    lines = Line.objects.select_related("item").order_by("position")
    contents = ParcelContent.objects.filter(is_current=True).select_related("parcel")
    inside = (
        LabelOrder.objects.select_related("order")
        .order_by("pk")
        .prefetch_related(Prefetch("order__lines", lines), Prefetch("order__contents", contents))
    )
    found = with_staleness(Label.objects.filter(pk__in=pks), now)
    found = found.annotate(
        has_document=Exists(LabelDocument.objects.filter(label=OuterRef("pk")))
    ).select_related("shop")
    by_pk = {each.pk: each for each in found.prefetch_related(Prefetch("inside", inside))}
    return [by_pk[pk] for pk in dict.fromkeys(pks) if pk in by_pk]


def why_not(label: Label, content: PrintFile.Content, *, is_cleared: bool = False) -> str:
    """Why one of `printables` cannot be printed now, whatever the reason; blank when it can.
    `is_cleared`: its canceled units are out of the parcel, as somebody says just now."""
    if label.state == Label.State.VOIDED:
        return "It is voided and must not be used."
    if label.state in IN_MAKING:
        return "Its label is still being created."
    if label.state == Label.State.REJECTED:
        return "Its label was rejected."
    if label.stale and not is_cleared:  # type: ignore[attr-defined]
        return stale_words(label)
    if content == Content.PICK_LIST:
        return ""
    if is_collected(label, is_again=was_sent(label, content)):
        return COLLECTED
    if content in WITH_LABELS and not label.has_document:  # type: ignore[attr-defined]
        return "Its file is not kept here any more; fetch it again."
    return ""


def stale_words(label: Label) -> str:
    """What happened to the order since, and what to do: `label` with `stale`."""
    what, to_do = WORDS[Stale(label.stale)]  # type: ignore[attr-defined]
    if out := to_take_out(label):
        return f"{what} Take {taken_out_words(out)} out of the parcel."
    if label.stale == Stale.PARTLY_CANCELED:  # type: ignore[attr-defined]
        return f"{what} {WORDS[Stale.REPACKED][1]}"
    return f"{what} {to_do}"


def is_collected(label: Label, *, is_again: bool) -> bool:
    """Whether the carrier has the parcel. Of an order in several parcels the first scan may be of
    another one, so that it stops reprints alone."""
    return any(
        each.order.stage not in BEFORE_COLLECTION
        or (each.order.collected_at is not None and (is_again or not each.order.is_split))
        for each in label.inside.all()
    )


def was_sent(label: Label, content: PrintFile.Content) -> bool:
    """Whether something of it went to a printer before, and did not come out lost."""
    is_label = content in WITH_LABELS and label.label_print != Label.Print.NO
    return is_label or (content in WITH_SLIPS and label.slip_print != Label.Print.NO)


def sent_words(label: Label) -> str:
    if label.printed_at is None:
        return "Its packing slip was printed before."
    at = label.printed_at.astimezone(label.shop.zone)
    return f"Printed before: {at:%Y-%m-%d %H:%M %Z} by {label.printed_by}."


def named(label: Label) -> str:
    """What to call it on paper and on screen: its orders, else its package."""
    ids = [each.order.order_id for each in label.inside.all()]
    return ", ".join(ids) or label.package_id or f"label {label.pk}"


def slip_lines(label: Label) -> tuple[SlipLine, ...]:
    """What is in the parcel, by the label's own record of it; whole orders where it has none."""
    return tuple(
        SlipLine(
            sku=line.item.sku_id,
            seller_sku=line.item.seller_sku,
            name=line.item.product_name,
            variant=line.item.sku_name,
            quantity=units,
        )
        for inside in label.inside.all()
        for line in inside.order.lines.all()
        if (units := inside.contents.get(str(line.position), 0) if _is_told(inside) else line.kept)
    )


def _is_told(inside: LabelOrder) -> bool:
    return any(position != "-1" for position in inside.contents)


def _sorted_by(label: Label) -> Contents:
    dues = [each.order.ship_by for each in label.inside.all() if each.order.ship_by]
    return Contents(lines=slip_lines(label), ship_by=min(dues, default=None))


def still_creating(labels: Sequence[Label]) -> int:
    """How many labels of these, and of the runs that created them, have not come out yet: until
    then their pick list is not final."""
    pks = [each.pk for each in labels]
    runs = RunRow.objects.filter(attempt__label__in=pks).order_by().values("run")
    rows = RunRow.objects.filter(run__in=runs, run__verb=Verb.CREATE_LABEL.value)
    under_way = Q(outcome__in=(RunRow.Outcome.WAITING, RunRow.Outcome.SENDING))
    unborn = rows.filter(under_way, attempt__label=None).count()
    of_runs = rows.filter(attempt__label__state__in=IN_MAKING).values("attempt__label")
    in_making = Label.objects.filter(Q(pk__in=pks) | Q(pk__in=of_runs), state__in=IN_MAKING)
    return unborn + in_making.count()
