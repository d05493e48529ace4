"""Questions about labels: what is in each tab of Shipping Labels, one page of it, and why creating
failed how often. Worked out for one instant `now` and the shops that are in view.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import reduce
from operator import or_
from typing import Any

from django.core import signing
from django.db.models import (
    Count,
    DateTimeField,
    Exists,
    F,
    Min,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThan, LessThan

from shipboard.accounts.access import Access
from shipboard.channels.contract import Rejection, Stage
from shipboard.channels.models import Shop
from shipboard.orders.counts import of_shops
from shipboard.orders.filters import BadFilter, OrderFilter, Sort, SortKey
from shipboard.orders.label_filters import LabelFilter, LabelSort, LabelTab
from shipboard.orders.label_states import LabelState, Printed, in_state, to_create
from shipboard.orders.labels import Label, LabelOrder
from shipboard.orders.models import Line, Order, ParcelContent
from shipboard.orders.paging import Row, keys_of_page, page_of
from shipboard.orders.parts import with_parts
from shipboard.orders.queries import by_days, by_logistics, found_by, in_view, matching
from shipboard.orders.search import Hits, find
from shipboard.orders.stages import Tab
from shipboard.orders.staleness import stale_code, with_readdressed, with_staleness

STATES: Mapping[LabelTab, tuple[LabelState, ...]] = {
    LabelTab.CREATING: (LabelState.CREATING, LabelState.DELAYED, LabelState.UNKNOWN),
    LabelTab.CREATED: (LabelState.CREATED,),
    LabelTab.PRINTED: (LabelState.PRINTED,),
    LabelTab.REJECTED: (LabelState.REJECTED,),
    LabelTab.VOIDED: (LabelState.VOIDED,),
}
#: The carrier has the parcel.
LEFT = (Stage.IN_TRANSIT, Stage.DELIVERED, Stage.CLOSED)
TAB_OF: Mapping[LabelState, LabelTab] = {each: tab for tab, of in STATES.items() for each in of}
#: In the place of a ship-by that nobody knows: those come last.
NEVER, LONG_AGO = datetime(9999, 1, 1, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC)
SIGNER = signing.Signer(salt="shipboard.orders.label_lists", sep="~")


@dataclass(frozen=True)
class LabelListing:
    """What the page shows: `labels`, with what is inside and `stale`, or in To create `orders`.
    Tab counts are of all labels of the shops in view, `count` of those that the filter finds;
    `reasons` count the rejected ones. `collected`: labels of Created whose parcels the carrier has;
    there is nothing to print, so that its tab does not count them. `elsewhere`: in which other tabs
    a search hits that finds nothing in this. `after` and `before` are cursors, blank at the
    ends."""

    labels: Sequence[Label]
    orders: Sequence[Order]
    count: int
    tabs: Mapping[LabelTab, int]
    reasons: Mapping[Rejection, int]
    shops: list[Shop]
    collected: int = 0
    elsewhere: Mapping[LabelTab, int] = field(default_factory=dict)
    not_found: tuple[str, ...] = ()
    after: str = ""
    before: str = ""


def label_listing(
    filter_: LabelFilter, access: Access, now: datetime, visible: list[Shop]
) -> LabelListing:
    """Everything that Shipping Labels shows. Raises BadFilter for an unknown shop or cursor."""
    shops = in_view(OrderFilter(shop=filter_.shop), visible)
    within = replace(access, shop_ids=frozenset(shop.pk for shop in shops))
    hits = find(filter_.q, within) if filter_.q else None
    left = collected_count(shops)
    counted, reasons = tab_counts(shops, now, left), reason_counts(shops)
    known = None if filter_.is_narrowed else counted[filter_.tab]
    if known is not None and filter_.tab is LabelTab.CREATED:
        known += left
    not_found = hits.not_found if hits else ()
    if filter_.tab is LabelTab.TO_CREATE:
        orders = order_filter(filter_)
        many = matching(orders, shops, now, hits).count() if known is None else known
        page = page_of(matching(replace(orders, tab=Tab.ALL), shops, now, hits), orders, now)
        rows = with_parts(Order.objects.filter(pk__in=[each.pk for each in page.rows]), now)
        by_pk = {order.pk: order for order in rows}
        return LabelListing(
            labels=(),
            orders=[by_pk[each.pk] for each in page.rows if each.pk in by_pk],
            count=many,
            tabs=counted,
            reasons=reasons,
            shops=shops,
            collected=left,
            elsewhere=_elsewhere(filter_, shops, now, hits) if not many else {},
            not_found=not_found,
            after=page.after,
            before=page.before,
        )
    labels = labels_matching(filter_, shops, now, hits)
    many = labels.count() if known is None else known
    pks, after, before = _page(labels, filter_)
    return LabelListing(
        labels=labels_of(pks, now),
        orders=(),
        count=many,
        tabs=counted,
        reasons=reasons,
        shops=shops,
        collected=left,
        elsewhere=_elsewhere(filter_, shops, now, hits) if not many else {},
        not_found=not_found,
        after=after,
        before=before,
    )


def _elsewhere(
    filter_: LabelFilter, shops: list[Shop], now: datetime, hits: Hits | None
) -> dict[LabelTab, int]:
    """How much the same search finds in the other tabs; those where it finds nothing are left
    out."""
    found: dict[LabelTab, int] = {}
    for tab in LabelTab if hits is not None else ():
        if tab is not filter_.tab:
            there = filter_.at(tab)
            if tab is LabelTab.TO_CREATE:
                found[tab] = matching(order_filter(there), shops, now, hits).count()
            else:
                found[tab] = labels_matching(there, shops, now, hits).count()
    return {tab: many for tab, many in found.items() if many}


def collected() -> Q:
    """Labels with orders that have all left; `has_left` says the same of one."""
    inside = LabelOrder.objects.filter(label=OuterRef("pk"))
    gone = Q(order__stage__in=LEFT) | Q(order__collected_at__isnull=False)
    return Q(Exists(inside)) & ~Q(Exists(inside.exclude(gone)))


def has_left(order: Order) -> bool:
    return order.stage in LEFT or order.collected_at is not None


def collected_count(shops: Iterable[Shop]) -> int:
    """Labels of Created whose parcels the carrier has."""
    created = Label.objects.filter(in_state(LabelState.CREATED), shop__in=list(shops))
    return created.filter(collected()).count()


def order_filter(filter_: LabelFilter) -> OrderFilter:
    """What To create asks of orders."""
    sorting = filter_.sorting
    by_age = sorting in (LabelSort.ASKED, LabelSort.ASKED_LAST)
    return OrderFilter(
        tab=Tab.PENDING_SHIPPING,
        label=(LabelState.NONE,),
        q=filter_.q,
        shop=filter_.shop,
        carrier=filter_.carrier,
        logistics=filter_.logistics,
        warehouse=filter_.warehouse,
        ship_by_from=filter_.ship_by_from,
        ship_by_to=filter_.ship_by_to,
        sort=Sort(SortKey.CREATED if by_age else SortKey.SHIP_BY, sorting.descending),
        per_page=filter_.per_page,
        after=filter_.after,
        before=filter_.before,
    )


def tab_counts(shops: Iterable[Shop], now: datetime, collected: int) -> dict[LabelTab, int]:
    """Labels by tab, but for the `collected` ones of Created; and the orders that wait for one."""
    shops = list(shops)
    waiting = of_shops(shops).filter(to_create(now)).count()
    counted: Counter[LabelTab] = Counter({LabelTab.TO_CREATE: waiting})
    rows = Label.objects.filter(shop__in=shops).values_list("state", "label_print").order_by()
    for state, printed, many in rows.annotate(n=Count("*")):
        is_printed = state == Label.State.CREATED and printed != Label.Print.NO
        counted[TAB_OF[LabelState.PRINTED if is_printed else LabelState(state)]] += many
    counted[LabelTab.CREATED] -= collected
    return {tab: counted[tab] for tab in LabelTab}


def reason_counts(shops: Iterable[Shop]) -> dict[Rejection, int]:
    """Rejected labels by why, the most frequent first."""
    rejected = Label.objects.filter(shop__in=list(shops), state=Label.State.REJECTED)
    rows = rejected.values_list("rejection").annotate(n=Count("*")).order_by("-n", "rejection")
    counted: Counter[Rejection] = Counter()
    for reason, many in rows:
        counted[Rejection(reason or Rejection.UNKNOWN)] += many
    return dict(counted)


def services(shops: Iterable[Shop]) -> list[str]:
    """Services that labels of these shops have, by name, for the filter to offer."""
    known = Label.objects.filter(shop__in=list(shops)).exclude(service="").order_by("service")
    return list(known.values_list("service", flat=True).distinct()[:40])


def labels_matching(
    filter_: LabelFilter, shops: list[Shop], now: datetime, hits: Hits | None
) -> QuerySet[Label]:
    """Labels of `shops` that the filter finds, in any tab but To create; unsorted."""
    found = Label.objects.filter(
        reduce(or_, map(in_state, STATES[filter_.tab])), shop__in=[shop.pk for shop in shops]
    )
    if filter_.reason:
        reasons = [*filter_.reason, *([""] if Rejection.UNKNOWN in filter_.reason else [])]
        found = found.filter(rejection__in=reasons)
    if filter_.printed:
        is_printed = ~Q(label_print=Label.Print.NO)
        found = found.filter(is_printed if filter_.printed is Printed.YES else ~is_printed)
    for name in ("carrier", "service", "warehouse"):
        if values := getattr(filter_, name):
            found = found.filter(**{f"{name}__in": values})
    found = found.filter(by_logistics(filter_.logistics, shops))
    inside = Q()
    if hits is not None:
        chosen = Order.objects.filter(found_by(hits)).values("pk")
        inside &= Q(order__in=chosen)
    if filter_.ship_by_from or filter_.ship_by_to:
        days = OrderFilter(ship_by_from=filter_.ship_by_from, ship_by_to=filter_.ship_by_to)
        inside &= Q(order__in=Order.objects.filter(by_days(days, shops)).values("pk"))
    if inside:
        found = found.filter(Exists(LabelOrder.objects.filter(inside, label=OuterRef("pk"))))
    return found.alias(stale=stale_code(now)).exclude(stale="") if filter_.stale else found


def labels_of(pks: Sequence[int], now: datetime) -> list[Label]:
    """These labels in this order, with their shop, `stale`, and their orders with lines and
    current contents."""
    lines = Line.objects.select_related("item").order_by("position")
    contents = ParcelContent.objects.filter(is_current=True).select_related("parcel")
    inside = (
        with_readdressed(LabelOrder.objects.select_related("order"))
        .prefetch_related(Prefetch("order__lines", lines), Prefetch("order__contents", contents))
        .order_by("pk")
    )
    found = with_staleness(Label.objects.filter(pk__in=pks), now).select_related("shop")
    by_pk = {label.pk: label for label in found.prefetch_related(Prefetch("inside", inside))}
    return [by_pk[pk] for pk in pks if pk in by_pk]


def _page(labels: QuerySet[Label], filter_: LabelFilter) -> tuple[list[int], str, str]:
    """Keys of one page, and the cursors of the next and the previous one."""
    return keys_of_page(
        filter_.per_page,
        filter_.after,
        filter_.before,
        lambda start, is_back: _rows(labels, filter_, start, is_back),
        lambda cursor: _opened(cursor, filter_),
        lambda place: _sealed(place, filter_),
    )


def _rows(
    labels: QuerySet[Label],
    filter_: LabelFilter,
    start: tuple[datetime, int] | None,
    is_back: bool,
) -> list[tuple[datetime, int]]:
    """(instant, key) of one more than a page from `start` on."""
    down = filter_.sorting.descending
    labels = labels.annotate(at=_instant(filter_))
    if start:
        at, pk = start
        there, here = Row(F("at"), F("pk")), Row(Value(at), Value(pk))
        beyond = LessThan if down != is_back else GreaterThan
        labels = labels.filter(beyond(there, here))
    order = ("-at", "-pk") if down != is_back else ("at", "pk")
    return list(labels.order_by(*order).values_list("at", "pk")[: filter_.per_page + 1])


def _instant(filter_: LabelFilter) -> Any:
    """What it is sorted by; in Created what the carrier has comes last."""
    sorting = filter_.sorting
    if sorting in (LabelSort.ASKED, LabelSort.ASKED_LAST):
        return F("asked_at")
    inside = LabelOrder.objects.filter(label=OuterRef("pk"))
    if filter_.tab is LabelTab.CREATED:
        inside = inside.exclude(order__stage__in=LEFT).filter(order__collected_at=None)
    due = inside.order_by().values("label").annotate(at=Min("order__ship_by")).values("at")
    missing = LONG_AGO if sorting.descending else NEVER
    return Coalesce(
        Subquery(due, output_field=DateTimeField()), Value(missing, output_field=DateTimeField())
    )


def _sealed(place: tuple[datetime, int], filter_: LabelFilter) -> str:
    at, pk = place
    return SIGNER.sign_object([filter_.sorting.value, at.isoformat(), pk])


def _opened(cursor: str, filter_: LabelFilter) -> tuple[datetime, int]:
    try:
        sort, at, pk = SIGNER.unsign_object(cursor)
    except signing.BadSignature:
        sort, at, pk = "", "", 0
    if sort != filter_.sorting:
        raise BadFilter("That is not a place in this list; go back to the first page.")
    return datetime.fromisoformat(at), pk
