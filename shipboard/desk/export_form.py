"""The Export dialog, which is also a page: which orders, which columns, and how much that makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode
from uuid import uuid4

from django.db.models import Count
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from shipboard import clock
from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right
from shipboard.channels.contract import Stage
from shipboard.desk.ages import ages_of_chosen
from shipboard.desk.door import access_for
from shipboard.desk.errors import refused, said
from shipboard.exports.layouts import PERSONAL, BadLayout, SeveralRegions, labels_for
from shipboard.exports.models import ExportLayout
from shipboard.exports.own_layouts import layouts_of
from shipboard.exports.periods import MOST_ORDERS, beyond_words
from shipboard.exports.write import TooMany, Wanted, plan
from shipboard.fulfilment.selection import BadSelection, Selection
from shipboard.orders.filters import BadFilter, parse
from shipboard.orders.saved_views import kept_query
from shipboard.orders.stages import STAGES_OF, TAB_LABELS, Tab, stage_at

OWN = "own"
REGIONS = (
    "The marketplace's files of these shops differ in columns and dates. Export one region at a "
    "time, or take other columns:"
)
FORMATS = {"csv": "CSV", "xlsx": "Excel (XLSX)"}


@dataclass(frozen=True)
class Choice:
    """What the form was set to; `layout` is a layout's name, or `own:` with the key of columns
    that somebody keeps."""

    layout: str = "orders"
    format: str = "csv"
    with_description: bool = False
    unmasked: bool = False

    def query(self) -> str:
        """For a link that opens the form set so."""
        told = {"layout": self.layout, "format": self.format}
        told |= {"description": "yes"} if self.with_description else {}
        return urlencode(told | ({"personal": "yes"} if self.unmasked else {}))


#: What the form posts, and a link may give, besides which orders.
CHOSEN = frozenset({"layout", "format", "description", "personal"})


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
    layout = own.layout if own else choice.layout
    if layout not in labels_for(sees_buyers=access.may(Right.SEE_BUYERS)):
        raise BadSelection("There are no such columns, or not any more; choose others.")
    return Wanted(
        selection=selection,
        layout=layout,
        format=choice.format,
        columns=tuple(own.columns) if own else (),
        with_description=choice.with_description,
        unmasked=choice.unmasked or layout in PERSONAL,
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
    lists = ((name, values) for name, values in given.lists() if name not in CHOSEN)
    pairs = ((name, value) for name, values in lists for value in values)
    return Selection(0, filter=parse(kept_query(parse(pairs))))


@never_cache
def new_export(request: HttpRequest) -> HttpResponse:
    """GET /exports/new/?<query>, or POST with a selection, each with what was chosen so far: the
    form."""
    given = request.POST if request.method == "POST" else request.GET
    try:
        selection = selection_of(given)
        choice = choice_of(given.dict())
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
    planned, parts = None, list[tuple[str, str]]()
    try:
        planned = plan(wanted_by(choice, selection, access), access, now)
    except TooMany as many:
        parts = parts_of(selection, many)
        problem = too_many(many) if parts else str(many)
    except SeveralRegions as several:
        parts = regions_of(selection, several)
        problem = REGIONS if parts else str(several)
    except BadLayout as misfit:
        problem = str(misfit)
    context = {
        "fields": fields_of(selection),
        "selection": selection,
        "ages": ages_of_chosen(selection, access, now),
        "at": now,
        "choice": choice,
        "chosen": choice.query(),
        "planned": planned,
        "parts": parts,
        "problem": problem,
        "tabs": tabs_of(selection, access, now),
        "layouts": (layouts := labels_for(sees_buyers=access.may(Right.SEE_BUYERS))),
        "own": list(layouts_of(access.person_id).filter(layout__in=layouts)),
        "formats": FORMATS,
        "key": uuid4(),
        "in_dialog": bool(request.headers.get("HX-Request")),
    }
    return render(request, "export_form.html", context, status=status)


def too_many(many: TooMany) -> str:
    orders = sum(period.orders for period in (*many.periods, *many.beyond))
    return (
        f"{orders:,} orders are too many for one file, which holds {MOST_ORDERS:,}. "
        f"{beyond_words(many.beyond)} Choose one status, or export them in parts, each a file of "
        "its own:"
    ).replace("  ", " ")


def parts_of(selection: Selection, many: TooMany) -> list[tuple[str, str]]:
    """The periods that fit, in words, with the query of each; never more days than the filter
    has."""
    filter_ = selection.filter
    if filter_ is None:
        return []
    parts = []
    for period in many.periods:
        first = max(period.first, filter_.created_from or period.first)
        last = min(period.last, filter_.created_to or period.last)
        query = replace(filter_, created_from=first, created_to=last)
        if period.shop[0]:
            query = replace(query, shop=(period.shop[0],))
        if period.stage:
            query = replace(query, stage=(Stage(period.stage),))
        words = replace(period, first=first, last=last).words
        parts.append((f"Created {words}: {period.orders:,}", query.query()))
    return parts


def regions_of(selection: Selection, several: SeveralRegions) -> list[tuple[str, str]]:
    """The shops of each region, with the query of their orders."""
    filter_ = selection.filter
    if filter_ is None:
        return []
    return [
        (
            f"{region[0].upper()}{region[1:]}: {', '.join(shop.name for shop in shops)}",
            replace(filter_, shop=tuple(shop.slug for shop in shops)).query(),
        )
        for region, shops in several.groups.items()
    ]


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
