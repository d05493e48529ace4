"""The carriers that a shop may name: read once a day, by delivery option, or from a list."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shipboard.channels import carrier_names, registry
from shipboard.channels.contract import (
    CarrierFact,
    Channel,
    ChannelFailure,
    FailureKind,
    Shipping,
    Stage,
)
from shipboard.channels.models import Carrier, Shop
from shipboard.channels.providers import (
    Offered,
    carriers_of,
    names,
    offered,
    refresh_carriers,
)
from shipboard.channels.regions import REGIONS
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
USPS, UPS = CarrierFact(remote_id="1", name="USPS"), CarrierFact(remote_id="2", name="UPS")
AWAY = ChannelFailure(FailureKind.TRANSIENT, operation="shipping_providers", sentence="Away.")
NO_CHOICE = ChannelFailure(FailureKind.FINAL, operation="shipping_providers", sentence="No.")

Answer = tuple[CarrierFact, ...] | ChannelFailure


class Line:
    """A channel that answers, for each option, with the next of its answers."""

    def __init__(self, **answers: list[Answer]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def carriers(self, delivery_option_id: str) -> tuple[CarrierFact, ...]:
        self.asked.append(delivery_option_id)
        answer = self.answers[delivery_option_id].pop(0)
        if isinstance(answer, ChannelFailure):
            raise answer
        return answer


def line(**answers: list[Answer]) -> Channel:
    return Line(**answers)  # type: ignore[return-value]


@pytest.fixture
def shop() -> Shop:
    return make.shop(channel="tiktok")


def told(rows: list[Carrier]) -> list[tuple[str, str]]:
    return [(row.remote_id, row.name) for row in rows]


def test_read_once_a_day(shop: Shop) -> None:
    there = line(A=[(USPS, UPS), (UPS, CarrierFact(remote_id="3", name="FedEx"))])
    first = carriers_of(shop, "A", NOW, there)
    assert told(first) == [("2", "UPS"), ("1", "USPS")]
    assert carriers_of(shop, "A", NOW + DAY - timedelta(seconds=1), line()) == first
    later = carriers_of(shop, "A", NOW + DAY, there)
    assert told(later) == [("3", "FedEx"), ("2", "UPS")]
    assert {row.as_of for row in later} == {NOW + DAY}


def test_a_carrier_is_renamed(shop: Shop) -> None:
    carriers_of(shop, "A", NOW, line(A=[(USPS,)]))
    renamed = (CarrierFact(remote_id="1", name="US Postal Service"),)
    assert told(carriers_of(shop, "A", NOW + DAY, line(A=[renamed]))) == [
        ("1", "US Postal Service")
    ]


@pytest.mark.parametrize("answer", [AWAY, NO_CHOICE, ()])
def test_old_ones_serve_when_none_can_be_read(shop: Shop, answer: Answer) -> None:
    kept = carriers_of(shop, "A", NOW, line(A=[(USPS,)]))
    assert carriers_of(shop, "A", NOW + 9 * DAY, line(A=[answer])) == kept
    assert Carrier.objects.get().as_of == NOW


def test_none_at_all_is_a_failure(shop: Shop) -> None:
    with pytest.raises(ChannelFailure, match="Away"):
        carriers_of(shop, "A", NOW, line(A=[AWAY]))
    with pytest.raises(registry.NotConnected):
        carriers_of(shop, "A", NOW)
    assert carriers_of(shop, "A", NOW, line(A=[()])) == []


def test_offered_asks_nobody(shop: Shop) -> None:
    other = make.shop("Other", channel="tiktok")
    carriers_of(shop, "A", NOW, line(A=[(USPS, UPS)]))
    carriers_of(shop, "B", NOW, line(B=[(UPS, CarrierFact(remote_id="3", name="FedEx"))]))
    carriers_of(other, "A", NOW, line(A=[(CarrierFact(remote_id="9", name="Evri"),)]))
    with CaptureQueriesContext(connection) as asked:
        assert offered(shop, "A") == [Offered("2", "UPS"), Offered("1", "USPS")]
    assert len(asked) == 1
    assert offered(shop, "C") == []
    everywhere = [Offered("3", "FedEx"), Offered("2", "UPS"), Offered("1", "USPS")]
    assert offered(shop, "") == everywhere
    assert dict(names(shop)) == {"3": "FedEx", "2": "UPS", "1": "USPS"}


def test_file_shops_choose_from_the_marketplaces_list() -> None:
    british = make.shop(region="GB")
    found = offered(british, "")
    assert Offered("Evri", "Evri") in found
    assert offered(british, "anything") == found
    assert offered(make.shop("Nowhere", region="ZZ"), "") == []
    assert carrier_names.known_in("uk") == carrier_names.known_in("GB")


@pytest.mark.parametrize("region", REGIONS)
def test_every_market_has_a_list_of_names(region: str) -> None:
    found = carrier_names.known_in(region)
    assert len(found) >= 3
    assert len({name.casefold() for name in found}) == len(found)


def waiting(shop: Shop, number: int, option: str, **more: object) -> None:
    extra = {"delivery_option_id": option} if option else {}
    values = {"shipping": Shipping.SELLER, "extra": extra} | more
    make.row(shop, f"57600000000000{number:04}", **values).save()


def test_refresh_reads_each_option_of_open_orders(shop: Shop) -> None:
    waiting(shop, 1, "A")
    waiting(shop, 2, "A", stage=Stage.PENDING_COLLECTION)
    waiting(shop, 3, "B", stage=Stage.ON_HOLD)
    waiting(shop, 4, "")
    waiting(shop, 5, "gone", stage=Stage.CLOSED)
    waiting(shop, 6, "platform", shipping=Shipping.PLATFORM)
    waiting(make.shop("Other", channel="tiktok"), 7, "other")
    there = Line(A=[NO_CHOICE, (USPS,)], B=[(UPS,), AWAY])
    assert refresh_carriers(shop, there, NOW) == 1  # type: ignore[arg-type]
    assert (there.asked, offered(shop, "B")) == (["A", "B"], [Offered("2", "UPS")])
    with pytest.raises(ChannelFailure, match="Away"):
        refresh_carriers(shop, there, NOW + DAY)  # type: ignore[arg-type]
    assert offered(shop, "A") == [Offered("1", "USPS")]
    assert Carrier.objects.get(name="UPS").as_of == NOW
