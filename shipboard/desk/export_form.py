"""The Export dialog, which is also a page: which orders, which columns, and how much that makes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from shipboard import clock
from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right
from shipboard.desk.door import access_for, signed_in
from shipboard.desk.errors import refused, said
from shipboard.exports.layouts import LABELS, BadLayout, Name
from shipboard.exports.layouts import OWN as COLUMNS
from shipboard.exports.models import ExportLayout
from shipboard.exports.own_layouts import LayoutRefused, layouts_of, save_layout
from shipboard.exports.periods import MOST_ORDERS, Period
from shipboard.exports.write import TooMany, Wanted, plan
from shipboard.fulfilment.selection import BadSelection, Selection
from shipboard.orders.filters import BadFilter, parse
from shipboard.orders.saved_views import kept_query
from shipboard.orders.stages import STAGES_OF, TAB_LABELS, Tab, stage_at

OWN = "own"
FORMATS = {"csv": "CSV", "xlsx": "Excel (XLSX)"}


@dataclass(frozen=True)
class Choice:
    """What the form was set to; `layout` is a layout's name, or `own:` with the key of columns
    that somebody keeps."""

    layout: str = "orders"
    format: str = "csv"
    with_description: bool = False
    unmasked: bool = False


def choice_of(given: Mapping[str, str]) -> Choice:
    """Raises BadSelection for what the form does not offer."""
    choice = Choice(
        layout=given.get("layout", Choice.layout),
        format=given.get("format", Choice.format),
        with_description=given.get("description") == "yes",
        unmasked=given.get("personal") == "yes",
    )
    if choice.format not in FORMATS:
        raise BadSelection("A file is CSV or XLSX; choose one of them.")
    return choice


def wanted_by(choice: Choice, selection: Selection, access: Access) -> Wanted:
    """Raises BadSelection for a layout that is not there (any more)."""
    own = own_of(choice, access)
    if own is None and choice.layout not in LABELS:
        raise BadSelection("There are no such columns, or not any more; choose others.")
    return Wanted(
        selection=selection,
        layout=own.layout if own else choice.layout,
        format=choice.format,
        columns=tuple(own.columns) if own else (),
        with_description=choice.with_description,
        unmasked=choice.unmasked,
    )


def own_of(choice: Choice, access: Access) -> ExportLayout | None:
    """The kept columns that were chosen, if any, and if the actor may use them."""
    pk = choice.layout.removeprefix(f"{OWN}:")
    return layouts_of(access.person_id).filter(pk=int(pk[:18])).first() if pk.isdecimal() else None


def selection_of(given: QueryDict) -> Selection:
    """The posted `orders` or `query`, else the query string itself. How many a filter matches is
    said anew, so no count is taken. Raises BadSelection and BadFilter."""
    if "orders" in given:
        return Selection.of({"orders": str(given["orders"])})
    if "query" in given:
        return Selection(0, filter=parse(kept_query(parse(str(given["query"])))))
    pairs = ((name, value) for name, values in given.lists() for value in values)
    return Selection(0, filter=parse(kept_query(parse(pairs))))


@never_cache
def new_export(request: HttpRequest) -> HttpResponse:
    """GET /exports/new/?<query>, or POST with a selection and what was chosen so far: the form."""
    given = request.POST if request.method == "POST" else request.GET
    try:
        selection = selection_of(given)
        choice = choice_of(request.POST.dict())
        return export_form(request, selection, choice)
    except BadFilter as problem:
        return refused(request, problem)
    except BadSelection as problem:
        return said(request, 400, "Nothing to export", str(problem))


def export_form(
    request: HttpRequest, selection: Selection, choice: Choice, problem: str = "", status: int = 200
) -> HttpResponse:
    """The form, with what would come of it. Raises BadFilter and BadSelection."""
    access, now = access_for(request), clock.now()
    if not access.may(Right.SEE_BUYERS):
        choice = replace(choice, unmasked=False)
    planned, parts = None, []
    try:
        planned = plan(wanted_by(choice, selection, access), access, now)
    except TooMany as many:
        parts = parts_of(selection, many)
        problem = too_many(many) if parts else str(many)
    except BadLayout as misfit:
        problem = str(misfit)
    context = {
        "fields": fields_of(selection),
        "selection": selection,
        "choice": choice,
        "planned": planned,
        "parts": parts,
        "problem": problem,
        "tabs": tabs_of(selection, access, now),
        "layouts": LABELS,
        "own": list(layouts_of(access.person_id)),
        "formats": FORMATS,
        "key": uuid4(),
        "in_dialog": bool(request.headers.get("HX-Request")),
    }
    return render(request, "export_form.html", context, status=status)


def too_many(many: TooMany) -> str:
    orders = sum(period.orders for period in many.periods)
    return (
        f"{orders:,} orders are too many for one file, which holds {MOST_ORDERS:,}. Choose one "
        "status, or export them in parts, each a file of its own:"
    )


def parts_of(selection: Selection, many: TooMany) -> list[tuple[Period, str]]:
    """The periods that fit, with the query of each; never more days than the filter has."""
    filter_ = selection.filter
    if filter_ is None:
        return []
    parts = []
    for period in many.periods:
        first = max(period.first, filter_.created_from or period.first)
        last = min(period.last, filter_.created_to or period.last)
        query = replace(filter_, created_from=first, created_to=last).query()
        parts.append((replace(period, first=first, last=last), query))
    return parts


def fields_of(selection: Selection) -> dict[str, str]:
    """The selection as hidden inputs."""
    if selection.filter is not None:
        return {"query": selection.filter.query()}
    return {"orders": ",".join(map(str, selection.pks))}


def tabs_of(selection: Selection, access: Access, now: datetime) -> list[tuple[str, int, str]]:
    """Of a filter over all statuses: the same in each tab that has some, with how many."""
    filter_ = selection.filter
    if filter_ is None or filter_.tab != Tab.ALL or filter_.stage:
        return []
    rows = selection.orders(access, now).annotate(stage_now=stage_at(now)).values("stage_now")
    by_stage = dict(rows.annotate(n=Count("*")).order_by().values_list("stage_now", "n"))
    tabs = {tab: sum(by_stage.get(stage, 0) for stage in of) for tab, of in STAGES_OF.items()}
    found = [
        (TAB_LABELS[tab], n, replace(filter_, tab=tab).query()) for tab, n in tabs.items() if n
    ]
    return found if len(found) > 1 else []


@require_POST
def choose_columns(request: HttpRequest) -> HttpResponse:
    """POST /exports/columns/ from the export form: choosing and ordering columns; with `save`, they
    are kept and the export form comes back with them."""
    try:
        selection, choice = selection_of(request.POST), choice_of(request.POST.dict())
    except BadFilter as problem:
        return refused(request, problem)
    except BadSelection as problem:
        return said(request, 400, "Nothing to export", str(problem))
    if "save" not in request.POST:
        return _column_form(request, selection, choice)
    access = access_for(request)
    try:
        kept = save_layout(
            signed_in(request),
            request.POST.get("name", ""),
            base_of(choice, access),
            in_order(request.POST, columns_of(base_of(choice, access))),
            is_shared=request.POST.get("shared") == "yes",
            now=clock.now(),
        )
    except (LayoutRefused, BadLayout) as problem:
        return _column_form(request, selection, choice, str(problem))
    return export_form(request, selection, replace(choice, layout=f"{OWN}:{kept.pk}"))


def base_of(choice: Choice, access: Access) -> str:
    """The layout whose columns are chosen from; the marketplace's own has none to choose."""
    own = own_of(choice, access)
    layout = own.layout if own else choice.layout
    return layout if layout in set(COLUMNS) else Name.ORDERS


def columns_of(layout: str) -> dict[str, str]:
    """Headers by key, in the layout's order."""
    return {column.key: column.header for column in COLUMNS[Name(layout)]}


def in_order(given: Mapping[str, str], columns: Iterable[str]) -> list[str]:
    """Those of `columns` that were given a place, by that; equal places as they stand here."""
    places = {key: given.get(f"place.{key}", "").strip() for key in columns}
    chosen = [key for key, place in places.items() if place.isdecimal() and int(place[:6])]
    return sorted(chosen, key=lambda key: int(places[key][:6]))


def _column_form(
    request: HttpRequest, selection: Selection, choice: Choice, problem: str = ""
) -> HttpResponse:
    access = access_for(request)
    current, base = own_of(choice, access), base_of(choice, access)
    columns = columns_of(base)
    typed = in_order(request.POST, columns) if problem else []
    keys = typed or (current.columns if current else list(columns))
    context = {
        "fields": fields_of(selection),
        "choice": choice,
        "base": LABELS[Name(base)],
        "columns": [
            (key, header, keys.index(key) + 1 if key in keys else "")
            for key, header in columns.items()
        ],
        "name": request.POST.get("name", current.name if current else ""),
        "is_shared": bool(current and current.is_shared),
        "problem": problem,
        "in_dialog": bool(request.headers.get("HX-Request")),
    }
    return render(request, "export_columns.html", context, status=422 if problem else 200)


@require_POST
def remove_layout(request: HttpRequest, pk: int) -> HttpResponse:
    """Whoever keeps them removes them, and an owner of the desk what is shared."""
    access = access_for(request)
    layout: ExportLayout = get_object_or_404(layouts_of(access.person_id), pk=pk)
    if layout.person_id != access.person_id:
        access.need(Right.OWN)
    layout.delete()
    messages.success(request, f"The columns {layout.name} are not kept any more.")
    return redirect("exports")
