"""ingest/apply: two writers at once never both think an order new."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from shipboard.ingest.apply import Applied, Source, apply
from shipboard.orders.models import Event, Order, Parcel
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)
SOURCE = Source(by="tests", now=make.NOW)


def together(*works: Callable[[], object]) -> list[object]:
    """What each gives, all begun at one moment, each on a connection of its own."""
    gate = threading.Barrier(len(works))
    given: list[object] = [None] * len(works)

    def run(place: int, work: Callable[[], object]) -> None:
        gate.wait()
        try:
            given[place] = work()
        except Exception as problem:  # the test looks at it
            given[place] = problem
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return given


def test_each_order_comes_once() -> None:
    shop = make.shop()
    facts = [
        make.order(str(number), parcels=(make.parcel(package_id=f"P{number}"),))
        for number in range(200)
    ]
    outcomes = together(
        lambda: apply(shop, facts, SOURCE), lambda: apply(shop, list(reversed(facts)), SOURCE)
    )
    assert sorted(map(str, outcomes)) == sorted(
        map(str, (Applied(created=200), Applied(unchanged=200)))
    )
    counts = (Order.objects.count(), Parcel.objects.count(), Event.objects.count())
    assert counts == (200, 200, 200)
