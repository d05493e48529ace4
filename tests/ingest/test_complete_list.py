"""A list declared complete holds what it does not name, and only newer facts lift that."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shipboard.channels.contract import Stage
from shipboard.channels.models import Shop
from shipboard.ingest.apply import Source, apply
from shipboard.ingest.complete_list import hold_missing
from shipboard.orders.holds import place_hold, release_hold
from shipboard.orders.models import Event, Hold, Order
from tests import make

pytestmark = pytest.mark.django_db
SOURCE = Source(by="file orders.csv", now=make.NOW)
LATER = make.NOW + timedelta(hours=1)


def two_orders(shop: Shop) -> None:
    apply(shop, [make.order("1"), make.order("2")], SOURCE)


def hold(shop: Shop, stage: Stage = Stage.AWAITING_SHIPMENT) -> list[str]:
    return hold_missing(shop, stage, {"1"}, LATER, SOURCE)[0]


def test_an_order_that_the_list_lacks_is_held_once_and_named_each_time() -> None:
    shop = make.shop()
    two_orders(shop)
    assert hold(shop) == hold(shop) == ["2"]
    held = Hold.objects.get()
    assert (held.order.order_id, held.as_of) == ("2", LATER)
    assert "Awaiting shipment" in held.reason


def test_other_stages_other_shops_and_newer_facts_are_left_alone() -> None:
    shop, other = make.shop(), make.shop("Other")
    two_orders(other)
    newer = make.order("4", as_of=LATER + make.HOUR)
    apply(shop, [make.order("1"), make.order("3", stage=Stage.IN_TRANSIT), newer], SOURCE)
    assert hold(shop) == []


def test_an_on_hold_order_whose_hour_is_over_counts_as_awaiting_shipment() -> None:
    shop = make.shop()
    apply(shop, [make.order("5", stage=Stage.ON_HOLD)], SOURCE)
    assert hold(shop, Stage.ON_HOLD) == []
    assert hold(shop) == ["5"]


def test_finished_orders_are_never_held() -> None:
    shop = make.shop()
    apply(shop, [make.order("5", stage=Stage.CANCELED)], SOURCE)
    assert hold(shop, Stage.CANCELED) == []


@pytest.mark.parametrize(("hours", "is_lifted"), [(0, False), (1, False), (2, True)])
def test_only_facts_newer_than_the_list_lift_it(hours: int, is_lifted: bool) -> None:
    shop = make.shop()
    two_orders(shop)
    hold(shop)
    again = make.order("2", as_of=make.NOW + timedelta(hours=hours), warehouse="East")
    apply(shop, [again], SOURCE)
    assert (Hold.objects.get().released_at is not None) == is_lifted
    assert Event.objects.filter(kind="hold_released").count() == is_lifted


def test_facts_never_lift_a_persons_hold() -> None:
    shop = make.shop()
    two_orders(shop)
    order = Order.objects.get(order_id="2")
    place_hold(order, reason="Ask Mai", by="mai", now=make.NOW)
    apply(shop, [make.order("2", as_of=LATER + make.HOUR)], SOURCE)
    assert Hold.objects.get().released_at is None


def test_what_a_person_released_the_same_list_does_not_hold_again() -> None:
    shop = make.shop()
    two_orders(shop)
    hold(shop)
    release_hold(Order.objects.get(order_id="2"), by="mai", now=LATER)
    assert hold(shop) == ["2"]
    assert Hold.objects.filter(released_at=None).count() == 0
    found = hold_missing(shop, Stage.AWAITING_SHIPMENT, {"1"}, LATER + make.HOUR, SOURCE)
    assert found == (["2"], 0)
    assert Hold.objects.filter(released_at=None).count() == 1
