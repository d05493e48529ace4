"""Shipping one order, correcting what was shipped, and taking either back: a dialog over the list,
a page of its own without JavaScript.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from shipboard import clock
from shipboard.accounts import audit
from shipboard.accounts.roles import Right
from shipboard.channels.contract import Shipping
from shipboard.channels.registry import capabilities
from shipboard.desk.attempts import Shown, goes_with, history, marketplace, named, shown
from shipboard.desk.door import access_for, needs
from shipboard.desk.order_detail import back_to, is_drawer, one_order, show
from shipboard.desk.order_verbs import seen_version
from shipboard.desk.rows import row_of
from shipboard.desk.shipment_form import (
    contents_of,
    given_of,
    kept_key,
    key_of,
    look,
    packages_of,
    read_unknown_carriers,
    wish_from,
)
from shipboard.fulfilment import outbox
from shipboard.fulfilment.allowed import Verb, asks_to_cancel, why_not
from shipboard.fulfilment.correcting import (
    ask_to_correct,
    correctable_until,
    why_not_correct,
)
from shipboard.fulfilment.refusals import BadShipment, TooLate
from shipboard.fulfilment.shipping import ask_to_ship
from shipboard.orders.attempts import Attempt
from shipboard.orders.models import Order, Parcel
from shipboard.orders.overlays import BadWords, Refused
from shipboard.orders.queries import visible_shops

PANEL, NOTICE = "panel-body", "ship-notice"


class Errors(dict[str, str]):
    """Sentences by field; blank for a field that nothing is wrong with."""

    def __missing__(self, field: str) -> str:
        return ""


@never_cache
@needs(Right.WORK)
def ship(request: HttpRequest, order_id: str) -> HttpResponse:
    """/orders/<order id>/ship/[?shop=slug&despite=yes]: GET asks for the tracking number, POST puts
    the shipment in the outbox. `despite`: although the buyer asks to cancel."""
    order = one_order(request, order_id)
    if request.method != "POST":
        return _ship_form(request, order, given_of(request.GET))
    given = given_of(request.POST)

    def do() -> Attempt:
        _check_sure(given)
        return ask_to_ship(
            order,
            wish_from(order, given),
            access=access_for(request),
            now=clock.now(),
            wall=clock.wall(),
            seen=seen_version(request),
            key=key_of(given),
        )

    return _ask(request, order, do, _ship_form)


def _check_sure(given: Mapping[str, str]) -> None:
    if given.get("despite") == "yes" and given.get("sure") != "yes":
        raise BadShipment("sure", "Say that you mean it, or answer the buyer first.")


Form = Callable[..., HttpResponse]


def _ask(request: HttpRequest, order: Order, do: Callable[[], Attempt], form: Form) -> HttpResponse:
    """Do it and say when it leaves; or the form again as it was typed, with the refusal in its
    field, or with the order as it is now: 422 for what cannot be taken, 409 when somebody else was
    first."""
    given = given_of(request.POST)
    try:
        attempt = do()
    except BadShipment as problem:
        return form(request, order, given, errors={problem.field: str(problem)}, status=422)
    except BadWords as problem:
        return form(request, order, given, problem=str(problem), status=422)
    except Refused as problem:
        fresh = one_order(request, order.order_id)
        return form(request, fresh, given, problem=str(problem), is_now=True, status=409)
    if attempt.despite_request:
        audit.note(access_for(request).by, "shipped_despite", order.order_id)
    return asked(request, order, attempt)


def _ship_form(
    request: HttpRequest,
    order: Order,
    given: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
    problem: str = "",
    is_now: bool = False,
    status: int = 200,
) -> HttpResponse:
    now = clock.now()
    despite = given.get("despite") == "yes"
    reason = why_not(Verb.SHIP_DESPITE if despite else Verb.ADD_SHIPMENT, order, now)
    reason = reason or goes_with(order)
    if not reason:
        read_unknown_carriers(order, now)
    context = _form_context(request, order, given, errors, problem, is_now, now) | {
        "title": "Ship although the buyer asks to cancel"
        if despite
        else "Add Shipment Information",
        "address": reverse("ship", args=[order.order_id]),
        "why_not": reason,
        "despite": despite,
        "asks_to_cancel": asks_to_cancel(order),
        "contents": contents_of(order, given) if not reason else [],
        "packages": packages_of(order) if not reason else [],
        "is_recorded": not capabilities(order.shop, Shipping(order.shipping)).ships,
    }
    return render(request, "shipment_form.html", context, status=status)


def _form_context(
    request: HttpRequest,
    order: Order,
    given: Mapping[str, str],
    errors: Mapping[str, str] | None,
    problem: str,
    is_now: bool,
    now: datetime,
) -> dict[str, Any]:
    """What both forms show. `is_now`: with the order as it has become meanwhile."""
    return {
        "order": order,
        "row": row_of(order, now),
        "look": look(order, given, now),
        "given": given,
        "errors": Errors(errors or {}),
        "problem": problem,
        "key": kept_key(given),
        "in_dialog": request.headers.get("HX-Target") == PANEL,
        "attempts": history(order, clock.wall()) if is_now else [],
        "is_now": is_now,
        "marketplace": marketplace(order.shop),
        "parcel": None,
        "at": now,
    }


@require_GET
@never_cache
@needs(Right.WORK)
def check(request: HttpRequest, order_id: str) -> HttpResponse:
    """GET /orders/<order id>/ship/check/?tracking_number=...&carrier=...: what is to be said of
    them while they are typed, and the carriers, those that fit first."""
    order = one_order(request, order_id)
    context = {"look": look(order, given_of(request.GET), clock.now()), "errors": Errors()}
    return render(request, "shipment_check.html", context)


@never_cache
@needs(Right.WORK)
def correct(request: HttpRequest, order_id: str) -> HttpResponse:
    """/orders/<order id>/correct/?parcel=...: another tracking number for what was shipped."""
    order = one_order(request, order_id)
    if request.method != "POST":
        return _correct_form(request, order, given_of(request.GET))
    given = given_of(request.POST)
    parcel = _parcel(order, given)

    def do() -> Attempt:
        return ask_to_correct(
            order,
            parcel,
            tracking_number=given.get("tracking_number", ""),
            carrier_id=given.get("carrier", ""),
            access=access_for(request),
            now=clock.now(),
            wall=clock.wall(),
            seen=seen_version(request),
            key=key_of(given),
        )

    return _ask(request, order, do, _correct_form)


def _correct_form(
    request: HttpRequest,
    order: Order,
    given: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
    problem: str = "",
    is_now: bool = False,
    status: int = 200,
) -> HttpResponse:
    now = clock.now()
    parcel = _parcel(order, given)
    reason = why_not_correct(order, parcel, now)
    if not reason:
        read_unknown_carriers(order, now)
    context = _form_context(request, order, given, errors, problem, is_now, now) | {
        "title": "Correct tracking number",
        "address": reverse("correct", args=[order.order_id]),
        "why_not": reason,
        "parcel": parcel,
        "until": correctable_until(order, parcel),
        "edit": capabilities(order.shop, Shipping(order.shipping)).tracking_edit,
        "despite": False,
        "asks_to_cancel": False,
        "contents": [],
        "packages": [],
        "is_recorded": False,
    }
    return render(request, "shipment_form.html", context, status=status)


def _parcel(order: Order, given: Mapping[str, str]) -> Parcel:
    """The parcel that is meant, of this order; its only one where none is named."""
    parcels = {str(each.parcel_id): each.parcel for each in order.contents.all()}
    if named := parcels.get(given.get("parcel", "")):
        return named
    if len(parcels) == 1 and not given.get("parcel"):
        return next(iter(parcels.values()))
    raise Http404(f"Order {order.order_id} has no such parcel now.")


def asked(
    request: HttpRequest, order: Order, attempt: Attempt, *, back: HttpResponse | None = None
) -> HttpResponse:
    """When it leaves, and the way back: over the list where it was asked for in the dialog there,
    else on the page that `back` leads to, the order's unless said."""
    told = shown(attempt, clock.wall())
    page = (back or back_to(order))["Location"]
    here = urlsplit(request.headers.get("HX-Current-URL", "")).path
    if request.headers.get("HX-Target") == PANEL and here != urlsplit(page).path:
        return _notice(request, told, "shipment-asked")
    messages.success(request, said_of(told))
    if request.headers.get("HX-Target") == PANEL:
        return HttpResponse(headers={"HX-Redirect": page})
    return redirect(page)


def said_of(told: Shown) -> str:
    """What becomes of it now, in a sentence that holds for a while."""
    attempt, name = told.attempt, named(told.attempt)
    if attempt.state == Attempt.State.RECORDED:
        return f"{name} is recorded: it goes with the shop's next upload file."
    where = marketplace(attempt.shop)
    if not told.seconds:
        return f"{name} goes to {where} now."
    minutes, seconds = divmod(told.seconds, 60)
    return f"{name} goes to {where} in {minutes}:{seconds:02}; undo it before."


def _notice(request: HttpRequest, told: Shown, event: str, problem: str = "") -> HttpResponse:
    """Over the page that one is on, with the way back."""
    attempt = told.attempt
    context = {
        "told": told,
        "name": named(attempt),
        "marketplace": marketplace(attempt.shop),
        "problem": problem,
    }
    response = render(request, "shipment_notice.html", context)
    response["HX-Retarget"], response["HX-Reswap"] = f"#{NOTICE}", "innerHTML"
    order_pk = attempt.order_id
    response["HX-Trigger"] = json.dumps(
        {event: {"pk": order_pk}, "order-changed": {"pk": order_pk}}
    )
    return response


@require_POST
@needs(Right.WORK)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """POST /attempts/<pk>/undo/: take back what has not left."""
    access = access_for(request)
    seen = Attempt.objects.filter(shop__in=visible_shops(access)).select_related("order", "shop")
    attempt = seen.filter(pk=pk).first()
    if attempt is None:
        raise Http404("There is no such shipment of your shops.")
    problem = ""
    try:
        attempt = outbox.revoke(attempt, access=access, now=clock.now())
        said = f"Taken back: {named(attempt)} of order {attempt.order.order_id} goes nowhere."
    except TooLate as late:
        said = problem = str(late)
    if request.headers.get("HX-Target") == NOTICE:
        return _notice(request, shown(attempt, clock.wall()), "shipment-undone", problem)
    if is_drawer(request):
        order = one_order(request, attempt.order.order_id)
        response = show(request, order, problem=problem, said="" if problem else said)
        response["HX-Trigger"] = json.dumps({"order-changed": {"pk": order.pk}})
        return response
    (messages.error if problem else messages.success)(request, said)
    origin = request.POST.get("from", "")
    if origin == "case" and attempt.case_id:
        return redirect("case", attempt.case_id)
    return redirect(origin) if origin in ("outbox", "handoff") else back_to(attempt.order)
