"""Manage Orders: the to-do board, tabs, search, filter and one page of orders."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.db.models import Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.vary import vary_on_headers

from shipboard import clock
from shipboard.accounts.access import access_of
from shipboard.channels.contract import Stage
from shipboard.channels.models import Shop
from shipboard.desk.errors import refused
from shipboard.desk.filter_panel import pills
from shipboard.desk.rows import row_of
from shipboard.ingest.models import OrderImport
from shipboard.orders.cards import CARD_TEXTS, OVERLAP, Card
from shipboard.orders.filters import BadFilter, OrderFilter, Sort, SortKey, parse
from shipboard.orders.queries import Listing, listing, visible_shops
from shipboard.orders.stages import STAGE_LABELS, STAGES_OF, TAB_LABELS, Tab

CARD_ICONS = {
    Card.SHIP_24H: "timer",
    Card.AUTO_CANCEL_24H: "ban",
    Card.OVERDUE: "alarm-clock",
    Card.CANCELLATION_REQUESTED: "circle-x",
    Card.RETURN_REQUESTED: "undo-2",
    Card.LOGISTICS_ISSUE: "circle-alert",
}
SORT_LABELS = {
    Sort(SortKey.SHIP_BY): "Ship by: soonest first",
    Sort(SortKey.SHIP_BY, True): "Ship by: latest first",
    Sort(SortKey.CREATED, True): "Created: newest first",
    Sort(SortKey.CREATED): "Created: oldest first",
    Sort(SortKey.PAID, True): "Paid: newest first",
    Sort(SortKey.PAID): "Paid: oldest first",
    Sort(SortKey.TOTAL): "Total: lowest first",
    Sort(SortKey.TOTAL, True): "Total: highest first",
    Sort(SortKey.STATUS): "Status: earliest stage first",
    Sort(SortKey.STATUS, True): "Status: latest stage first",
}


@dataclass(frozen=True)
class Link:
    """Something with a count that leads to its orders."""

    value: str
    label: str
    count: int
    href: str
    is_open: bool


def home(request: HttpRequest) -> HttpResponse:
    return redirect("/orders/?tab=pending_shipping")


@never_cache
@vary_on_headers("HX-Request", "HX-History-Restore-Request")
def order_list(request: HttpRequest) -> HttpResponse:
    """GET /orders/?<query string of the contract>; a query it does not understand is 400."""
    access = access_of(request.user)  # type: ignore[arg-type]
    now = clock.now()
    try:
        given_tab = request.GET.get("tab") or Tab.ALL
        filter_ = parse((name, value) for name, values in request.GET.lists() for value in values)
        found = listing(filter_, access, now)
    except BadFilter as problem:
        return refused(request, problem)
    given = [value for values in dict(request.GET.lists()).values() for value in values]
    if not all(str(value).strip() for value in given) or filter_.tab != given_tab:
        return redirect(_href(filter_))  # a form's blanks and a tab left behind make no link
    shops = list(visible_shops(access))
    context = {
        "filter": filter_,
        "found": found,
        "rows": [row_of(order, now) for order in found.page.rows],
        "cards": _cards(filter_, found),
        "tabs": _tabs(filter_, found),
        "chips": _chips(filter_, found),
        "pills": pills(filter_, shops),
        "hit_tabs": _hit_tabs(filter_, found),
        "sorts": SORT_LABELS,
        "shops": shops,
        "overlap": OVERLAP,
        "q": ", ".join(filter_.q),
        "stalest": _stalest(found.shops),
        "at": now,
    }
    return render(request, "order_list.html", context)


def _stalest(shops: list[Shop]) -> Shop | None:
    """The shop in view whose facts are the oldest, with that instant as `facts_as_of`."""
    done = Q(orderimport__state=OrderImport.State.DONE)
    aged = Shop.objects.filter(pk__in=[shop.pk for shop in shops]).annotate(
        facts_as_of=Max("orderimport__as_of", filter=done)
    )
    return aged.exclude(facts_as_of=None).order_by("facts_as_of", "pk").first()


def _href(filter_: OrderFilter) -> str:
    query = filter_.query()
    return f"/orders/?{query}" if query else "/orders/"


def _cards(filter_: OrderFilter, found: Listing) -> list[tuple[Link, str, str, str]]:
    """(link, mission's name, rule, icon); a card links to its orders across all tabs."""
    blank = OrderFilter(shop=filter_.shop, per_page=filter_.per_page)
    return [
        (
            Link(
                card.value,
                text.label,
                found.counts.cards[card],
                _href(replace(blank, urgency=card)),
                filter_.urgency == card,
            ),
            text.mission,
            text.rule,
            CARD_ICONS[card],
        )
        for card, text in CARD_TEXTS.items()
    ]


def _tabs(filter_: OrderFilter, found: Listing) -> list[Link]:
    """Tabs keep the filter, but for the stage chips of the tab that is left."""
    return [
        Link(
            tab.value,
            label,
            found.counts.tabs[tab],
            _href(replace(filter_, tab=tab, stage=(), urgency=None, sort=None, after="")),
            filter_.tab == tab,
        )
        for tab, label in TAB_LABELS.items()
    ]


def _chips(filter_: OrderFilter, found: Listing) -> list[Link]:
    stages = STAGES_OF.get(filter_.tab, ())
    if filter_.tab == Tab.ALL:
        stages = (Stage.AWAITING_SHIPMENT, Stage.PENDING_COLLECTION)
    if len(stages) < 2:
        return []
    return [
        Link(
            stage.value,
            STAGE_LABELS[stage],
            found.counts.stages[stage],
            _href(replace(filter_, stage=() if filter_.stage == (stage,) else (stage,), after="")),
            stage in filter_.stage,
        )
        for stage in stages
    ]


def _hit_tabs(filter_: OrderFilter, found: Listing) -> list[Link]:
    return [
        Link(
            tab.value,
            TAB_LABELS[tab],
            count,
            _href(replace(filter_, tab=tab, stage=(), after="")),
            filter_.tab == tab,
        )
        for tab, count in found.hit_tabs.items()
    ]
