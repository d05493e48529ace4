"""ingest/removal: a shop goes with everything of its line, and with secrets nobody uses."""

from __future__ import annotations

from django.db import connection

from shipboard.channels.models import App, CallRecord, Grant, Shop, Warehouse
from shipboard.ingest.models import Cursor, Finding, Hook, Notice, Payload
from shipboard.ingest.removal import remove_shop
from shipboard.ingest.sync import sync
from shipboard.orders.models import Order
from tests import make
from tests.ingest.fake_channel import Clock, FakeChannel, connected_shop


def everything(shop: Shop, channel: FakeChannel, clock: Clock) -> None:
    channel.place_many(3)
    channel.remote["0001"].is_bad = True
    sync(shop, clock)
    Hook.objects.create(channel="tiktok", shop=shop, received_at=make.NOW, body=b"", sha256=b"")
    Notice.objects.create(shop=shop, about="stale", sentence="Old.", since=make.NOW)
    CallRecord.objects.create(
        shop=shop, at=make.NOW, operation="x", method="GET", path="/", attempt=1, milliseconds=1
    )
    Warehouse.objects.create(shop=shop, name="North")


def rows_of(shop: Shop) -> dict[str, int]:
    """Of every table with a shop in it; the database says which those are."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select conrelid::regclass::text, attname from pg_constraint "
            "join pg_attribute on attrelid = conrelid and attnum = conkey[1] "
            "where contype = 'f' and confrelid = 'shop'::regclass"
        )
        found = {}
        for table, column in cursor.fetchall():
            cursor.execute(f"select count(*) from {table} where {column} = %s", [shop.pk])
            found[table] = cursor.fetchone()[0]
        return found


def test_nothing_of_it_stays(shop: Shop, channel: FakeChannel, clock: Clock) -> None:
    everything(shop, channel, clock)
    before = rows_of(shop)
    new = {"cursor", "finding", "hook", "notice", "call_record", "warehouse", "connection"}
    assert all(before[table] for table in new)
    remove_shop(shop)
    assert not any(rows_of(shop).values())
    left = (Payload, Order, Cursor, Finding, Hook, Notice, CallRecord, Grant, App, Shop)
    assert [table.__name__ for table in left if table.objects.exists()] == []


def test_what_another_shop_uses_stays(shop: Shop, channel: FakeChannel, clock: Clock) -> None:
    other = connected_shop("Southwind")
    sister = connected_shop("Sister")
    other.connection.grant = sister.connection.grant
    other.connection.save()
    Grant.objects.filter(connections=None).delete()
    everything(other, channel, clock)
    remove_shop(shop)
    assert Order.objects.count() == Payload.objects.count() == 2
    assert App.objects.count() == 1
    assert not Grant.objects.filter(open_id="Northwind").exists()
    remove_shop(other)
    assert Grant.objects.filter(open_id="Sister").exists()
    remove_shop(sister)
    assert not App.objects.exists()
