"""Questions about orders: what a filter matches, one page of it, and the counts around it.
Every answer is worked out for one instant `now` and for the shops that `access` allows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL

from shipboard.accounts.access import Access
from shipboard.channels.contract import Stage
from shipboard.channels.models import Shop
from shipboard.channels.warehouses import logistics_of
from shipboard.orders.cards import on_card
from shipboard.orders.counts import Counts, counts, of_shops
from shipboard.orders.days import start_of
from shipboard.orders.filters import (
    BadFilter,
    Contents,
    FlagChoice,
    Has,
    Held,
    Logistics,
    OrderFilter,
    Packages,
)
from shipboard.orders.holds import due, held
from shipboard.orders.label_states import with_label, with_printed
from shipboard.orders.models import Case, Flag, Note, Order, ParcelContent
from shipboard.orders.paging import Page, page_of
from shipboard.orders.parts import UNSHOWN, fill, with_trouble
from shipboard.orders.scans import tagged
from shipboard.orders.search import Hits, find
from shipboard.orders.stages import STAGES_OF, Tab, in_stage, in_tab, stage_at


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


def listing(
    filter_: OrderFilter, access: Access, now: datetime, visible: list[Shop] | None = None
) -> Listing:
    """Everything the Manage Orders page shows. `visible`: the shops that `access` allows, from
    whoever has asked for them already. Raises BadFilter for an unknown shop or cursor."""
    if visible is None:
        visible = list(visible_shops(access))
    shops = in_view(filter_, visible)
    if len(shops) < len(visible):
        access = replace(access, shop_ids=frozenset(shop.pk for shop in shops))
    hits = find(filter_.q, access) if filter_.q else None
    any_stage = matching(replace(filter_, tab=Tab.ALL, stage=()), shops, now, hits)
    page = page_of(with_trouble(any_stage.select_related("flag").defer(*UNSHOWN)), filter_, now)
    by_pk = {shop.pk: shop for shop in shops}
    for order in page.rows:
        order.shop = by_pk[order.shop_id]
    known = counts(shops, now)
    count = known.of(filter_)
    if count is None:
        count = matching(filter_, shops, now, hits).count()
    return Listing(
        page=replace(page, rows=fill(page.rows, now)),
        count=count,
        counts=known,
        shops=shops,
        hits=hits,
        hit_tabs=_hit_tabs(hits, shops, now) if hits else {},
    )


def visible_shops(access: Access) -> QuerySet[Shop]:
    shops = Shop.objects.order_by("name", "pk")
    return shops if access.shop_ids is None else shops.filter(pk__in=access.shop_ids)


def shops_in_view(filter_: OrderFilter, access: Access) -> list[Shop]:
    """The shops a filter looks at: those it names, else all that `access` allows. Demo orders
    never stand among real ones: beside shops of one's own the demo is seen only when it is named,
    alone. Raises BadFilter."""
    return in_view(filter_, list(visible_shops(access)))


def companions(shops: list[Shop], access: Access) -> list[Shop]:
    """The shops that one filter may name together with `shops`: all real ones, or all demo ones."""
    is_demo = any(shop.is_demo for shop in shops)
    return [shop for shop in visible_shops(access) if shop.is_demo == is_demo]


def in_view(filter_: OrderFilter, visible: list[Shop]) -> list[Shop]:
    """As shops_in_view, of the shops that are `visible`."""
    if not filter_.shop:
        return [shop for shop in visible if not shop.is_demo] or visible
    by_slug = {shop.slug: shop for shop in visible}
    for slug in filter_.shop:
        if slug not in by_slug:
            known = ", ".join(sorted(by_slug)) or "none yet"
            raise BadFilter(f"shop={slug} is not one of your shops; they are: {known}.")
    named = [by_slug[slug] for slug in filter_.shop]
    if len({shop.is_demo for shop in named}) > 1:
        demo = ", ".join(shop.slug for shop in named if shop.is_demo)
        raise BadFilter(
            f"Demo orders are never shown together with real ones; leave out shop={demo}, or look "
            "at the demo alone."
        )
    return named


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
    return orders.filter(
        _fields(filter_, now), by_logistics(filter_.logistics, shops), by_days(filter_, shops)
    )


def found_by(hits: Hits) -> Q:
    """Orders that a search found. One array, however many: a part of a name may find most."""
    return Q(pk__in=RawSQL("select unnest(%s::bigint[])", [list(hits.order_pks)]))


def _fields(filter_: OrderFilter, now: datetime) -> Q:
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
    if filter_.logistics_tag:
        wanted &= tagged(*filter_.logistics_tag)
    if filter_.contents:
        wanted &= Q(skus=1) if filter_.contents == Contents.SINGLE_SKU else Q(skus__gt=1)
    if filter_.packages == Packages.SPLIT:
        wanted &= Q(is_split=True)
    elif filter_.packages == Packages.COMBINED:
        wanted &= Q(Exists(_shared_parcel()))
    if filter_.label:
        wanted &= with_label(filter_.label, now)
    if filter_.printed:
        wanted &= with_printed(filter_.printed)
    if Has.BUYER_MESSAGE in filter_.has:
        wanted &= ~Q(buyer_message="")
    if Has.SELLER_NOTE in filter_.has:
        ours = Note.objects.filter(order=OuterRef("pk"), removed_at=None)
        wanted &= ~Q(seller_note="") | Q(Exists(ours))
    if filter_.held:
        is_held = {Held.YES: held(now), Held.NO: ~held(now), Held.DUE: due(now)}
        wanted &= is_held[filter_.held]
    if filter_.flag:
        wanted &= _flagged(filter_.flag)
    if filter_.case:
        wanted &= Q(Exists(Case.objects.filter(order=OuterRef("pk"), kind__in=filter_.case)))
    return wanted


def by_logistics(wanted: Collection[Logistics], shops: list[Shop]) -> Q:
    """Orders, or labels, that travel so: by the names of warehouses, which are few and asked for
    first, so that nothing is joined. None wanted: all."""
    if not wanted:
        return Q()
    names: dict[int, list[str]] = {}
    for (shop_id, name), logistics in logistics_of(shop.pk for shop in shops).items():
        if logistics in wanted:
            names.setdefault(shop_id, []).append(name)
    ways = (Q(shop=shop_id, warehouse__in=called) for shop_id, called in names.items())
    return reduce(or_, ways, Q(pk__in=[]))


def _flagged(choices: tuple[FlagChoice, ...]) -> Q:
    """Orders with one of these colours; `any` means all of them, `none` those without."""
    flags = Flag.objects.filter(order=OuterRef("pk"))
    colours = [each.value for each in choices if each != FlagChoice.NONE]
    if FlagChoice.ANY not in choices:
        flags = flags.filter(colour__in=colours)
    wanted = Q(Exists(flags)) if colours else Q(pk__in=[])
    if FlagChoice.NONE in choices:
        wanted |= ~Q(Exists(Flag.objects.filter(order=OuterRef("pk"))))
    return wanted


def _shared_parcel() -> QuerySet[ParcelContent]:
    others = ParcelContent.objects.filter(parcel=OuterRef("parcel"), is_current=True).exclude(
        order=OuterRef("order")
    )
    return ParcelContent.objects.filter(order=OuterRef("pk"), is_current=True).filter(
        Exists(others)
    )


def by_days(filter_: OrderFilter, shops: list[Shop]) -> Q:
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
                here &= Q(**{f"{column}__gte": start_of(first, shop.zone)})
            if last:
                here &= Q(**{f"{column}__lt": start_of(last + timedelta(days=1), shop.zone)})
        wanted |= here
    return wanted


def _hit_tabs(hits: Hits, shops: list[Shop], now: datetime) -> dict[Tab, int]:
    found = of_shops(shops).filter(found_by(hits))
    rows = found.annotate(stage_now=stage_at(now)).values("stage_now").annotate(n=Count("*"))
    by_stage = {Stage(row["stage_now"]): row["n"] for row in rows.order_by()}
    tabs = {tab: sum(by_stage.get(each, 0) for each in of) for tab, of in STAGES_OF.items()}
    return {tab: n for tab, n in tabs.items() if n}
