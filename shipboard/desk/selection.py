"""What can be done with the orders that a person has chosen: the bulk bar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from shipboard import clock
from shipboard.accounts.roles import Right
from shipboard.desk.door import access_for
from shipboard.desk.rows import way_of
from shipboard.fulfilment.allowed import LABELS, Verb, why_not
from shipboard.fulfilment.selection import TO_MANY, BadSelection, Selection, how_many
from shipboard.orders.filters import BadFilter
from shipboard.orders.models import Order
from shipboard.orders.parts import to_decide

TEXTS = {
    Verb.ADD_SHIPMENT: (
        LABELS[Verb.ADD_SHIPMENT],
        "truck",
        "None of them waits for you to ship it.",
    ),
    Verb.CREATE_LABEL: (LABELS[Verb.CREATE_LABEL], "printer", ""),
    Verb.MARK_SHIPPED: (LABELS[Verb.MARK_SHIPPED], "check", ""),
    Verb.CANCEL: ("Cancel", "ban", ""),
    Verb.NOTE: ("Note", "sticky-note", ""),
    Verb.FLAG: ("Flag", "flag", ""),
    Verb.HOLD: ("Hold", "pause", "All of them are held here already, on their way, or finished."),
    Verb.RELEASE: ("Release", "undo-2", "None of them is held here."),
}


#: Not offered where they apply to none: many shops never need them.
IF_ANY = (Verb.CREATE_LABEL, Verb.MARK_SHIPPED, Verb.CANCEL)
#: Of more orders it is not asked why each of them cannot be shipped.
FEW = 100


@dataclass(frozen=True)
class Button:
    """A verb of the bulk bar; `many` of the chosen orders it applies to."""

    verb: str
    text: str
    icon: str
    many: int
    why_not: str


@require_POST
def bulk_bar(request: HttpRequest) -> HttpResponse:
    """POST /orders/selection/ with a selection: the bulk bar for it. Who only looks is offered no
    more than an export."""
    access, now = access_for(request), clock.now()
    try:
        chosen = Selection.of(request.POST.dict())
        counted = how_many(chosen, access, now)
    except (BadFilter, BadSelection) as problem:
        return HttpResponse(str(problem), status=400, content_type="text/plain")
    buttons = []
    for verb in TO_MANY if access.may(Right.WORK) else ():
        if verb in IF_ANY and not counted[verb]:
            continue
        text, icon, reason = TEXTS[verb]
        if verb is Verb.ADD_SHIPMENT and not counted[verb] and chosen.expected <= FEW:
            reason = _shared(chosen.orders(access, now), now) or reason
        buttons.append(Button(verb.value, text, icon, counted[verb], reason))
    return render(request, "bulk_bar.html", {"selection": chosen, "buttons": buttons})


def _shared(orders: QuerySet[Order], now: datetime) -> str:
    """Why none of them can be shipped, where it is the same for all; else blank."""
    whys = {why_not(way_of(order), order, now) for order in to_decide(orders[:FEW], now)}
    return whys.pop() if len(whys) == 1 else ""
