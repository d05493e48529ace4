"""What the desk's own client says to the marketplace and hears from it, step by step as the
third-party client of tests/sandbox does: every exchange is as the API is described.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from sandbox.kinds import Doc
from shipboard.channels import registry
from shipboard.channels.contract import (
    Channel,
    ChannelFailure,
    FailureKind,
    ShipTarget,
    Stream,
)
from shipboard.channels.models import Grant
from shipboard.channels.tiktok import hooking, oauth, tokens, webhooks
from shipboard.channels.tiktok.client import Client
from tests.channel_proofs.rig import ADDRESS, SHOP, Rig
from tests.sandbox.described import differences
from tests.sandbox.fill import MAY, place
from tests.sandbox.shipping import GULL, MANGROVE, PLOVER, order, ready

pytestmark = pytest.mark.django_db
#: A number of an invented carrier of each market, and that carrier.
OWN = {
    "US": ("GX000000000001", GULL),
    "GB": ("PL000000000001", PLOVER),
    "TH": ("MG000000000001", MANGROVE),
}
SINCE, UNTIL = (datetime.fromtimestamp(MAY, UTC) + timedelta(days=n) for n in (-1, 2))


@pytest.fixture(params=["TH", "US", "GB"])
def rig(request: pytest.FixtureRequest, db: None) -> Iterator[Rig]:
    with Rig(request.param) as made:
        made.market.facts.set("time_passes", False)
        yield made
        exchanges = made.market.record.exchanges()
        assert exchanges
        wrong = [words for one in exchanges if (words := differences(one))]
        assert not wrong, "\n".join(wrong)


@pytest.fixture
def channel(rig: Rig) -> Channel:
    return registry.open_channel(rig.shop)


def client(rig: Rig) -> Client:
    line = rig.shop.connection
    return Client(line, line.grant.app)


def asked(rig: Rig, operation: str) -> int:
    return sum(one.operation == operation for one in rig.market.record.exchanges())


def pages(channel: Channel, stream: Stream) -> Iterator[list[str]]:
    """Order ids, page by page."""
    page = ""
    while True:
        told = channel.changed_orders(stream, SINCE, UNTIL, page)
        yield [each.fact.order_id for each in told.heard]
        page = told.next_page
        if not page:
            return


def test_shops_and_a_renewed_token(rig: Rig) -> None:
    grant = Grant.objects.get()
    first = tokens.access_token(grant)
    assert tokens.access_token(grant, refused=first) != first
    assert [(one.remote_id, one.region) for one in oauth.shops(grant)] == [(SHOP, rig.region)]


def test_250_orders_over_pages_and_their_detail(rig: Rig, channel: Channel) -> None:
    made = [doc["id"] for doc in place(rig.market, SHOP, 250)]
    found = list(pages(channel, Stream.ORDERS))
    assert [len(page) for page in found] == [100, 100, 50]
    assert [id for page in found for id in page] == made
    detail = channel.orders(made).heard
    assert [each.fact.order_id for each in detail] == made
    assert detail[0].fact.lines[0].item.seller_sku == "MUG-01"
    assert asked(rig, "order_detail") == 5
    assert list(pages(channel, Stream.CANCEL_REQUESTS)) == [[]]


def test_cases(rig: Rig, channel: Channel) -> None:
    [doc] = ready(rig.market, SHOP)
    rig.market.facts.set("time_passes", False)
    rig.does("buyer_cancels", Chance())
    now = rig.clock.now
    for stream in (Stream.CANCELLATIONS, Stream.RETURNS):
        told = channel.changed_cases(stream, now - timedelta(days=1), now)
        assert len(told.cases) == (stream is Stream.CANCELLATIONS)
        assert channel.cases_of([doc["id"]], stream).cases == told.cases


class Chance:
    """Always the same."""

    def getrandbits(self, bits: int) -> int:
        return 7


def test_warehouses(channel: Channel) -> None:
    assert [each.name for each in channel.warehouses()] == ["Main store"]


def arranged(rig: Rig, channel: Channel, doc: Doc) -> str:
    """The order's package, shipped the way of its market; gives its id."""
    if rig.region == "US":
        call = client(rig).call
        offered = call(
            "shipping_services",
            ids={"order_id": doc["id"]},
            body={
                "order_line_item_ids": [line["id"] for line in doc["line_items"]],
                "weight": {"value": "500", "unit": "GRAM"},
            },
        ).data
        assert offered["shipping_services"]
        made = call(
            "create_packages",
            body={
                "order_id": doc["id"],
                "shipping_service_id": offered["shipping_services"][0]["id"],
            },
        ).data
        return str(made["package_id"])
    parcel = channel.orders([doc["id"]]).heard[0].fact.parcels[0]
    assert not channel.package(parcel.package_id).is_arranged
    _ship(rig, parcel.package_id)
    return parcel.package_id


def _ship(rig: Rig, package_id: str) -> None:
    """The platform's carrier is told of it."""
    client(rig).call("ship_package", ids={"package_id": package_id}, body={})


def test_ship_and_document(rig: Rig, channel: Channel) -> None:
    [doc] = ready(rig.market, SHOP)
    package = arranged(rig, channel, doc)
    told = channel.package(package)
    assert told.is_arranged
    assert told.order_ids == (doc["id"],)
    label = channel.document(package)
    assert (label.media_type, label.tracking_number) == ("application/pdf", told.tracking_number)
    assert label.content.startswith(b"%PDF")
    fact = channel.orders([doc["id"]]).heard[0].fact
    assert [each.tracking_number for each in fact.parcels] == [told.tracking_number]
    with pytest.raises(ChannelFailure) as refused:
        arranged(rig, channel, order(rig.market, SHOP, doc)) if rig.region == "US" else (
            _ship(rig, package)
        )
    assert refused.value.kind in (FailureKind.ALREADY_DONE, FailureKind.FINAL)


def test_a_number_of_the_sellers_own(rig: Rig, channel: Channel) -> None:
    [doc] = ready(rig.market, SHOP, shipping_type="SELLER")
    parcels = channel.orders([doc["id"]]).heard[0].fact.parcels if rig.region == "TH" else ()
    target = ShipTarget(order_id=doc["id"], package_id=parcels[0].package_id if parcels else "")
    number, carrier_id = OWN[rig.region]
    channel.ship(target, tracking_number=number, carrier_id=carrier_id)
    fact = channel.orders([doc["id"]]).heard[0].fact
    [parcel] = fact.parcels
    assert parcel.tracking_number == number
    assert fact.stage == "pending_collection"


def test_webhooks_are_asked_for_signed_and_stopped(rig: Rig) -> None:
    [doc] = ready(rig.market, SHOP)
    line = rig.shop.connection
    kinds = {one["event_type"] for one in rig.market.books.find("subscription", SHOP)}
    assert kinds == set(hooking.kinds(rig.region))
    heard: list[tuple[bool, tuple[str, ...]]] = []

    def post(url: str, headers: dict[str, str], body: bytes, seconds: float) -> int:
        hint = webhooks.hint(body)
        is_changed = webhooks.is_signed(line.grant.app, headers, body + b" ")
        heard.append((webhooks.is_signed(line.grant.app, headers, body), hint.order_ids))
        assert (url, is_changed, hint.remote_shop_id) == (ADDRESS, False, SHOP)
        return 200

    rig.market.hooks.post = post
    rig.does("buyer_cancels", Chance())
    rig.market.hooks.deliver_due()
    assert (True, (doc["id"],)) in heard
    assert all(is_signed for is_signed, _ in heard)
    hooking.stop(line)
    assert not rig.market.books.find("subscription", SHOP)
