"""Splitting, combining and labels made elsewhere against the sandbox marketplace, end to end: asked
for here, sent, read again.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from sandbox import shops, tokens
from sandbox.kinds import Doc
from sandbox.market import Market
from sandbox.testing import transport
from shipboard import clock
from shipboard.channels import http, sealed
from shipboard.channels.contract import Arrangement, ShipTarget
from shipboard.channels.models import Connection, Shop
from shipboard.channels.registry import open_channel
from shipboard.channels.tiktok import client as client_module
from shipboard.channels.tiktok import oauth
from shipboard.fulfilment import fetching, sending
from shipboard.fulfilment.finding import find_labels
from shipboard.fulfilment.repack_rules import companions
from shipboard.fulfilment.repacking import ask_to_combine, ask_to_split, ask_to_uncombine
from shipboard.ingest.rereading import Why, reread
from shipboard.orders.attempts import Attempt
from shipboard.orders.labels import Label
from shipboard.orders.models import Line, Order
from shipboard.orders.parts import with_parts
from tests import make
from tests.channels.tiktok import made
from tests.fulfilment.conftest import MAI
from tests.sandbox.shipping import at_once, order, ready

pytestmark = pytest.mark.django_db(transaction=True)
SHOP = "7495000000000000001"


@pytest.fixture
def market(monkeypatch: pytest.MonkeyPatch) -> Iterator[Market]:
    market = Market()
    shops.add_app(market.books, "key1", "secret1", "https://desk.example/back")
    monkeypatch.setattr(http, "TRANSPORT", transport(market))
    monkeypatch.setattr(client_module, "sleep", lambda seconds: None)
    cache.clear()
    at_once(market)
    yield market
    market.close()


def connect(market: Market, region: str) -> Shop:
    shops.add_shop(market.books, {"id": SHOP, "name": "Harbor", "region": region})
    app = made.app(api_host="https://sandbox.test", auth_host="https://sandbox.test")
    there = shops.app(market.books, "key1")
    assert there is not None
    grant = oauth.exchange(app, tokens.give_code(market, there, SHOP))
    [found] = oauth.shops(grant)
    shop = make.shop(channel="tiktok", remote_id=found.remote_id, region=region, in_flight=1)
    line = Connection(shop=shop, grant=grant, state_at=make.NOW, connected_at=make.NOW)
    sealed.set_cipher(line, found.cipher)
    line.save()
    return shop


def read(shop: Shop, *docs: Doc) -> list[Order]:
    reread(shop, [doc["id"] for doc in docs], Why.ASKED, clock.now())
    return [_order(doc) for doc in docs]


def _order(doc: Doc) -> Order:
    return with_parts(Order.objects.filter(order_id=doc["id"]), clock.now())[0]


def who() -> dict[str, object]:
    return {"access": MAI, "now": clock.now(), "wall": clock.wall()}


def work(shop: Shop) -> Attempt:
    sending.carry_on(shop.pk, clock.now, clock.wall)
    return Attempt.objects.latest("pk")


def held(doc: Doc) -> list[str]:
    """The order's packages, by our facts."""
    return sorted({each.parcel.package_id for each in _order(doc).contents.all()})


@pytest.mark.parametrize("region", ["TH", "GB", "US"])
@pytest.mark.parametrize("fault", ["", "timeout_after_effect"])
def test_split(market: Market, region: str, fault: str) -> None:
    shop = connect(market, region)
    (doc,) = ready(market, SHOP)
    (found,) = read(shop, doc)
    lines = Line.objects.filter(order=found).order_by("position")
    groups = [list(line.unit_ids) for line in lines]
    if fault:
        market.faults.one_shot("split_order", fault)
    ask_to_split(found, groups, **who())  # type: ignore[arg-type]
    attempt = work(shop)
    if fault:
        assert attempt.state == "unknown"
        attempt = work(shop)
    assert (attempt.state, attempt.reason) == ("done", "")
    there = order(market, SHOP, doc)
    assert held(doc) == sorted(one["id"] for one in there["packages"])
    assert len(held(doc)) == len(groups)
    assert there["split_or_combine_tag"] == "SPLIT"


def test_combined_labelled_elsewhere_and_found(market: Market) -> None:
    shop = connect(market, "TH")
    one, two, three = ready(market, SHOP, 3)
    orders = read(shop, one, two, three)
    assert len(companions(orders[0], clock.now())) == 2
    (group,) = open_channel(shop).combinable()
    assert set(group.order_ids) == {doc["id"] for doc in (one, two, three)}
    ask_to_combine(orders[0], orders[1:], group_id=group.remote_id, **who())  # type: ignore[arg-type]
    assert work(shop).state == "done"
    assert held(one) == held(two) == held(three)
    ask_to_uncombine(_order(one), [three["id"]], **who())  # type: ignore[arg-type]
    assert work(shop).state == "done"
    assert held(one) == held(two) != held(three)
    (package_id,) = held(one)
    target = ShipTarget(order_id=one["id"], package_id=package_id)
    open_channel(shop).arrange(target, Arrangement())
    read(shop, one, two)
    (label,) = find_labels(_order(one), **who())  # type: ignore[arg-type]
    fetching.carry_on(shop.pk, clock.now, clock.wall)
    label.refresh_from_db()
    assert (label.state, label.source) == (Label.State.CREATED, Label.Source.FOUND)
    assert sorted(label.inside.values_list("order__order_id", flat=True)) == sorted(
        [one["id"], two["id"]]
    )
    assert len(market.books.ledger(what="label_bought")) == 1
