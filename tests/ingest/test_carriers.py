"""Carriers of open orders are read after a sync, once a day, and whatever goes wrong is asked for
again in an hour.
"""

from __future__ import annotations

import pytest

from shipboard.channels import registry, warehouses
from shipboard.channels.contract import (
    CarrierFact,
    DeliveryOptionFact,
    FailureKind,
    Shipping,
    WarehouseFact,
)
from shipboard.channels.delivery_options import limits_of
from shipboard.channels.models import Shop
from shipboard.channels.providers import Offered, offered
from shipboard.ingest import schedule
from shipboard.ingest.models import Cursor
from tests import make
from tests.ingest.fake_channel import Clock, FakeChannel, connected_shop, failure

pytestmark = pytest.mark.django_db
DAY = 24 * 60


class Carriers(FakeChannel):
    """`told`: names by delivery option; an option that is not in it fails."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.told: dict[str, tuple[str, ...]] = {"A": ("USPS", "UPS")}
        self.problem: Exception = failure(FailureKind.TRANSIENT)

    def carriers(self, delivery_option_id: str) -> tuple[CarrierFact, ...]:
        self._called("carriers", delivery_option_id)
        if delivery_option_id not in self.told:
            raise self.problem
        return tuple(
            CarrierFact(remote_id=name.lower(), name=name) for name in self.told[delivery_option_id]
        )

    def delivery_options(self, warehouse_id: str) -> tuple[DeliveryOptionFact, ...]:
        self._called("delivery_options", warehouse_id)
        if warehouse_id not in self.told:
            raise self.problem
        return (DeliveryOptionFact(remote_id="7", most_grams=5_000),)

    @property
    def asked(self) -> list[str]:
        return [call[1] for call in self.calls if call[0] == "carriers"]

    def order(self, order_id: str, option: str) -> None:
        extra = {"delivery_option_id": option}
        self.place(order_id, shipping=Shipping.SELLER, extra=extra)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shop() -> Shop:
    return connected_shop()


@pytest.fixture
def channel(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Carriers:
    made = Carriers(clock)
    monkeypatch.setattr(registry, "open_channel", lambda shop: made)
    return made


def turn(shop: Shop, clock: Clock, minutes: float = 1) -> None:
    clock.pass_(minutes=minutes)
    schedule.carry_on_sync(shop.pk, clock)


def test_they_are_there_after_the_first_sync_and_read_once_a_day(
    shop: Shop, clock: Clock, channel: Carriers
) -> None:
    turn(shop, clock)
    assert channel.asked == []
    channel.order("1", "A")
    turn(shop, clock)
    assert offered(shop, "A") == [Offered("ups", "UPS"), Offered("usps", "USPS")]
    channel.order("2", "A")
    turn(shop, clock)
    assert channel.asked == ["A"]
    turn(shop, clock, DAY)
    assert channel.asked == ["A", "A"]


def test_a_new_option_is_read_at_once_and_no_other(
    shop: Shop, clock: Clock, channel: Carriers
) -> None:
    channel.order("1", "A")
    turn(shop, clock)
    channel.told["B"] = ("FedEx",)
    channel.order("2", "B")
    turn(shop, clock)
    assert channel.asked == ["A", "B"]
    assert offered(shop, "B") == [Offered("fedex", "FedEx")]


@pytest.mark.parametrize(
    "problem",
    [failure(FailureKind.TRANSIENT), failure(FailureKind.FINAL), ValueError("a secret word")],
)
def test_what_fails_waits_an_hour_and_is_no_trouble_of_the_shop(
    shop: Shop,
    clock: Clock,
    channel: Carriers,
    problem: Exception,
    caplog: pytest.LogCaptureFixture,
) -> None:
    channel.problem = problem
    channel.order("1", "gone")
    for _ in range(3):
        turn(shop, clock)
    assert channel.asked == ["gone"]
    turn(shop, clock, 60)
    assert channel.asked == ["gone", "gone"]
    assert not Cursor.objects.exclude(problem="").exists()
    assert "secret" not in caplog.text


def test_nobody_is_asked_while_the_channel_lets_nobody_in(
    shop: Shop, clock: Clock, channel: Carriers
) -> None:
    channel.order("1", "A")
    turn(shop, clock)
    make.row(shop, "9", shipping="seller", extra={"delivery_option_id": "B"}).save()
    later = clock.now + make.HOUR
    Cursor.objects.filter(shop=shop, stream="orders").update(kind=FailureKind.AUTH, retry_at=later)
    turn(shop, clock)
    assert channel.asked == ["A"]


def test_what_delivery_options_take_is_read_once_a_day(
    shop: Shop, clock: Clock, channel: Carriers
) -> None:
    def times() -> int:
        return sum(call[0] == "delivery_options" for call in channel.calls)

    turn(shop, clock)
    assert times() == 0
    warehouses.remember(shop, [WarehouseFact(remote_id="B", name="Store", country="US")])
    turn(shop, clock)
    turn(shop, clock)
    assert (times(), limits_of(shop, "7")) == (1, None)
    channel.told["B"] = ()
    turn(shop, clock, 60)
    found = limits_of(shop, "7")
    assert found is not None
    assert (times(), found.most_grams) == (2, 5_000)
    turn(shop, clock)
    assert times() == 2
    turn(shop, clock, DAY)
    assert times() == 3
