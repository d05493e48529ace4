"""Cancellations & returns: what buyers ask for, soonest answer first, what goes on without the
seller, and what was decided.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from shipboard import clock
from shipboard.channels.models import Shop
from shipboard.desk.case_views import CaseView, case_view
from shipboard.desk.door import access_for
from shipboard.desk.errors import refused
from shipboard.desk.labels import Choices
from shipboard.orders.case_filters import TAB_LABELS, CaseFilter, CaseTab, parse
from shipboard.orders.case_lists import (
    CaseListing,
    answerers,
    case_listing,
    reasons,
    to_answer_count,
)
from shipboard.orders.case_words import KIND_LABELS, STEP_LABELS
from shipboard.orders.filters import BadFilter
from shipboard.orders.queries import visible_shops

TITLES = {
    "kind": "Type",
    "step": "Waits for",
    "reason": "Reason",
    "answered_by": "Answered from here by",
    "shop": "Shop",
}


@require_safe
@never_cache
def cases(request: HttpRequest) -> HttpResponse:
    """GET /cases/?<query string of orders.case_filters>; asked by the page itself with `seen`, what
    it shows: 204 while nothing has changed."""
    access, now, wall = access_for(request), clock.now(), clock.wall()
    visible = list(visible_shops(access))
    given = [(name, value) for name, of in request.GET.lists() for value in of if name != "seen"]
    try:
        filter_ = parse(given)
        found = case_listing(filter_, now, visible)
    except BadFilter as problem:
        return refused(request, problem)
    rows = [case_view(case, now, wall) for case in found.cases]
    shown = _mark(found, rows)
    if request.GET.get("seen") == shown:
        return HttpResponse(status=204)
    context = {
        "found": found,
        "filter": filter_,
        "rows": rows,
        "shown": shown,
        "to_answer": to_answer_count(visible, now) if "seen" in request.GET else None,
        "place": filter_.query(after=filter_.after, before=filter_.before),
        "tabs": [
            (tab.value, label, found.tabs[tab], filter_.at(tab).query(), tab is filter_.tab)
            for tab, label in TAB_LABELS.items()
        ],
        "choices": [] if "seen" in request.GET else list(_choices(filter_, found, visible)),
        "pills": list(_pills(filter_, visible)),
        "elsewhere": [
            (TAB_LABELS[tab], many, filter_.at(tab).query())
            for tab, many in found.elsewhere.items()
        ],
        "sizes": [(size, filter_.query(per_page=size)) for size in (20, 50, 100)],
        "q": ", ".join(filter_.q),
        "at": now,
    }
    return render(request, "cases.html", context)


def _mark(found: CaseListing, rows: Iterable[CaseView]) -> str:
    """A digest of what the page shows, but for what the clock alone moves."""
    parts: list[Any] = [found.count, *found.tabs.values()]
    for row in rows:
        parts += (row.case.pk, row.order.version, row.case.status, row.case.respond_by, row.stage)
        parts += (row.why_not, row.answer and row.answer.label)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:20]


def _choices(filter_: CaseFilter, found: CaseListing, visible: list[Shop]) -> Iterable[Choices]:
    yield _choice(filter_, "kind", dict(KIND_LABELS))
    if filter_.tab is CaseTab.TO_ANSWER:
        steps = {step.value: text for step, text in STEP_LABELS.items() if step}
        yield _choice(filter_, "step", steps)
    offered = reasons(found.shops, filter_.tab, clock.now())
    yield _choice(filter_, "reason", {each: each for each in offered})
    yield _choice(filter_, "answered_by", {each: each for each in answerers(found.shops)})
    own = [shop for shop in visible if shop.is_demo == any(each.is_demo for each in found.shops)]
    if len(own) > 1:
        yield _choice(filter_, "shop", {shop.slug: shop.name for shop in own})


def _choice(filter_: CaseFilter, name: str, options: dict[str, str]) -> Choices:
    chosen = [str(each) for each in getattr(filter_, name)]
    options = options | {each: options.get(each, each) for each in chosen}
    listed = [(each, text, each in chosen) for each, text in options.items()]
    return Choices(name, TITLES[name], listed)


def _pills(filter_: CaseFilter, visible: list[Shop]) -> Iterable[tuple[str, str]]:
    """What narrows the list, each with the query without it."""
    if filter_.q:
        text = filter_.q[0] if len(filter_.q) == 1 else f"{len(filter_.q)} values"
        yield f"Search: {text}", filter_.query(q=())
    words: dict[str, dict[str, str]] = {
        "kind": dict(KIND_LABELS),
        "step": {step.value: text for step, text in STEP_LABELS.items()},
        "shop": {shop.slug: shop.name for shop in visible},
    }
    for name, title in TITLES.items():
        for value in getattr(filter_, name):
            rest = tuple(each for each in getattr(filter_, name) if each != value)
            said = words.get(name, {}).get(value, value)
            yield f"{title}: {said}", filter_.query(**{name: rest})
