"""A shop that somebody removes while its marketplace is asked: work on it ends, nothing is left."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from shipboard.channels.models import Shop
from shipboard.ingest import hook_work, schedule
from shipboard.ingest.models import Cursor, Hook
from shipboard.ingest.removal import remove_shop
from shipboard.ingest.sync import sync
from shipboard.orders.models import Order
from tests import make
from tests.ingest.fake_channel import Clock, FakeChannel


def removed_at(channel: FakeChannel, shop: Shop, name: str) -> None:
    """As soon as the channel is asked `name`."""

    def remove(asked: str, number: int) -> None:
        if asked == name and Shop.objects.filter(pk=shop.pk).exists():
            remove_shop(Shop.objects.get(pk=shop.pk))

    channel.before = remove


def nothing_is_left(caplog: pytest.LogCaptureFixture) -> None:
    assert not caplog.records
    assert [each for each in (Shop, Order, Cursor, Hook) if each.objects.exists()] == []


@pytest.mark.parametrize("name", ["changed_orders", "changed_cases", "cases_of", "warehouses"])
def test_while_its_changes_are_read(
    shop: Shop, channel: FakeChannel, clock: Clock, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    channel.place_many(9)
    channel.ask_to_cancel("0001")
    removed_at(channel, shop, name)
    schedule.carry_on_sync(shop.pk, clock)
    nothing_is_left(caplog)


def test_while_open_orders_are_read_again(
    shop: Shop, channel: FakeChannel, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    channel.place_many(3)
    sync(shop, clock)
    removed_at(channel, shop, "orders")
    schedule.carry_on_reconcile(shop.pk, clock)
    nothing_is_left(caplog)


def test_while_a_webhook_is_worked_on(
    shop: Shop, channel: FakeChannel, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    channel.place_many(3)
    Hook.objects.create(
        channel="tiktok",
        shop=shop,
        received_at=make.NOW,
        body=b"",
        sha256=b"",
        order_ids=["0001"],
        state=Hook.State.NEW,
    )
    removed_at(channel, shop, "orders")
    hook_work.carry_on(shop.pk, clock)
    nothing_is_left(caplog)


@pytest.mark.django_db(transaction=True)
def test_what_comes_between_its_rows_and_itself_waits(shop: Shop) -> None:
    waited: list[bool] = []

    def come() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("set local lock_timeout = '200ms'")
                Cursor.objects.create(shop=shop, stream="returns")
        except OperationalError:
            waited.append(True)
        finally:
            connection.close()

    def at_last(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("delete from connection "):  # the cursors are gone by then
            thread = threading.Thread(target=come)
            thread.start()
            thread.join()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(at_last):
        remove_shop(shop)
    assert waited == [True]
    assert not Shop.objects.exists()
