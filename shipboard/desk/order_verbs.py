"""What a person does with one order: notes, flag, hold, release. Each is a plain form of the order
page; from the drawer it fills the drawer again.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from shipboard import clock
from shipboard.accounts.roles import Right
from shipboard.desk.door import access_for, needs
from shipboard.desk.order_detail import back_to, is_drawer, one_order, show
from shipboard.desk.run_form import instant
from shipboard.fulfilment.allowed import Verb, why_not
from shipboard.fulfilment.wishes import colour_of
from shipboard.orders.flags import set_flag
from shipboard.orders.holds import place_hold, release_hold
from shipboard.orders.models import Note, Order
from shipboard.orders.notes import NoNote, add_note, remove_note
from shipboard.orders.overlays import BadWords, Refused


@require_POST
@needs(Right.WORK)
def note(request: HttpRequest, order_id: str) -> HttpResponse:
    def do(order: Order, by: str) -> str:
        add_note(order, text=request.POST.get("text", ""), by=by, now=clock.now())
        return "The note is added."

    return _answer(request, order_id, do)


@require_POST
@needs(Right.WORK)
def remove(request: HttpRequest, order_id: str, pk: int) -> HttpResponse:
    def do(order: Order, by: str) -> str:
        found = Note.objects.filter(pk=pk, order=order).first()
        if found is None:
            raise NoNote("This order has no such note.")
        remove_note(found, by=by, now=clock.now())
        return "The note is removed."

    return _answer(request, order_id, do)


@require_POST
@needs(Right.WORK)
def flag(request: HttpRequest, order_id: str) -> HttpResponse:
    def do(order: Order, by: str) -> str:
        colour = colour_of(request.POST.get("colour", ""))
        is_new = set_flag(order, colour, by=by, now=clock.now(), seen=seen_version(request))
        state = f"flagged {colour}" if colour else "not flagged"
        return f"Order {order.order_id} is {state}{' now' if is_new else ' already'}."

    return _answer(request, order_id, do)


@require_POST
@needs(Right.WORK)
def hold(request: HttpRequest, order_id: str) -> HttpResponse:
    def do(order: Order, by: str) -> str:
        given, zone, now = request.POST, order.shop.zone, clock.now()
        if reason := why_not(Verb.HOLD, order, now):
            raise Refused(reason)
        place_hold(
            order,
            reason=given.get("reason", ""),
            by=by,
            now=now,
            until=instant(given.get("until", ""), zone, "The end"),
            remind_at=instant(given.get("remind_at", ""), zone, "The reminder"),
            seen=seen_version(request),
        )
        return f"Order {order.order_id} is held here."

    return _answer(request, order_id, do)


@require_POST
@needs(Right.WORK)
def release(request: HttpRequest, order_id: str) -> HttpResponse:
    def do(order: Order, by: str) -> str:
        release_hold(order, by=by, now=clock.now(), seen=seen_version(request))
        return f"Order {order.order_id} is not held here any more."

    return _answer(request, order_id, do)


def seen_version(request: HttpRequest) -> int:
    """The version of the order on which the person decided, which every form carries. Raises
    BadWords."""
    given = request.POST.get("seen", "")
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise BadWords("The form was not complete; look at the order and send it again.")
    return int(given)


def _answer(request: HttpRequest, order_id: str, do: Callable[[Order, str], str]) -> HttpResponse:
    """Do it and say so; or the refusal, with the order as it is now and the form as it was typed:
    422 for what cannot be taken, 409 when somebody else was first."""
    order = one_order(request, order_id)
    try:
        said = do(order, access_for(request).by)
    except Refused as refusal:
        status = 422 if isinstance(refusal, BadWords) else 409
        return show(
            request,
            one_order(request, order_id),
            problem=str(refusal),
            given=request.POST.dict(),
            status=status,
        )
    if not is_drawer(request):
        messages.success(request, said)
        return back_to(order)
    response = show(request, one_order(request, order_id), said=said)
    response["HX-Trigger"] = json.dumps({"order-changed": {"pk": order.pk}})
    return response
