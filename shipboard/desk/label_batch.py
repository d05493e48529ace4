"""The page of a batch of labels: its parcels with their prices and problems, edits of one or of
many, and the confirmation, which makes it a run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from shipboard import clock
from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right
from shipboard.desk.attempts import marketplace
from shipboard.desk.door import access_for, needs
from shipboard.desk.label_batch_form import (
    RowEdits,
    Units,
    change_for_many,
    row_edits,
    sides_text,
    slot_words,
    slots_of,
    units_of,
    weight_text,
)
from shipboard.desk.label_batch_live import positions_in, positions_text
from shipboard.desk.label_batch_rule import RULES, keep_rule, rule_of
from shipboard.desk.shipment_form import given_of
from shipboard.fulfilment import batches
from shipboard.fulfilment.batch_drafts import others_of, put_away
from shipboard.fulfilment.batches import CHEAPEST, BatchParcel, Change, NotAsShown
from shipboard.fulfilment.models import LabelBatch
from shipboard.fulfilment.refusals import BadShipment
from shipboard.fulfilment.runs import CountChanged
from shipboard.fulfilment.selection import BadSelection
from shipboard.orders.measures import Box

STOP_POLLING = 286  # htmx's own status: swap, and poll no more
LIVE = "batch-live"


@dataclass(frozen=True)
class Typed:
    """What was posted and cannot be taken as it is: it comes back as it was typed."""

    rows: RowEdits = field(default_factory=lambda: RowEdits({}, {}, {}))
    many: Mapping[str, str] = field(default_factory=dict)
    marked: frozenset[int] = frozenset()
    problem: str = ""


@never_cache
@needs(Right.WORK)
def label_batch(request: HttpRequest, pk: int) -> HttpResponse:
    """/labels/batch/<pk>/: GET the parcels (to htmx what moves), POST changes or confirms them."""
    access = access_for(request)
    batch = batches.batches(access).filter(pk=pk).first()
    if batch is None:
        raise Http404("There is no such batch of labels of yours.")
    if batch.run_id and request.headers.get("HX-Target") != LIVE:
        return redirect("run", batch.run_id)
    if request.method == "POST":
        return _posted(request, batch, access)
    if request.headers.get("HX-Target") == LIVE:
        return _live(request, batch, access)
    return _page(request, batch, access)


def _page(
    request: HttpRequest,
    batch: LabelBatch,
    access: Access,
    typed: Typed | None = None,
    status: int = 200,
) -> HttpResponse:
    context = _context(request, batch, access)
    parcels = context["parcels"]
    context |= {
        "typed": typed or Typed(),
        "boxes": Box.objects.order_by("name", "pk") if context["can"].needs_parcel else [],
        "offered": _offered(parcels),
        "slot_words": slot_words,
        "words": {each.row.pk: _contents(each) for each in parcels},
        "others": others_of(batch, access),
        "missing": sum(not (each.is_out or _is_measured(each)) for each in parcels),
    }
    return render(request, "label_batch.html", context, status=status)


def _is_measured(each: BatchParcel) -> bool:
    return bool(each.wish.size.weight_grams and each.wish.size.sides)


def _context(request: HttpRequest, batch: LabelBatch, access: Access) -> dict[str, Any]:
    now = clock.now()
    parcels = batches.look(batch, access, now)
    total, unsaid = batches.totals(parcels)
    units = units_of(batch.shop.region)
    return {
        "batch": batch,
        "can": batches.can_of(batch.shop),
        "parcels": parcels,
        "ready": sum(each.is_ready for each in parcels),
        "waiting": sum(each.is_waiting for each in parcels),
        "faulty": sum(bool(each.problem) and not each.is_out for each in parcels),
        "out": sum(each.is_out for each in parcels),
        "total": sorted(total.items()),
        "unsaid": unsaid,
        "saving": sorted(batches.saving(parcels).items()),
        "rule": rule_of(request.session, batch.shop),
        "shown": batches.shown(parcels),
        "units": units,
        "weights": {each.row.pk: weight_text(each.wish.size, units) for each in parcels},
        "sides": {each.row.pk: sides_text(each.wish.size, units) for each in parcels},
        "marketplace": marketplace(batch.shop),
        "slots": slots_of(batch.handover, batch.shop.zone, now),
        "waits": positions_text(each.row.position for each in parcels if each.is_waiting),
        "zone": batch.shop.zone,
        "at": now,
    }


def _offered(parcels: list[BatchParcel]) -> dict[str, str]:
    """Every service that some parcel may have, by id."""
    found = {each.remote_id: each.name for row in parcels for each in row.services}
    return dict(sorted(found.items(), key=lambda item: item[1]))


def _contents(each: BatchParcel) -> list[tuple[int, str, str]]:
    """(units, what, SKU) of what is inside."""
    if each.parcel is None:
        return []
    counts = each.parcel.contents
    lines = [
        line for line in each.parcel.lines if (counts.get(line.position) if counts else line.kept)
    ]
    return [
        (
            counts.get(line.position) or line.kept,
            line.item.product_name or line.item.seller_sku,
            line.item.seller_sku or line.item.sku_name,
        )
        for line in lines
    ]


def _live(request: HttpRequest, batch: LabelBatch, access: Access) -> HttpResponse:
    """The totals, and the cells of parcels that the page shows as waiting (`waits`, positions) and
    that wait no more."""
    if batch.run_id:
        return HttpResponse(headers={"HX-Redirect": f"/runs/{batch.run_id}/"})
    context = _context(request, batch, access)
    waited = positions_in(request.GET.get("waits", ""))
    answered = [
        each for each in context["parcels"] if each.row.position in waited and not each.is_waiting
    ]
    is_over = batch.state != LabelBatch.State.PRICING
    return render(
        request,
        "label_batch_live.html",
        context | {"answered": answered},
        status=STOP_POLLING if is_over else 200,
    )


def _posted(request: HttpRequest, batch: LabelBatch, access: Access) -> HttpResponse:
    """Whatever is asked for, what was typed into rows is kept first."""
    given, do = given_of(request.POST), request.POST.get("do", "")
    marked = frozenset(_marked(request.POST))
    units = units_of(batch.shop.region)
    if do == "away":
        return _away(request, batch, access)
    parcels = batches.look(batch, access, clock.now())
    edits = row_edits(given, parcels, units)
    try:
        changed = batches.edit(batch, edits.changes, access=access, wall=clock.wall())
        if edits.problems:
            said = f"{len(edits.problems):,} of the rows could not be read; the others are kept."
            return _again(request, batch, access, Typed(edits, given, marked, said))
        if do == "confirm":
            return _confirm(request, batch, access, changed, Typed(edits, given, marked))
        _do(request, batch, access, do, marked, parcels, given, units, changed)
    except BadShipment as problem:
        return _again(request, batch, access, Typed(edits, given, marked, str(problem)))
    except NotAsShown as problem:
        messages.info(request, str(problem))
    return redirect("label_batch", batch.pk)


def _away(request: HttpRequest, batch: LabelBatch, access: Access) -> HttpResponse:
    try:
        put_away(batch, access=access)
        messages.info(request, "Put away. Its orders wait for their labels as before.")
    except NotAsShown as late:
        messages.info(request, str(late))
    return redirect("begin_label_batch")


def _again(
    request: HttpRequest, batch: LabelBatch, access: Access, typed: Typed, status: int = 422
) -> HttpResponse:
    batch.refresh_from_db()
    return _page(request, batch, access, typed, status)


def _marked(given: QueryDict) -> list[int]:
    pks = given.getlist("mark")
    return [int(pk) for pk in pks if pk.isascii() and pk.isdigit() and len(pk) < 19]


def _do(
    request: HttpRequest,
    batch: LabelBatch,
    access: Access,
    do: str,
    marked: frozenset[int],
    parcels: list[BatchParcel],
    given: Mapping[str, str],
    units: Units,
    changed: int,
) -> None:
    """Raises BadShipment and NotAsShown."""
    if do in ("out", "in", "marked") and not marked:
        raise BadShipment("mark", "No parcel is marked. Mark some in the table first.")
    if do in ("out", "in"):
        many = batches.leave_out(batch, marked, do == "out", access=access)
        said = "left out" if do == "out" else "in again"
    elif do == "ask":
        wanted = {each.row.pk for each in parcels if each.problem and not each.is_out}
        many, said = batches.ask_again(batch, wanted, access=access), "asked for again"
    elif do in RULES:
        pks = [each.row.pk for each in parcels if not each.is_out]
        change = Change(service=do)
        many = batches.edit(batch, dict.fromkeys(pks, change), access=access, wall=clock.wall())
        keep_rule(request.session, batch.shop, do)
        said = f"changed to {'the cheapest' if do == CHEAPEST else 'the usual'} service"
    elif do in ("all", "missing", "marked"):
        many, said = _set(request, batch, do, marked, given, units)
    else:
        many, said = changed, "changed"
        if any(given.get(name) for name in ("weight", "sides", "box", "service", "handover")):
            said += ". What stands over the table was not set: choose for which parcels below it"
    messages.info(request, f"{_parcels(many)} {said}.")


def _parcels(many: int) -> str:
    return f"{many:,} parcel{'' if many == 1 else 's'}"


def _set(
    request: HttpRequest,
    batch: LabelBatch,
    do: str,
    marked: frozenset[int],
    given: Mapping[str, str],
    units: Units,
) -> tuple[int, str]:
    """One edit for many: how many it changed, and in words what it overwrote. Raises BadShipment
    and NotAsShown."""
    access = access_for(request)
    if batches.can_of(batch.shop).handover_by_warehouse:
        given = {name: given[name] for name in given if name not in ("handover", "slot")}
    change = replace(change_for_many(given, units), only_missing=do == "missing")
    if change == Change(only_missing=do == "missing"):
        raise BadShipment("set", "Give a weight, a size or what else is to be set.")
    parcels = batches.look(batch, access, clock.now())  # with what was typed into rows
    chosen = [e for e in parcels if (e.row.pk in marked if do == "marked" else not e.is_out)]
    pks = [each.row.pk for each in chosen]
    many = batches.edit(batch, dict.fromkeys(pks, change), access=access, wall=clock.wall())
    if do == "all":
        keep_rule(request.session, batch.shop, change.service or "")
    over = [each for each in chosen if change.replaces(each.wish.size)]
    last = sum(each.is_remembered for each in over)
    said = [f"{last:,} of last time"] if last else []
    said += [f"{len(over) - last:,} of their own"] if len(over) > last else []
    return many, f"changed. Overwritten weights or sizes: {', '.join(said)}" if said else "changed"


def _confirm(
    request: HttpRequest, batch: LabelBatch, access: Access, changed: int, typed: Typed
) -> HttpResponse:
    prints = request.POST.get("prints") == "now"
    try:
        if changed:
            raise NotAsShown(
                f"{changed:,} parcel{' was' if changed == 1 else 's were'} changed with this form. "
                "Nothing was bought: look at the total as it is now, and confirm again."
            )
        run = batches.begin(
            batch,
            request.POST.get("shown", ""),
            prints=prints,
            access=access,
            now=clock.now(),
            wall=clock.wall(),
        )
    except (NotAsShown, BadSelection, CountChanged) as problem:
        kept = Typed(typed.rows, typed.many, typed.marked, str(problem))
        return _again(request, batch, access, kept, 409)
    return redirect("run", run.pk)
