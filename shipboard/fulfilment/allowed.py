"""What can be done with an order now, and why not the rest. Template, verb, bulk preview and API
all ask this one function, so that none of them offers what another refuses.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shipboard.channels.contract import Capabilities, CaseKind, Shipping, Stage
from shipboard.channels.registry import capabilities
from shipboard.fulfilment.case_rules import (
    approval_under_way,
    cancellation_under_way,
    granted_lately,
    said_of_answer,
    shipment_on_its_way,
    why_not_answer,
)
from shipboard.orders.attempts import LEFT, Attempt
from shipboard.orders.holds import hold_of
from shipboard.orders.models import Order
from shipboard.orders.stages import AFTER_WINDOW, is_presumed, stage_now


class Verb(StrEnum):
    ADD_SHIPMENT = "add_shipment"
    SHIP_DESPITE = "ship_despite"
    CREATE_LABEL = "create_label"
    REPACK = "repack"
    MARK_SHIPPED = "mark_shipped"
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
    Verb.REPACK: "Split or combine",
    Verb.MARK_SHIPPED: "Mark as shipped",
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
        if order.shipping == Shipping.PLATFORM and asks_to_cancel(order):
            suited.append(Verb.SHIP_DESPITE)
    if (can := _can(order)).split or can.combine:
        suited.append(Verb.REPACK)
    if order.shipping == Shipping.PLATFORM:
        suited.append(Verb.MARK_SHIPPED)
    waiting = {case.kind for case in order.cases.all() if case.is_open}
    if CaseKind.CANCELLATION in waiting:
        suited.append(Verb.ANSWER_CANCELLATION)
    if waiting - {CaseKind.CANCELLATION}:
        suited.append(Verb.ANSWER_RETURN)
    return [Action(verb, why_not(verb, order, now)) for verb in (*suited, Verb.CANCEL, *OURS)]


#: The kinds of cases that a verb answers.
ANSWERED = {
    Verb.ANSWER_CANCELLATION: (CaseKind.CANCELLATION,),
    Verb.ANSWER_RETURN: (CaseKind.RETURN, CaseKind.REFUND, CaseKind.REPLACEMENT),
}


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
            is_label = order.shipping == Shipping.PLATFORM
            of_its_way = _why_not_label if is_label else _why_not_add
            return _why_not_ship(order, now, despite=True) or of_its_way(order)
        case Verb.CREATE_LABEL:
            return _why_not_ship(order, now) or _why_not_label(order)
        case Verb.REPACK:
            return _why_not_ship(order, now) or _why_not_repack(order)
        case Verb.MARK_SHIPPED:
            return _why_not_ship(order, now) or _why_not_mark(order)
        case Verb.ANSWER_CANCELLATION | Verb.ANSWER_RETURN:
            return _why_not_answer(verb, order, now)


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


def _why_not_answer(verb: Verb, order: Order, now: datetime) -> str:
    """Why none of its open cases can be answered."""
    waiting = [case for case in order.cases.all() if case.is_open and case.kind in ANSWERED[verb]]
    if not waiting:
        return "Nothing of this kind waits for your answer."
    whys = [why_not_answer(case, order, now) for case in waiting]
    return "" if "" in whys else whys[0]


def _why_not_cancel(order: Order, now: datetime) -> str:
    """Sellers may cancel what is paid and not shipped, in some markets also what waits for the
    carrier (the marketplace's order API overview)."""
    stage, can = stage_now(order, now), _can(order)
    if stage == Stage.UNPAID:
        return "Only the buyer can cancel an order that is not paid."
    if stage not in CANCELABLE and not (stage == Stage.PENDING_COLLECTION and can.cancels_arranged):
        return _STAGE_REFUSALS[stage]
    if order.is_platform_fulfilled:
        return "The platform's own warehouse ships this order; there is nothing to do here."
    if not can.connects or not can.cancels:
        return _in_seller_center(order)
    if asks_to_cancel(order):
        return (
            "The buyer asks to cancel it: approve that instead. What the buyer asked for does not "
            "count against you."
        )
    attempt = shipment_on_its_way(order) or cancellation_under_way(order, now)
    return said_of(attempt) if attempt else ""


def asks_to_cancel(order: Order) -> bool:
    """Whether the buyer waits for an answer to a request to cancel."""
    return any(case.is_open and case.kind == CaseKind.CANCELLATION for case in order.cases.all())


#: Kinds of attempts after which the order is on its way.
SHIPS = (Attempt.Kind.SHIP, Attempt.Kind.LABEL, Attempt.Kind.MARK)


#: Those of the whole order, during which nothing else is done to its packages.
WHOLE = (*SHIPS, Attempt.Kind.REPACK)


def shipment_under_way(order: Order) -> Attempt | None:
    """The shipment of the whole order, or other way of packing it, that is asked for already, or
    was accepted a moment ago."""
    for attempt in order.attempts.all():
        is_whole = attempt.kind in WHOLE and not attempt.is_part
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


def _why_not_label(order: Order) -> str:
    can = _can(order)
    if not can.connects:
        return (
            "This shop is fed by files: create the label in Seller Center, then drop its PDF on "
            "the Label files page."
        )
    if not can.platform_label:
        return "The platform makes no label for this order; the seller ships it."
    attempt = shipment_under_way(order)
    return said_of(attempt) if attempt else ""


def _why_not_mark(order: Order) -> str:
    """Where no label is bought from here, nothing else says that the carrier has it."""
    if order.shipping != Shipping.PLATFORM:
        return "The seller ships this order; add its shipment information."
    if _is_connected(order):
        return "Creating its label marks it as shipped; no second step is needed."
    attempt = shipment_under_way(order)
    return said_of(attempt) if attempt else ""


def _why_not_repack(order: Order) -> str:
    """Sellers may repack what waits as a whole: more than one part, awaiting shipment."""
    can = _can(order)
    if not can.split and not can.combine:
        return _in_seller_center(order)
    if order.stage == Stage.PARTIALLY_SHIPPED:
        return "Part of it has been shipped; the marketplace changes its packages no more."
    for attempt in order.attempts.all():
        if attempt.kind in WHOLE and attempt.is_news_of(order):
            return said_of(attempt)
    return ""


def said_of(attempt: Attempt) -> str:
    """Who ships or cancels it already, and how far that is."""
    if attempt.kind == Attempt.Kind.ANSWER:
        return said_of_answer(attempt)
    if attempt.kind == Attempt.Kind.CANCEL:
        return _said_of_cancel(attempt)
    if attempt.kind == Attempt.Kind.REPACK:
        return _said_of_repack(attempt)
    if attempt.kind == Attempt.Kind.LABEL:
        return _said_of_label(attempt)
    if attempt.kind == Attempt.Kind.MARK:
        return f"{attempt.by} has marked it as shipped here; the next import confirms it."
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


def _said_of_repack(attempt: Attempt) -> str:
    if attempt.state == Attempt.State.UNKNOWN:
        return f"{attempt.by} splits or combines it; the marketplace is asked what became of it."
    if attempt.state == Attempt.State.DONE:
        return f"{attempt.by} has split or combined it; it is read again in a moment."
    return f"{attempt.by} splits or combines it; the marketplace is being told now."


def _said_of_cancel(attempt: Attempt) -> str:
    who = f"{attempt.by} cancels {'part of it' if attempt.is_part else 'it'}"
    if attempt.state == Attempt.State.WAITING:
        return f"{who}; that waits in the outbox and can be undone there."
    if attempt.state == Attempt.State.UNKNOWN:
        return f"{who}; the marketplace is asked what became of it."
    if attempt.state == Attempt.State.DONE:
        return f"{who}, and the marketplace has taken it; the order is read again in a moment."
    return f"{who}; the marketplace is being told now."


def _said_of_label(attempt: Attempt) -> str:
    who = f"{attempt.by} has asked for its shipping label"
    if attempt.state == Attempt.State.UNKNOWN:
        return f"{who}; the marketplace is asked what became of it."
    if attempt.state == Attempt.State.DONE:
        return f"{who}, and the platform has made it."
    return f"{who}; it is being created."


def _can(order: Order) -> Capabilities:
    return capabilities(order.shop, Shipping(order.shipping))


def _why_not_ship(order: Order, now: datetime, *, despite: bool = False) -> str:
    if stage_now(order, now) == Stage.CLOSED:
        return AFTER_WINDOW
    if order.is_platform_fulfilled:
        return "The platform's own warehouse ships this order; there is nothing to do here."
    if hold_of(order, now):
        return "The order is held here; release the hold first."
    if refusal := _STAGE_REFUSALS.get(stage_now(order, now)):
        return refusal
    if attempt := approval_under_way(order, now) or cancellation_under_way(order, now):
        return said_of(attempt)
    if granted_lately(order, now):
        return GRANTED
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


GRANTED = (
    "It, or some of it, was canceled a moment ago, and the marketplace may not show that yet. What "
    "is left of the order can be shipped ten minutes later."
)


def _decision_needed(order: Order) -> str:
    """An order is then left out of everything that is done to many."""
    if not _is_connected(order):
        return "Decision needed: the buyer asks to cancel. Answer that in Seller Center first."
    if _can(order).cancel_requests == "reject_by_shipping":
        return (
            "Decision needed: the buyer asks to cancel. Approve that, or reject it with the "
            f"order's button “{LABELS[Verb.SHIP_DESPITE]}”."
        )
    return "Decision needed: the buyer asks to cancel. Answer that first."


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
    Stage.CLOSED: AFTER_WINDOW,
    Stage.CANCELED: "The order is canceled.",
}
