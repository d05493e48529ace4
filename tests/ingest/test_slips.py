"""Slips of a channel that must cost nothing for good: answers without data, and cases of orders
that could not be read when they were told of.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from shipboard.channels.contract import (
    CaseFact,
    CaseKind,
    OrdersPage,
    Stream,
    WarehouseFact,
)
from shipboard.channels.models import Shop
from shipboard.ingest.sync import sync
from shipboard.orders.models import Case, Order
from tests.ingest.fake_channel import Clock, FakeChannel, cursor

pytestmark = pytest.mark.django_db


def test_a_poll_that_is_answered_with_nothing_is_not_done(
    shop: Shop, clock: Clock, channel: FakeChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long it lasts: an order that came meanwhile is found once the channel answers."""
    channel.place("1")
    sync(shop, clock)
    read = cursor(shop).seen_until
    with monkeypatch.context() as silent:
        silent.setattr(channel, "changed_orders", lambda *given: OrdersPage())
        for _ in range(8):
            clock.pass_(minutes=10)
            if not Order.objects.filter(order_id="2").exists() and "2" not in channel.remote:
                channel.place("2")
            assert not [each for each in sync(shop, clock).failed if each.stream == "orders"]
        assert cursor(shop).seen_until == read
        assert cursor(shop).succeeded_at == clock.now
    sync(shop, clock)
    assert Order.objects.filter(order_id="2").exists()
    assert cursor(shop).seen_until == clock.now


def test_cases_of_an_order_that_could_not_be_read_come_with_it(
    shop: Shop, clock: Clock, channel: FakeChannel
) -> None:
    channel.place("1")
    channel.remote["1"].is_bad = True
    asked = CaseFact(kind=CaseKind.RETURN, case_id="R1", is_open=True)
    channel.cases["R1"] = ("1", asked, clock.now)
    channel.cases["C1"] = (
        "1",
        replace(asked, kind=CaseKind.CANCELLATION, case_id="C1", is_open=False),
        clock.now,
    )
    sync(shop, clock)
    assert not Order.objects.exists()
    clock.pass_(days=1)
    channel.change("1")
    channel.remote["1"].is_bad = False
    sync(shop, clock)
    found = Case.objects.order_by("case_id").values_list("case_id", "is_open")
    assert list(found) == [("C1", False), ("R1", True)]


def test_a_case_whose_order_is_not_told_waits_for_it(
    shop: Shop, clock: Clock, channel: FakeChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel.place("1")
    sync(shop, clock)
    clock.pass_(hours=1)
    asked = CaseFact(kind=CaseKind.RETURN, case_id="R1", is_open=True)
    channel.cases["R1"] = ("1", asked, clock.now)
    with monkeypatch.context() as silent:
        silent.setattr(channel, "orders", lambda *given: OrdersPage())
        [failed] = sync(shop, clock).failed
        assert (failed.stream, failed.kind) == (Stream.RETURNS, "transient")
    clock.pass_(hours=1)
    assert not sync(shop, clock).failed
    assert Case.objects.get().is_open


def test_a_case_of_an_order_that_nobody_knows_is_passed_over_in_the_end(
    shop: Shop, clock: Clock, channel: FakeChannel
) -> None:
    asked = CaseFact(kind=CaseKind.RETURN, case_id="R1", is_open=True)
    channel.cases["R1"] = ("9", asked, clock.now)
    failures = []
    for _ in range(5):
        failures.append(len(sync(shop, clock).failed))
        clock.pass_(minutes=1)
    assert failures == [1, 1, 1, 0, 1]


def test_warehouses_are_asked_for_until_some_are_named(
    shop: Shop, clock: Clock, channel: FakeChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {"remote_id": "9", "name": "Main store", "country": "US"}
    answers = iter([(), (WarehouseFact(**given),)])
    monkeypatch.setattr(channel, "warehouses", lambda: next(answers))
    for _ in range(4):
        sync(shop, clock)
        clock.pass_(minutes=1)
    assert shop.warehouses.get().name == "Main store"
