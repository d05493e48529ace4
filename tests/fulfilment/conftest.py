"""A shop with orders, and people of it; and a connected shop that ships."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from shipboard.accounts.access import Access
from shipboard.channels import registry
from shipboard.channels.models import Shop
from shipboard.fulfilment import runner
from shipboard.fulfilment.allowed import Verb
from shipboard.fulfilment.models import Run
from shipboard.fulfilment.runs import begin
from shipboard.fulfilment.selection import Selection
from shipboard.fulfilment.wishes import Wishes
from shipboard.orders.filters import parse
from shipboard.orders.models import Colour
from tests import make
from tests.fulfilment.shipping_channel import ShippingChannel, carriers
from tests.ingest.fake_channel import Clock, connected_shop

MAI = Access(by="mai")
RED = Wishes(colour=Colour.RED)


def stock(shop: Shop, many: int) -> list[int]:
    """Primary keys of so many new orders."""
    pks = []
    for number in range(many):
        order = make.row(shop, f"{shop.slug}-{number}")
        order.save()
        pks.append(order.pk)
    return pks


def some(*pks: int) -> Selection:
    return Selection(len(pks), pks=tuple(sorted(pks)))


def all_of(query: str, count: int) -> Selection:
    return Selection(count, filter=parse(query))


Begin = Callable[..., Run]


@pytest.fixture
def begun() -> Begin:
    """Begin a run of Mai's that flags red, unless told otherwise."""

    def run(
        selection: Selection,
        verb: Verb = Verb.FLAG,
        wishes: Wishes = RED,
        key: UUID | None = None,
        access: Access = MAI,
    ) -> Run:
        return begin(selection, verb, wishes, key=key or uuid4(), access=access, now=make.NOW)

    return run


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shipping_shop(db: None) -> Shop:
    shop = connected_shop(dispatch_hours=None, auto_cancel_hours=None, in_flight=1)
    carriers(shop)
    return shop


@pytest.fixture
def channel(clock: Clock, shipping_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> ShippingChannel:
    made = ShippingChannel(clock)
    monkeypatch.setattr(registry, "open_channel", lambda shop: made)
    monkeypatch.setattr(runner, "wall", clock)
    return made


@pytest.fixture
def desk(shipping_shop: Shop, clock: Clock, channel: ShippingChannel) -> Any:
    """shipping_desk.Desk with one order, "1", that waits to be shipped."""
    from tests.fulfilment.shipping_desk import Desk

    channel.place_order("1")
    made = Desk(shipping_shop, clock, channel)
    made.read()
    return made


@pytest.fixture
def deciding_desk(shipping_shop: Shop, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Any:
    """deciding_desk.Desk with one order, "1", that waits to be shipped."""
    from tests.fulfilment.deciding_channel import DecidingChannel
    from tests.fulfilment.deciding_desk import Desk

    channel = DecidingChannel(clock)
    channel.decided, channel.canceled, channel.keys = [], [], {}
    monkeypatch.setattr(registry, "open_channel", lambda shop: channel)
    monkeypatch.setattr(runner, "wall", clock)
    Shop.objects.filter(pk=shipping_shop.pk).update(region="TH")
    shipping_shop.refresh_from_db()
    channel.place_order("1")
    made = Desk(shipping_shop, clock, channel)
    made.read()
    return made
