"""A seller cancels one order, or units of it: a dialog over the list, a page of its own without
JavaScript. What it does to the shop's rate and to labels is said before anybody confirms.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from shipboard import clock
from shipboard.accounts.roles import Right
from shipboard.channels.contract import Shipping
from shipboard.channels.registry import capabilities
from shipboard.desk.attempts import marketplace
from shipboard.desk.cancel_form import (
    RATE,
    CancelOffer,
    effect_on,
    offer_of,
    units_of,
    unsealed,
    wish_from,
)
from shipboard.desk.door import access_for, needs
from shipboard.desk.label_views import cost
from shipboard.desk.order_detail import one_order
from shipboard.desk.order_verbs import seen_version
from shipboard.desk.rows import row_of
from shipboard.desk.shipment import PANEL, Errors, asked
from shipboard.desk.shipment_form import given_of, kept_key, key_of
from shipboard.fulfilment.allowed import Verb, why_not
from shipboard.fulfilment.cancel_effects import back_for, is_packed, label_effects
from shipboard.fulfilment.canceling import WHOLE_ONLY, ask_to_cancel
from shipboard.fulfilment.refusals import BadCancel
from shipboard.orders.attempts import Attempt
from shipboard.orders.models import Order
from shipboard.orders.overlays import BadWords, Refused


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.WORK)
def cancel_order(request: HttpRequest, order_id: str) -> HttpResponse:
    """/orders/<order id>/cancel/[?shop=slug]: GET asks the marketplace what can be canceled and for
    which reasons, POST puts the cancellation in the outbox."""
    order = one_order(request, order_id)
    if request.method != "POST":
        return _form(request, order, given_of(request.GET), offer=None)
    given = given_of(request.POST)
    try:
        offer = unsealed(given, _mark_of(order))
    except BadWords as problem:
        return _form(request, order, given, offer=None, problem=str(problem), status=422)
    try:
        attempt = _ask(request, order, offer, given)
    except BadCancel as problem:
        found = {problem.field: str(problem)}
        return _form(request, order, given, offer=offer, errors=found, status=422)
    except BadWords as problem:
        return _form(request, order, given, offer=offer, problem=str(problem), status=422)
    except Refused as problem:
        fresh = one_order(request, order.order_id)
        return _form(request, fresh, given, offer=None, problem=str(problem), status=409)
    return asked(request, order, attempt)


def _ask(
    request: HttpRequest, order: Order, offer: CancelOffer, given: Mapping[str, str]
) -> Attempt:
    """Raises Refused."""
    return ask_to_cancel(
        order,
        wish_from(order, offer, given),
        access=access_for(request),
        now=clock.now(),
        wall=clock.wall(),
        seen=seen_version(request),
        key=key_of(given),
    )


def _form(
    request: HttpRequest,
    order: Order,
    given: Mapping[str, str],
    *,
    offer: CancelOffer | None,
    errors: Mapping[str, str] | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    """`offer`: None where the marketplace is to be asked now."""
    now = clock.now()
    reason = why_not(Verb.CANCEL, order, now)
    told = offer or (CancelOffer() if reason else offer_of(order))
    can = capabilities(order.shop, Shipping(order.shipping))
    context = {
        "order": order,
        "row": (row := row_of(order, now)),
        "address": reverse("cancel_order", args=[order.order_id]),
        "why_not": reason or _why_none(told),
        "offer": told,
        "sealed": told.sealed(_mark_of(order)),
        "units": units_of(order, told, given),
        "part": max(0, order.units - len(told.options.unit_ids)) if told.options.why_not else 0,
        "whole_only": WHOLE_ONLY if row.units > 1 and not can.cancels_parts else "",
        "back": back_for([order]),
        "is_packed": is_packed(order),
        "labels": label_effects(order),
        "cost": cost,
        "effect": None if reason else effect_on(order.shop, now, 1),
        **RATE,
        "given": given,
        "errors": Errors(errors or {}),
        "problem": problem,
        "key": kept_key(given),
        "undo_seconds": order.shop.undo_seconds,
        "in_dialog": request.headers.get("HX-Target") == PANEL,
        "marketplace": marketplace(order.shop),
        "at": now,
    }
    return render(request, "cancel_form.html", context, status=status)


def _mark_of(order: Order) -> str:
    """Names just this order: its number may be that of another shop's too."""
    return f"{order.shop_id}/{order.pk}"


def _why_none(offer: CancelOffer) -> str:
    """Why the marketplace lets nothing be canceled; blank where it does, or was not asked."""
    options = offer.options
    if offer.problem or options.reasons or options.part_reasons:
        return ""
    return options.why_not or "The marketplace names no reason for which it could be canceled now."
