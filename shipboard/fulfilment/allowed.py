"""What can be done with an order now, and why not the rest. Template, verb, bulk preview and API
all ask this one function, so that none of them offers what another refuses.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shipboard.channels.contract import Capabilities, CaseKind, Shipping, Stage
from shipboard.channels.registry import capabilities
from shipboard.orders.attempts import LEFT, Attempt
from shipboard.orders.holds import hold_of
from shipboard.orders.models import Order
from shipboard.orders.stages import is_presumed, stage_now


class Verb(StrEnum):
    ADD_SHIPMENT = "add_shipment"
    SHIP_DESPITE = "ship_despite"
    CREATE_LABEL = "create_label"
    ANSWER_CANCELLATION = "answer_cancellation"
    ANSWER_RETURN = "answer_return"
    CANCEL = "cancel"
    NOTE = "note"
    FLAG = "flag"
    HOLD = "hold"
    RELEASE = "release"


LABELS = {
    Verb.ADD_SHIPMENT: "Add Shipment Information",
    Verb.SHIP_DESPITE: "Ship although the buyer asks to cancel",
    Verb.CREATE_LABEL: "Arrange for shipping and create a shipping label",
    Verb.ANSWER_CANCELLATION: "Approve or reject the cancellation",
    Verb.ANSWER_RETURN: "Answer the return or refund",
    Verb.CANCEL: "Cancel the order",
    Verb.NOTE: "Add a note",
    Verb.FLAG: "Flag",
    Verb.HOLD: "Hold here",
    Verb.RELEASE: "Release the hold here",
}


@dataclass(frozen=True)
class Action:
    """A verb and, when it is not possible now, the sentence that says why. Blank: possible."""

    verb: Verb
    why_not: str = ""

    @property
    def label(self) -> str:
        return LABELS[self.verb]

    @property
    def is_possible(self) -> bool:
        return not self.why_not


#: Verbs of ours alone, which no marketplace hears of.
OURS = (Verb.NOTE, Verb.FLAG, Verb.HOLD, Verb.RELEASE)


def allowed(order: Order, now: datetime) -> list[Action]:
    """Every verb that suits the order's way of shipping, possible or not, and those of ours.
    `order` comes with its shop, cases, holds and attempts (orders.parts.with_parts)."""
    suited = []
    if order.shipping != Shipping.PLATFORM:
        suited.append(Verb.ADD_SHIPMENT)
        if asks_to_cancel(order):
            suited.append(Verb.SHIP_DESPITE)
    if order.shipping != Shipping.SELLER:
        suited.append(Verb.CREATE_LABEL)
    waiting = {case.kind for case in order.cases.all() if case.is_open}
    if CaseKind.CANCELLATION in waiting:
        suited.append(Verb.ANSWER_CANCELLATION)
    if waiting - {CaseKind.CANCELLATION}:
        suited.append(Verb.ANSWER_RETURN)
    return [Action(verb, why_not(verb, order, now)) for verb in (*suited, Verb.CANCEL, *OURS)]


def why_not(verb: Verb, order: Order, now: datetime) -> str:
    """The sentence that says why the verb is not possible now; blank: it is."""
    match verb:
        case Verb.NOTE | Verb.FLAG:
            return ""
        case Verb.HOLD:
            return _why_not_hold(order, now)
        case Verb.RELEASE:
            return "" if hold_of(order, now) else "It is not held here."
        case Verb.CANCEL:
            return _why_not_cancel(order, now)
        case Verb.ADD_SHIPMENT:
            return _why_not_ship(order, now) or _why_not_add(order)
        case Verb.SHIP_DESPITE:
            return _why_not_ship(order, now, despite=True) or _why_not_add(order)
        case Verb.CREATE_LABEL:
            return _why_not_ship(order, now) or _in_seller_center(order)
    return _in_seller_center(order)


def _in_seller_center(order: Order) -> str:
    """This version does not do it from here; how the desk then hears of it differs."""
    if _is_connected(order):
        return (
            "Shipboard does not do this from here yet. Do it in Seller Center; it shows here by "
            "itself within a minute."
        )
    return (
        "This shop is fed by files, and Shipboard does not do this from here yet. Do it in Seller "
        "Center, then import the next export."
    )


def _is_connected(order: Order) -> bool:
    return _can(order).connects


CANCELABLE = (Stage.ON_HOLD, Stage.AWAITING_SHIPMENT, Stage.PARTIALLY_SHIPPED)


#: A hold stops what is not in the carrier's hands yet.
HOLDABLE = (
    Stage.UNPAID,
    Stage.ON_HOLD,
    Stage.UNKNOWN,
    Stage.AWAITING_SHIPMENT,
    Stage.PARTIALLY_SHIPPED,
    Stage.PENDING_COLLECTION,
)


def _why_not_hold(order: Order, now: datetime) -> str:
    if hold := hold_of(order, now):
        return f"{hold.by} holds it here already: {hold.reason}"
    stage = stage_now(order, now)
    return "" if stage in HOLDABLE else f"{_STAGE_REFUSALS[stage]} A hold would stop nothing."


def _why_not_cancel(order: Order, now: datetime) -> str:
    """Sellers may cancel what is paid and not shipped (the marketplace's order API overview)."""
    stage = stage_now(order, now)
    if stage in CANCELABLE:
        return _in_seller_center(order)
    if stage == Stage.UNPAID:
        return "Only the buyer can cancel an order that is not paid."
    return _STAGE_REFUSALS[stage]


def asks_to_cancel(order: Order) -> bool:
    """Whether the buyer waits for an answer to a request to cancel."""
    return any(case.is_open and case.kind == CaseKind.CANCELLATION for case in order.cases.all())


def shipment_under_way(order: Order) -> Attempt | None:
    """The shipment of the whole order that is asked for already, or was accepted a moment ago."""
    for attempt in order.attempts.all():
        is_whole = attempt.kind == Attempt.Kind.SHIP and not attempt.is_part
        if is_whole and attempt.is_news_of(order):
            return attempt
    return None


def _why_not_add(order: Order) -> str:
    if order.shipping == Shipping.PLATFORM:
        return "The platform chooses the carrier of this order; a shipping label is created for it."
    can = _can(order)
    if can.connects and not can.ships:
        return "The marketplace does not say who ships this order; ship it in Seller Center."
    attempt = shipment_under_way(order)
    return said_of(attempt) if attempt else ""


def said_of(attempt: Attempt) -> str:
    """Who ships it already, and how far that is."""
    who = f"{attempt.by} ships it already under {attempt.tracking_number}"
    if attempt.state == Attempt.State.WAITING:
        return f"{who}; it waits in the outbox and can be undone there."
    if attempt.state in LEFT:
        return f"{who}; the marketplace is being told now."
    if attempt.handed_over_at:
        return f"{who}; it went into an upload file, and the next import confirms it."
    if attempt.state == Attempt.State.RECORDED:
        return f"{who}; it is recorded and goes with the next upload file."
    return f"{who}; the marketplace has accepted it."


def _can(order: Order) -> Capabilities:
    return capabilities(order.shop, Shipping(order.shipping))


def _why_not_ship(order: Order, now: datetime, *, despite: bool = False) -> str:
    if order.is_platform_fulfilled:
        return "The platform's own warehouse ships this order; there is nothing to do here."
    if hold_of(order, now):
        return "The order is held here; release the hold first."
    if refusal := _STAGE_REFUSALS.get(stage_now(order, now)):
        return refusal
    if asks_to_cancel(order) and not despite:
        return _decision_needed(order)
    if despite and not asks_to_cancel(order):
        return "No buyer's request to cancel waits here; ship the order as any other."
    if despite and _can(order).cancel_requests != "reject_by_shipping":
        return "In this market the marketplace refuses it: answer the buyer's request first."
    if is_presumed(order, now):
        return "The hold's hour is over by the clock, but the marketplace has not said so yet; " + (
            "it will within minutes." if _is_connected(order) else "import a newer export."
        )
    return ""


def _decision_needed(order: Order) -> str:
    """An order is then left out of everything that is done to many."""
    if _can(order).cancel_requests == "reject_by_shipping":
        return (
            "Decision needed: the buyer asks to cancel. Answer that in Seller Center, or choose on "
            "the order's own page to ship it all the same."
        )
    return "Decision needed: the buyer asks to cancel. Answer that in Seller Center first."


_STAGE_REFUSALS = {
    Stage.UNPAID: "The buyer has not paid yet.",
    Stage.ON_HOLD: (
        "The order is On hold: the buyer may still cancel freely, and the marketplace accepts "
        "no shipment before that hour is over."
    ),
    Stage.UNKNOWN: (
        "The marketplace's word for this order's status is not known here; look it up in Seller "
        "Center."
    ),
    Stage.PENDING_COLLECTION: "It is arranged already and waits for the carrier.",
    Stage.IN_TRANSIT: "It is on its way already.",
    Stage.DELIVERED: "It is delivered already.",
    Stage.CLOSED: "The after-sales window is over; nothing more can be done with this order.",
    Stage.CANCELED: "The order is canceled.",
}
