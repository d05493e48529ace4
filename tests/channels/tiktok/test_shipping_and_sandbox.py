"""Shipping with the seller's own carrier against the sandbox marketplace: in each market's way, in
each version of the calls, and with everything that may be said or lost on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.core.cache import cache

from sandbox import shops, tokens, verbs
from sandbox.fulfilment.carriers import number_of, of_region
from sandbox.kinds import Doc
from sandbox.market import Market
from sandbox.testing import double_shipments, shipments, transport
from shipboard.channels import http, providers, registry, sealed
from shipboard.channels.contract import (
    Accepted,
    Channel,
    ChannelFailure,
    FailureKind,
    Fix,
    Outcome,
    ShipTarget,
    Stage,
)
from shipboard.channels.models import App, Connection, Shop
from shipboard.channels.tiktok import client as client_module
from shipboard.channels.tiktok import oauth
from tests import make
from tests.channels.tiktok import made
from tests.sandbox.described import differences
from tests.sandbox.shipping import lines, order, ready

pytestmark = pytest.mark.django_db

SHOP = "7495000000000000001"
Open = Callable[[str], Channel]


@pytest.fixture
def market(monkeypatch: pytest.MonkeyPatch) -> Iterator[Market]:
    market = Market()
    shops.add_app(market.books, "key1", "secret1", "https://desk.example/back")
    monkeypatch.setattr(http, "TRANSPORT", transport(market))
    monkeypatch.setattr(client_module, "sleep", lambda seconds: None)
    cache.clear()
    yield market
    wrong = [words for one in market.record.exchanges() if (words := differences(one))]
    market.close()
    assert not wrong, "\n".join(wrong)


@pytest.fixture
def opened(market: Market) -> Open:
    """A shop of a region, connected."""

    def connect(region: str) -> Channel:
        shops.add_shop(market.books, {"id": SHOP, "name": "Harbor", "region": region})
        app = made.app(api_host="https://sandbox.test", auth_host="https://sandbox.test")
        there = shops.app(market.books, "key1")
        assert there is not None
        grant = oauth.exchange(app, tokens.give_code(market, there, SHOP))
        [found] = oauth.shops(grant)
        shop = make.shop(channel="tiktok", remote_id=found.remote_id, region=region)
        line = Connection(shop=shop, grant=grant, state_at=make.NOW, connected_at=make.NOW)
        sealed.set_cipher(line, found.cipher)
        line.save()
        return registry.open_channel(shop)

    return connect


def own(region: str, name: str, serial: int = 1) -> dict[str, str]:
    """A number of a carrier."""
    carrier = next(one for one in of_region(region) if one.name == name)
    return {"tracking_number": number_of(carrier, serial), "carrier_id": carrier.id}


def to_ship(market: Market) -> Doc:
    (one,) = ready(market, SHOP, shipping_type="SELLER")
    return one


def told(channel: Channel, doc: Doc) -> tuple[Stage, list[str]]:
    """Where the order is now, and the numbers of its parcels."""
    fact = channel.orders([doc["id"]]).heard[0].fact
    return fact.stage, [one.tracking_number for one in fact.parcels if one.tracking_number]


def chosen(**versions: str) -> None:
    App.objects.update(versions=versions)


@pytest.mark.parametrize("version", ["202309", "202610"])
@pytest.mark.parametrize("null", [True, False])
def test_marked_whole(market: Market, opened: Open, version: str, null: bool) -> None:
    market.facts.set("null_data_on_success", null)
    opened("US")
    chosen(mark_shipped=version)
    channel = registry.open_channel(Shop.objects.get())
    doc, usps = to_ship(market), own("US", "USPS")
    accepted = channel.ship(ShipTarget(order_id=doc["id"]), **usps)
    assert told(channel, doc) == (Stage.PENDING_COLLECTION, [usps["tracking_number"]])
    package_id = order(market, SHOP, doc)["packages"][0]["id"]
    assert accepted == Accepted(package_id=package_id)


@pytest.mark.parametrize("version", ["202309", "202610"])
def test_marked_in_parts_and_corrected(market: Market, opened: Open, version: str) -> None:
    opened("GB")
    chosen(mark_shipped=version, update_package_shipping_info=version)
    channel = registry.open_channel(Shop.objects.get())
    doc = to_ship(market)
    numbers = [own("GB", "Royal Mail Tracked 24", serial) for serial in (1, 2, 3)]
    parts = (lines(doc, 1), lines(doc, 0, 2))
    accepted = []
    for number, units in zip(numbers[:2], parts, strict=True):
        target = ShipTarget(order_id=doc["id"], unit_ids=tuple(units))
        accepted.append(channel.ship(target, **number))
    assert [list(one.units) for one in shipments(market)] == [parts[0], parts[1]]
    second = ShipTarget(order_id=doc["id"], package_id=accepted[1].package_id)
    with pytest.raises(ChannelFailure) as several:
        channel.correct_tracking(second, is_only=True, **numbers[2])
    assert (several.value.fix, several.value.outcome) == (Fix.SPLIT, Outcome.NONE)
    channel.correct_tracking(second, is_only=False, **numbers[2])
    stage, now = told(channel, doc)
    assert stage is Stage.PENDING_COLLECTION
    assert sorted(now) == sorted(numbers[place]["tracking_number"] for place in (0, 2))
    with pytest.raises(ChannelFailure, match="changed once"):
        channel.correct_tracking(second, is_only=False, **numbers[1])


@pytest.mark.parametrize(("region", "name"), [("TH", "Flash Express"), ("MX", "Toucan Cargo")])
def test_a_package_is_shipped_where_there_is_one(
    market: Market, opened: Open, region: str, name: str
) -> None:
    channel = opened(region)
    doc, number = to_ship(market), own(region, name)
    target = ShipTarget(order_id=doc["id"], package_id=doc["packages"][0]["id"])
    assert channel.ship(target, **number) == Accepted(package_id=target.package_id)
    assert told(channel, doc) == (Stage.PENDING_COLLECTION, [number["tracking_number"]])
    other = own(region, name, 2)
    channel.correct_tracking(target, is_only=True, **other)
    assert told(channel, doc) == (Stage.PENDING_COLLECTION, [other["tracking_number"]])


def test_twice_is_one_shipment(market: Market, opened: Open) -> None:
    channel = opened("US")
    doc = to_ship(market)
    target = ShipTarget(order_id=doc["id"])
    channel.ship(target, **own("US", "UPS"))
    with pytest.raises(ChannelFailure) as again:
        channel.ship(target, **own("US", "UPS", 2))
    assert again.value.kind is FailureKind.ALREADY_DONE
    assert again.value.outcome is Outcome.DONE
    assert (len(shipments(market)), double_shipments(market)) == (1, [])


@pytest.mark.parametrize("fault", ["timeout_after_effect", "reset_mid_body"])
def test_an_answer_that_is_lost_is_settled_by_reading(
    market: Market, opened: Open, fault: str
) -> None:
    channel = opened("US")
    doc, number = to_ship(market), own("US", "UPS")
    market.faults.one_shot("mark_package_shipped", fault)
    with pytest.raises(ChannelFailure) as lost:
        channel.ship(ShipTarget(order_id=doc["id"]), **number)
    assert (lost.value.kind, lost.value.outcome) == (FailureKind.TRANSIENT, Outcome.UNKNOWN)
    assert told(channel, doc) == (Stage.PENDING_COLLECTION, [number["tracking_number"]])
    assert len(shipments(market)) == 1


def test_a_call_that_never_arrived_is_unknown_as_well(market: Market, opened: Open) -> None:
    channel = opened("US")
    doc = to_ship(market)
    market.faults.one_shot("mark_package_shipped", "timeout_before_effect")
    with pytest.raises(ChannelFailure) as lost:
        channel.ship(ShipTarget(order_id=doc["id"]), **own("US", "UPS"))
    assert lost.value.outcome is Outcome.UNKNOWN
    assert told(channel, doc) == (Stage.AWAITING_SHIPMENT, [])
    assert shipments(market) == []


def test_a_warning_is_handed_on(market: Market, opened: Open) -> None:
    channel = opened("US")
    doc = to_ship(market)
    misfit = own("US", "UPS") | {"carrier_id": own("US", "Veho")["carrier_id"]}
    assert "UPS" in channel.ship(ShipTarget(order_id=doc["id"]), **misfit).warning


@pytest.mark.parametrize(
    ("number", "word"),
    [("1Z 5R8", "characters"), ("X", "not valid")],
)
def test_a_number_that_is_refused_is_a_field_to_mend(
    market: Market, opened: Open, number: str, word: str
) -> None:
    channel = opened("US")
    doc = to_ship(market)
    carrier = own("US", "UPS")["carrier_id"]
    with pytest.raises(ChannelFailure, match=word) as refused:
        channel.ship(ShipTarget(order_id=doc["id"]), tracking_number=number, carrier_id=carrier)
    assert (refused.value.fix, refused.value.outcome) == (Fix.TRACKING, Outcome.NONE)
    assert shipments(market) == []


def test_carriers_are_read_and_kept(market: Market, opened: Open) -> None:
    channel = opened("TH")
    option, shop = to_ship(market)["delivery_option_id"], Shop.objects.get()
    kept = providers.carriers_of(shop, option, make.NOW)
    assert {one.name for one in kept} == {one.name for one in of_region("TH")}
    assert {one.remote_id for one in providers.offered(shop, option)} == {
        one.id for one in of_region("TH")
    }
    market.faults.switch("http_503", 1, "shipping_providers")
    assert providers.carriers_of(shop, option, make.NOW + timedelta(days=9)) == kept
    (platform,) = ready(market, SHOP)
    market.faults.clear()
    with pytest.raises(ChannelFailure, match="platform chooses"):
        channel.carriers(platform["delivery_option_id"])


def test_scans(market: Market, opened: Open) -> None:
    channel = opened("US")
    doc = to_ship(market)
    assert channel.scans(doc["id"]) == ()
    channel.ship(ShipTarget(order_id=doc["id"]), **own("US", "USPS"))
    for verb in ("scan_early", "collect", "scan_elsewhere", "deliver"):
        verbs.do(market, verb, SHOP, {"order_id": doc["id"], "seed": "1"})
    found = channel.scans(doc["id"])
    assert [one.at for one in found] == sorted((one.at for one in found), reverse=True)
    assert {"101", "201", "401", "501"} == {one.code for one in found}
    assert found[-1].at.timestamp() == doc["create_time"] - 30 * 3600
    delivered = next(one.words for one in found if one.code == "501")
    assert delivered.startswith("Delivered, ")
    assert "97201" not in delivered
