"""Questions about orders: what a filter matches, one page of it, and the counts around it.
Every answer is worked out for one instant `now` and for the shops that `access` allows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.db.models.expressions import RawSQL

from shipboard.accounts.access import Access
from shipboard.channels.contract import Stage
from shipboard.channels.models import Shop
from shipboard.orders.cards import BY_CASE, BY_DEADLINE, Card, on_card
from shipboard.orders.filters import BadFilter, Contents, Has, OrderFilter, Packages, YesNo
from shipboard.orders.models import OPEN_STAGES, Case, Hold, Line, Order, ParcelContent
from shipboard.orders.paging import Page, page_of
from shipboard.orders.search import Hits, find
from shipboard.orders.stages import STAGES_OF, Tab, in_stage, in_tab, stage_at


@dataclass(frozen=True)
class Counts:
    """Counts of all orders of the shops in view; a stage counts where its tab does."""

    tabs: Mapping[Tab, int]
    stages: Mapping[Stage, int]
    cards: Mapping[Card, int]


@dataclass(frozen=True)
class Listing:
    """What the page shows for a filter at an instant."""

    page: Page
    count: int
    counts: Counts
    #: The shops in view.
    shops: list[Shop]
    hits: Hits | None
    #: Where the hits of a search are, by tab, whatever tab is open.
    hit_tabs: Mapping[Tab, int]


def listing(filter_: OrderFilter, access: Access, now: datetime) -> Listing:
    """Everything the Manage Orders page shows. Raises BadFilter for an unknown shop or cursor."""
    shops = shops_in_view(filter_, access)
    hits = find(filter_.q, access) if filter_.q else None
    base = matching(filter_, shops, now, hits)
    page = page_of(with_parts(base), filter_, now)
    return Listing(
        page=page,
        count=base.count(),
        counts=counts(shops, now),
        shops=shops,
        hits=hits,
        hit_tabs=_hit_tabs(hits, shops, now) if hits else {},
    )


def visible_shops(access: Access) -> QuerySet[Shop]:
    shops = Shop.objects.order_by("name", "pk")
    return shops if access.shop_ids is None else shops.filter(pk__in=access.shop_ids)


def shops_in_view(filter_: OrderFilter, access: Access) -> list[Shop]:
    """The shops a filter looks at: those it names, else all that `access` allows."""
    visible = list(visible_shops(access))
    if not filter_.shop:
        return visible
    by_slug = {shop.slug: shop for shop in visible}
    for slug in filter_.shop:
        if slug not in by_slug:
            known = ", ".join(sorted(by_slug)) or "none yet"
            raise BadFilter(f"shop={slug} is not one of your shops; they are: {known}.")
    return [by_slug[slug] for slug in filter_.shop]


def of_shops(shops: Iterable[Shop]) -> QuerySet[Order]:
    return Order.objects.filter(shop__in=[shop.pk for shop in shops])


def matching(
    filter_: OrderFilter, shops: list[Shop], now: datetime, hits: Hits | None
) -> QuerySet[Order]:
    """Orders of `shops` that the filter matches at `now`, unsorted and unpaged."""
    orders = of_shops(shops).filter(in_tab(filter_.tab, now))
    if filter_.stage:
        orders = orders.filter(reduce(or_, (in_stage(stage, now) for stage in filter_.stage)))
    if filter_.urgency:
        orders = orders.filter(on_card(filter_.urgency, now))
    if hits is not None:
        orders = orders.filter(found_by(hits))
    return orders.filter(_fields(filter_), _days(filter_, shops))


def found_by(hits: Hits) -> Q:
    """Orders that a search found. One array, however many: a part of a name may find most."""
    return Q(pk__in=RawSQL("select unnest(%s::bigint[])", [list(hits.order_pks)]))


def _fields(filter_: OrderFilter) -> Q:
    wanted = Q()
    for name in (
        "shipping",
        "warehouse",
        "delivery_option",
        "order_type",
        "canceled_by",
        "currency",
    ):
        if values := getattr(filter_, name):
            wanted &= Q(**{f"{name}__in": values})
    if filter_.carrier:
        carried = ParcelContent.objects.filter(
            order=OuterRef("pk"), is_current=True, parcel__carrier__in=filter_.carrier
        )
        wanted &= Q(carrier__in=filter_.carrier) | Q(Exists(carried))
    if filter_.contents:
        wanted &= Q(skus=1) if filter_.contents == Contents.SINGLE_SKU else Q(skus__gt=1)
    if filter_.packages == Packages.SPLIT:
        wanted &= Q(is_split=True)
    elif filter_.packages == Packages.COMBINED:
        wanted &= Q(Exists(_shared_parcel()))
    if Has.BUYER_MESSAGE in filter_.has:
        wanted &= ~Q(buyer_message="")
    if Has.SELLER_NOTE in filter_.has:
        wanted &= ~Q(seller_note="")
    if filter_.held:
        held = Q(Exists(Hold.objects.filter(order=OuterRef("pk"), released_at=None)))
        wanted &= held if filter_.held == YesNo.YES else ~held
    if filter_.case:
        wanted &= Q(Exists(Case.objects.filter(order=OuterRef("pk"), kind__in=filter_.case)))
    return wanted


def _shared_parcel() -> QuerySet[ParcelContent]:
    others = ParcelContent.objects.filter(parcel=OuterRef("parcel"), is_current=True).exclude(
        order=OuterRef("order")
    )
    return ParcelContent.objects.filter(order=OuterRef("pk"), is_current=True).filter(
        Exists(others)
    )


def _days(filter_: OrderFilter, shops: list[Shop]) -> Q:
    """Day filters mean each shop's own days, both ends included, whatever their length."""
    bounds = [
        (column, getattr(filter_, f"{name}_from"), getattr(filter_, f"{name}_to"))
        for name, column in (("created", "created_at"), ("paid", "paid_at"), ("ship_by", "ship_by"))
    ]
    if not any(first or last for _, first, last in bounds):
        return Q()
    wanted = Q(pk__in=[])
    for shop in shops:
        here = Q(shop=shop.pk)
        for column, first, last in bounds:
            if first:
                here &= Q(**{f"{column}__gte": _midnight(first, shop)})
            if last:
                here &= Q(**{f"{column}__lt": _midnight(last + timedelta(days=1), shop)})
        wanted |= here
    return wanted


def _midnight(day: date, shop: Shop) -> datetime:
    return datetime.combine(day, time.min, shop.zone)


def with_parts(orders: QuerySet[Order]) -> QuerySet[Order]:
    """With what a row shows: lines and items, current parcels, open cases, holds. A constant
    number of queries."""
    return orders.select_related("shop").prefetch_related(
        Prefetch("lines", Line.objects.select_related("item").order_by("position")),
        Prefetch(
            "contents",
            ParcelContent.objects.filter(is_current=True).select_related("parcel").order_by("pk"),
        ),
        Prefetch("cases", Case.objects.order_by("pk")),
        Prefetch("holds", Hold.objects.filter(released_at=None)),
    )


def counts(shops: list[Shop], now: datetime) -> Counts:
    """Exact counts of tabs, chips and cards at `now`, in four queries, nothing capped."""
    orders = of_shops(shops)
    by_stage = dict.fromkeys(Stage, 0)
    grouped = orders.annotate(stage_now=stage_at(now)).values("stage_now").annotate(n=Count("*"))
    for row in grouped.order_by():
        by_stage[Stage(row["stage_now"])] = row["n"]
    tabs = {tab: sum(by_stage[stage] for stage in of) for tab, of in STAGES_OF.items()}
    return Counts(
        tabs={Tab.ALL: sum(tabs.values()), **tabs},
        stages=by_stage,
        cards=_card_counts(orders, now),
    )


def _card_counts(orders: QuerySet[Order], now: datetime) -> dict[Card, int]:
    """Cards by deadlines in one query over open orders; those by cases from the open cases."""
    counted = orders.filter(stage__in=OPEN_STAGES).aggregate(
        **{card.value: Count("pk", filter=on_card(card, now)) for card in BY_DEADLINE}
    )
    by_case = {card: orders.filter(on_card(card, now)).count() for card in BY_CASE}
    return {card: by_case.get(card, counted.get(card.value, 0)) for card in Card}


def _hit_tabs(hits: Hits, shops: list[Shop], now: datetime) -> dict[Tab, int]:
    found = of_shops(shops).filter(found_by(hits))
    rows = found.annotate(stage_now=stage_at(now)).values("stage_now").annotate(n=Count("*"))
    by_stage = {Stage(row["stage_now"]): row["n"] for row in rows.order_by()}
    tabs = {tab: sum(by_stage.get(each, 0) for each in of) for tab, of in STAGES_OF.items()}
    return {tab: n for tab, n in tabs.items() if n}
