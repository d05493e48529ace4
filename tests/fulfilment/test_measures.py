"""What a parcel will weigh: as the same contents last travelled, else added up, else as the channel
has it; and what is remembered of a parcel that is sent.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from shipboard.channels.contract import ItemFact, LineFact, ParcelFact, Size
from shipboard.channels.models import Shop
from shipboard.fulfilment.measures import remember, suggest
from shipboard.ingest.apply import Source, apply
from shipboard.orders.measures import Measure
from shipboard.orders.models import Line, Order
from tests import make

pytestmark = pytest.mark.django_db
SOURCE = Source(by="tests", now=make.NOW)
SIZED = Size(
    weight_grams=300, length_cm=Decimal(20), width_cm=Decimal(10), height_cm=Decimal("5.5")
)


def stored(*units: tuple[str, int], number: int = 1, **given: object) -> Order:
    lines = tuple(LineFact(item=ItemFact(sku_id=sku), quantity=count) for sku, count in units)
    fact = make.order(f"5760000000000{number:05}", lines=lines, **given)
    shop = Shop.objects.filter(slug="northwind").first() or make.shop()
    apply(shop, [fact], SOURCE)
    return Order.objects.get(order_id=fact.order_id)


def lines_of(order: Order) -> list[Line]:
    return list(order.lines.select_related("item").order_by("position"))


def learn(order: Order, size: Size = SIZED, contents: dict[int, int] | None = None) -> None:
    remember(order, lines_of(order), contents, size, by="mai", now=make.NOW)


def suggested(order: Order, contents: dict[int, int] | None = None) -> Size:
    return suggest(order, lines_of(order), contents)


def test_the_same_units_travel_as_they_last_did() -> None:
    order = stored(("mug", 2))
    learn(order)
    assert suggested(order) == SIZED


def test_other_counts_are_added_up_from_single_units_by_weight_alone() -> None:
    learn(stored(("mug", 1)))
    learn(stored(("cup", 1), number=2), Size(weight_grams=50))
    assert suggested(stored(("mug", 3), ("cup", 2), number=3)) == Size(weight_grams=1000)


def test_one_unknown_item_leaves_the_whole_unknown() -> None:
    learn(stored(("mug", 1)))
    assert suggested(stored(("mug", 1), ("new", 1), number=2)) == Size()


def test_else_the_channel_says_what_its_only_parcel_weighs() -> None:
    parcel = ParcelFact(package_id="11", weight_kg=Decimal("0.42"))
    assert suggested(stored(("mug", 1), parcels=(parcel,))) == Size(weight_grams=420)


def test_what_is_in_the_parcel_counts_not_the_whole_order() -> None:
    order = stored(("mug", 1), ("cup", 4))
    learn(order, contents={1: 2})
    assert suggested(order, {1: 2}) == SIZED
    assert suggested(order) == Size()


def test_a_parcel_of_several_skus_or_of_no_weight_teaches_nothing() -> None:
    learn(stored(("mug", 1), ("cup", 1)))
    learn(stored(("mug", 1), number=2), Size())
    assert not Measure.objects.exists()


def test_sides_that_nobody_says_stay_as_they_were() -> None:
    order = stored(("mug", 1))
    learn(order)
    learn(order, Size(weight_grams=310))
    row = Measure.objects.get()
    assert (row.grams, row.length_cm, row.by) == (310, Decimal(20), "mai")


def test_canceled_units_weigh_nothing() -> None:
    learn(stored(("mug", 1)))
    order = stored(("mug", 2), number=2)
    Line.objects.filter(order=order).update(extra={"canceled_units": "1"})
    assert suggested(order) == SIZED
