"""What is shown of an order besides its own columns, fetched for many orders at once: a constant
number of queries, whatever the number of orders.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, QuerySet
from django.db.models.fields.json import KeyTextTransform

from shipboard.channels.contract import PARCEL_TROUBLE
from shipboard.orders.attempts import Attempt, telling
from shipboard.orders.holds import live
from shipboard.orders.labels import Label, LabelOrder
from shipboard.orders.models import Case, Hold, Line, Note, Order, ParcelContent
from shipboard.orders.staleness import with_readdressed, with_staleness

#: Columns that only ingest reads.
UNSHOWN = ("digest", "field_ages", "extra", "channel_deadlines")
UNSHOWN_OF_LINES = ("unit_ids", "item__digest", "item__category", "item__image_url")
UNSHOWN_OF_PARCELS = ("parcel__key", "parcel__as_of", "parcel__rank", "parcel__field_ages")

LABELS = "labels"
#: What decides on what may be done with an order (fulfilment/allowed.py).
DECIDING = ("contents", "cases", "holds", "attempts")


def to_decide(orders: QuerySet[Order], now: datetime) -> list[Order]:
    """The orders with their shop and those parts alone that decide what may be done with them."""
    return fill(orders.select_related("shop"), now, only=DECIDING)


def with_parts(orders: QuerySet[Order], now: datetime) -> list[Order]:
    """The orders with what a row shows at `now`: shop, flag, lines and items, current parcels,
    cases, the present hold, attempts that tell something of it, notes, labels."""
    return fill(with_trouble(orders.select_related("shop", "flag")), now)


def with_trouble(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Each with `parcel_trouble`, what the channel says of a parcel lost or damaged, or None, and
    with its `tracking`, if that was ever read."""
    trouble = KeyTextTransform(PARCEL_TROUBLE, "extra")
    return orders.select_related("tracking").annotate(parcel_trouble=trouble)


def fill(
    orders: Iterable[Order], now: datetime, only: Collection[str] | None = None
) -> list[Order]:
    """As with_parts, of orders that have their shop and flag; `only` these parts. Their
    `lines.all()`, `contents`, `cases`, `holds`, `attempts`, `notes` and `labels` (each with its
    `label`, that with `stale` and `tries`) are lists then, and ask the database no more: Django's
    own prefetching makes a query set for each of them, which takes longer than all queries. Asked
    for all, `contents` have `others`, the ids of the other orders in the parcel."""
    found = list(orders)
    for name, rows in _parts(found, now).items():
        if only is not None and name not in only:
            continue
        if only is None and name == "contents":
            rows = _with_others(rows)
        if name == LABELS:
            _with_labels(rows, now)
        by_order: dict[int, list[Any]] = {order.pk: [] for order in found}
        for row in rows:
            by_order[row.order_id].append(row)
        for order in found:
            _prefetched(order)[name] = by_order[order.pk]
    return found


def _with_others(contents: QuerySet[ParcelContent]) -> QuerySet[ParcelContent]:
    """Each with `others`: the ids of the other orders in its parcel."""
    same = ParcelContent.objects.filter(parcel=OuterRef("parcel"), is_current=True)
    others = same.exclude(order=OuterRef("order")).order_by("order__order_id")
    return contents.annotate(others=ArraySubquery(others.values("order__order_id").distinct()))


def _with_labels(inside: QuerySet[LabelOrder], now: datetime) -> None:
    """Gives each its label, with how often it was asked for (`tries`) and `stale`. To make that
    question takes longer than to answer it, so it is made only when there is a label."""
    if not inside:
        return
    labels = with_staleness(Label.objects.annotate(tries=Count("attempts")), now)
    by_pk = labels.in_bulk([each.label_id for each in inside])
    for each in inside:
        each.label = by_pk[each.label_id]


def _parts(orders: list[Order], now: datetime) -> dict[str, QuerySet[Any]]:
    pks = [order.pk for order in orders]
    contents = ParcelContent.objects.filter(order__in=pks, is_current=True)
    return {
        "lines": Line.objects.filter(order__in=pks)
        .select_related("item")
        .defer(*UNSHOWN_OF_LINES)
        .order_by("position"),
        "contents": contents.select_related("parcel").defer(*UNSHOWN_OF_PARCELS).order_by("pk"),
        "cases": Case.objects.filter(order__in=pks).order_by("pk"),
        "holds": Hold.objects.filter(live(now), order__in=pks),
        "attempts": Attempt.objects.filter(telling(), order__in=pks).order_by("pk"),
        "notes": Note.objects.filter(order__in=pks, removed_at=None).order_by("pk"),
        LABELS: with_readdressed(LabelOrder.objects.filter(order__in=pks)).order_by("label"),
    }


def _prefetched(order: Order) -> dict[str, Any]:
    """Where an order's managers look first."""
    return order.__dict__.setdefault("_prefetched_objects_cache", {})  # type: ignore[no-any-return]
