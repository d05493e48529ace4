"""The carrier's scans of an order: read from the marketplace when somebody asks for them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from shipboard import clock
from shipboard.accounts.roles import Right
from shipboard.channels.contract import ChannelFailure
from shipboard.channels.registry import NotConnected
from shipboard.desk.door import access_for, needs
from shipboard.desk.order_detail import back_to, one_order
from shipboard.desk.tags import scans_of
from shipboard.fulfilment.scanning import read_scans


@require_POST
@needs(Right.WORK)
def scans(request: HttpRequest, order_id: str) -> HttpResponse:
    """POST /orders/<order id>/scans/ asks the marketplace, at most every ten minutes; for htmx the
    section alone."""
    order, problem, said = one_order(request, order_id), "", ""
    try:
        if not read_scans(order, clock.now()):
            said = "They were read less than ten minutes ago."
    except ChannelFailure as failure:
        problem = f"{failure.sentence} {failure.next_step}".strip()
    except NotConnected as failure:
        problem = str(failure)
    if not request.headers.get("HX-Request"):
        if problem:
            messages.error(request, f"The scans could not be read. {problem}")
        return back_to(order)
    fresh = one_order(request, order_id)
    context = {
        "order": fresh,
        "scans": scans_of(fresh),
        "tracking": getattr(fresh, "tracking", None),
        "problem": problem,
        "said": said,
        "may_read": access_for(request).may(Right.WORK),
        "at": clock.now(),
    }
    return render(request, "scans.html", context)
