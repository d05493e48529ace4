"""From a selection to batches of labels: what was chosen sorted into what may be one batch, each
made on demand with the others that were offered beside it; and the batches that wait.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from shipboard import clock
from shipboard.accounts import audit
from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right
from shipboard.channels.models import Warehouse
from shipboard.channels.warehouses import set_logistics
from shipboard.desk.door import access_for, needs
from shipboard.desk.label_batch_rule import rule_of
from shipboard.desk.shipment_form import given_of
from shipboard.fulfilment import pricing
from shipboard.fulfilment.batch_drafts import drafts
from shipboard.fulfilment.batches import USUAL, can_of
from shipboard.fulfilment.batching import (
    MOST,
    Asked,
    Lot,
    Mixed,
    Sorting,
    made_with,
    make_batch,
    sort_labels,
    sort_orders,
    wanting,
)
from shipboard.fulfilment.models import LabelBatch
from shipboard.fulfilment.selection import BadSelection, Selection
from shipboard.orders.filters import BadFilter

TRAVELS = tuple(Warehouse.Logistics.values)
#: Batches that the list of those that wait shows.
LISTED = 100


@dataclass(frozen=True)
class Offer:
    """One run of a lot, as a form carries it. `also`: the same in one text, for the forms of the
    other runs."""

    fields: Mapping[str, str]
    parcels: int
    key: UUID

    @property
    def also(self) -> str:
        ((name, pks),) = self.fields.items()
        return f"{self.key} {name} {pks}"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.WORK)
def begin_label_batch(request: HttpRequest) -> HttpResponse:
    """/labels/batch/: GET lists the person's batches that wait to be confirmed. POST with a
    selection of orders, or with `labels` to create again, leads to their batch; what may not be one
    batch comes back sorted into several. `also`: others of that selection, made along."""
    access, now = access_for(request), clock.now()
    if request.method != "POST":
        context = {"drafts": drafts(access)[:LISTED], "at": now}
        return render(request, "label_batches.html", context)
    key = _key(request.POST.get("key", ""))
    if key and (first := made_with(key, access)):
        return redirect("label_batch", first.pk)
    try:
        sorting = _sorted(request.POST, access, now)
        travels = request.POST.get("travels", "")
        asks = any(_is_unknown(lot) for lot in sorting.lots) and travels not in TRAVELS
        if sorting.is_one and not asks:
            batch = _made(request, sorting.lots[0], key or uuid4(), travels, now)
            _make_others(request, now)
            return redirect("label_batch", batch.pk)
    except (BadFilter, BadSelection, Mixed) as problem:
        return _refused(request, str(problem))
    return _lots(request, sorting)


def _make_others(request: HttpRequest, now: datetime) -> None:
    """What was offered beside the chosen batch waits from now on; what is not possible any more is
    left, and shows among the orders as before."""
    access = access_for(request)
    for text in request.POST.getlist("also"):
        key_text, _, rest = text.partition(" ")
        name, _, pks = rest.partition(" ")
        key = _key(key_text)
        if key is None or name not in ("labels", "orders") or made_with(key, access):
            continue
        try:
            sorting = _sorted(QueryDict(urlencode({name: pks})), access, now)
            if len(sorting.lots) == 1 and len(sorting.lots[0].asked) <= MOST:
                _made(request, sorting.lots[0], key, "", now)
        except (BadFilter, BadSelection, Mixed):
            continue


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _is_unknown(lot: Lot) -> bool:
    """A warehouse of which nobody has said how its parcels travel; where the channel names none,
    there is nothing to ask."""
    return bool(lot.warehouse) and not lot.logistics


def _sorted(given: QueryDict, access: Access, now: datetime) -> Sorting:
    """Raises BadFilter and BadSelection."""
    labels = ",".join(given.getlist("labels"))
    if labels:
        return sort_labels(_pks(labels), access, now)
    fields = given_of(given)
    if "orders" in fields:
        fields["orders"] = ",".join(given.getlist("orders"))
    return sort_orders(Selection.of(fields), access, now)


def _pks(text: str) -> list[int]:
    pieces = [piece for piece in text.split(",") if piece]
    if not all(piece.isascii() and piece.isdigit() and len(piece) < 19 for piece in pieces):
        raise BadSelection("The chosen labels could not be read. Reload the page, choose again.")
    return list(dict.fromkeys(map(int, pieces)))


@transaction.atomic
def _made(request: HttpRequest, lot: Lot, key: UUID, travels: str, now: datetime) -> LabelBatch:
    """The batch, with the person's last rule for services; its prices are asked for from now on."""
    access, asked = access_for(request), lot.asked
    if travels and _is_unknown(lot) and access.may(Right.RULES):
        set_logistics(lot.shop, lot.warehouse, travels)
        audit.note(access.by, "logistics_set", lot.shop.name, logistics=travels)
    rule = rule_of(request.session, lot.shop)
    if rule != USUAL and can_of(lot.shop).rate_quotes:
        asked = wanting(asked, rule)
    batch = make_batch(
        asked, key=key, access=access, now=now, travels=travels if _is_unknown(lot) else ""
    )
    pricing.begin_new(batch)
    return batch


def _refused(request: HttpRequest, problem: str) -> HttpResponse:
    context = {"problem": problem, "in_dialog": False}
    return render(request, "run_refused.html", context, status=400)


def _lots(request: HttpRequest, sorting: Sorting) -> HttpResponse:
    """What was chosen, in groups with a button each."""
    lots = [(lot, _is_unknown(lot), [_offer(some) for some in lot.runs()]) for lot in sorting.lots]
    context: dict[str, Any] = {
        "lots": lots,
        "offers": [offer for _, _, offers in lots for offer in offers],
        "sorting": sorting,
        "parcels": sum(len(lot.asked) for lot in sorting.lots),
        "seller_pks": ",".join(str(order.pk) for order in sorting.sellers),
        "left": sorting.left,
        "logistics": Warehouse.Logistics.choices,
        "most": MOST,
    }
    status = 409 if len(sorting.lots) > 1 else 200
    return render(request, "label_lots.html", context, status=status)


def _offer(some: tuple[Asked, ...]) -> Offer:
    labels = [str(each.label.pk) for each in some if each.label]
    orders = dict.fromkeys(str(each.parcel.order.pk) for each in some)
    fields = {"labels": ",".join(labels)} if labels else {"orders": ",".join(orders)}
    return Offer(fields, len(some), uuid4())
