"""The small labels on a row: what is out of the ordinary of an order, each with what it means. The
whole explanation of each is in why.py, by its key.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from shipboard.channels.contract import CaseKind, Shipping, Stage
from shipboard.desk import wording
from shipboard.desk.attempt_words import does
from shipboard.desk.attempts import PENDING
from shipboard.desk.deadlines import presumed_canceled
from shipboard.fulfilment.allowed import asks_to_cancel
from shipboard.fulfilment.case_rules import answer_under_way
from shipboard.orders.attempts import Attempt
from shipboard.orders.holds import hold_of
from shipboard.orders.models import Case, Order
from shipboard.orders.stages import is_presumed

UNDOABLE = "Nothing: it leaves by itself. Until then it can be undone in the outbox."


@dataclass(frozen=True)
class Mark:
    """`text` explains it, `key` names the whole explanation."""

    key: str
    label: str
    text: str
    icon: str = ""
    #: Where it leads; blank: to its explanation.
    href: str = ""
    #: What to do about it, where that is not what its key says.
    next_step: str = ""


def marks_of(order: Order, stage: Stage, now: datetime) -> list[Mark]:
    """Of an order with its parts (orders.parts.with_parts): no query."""
    return [
        *_presumed(order, stage, now),
        *_held(order, now),
        *_combined(order),
        *_asking(order, stage, now),
        *_kinds(order),
        *_said(order),
    ]


def needs_decision(order: Order, stage: Stage) -> bool:
    """Whether a buyer's request keeps the seller from shipping it."""
    return stage in PENDING and order.shipping != Shipping.PLATFORM and asks_to_cancel(order)


def together_of(order: Order) -> list[str]:
    """Ids of the other orders in its packages, of an order with its parts."""
    contents = order.contents.all()
    return sorted({other for each in contents for other in getattr(each, "others", ())})


def orders_link(ids: Iterable[str]) -> str:
    """The list of just these orders."""
    return "/orders/?" + urlencode({"tab": "all", "q": ",".join(ids)})


def _presumed(order: Order, stage: Stage, now: datetime) -> Iterator[Mark]:
    if presumed_canceled(order, now):
        text = (
            "Its automatic cancellation is past and no newer account of it was imported; import "
            "one to know."
        )
        yield Mark("presumed-canceled", "Presumed auto-canceled", text, "ban")
    if is_presumed(order, now) and stage == Stage.AWAITING_SHIPMENT:
        text = "The hold's hour is over by the clock; the channel has not said so."
        yield Mark("presumed", "Presumed", text)


def _held(order: Order, now: datetime) -> Iterator[Mark]:
    """`Held here`, never On hold, which is the marketplace's word."""
    hold = hold_of(order, now)
    if hold is None:
        return
    zone = order.shop.zone
    text = f"{hold.reason} ({hold.by}"
    if hold.until:
        text += f", until {wording.short_instant(hold.until, zone, now)}"
    label = "Held here"
    if hold.remind_at and hold.remind_at <= now:
        label = "Held here, due"
        text += f", reminder since {wording.short_instant(hold.remind_at, zone, now)}"
    yield Mark("held", label, f"{text})", "pause")


def _combined(order: Order) -> Iterator[Mark]:
    if others := together_of(order):
        text = f"It travels in one parcel with {', '.join(others)}."
        link = orders_link((order.order_id, *others))
        yield Mark("combined", f"Combined with {len(others)}", text, "link", link)


def _asking(order: Order, stage: Stage, now: datetime) -> Iterator[Mark]:
    """What asks for a person."""
    if trouble := getattr(order, "parcel_trouble", ""):
        text = f"The marketplace says that a parcel of it was {trouble} on its way."
        yield Mark("trouble", f"Parcel {trouble}", text, "circle-alert")
    if needs_decision(order, stage):
        yield _decision(order, now)
    if stage == Stage.PENDING_COLLECTION and order.collect_by and order.collect_by < now:
        text = "It is shipped, but the carrier has not scanned it in time."
        yield Mark("uncollected", "Not collected", text, "alarm-clock")
    for case in order.cases.all():
        if case.is_open:
            word = "Cancel" if case.kind == CaseKind.CANCELLATION else case.kind.capitalize()
            said, step = _answered(order, case, now)
            text = f"{case.reason}. {said}" if case.reason and said else said or case.reason
            yield Mark(f"case-{case.pk}", f"{word} asked", text, "undo-2", next_step=step)


def _decision(order: Order, now: datetime) -> Mark:
    """Somebody has to decide; or has decided, and the marketplace has not said so yet."""
    asks = "The buyer asks to cancel."
    for case in order.cases.all():
        if case.is_open and case.kind == CaseKind.CANCELLATION:
            said, step = _answered(order, case, now)
            if said:
                return Mark("decision", "Decided", f"{asks} {said}", "send", next_step=step)
    return Mark("decision", "Decision needed", asks, "circle-alert")


def _answered(order: Order, case: Case, now: datetime) -> tuple[str, str]:
    """Who has answered it what, and what there is to do yet; blank where nobody has."""
    attempt = answer_under_way(order, case, now)
    if attempt is None:
        return "", ""
    said = f"{attempt.by} has answered “{does(attempt)}”"
    if attempt.state == Attempt.State.WAITING:
        return f"{said}; it waits in the outbox.", UNDOABLE
    if attempt.state == Attempt.State.DONE:
        return f"{said}; the marketplace has taken it.", "Nothing: its next account shows it."
    return f"{said}; it is on its way.", "Nothing: what becomes of it shows here."


def _kinds(order: Order) -> Iterator[Mark]:
    if order.stage_source == "derived":
        text = "The channel's status word is not known; the times say this stage."
        yield Mark("derived", "Derived", text)
    if order.is_cod:
        yield Mark("cod", "COD", "Cash on delivery")
    if order.order_type != "normal":
        label = order.order_type.replace("_", "-").capitalize()
        yield Mark("type", label, "Order type")
    if order.is_split:
        yield Mark("split", "Split", "Travels in several parcels")
    if any(line.unit_price == 0 for line in order.lines.all()):
        yield Mark("gift", "Gift", "A line of this order is free")


def _said(order: Order) -> Iterator[Mark]:
    if order.buyer_message:
        yield Mark("message", "Message", f"Buyer: {order.buyer_message}", "sticky-note")
    if order.seller_note:
        yield Mark("seller-note", "Note", f"Note: {order.seller_note}", "sticky-note")
    if notes := list(order.notes.all()):
        label = "Note" if len(notes) == 1 else f"{len(notes)} notes"
        yield Mark("notes", label, f"{notes[-1].by}: {notes[-1].text}", "sticky-note")
