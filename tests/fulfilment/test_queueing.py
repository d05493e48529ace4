"""A shop's turns in the queue: with the transaction that asks for them, one for now and one for
later, the sooner of which counts.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction

from shipboard.fulfilment.queueing import FETCH, queue
from tests import make

NOW = make.NOW
pytestmark = pytest.mark.django_db(transaction=True)


def waiting() -> list[tuple[str, object]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select queueing_lock, scheduled_at from procrastinate_jobs where status = 'todo' "
            "and task_name = %s order by 1",
            [FETCH],
        )
        return list(cursor.fetchall())


def test_one_waits_for_now_and_one_for_later() -> None:
    soon = NOW + timedelta(seconds=5)
    for at in (NOW, NOW, soon, soon):
        queue(FETCH, 1, at, NOW)
    assert waiting() == [("fetch_labels 1 later", soon), ("fetch_labels 1 now", None)]


def test_the_sooner_of_two_later_ones_counts() -> None:
    for seconds in (60, 5, 300):
        queue(FETCH, 1, NOW + timedelta(seconds=seconds), NOW)
    assert waiting() == [("fetch_labels 1 later", NOW + timedelta(seconds=5))]


def test_a_turn_that_was_put_off_comes_now() -> None:
    """As the queue puts off what a dead worker had begun."""
    queue(FETCH, 1, NOW, NOW)
    with connection.cursor() as cursor:
        cursor.execute("update procrastinate_jobs set scheduled_at = now() + interval '1 minute'")
    queue(FETCH, 1, NOW, NOW)
    assert waiting() == [("fetch_labels 1 now", None)]


def test_what_is_rolled_back_was_never_asked_for() -> None:
    with transaction.atomic():
        queue(FETCH, 1, NOW, NOW)
        transaction.set_rollback(True)
    assert waiting() == []
