"""What the marketplace has of the demo's shops: read over its API, it is what was meant, field by
field, but for what the API does not tell or tells besides.
"""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest

from sandbox.market import Market
from shipboard import clock
from shipboard.channels import registry
from shipboard.channels.contract import (
    Arrangement,
    CaseFact,
    CaseKind,
    ChannelFailure,
    Deadlines,
    LineFact,
    OrderFact,
    Shipping,
    ShipTarget,
    Size,
    Stage,
    Stream,
)
from shipboard.channels.models import App, CallRecord, Connection, Grant, Shop
from shipboard.demo import load as loading
from shipboard.demo.labels import BAD_POSTCODE, BOUGHT, CARRIER_FAILS, LONG_ADDRESS, TOO_BIG
from shipboard.demo.load import CannotLoad, orders
from shipboard.demo.marketplace import Site
from shipboard.demo.markets import MARKETS
from shipboard.demo.markets import Market as Of
from shipboard.embedded.sandbox import KEY
from shipboard.ingest.models import Finding, Hook
from shipboard.orders.models import Order
from tests import make
from tests.demo.conftest import Load
from tests.demo.market import SITE

pytestmark = pytest.mark.django_db
REMOTE = [market for market in MARKETS if market.remote_id]
#: Where what is read may differ from what was meant, and why.
NOT_TOLD = {
    "delivery_option_type": "the API names the option only",
    "status_words": "for statuses that are known here, the stage says it",
    "tells_all": "a reader says that of itself",
}
#: Sums over the lines, which the API tells besides.
SUMS = {"sub_total", "original_total_product_price", "seller_discount", "platform_discount"}
#: Ids of what the desk has by name, and the name of the marketplace.
BESIDES = {"warehouse_id", "delivery_option_id", "commerce_platform"}
COMPARED = [one.name for one in fields(OrderFact) if one.name not in NOT_TOLD]


def read(shop: Shop) -> dict[str, OrderFact]:
    """Every order over the API, with its cases."""
    channel = registry.open_channel(shop)
    since, until = make.NOW - timedelta(days=90), make.NOW
    told: dict[str, list[CaseFact]] = {}
    for stream in (Stream.CANCELLATIONS, Stream.RETURNS):
        page = ""
        while True:
            cases = channel.changed_cases(stream, since, until, page)
            assert not cases.unheard
            for order_id, case in cases.cases:
                told.setdefault(order_id, []).append(case)
            if not (page := cases.next_page):
                break
    found, page = {}, ""
    while True:
        got = channel.changed_orders(Stream.ORDERS, since, until, page)
        assert not got.unheard
        for heard in got.heard:
            fact = heard.fact
            # A buyer's request stands at the order too, nameless.
            found[fact.order_id] = replace(fact, cases=tuple(told.get(fact.order_id, ())))
            assert bool(fact.cases) == any(
                case.is_open and case.kind is CaseKind.CANCELLATION
                for case in told.get(fact.order_id, ())
            )
        if not (page := got.next_page):
            return found


def meant(fact: OrderFact, market: Of) -> dict[str, Any]:
    """The values expected of COMPARED."""
    values = {name: getattr(fact, name) for name in COMPARED}
    values["cases"] = _cases(fact)
    values["recipient"] = _recipient(fact)
    values["deadlines"] = _deadlines(fact, market)
    values["lines"] = tuple(map(_line, fact.lines))
    # The API tells of weights with the package alone.
    sent = (each for each in fact.parcels if each.tracking_number)
    values["parcels"] = tuple(replace(each, weight_kg=None) for each in sent)
    values["extra"] = BESIDES
    # The API spells out what is nothing.
    values["charges"] = {name: amount for name, amount in fact.charges.items() if amount}
    return values


def got(fact: OrderFact) -> dict[str, Any]:
    values = {name: getattr(fact, name) for name in COMPARED}
    values["cases"] = _cases(fact)
    values["lines"] = tuple(map(_line, fact.lines))
    charges = {name: amount for name, amount in fact.charges.items() if amount}
    values["charges"] = {name: charges[name] for name in charges.keys() - SUMS}
    values["parcels"] = tuple(each for each in fact.parcels if each.tracking_number)
    values["extra"] = set(fact.extra) - {"shipping_provider_id", "fulfillment_type"}
    return values


def _cases(fact: OrderFact) -> tuple[CaseFact, ...]:
    """Units are named there, and when a case changed."""
    return tuple(replace(case, unit_ids=(), changed_at=None) for case in fact.cases)


def _line(line: LineFact) -> LineFact:
    """Categories are not told of orders; ids and statuses of single units are told besides."""
    item = replace(line.item, category="")
    return replace(line, item=item, unit_ids=(), extra={})


def _deadlines(fact: OrderFact, market: Of) -> Deadlines:
    """What the order does not say, the rules of its market do."""
    rules = market.profile.deadlines(
        stage=fact.stage, order_type=fact.order_type, created_at=fact.created_at
    )
    said = fact.deadlines
    is_open = fact.stage in {
        Stage.ON_HOLD,
        Stage.AWAITING_SHIPMENT,
        Stage.PARTIALLY_SHIPPED,
        Stage.PENDING_COLLECTION,
        Stage.IN_TRANSIT,
    }
    return Deadlines(
        ship_by=said.ship_by or rules.ship_by,
        collect_by=said.collect_by or rules.collect_by,
        deliver_by=said.deliver_by or rules.deliver_by,
        auto_cancel_at=(said.auto_cancel_at or rules.auto_cancel_at) if is_open else None,
    )


def _recipient(fact: OrderFact) -> dict[str, str]:
    """Nothing before the order is sure; little of what the platform ships, or of what is over."""
    to = dict(fact.recipient)
    if fact.stage in {Stage.UNPAID, Stage.ON_HOLD}:
        return {"country": to["country"]}
    if to["country"] == "US":
        over = fact.delivered_at and fact.delivered_at <= make.NOW - timedelta(days=44)
        is_masked = fact.stage is Stage.CANCELED or (fact.stage is Stage.CLOSED and over)
    else:
        is_masked = fact.shipping is Shipping.PLATFORM or fact.is_platform_fulfilled
    if is_masked:
        for key in ("name", "phone", "postal_code", "address"):
            to[key] = f"{to[key][:1]}****"
    return to


@pytest.mark.usefixtures("kept")
def test_what_is_read_is_what_was_meant() -> None:
    for of in REMOTE:
        found = read(Shop.objects.get(remote_id=of.remote_id))
        facts = list(orders(of, make.NOW))
        assert found.keys() == {fact.order_id for fact in facts}
        for fact in facts:
            there = found[fact.order_id]
            assert got(there) == meant(fact, of), fact.order_id
            if fact.stage is Stage.UNKNOWN:
                assert there.status_words == fact.status_words


def test_where_a_package_exists_from_payment_it_waits_there(kept: Market) -> None:
    """In South East Asia it can be shipped only by its id; in the United States there is none."""
    for of in REMOTE:
        for fact in orders(of, make.NOW):
            packages = kept.books.find("package", of.remote_id, order_id=fact.order_id)
            waits = [one for one in packages if one["package_status"] == "TO_FULFILL"]
            is_mine = not fact.is_platform_fulfilled and fact.stage in {
                Stage.ON_HOLD,
                Stage.AWAITING_SHIPMENT,
                Stage.PARTIALLY_SHIPPED,
            }
            parts = sum(not parcel.tracking_number for parcel in fact.parcels) or 1
            assert len(waits) == (parts if is_mine and of.region == "TH" else 0), fact.order_id
            units = [id for one in packages for id in one["order_line_item_ids"]]
            assert len(units) == len(set(units))


@pytest.mark.usefixtures("kept")
def test_the_shops_are_connected_as_anybodys_are() -> None:
    slugs = Shop.objects.order_by("pk").values_list("slug", "channel")
    assert list(slugs) == [
        ("demo-northwind-us", "tiktok"),
        ("demo-northwind-uk", "file"),
        ("demo-northwind-th", "tiktok"),
    ]
    for line in Connection.objects.all():
        assert line.state == Connection.State.ON
        assert line.hooks_address == f"{SITE.desk}/hooks/tiktok/"
        assert line.shop.cursors.exclude(succeeded_at=make.NOW).count() == 0
    assert (App.objects.count(), Grant.objects.count()) == (1, 2)
    assert CallRecord.objects.filter(failure="").exists()
    human = Finding.objects.filter(needs_human=True)
    assert set(human.values_list("kind", flat=True)) <= {"unknown_status"}
    assert not Hook.objects.exists()


def test_a_second_start_follows_where_the_sandbox_is(kept: Market) -> None:
    before = list(Order.objects.order_by("pk").values_list("order_id", "version"))
    elsewhere = Site("http://127.0.0.1:8791", "http://127.0.0.1:8001")
    loading.load(make.NOW + timedelta(hours=1), elsewhere)
    app = App.objects.get(key=KEY)
    assert (app.api_host, app.auth_host) == (elsewhere.sandbox, elsewhere.sandbox)
    assert app.authorize_url == f"{elsewhere.sandbox}/open/authorize"
    wanted = {one["address"] for one in kept.books.find("subscription")}
    assert wanted == {f"{elsewhere.desk}/hooks/tiktok/"}
    assert list(Order.objects.order_by("pk").values_list("order_id", "version")) == before


def test_a_marketplace_that_lost_its_books_is_filled_anew(load: Load, market: Market) -> None:
    load(make.NOW)
    with market.books.change():
        market.books.rows("DELETE FROM documents WHERE kind != 'app'")
    load(make.NOW + timedelta(minutes=5))
    assert Order.objects.count() == 2400
    assert {shop["id"] for shop in market.books.find("shop", "")} == {of.remote_id for of in REMOTE}


def test_without_a_marketplace_it_is_said_and_nothing_is_half_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shipboard.demo.marketplace.PATIENCE", 0.2)
    with pytest.raises(CannotLoad, match="does not answer"):
        loading.load(clock.now(), Site("http://127.0.0.1:9", "http://127.0.0.1:8000"))
    assert not Shop.objects.exists()


def test_labels_of_some_orders_are_rejected_and_others_may_travel_together(kept: Market) -> None:
    for of in REMOTE:
        shop = Shop.objects.get(remote_id=of.remote_id)
        channel = registry.open_channel(shop)
        noted = {fact.seller_note: fact for fact in orders(of, make.NOW)}
        codes = []
        for note in (BAD_POSTCODE, LONG_ADDRESS, TOO_BIG, CARRIER_FAILS):
            found = channel.orders([noted[note].order_id]).heard[0].fact
            package = next((one.package_id for one in found.parcels), "")
            target = ShipTarget(order_id=found.order_id, package_id=package)
            with pytest.raises(ChannelFailure) as refused:
                channel.arrange(target, Arrangement(size=Size(weight_grams=300)))
            codes.append(refused.value.code)
        assert codes == ["11021010", "11021013", "11021019", "21042067"]
        bought = channel.orders([noted[BOUGHT].order_id]).heard[0].fact
        assert channel.package(bought.parcels[0].package_id).is_arranged
    [group] = [one for one in channel.combinable() if len(one.order_ids) == 3]
    assert (
        len({kept.books.need("order", of.remote_id, id)["user_id"] for id in group.order_ids}) == 1
    )
