"""The channel against the sandbox marketplace: what a shop has there is what is read here, whatever
the marketplace is taken to do where nobody knows.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.core.cache import cache

from sandbox import shops, tokens
from sandbox.errors import ERRORS
from sandbox.market import Market
from sandbox.testing import transport
from shipboard.channels import http, registry, sealed
from shipboard.channels.contract import (
    Channel,
    ChannelFailure,
    Document,
    FailureKind,
    OrderFact,
    Outcome,
    Shipping,
    Stage,
    Stream,
)
from shipboard.channels.models import Connection
from shipboard.channels.tiktok import client as client_module
from shipboard.channels.tiktok import oauth
from shipboard.channels.tiktok.channel import TikTokChannel
from shipboard.channels.tiktok.errors import UNKNOWN, meaning
from tests import make
from tests.channels.tiktok import made
from tests.sandbox.fill import MAY, place
from tests.sandbox.shipping import ready

pytestmark = pytest.mark.django_db

SHOP = "7495000000000000002"
SINCE, UNTIL = (datetime.fromtimestamp(MAY + at, UTC) for at in (0, 86_400))


@pytest.fixture
def market(monkeypatch: pytest.MonkeyPatch) -> Iterator[Market]:
    market = Market()
    store = {"id": "9495000000000000002", "name": "Baan store", "region": "TH"}
    given = {"id": SHOP, "name": "Baan Craft", "region": "TH", "warehouses": [store]}
    shops.add_shop(market.books, given)
    shops.add_app(market.books, "key1", "secret1", "https://desk.example/back")
    monkeypatch.setattr(http, "TRANSPORT", transport(market))
    monkeypatch.setattr(client_module, "sleep", lambda seconds: None)
    cache.clear()
    yield market
    market.close()


@pytest.fixture
def channel(market: Market) -> Channel:
    app = made.app(api_host="https://sandbox.test", auth_host="https://sandbox.test")
    there = shops.app(market.books, "key1")
    assert there is not None
    grant = oauth.exchange(app, tokens.give_code(market, there, SHOP))
    [found] = oauth.shops(grant)
    shop = make.shop(found.name, channel="tiktok", remote_id=found.remote_id, region="TH")
    line = Connection(shop=shop, grant=grant, state_at=make.NOW, connected_at=make.NOW)
    sealed.set_cipher(line, found.cipher)
    line.save()
    return registry.open_channel(shop)


def whole(channel: Channel) -> list[OrderFact]:
    """All orders of the window, by the API's own pages."""
    found, page = [], ""
    while True:
        told = channel.changed_orders(Stream.ORDERS, SINCE, UNTIL, page)
        assert not told.unheard
        found += [one.fact for one in told.heard]
        page = told.next_page
        if not page:
            return found


def test_what_is_there_is_read(market: Market, channel: Channel) -> None:
    placed = place(market, SHOP, 130)
    facts = whole(channel)
    assert [fact.order_id for fact in facts] == [doc["id"] for doc in placed]
    fact, doc = facts[0], placed[0]
    assert fact.stage is Stage.AWAITING_SHIPMENT
    assert fact.created_at == datetime.fromtimestamp(doc["create_time"], UTC)
    assert fact.deadlines.ship_by == datetime.fromtimestamp(doc["rts_sla_time"], UTC)
    assert fact.total == Decimal(doc["payment"]["total_amount"])
    assert sum(line.quantity for line in fact.lines) == len(doc["line_items"]) == 3
    assert sorted(unit for line in fact.lines for unit in line.unit_ids) == sorted(
        unit["id"] for unit in doc["line_items"]
    )
    assert fact.shipping is Shipping.PLATFORM
    detail = channel.orders([doc["id"]]).heard[0].fact
    assert (detail.lines, detail.recipient, detail.deadlines) == (
        fact.lines,
        fact.recipient,
        fact.deadlines,
    )


@pytest.mark.parametrize("unknown", ["left out", "refused"])
def test_an_order_that_is_not_there_is_absent(
    market: Market, channel: Channel, unknown: str
) -> None:
    market.facts.set("unknown_ids_in_detail", unknown)
    [doc] = place(market, SHOP, 1)
    told = channel.orders(["576999999999999999", doc["id"]])
    assert [one.fact.order_id for one in told.heard] == [doc["id"]]
    assert channel.orders(["576999999999999999"]).heard == ()


def patiently(channel: Channel, package_id: str) -> Document:
    """The label, asked for until the carrier has made it (in real time)."""
    ends = time.monotonic() + 20
    while True:
        try:
            return channel.document(package_id)
        except ChannelFailure as failure:
            if failure.kind is not FailureKind.NOT_READY or time.monotonic() > ends:
                raise
        time.sleep(0.2)


def arrange(channel: Channel, package_id: str) -> None:
    """The platform's carrier is told of the package."""
    assert isinstance(channel, TikTokChannel)
    channel.client.call("ship_package", ids={"package_id": package_id}, body={})


@pytest.mark.parametrize("null", [True, False])
def test_ship_and_fetch_the_label(market: Market, channel: Channel, null: bool) -> None:
    market.facts.set("null_data_on_success", null)
    [doc] = ready(market, SHOP)
    parcel = channel.orders([doc["id"]]).heard[0].fact.parcels[0]
    assert sum(each.quantity for each in parcel.contents) == 3
    assert not channel.package(parcel.package_id).is_arranged
    with pytest.raises(ChannelFailure) as early:
        channel.document(parcel.package_id)
    assert early.value.kind in (FailureKind.NEEDS_FIX, FailureKind.NOT_READY)
    arrange(channel, parcel.package_id)
    with pytest.raises(ChannelFailure) as again:
        arrange(channel, parcel.package_id)
    assert again.value.kind is FailureKind.ALREADY_DONE
    assert again.value.outcome is Outcome.DONE
    after = channel.package(parcel.package_id)
    assert after.is_arranged or after.is_arranging
    label = patiently(channel, parcel.package_id)
    assert label.media_type == "application/pdf"
    assert label.tracking_number == channel.package(parcel.package_id).tracking_number


def test_warehouses(market: Market, channel: Channel) -> None:
    [found] = channel.warehouses()
    assert (found.name, found.country) == ("Baan store", "TH")


def test_every_code_that_the_sandbox_gives_has_a_meaning() -> None:
    unknown = [code for code in ERRORS if meaning("ship_package", str(code)) is UNKNOWN]
    assert unknown == []
