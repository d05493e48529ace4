"""The client against the sandbox marketplace, which shares no code with it: connecting, paging,
every fault of a connection, and what a seller must be told."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.core.cache import cache

from sandbox import api, shops, tokens
from sandbox.market import Market
from sandbox.signature import sign_webhook
from sandbox.testing import transport
from shipboard.channels import http, sealed
from shipboard.channels.contract import ChannelFailure, FailureKind, Outcome
from shipboard.channels.models import App, Connection, Grant
from shipboard.channels.tiktok import asking, oauth, webhooks
from shipboard.channels.tiktok import client as client_module
from shipboard.channels.tiktok.client import Client
from shipboard.channels.tiktok.versions import OPERATIONS
from tests import make
from tests.channels.tiktok import made
from tests.sandbox.fill import place

pytestmark = pytest.mark.django_db

SHOP = "7495000000000000001"
#: Its scope is told differently in different places.
DISPUTED = {"tracking"}


@pytest.fixture
def market(monkeypatch: pytest.MonkeyPatch) -> Iterator[Market]:
    market = Market()
    store = {"id": "9495000000000000001", "name": "Harbor store", "region": "US"}
    given = {"id": SHOP, "name": "Harbor Goods", "region": "US", "warehouses": [store]}
    shops.add_shop(market.books, given)
    shops.add_app(market.books, "key1", "secret1", "https://desk.example/back")
    monkeypatch.setattr(http, "TRANSPORT", transport(market))
    monkeypatch.setattr(client_module, "sleep", lambda seconds: None)
    cache.clear()
    yield market
    market.close()


@pytest.fixture
def app(market: Market) -> App:
    return made.app(api_host="https://sandbox.test", auth_host="https://sandbox.test")


def code(market: Market) -> str:
    """What the callback gets when the seller agrees."""
    app = shops.app(market.books, "key1")
    assert app is not None
    return tokens.give_code(market, app, SHOP)


@pytest.fixture
def grant(market: Market, app: App) -> Grant:
    return oauth.exchange(app, code(market))


@pytest.fixture
def line(grant: Grant) -> Connection:
    [found] = oauth.shops(grant)
    assert (found.remote_id, found.name, found.region) == (SHOP, "Harbor Goods", "US")
    line = Connection(
        shop=make.shop(found.name, channel="tiktok", remote_id=found.remote_id),
        grant=grant,
        state_at=make.NOW,
        connected_at=make.NOW,
    )
    sealed.set_cipher(line, found.cipher)
    line.save()
    return line


def client(line: Connection) -> Client:
    return Client(line, line.grant.app)


def detail(line: Connection) -> ChannelFailure:
    with pytest.raises(ChannelFailure) as caught:
        client(line).call("order_detail", query={"ids": ["576"]})
    return caught.value


def test_orders_over_pages_and_in_detail(market: Market, line: Connection) -> None:
    place(market, SHOP, 250)
    pages, token = [], ""
    while True:
        query = {"page_size": 100, "page_token": token or None, "sort_field": "update_time"}
        data = client(line).call("search_orders", query=query, body={}).data
        pages.append([order["id"] for order in data["orders"]])
        token = data["next_page_token"]
        if not token:
            break
    ids = [id for page in pages for id in page]
    assert [len(page) for page in pages] == [100, 100, 50]
    assert len(set(ids)) == 250
    told = client(line).call("order_detail", query={"ids": ids[:50]}).data["orders"]
    assert [order["id"] for order in told] == ids[:50]


@pytest.mark.parametrize(
    "fault",
    [
        "http_429",
        "http_503",
        "token_expired",
        "timeout_before_effect",
        "timeout_after_effect",
        "reset_mid_body",
    ],
)
def test_a_read_survives_every_fault(market: Market, line: Connection, fault: str) -> None:
    [order] = place(market, SHOP, 1)
    market.faults.one_shot("order_detail", fault)
    data = client(line).call("order_detail", query={"ids": [order["id"]]}).data
    assert [one["id"] for one in data["orders"]] == [order["id"]]
    assert market.faults.struck() == {fault: 1}


@pytest.mark.parametrize("fault", ["timeout_before_effect", "timeout_after_effect"])
def test_a_write_is_never_made_twice(market: Market, line: Connection, fault: str) -> None:
    market.faults.switch(fault, 1, "ship_package")
    with pytest.raises(ChannelFailure) as caught:
        client(line).call("ship_package", ids={"package_id": "115"}, body={})
    assert caught.value.outcome is Outcome.UNKNOWN
    assert market.faults.struck() == {fault: 1}


def test_data_null_is_a_success(market: Market, line: Connection) -> None:
    market.faults.one_shot("order_detail", "null_data")
    assert client(line).call("order_detail", query={"ids": ["576"]}).data == {}


@pytest.mark.parametrize("seconds", [-310, 40])
def test_a_clock_that_is_off(
    line: Connection, seconds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Off:
        @staticmethod
        def time() -> float:
            return time.time() + seconds

    monkeypatch.setattr(asking, "time", Off)
    found = detail(line)
    assert found.code == "36009004"


def test_a_wrong_secret(line: Connection) -> None:
    sealed.set_app_secret(line.grant.app, "another")
    found = detail(line)
    assert (found.kind, found.code) == (FailureKind.AUTH, "106001")


def test_access_withdrawn(market: Market, line: Connection) -> None:
    tokens.withdraw(market, SHOP)
    assert detail(line).kind is FailureKind.AUTH
    grant = Grant.objects.get(pk=line.grant.pk)
    grant.access_ends_at = datetime.now(UTC)
    grant.save()
    found = detail(Connection.objects.get(pk=line.pk))
    assert (found.kind, found.allowed) == (FailureKind.AUTH, ("reconnect",))
    assert Grant.objects.get(pk=grant.pk).problem == found.sentence


def test_a_code_works_once_there_too(market: Market, app: App) -> None:
    used = code(market)
    oauth.exchange(app, used)
    cache.clear()
    with pytest.raises(ChannelFailure, match="used already"):
        oauth.exchange(app, used)


def test_its_webhooks_are_signed(app: App) -> None:
    body = b'{"type":1,"data":{}}'
    given = {"Authorization": sign_webhook("key1", "secret1", body)}
    assert webhooks.is_signed(app, given, body)
    assert not webhooks.is_signed(app, given, body + b" ")


def theirs() -> dict[tuple[str, str], api.Operation]:
    Market().close()  # enters every operation
    return {(one.method, re.sub(r"\{\w+\}", "{}", one.path)): one for one in api.operations()}


def test_both_tables_of_operations_agree() -> None:
    sandbox, common = theirs(), 0
    for ours in OPERATIONS.values():
        one = sandbox.get((ours.method, re.sub(r"\{\w+\}", "{}", ours.path)))
        if one is None:
            continue
        common += 1
        assert one.cipher == ours.cipher, ours.name
        assert (one.page[:2] if one.page else None) == ours.page, ours.name
        assert one.scope == ours.scope or ours.name in DISPUTED, ours.name
    assert common > 10
