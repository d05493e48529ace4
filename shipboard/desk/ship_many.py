"""Shipment information for many orders at once: a grid that is typed into, pasted into, or filled
by a barcode reader; what stands in it is sent as one run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from shipboard import carriers, clock
from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right
from shipboard.channels.text import clean
from shipboard.desk.door import access_for, needs
from shipboard.desk.runs import run_context
from shipboard.desk.ship_check import Said, Typed, said_of, wishes_of
from shipboard.desk.ship_grid import MOST, Grid, GridRow, chosen_pks, grid_of, meant
from shipboard.desk.ship_paste import Pair, Pasted, Problem, pasted
from shipboard.desk.shipment_form import kept_key, key_of
from shipboard.fulfilment.allowed import Verb
from shipboard.fulfilment.models import Run, RunRow
from shipboard.fulfilment.numbers import offered_named
from shipboard.fulfilment.refusals import BadShipment
from shipboard.fulfilment.runs import CountChanged, begin_each, begun_with
from shipboard.fulfilment.selection import BadSelection, Selection
from shipboard.orders.filters import BadFilter
from shipboard.orders.overlays import BadWords

#: Rows that are checked in one request, and codes that are looked up in one.
CHECKED_AT_ONCE = ASKED_AT_ONCE = 50
LONGEST = 100


@dataclass(frozen=True)
class Page:
    """What the page shows beside the grid. `typed` and `said` by key of the order; `run`: the run
    that was begun with what is not here any more; `chosen`: how many were, of which some may be
    missing here."""

    grid: Grid = field(default_factory=Grid)
    typed: Mapping[int, Typed] = field(default_factory=dict)
    said: Mapping[int, Said] = field(default_factory=dict)
    problems: Sequence[Problem] = ()
    problem: str = ""
    for_all: str = ""
    key: UUID = field(default_factory=uuid4)
    chosen: int = 0
    run: Run | None = None


@never_cache
@needs(Right.WORK)
def ship_many(request: HttpRequest) -> HttpResponse:
    """GET /ship/ is an empty grid. POST with a selection opens it with these orders; with the
    grid's own fields and a `text` it comes back with the pasted numbers filled in."""
    if request.method != "POST":
        return _page(request, Page())
    if "orders" not in request.POST and "query" not in request.POST:
        return _filled(request)
    access, now = access_for(request), clock.now()
    try:
        selection = Selection.of(request.POST.dict())
        grid = grid_of(chosen_pks(selection, access, now), access, now)
    except (BadFilter, BadSelection) as problem:
        return _page(request, Page(problem=str(problem)), 400)
    return _page(request, Page(grid=grid, chosen=selection.expected))


def _page(request: HttpRequest, page: Page, status: int = 200) -> HttpResponse:
    context = {"page": page, "most": MOST, "at": clock.now()}
    context |= run_context(page.run) if page.run else {}
    return render(request, "ship_many.html", context, status=status)


def _typed(given: QueryDict) -> list[Typed]:
    """The rows of a grid as they were posted, those without a number too."""
    keys = given.getlist("order")
    pks = [int(pk) for pk in keys if pk.isascii() and pk.isdigit() and len(pk) < 20]
    return [
        Typed(
            pk,
            clean(given.get(f"number-{pk}", ""))[:LONGEST],
            clean(given.get(f"carrier-{pk}", ""))[:LONGEST],
        )
        for pk in dict.fromkeys(pks)
        if pk < 2**63
    ]


def _for_all(given: QueryDict) -> str:
    return clean(given.get("carrier_all", ""))[:LONGEST]


def _filled(request: HttpRequest) -> HttpResponse:
    """Without scripts: the text that was pasted, put into the rows."""
    access, now = access_for(request), clock.now()
    typed = {each.pk: each for each in _typed(request.POST)}
    read = pasted(request.POST.get("text", ""))
    known = meant((pair.order_id for pair in read.pairs), access)
    pks = list(dict.fromkeys((*typed, *known.pks.values())))
    grid = grid_of(pks, access, now)
    found, problems = _placed(read, known.pks, known.unknown, grid)
    problems += _replaced(found, typed)
    problems += [
        Problem(0, code, f"The grid is full: it holds {MOST} orders. Send these first.")
        for code, pk in known.pks.items()
        if pk in pks[MOST:]
    ]
    typed |= {each.pk: each for each in found}
    for_all = _for_all(request.POST)
    said = said_of(grid, list(typed.values()), for_all, access, now)
    return _page(
        request,
        Page(grid, typed, said, problems, for_all=for_all, key=kept_key(request.POST.dict())),
    )


def _placed(
    read: Pasted, pks: Mapping[str, int], unknown: Mapping[str, str], grid: Grid
) -> tuple[list[Typed], list[Problem]]:
    """The pairs as they stand in the rows, and what is to be said of the others."""
    rows = {each.order.pk: each for each in grid.rows}
    problems = list(read.problems)
    found: list[Typed] = []
    for pair in read.pairs:
        row = rows.get(pks.get(pair.order_id, 0))
        if pair.order_id in unknown:
            problems.append(_about(pair, unknown[pair.order_id]))
        elif row and row.why_not:
            problems.append(_about(pair, row.why_not))
        elif row:
            carrier = ""
            try:
                if pair.carrier:
                    known = grid.carriers[row.offered]
                    carrier = offered_named(pair.carrier, known).remote_id
            except BadShipment as problem:
                problems.append(_about(pair, f"The number is filled in. {problem}"))
            found.append(Typed(row.order.pk, pair.tracking_number[:LONGEST], carrier))
    return found, problems


def _about(pair: Pair, sentence: str) -> Problem:
    return Problem(pair.line, f"{pair.order_id} {pair.tracking_number}", sentence)


def _replaced(found: Iterable[Typed], typed: Mapping[int, Typed]) -> list[Problem]:
    """Numbers that stood there and do not any more."""
    before = {pk: each.number for pk, each in typed.items() if each.number}
    return [
        Problem(0, each.number, f"It takes the place of {before[each.pk]}, which stood there.")
        for each in found
        if before.get(each.pk, each.number) != each.number
    ]


@require_POST
@needs(Right.WORK)
def paste(request: HttpRequest) -> JsonResponse:
    """POST /ship/paste/ with `text`: what its lines say, for the page to fill in. `pairs` have the
    order's key and id, the number and the carrier's id; `problems` a line, its text, a sentence."""
    access, now = access_for(request), clock.now()
    read = pasted(request.POST.get("text", ""))
    known = meant((pair.order_id for pair in read.pairs), access)
    grid = grid_of(list(dict.fromkeys(known.pks.values())), access, now)
    found, problems = _placed(read, known.pks, known.unknown, grid)
    ids = {pk: order.order_id for pk, order in grid.orders.items()}
    return JsonResponse(
        {
            "pairs": [asdict(each) | {"order": ids[each.pk]} for each in found],
            "problems": [asdict(each) for each in sorted(problems, key=lambda each: each.line)],
        }
    )


@require_GET
@never_cache
@needs(Right.WORK)
def rows(request: HttpRequest) -> HttpResponse:
    """GET /ship/rows/?orders=<order ids, comma between>: their rows as they stand in the grid, the
    key of each, and a sentence for each id that is not known."""
    codes = [code.strip() for code in request.GET.get("orders", "").split(",") if code.strip()]
    if len(codes) > ASKED_AT_ONCE:
        return JsonResponse({"problem": f"Ask for {ASKED_AT_ONCE} orders at once."}, status=400)
    access, now = access_for(request), clock.now()
    known = meant((code[:LONGEST] for code in codes if "\0" not in code), access)
    grid = grid_of(list(known.pks.values()), access, now)
    page = Page(grid)
    context = {"page": page, "at": now}
    html = render_to_string("ship_many_rows.html", context, request)
    return JsonResponse({"rows": html, "pks": known.pks, "unknown": known.unknown})


@require_POST
@needs(Right.WORK)
def check(request: HttpRequest) -> JsonResponse:
    """POST /ship/check/ with the grid's fields of up to 50 rows: the verdict on each, by key."""
    typed = _typed(request.POST)
    if len(typed) > CHECKED_AT_ONCE:
        return JsonResponse({"problem": f"{CHECKED_AT_ONCE} rows at once."}, status=400)
    access, now = access_for(request), clock.now()
    grid = grid_of([each.pk for each in typed], access, now)
    said = said_of(grid, typed, _for_all(request.POST), access, now)
    return JsonResponse({str(pk): _told(each) for pk, each in said.items()})


def _told(said: Said) -> dict[str, object]:
    number = said.wish.tracking_number if said.wish else ""
    return {
        "kind": said.kind,
        "word": said.word,
        "level": said.level,
        "sentence": said.sentence,
        "carrier": said.carrier,
        "fitting": said.fitting,
        "number": number,
    }


@require_POST
@needs(Right.WORK)
def send(request: HttpRequest) -> HttpResponse:
    """POST /ship/send/: the rows that can go are a run; the others come back as they were typed,
    each with what stands against it. The same form again is the same run."""
    access, now = access_for(request), clock.now()
    typed, for_all = _typed(request.POST), _for_all(request.POST)
    grid = grid_of([each.pk for each in typed], access, now)
    said = said_of(grid, typed, for_all, access, now)
    try:
        run = _run(key_of(request.POST.dict()), grid, said, access, now)
        problem = "" if run else "Nothing was sent: no row has a number that can be taken."
    except (BadWords, CountChanged, BadSelection) as refusal:
        run, problem = None, str(refusal)
    left = _left(grid, {each.pk: each.number for each in typed}, run)
    if run and not left.rows:
        return redirect("run", run.pk)
    page = Page(
        left,
        {each.pk: each for each in typed},
        said,
        problem=problem,
        for_all=for_all,
        key=uuid4() if run else kept_key(request.POST.dict()),
        run=run,
    )
    return _page(request, page, 200 if run else 422)


def _run(
    key: UUID, grid: Grid, said: Mapping[int, Said], access: Access, now: datetime
) -> Run | None:
    """The run of this form: the one that was begun with it already, else a new one; None when
    nothing can go. Raises CountChanged and BadSelection."""
    if run := begun_with(key, access):
        return run
    wishes = wishes_of(grid, said)
    if not wishes:
        return None
    chosen = f"{len(wishes):,} order{'' if len(wishes) == 1 else 's'}, each with its number"
    return begin_each(wishes, Verb.ADD_SHIPMENT, key=key, access=access, now=now, chosen=chosen)


def _left(grid: Grid, numbers: Mapping[int, str], run: Run | None) -> Grid:
    """The rows that are not in the run as they were typed (`numbers`, by key). Those that cannot go
    and that nothing was typed into are of no use any more, once there is a run."""
    if run is None:
        return grid
    sent = set(RunRow.objects.filter(run=run).values_list("number", "wish__tracking_number"))

    def stays(row: GridRow) -> bool:
        number = carriers.clean(numbers.get(row.order.pk, ""))
        if not number:
            return not row.why_not
        return not any((each, number) in sent for each in (row.order.order_id, *row.together))

    return Grid([row for row in grid.rows if stays(row)], grid.carriers)
