"""What a parcel will weigh and measure, before anybody says: as the same units of the same SKU last
travelled, else added up from single units, else as the channel has it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db.models import Q

from shipboard.channels.contract import Size
from shipboard.orders.measures import Measure
from shipboard.orders.models import Line, Order

#: Measures by (shop, SKU, units).
Known = Mapping[tuple[int, str, int], Measure]


def suggest(order: Order, lines: Iterable[Line], contents: Mapping[int, int] | None = None) -> Size:
    """What to fill in for a parcel with these units by line position (None: all of the order).
    `lines` with their items, `order` with its current contents. One query."""
    lines = list(lines)
    return suggested(order, lines, known_of([order.shop_id], map(_sku, lines)), contents)


def known_of(shops: Collection[int], skus: Iterable[str]) -> Known:
    """What is kept of these SKUs, for `suggested`. One query."""
    wanted = Q(shop__in=shops) & Q(sku__in={sku for sku in skus if sku})
    return {(row.shop_id, row.sku, row.quantity): row for row in Measure.objects.filter(wanted)}


def suggested(
    order: Order, lines: Iterable[Line], known: Known, contents: Mapping[int, int] | None = None
) -> Size:
    """As `suggest`, of measures that are read already."""
    counts = _counted(lines, contents)
    if len(counts) == 1:
        ((sku, units),) = counts.items()
        if same := known.get((order.shop_id, sku, units)):
            return Size(
                weight_grams=same.grams,
                length_cm=same.length_cm,
                width_cm=same.width_cm,
                height_cm=same.height_cm,
            )
    singles = [(known.get((order.shop_id, sku, 1)), units) for sku, units in counts.items()]
    weights = [one.grams * units for one, units in singles if one and one.grams]
    if counts and len(weights) == len(counts):
        return Size(weight_grams=sum(weights))
    return Size(weight_grams=_of_channel(order) if contents is None else None)


def remember(
    order: Order,
    lines: Iterable[Line],
    contents: Mapping[int, int] | None,
    size: Size,
    *,
    by: str,
    now: datetime,
) -> None:
    """Keep what a parcel of one SKU was sent with; parcels of several say nothing of one. Not said:
    as it was. Within the transaction that asks for the label, as its last row."""
    counts = _counted(lines, contents)
    if len(counts) != 1 or size.weight_grams is None:
        return
    ((sku, units),) = counts.items()
    row = Measure(
        shop=order.shop,
        sku=sku,
        quantity=units,
        grams=size.weight_grams,
        length_cm=size.length_cm,
        width_cm=size.width_cm,
        height_cm=size.height_cm,
        as_of=now,
        by=by,
    )
    sides = ["length_cm", "width_cm", "height_cm"] if size.sides else []
    Measure.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["shop", "sku", "quantity"],
        update_fields=["grams", *sides, "as_of", "by"],
    )


def _counted(lines: Iterable[Line], contents: Mapping[int, int] | None) -> Counter[str]:
    """Units by SKU; an unnamed SKU is one like no other, so that nothing is known of it."""
    counts: Counter[str] = Counter()
    for line in lines:
        units = line.kept if contents is None else contents.get(line.position, 0)
        if units > 0:
            counts[_sku(line)] += units
    return Counter() if "" in counts else counts


def _sku(line: Line) -> str:
    return line.item.sku_id or line.item.seller_sku


def _of_channel(order: Order) -> int | None:
    """Grams of the order's only parcel, where the channel says so."""
    weights = {each.parcel_id: each.parcel.weight_kg for each in order.contents.all()}
    only = next(iter(weights.values())) if len(weights) == 1 else None
    return round(only * 1000) if only else None
