"""Splitting an order, combining orders of a buyer and taking them apart, and having a label fetched
that was made at the marketplace: a dialog over the list, a page of its own without JavaScript.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from shipboard import clock
from shipboard.accounts.roles import Right
from shipboard.desk.attempts import marketplace
from shipboard.desk.door import access_for, needs
from shipboard.desk.order_detail import back_to, is_drawer, one_order, show
from shipboard.desk.order_verbs import seen_version
from shipboard.desk.repack_form import (
    Part,
    advice_of,
    combinable_with,
    groups_of,
    mark_of,
    most_packages,
    packages_in,
    parts_of,
    preview_of,
    travels_with,
)
from shipboard.desk.rows import row_of
from shipboard.desk.shipment_form import given_of, kept_key, key_of
from shipboard.fulfilment.finding import find_labels
from shipboard.fulfilment.refusals import BadShipment
from shipboard.fulfilment.repack_rules import why_not_repack, why_not_split
from shipboard.fulfilment.repacking import ask_to_combine, ask_to_split, ask_to_uncombine
from shipboard.orders.attempts import Attempt
from shipboard.orders.models import Order
from shipboard.orders.overlays import BadWords, Refused
from shipboard.orders.values import is_storable

PANEL = "panel-body"
SAID = {
    "split": "It is being split; what becomes of it shows here.",
    "combine": "They are being combined; what becomes of it shows here.",
    "uncombine": "They are being taken apart; what becomes of it shows here.",
}


@never_cache
@needs(Right.WORK)
def repack(request: HttpRequest, order_id: str) -> HttpResponse:
    """/orders/<order id>/repack/[?shop=slug&packages=n]: GET says what can be split, combined or
    taken apart; POST asks for it at once (`do`: split, combine, uncombine), or, of a split that was
    not confirmed as it is (`sure`), shows what it would make."""
    order = one_order(request, order_id)
    if request.method != "POST":
        return _form(request, order, given_of(request.GET))
    given = given_of(request.POST)
    try:
        if given.get("do") == "split" and not _is_sure(order, given):
            return _preview(request, order, given)
        _ask(request, order, given)
    except (BadShipment, BadWords) as problem:
        return _form(request, order, given, problem=str(problem), status=422)
    except Refused as problem:
        fresh = one_order(request, order.order_id)
        return _form(request, fresh, given, problem=str(problem), status=409)
    messages.success(request, SAID[given["do"]])
    if request.headers.get("HX-Target") == PANEL:
        page = reverse("order_detail", args=[order.order_id])
        return HttpResponse(headers={"HX-Redirect": f"{page}?shop={order.shop.slug}"})
    return back_to(order)


def _ask(request: HttpRequest, order: Order, given: Mapping[str, str]) -> Attempt:
    """Raises Refused."""
    who: dict[str, Any] = {
        "access": access_for(request),
        "now": clock.now(),
        "wall": clock.wall(),
        "seen": seen_version(request),
        "key": key_of(given),
    }
    match given.get("do"):
        case "split":
            return ask_to_split(order, groups_of(_parts(order, given)), **who)
        case "combine":
            others = _others(request, order)
            return ask_to_combine(order, others, group_id=given.get("group", ""), **who)
        case "uncombine":
            leaving = [each for each in request.POST.getlist("leaving") if is_storable(each)]
            if not leaving:
                raise BadShipment("leaving", "Choose the orders that are to travel alone.")
            return ask_to_uncombine(order, leaving, **who)
    raise BadWords("The form was not complete. Reload the page and send it again.")


def _others(request: HttpRequest, order: Order) -> list[Order]:
    ids = [each for each in request.POST.getlist("orders") if is_storable(each)]
    found = Order.objects.filter(shop=order.shop_id, order_id__in=ids)
    return list(found.exclude(pk=order.pk).order_by("pk"))


def _parts(order: Order, given: Mapping[str, str]) -> list[Part]:
    return parts_of(order, given, packages_in(given, most_packages(order)))


def _is_sure(order: Order, given: Mapping[str, str]) -> bool:
    """Whether this very split was shown and confirmed. Raises BadShipment."""
    return "more" not in given and given.get("sure") == mark_of(groups_of(_parts(order, given)))


def _preview(request: HttpRequest, order: Order, given: Mapping[str, str]) -> HttpResponse:
    """Raises BadShipment."""
    if more := given.get("more"):
        return _form(request, order, {**given, "packages": more})
    parts = _parts(order, given)
    groups = groups_of(parts)
    if len(groups) < 2:
        raise BadShipment("groups", "Put something in a second package.")
    return _form(request, order, given, preview=preview_of(parts), mark=mark_of(groups))


def _form(
    request: HttpRequest,
    order: Order,
    given: Mapping[str, str],
    *,
    problem: str = "",
    preview: list[str] | None = None,
    mark: str = "",
    status: int = 200,
) -> HttpResponse:
    now = clock.now()
    reason = why_not_repack(order, now)
    most = 0 if reason else most_packages(order)
    combinable, group_id = ([], "") if reason else combinable_with(order, now)
    context = {
        "order": order,
        "row": row_of(order, now),
        "address": reverse("repack", args=[order.order_id]),
        "why_not": reason,
        "why_not_split": "" if reason else why_not_split(order),
        "advice": [] if reason else advice_of(order),
        "parts": [] if reason else _parts(order, given),
        "packages": packages_in(given, most),
        "most": most,
        "preview": preview or [],
        "mark": mark,
        "combinable": combinable,
        "group_id": group_id,
        "together": travels_with(order, now),
        "chosen": request.POST.getlist("orders") + request.POST.getlist("leaving"),
        "given": given,
        "problem": problem,
        "key": kept_key(given),
        "in_dialog": request.headers.get("HX-Target") == PANEL,
        "marketplace": marketplace(order.shop),
        "at": now,
    }
    return render(request, "repack_form.html", context, status=status)


@require_POST
@needs(Right.WORK)
def find_label(request: HttpRequest, order_id: str) -> HttpResponse:
    """POST /orders/<order id>/find-label/: fetch the label that was made at the marketplace."""
    order = one_order(request, order_id)
    problem, said = "", "Its label is being fetched; it shows here when it has come."
    try:
        find_labels(order, access=access_for(request), now=clock.now(), wall=clock.wall())
    except Refused as refused:
        problem = str(refused)
    if is_drawer(request):
        fresh = one_order(request, order_id)
        response = show(request, fresh, problem=problem, said="" if problem else said)
        response["HX-Trigger"] = json.dumps({"order-changed": {"pk": order.pk}})
        return response
    (messages.error if problem else messages.success)(request, problem or said)
    return back_to(order)
