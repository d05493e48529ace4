"""ingest/reconcile: what no poll told of is found at night; and when the night is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shipboard.channels.contract import FailureKind, Stage
from shipboard.channels.models import Shop
from shipboard.ingest.models import Finding
from shipboard.ingest.reconcile import RECONCILE, is_due, reconcile
from shipboard.ingest.sync import sync
from shipboard.orders.models import Order
from tests import make
from tests.ingest.fake_channel import Clock, FakeChannel, cursor, failure

Kind = Finding.Kind


def asked(channel: FakeChannel) -> list[str]:
    return [order_id for call in channel.calls if call[0] == "orders" for order_id in call[1]]


def test_a_change_that_nobody_told_of_is_repaired_and_listed(
    shop: Shop, channel: FakeChannel, clock: Clock
) -> None:
    channel.place_many(4, timedelta(days=1))
    channel.place("done", Stage.CANCELED)
    sync(shop, clock)
    clock.pass_(hours=12)
    sync(shop, clock)
    channel.remote["0001"].stage = Stage.IN_TRANSIT  # and its time of change stays
    channel.change("0002", Stage.IN_TRANSIT)  # the next poll will tell of it
    clock.pass_(seconds=10)
    channel.calls.clear()
    taken = reconcile(shop, clock).taken
    assert sorted(asked(channel)) == ["0000", "0001", "0002", "0003"]
    assert (taken.applied.updated, taken.missed) == (2, ("0001",))
    assert Order.objects.filter(stage=Stage.IN_TRANSIT).count() == 2
    finding = Finding.objects.get()
    assert (finding.kind, finding.order_id, finding.needs_human) == (
        Kind.MISSED_CHANGE,
        "0001",
        False,
    )
    clock.pass_(minutes=1)
    assert reconcile(shop, clock).taken.applied.updated == 0


def test_an_open_order_that_is_gone_is_listed(
    shop: Shop, channel: FakeChannel, clock: Clock
) -> None:
    channel.place_many(2)
    sync(shop, clock)
    del channel.remote["0001"]
    assert reconcile(shop, clock).taken.gone == ("0001",)
    assert Finding.objects.get().needs_human


def test_it_goes_on_where_it_stopped(shop: Shop, channel: FakeChannel, clock: Clock) -> None:
    channel.page_size = 1000
    channel.place_many(130, timedelta(seconds=1))
    sync(shop, clock)
    channel.calls.clear()
    assert not reconcile(shop, clock, goes_on=lambda: False).is_done
    assert len(asked(channel)) == 50
    assert is_due(shop, clock.now, clock.now)

    def cut(name: str, number: int) -> None:
        if number == 3:
            raise failure(FailureKind.TRANSIENT)

    channel.before = cut
    (failed,) = reconcile(shop, clock).failed
    assert (failed.kind, len(asked(channel))) == (FailureKind.TRANSIENT, 130)
    assert not is_due(shop, clock.now, clock.now)
    channel.before = lambda name, number: None
    channel.calls.clear()
    clock.pass_(minutes=10)
    assert is_due(shop, clock.now, clock.now)
    assert reconcile(shop, clock).failed == ()
    assert len(asked(channel)) == 30
    assert cursor(shop, RECONCILE).succeeded_at == clock.now
    assert not is_due(shop, clock.now, clock.now)


@pytest.mark.parametrize(
    ("zone", "hour"), [("UTC", 2), ("America/New_York", 7), ("Asia/Bangkok", 19)]
)
def test_it_is_done_at_the_shops_own_night(
    shop: Shop, channel: FakeChannel, clock: Clock, zone: str, hour: int
) -> None:
    shop.timezone = zone
    start = datetime(2026, 11, 22, 12, tzinfo=UTC)
    due = [
        start + timedelta(minutes=minutes)
        for minutes in range(0, 24 * 60, 5)
        if is_due(shop, start, start + timedelta(minutes=minutes))
    ]
    night = datetime(2026, 11, 22 if hour > 12 else 23, hour, tzinfo=UTC)
    assert due
    assert night <= due[0] <= night + timedelta(hours=2)
    assert due[-1] < night + timedelta(hours=4)
    clock.now = due[0]
    reconcile(shop, clock)
    assert not any(is_due(shop, start, at) for at in due)
    assert is_due(shop, start, due[0] + timedelta(days=1))
    assert not is_due(shop, start, due[0] + timedelta(hours=23))


def test_a_desk_that_sleeps_at_night_does_it_by_day(shop: Shop) -> None:
    noon = make.NOW
    assert not is_due(shop, noon - timedelta(hours=29), noon)
    assert is_due(shop, noon - timedelta(hours=31), noon)
