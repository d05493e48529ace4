"""What happened to an order, newest first: the channel's instants and our own events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from shipboard.desk import wording
from shipboard.orders.models import Event, Hold, Order

CHANNEL_INSTANTS = {
    "created_at": "Order placed",
    "paid_at": "Paid",
    "arranged_at": "Shipment arranged",
    "collected_at": "Collected by the carrier",
    "delivered_at": "Delivered",
    "canceled_at": "Canceled",
}
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
}


@dataclass(frozen=True)
class Entry:
    at: datetime
    what: str
    by: str
    detail: str = ""


def entries(order: Order) -> list[Entry]:
    """Two queries. Instants are UTC; the template shows them in the shop's zone."""
    reasons = dict(Hold.objects.filter(order=order).values_list("pk", "reason"))
    said = [
        Entry(getattr(order, name), what, "the channel", _reason(order, name))
        for name, what in CHANNEL_INSTANTS.items()
        if getattr(order, name)
    ]
    ours = [
        Entry(event.at, EVENTS.get(event.kind, event.kind), event.by, _detail(event, reasons))
        for event in order.events.order_by("-at", "-pk")[:200]
    ]
    return sorted(said + ours, key=lambda each: each.at, reverse=True)


def _reason(order: Order, name: str) -> str:
    if name != "canceled_at":
        return ""
    by = f"by the {order.canceled_by}" if order.canceled_by else ""
    return ": ".join(each for each in (by, order.cancel_reason) if each)


def _detail(event: Event, reasons: Mapping[int, str]) -> str:
    """`reasons` are those of the order's holds, by key: events keep no free text."""
    detail = event.detail
    parts = []
    if isinstance(stage := detail.get("stage"), list):
        parts.append(" → ".join(wording.stage(each) for each in stage))
    elif stage:
        parts.append(wording.stage(stage))
    if fields := detail.get("fields"):
        parts.append("changed: " + ", ".join(_field(each) for each in fields))
    if colour := detail.get("colour"):
        parts.append(str(colour))
    if reason := detail.get("reason") or reasons.get(detail.get("hold")):
        parts.append(str(reason))
    return "; ".join(parts)


def _field(path: str) -> str:
    return path.replace(".", " ").replace("_", " ")
