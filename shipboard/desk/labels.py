"""Shipping Labels: every label from To create to Voided, what is wrong with it, and what can be
done with many at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from shipboard import clock
from shipboard.accounts.roles import Right
from shipboard.channels.models import Shop
from shipboard.desk.door import access_for, needs
from shipboard.desk.errors import refused
from shipboard.desk.label_rows import groups, label_row, waiting_rows
from shipboard.desk.label_views import cost, measured
from shipboard.fulfilment import fetching, voiding
from shipboard.fulfilment.batch_drafts import drafts
from shipboard.fulfilment.print_ends import awaiting
from shipboard.fulfilment.rejections import KINDS
from shipboard.orders.facets import facets
from shipboard.orders.filters import BadFilter, Logistics, OrderFilter
from shipboard.orders.label_filters import (
    TAB_LABELS,
    LabelFilter,
    LabelSort,
    LabelTab,
    parse,
)
from shipboard.orders.label_lists import LabelListing, label_listing, reason_counts, services
from shipboard.orders.labels import Label
from shipboard.orders.overlays import BadWords
from shipboard.orders.queries import in_view, visible_shops

SORT_LABELS = {
    LabelSort.SHIP_BY: "Ship by: soonest first",
    LabelSort.SHIP_BY_LAST: "Ship by: latest first",
    LabelSort.ASKED_LAST: "Newest first",
    LabelSort.ASKED: "Oldest first",
}
LOGISTICS = dict(Logistics.choices)
#: More labels than this are not taken by one form.
MOST = 1000


@dataclass(frozen=True)
class Choices:
    """A filter of the page: what can be chosen, and what is."""

    name: str
    title: str
    options: list[tuple[str, str, bool]]


@require_safe
@never_cache
def labels(request: HttpRequest) -> HttpResponse:
    """GET /labels/?<query string of orders.label_filters>; asked by the page itself with `seen`,
    what it shows: 204 while nothing has changed."""
    access, now = access_for(request), clock.now()
    visible = list(visible_shops(access))
    given = [(name, value) for name, of in request.GET.lists() for value in of if name != "seen"]
    try:
        filter_ = parse(given)
        found = label_listing(filter_, access, now, visible)
    except BadFilter as problem:
        return refused(request, problem)
    waiting = awaiting(access).count() if access.may(Right.WORK) else 0
    sent = _sent(found) if filter_.tab is LabelTab.PRINTED else 0
    shown = _mark(found, waiting, sent)
    if request.GET.get("seen") == shown:
        return HttpResponse(status=204)
    by_pk = {shop.pk: shop for shop in found.shops}
    for order in found.orders:
        order.shop = by_pk[order.shop_id]
    is_asked = "seen" in request.GET
    context = {
        "found": found,
        "filter": filter_,
        "shown": shown,
        "awaiting": waiting,
        "sent": sent,
        "tabs": [
            (tab.value, label, found.tabs[tab], filter_.at(tab).query(), tab is filter_.tab)
            for tab, label in TAB_LABELS.items()
        ],
        "rows": [label_row(label, now) for label in found.labels],
        "waiting": waiting_rows(found.orders, now),
        "groups": groups(found, filter_.reason) if filter_.tab is LabelTab.REJECTED else [],
        "choices": [] if is_asked else list(_choices(filter_, found.shops, visible)),
        "pills": list(_pills(filter_)),
        "elsewhere": [
            (TAB_LABELS[tab], many, filter_.at(tab).query())
            for tab, many in found.elsewhere.items()
        ],
        "drafts": drafts(access).count(),
        "measured": measured,
        "cost": cost,
        "sorts": SORT_LABELS,
        "q": ", ".join(filter_.q),
        "at": now,
    }
    return render(request, "labels.html", context)


def _sent(found: LabelListing) -> int:
    """Labels that went to a printer, and of which nobody has said that they came out."""
    sent = Label.objects.filter(shop__in=found.shops, label_print=Label.Print.SENT)
    return sent.filter(state=Label.State.CREATED).count()


def _mark(found: LabelListing, *counts: int) -> str:
    """A digest of what the page shows, but for what the clock alone moves."""
    parts: list[Any] = [found.count, found.collected, *counts]
    parts += [*found.tabs.values(), *found.reasons.values()]
    for label in found.labels:
        parts += (label.pk, label.state, label.label_print, label.prints, label.reason)
        parts += (label.tracking_number, label.price, getattr(label, "stale", ""))
    parts += [(order.pk, order.version) for order in found.orders]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:20]


def _choices(filter_: LabelFilter, shops: list[Shop], visible: list[Shop]) -> Iterable[Choices]:
    reasons = {each.value: kind.title for each, kind in KINDS.items()}
    yield _choice(filter_, "reason", "Failed creation", reasons)
    if filter_.tab is not LabelTab.TO_CREATE:
        yield _choice(filter_, "stale", "Stale", {"yes": "Stale only"})
        if filter_.tab not in (LabelTab.CREATED, LabelTab.PRINTED):
            yield _choice(filter_, "printed", "Printed", {"yes": "Printed", "no": "Not printed"})
        yield _choice(filter_, "service", "Service", {each: each for each in services(shops)})
    known = facets(shops)
    for name, title in (("carrier", "Carrier"), ("warehouse", "Warehouse")):
        yield _choice(filter_, name, title, {each: each for each in known[name]})
    yield _choice(filter_, "logistics", "Logistics type", LOGISTICS)
    own = [shop for shop in visible if shop.is_demo == any(each.is_demo for each in shops)]
    if len(own) > 1:
        yield _choice(filter_, "shop", "Shop", {shop.slug: shop.name for shop in own})


def _choice(filter_: LabelFilter, name: str, title: str, options: dict[str, str]) -> Choices:
    held = getattr(filter_, name)
    chosen = [str(each) for each in (held if isinstance(held, tuple) else (held,)) if each]
    options = options | {each: options.get(each, each) for each in chosen}
    return Choices(name, title, [(each, text, each in chosen) for each, text in options.items()])


def _pills(filter_: LabelFilter) -> Iterable[tuple[str, str]]:
    """What narrows the list, each with the query without it."""
    if filter_.q:
        text = filter_.q[0] if len(filter_.q) == 1 else f"{len(filter_.q)} values"
        yield f"Search: {text}", filter_.query(q=())
    for reason in filter_.reason:
        rest = tuple(each for each in filter_.reason if each != reason)
        yield f"Failed creation: {KINDS[reason].title}", filter_.query(reason=rest)
    if filter_.stale:
        yield "Stale", filter_.query(stale=None)
    if filter_.printed:
        yield f"Printed: {filter_.printed}", filter_.query(printed=None)
    for name in ("carrier", "service", "logistics", "warehouse", "shop"):
        for value in getattr(filter_, name):
            left = tuple(each for each in getattr(filter_, name) if each != value)
            said = LOGISTICS.get(value, value) if name == "logistics" else value
            yield f"{name.capitalize()}: {said}", filter_.query(**{name: left})
    first, last = filter_.ship_by_from, filter_.ship_by_to
    if first or last:
        days = f"{first or '…'} to {last or '…'}"
        yield f"Ship by: {days} (shop's days)", filter_.query(ship_by_from=None, ship_by_to=None)


@require_safe
@never_cache
def rejected_badge(request: HttpRequest) -> HttpResponse:
    """GET /labels/badge/: how many labels were rejected, for the head of Manage Orders."""
    shops = in_view(OrderFilter(), list(visible_shops(access_for(request))))
    return render(request, "label_badge.html", {"rejected": sum(reason_counts(shops).values())})


@require_POST
@needs(Right.WORK)
def chosen_labels(request: HttpRequest) -> HttpResponse:
    """POST /labels/chosen/ with labels: on to where they are printed."""
    pks = _picked(request)
    if not pks:
        messages.info(request, "Choose labels first.")
        return _back(request)
    return redirect(f"/labels/print/?labels={','.join(map(str, pks))}")


@require_POST
@needs(Right.WORK)
def void_labels(request: HttpRequest) -> HttpResponse:
    """POST /labels/void/ with labels and a `reason`, or with undo=yes."""
    access, pks = access_for(request), _picked(request)
    if request.POST.get("undo") == "yes":
        ended = voiding.restore(pks, access=access, now=clock.now(), wall=clock.wall())
        done = f"{_many(len(ended.done))} put back into use."
    else:
        try:
            ended = voiding.void(
                pks, request.POST.get("reason", ""), access=access, now=clock.now()
            )
        except BadWords as problem:
            messages.error(request, str(problem))
            return _back(request)
        done = f"{_many(len(ended.done))} put out of use. Destroy what was printed."
        if ended.paid:
            done += (
                f" {ended.paid:,} of them {'is' if ended.paid == 1 else 'are'} paid for: that "
                "money comes back only at the marketplace; open the order there and ask for it."
            )
    if ended.done:
        messages.success(request, done)
    for why in sorted({why for _, why in ended.left}):
        left = sum(each == why for _, each in ended.left)
        messages.warning(request, f"{_many(left)} left as before. {why}")
    if not ended.done and not ended.left:
        messages.info(request, "Choose labels first.")
    return _back(request)


@require_POST
@needs(Right.WORK)
def fetch_labels(request: HttpRequest) -> HttpResponse:
    """POST /labels/fetch/ with labels: their files are asked for again; nothing is bought."""
    shops = visible_shops(access_for(request))
    found = list(Label.objects.filter(pk__in=_picked(request), shop__in=shops))
    done = fetching.fetch_again(found, clock.now(), clock.wall())
    if done:
        messages.success(request, f"{_many(done)} asked for again; nothing is bought.")
    else:
        messages.info(
            request,
            "Nothing to fetch: none of them was arranged and lacks its file, or the after-sales "
            "window of their orders is over.",
        )
    return _back(request)


def _picked(request: HttpRequest) -> list[int]:
    """Keys of labels, in as many fields as a form likes, each one or several."""
    given = ",".join(request.POST.getlist("labels")).split(",")
    pks = [int(each) for each in given if each.isdecimal() and len(each) < 19]
    return list(dict.fromkeys(pks))[:MOST]


def _many(count: int) -> str:
    return f"{count:,} label{'' if count == 1 else 's'}"


def _back(request: HttpRequest) -> HttpResponse:
    """To the page that says so, else to the list as the person had it."""
    page = request.POST.get("page", "")
    if page and url_has_allowed_host_and_scheme(page, allowed_hosts=None):
        return redirect(page)
    try:
        filter_ = parse(parse_qsl(request.POST.get("back", ""), keep_blank_values=True))
    except BadFilter:
        filter_ = LabelFilter()
    return redirect(f"/labels/?{filter_.query(after=filter_.after, before=filter_.before)}")
