"""Creating the label of one parcel: a dialog over the list, a page of its own without JavaScript;
and the page of one label, with its parcel and what was tried.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from shipboard import clock
from shipboard.accounts import audit
from shipboard.accounts.roles import Right
from shipboard.desk.attempts import goes_with, marketplace
from shipboard.desk.door import access_for, needs
from shipboard.desk.label_form import (
    SIDE_UNITS,
    WEIGHT_UNITS,
    Offers,
    asks_platform,
    can_of,
    filled_in,
    offers,
    wish_from,
)
from shipboard.desk.label_stages import sendings, stages_of
from shipboard.desk.label_views import cost, label_views, measured
from shipboard.desk.order_detail import back_to, one_order
from shipboard.desk.order_verbs import seen_version
from shipboard.desk.repack_form import travels_with
from shipboard.desk.rows import row_of
from shipboard.desk.shipment import NOTICE, PANEL, Errors
from shipboard.desk.shipment_form import contents_of, given_of, kept_key, key_of, packages_of
from shipboard.fulfilment.allowed import Verb, asks_to_cancel, why_not
from shipboard.fulfilment.clearing import taken_out_words, to_take_out
from shipboard.fulfilment.labelling import ask_to_label
from shipboard.fulfilment.limits import is_imperial
from shipboard.fulfilment.printing import printables
from shipboard.fulfilment.refusals import BadShipment
from shipboard.orders.attempts import Attempt
from shipboard.orders.labels import LIVE, Label, LabelOrder
from shipboard.orders.measures import Box
from shipboard.orders.models import Order
from shipboard.orders.overlays import BadWords, Refused
from shipboard.orders.parts import with_parts
from shipboard.orders.queries import visible_shops

OFFERS = "label-offers"
STOP_POLLING = 286


@never_cache
@needs(Right.WORK)
def create_label(request: HttpRequest, order_id: str) -> HttpResponse:
    """/orders/<order id>/label/[?shop=slug&package_id=...&despite=yes]: GET asks what the market
    wants to know (to htmx in #label-offers: what the platform offers for it), POST with do=look
    asks for the offers without JavaScript, POST has the label made."""
    order = one_order(request, order_id)
    if request.method != "POST":
        given = given_of(request.GET)
        if request.headers.get("HX-Target") == OFFERS:
            return _offers(request, order, given)
        return _form(request, order, given)
    given = given_of(request.POST)
    if given.get("do") == "look":
        return _form(request, order, given, looks=True)
    try:
        attempt = _create(request, order, given)
    except BadShipment as problem:
        found = {problem.field: str(problem)}
        return _form(request, order, given, errors=found, looks=True, status=422)
    except BadWords as problem:
        return _form(request, order, given, problem=str(problem), status=422)
    except Refused as problem:
        fresh = one_order(request, order.order_id)
        return _form(request, fresh, given, problem=str(problem), status=409)
    if attempt.despite_request:
        audit.note(access_for(request).by, "shipped_despite", order.order_id)
    return _asked(request, order, attempt, prints=given.get("prints") == "now")


def _create(request: HttpRequest, order: Order, given: Mapping[str, str]) -> Attempt:
    if given.get("despite") == "yes" and given.get("sure") != "yes":
        raise BadShipment("sure", "Say that you mean it, or answer the buyer first.")
    return ask_to_label(
        order,
        wish_from(order, given),
        access=access_for(request),
        now=clock.now(),
        wall=clock.wall(),
        seen=seen_version(request),
        key=key_of(given),
    )


def _offers(request: HttpRequest, order: Order, given: Mapping[str, str]) -> HttpResponse:
    context = _offer_context(order, given, offers(order, given))
    return render(request, "label_offers.html", context | {"errors": Errors()})


def _offer_context(order: Order, given: Mapping[str, str], found: Offers) -> dict[str, Any]:
    return {
        "order": order,
        "given": given,
        "can": (can := can_of(order)),
        "asks": asks_platform(can),
        "offers": found,
        "at": clock.now(),
        "marketplace": marketplace(order.shop),
    }


def _form(
    request: HttpRequest,
    order: Order,
    given: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
    problem: str = "",
    looks: bool = False,
    status: int = 200,
) -> HttpResponse:
    """`looks`: with what the platform offers; else the page asks for that itself."""
    now, despite = clock.now(), given.get("despite") == "yes"
    verb = Verb.SHIP_DESPITE if despite else Verb.CREATE_LABEL
    reason = why_not(verb, order, now) or goes_with(order)
    given = given if reason else filled_in(order, given)
    context = _offer_context(order, given, offers(order, given) if looks else Offers()) | {
        "row": row_of(order, now),
        "why_not": reason,
        "looks": looks,
        "errors": Errors(errors or {}),
        "problem": problem,
        "despite": despite,
        "asks_to_cancel": asks_to_cancel(order),
        "key": kept_key(given),
        "in_dialog": request.headers.get("HX-Target") == PANEL,
        "packages": [] if reason else packages_of(order),
        "contents": [] if reason else contents_of(order, given),
        "boxes": Box.objects.order_by("name", "pk"),
        "units": (tuple(WEIGHT_UNITS), tuple(SIDE_UNITS)),
        "imperial": is_imperial(order.shop.region),
        "prints": given.get("prints") or ("now" if order.shop.prints_at_once else "later"),
        "together": travels_with(order, now) if can_of(order).combine else [],
        "combines": order.extra.get("auto_combine_group_id", ""),
    }
    return render(request, "label_form.html", context, status=status)


def _asked(request: HttpRequest, order: Order, attempt: Attempt, *, prints: bool) -> HttpResponse:
    """Printed at once: to the label, which leads to the printer as soon as it is here."""
    in_dialog = request.headers.get("HX-Target") == PANEL
    if prints:
        page = f"{reverse('label', args=[attempt.label_id])}?print=yes"
        return HttpResponse(headers={"HX-Redirect": page}) if in_dialog else redirect(page)
    here = urlsplit(request.headers.get("HX-Current-URL", "")).path
    order_page = reverse("order_detail", args=[order.order_id])
    if in_dialog and here != order_page:
        response = render(request, "label_notice.html", {"order": order, "attempt": attempt})
        response["HX-Retarget"], response["HX-Reswap"] = f"#{NOTICE}", "innerHTML"
        told = {"pk": order.pk}
        response["HX-Trigger"] = json.dumps({"shipment-asked": told, "order-changed": told})
        return response
    messages.success(request, "The shipping label is asked for; it shows here once it is made.")
    if in_dialog:
        return HttpResponse(headers={"HX-Redirect": f"{order_page}?shop={order.shop.slug}"})
    return back_to(order)


@require_safe
@never_cache
def label(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /labels/<pk>/[?print=yes]: one label, live until it has come out; with `print` it leads
    to the printer then."""
    shops = visible_shops(access_for(request))
    found = Label.objects.filter(pk=pk, shop__in=shops).select_related("shop").first()
    if found is None:
        raise Http404("There is no such label in your shops.")
    wants_print = request.GET.get("print") == "yes" and access_for(request).may(Right.WORK)
    is_made = found.state == Label.State.CREATED
    is_polled = request.headers.get("HX-Target") == "label-body"
    if is_polled and is_made and wants_print:
        return HttpResponse(headers={"HX-Redirect": f"/labels/print/?labels={found.pk}"})
    context = _label_context(found, clock.now()) | {"wants_print": wants_print}
    is_over = found.state not in LIVE or is_made
    template = "label_body.html" if is_polled else "label.html"
    status = STOP_POLLING if is_polled and is_over else 200
    return render(request, template, context | {"is_over": is_over}, status=status)


def _label_context(found: Label, now: datetime) -> dict[str, Any]:
    pks = LabelOrder.objects.filter(label=found).values("order")
    orders = with_parts(Order.objects.filter(pk__in=pks).order_by("pk"), now)
    views = [
        view for order in orders for view in label_views(order, now) if view.label.pk == found.pk
    ]
    attempts = Attempt.objects.filter(label=found).select_related("order").order_by("-pk")
    return {
        "label": found,
        "view": views[0] if views else None,
        "views": views,
        "measured": measured(found),
        "cost": cost(found),
        "lost": 0 if found.printed_at else sendings(found).count(),
        "stages": stages_of(found, now - clock.wall()),
        "attempts": attempts[:50],
        "taken_out": taken_out_words(found.cleared_units),
        "to_take_out": _to_take_out(found, now),
        "zone": found.shop.zone,
        "marketplace": marketplace(found.shop),
        "at": now,
    }


def _to_take_out(found: Label, now: datetime) -> int:
    """Canceled units that are to come out of its parcel before the label can be used."""
    if found.state != Label.State.CREATED:
        return 0
    return sum(sum(to_take_out(each).values()) for each in printables([found.pk], now))
