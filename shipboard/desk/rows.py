"""A row of the order list: what is shown of an order, worked out once for every view."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from shipboard.channels.contract import Shipping, Stage
from shipboard.desk import wording
from shipboard.desk.attempts import RowState, marked, row_state
from shipboard.desk.case_views import to_answer
from shipboard.desk.deadlines import OVER, first_to_answer
from shipboard.desk.label_views import LabelView, label_views, leading
from shipboard.desk.marks import Mark, marks_of
from shipboard.desk.tags import TagText, tags_of
from shipboard.fulfilment.allowed import Verb, why_not
from shipboard.orders.masking import USERNAME, masked
from shipboard.orders.models import Case, Line, Order, Parcel
from shipboard.orders.stages import CANCELED_BY_CLOCK, is_presumed, stage_now


@dataclass(frozen=True)
class Clock:
    """A deadline on screen: its name, its instant, and how urgent it is at `now`. `key` names its
    explanation (why.py)."""

    label: str
    at: datetime
    urgency: str
    key: str = ""


@dataclass(frozen=True)
class Row:
    order: Order
    stage: Stage
    is_presumed: bool
    lines: list[Line]
    parcels: list[Parcel]
    clock: Clock | None
    auto_cancel: Clock | None
    #: When the first of its open cases must be answered.
    answer: Clock | None
    marks: list[Mark]
    #: The colour of our flag; blank: none.
    flag: str
    #: What became of the shipment that was asked for last; None: nothing to tell.
    shipment: RowState | None
    #: Why it cannot be shipped from here now, in its own way; blank: it can.
    stays: str
    #: The label that asks for a person first; None: none that counts.
    label: LabelView | None
    can_cancel: bool
    #: The case that can be answered now, the most urgent one; None: none can.
    to_answer: Case | None
    tags: list[TagText]

    @property
    def can_ship(self) -> bool:
        return not self.stays and self.order.shipping != Shipping.PLATFORM

    @property
    def can_label(self) -> bool:
        return not self.stays and self.order.shipping == Shipping.PLATFORM

    @property
    def shipping(self) -> str:
        if self.order.is_platform_fulfilled:
            return "Platform warehouse"
        return {"seller": "Seller shipping", "platform": "Platform shipping"}.get(
            self.order.shipping, "—"
        )

    @property
    def units(self) -> int:
        """Units that are not canceled."""
        return self.order.units - self.canceled

    @property
    def canceled(self) -> int:
        return sum(line.canceled for line in self.lines)

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


def way_of(order: Order) -> Verb:
    """The verb by which it is shipped."""
    return Verb.CREATE_LABEL if order.shipping == Shipping.PLATFORM else Verb.ADD_SHIPMENT


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
        answer=_answer(order, stage, now),
        marks=marks_of(order, stage, now),
        flag=order.flag.colour if hasattr(order, "flag") else "",
        shipment=row_state(order, stage),
        stays=why_not(way_of(order), order, now),
        label=leading(label_views(order, now)),
        can_cancel=not why_not(Verb.CANCEL, order, now),
        to_answer=next(iter(to_answer(order, now).values()), None),
        tags=tags_of(order.tracking.tags) if hasattr(order, "tracking") else [],
    )


PENDING = (Stage.AWAITING_SHIPMENT, Stage.PARTIALLY_SHIPPED)
#: In other stages the main clock is something to know, not to hurry for.
PRESSING = (*PENDING, Stage.PENDING_COLLECTION)


def _main_clock(order: Order, stage: Stage, now: datetime) -> Clock | None:
    """The one deadline that matters most for the stage."""
    label, column = {
        Stage.ON_HOLD: ("Hold ends", "hold_ends_at"),
        Stage.PENDING_COLLECTION: _collection(order),
        Stage.IN_TRANSIT: ("Deliver by", "deliver_by"),
        Stage.DELIVERED: ("Closes", "closes_at"),
    }.get(stage, ("Ship by", "ship_by" if stage in PENDING else ""))
    found = _clock(label, column, order, now)
    is_calm = stage not in PRESSING or marked(order) is not None
    return replace(found, urgency="") if found and is_calm else found


def _collection(order: Order) -> tuple[str, str]:
    return ("Collect by", "collect_by") if order.collect_by else ("Auto-cancel", "auto_cancel_at")


def _auto_cancel(order: Order, stage: Stage, now: datetime) -> Clock | None:
    at_risk = stage in CANCELED_BY_CLOCK
    return _clock("Auto-cancel", "auto_cancel_at" if at_risk else "", order, now)


def _answer(order: Order, stage: Stage, now: datetime) -> Clock | None:
    case = first_to_answer(order) if stage not in OVER else None
    if case is None or case.respond_by is None:
        return None
    urgency = wording.urgency(case.respond_by, now)
    return Clock("Answer by", case.respond_by, urgency, f"clock-case-{case.pk}")


def _clock(label: str, column: str, order: Order, now: datetime) -> Clock | None:
    at = getattr(order, column) if column else None
    return Clock(label, at, wording.urgency(at, now), f"clock-{column}") if at else None
