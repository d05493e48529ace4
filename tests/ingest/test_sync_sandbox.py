"""ingest/sync against the sandbox marketplace: the desk has what the marketplace has."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache

from sandbox import life, shops, tokens, verbs
from sandbox.market import Market
from sandbox.shapes_package import mark_lines
from sandbox.testing import transport
from shipboard.channels import http, sealed
from shipboard.channels.contract import PARCEL_TROUBLE, FailureKind, Stage, Stream
from shipboard.channels.models import Connection, Shop
from shipboard.channels.registry import parcel_states
from shipboard.channels.tiktok import client as client_module
from shipboard.channels.tiktok import oauth
from shipboard.ingest.models import Finding, Payload
from shipboard.ingest.payloads import unfolded
from shipboard.ingest.reconcile import reconcile
from shipboard.ingest.sync import sync
from shipboard.orders.cards import Card, on_card
from shipboard.orders.counts import counts
from shipboard.orders.models import Event, Order
from tests import make
from tests.channels.tiktok import made
from tests.ingest.fake_channel import Clock, cursor
from tests.sandbox.fill import MAY, place
from tests.sandbox.shipping import package_id, ready

pytestmark = pytest.mark.django_db
SHOP = "7495000000000000002"


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
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The desk's, an hour after the last order was placed."""
    clock = Clock()
    clock.now = datetime.fromtimestamp(MAY, UTC) + timedelta(hours=6)
    monkeypatch.setattr("shipboard.clock.now", clock)
    return clock


@pytest.fixture
def shop(market: Market, clock: Clock) -> Shop:
    app = made.app(api_host="https://sandbox.test", auth_host="https://sandbox.test")
    there = shops.app(market.books, "key1")
    assert there is not None
    grant = oauth.exchange(app, tokens.give_code(market, there, SHOP))
    [found] = oauth.shops(grant)
    shop = make.shop(found.name, channel="tiktok", remote_id=found.remote_id, region="TH")
    at = clock.now - timedelta(hours=1)
    line = Connection(shop=shop, grant=grant, state_at=at, connected_at=at)
    sealed.set_cipher(line, found.cipher)
    line.save()
    return shop


def move(market: Market, order_id: str, status: str, at: datetime) -> None:
    market.clock.hold(int(at.timestamp()))
    with market.books.change():
        order = life.order(market, SHOP, order_id)
        life.set_lines(order, None, status)
        life.settle(market, SHOP, order)


def test_all_orders_come_and_the_night_finds_nothing(
    market: Market, shop: Shop, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    placed = place(market, SHOP, 250)
    synced = sync(shop, clock)
    assert synced.taken.applied.created == 250
    assert cursor(shop).succeeded_at == clock.now
    assert set(Order.objects.values_list("order_id", flat=True)) == {doc["id"] for doc in placed}
    assert set(Order.objects.values_list("warehouse", flat=True)) == {"Baan store"}
    payload = Payload.objects.get(order__order_id=placed[7]["id"])
    assert json.loads(unfolded(payload.body))["line_items"] == placed[7]["line_items"]
    clock.pass_(hours=8)
    assert sync(shop, clock).taken.applied.updated == 0
    taken = reconcile(shop, clock).taken
    assert (taken.heard, taken.applied.updated, taken.missed, taken.gone) == (250, 0, (), ())
    assert Event.objects.count() == 250
    assert not Finding.objects.exists()
    address = placed[0]["recipient_address"]
    assert not any(address[name] in caplog.text for name in ("name", "phone_number"))


def test_changes_come_with_the_next_poll(market: Market, shop: Shop, clock: Clock) -> None:
    placed = place(market, SHOP, 30)
    sync(shop, clock)
    clock.pass_(minutes=1)
    changed = {doc["id"] for doc in placed[:7]}
    for order_id in changed:
        move(market, order_id, "AWAITING_COLLECTION", clock.now)
    clock.pass_(minutes=1)
    taken = sync(shop, clock).taken
    assert (set(taken.applied.changed), taken.applied.updated) == (changed, 7)
    moved = Order.objects.filter(stage=Stage.PENDING_COLLECTION)
    assert set(moved.values_list("order_id", flat=True)) == changed


def collected(market: Market, order_id: str) -> None:
    """The carrier has the order's package."""
    with market.books.change():
        order = life.order(market, SHOP, order_id)
        package = market.books.need("package", SHOP, package_id(order))
        package |= {"package_status": "FULFILLING", "package_sub_status": "TTS"}
        package |= {"tracking_number": f"TH{order_id[-9:]}", "shipping_provider_name": "Monsoon"}
        mark_lines(package, [order])
        market.books.put("package", SHOP, package)
        life.set_lines(order, None, "IN_TRANSIT")
        life.settle(market, SHOP, order)


@pytest.mark.parametrize(("verb", "trouble"), [("lose", "lost"), ("damage", "damaged")])
def test_a_parcel_that_never_arrives_is_a_logistics_issue(
    market: Market, shop: Shop, clock: Clock, verb: str, trouble: str
) -> None:
    orders = [doc["id"] for doc in ready(market, SHOP, 3)]
    market.clock.hold(int(clock.now.timestamp()))
    for order_id in orders:
        collected(market, order_id)
    sync(shop, clock)
    assert not counts([shop], clock.now).cards[Card.LOGISTICS_ISSUE]
    for name, order_id in ((verb, orders[0]), ("bring_back", orders[1])):
        verbs.do(market, name, SHOP, {"order_id": order_id})
    clock.pass_(minutes=10)
    sync(shop, clock)
    assert counts([shop], clock.now).cards[Card.LOGISTICS_ISSUE] == 1
    order = Order.objects.get(on_card(Card.LOGISTICS_ISSUE, clock.now))
    assert (order.order_id, order.extra[PARCEL_TROUBLE]) == (orders[0], trouble)
    payload = unfolded(Payload.objects.get(order=order).body)
    (state,) = parcel_states("tiktok", payload)
    assert (state.travel, state.words) == (trouble, f"The package was {trouble}")
    assert not counts([shop], clock.now + timedelta(days=31)).cards[Card.LOGISTICS_ISSUE]


def test_access_that_was_withdrawn_is_said(market: Market, shop: Shop, clock: Clock) -> None:
    tokens.withdraw(market, SHOP)
    (failed,) = sync(shop, clock).failed
    assert failed.kind == FailureKind.AUTH
    assert failed.sentence
    assert failed.next_step
    assert not Order.objects.exists()


@pytest.mark.parametrize("fault", ["http_429", "http_503", "null_data", "reset_mid_body"])
def test_a_marketplace_that_falters_costs_no_order(
    market: Market, shop: Shop, clock: Clock, fault: str
) -> None:
    place(market, SHOP, 120)
    market.faults.switch(fault, 0.4)
    for _ in range(40):
        clock.pass_(minutes=10)
        if not any(each.stream == Stream.ORDERS for each in sync(shop, clock).failed):
            break
    assert market.faults.struck()[fault]
    assert Order.objects.count() == 120
