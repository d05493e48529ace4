"""Every explanation of an order on one page, and each of them alone for a popover."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from shipboard import clock
from shipboard.desk.order_detail import actions_of, one_order
from shipboard.desk.rows import row_of
from shipboard.desk.why import Why, accounts_of
from shipboard.desk.why_badges import of_badges
from shipboard.desk.why_cards import of_cards, overlap
from shipboard.desk.why_clocks import of_clocks
from shipboard.desk.why_verbs import of_corrections, of_verbs
from shipboard.orders.cards import cards_of
from shipboard.orders.models import Order

#: The element that a script fills with one explanation.
POPOVER = "why-shown"


@dataclass(frozen=True)
class Part:
    """A section of the page; `none` is said where it is empty."""

    title: str
    whys: list[Why]
    none: str = ""
    lead: str = ""


@never_cache
@require_safe
def why(request: HttpRequest, order_id: str) -> HttpResponse:
    """GET /orders/<order id>/why/?shop=slug[&of=key]: all of them, or that one alone for the
    popover; 404 with a sentence where the order has no such thing any more."""
    order, now = one_order(request, order_id), clock.now()
    parts = explained(order, now)
    asked = request.GET.get("of", "")
    found = next((each for part in parts for each in part.whys if each.key == asked), None)
    context = {"order": order, "at": now, "parts": parts, "asked": asked, "why": found}
    if request.headers.get("HX-Target") != POPOVER:
        return render(request, "why.html", context)
    return render(request, "why_one.html", context, status=200 if found else 404)


def explained(order: Order, now: datetime) -> list[Part]:
    """`order` with its parts. Two queries, and what its columns that lists leave out take."""
    accounts, on = accounts_of(order), cards_of(order.pk, now)
    cards = of_cards(order, on, accounts, now)
    cards.sort(key=lambda each: not each.is_so)
    return [
        Part("On the to-do board", cards, lead=overlap(on)),
        Part("Status and badges", of_badges(order, row_of(order, now), accounts, now)),
        Part(
            "Clocks",
            of_clocks(order, accounts, now),
            none="No clock runs for it: the channel gave no deadline, nor do the shop's rules.",
        ),
        Part(
            "What cannot be done now",
            [
                *of_verbs(order, actions_of(order, now), accounts, now),
                *of_corrections(order, accounts, now),
            ],
            none="Everything that suits it can be done now.",
        ),
    ]
