"""One order: its page, its drawer, and the two things that can be done with it today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from shipboard import clock
from shipboard.accounts.access import Access, access_of
from shipboard.channels.contract import OrderType, Stage
from shipboard.desk import timeline, wording
from shipboard.desk.rows import row_of
from shipboard.fulfilment.allowed import allowed
from shipboard.orders.events import record
from shipboard.orders.holds import NotHeld, release_hold
from shipboard.orders.masking import masked
from shipboard.orders.models import Order
from shipboard.orders.prices import breakdown
from shipboard.orders.queries import visible_shops, with_parts
from shipboard.orders.stages import stage_now

RECIPIENT_LABELS = {
    "name": "Recipient",
    "phone": "Phone",
    "address": "Address",
    "address_extra": "",
    "house": "",
    "subdistrict": "",
    "district": "",
    "city": "City",
    "state": "State / province",
    "postal_code": "Postal code",
    "country": "Country",
    "delivery_instruction": "Delivery instruction",
}


@dataclass(frozen=True)
class Deadline:
    label: str
    at: datetime
    source: str
    rule: str
    #: How pressing it is: blank for a deadline that the order's stage has left behind.
    urgency: str = ""


@never_cache
def order_detail(request: HttpRequest, order_id: str) -> HttpResponse:
    """GET /orders/<order id>/[?shop=slug]; asks which shop when two have the id. For htmx it is
    the drawer."""
    found = list(_orders(request, order_id))
    if not found:
        raise Http404(f"There is no order {order_id} in your shops.")
    if len(found) > 1:
        return render(request, "which_shop.html", {"order_id": order_id, "orders": found})
    return _show(request, found[0], is_revealed=False)


def _orders(request: HttpRequest, order_id: str) -> list[Order]:
    access: Access = access_of(request.user)  # type: ignore[arg-type]
    orders = Order.objects.filter(order_id=order_id, shop__in=visible_shops(access))
    if slug := request.GET.get("shop"):
        orders = orders.filter(shop__slug=slug)
    return list(with_parts(orders).order_by("shop__name", "pk"))


def _one(request: HttpRequest, order_id: str) -> Order:
    found = _orders(request, order_id)
    if len(found) != 1:
        raise Http404(f"There is no single order {order_id} in your shops.")
    return found[0]


@require_POST
@never_cache
def reveal(request: HttpRequest, order_id: str) -> HttpResponse:
    """Show the recipient in full, once; who looked is an event of the order."""
    order = _one(request, order_id)
    record(order, "address_revealed", by=str(request.user), at=clock.now())
    return _show(request, order, is_revealed=True)


@require_POST
def release(request: HttpRequest, order_id: str) -> HttpResponse:
    """Release the hold; when somebody else did, say so."""
    order = _one(request, order_id)
    try:
        release_hold(order, by=str(request.user), now=clock.now())
        messages.success(request, f"Order {order.order_id} is not held any more.")
    except NotHeld as late:
        messages.info(request, str(late))
    return redirect(f"{reverse('order_detail', args=[order_id])}?shop={order.shop.slug}")


def _show(request: HttpRequest, order: Order, *, is_revealed: bool) -> HttpResponse:
    now = clock.now()
    in_drawer = request.headers.get("HX-Target") == "drawer-body"
    context = {
        "order": order,
        "row": row_of(order, now),
        "actions": allowed(order, now),
        "deadlines": _deadlines(order, now),
        "recipient": _recipient(order, is_revealed=is_revealed),
        "is_revealed": is_revealed,
        "prices": breakdown(order),
        "entries": timeline.entries(order),
        "at": now,
        "in_drawer": in_drawer,
    }
    return render(request, "order_drawer.html" if in_drawer else "order_detail.html", context)


PENDING = (Stage.AWAITING_SHIPMENT, Stage.PARTIALLY_SHIPPED)
#: Name, label, the stages it presses in, and what it means.
CLOCKS = (
    ("ship_by", "Ship by", PENDING, "Arranged after it, the order counts as late."),
    (
        "collect_by",
        "Collect by",
        (Stage.PENDING_COLLECTION,),
        "Scanned by the carrier after it, the order counts as late.",
    ),
    (
        "auto_cancel_at",
        "Auto-cancel",
        (*PENDING, Stage.PENDING_COLLECTION, Stage.IN_TRANSIT),
        "The marketplace cancels it then unless it moves on.",
    ),
    ("deliver_by", "Deliver by", (Stage.IN_TRANSIT,), "Promised to the buyer."),
)


def _deadlines(order: Order, now: datetime) -> list[Deadline]:
    """The order's clocks, soonest first, each with who set it."""
    shop, stage = order.shop, stage_now(order, now)
    profile = f"SLA preset {shop.sla}" if shop.sla else f"{shop.name}'s flat hours"
    found = []
    for name, label, presses_in, rule in CLOCKS:
        if at := getattr(order, name):
            source = "the channel" if name in order.channel_deadlines else profile
            pressing = wording.urgency(at, now) if stage in presses_in else ""
            found.append(Deadline(label, at, source, rule, pressing))
    if order.hold_ends_at and order.stage == Stage.ON_HOLD:
        rule = "Until then the buyer may cancel freely."
        found.append(Deadline("Hold ends", order.hold_ends_at, _hold_rule(order), rule))
    if order.closes_at:
        is_channels = order.closes_at == order.channel_closes_at
        source = "the channel" if is_channels else f"{shop.after_sales_days} days after delivery"
        rule = "After it nothing more can be done with the order."
        found.append(Deadline("Can be acted on until", order.closes_at, source, rule))
    return sorted(found, key=lambda each: each.at)


def _hold_rule(order: Order) -> str:
    if order.order_type == OrderType.PRE_ORDER:
        return "the release of a pre-order"
    return "one hour after creation (COD)" if order.is_cod else "one hour after payment"


def _recipient(order: Order, *, is_revealed: bool) -> list[tuple[str, str]]:
    shown = []
    for key, label in RECIPIENT_LABELS.items():
        if value := order.recipient.get(key):
            shown.append((label, value if is_revealed else masked(key, value)))
    return shown
