"""A seller cancels many orders for one reason: what cannot be canceled is left out and said, what
it does to rates and labels is said, and what is confirmed is one run.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from shipboard import clock
from shipboard.accounts.roles import Right
from shipboard.desk.cancel_form import RATE, CancelOffer, chosen_reason, unsealed
from shipboard.desk.cancel_lots import Sorted, asked, chosen, effects_of, mark_of
from shipboard.desk.door import access_for, needs
from shipboard.desk.label_views import cost
from shipboard.desk.shipment import Errors
from shipboard.desk.shipment_form import given_of, kept_key, key_of
from shipboard.fulfilment.allowed import Verb
from shipboard.fulfilment.cancel_wishes import CancelWish
from shipboard.fulfilment.models import Run
from shipboard.fulfilment.refusals import BadCancel
from shipboard.fulfilment.runs import CountChanged, begin_each, begun_with
from shipboard.fulfilment.selection import BadSelection, Selection
from shipboard.orders.filters import BadFilter
from shipboard.orders.overlays import BadWords

#: More than so many have to be typed as a number.
SURE = 20
CHANGED = (
    "Some of these orders cannot be canceled any more. Nothing was begun: look at what is left, "
    "and confirm again."
)


@never_cache
@require_POST
@needs(Right.WORK)
def cancel_orders(request: HttpRequest) -> HttpResponse:
    """POST /orders/cancel/ with a selection: what of it can be canceled and for which reasons. With
    do=cancel, a reason and the form's own fields, these orders are canceled as a run."""
    given, access, now = given_of(request.POST), access_for(request), clock.now()
    is_sent = given.get("do") == "cancel"
    try:
        if is_sent and (first := begun_with(key_of(given), access)):
            return redirect("run", first.pk)
        found = chosen(Selection.of(given), access, now)
        if not is_sent:
            return _page(request, asked(found), given)
        if found.left or found.gone:
            return _page(request, asked(found), given, problem=CHANGED, status=409)
        run = _begun(request, found, given)
    except (BadFilter, BadSelection) as problem:
        context = {"problem": str(problem), "in_dialog": False}
        return render(request, "run_refused.html", context, status=400)
    except BadCancel as problem:
        errors = {problem.field: str(problem)}
        return _page(request, asked(found), given, errors=errors, status=422)
    except (BadWords, CountChanged) as problem:
        return _page(request, asked(found), given, problem=str(problem), status=422)
    return redirect("run", run.pk)


def _begun(request: HttpRequest, found: Sorted, given: Mapping[str, str]) -> Run:
    """Raises BadCancel, BadWords, BadSelection and CountChanged."""
    offer = unsealed(given, mark_of(found))
    reason, count = chosen_reason(offer.options.reasons, given), len(found.orders)
    if count > SURE and given.get("typed", "").replace(",", "").strip() != str(count):
        raise BadCancel("typed", f"Type how many orders are canceled: {count}.")
    wish = CancelWish(reason=reason.name, reason_text=reason.text).stored()
    return begin_each(
        [(order.pk, wish | {"stage": order.stage}) for order in found.orders],
        Verb.CANCEL,
        key=key_of(given),
        access=access_for(request),
        now=clock.now(),
        chosen=f"{count:,} order{'' if count == 1 else 's'}, for: {reason.text}",
    )


def _page(
    request: HttpRequest,
    found: Sorted,
    given: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    now = clock.now()
    offer: CancelOffer = found.offer
    context = {
        "found": found,
        "count": len(found.orders),
        "offer": offer,
        "sealed": offer.sealed(mark_of(found)),
        "effects": effects_of(found.orders, now),
        "cost": cost,
        **RATE,
        "sure": SURE,
        "given": given,
        "errors": Errors(errors or {}),
        "problem": problem,
        "key": kept_key(given) if given.get("do") == "cancel" else uuid4(),
        "at": now,
    }
    return render(request, "cancel_many.html", context, status=status)
