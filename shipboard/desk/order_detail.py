"""One order: its page, its drawer, and the two things that can be done with it today."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from shipboard import clock
from shipboard.accounts.access import Access, access_of
from shipboard.desk import timeline
from shipboard.desk.deadlines import deadlines
from shipboard.desk.rows import row_of
from shipboard.fulfilment.allowed import allowed
from shipboard.orders.events import record
from shipboard.orders.filters import is_storable
from shipboard.orders.holds import NotHeld, release_hold
from shipboard.orders.masking import masked
from shipboard.orders.models import Order
from shipboard.orders.prices import breakdown
from shipboard.orders.queries import visible_shops, with_parts

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
    the drawer."""
    found = list(_orders(request, order_id))
    if not found:
        raise Http404(f"There is no order {order_id} in your shops.")
    if len(found) > 1:
        return render(request, "which_shop.html", {"order_id": order_id, "orders": found})
    is_revealed = request.session.pop(REVEALED, None) == found[0].pk
    return _show(request, found[0], is_revealed=is_revealed)


def _orders(request: HttpRequest, order_id: str) -> list[Order]:
    access: Access = access_of(request.user)  # type: ignore[arg-type]
    slug = request.GET.get("shop", "")
    if not is_storable(order_id + slug):
        return []
    orders = Order.objects.filter(order_id=order_id, shop__in=visible_shops(access))
    if slug:
        orders = orders.filter(shop__slug=slug)
    return list(with_parts(orders).order_by("shop__name", "pk"))


def _one(request: HttpRequest, order_id: str) -> Order:
    found = _orders(request, order_id)
    if len(found) != 1:
        raise Http404(f"There is no single order {order_id} in your shops.")
    return found[0]


def reveal(request: HttpRequest, order_id: str) -> HttpResponse:
    """POST shows the recipient in full on the next look, once; who looked is an event of the
    order. A reload or a bookmark leads back to the masked page."""
    order = _one(request, order_id)
    if request.method == "POST":
        record(order, "address_revealed", by=str(request.user), at=clock.now())
        request.session[REVEALED] = order.pk
    return _back_to(order)


def _back_to(order: Order) -> HttpResponse:
    return redirect(f"{reverse('order_detail', args=[order.order_id])}?shop={order.shop.slug}")


@require_POST
def release(request: HttpRequest, order_id: str) -> HttpResponse:
    """Release the hold; when somebody else did, say so."""
    order = _one(request, order_id)
    try:
        release_hold(order, by=str(request.user), now=clock.now())
        messages.success(request, f"Order {order.order_id} is not held any more.")
    except NotHeld as late:
        messages.info(request, str(late))
    return _back_to(order)


def _show(request: HttpRequest, order: Order, *, is_revealed: bool) -> HttpResponse:
    now = clock.now()
    in_drawer = request.headers.get("HX-Target") == "drawer-body"
    context = {
        "order": order,
        "row": row_of(order, now),
        "actions": allowed(order, now),
        "deadlines": deadlines(order, now),
        "recipient": _recipient(order, is_revealed=is_revealed),
        "is_revealed": is_revealed,
        "prices": breakdown(order),
        "entries": timeline.entries(order),
        "at": now,
        "in_drawer": in_drawer,
    }
    return render(request, "order_drawer.html" if in_drawer else "order_detail.html", context)


def _recipient(order: Order, *, is_revealed: bool) -> list[tuple[str, str]]:
    shown = []
    for key, label in RECIPIENT_LABELS.items():
        if value := order.recipient.get(key):
            shown.append((label, value if is_revealed else masked(key, value)))
    return shown
