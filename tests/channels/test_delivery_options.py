"""What a shop's delivery options take: read by warehouse, kept for a day."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from shipboard.channels import warehouses
from shipboard.channels.contract import (
    Channel,
    ChannelFailure,
    DeliveryOptionFact,
    FailureKind,
    WarehouseFact,
)
from shipboard.channels.delivery_options import is_due, limits_of, refresh_options
from shipboard.channels.models import Shop
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SIDES = (Decimal("60.00"), Decimal("40.00"), Decimal("30.00"))
STANDARD = DeliveryOptionFact(
    remote_id="7", name="Standard", least_grams=1, most_grams=20_000, most_sides=SIDES
)
SMALLER = DeliveryOptionFact(
    remote_id="7", least_grams=5, most_grams=9_000, most_sides=(Decimal(50), *SIDES[1:])
)
OTHER = DeliveryOptionFact(remote_id="8", name="Express")


class Line:
    """A channel that answers by warehouse."""

    def __init__(self, **answers: tuple[DeliveryOptionFact, ...] | FailureKind) -> None:
        self.answers = answers

    def delivery_options(self, warehouse_id: str) -> tuple[DeliveryOptionFact, ...]:
        answer = self.answers[f"w{warehouse_id}"]
        if isinstance(answer, FailureKind):
            raise ChannelFailure(answer, operation="delivery_options", sentence="No.")
        return answer


def line(**answers: tuple[DeliveryOptionFact, ...] | FailureKind) -> Channel:
    return Line(**answers)  # type: ignore[return-value]


@pytest.fixture
def shop() -> Shop:
    made = make.shop(channel="tiktok")
    places = [WarehouseFact(remote_id=id, name=f"Store {id}", country="US") for id in ("1", "2")]
    warehouses.remember(made, places)
    return made


def test_read_once_a_day(shop: Shop) -> None:
    assert is_due(shop, NOW)
    assert limits_of(shop, "7") is None
    assert refresh_options(shop, line(w1=(STANDARD,), w2=(OTHER,)), NOW) == 2
    assert limits_of(shop, "7") == STANDARD
    assert limits_of(shop, "8") == OTHER
    assert limits_of(shop, "") is None
    assert not is_due(shop, NOW + DAY - timedelta(seconds=1))
    assert is_due(shop, NOW + DAY)
    refresh_options(shop, line(w1=(OTHER,), w2=()), NOW + DAY)
    assert limits_of(shop, "7") is None
    assert limits_of(shop, "8") == OTHER


def test_a_parcel_fits_from_either_warehouse(shop: Shop) -> None:
    refresh_options(shop, line(w1=(STANDARD,), w2=(SMALLER,)), NOW)
    found = limits_of(shop, "7")
    assert found is not None
    assert (found.name, found.least_grams, found.most_grams) == ("Standard", 5, 9_000)
    assert found.most_sides == (Decimal(50), Decimal(40), Decimal(30))


def test_what_is_refused_for_good_is_passed_over_and_the_rest_changes_nothing(shop: Shop) -> None:
    refresh_options(shop, line(w1=(STANDARD,), w2=FailureKind.FINAL), NOW)
    assert limits_of(shop, "7") == STANDARD
    with pytest.raises(ChannelFailure):
        refresh_options(shop, line(w1=(OTHER,), w2=FailureKind.TRANSIENT), NOW + DAY)
    assert limits_of(shop, "7") == STANDARD
    refresh_options(shop, line(w1=(), w2=()), NOW + DAY)
    assert limits_of(shop, "7") == STANDARD


def test_a_shop_without_warehouses_asks_nobody() -> None:
    assert not is_due(make.shop(channel="tiktok"), NOW)
