"""ingest/schedule: a job a shop each minute, in turns, and never more than the lanes at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from shipboard import tasks
from shipboard.channels.contract import FailureKind, Stream
from shipboard.channels.models import Connection, Grant, Shop
from shipboard.cli.run import WORKER_JOBS
from shipboard.ingest import schedule
from shipboard.ingest.cursors import note_failure
from shipboard.ingest.sync import sync
from shipboard.orders.models import Order
from tests import make
from tests.ingest.fake_channel import Clock, FakeChannel, connected_shop, cursor, failure

pytestmark = pytest.mark.django_db


def waiting() -> list[tuple[str, int]]:
    jobs = ProcrastinateJob.objects.filter(status="todo", queue_name=schedule.QUEUE).order_by("id")
    return [(job.task_name, job.args["shop_pk"]) for job in jobs]


def test_every_shop_that_is_on_has_one_job(clock: Clock) -> None:
    make.shop("Files only")
    shops = {name: connected_shop(name) for name in ("On", "Paused", "Off", "Ended", "Out")}
    for name, state in (("Paused", Connection.State.PAUSED), ("Off", Connection.State.OFF)):
        Connection.objects.filter(shop=shops[name]).update(state=state)
    Grant.objects.filter(connections__shop=shops["Ended"]).update(ended_at=clock.now)
    note_failure(shops["Out"], "orders", failure(FailureKind.AUTH), clock.now)
    schedule.poll(clock.now)
    schedule.poll(clock.now)
    assert waiting() == [(schedule.JOB, shops["On"].pk)]


def test_the_worker_has_room_for_more_than_syncing() -> None:
    for _ in range(7):
        schedule.queue(connected_shop(f"Shop {_}").pk)
    locks = set(ProcrastinateJob.objects.values_list("lock", flat=True))
    assert len(locks) == schedule.LANES
    assert WORKER_JOBS - len(locks) >= 3


def test_both_jobs_of_a_shop_are_told_apart(clock: Clock) -> None:
    shop = connected_shop()
    Connection.objects.update(connected_at=clock.now - timedelta(days=3))
    schedule.poll(clock.now)
    assert waiting() == [(schedule.JOB, shop.pk), (schedule.RECONCILE_JOB, shop.pk)]


@pytest.mark.usefixtures("page_by_page")
def test_a_long_pull_lets_others_in_and_goes_on(
    monkeypatch: pytest.MonkeyPatch, shop: Shop, channel: FakeChannel, clock: Clock
) -> None:
    monkeypatch.setattr(schedule, "TURN", 0)
    channel.place_many(9)
    counts = []
    schedule.queue(shop.pk)
    while waiting() and len(counts) < 40:
        ProcrastinateJob.objects.all().delete()
        schedule.carry_on_sync(shop.pk, clock)
        counts.append(Order.objects.count())
    assert counts[:2] == [3, 5]
    assert counts[-1] == 9
    assert all(cursor(shop, stream).succeeded_at for stream in Stream)


def test_jobs_of_shops_that_are_gone_or_paused_do_nothing(
    shop: Shop, channel: FakeChannel, clock: Clock
) -> None:
    Connection.objects.update(state=Connection.State.PAUSED)
    tasks.sync_shop(shop_pk=shop.pk)
    tasks.reconcile_shop(shop_pk=shop.pk)
    tasks.sync_shop(shop_pk=0)
    assert channel.calls == []


def test_asking_does_not_wait_for_the_next_try(
    shop: Shop, channel: FakeChannel, clock: Clock
) -> None:
    note_failure(shop, "orders", failure(FailureKind.TRANSIENT), clock.now)
    sync(shop, clock, patient=True)
    assert cursor(shop).succeeded_at is None
    schedule.sync_now(shop)
    assert waiting() == [(schedule.JOB, shop.pk)]
    sync(shop, clock, patient=True)
    assert cursor(shop).succeeded_at == clock.now
