"""The limiter: no second, wherever it begins, sees more calls than allowed, over all processes."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from django.db import connection

from shipboard.channels.tiktok import limits


@pytest.mark.django_db
def test_the_first_calls_go_at_once_and_the_rest_are_spread(settings: Any) -> None:
    settings.TIKTOK_CALLS_PER_SECOND = 50
    waits = [limits.take("1/1/order_detail", 10) for _ in range(20)]
    assert waits[:5] == [0.0] * 5
    assert waits[10] > 0
    assert 0.2 < waits[19] < 0.4
    assert waits[5:] == sorted(waits[5:])


@pytest.mark.django_db
def test_another_shop_or_operation_has_its_own_turns(settings: Any) -> None:
    settings.TIKTOK_CALLS_PER_SECOND = 1
    limits.take(limits.key(1, 1, "order_detail"), 10)
    assert limits.take(limits.key(1, 1, "order_detail"), 10) > 0.5
    assert limits.take(limits.key(1, 2, "order_detail"), 10) == 0
    assert limits.take(limits.key(2, 1, "order_detail"), 10) == 0
    assert limits.take(limits.key(1, 1, "search_orders"), 10) == 0
    assert limits.take(limits.key(1, None, "order_detail"), 10) == 0


@pytest.mark.django_db
def test_a_turn_that_is_too_far_away_is_not_taken(settings: Any) -> None:
    settings.TIKTOK_CALLS_PER_SECOND = 0.1
    limits.take("k", 1)
    for _ in range(3):
        with pytest.raises(limits.Busy) as caught:
            limits.take("k", 1)
        assert 9 < caught.value.seconds < 12


@pytest.mark.django_db
def test_a_pause_holds_up_everybody_and_is_never_shortened() -> None:
    limits.pause("k", 5)
    limits.pause("k", 2)
    assert 4 < limits.take("k", 10) <= 5
    with pytest.raises(limits.Busy):
        limits.take("k", 1)


@pytest.mark.django_db(transaction=True)
def test_processes_share_the_turns(settings: Any) -> None:
    settings.TIKTOK_CALLS_PER_SECOND = 100
    at: list[float] = []

    def work() -> None:
        try:
            for _ in range(30):
                time.sleep(limits.take("k", 10))
                at.append(time.monotonic())
        finally:
            connection.close()

    began = time.monotonic()
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(at) == 120
    # 120 calls at 90 a second, ten of them at once.
    assert max(at) - began > 1.1
