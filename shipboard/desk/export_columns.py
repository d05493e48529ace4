"""Columns in an order of one's own: a list to tick and to put in order, kept under a name. Every
step is a form that comes back, so it needs neither a mouse nor scripts.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from shipboard import clock
from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right
from shipboard.desk.door import access_for, signed_in
from shipboard.desk.errors import refused, said
from shipboard.desk.export_form import (
    OWN,
    Choice,
    choice_of,
    export_form,
    fields_of,
    own_of,
    selection_of,
)
from shipboard.exports.layouts import LABELS, BadLayout, Name
from shipboard.exports.layouts import OWN as COLUMNS
from shipboard.exports.models import ExportLayout
from shipboard.exports.own_layouts import LayoutRefused, layouts_of, save_layout
from shipboard.fulfilment.selection import BadSelection, Selection
from shipboard.orders.filters import BadFilter


@require_POST
def choose_columns(request: HttpRequest) -> HttpResponse:
    """POST /exports/columns/ from the export form, or from the list itself: `column` are the
    ticked ones in their order, `move` (`up.total`) and `tick` (`all`, `none`) change that, and with
    `save` they are kept and the export form comes back with them."""
    try:
        selection, choice = selection_of(request.POST), choice_of(request.POST.dict())
    except BadFilter as problem:
        return refused(request, problem)
    except BadSelection as problem:
        return said(request, 400, "Nothing to export", str(problem))
    access = access_for(request)
    base = base_of(choice, access)
    if "save" not in request.POST:
        return _column_form(request, selection, choice, base)
    try:
        kept = save_layout(
            signed_in(request),
            request.POST.get("name", ""),
            base,
            ticked(request.POST, columns_of(base)),
            is_shared=request.POST.get("shared") == "yes",
            now=clock.now(),
        )
    except (LayoutRefused, BadLayout) as problem:
        return _column_form(request, selection, choice, base, str(problem))
    chosen = Choice(f"{OWN}:{kept.pk}", choice.format, choice.with_description, choice.unmasked)
    return export_form(request, selection, chosen)


def base_of(choice: Choice, access: Access) -> str:
    """The layout whose columns are chosen from; the marketplace's own has none to choose."""
    own = own_of(choice, access)
    layout = own.layout if own else choice.layout
    return layout if layout in set(COLUMNS) else Name.ORDERS


def columns_of(layout: str) -> dict[str, str]:
    """Headers by key, in the layout's order."""
    return {column.key: column.header for column in COLUMNS[Name(layout)]}


def ticked(given: QueryDict, columns: dict[str, str]) -> list[str]:
    """Keys of the columns that the file is to have, in their order, once the button that was
    pressed has been heeded. What is no column of these is left out."""
    keys = [key for key in dict.fromkeys(given.getlist("column")) if key in columns]
    if given.get("tick") == "none":
        return []
    if given.get("tick") == "all":
        return [*keys, *(key for key in columns if key not in keys)]
    way, _, key = given.get("move", "").partition(".")
    if key in keys:
        at = keys.index(key)
        keys.insert(max(0, at + (1 if way == "down" else -1)), keys.pop(at))
    return keys


def _column_form(
    request: HttpRequest, selection: Selection, choice: Choice, base: str, problem: str = ""
) -> HttpResponse:
    """The list as it was left, or, on first sight, the columns that were chosen on the form."""
    current = own_of(choice, access_for(request))
    columns, posted = columns_of(base), request.POST
    is_begun = "picking" in posted
    before = list(current.columns) if current else list(columns)
    keys = ticked(posted, columns) if is_begun else [key for key in before if key in columns]
    left_out = [key for key in columns if key not in keys]
    context = {
        "fields": fields_of(selection),
        "choice": choice,
        "base": LABELS[Name(base)],
        "columns": [(key, columns[key], at) for at, key in enumerate(keys, 1)]
        + [(key, columns[key], 0) for key in left_out],
        "focus": posted.get("move") or posted.get("tick", ""),
        "name": posted.get("name", "") if is_begun else current.name if current else "",
        "is_shared": "shared" in posted if is_begun else bool(current and current.is_shared),
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
