"""A row of the order list: what is shown of an order, worked out once for every view."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from shipboard.channels.contract import Shipping, Stage
from shipboard.desk import wording
from shipboard.desk.attempts import RowState, row_state
from shipboard.desk.tags import TagText, tags_of
from shipboard.fulfilment.allowed import Verb, asks_to_cancel, why_not
from shipboard.orders.holds import hold_of
from shipboard.orders.masking import USERNAME, masked
from shipboard.orders.models import Line, Order, Parcel
from shipboard.orders.stages import is_presumed, stage_now


@dataclass(frozen=True)
class Clock:
    """A deadline on screen: its name, its instant, and how urgent it is at `now`."""

    label: str
    at: datetime
    urgency: str


@dataclass(frozen=True)
class Mark:
    """A small label on a row; `text` explains it."""

    label: str
    text: str
    icon: str = ""


@dataclass(frozen=True)
class Row:
    order: Order
    stage: Stage
    is_presumed: bool
    lines: list[Line]
    parcels: list[Parcel]
    clock: Clock | None
    auto_cancel: Clock | None
    marks: list[Mark]
    #: The colour of our flag; blank: none.
    flag: str
    #: What became of the shipment that was asked for last; None: nothing to tell.
    shipment: RowState | None
    can_ship: bool
    tags: list[TagText]

    @property
    def shipping(self) -> str:
        if self.order.is_platform_fulfilled:
            return "Platform warehouse"
        return {"seller": "Seller shipping", "platform": "Platform shipping"}.get(
            self.order.shipping, "—"
        )

    @property
    def carrier(self) -> str:
        return next((each.carrier for each in self.parcels if each.carrier), self.order.carrier)

    @property
    def buyer(self) -> str:
        """The buyer's user name as anyone may see it."""
        return masked(USERNAME, self.order.buyer_username)

    @property
    def place(self) -> str:
        """Where the parcel goes, as far as anyone may see."""
        recipient = self.order.recipient
        places = [recipient.get("state", ""), recipient.get("country", "")]
        return ", ".join(place for place in places if place and "*" not in place)


def row_of(order: Order, now: datetime) -> Row:
    """`order` comes with its parts (orders.parts.with_parts)."""
    stage = stage_now(order, now)
    return Row(
        order=order,
        stage=stage,
        is_presumed=is_presumed(order, now),
        lines=list(order.lines.all()),
        parcels=list({each.parcel_id: each.parcel for each in order.contents.all()}.values()),
        clock=_main_clock(order, stage, now),
        auto_cancel=_auto_cancel(order, stage, now),
        marks=_marks(order, stage, now),
        flag=order.flag.colour if hasattr(order, "flag") else "",
        shipment=row_state(order, stage),
        can_ship=order.shipping != Shipping.PLATFORM and not why_not(Verb.ADD_SHIPMENT, order, now),
        tags=tags_of(order.tracking.tags) if hasattr(order, "tracking") else [],
    )


PENDING = (Stage.AWAITING_SHIPMENT, Stage.PARTIALLY_SHIPPED)
#: In other stages the main clock is something to know, not to hurry for.
PRESSING = (*PENDING, Stage.PENDING_COLLECTION)


def _main_clock(order: Order, stage: Stage, now: datetime) -> Clock | None:
    """The one deadline that matters most for the stage."""
    label, at = {
        Stage.ON_HOLD: ("Hold ends", order.hold_ends_at),
        Stage.PENDING_COLLECTION: _collection(order),
        Stage.IN_TRANSIT: ("Deliver by", order.deliver_by),
        Stage.DELIVERED: ("Closes", order.closes_at),
    }.get(stage, ("Ship by", order.ship_by if stage in PENDING else None))
    found = _clock(label, at, now)
    return replace(found, urgency="") if found and stage not in PRESSING else found


def _collection(order: Order) -> tuple[str, datetime | None]:
    if order.collect_by:
        return "Collect by", order.collect_by
    return "Auto-cancel", order.auto_cancel_at


def _auto_cancel(order: Order, stage: Stage, now: datetime) -> Clock | None:
    at_risk = stage in (*PENDING, Stage.PENDING_COLLECTION, Stage.IN_TRANSIT)
    return _clock("Auto-cancel", order.auto_cancel_at if at_risk else None, now)


def _clock(label: str, at: datetime | None, now: datetime) -> Clock | None:
    return Clock(label, at, wording.urgency(at, now)) if at else None


def _marks(order: Order, stage: Stage, now: datetime) -> list[Mark]:
    marks = _hold_marks(order, now)
    if trouble := getattr(order, "parcel_trouble", ""):
        text = f"The marketplace says that a parcel of it was {trouble} on its way."
        marks.append(Mark(f"Parcel {trouble}", text, "circle-alert"))
    if needs_decision(order, stage):
        marks.append(Mark("Decision needed", "The buyer asks to cancel.", "circle-alert"))
    if stage == Stage.PENDING_COLLECTION and order.collect_by and order.collect_by < now:
        text = "It is shipped, but the carrier has not scanned it in time."
        marks.append(Mark("Not collected", text, "alarm-clock"))
    for case in order.cases.all():
        if case.is_open:
            marks.append(Mark(f"{case.kind.capitalize()} requested", case.reason, "undo-2"))
    if is_presumed(order, now) and stage == Stage.AWAITING_SHIPMENT:
        marks.append(
            Mark("Presumed", "The hold's hour is over by the clock; the channel has not said so.")
        )
    if order.stage_source == "derived":
        marks.append(
            Mark("Derived", "The channel's status word is not known; the times say this stage.")
        )
    if order.is_cod:
        marks.append(Mark("COD", "Cash on delivery"))
    if order.order_type != "normal":
        marks.append(Mark(order.order_type.replace("_", "-").capitalize(), "Order type"))
    if order.is_split:
        marks.append(Mark("Split", "Travels in several parcels"))
    if any(line.unit_price == 0 for line in order.lines.all()):
        marks.append(Mark("Gift", "A line of this order is free"))
    if order.buyer_message:
        marks.append(Mark("Message", f"Buyer: {order.buyer_message}", "sticky-note"))
    if order.seller_note:
        marks.append(Mark("Note", f"Note: {order.seller_note}", "sticky-note"))
    if notes := list(order.notes.all()):
        label = "Note" if len(notes) == 1 else f"{len(notes)} notes"
        marks.append(Mark(label, f"{notes[-1].by}: {notes[-1].text}", "sticky-note"))
    return marks


def needs_decision(order: Order, stage: Stage) -> bool:
    """Whether a buyer's request keeps the seller from shipping it."""
    return stage in PENDING and order.shipping != Shipping.PLATFORM and asks_to_cancel(order)


def _hold_marks(order: Order, now: datetime) -> list[Mark]:
    """`Held here`, never On hold, which is the marketplace's word."""
    hold = hold_of(order, now)
    if hold is None:
        return []
    zone = order.shop.zone
    text = f"{hold.reason} ({hold.by}"
    if hold.until:
        text += f", until {wording.short_instant(hold.until, zone, now)}"
    label = "Held here"
    if hold.remind_at and hold.remind_at <= now:
        label = "Held here, due"
        text += f", reminder since {wording.short_instant(hold.remind_at, zone, now)}"
    return [Mark(label, f"{text})", "pause")]
