"""The queue's housekeeping: what a dead worker had begun goes on, what is finished goes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateJob

from shipboard import jobs, tasks
from shipboard.ingest import schedule

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


def run(statement: str, *values: object) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.fetchone()[0]) if cursor.description else 0


def ended(status: str, ago: timedelta) -> int:
    """A job that ended so long ago."""
    pk = run(
        "insert into procrastinate_jobs (queue_name, task_name, status) values ('q', 't', %s)"
        " returning id",
        status,
    )
    run("insert into procrastinate_events (job_id, at) values (%s, %s)", pk, NOW - ago)
    return pk


def begun(shop_pk: int, silent: float) -> int:
    """A shop's sync, begun by a worker that has been silent for so many seconds."""
    schedule.queue(shop_pk)
    worker = run(
        "insert into procrastinate_workers (last_heartbeat)"
        " values (now() - make_interval(secs => %s)) returning id",
        silent,
    )
    return run(
        "update procrastinate_jobs set status = 'doing', worker_id = %s"
        " where queueing_lock = %s and status = 'todo' returning id",
        worker,
        f"{schedule.JOB} {shop_pk}",
    )


def revive() -> None:
    async def work() -> None:
        with app.replace_connector(DjangoConnector().get_worker_connector()):
            async with app.open_async():
                await jobs.retry_stalled(app.job_manager)

    asyncio.run(work())


def states() -> dict[int, str]:
    return dict(ProcrastinateJob.objects.values_list("pk", "status"))


@pytest.mark.django_db
def test_what_is_finished_is_deleted_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "BATCH", 2)
    for _ in range(5):
        ended("succeeded", DAY + timedelta(minutes=1))
    for status in ("failed", "cancelled", "aborted"):
        ended(status, 14 * DAY + timedelta(minutes=1))
    kept = [ended("succeeded", DAY - timedelta(minutes=1))]
    kept += [ended(one, 14 * DAY - timedelta(minutes=1)) for one in ("failed", "aborted")]
    kept += [ended(one, 99 * DAY) for one in ("todo", "doing")]
    assert jobs.forget_old(NOW) == 8
    assert sorted(states()) == kept
    assert run("select count(*) from procrastinate_events where job_id <> all(%s)", kept) == 0


@pytest.mark.django_db
def test_the_schedule_deletes_them() -> None:
    ended("succeeded", 2 * DAY)
    tasks.forget_old(0)
    assert states() == {}


@pytest.mark.django_db(transaction=True)
def test_what_a_dead_worker_had_begun_goes_on_and_what_lives_is_left_alone() -> None:
    dead, alive = begun(1, jobs.SILENCE + 1), begun(2, jobs.SILENCE - 5)
    revive()
    assert states() == {dead: "todo", alive: "doing"}


@pytest.mark.django_db(transaction=True)
def test_a_job_that_waits_already_does_the_work_of_the_one_that_died() -> None:
    """Each minute's poll queues the shop; its lane must not stay taken by the dead."""
    first, second = begun(1, jobs.SILENCE + 1), begun(2, jobs.SILENCE + 1)
    schedule.queue(1)
    revive()
    (waiting,) = states().keys() - {first, second}
    assert states() == {first: "aborted", second: "todo", waiting: "todo"}
