"""What can be done with the orders that a person has chosen: the bulk bar."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from shipboard import clock
from shipboard.accounts.roles import Right
from shipboard.desk.door import access_for
from shipboard.fulfilment.allowed import LABELS, Verb
from shipboard.fulfilment.selection import TO_MANY, BadSelection, Selection, how_many
from shipboard.orders.filters import BadFilter

TEXTS = {
    Verb.ADD_SHIPMENT: (
        LABELS[Verb.ADD_SHIPMENT],
        "truck",
        "None of them waits for you to ship it.",
    ),
    Verb.NOTE: ("Note", "sticky-note", ""),
    Verb.FLAG: ("Flag", "flag", ""),
    Verb.HOLD: ("Hold", "pause", "All of them are held here already, on their way, or finished."),
    Verb.RELEASE: ("Release", "undo-2", "None of them is held here."),
}


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
        text, icon, why_not = TEXTS[verb]
        buttons.append(Button(verb.value, text, icon, counted[verb], why_not))
    return render(request, "bulk_bar.html", {"selection": chosen, "buttons": buttons})
