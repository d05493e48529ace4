"""Which shops are read when: each minute a job for every connected shop that is due, and each night
one to read its open orders again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from shipboard.channels.models import Connection, Shop
from shipboard.channels.registry import NotConnected
from shipboard.ingest import cursors, reconcile
from shipboard.ingest.carriers import read_carriers, read_delivery_options
from shipboard.ingest.sync import Clock, is_on, sync

JOB = "sync_shop"
RECONCILE_JOB = "reconcile_shop"
QUEUE = "sync"
#: So many jobs of this queue run at once (a lane is a lock of the queue); the worker has as many
#: places again for everything else (cli/run.py), so slow marketplaces keep no import waiting.
LANES = 3
#: After so many seconds a long pull lets the next shop of its lane in and queues up again.
TURN = 20


def poll(now: datetime) -> None:
    """Queue every shop that is on, for its streams and, at night, for its open orders."""
    lines = Connection.objects.filter(state=Connection.State.ON, grant__ended_at=None)
    for line in lines.select_related("shop").order_by("shop"):
        if cursors.is_locked_out(line.shop, now):
            continue
        queue(line.shop_id)
        if reconcile.is_due(line.shop, line.connected_at, now):
            queue(line.shop_id, RECONCILE_JOB)


def sync_now(shop: Shop) -> None:
    """Somebody asks, or has just connected the shop: what failed does not wait any longer."""
    cursors.forgive(shop)
    queue(shop.pk)


def queue(shop_pk: int, job: str = JOB) -> None:
    """Once per shop and kind of job: one that waits already will do."""
    deferrer = app.configure_task(
        job, queue=QUEUE, lock=f"lane {shop_pk % LANES}", queueing_lock=f"{job} {shop_pk}"
    )
    with suppress(AlreadyEnqueued), transaction.atomic():
        deferrer.defer(shop_pk=shop_pk)


def carry_on_sync(shop_pk: int, clock: Clock) -> None:
    """One turn of a shop's sync."""
    shop = _connected(shop_pk)
    if shop is None:
        return
    try:
        synced = sync(shop, clock, goes_on=_one_turn(), patient=True)
        read_carriers(shop, clock)
        read_delivery_options(shop, clock)
    except NotConnected:
        return
    if not synced.is_done and is_on(shop):
        queue(shop_pk)


def carry_on_reconcile(shop_pk: int, clock: Clock) -> None:
    """One turn of a shop's nightly reading; the next minute's poll carries it on."""
    shop = _connected(shop_pk)
    if shop is None:
        return
    try:
        reconcile.reconcile(shop, clock, goes_on=_one_turn())
    except NotConnected:
        return


def _connected(shop_pk: int) -> Shop | None:
    shop = Shop.objects.filter(pk=shop_pk).first()
    return shop if shop and is_on(shop) else None


def _one_turn() -> Callable[[], bool]:
    end = time.monotonic() + TURN
    return lambda: time.monotonic() < end
