"""One order: its page and its drawer; what can be done with it is in order_verbs.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from shipboard import clock
from shipboard.accounts import audit
from shipboard.accounts.roles import Right
from shipboard.channels.registry import has_line
from shipboard.channels.warehouses import logistics_of
from shipboard.desk import timeline, wording
from shipboard.desk.ages import ages
from shipboard.desk.attempts import PENDING, goes_with
from shipboard.desk.case_views import status_words, to_answer
from shipboard.desk.deadlines import deadlines
from shipboard.desk.door import access_for
from shipboard.desk.label_views import cost, label_views, measured
from shipboard.desk.marks import together_of
from shipboard.desk.packing import packing
from shipboard.desk.parcels import parcels_of
from shipboard.desk.rows import row_of
from shipboard.desk.shipped import shipped
from shipboard.fulfilment.allowed import OURS, Action, Verb, allowed
from shipboard.orders.events import record
from shipboard.orders.flags import flag_of
from shipboard.orders.holds import hold_of
from shipboard.orders.masking import masked
from shipboard.orders.models import Colour, Order
from shipboard.orders.parts import with_parts
from shipboard.orders.prices import breakdown
from shipboard.orders.queries import visible_shops
from shipboard.orders.values import is_storable

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


#: Session key: the order whose recipient is shown in full on the next look.
REVEALED = "revealed"


@never_cache
def order_detail(request: HttpRequest, order_id: str) -> HttpResponse:
    """GET /orders/<order id>/[?shop=slug]; asks which shop when two have the id. For htmx it is
    the drawer. With seen=<version> 204 as long as that is the order's, for live.js."""
    seen = request.GET.get("seen", "")
    if seen and seen in map(str, _found(request, order_id).values_list("version", flat=True)):
        return HttpResponse(status=204)
    found = list(_orders(request, order_id))
    if not found:
        raise Http404(f"There is no order {order_id} in your shops.")
    if len(found) > 1:
        return render(request, "which_shop.html", {"order_id": order_id, "orders": found})
    is_asked = not seen and request.session.pop(REVEALED, None) == found[0].pk
    is_revealed = is_asked and access_for(request).may(Right.SEE_BUYERS)
    return show(request, found[0], is_revealed=is_revealed)


def _orders(request: HttpRequest, order_id: str) -> list[Order]:
    return with_parts(_found(request, order_id).order_by("shop__name", "pk"), clock.now())


def _found(request: HttpRequest, order_id: str) -> QuerySet[Order]:
    access = access_for(request)
    slug = request.GET.get("shop", "")
    if not is_storable(order_id + slug):
        return Order.objects.none()
    orders = Order.objects.filter(order_id=order_id, shop__in=visible_shops(access))
    if slug:
        orders = orders.filter(shop__slug=slug)
    return orders


def one_order(request: HttpRequest, order_id: str) -> Order:
    found = _orders(request, order_id)
    if len(found) != 1:
        raise Http404(f"There is no single order {order_id} in your shops.")
    return found[0]


def reveal(request: HttpRequest, order_id: str) -> HttpResponse:
    """POST shows the recipient in full on the next look, once; who looked is an event of the
    order. A reload or a bookmark leads back to the masked page."""
    access = access_for(request)
    access.need(Right.SEE_BUYERS)
    order = one_order(request, order_id)
    if request.method == "POST":
        record(order, "address_revealed", by=str(request.user), at=clock.now())
        audit.note(access.by, "address_revealed", order.order_id)
        request.session[REVEALED] = order.pk
    return back_to(order)


def back_to(order: Order) -> HttpResponse:
    return redirect(f"{reverse('order_detail', args=[order.order_id])}?shop={order.shop.slug}")


def is_drawer(request: HttpRequest) -> bool:
    return request.headers.get("HX-Target") == "drawer-body"


def show(
    request: HttpRequest,
    order: Order,
    *,
    is_revealed: bool = False,
    said: str = "",
    problem: str = "",
    given: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The order with its parts; `given` fills its forms as they were typed when `problem` says why
    that was not taken."""
    now = clock.now()
    in_drawer = is_drawer(request)
    actions = actions_of(order, now)
    context = {
        "order": order,
        "row": (row := row_of(order, now)),
        "parcels": parcels_of(order, row),
        "ages": ages([order.shop], now),
        "logistics": _logistics(order),
        "actions": [action for action in actions if action.verb not in OURS],
        "ours": {action.verb.value: action for action in actions if action.verb in OURS},
        "takes_files": not has_line(order.shop) and row.stage in PENDING,
        "hold": hold_of(order, now),
        "flag": flag_of(order),
        "colours": list(Colour),
        "deadlines": deadlines(order, now),
        "recipient": _recipient(order, is_revealed=is_revealed),
        "is_revealed": is_revealed,
        # What the channel itself masks cannot be shown in full.
        "is_masked": bool(order.recipient) or "*" not in (order.buyer_username or "*"),
        "prices": breakdown(order),
        "entries": timeline.entries(order),
        **shipped(order, row, now, clock.wall()),
        "labels": label_views(order, now),
        "to_answer": {verb.value: case for verb, case in to_answer(order, now).items()},
        "case_status": status_words,
        "measured": measured,
        "cost": cost,
        **packing(order, now),
        "together": together_of(order),
        "at": now,
        "in_drawer": in_drawer,
        "said": said,
        "problem": problem,
        "given": given or {},
    }
    template = "order_drawer.html" if in_drawer else "order_detail.html"
    return render(request, template, context, status=status)


SHIPPING = (Verb.ADD_SHIPMENT, Verb.SHIP_DESPITE, Verb.CREATE_LABEL)


def actions_of(order: Order, now: datetime) -> list[Action]:
    """What can be done with an order (with its parts), by itself and with what it travels with."""
    return [_unless_together(each, order) for each in allowed(order, now)]


def _unless_together(action: Action, order: Order) -> Action:
    """Shipping is not offered of an order that goes with another already."""
    if action.why_not or action.verb not in SHIPPING:
        return action
    return replace(action, why_not=goes_with(order))


def _logistics(order: Order) -> str:
    """How its parcels travel, in words; blank where nobody knows."""
    known = logistics_of([order.shop_id]).get((order.shop_id, order.warehouse))
    return wording.logistics(known) if known else ""


def _recipient(order: Order, *, is_revealed: bool) -> list[tuple[str, str]]:
    shown = []
    for key, label in RECIPIENT_LABELS.items():
        if value := order.recipient.get(key):
            shown.append((label, value if is_revealed else masked(key, value)))
    return shown
