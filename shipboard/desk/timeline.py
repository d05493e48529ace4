"""What happened to an order, newest first: the channel's instants and our own events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from shipboard.channels.contract import PARCEL_TROUBLE
from shipboard.desk import wording
from shipboard.desk.attempt_words import does
from shipboard.orders.attempts import Attempt
from shipboard.orders.models import Event, Hold, Order

CHANNEL_INSTANTS = {
    "created_at": "Order placed",
    "paid_at": "Paid",
    "arranged_at": "Shipment arranged",
    "collected_at": "Collected by the carrier",
    "delivered_at": "Delivered",
    "canceled_at": "Canceled",
}
#: What an event says has changed, in plain words; values are never kept.
FIELDS = {
    "status_words": "the marketplace's status",
    "order_type": "the kind of order",
    "shipping": "who ships it",
    "is_platform_fulfilled": "who ships it",
    "is_cod": "cash on delivery",
    "currency": "the currency",
    "total": "the total",
    "created_at": "the time it was placed",
    "paid_at": "the time it was paid",
    "arranged_at": "the time it was arranged",
    "collected_at": "the time it was collected",
    "delivered_at": "the time it was delivered",
    "canceled_at": "the time it was canceled",
    "release_at": "the release date",
    "closes_at": "the end of after-sales",
    "canceled_by": "who canceled it",
    "cancel_reason": "the reason it was canceled for",
    "warehouse": "the warehouse",
    "delivery_option": "the delivery option",
    "delivery_option_type": "the delivery option",
    "carrier": "the carrier",
    "payment_method": "the payment method",
    "buyer_username": "the buyer's user name",
    "buyer_message": "the buyer's message",
    "seller_note": "the seller note",
    "lines": "the items",
    "parcels": "the parcels",
    "cases": "cancellation and returns",
    "deadlines.ship_by": "ship by",
    "deadlines.collect_by": "collect by",
    "deadlines.auto_cancel_at": "auto-cancel",
    "deadlines.deliver_by": "deliver by",
    "charges.refund": "the refund",
    "recipient.name": "the recipient's name",
    "recipient.phone": "the recipient's phone number",
    f"extra.{PARCEL_TROUBLE}": "a parcel lost or damaged on its way",
}
#: Of what has too many names for one each.
GROUPS = {"charges": "the amounts", "recipient": "the address", "extra": "other details"}
EVENTS = {
    "order_received": "First seen here",
    "order_changed": "Changed by the channel",
    "hold_placed": "Held here",
    "hold_released": "Hold here released",
    "hold_ended": "Hold here ended",
    "note_added": "Note added",
    "note_removed": "Note removed",
    "flag_set": "Flagged",
    "flag_removed": "Flag removed",
    "address_revealed": "Recipient shown in full",
    "shipment_asked": "Shipment asked for",
    "shipment_accepted": "Shipment accepted by the marketplace",
    "shipment_refused": "Shipment refused",
    "shipment_undone": "Shipment taken back before it left",
    "shipment_handed_over": "Shipment handed over in an upload file",
    "marked_here": "Marked as shipped here",
    "marked_shipped": "Shown as shipped by the marketplace",
    "marking_refused": "Not shipped by the marketplace's word",
    "marking_undone": "Mark as shipped taken back",
    "repacking_asked": "Split or combination asked for",
    "repacked": "Split or combined",
    "repacking_refused": "Split or combination refused",
    "repacking_undone": "Split or combination taken back before it left",
    "label_found": "Label made at the marketplace was found",
    "correction_asked": "Correction of the tracking number asked for",
    "tracking_corrected": "Tracking number corrected",
    "correction_refused": "Correction of the tracking number refused",
    "correction_undone": "Correction taken back before it left",
    "labels_printed": "Shipping label sent to the printer",
    "label_reprinted": "Shipping label sent to the printer once more",
    "slips_printed": "Packing slip sent to the printer",
    "label_cleared": "Canceled units taken out of the parcel",
    "print_confirmed": "Printed",
    "print_lost": "Did not come out of the printer",
    "label_asked": "Shipping label asked for",
    "label_bought": "Shipping label arranged and paid for, marked as shipped with it",
    "label_rejected": "Shipping label rejected",
    "label_undone": "Shipping label taken back before it left",
    "label_created": "Shipping label created",
    "label_restored": "Shipping label put back into use",
    "label_voided": "Shipping label put out of use",
    "answer_asked": "Answer to the buyer's request given",
    "case_answered": "Answer taken by the marketplace",
    "answer_refused": "Answer refused",
    "answer_undone": "Answer taken back before it left",
    "cancel_asked": "Cancellation by the seller asked for",
    "order_canceled": "Cancellation taken by the marketplace",
    "cancel_refused": "Cancellation refused",
    "cancel_undone": "Cancellation taken back before it left",
}


@dataclass(frozen=True)
class Entry:
    at: datetime
    what: str
    by: str
    detail: str = ""


def entries(order: Order) -> list[Entry]:
    """Three queries. Instants are UTC; the template shows them in the shop's zone."""
    reasons = dict(Hold.objects.filter(order=order).values_list("pk", "reason"))
    mine = Q(order=order) | Q(units__order=order)
    attempts = {each.pk: each for each in Attempt.objects.filter(mine).distinct()}
    said = [
        Entry(getattr(order, name), what, "the channel", _reason(order, name))
        for name, what in CHANNEL_INSTANTS.items()
        if getattr(order, name)
    ]
    ours = [
        Entry(
            event.at,
            EVENTS.get(event.kind, event.kind),
            event.by,
            _detail(event, reasons, attempts),
        )
        for event in order.events.order_by("-at", "-pk")[:200]
    ]
    return sorted(said + ours, key=lambda each: each.at, reverse=True)


def _reason(order: Order, name: str) -> str:
    if name != "canceled_at":
        return ""
    by = f"by the {order.canceled_by}" if order.canceled_by else ""
    return ": ".join(each for each in (by, order.cancel_reason) if each)


def _detail(event: Event, reasons: Mapping[int, str], attempts: Mapping[int, Attempt]) -> str:
    """`reasons` are those of the order's holds, by key, and so are its attempts: events keep no
    free text."""
    detail = event.detail
    parts = []
    if isinstance(stage := detail.get("stage"), list):
        parts.append(" → ".join(wording.stage(each) for each in stage))
    elif stage:
        parts.append(wording.stage(stage))
    if fields := detail.get("fields"):
        named = dict.fromkeys(_field(each) for each in fields)
        parts.append("changed: " + ", ".join(named))
    if colour := detail.get("colour"):
        parts.append(str(colour))
    if attempt := attempts.get(detail.get("attempt") or 0):
        parts += _attempted(attempt, event.kind)
    if reason := detail.get("reason") or reasons.get(detail.get("hold")):
        parts.append(str(reason))
    return "; ".join(parts)


def _attempted(attempt: Attempt, kind: str) -> list[str]:
    """The number, or what it does; with an ending why."""
    if said := does(attempt):
        refused = kind in ("answer_refused", "cancel_refused") and attempt.reason
        return [said, attempt.reason] if refused else [said]
    number = " with ".join(filter(None, (attempt.tracking_number, attempt.carrier)))
    if kind in ("shipment_refused", "correction_refused", "repacking_refused"):
        return [each for each in (number, attempt.reason) if each]
    if kind == "label_rejected":
        return [attempt.reason] if attempt.reason else []
    if kind in ("shipment_accepted", "tracking_corrected") and attempt.warning:
        return [number, f"with a warning: {attempt.warning}"]
    return [number] if number else []


def _field(path: str) -> str:
    group, _, name = path.partition(".")
    return FIELDS.get(path) or GROUPS.get(group) or (name or group).replace("_", " ")
