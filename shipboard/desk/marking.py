"""Marking one order as shipped, where nothing else says so."""

from __future__ import annotations

import json
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from shipboard import clock
from shipboard.accounts.roles import Right
from shipboard.desk.door import access_for, needs
from shipboard.desk.order_detail import back_to, is_drawer, one_order, show
from shipboard.desk.order_verbs import seen_version
from shipboard.fulfilment.marking import mark_shipped as mark
from shipboard.orders.overlays import BadWords, Refused

MARKED = (
    "Order {} is marked as shipped here. Mark it in Seller Center too; the next import confirms it."
)


@require_POST
@needs(Right.WORK)
def mark_shipped(request: HttpRequest, order_id: str) -> HttpResponse:
    """POST /orders/<order id>/mark-shipped/: the carrier has it."""
    order = one_order(request, order_id)
    try:
        mark(
            order,
            access=access_for(request),
            now=clock.now(),
            wall=clock.wall(),
            seen=seen_version(request),
            key=_key(request),
        )
    except Refused as refusal:
        status = 422 if isinstance(refusal, BadWords) else 409
        fresh = one_order(request, order_id)
        return show(request, fresh, problem=str(refusal), status=status)
    said = MARKED.format(order.order_id)
    if not is_drawer(request):
        messages.success(request, said)
        return back_to(order)
    response = show(request, one_order(request, order_id), said=said)
    response["HX-Trigger"] = json.dumps({"order-changed": {"pk": order.pk}})
    return response


def _key(request: HttpRequest) -> UUID | None:
    """Of the form, so that sent twice it is one. Raises BadWords."""
    try:
        return UUID(given) if (given := request.POST.get("key", "")) else None
    except ValueError:
        raise BadWords("The form was not complete; look at the order and send it again.") from None
