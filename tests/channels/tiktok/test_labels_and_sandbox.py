"""Labels of the platform against the sandbox marketplace: in each market's way, rejected and
mended, lost and found again; every exchange is held against the description of the API.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from sandbox import verbs
from sandbox.fulfilment.carriers import PLATFORM_OPTION
from sandbox.market import Market
from sandbox.testing import double_labels, double_shipments, label_purchases
from shipboard.channels import delivery_options, registry, warehouses
from shipboard.channels.contract import (
    Arrangement,
    Channel,
    ChannelFailure,
    FailureKind,
    Handover,
    Outcome,
    Rejection,
    ShipTarget,
    Size,
    Stage,
)
from shipboard.channels.models import App, Shop
from tests import make
from tests.channels.tiktok.test_shipping_and_sandbox import SHOP, market, opened
from tests.sandbox.shipping import at_once, lines, order, package_id, ready

pytestmark = pytest.mark.django_db
__all__ = ["market", "opened"]

Open = Callable[[str], Channel]
SIZE = Size(
    weight_grams=850, length_cm=Decimal(30), width_cm=Decimal("20.5"), height_cm=Decimal(10)
)


def refusal(channel: Channel, target: ShipTarget, wanted: Arrangement) -> ChannelFailure:
    with pytest.raises(ChannelFailure) as raised:
        channel.arrange(target, wanted)
    return raised.value


@pytest.mark.parametrize("version", ["202309", "202512"])
def test_bought_in_the_united_states(market: Market, opened: Open, version: str) -> None:
    at_once(market)
    opened("US")
    App.objects.update(versions={"create_packages": version})
    channel = registry.open_channel(Shop.objects.get())
    (doc,) = ready(market, SHOP)
    part = ShipTarget(order_id=doc["id"], unit_ids=tuple(lines(doc, 0)))
    usual, dear = channel.services(part, SIZE)[:2]
    assert (usual.is_default, usual.price, usual.currency) == (True, Decimal("5.05"), "USD")
    wanted = Arrangement(size=SIZE, service_id=dear.remote_id)
    bought = channel.arrange(part, wanted)
    assert (bought.service, bought.price, bought.carrier) == (dear.name, dear.price, dear.carrier)
    package = channel.package(bought.package_id)
    assert package.is_arranged
    assert channel.document(bought.package_id, size="A6").content.startswith(b"%PDF")
    rest = channel.arrange(ShipTarget(order_id=doc["id"]), Arrangement(size=SIZE))
    [one, other] = label_purchases(market)
    assert (one.units, other.units) == (tuple(lines(doc, 0)), tuple(lines(doc, 1, 2)))
    assert (one.package_id, other.package_id) == (bought.package_id, rest.package_id)
    assert (one.price, other.service) == (dear.price, usual.name)
    fact = channel.orders([doc["id"]]).heard[0].fact
    assert fact.stage is Stage.PENDING_COLLECTION
    again = refusal(channel, ShipTarget(order_id=doc["id"]), Arrangement(size=SIZE))
    assert (again.kind, again.outcome) == (FailureKind.ALREADY_DONE, Outcome.DONE)
    assert again.rejection is Rejection.ALREADY_BOUGHT
    assert double_labels(market) == double_shipments(market) == []


@pytest.mark.parametrize("region", ["JP", "GB", "DE"])
def test_bought_elsewhere_by_the_body_that_is_taken_there(
    market: Market, opened: Open, region: str
) -> None:
    market.facts.set("uk_package_at_payment", False)
    channel = opened(region)
    (doc,) = ready(market, SHOP)
    if region == "JP":
        doc["_"]["address"]["postal_code"] = "100-0001"
        market.books.put("order", SHOP, doc)
    packages = [one["id"] for one in doc["packages"]]
    target = ShipTarget(order_id=doc["id"], package_id=packages[0] if region == "DE" else "")
    made = channel.arrange(target, Arrangement(size=SIZE))
    assert made.package_id == order(market, SHOP, doc)["packages"][0]["id"]
    assert len(label_purchases(market)) == 1


@pytest.mark.parametrize("null", [True, False])
def test_arranged_in_south_east_asia(market: Market, opened: Open, null: bool) -> None:
    market.facts.set("null_data_on_success", null)
    at_once(market)
    channel = opened("TH")
    (doc,) = ready(market, SHOP)
    package = package_id(doc)
    ways = channel.handover(package)
    assert ways.can_pickup
    slot = next(one for one in ways.slots if one.is_open)
    late = (slot.starts_at + timedelta(minutes=1), slot.ends_at)
    target = ShipTarget(order_id=doc["id"], package_id=package)
    market.facts.set("handover_ignored_in_sea", False)
    wrong = refusal(channel, target, Arrangement(handover=Handover.PICKUP, slot=late))
    assert (wrong.rejection, wrong.outcome) == (Rejection.PICKUP_SLOT, Outcome.NONE)
    times = (slot.starts_at, slot.ends_at)
    made = channel.arrange(target, Arrangement(handover=Handover.PICKUP, slot=times))
    assert made.package_id == package
    assert channel.package(package).is_arranged
    assert channel.document(package, kind="PACKING_SLIP", size="A5").content.startswith(b"%PDF")
    assert double_labels(market) == []


def test_a_lost_answer_leaves_it_open_and_the_package_tells(market: Market, opened: Open) -> None:
    channel = opened("TH")
    (doc,) = ready(market, SHOP)
    target = ShipTarget(order_id=doc["id"], package_id=package_id(doc))
    market.faults.one_shot("ship_package", "timeout_after_effect")
    lost = refusal(channel, target, Arrangement())
    assert lost.outcome is Outcome.UNKNOWN
    package = channel.package(target.package_id)
    assert package.is_arranging or package.is_arranged
    assert len(label_purchases(market)) == 1


@pytest.mark.parametrize(
    ("code", "group", "mended"),
    [
        (11021022, Rejection.OVERSIZED, Arrangement(size=SIZE)),
        (11021015, Rejection.OVERWEIGHT, Arrangement(size=SIZE)),
        (11021009, Rejection.NO_SERVICE, Arrangement(service_id="7208000000000000002")),
        (21042067, Rejection.CARRIER_ORDER_ERROR, Arrangement()),
    ],
)
def test_rejected_and_mended(
    market: Market, opened: Open, code: int, group: Rejection, mended: Arrangement
) -> None:
    channel = opened("US")
    (doc,) = ready(market, SHOP)
    verbs.do(market, "reject_label", SHOP, {"order_id": doc["id"], "code": code})
    target = ShipTarget(order_id=doc["id"])
    big = Size(
        weight_grams=9000, length_cm=Decimal(90), width_cm=Decimal(20), height_cm=Decimal(20)
    )
    refused = refusal(channel, target, Arrangement(size=big))
    assert (refused.code, refused.rejection, refused.outcome) == (str(code), group, Outcome.NONE)
    assert channel.arrange(target, mended).package_id
    assert len(label_purchases(market)) == 1


def test_only_the_buyer_mends_the_address(market: Market, opened: Open) -> None:
    channel = opened("US")
    (doc,) = ready(market, SHOP)
    verbs.do(market, "reject_label", SHOP, {"order_id": doc["id"], "code": "11021010"})
    target = ShipTarget(order_id=doc["id"])
    for _ in range(2):
        refused = refusal(channel, target, Arrangement(size=SIZE))
        assert refused.rejection is Rejection.BUYER_ADDRESS
    with pytest.raises(ChannelFailure) as asked:
        channel.services(target, SIZE)
    assert asked.value.rejection is Rejection.BUYER_ADDRESS
    verbs.do(market, "change_address", SHOP, {"order_id": doc["id"]})
    assert channel.arrange(target, Arrangement(size=SIZE)).price == Decimal("5.05")


def test_split_combined_and_taken_apart(market: Market, opened: Open) -> None:
    channel = opened("TH")
    one, two, three = ready(market, SHOP, 3)
    [advice] = channel.split_advice([three["id"]])
    assert (advice.can_split, advice.must_split) == (True, False)
    halves = channel.split(three["id"], [lines(three, 0, 1), lines(three, 2)])
    assert [one["id"] for one in order(market, SHOP, three)["packages"]] == list(halves)
    with pytest.raises(ChannelFailure) as mixed:
        channel.split(two["id"], [lines(two, 0), lines(two, 1, 2)])
    assert mixed.value.code == "21011035"
    [group] = channel.combinable()
    assert set(group.order_ids) == {one["id"], two["id"]}
    together = channel.combine(group)
    assert set(channel.package(together).order_ids) == {one["id"], two["id"]}
    apart = channel.uncombine(together)
    assert len(apart) == 2
    assert channel.package(together).is_canceled
    target = ShipTarget(order_id=one["id"], package_id=apart[0])
    assert channel.arrange(target, Arrangement()).package_id == apart[0]


def test_combining_what_is_shipped_is_refused_within_a_success(
    market: Market, opened: Open
) -> None:
    channel = opened("TH")
    one, two = ready(market, SHOP, 2)
    [group] = channel.combinable()
    channel.arrange(ShipTarget(order_id=one["id"], package_id=package_id(one)), Arrangement())
    with pytest.raises(ChannelFailure) as refused:
        channel.combine(group)
    assert refused.value.code == "21011046"
    assert package_id(order(market, SHOP, two)) == package_id(two)


def test_limits_of_delivery_options(market: Market, opened: Open) -> None:
    channel = opened("US")
    shop = Shop.objects.get()
    store = {"id": "9495000000000000001", "name": "Harbor store", "region": "US"}
    there = market.books.need("shop", "", SHOP)
    market.books.put("shop", "", there | {"warehouses": [store]})
    warehouses.remember(shop, channel.warehouses())
    assert delivery_options.is_due(shop, make.NOW)
    assert delivery_options.refresh_options(shop, channel, make.NOW) == 2
    limits = delivery_options.limits_of(shop, PLATFORM_OPTION)
    assert limits is not None
    assert (limits.least_grams, limits.most_grams) == (1, 31_751)
    assert limits.most_sides == (Decimal(274), Decimal(150), Decimal(150))
    assert not delivery_options.is_due(shop, make.NOW)
