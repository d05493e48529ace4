"""ingest/line: several processes read one shop, and an older answer never comes after a newer."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import connection

from shipboard.channels.contract import Stage, Stream
from shipboard.channels.models import Shop
from shipboard.ingest.line import LINE_LOCK, line_of
from shipboard.ingest.models import Finding, Payload
from shipboard.ingest.payloads import unfolded
from shipboard.ingest.streams import Reader
from shipboard.ingest.sync import Synced, Why, reread, sync
from shipboard.orders.models import Event, Order
from tests.ingest.fake_channel import Clock, FakeChannel, connected_shop, cursor
from tests.ingest.test_apply_together import together

pytestmark = pytest.mark.django_db(transaction=True)


def held_lines() -> int:
    with connection.cursor() as cursor_:
        cursor_.execute(
            "select count(*) from pg_locks where locktype = 'advisory' and classid = %s "
            "and database = (select oid from pg_database where datname = current_database())",
            [LINE_LOCK],
        )
        return int(cursor_.fetchone()[0])


def test_two_processes_sync_one_shop(channel: FakeChannel, clock: Clock) -> None:
    shop = connected_shop()
    channel.place_many(40)
    outcomes = together(*[lambda: sync(Shop.objects.get(pk=shop.pk), clock)] * 2)
    synced = [each for each in outcomes if isinstance(each, Synced)]
    assert len(synced) == 2, outcomes
    assert sum(each.taken.applied.created for each in synced) == 40
    assert all(each.is_done and not each.failed for each in synced)
    assert Order.objects.count() == Event.objects.count() == 40
    assert cursor(shop).seen_until == clock.now
    assert held_lines() == 0


def test_a_webhook_need_not_wait_for_a_whole_pull(channel: FakeChannel, clock: Clock) -> None:
    shop = connected_shop()
    channel.place_many(60)
    channel.place("urgent", ago=channel.clock.now - channel.remote["0000"].changed_at)
    order: list[str] = []

    def slow(name: str, number: int) -> None:
        order.append(name)
        if name == "changed_orders":
            time.sleep(0.05)

    channel.before = slow

    def hook() -> object:
        time.sleep(0.2)
        return reread(Shop.objects.get(pk=shop.pk), ["0059"], Why.WEBHOOK, clock.now)

    together(lambda: sync(Shop.objects.get(pk=shop.pk), clock), hook)
    place = order.index("orders")
    assert "changed_orders" in order[:place]
    assert "changed_orders" in order[place:]


def test_an_older_answer_is_never_stored_after_a_newer(channel: FakeChannel, clock: Clock) -> None:
    """A slow poll has its answer and does not come to store it; meanwhile the order moves on and a
    webhook tells of it. The webhook's reading waits for the line."""
    shop = connected_shop()
    channel.place("1")
    channel.ask_to_cancel("1")
    has_answer = threading.Event()

    def slow(name: str, number: int) -> None:
        if name == "cases_of" and not has_answer.is_set():
            channel.change("1", Stage.IN_TRANSIT)
            has_answer.set()
            time.sleep(0.5)

    channel.before = slow

    def hook() -> object:
        has_answer.wait(5)
        return reread(Shop.objects.get(pk=shop.pk), ["1"], Why.WEBHOOK, clock.now)

    def poll() -> object:
        reader = Reader(
            shop=Shop.objects.get(pk=shop.pk),
            stream=Stream.ORDERS,
            channel=channel,
            until=clock.now,
            clock=clock,
        )
        return reader.step()

    together(poll, hook)
    assert Order.objects.get().stage == Stage.IN_TRANSIT
    assert unfolded(Payload.objects.get().body).startswith("1 in_transit")
    assert not Finding.objects.exists()


def test_shops_have_lines_of_their_own(clock: Clock) -> None:
    one, other = connected_shop("One"), connected_shop("Other")
    inside = threading.Barrier(2, timeout=10)

    def hold(shop: Shop) -> bool:
        with line_of(shop):
            inside.wait()
        return True

    assert together(lambda: hold(one), lambda: hold(other)) == [True, True]


def test_a_line_goes_with_its_connection(clock: Clock) -> None:
    shop = connected_shop()
    with line_of(shop) as line:
        assert (line.is_held, held_lines()) == (True, 1)
        connection.close()
        assert not line.is_held
        # The server hears of it a moment later.
        ends = time.monotonic() + 10
        while held_lines() and time.monotonic() < ends:
            time.sleep(0.01)
        assert held_lines() == 0
        with line_of(shop) as again:
            assert again.is_held
    assert held_lines() == 0
