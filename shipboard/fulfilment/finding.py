"""Labels that were made at the marketplace: found by packages of arranged orders of which nobody
here knows a label, and their files fetched while the platform still has them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right
from shipboard.channels.contract import Shipping, Stage
from shipboard.channels.models import Connection, Shop
from shipboard.channels.registry import capabilities
from shipboard.fulfilment import queueing
from shipboard.fulfilment.claiming import lock_together
from shipboard.fulfilment.labelling import put_inside
from shipboard.fulfilment.packed import lines_of
from shipboard.fulfilment.refusals import CannotShip
from shipboard.fulfilment.units import Unit, inside
from shipboard.orders.attempts import LIVE, Attempt, ClaimedUnit
from shipboard.orders.events import record
from shipboard.orders.labels import Label, LabelOrder
from shipboard.orders.models import Order, Parcel, ParcelContent
from shipboard.orders.overlays import touch

#: Arranged, and the carrier may not have all of it yet.
HERE = (Stage.PARTIALLY_SHIPPED, Stage.PENDING_COLLECTION)
#: Found by itself at once, and how old an arrangement may be: its file dies at the collection.
MOST, YOUNG = 100, timedelta(days=3)


def why_not_find(order: Order) -> str:
    """The sentence that says why no label of the order can be looked for; blank: it can."""
    can = capabilities(order.shop, Shipping(order.shipping))
    if not can.connects:
        return "This shop is fed by files: drop the label's PDF on the Shipping Labels page."
    if not can.platform_label:
        return "The platform makes no label for this order; the seller ships it."
    if order.collected_at or order.stage in (Stage.IN_TRANSIT, Stage.DELIVERED, Stage.CLOSED):
        return "The carrier has it already; the platform gives its label no more."
    if order.stage not in HERE:
        return "It is not arranged yet; there is no label to fetch. Create one."
    return "" if unknown_packages(order) else "Its label is known here already."


def unknown_packages(order: Order) -> list[Parcel]:
    """The order's packages that are arranged and have no label here. One query."""
    if order.stage not in HERE or order.shipping != Shipping.PLATFORM:
        return []
    found = Parcel.objects.filter(
        _is_unknown(), contents__order=order.pk, contents__is_current=True
    )
    if order.stage == Stage.PARTIALLY_SHIPPED:
        # The others still wait.
        found = found.exclude(tracking_number="")
    return list(found.exclude(package_id="").distinct().order_by("pk"))


def _is_unknown() -> Q:
    """Of a parcel: no label here is of it, but for one that was refused before it was bought."""
    labels = Label.objects.filter(shop=OuterRef("shop"), package_id=OuterRef("package_id"))
    known = labels.exclude(state=Label.State.REJECTED, arranged_at=None)
    return ~Q(Exists(known))


def find_labels(order: Order, *, access: Access, now: datetime, wall: datetime) -> list[Label]:
    """Take note of the labels of the order's packages that were made elsewhere, and have their
    files fetched. `now` is the desk's clock, `wall` real time. What is known stays as it is; none
    where all is. Raises CannotShip, Gone and NotAllowed."""
    access.need(Right.WORK)
    labels = _find(order, access.by, now, wall)
    if not labels and (reason := why_not_find(order)):
        raise CannotShip(reason)
    return labels


def find_many(orders: Iterable[Order], *, access: Access, now: datetime, wall: datetime) -> int:
    """The same of many; how many labels were found. What has none is left. Raises NotAllowed."""
    access.need(Right.WORK)
    return sum(len(_find(order, access.by, now, wall)) for order in orders)


def find_new(now: datetime, wall: datetime) -> int:
    """Of all connected shops the labels that were made elsewhere since they were connected, some at
    a time: sellers print where they like, and the file dies within a day. How many were found."""
    orders = []
    for shop in Shop.objects.filter(connection__state=Connection.State.ON):
        if capabilities(shop, Shipping.PLATFORM).platform_label:
            orders += list(_new_in(shop, now).select_related("shop")[:MOST])
    return sum(len(_find(order, order.shop.name, now, wall)) for order in orders)


def _new_in(shop: Shop, now: datetime) -> QuerySet[Order]:
    waits = Q(order__stage=Stage.PARTIALLY_SHIPPED, parcel__tracking_number="")
    inside = ParcelContent.objects.filter(~waits, order=OuterRef("pk"), is_current=True)
    unknown = inside.filter(
        ~Q(parcel__package_id=""),
        ~Q(Exists(Label.objects.filter(shop=shop.pk, package_id=OuterRef("parcel__package_id")))),
    )
    since = max(shop.connection.connected_at, now - YOUNG)
    return Order.objects.filter(
        Exists(unknown),
        shop=shop.pk,
        stage__in=HERE,
        shipping=Shipping.PLATFORM,
        is_platform_fulfilled=False,
        collected_at=None,
        arranged_at__gte=since,
    ).order_by(F("arranged_at").asc(), "pk")


def _find(order: Order, by: str, now: datetime, wall: datetime) -> list[Label]:
    try:
        with transaction.atomic():
            return _found(order, by, now, wall)
    except IntegrityError:
        return []  # somebody else has just found it


def _found(given: Order, by: str, now: datetime, wall: datetime) -> list[Label]:
    lock_together(given)
    order = Order.objects.select_for_update(of=("self",)).select_related("shop").get(pk=given.pk)
    if _is_being_made(order) or order.collected_at:
        return []
    labels = [_label_of(parcel, order, by, now, wall) for parcel in unknown_packages(order)]
    if labels:
        touch(order, now=now)
        queueing.queue(queueing.FETCH, order.shop_id, wall, wall)
    return labels


def _is_being_made(order: Order) -> bool:
    """Whether a label of ours is on its way: the package may turn out to be its own."""
    claims = ClaimedUnit.objects.filter(
        order=order.pk, attempt__kind=Attempt.Kind.LABEL, attempt__state__in=LIVE
    )
    nameless = LabelOrder.objects.filter(
        order=order.pk, label__package_id="", label__arranged_at__isnull=False
    )
    return claims.exists() or nameless.exclude(label__state=Label.State.VOIDED).exists()


def _label_of(parcel: Parcel, order: Order, by: str, now: datetime, wall: datetime) -> Label:
    rejected = Label.objects.select_for_update().filter(
        shop=order.shop_id, package_id=parcel.package_id, state=Label.State.REJECTED
    )
    label = rejected.first() or Label(shop=order.shop, package_id=parcel.package_id, by=by)
    label.state, label.source = Label.State.CREATING, Label.Source.FOUND
    label.asked_at = label.arranged_at = order.arranged_at or now
    label.tracking_number, label.carrier = parcel.tracking_number, parcel.carrier
    label.warehouse = order.warehouse
    label.rejected_at, label.rejection = None, ""
    label.reason = label.next_step = label.code = label.words = label.request_id = ""
    label.fetch_at = label.fetching_since = wall
    label.fetches = 0
    label.save()
    units = _inside(parcel)
    put_inside(label, units)
    for each, _ in units:
        record(each, "label_found", by=by, at=now, label=label.pk)
    return label


def _inside(parcel: Parcel) -> list[tuple[Order, tuple[Unit, ...]]]:
    """The parcel's orders, with their units in it."""
    held: dict[int, dict[int, int]] = {}
    for each in ParcelContent.objects.filter(parcel=parcel, is_current=True):
        held.setdefault(each.order_id, {})[each.line] = each.quantity
    orders = Order.objects.filter(pk__in=held).order_by("pk")
    return [(order, inside(lines_of(order), held[order.pk], parcel.package_id)) for order in orders]
