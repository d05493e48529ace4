"""/healthz says whether web, database and worker are well, and a shop's health page says what is
wrong with the worker, and what to do."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from shipboard.desk.health import HOUSEKEEPING, NONE, SILENCE, SILENT, STANDSTILL, STUCK
from shipboard.tasks import retry_stalled
from tests import make
from tests.ingest.fake_channel import connected_shop

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
PAGE = "/shops/northwind/health/"


def worker(silent: timedelta = timedelta(0)) -> None:
    """One that reported so long ago."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into procrastinate_workers (last_heartbeat) values (now() - %s)", [silent]
        )


def housekeeping(state: str, *ages: timedelta) -> None:
    """The last job of the queue's housekeeping, and how long ago each of its steps was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into procrastinate_jobs (queue_name, task_name, status) values "
            "('default', %s, %s) returning id",
            [HOUSEKEEPING, state],
        )
        (job,) = cursor.fetchone() or (None,)
        cursor.execute("delete from procrastinate_events where job_id = %s", [job])
        for age in ages:
            cursor.execute(
                "insert into procrastinate_events (job_id, type, at) "
                "values (%s, 'deferred', now() - %s)",
                [job, age],
            )
        cursor.execute(
            "insert into procrastinate_periodic_defers (task_name, defer_timestamp, job_id, "
            "periodic_id) values (%s, 1, %s, '')",
            [HOUSEKEEPING, job],
        )


def asked() -> HttpResponse:
    return Client().get("/healthz")


def reason() -> str:
    response = asked()
    assert response.status_code == 503
    assert response.json()["status"] == "unwell"
    said: str = response.json()["reason"]
    return said


def test_without_a_worker_it_says_so() -> None:
    assert reason() == NONE.reason
    assert "`shipboard worker`" in NONE.reason


def test_all_well() -> None:
    worker()
    housekeeping("succeeded", 17 * SECOND, 2 * SECOND)
    response = asked()
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_a_worker_that_has_just_begun_is_well() -> None:
    """There was none before; or the job that the last one left is begun."""
    worker()
    assert asked().status_code == 200
    housekeeping("doing", 20 * STANDSTILL, SECOND)
    assert asked().status_code == 200


def test_a_worker_that_reports_no_more() -> None:
    worker(SILENCE + SECOND)
    housekeeping("succeeded", SILENCE)
    assert reason() == SILENT.reason
    worker(SILENCE - 5 * SECOND)
    assert asked().status_code == 200


def test_a_worker_that_reports_but_does_nothing() -> None:
    worker()
    housekeeping("todo", STANDSTILL + SECOND)
    assert reason() == STUCK.reason


def test_one_that_is_slow_is_not_taken_for_one_that_hangs() -> None:
    worker()
    housekeeping("todo", STANDSTILL - 5 * SECOND)
    assert asked().status_code == 200


def test_it_looks_at_a_job_that_there_is() -> None:
    assert retry_stalled.name == HOUSEKEEPING


@pytest.mark.parametrize("is_connected", [True, False])
def test_a_shops_health_page_says_it_and_what_to_do(desk: Client, is_connected: bool) -> None:
    if is_connected:
        connected_shop()
    else:
        make.shop()
    worker()
    housekeeping("succeeded", SECOND)
    page = unescape(desk.get(PAGE).content.decode())
    assert STUCK.sentence not in page
    with connection.cursor() as cursor:
        cursor.execute("update procrastinate_events set at = at - %s", [STANDSTILL])
    page = unescape(desk.get(PAGE).content.decode())
    assert STUCK.sentence in page
    assert STUCK.next_step in page
    assert "Needs attention" in page
