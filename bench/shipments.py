"""Shipping many orders: asking for them in one run, and sending them to a sandbox that takes its
time over every call.

    python -m bench.shipments [--rows N] [--latency MS] [--profile] [--write]
"""

from __future__ import annotations

import argparse
import cProfile
import json
import os
import pstats
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field
from typing import TYPE_CHECKING, Any
from unittest import mock
from uuid import uuid4

from bench import page
from bench.apply import scratch
from bench.channel import server
from bench.marketplace import SHOP, Marketplace, connect, marketplace
from bench.running import processor
from bench.timing import Result

if TYPE_CHECKING:
    from shipboard.channels.models import Shop

#: Calls of one shop at once.
IN_FLIGHT = 10
#: Placed by one verb of the sandbox's.
PLACED = 500
#: The calls that ship.
SHIPS = "mark_shipped"


@dataclass
class Waits:
    """Of the calls that were made: how many of each operation, and seconds waited for them."""

    calls: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True)
class Taken:
    """Seconds of the clock, and of processor here and at the database."""

    whole: float
    here: float
    database: float

    def a_row(self, rows: int) -> str:
        here, database = (1000 * each / rows for each in (self.here, self.database))
        return f"{here + database:.1f} ms ({here:.1f} here, {database:.1f} at the database)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=3_000, help="orders that are shipped")
    parser.add_argument("--latency", type=int, default=200, help="of every call, in milliseconds")
    parser.add_argument("--profile", action="store_true", help="where the time goes, on stderr")
    parser.add_argument("--write", action="store_true", help="to docs/performance.md")
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args()
    os.environ.setdefault("SHIPBOARD_TIKTOK_CALLS_PER_SECOND", "100000")
    with server(), scratch(), marketplace(0, is_still=False) as market:
        found = _results(market, given)
    if given.write:
        page.write(page.SHIPMENTS, page.shipments(found))
    if given.json:
        print(json.dumps([astuple(each) for each in found]))
        return
    for each in found:
        print(f"{each.what}: {each.measured}; {each.floor}; {each.ratio}")


def _results(market: Marketplace, given: argparse.Namespace) -> list[Result]:
    rows = given.rows
    shop = stocked(market, rows)
    run, begun = timed(lambda: _begin(shop, rows))
    _, asked = timed(lambda: carried_on(run), given.profile)
    market.control("latency", milliseconds=given.latency)
    with measured() as waits:
        _, sent = timed(lambda: _send(shop), given.profile)
    market.control("latency", milliseconds=0)
    _check(market, run, rows)
    shipped = waits.calls[SHIPS]
    others = sum(waits.calls.values()) - shipped
    floor = waits.seconds / IN_FLIGHT
    return [
        Result(
            f"Ask for {rows:,} shipments in one run, row by row",
            f"{asked.whole:.1f} s, of processor {asked.a_row(rows)} a row",
            f"beginning the run: {begun.whole:.1f} s",
            f"{asked.whole / begun.whole:.1f}",
        ),
        Result(
            f"Send {rows:,} shipments, {IN_FLIGHT} calls in flight, each {given.latency} ms; of "
            f"processor {sent.a_row(rows)} a row",
            f"{sent.whole:.1f} s",
            f"the waits of all calls / {IN_FLIGHT}: {floor:.1f} s",
            f"{sent.whole / floor:.2f}",
        ),
        Result(
            f"Calls beside those that ship, of {rows:,} shipments",
            f"{others:,}",
            f"calls that ship: {shipped:,}",
            f"{others / rows:.3f} a row",
        ),
    ]


def stocked(market: Marketplace, rows: int, shape: str = "seller") -> Shop:
    """A connected shop with so many orders that wait to be shipped by their seller (`shape` of the
    sandbox's: by the platform)."""
    from shipboard import clock
    from shipboard.channels import registry
    from shipboard.channels.models import Shop
    from shipboard.channels.providers import refresh_carriers
    from shipboard.ingest.sync import sync

    market.control("fact", key="on_hold_exists", value="False")
    for done in range(0, rows, PLACED):
        many = min(PLACED, rows - done)
        market.control("do/place", shop=SHOP, shape=shape, count=many, seed=done + 1)
    shop = connect(market).shop
    Shop.objects.update(in_flight=IN_FLIGHT, undo_seconds=0)
    shop.refresh_from_db()
    sync(shop, clock.now)
    refresh_carriers(shop, registry.open_channel(shop), clock.now())
    return shop


def _begin(shop: Shop, rows: int) -> Any:
    from shipboard import clock
    from shipboard.accounts.access import Access
    from shipboard.fulfilment.allowed import Verb
    from shipboard.fulfilment.runs import begin_each
    from shipboard.orders.models import Order

    waiting = Order.objects.filter(shop=shop, stage="awaiting_shipment").order_by("pk")
    wishes = [
        (pk, {"tracking_number": f"TBA{number:012d}", "carrier": "Amazon shipping"})
        for number, pk in enumerate(waiting.values_list("pk", flat=True))
    ]
    if len(wishes) != rows:
        raise SystemExit(f"{len(wishes)} orders wait instead of {rows}.")
    return begin_each(
        wishes,
        Verb.ADD_SHIPMENT,
        key=uuid4(),
        access=Access(by="bench"),
        now=clock.now(),
        chosen="all",
    )


def carried_on(run: Any) -> None:
    from shipboard import clock
    from shipboard.fulfilment import runner

    runner.carry_on(run.pk, clock.now)


def _send(shop: Shop) -> None:
    """Turn after turn, as the worker does."""
    from shipboard import clock
    from shipboard.fulfilment import outbox, sending

    while outbox.next_due(shop.pk):
        sending.carry_on(shop.pk, clock.now, clock.wall)


def _check(market: Marketplace, run: Any, rows: int) -> None:
    """Raises SystemExit unless each was shipped, once."""
    from shipboard.fulfilment.runs import tally

    told = {outcome.value: many for outcome, many in tally(run).items() if many}
    if told != {"done": rows}:
        raise SystemExit(f"Not all of {rows} were shipped: {told}")
    if doubles := market.told("double_shipments")["shipments"]:
        raise SystemExit(f"{len(doubles)} were shipped twice.")


def timed(work: Callable[[], Any], is_profiled: bool = False) -> tuple[Any, Taken]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        (backend,) = cursor.fetchone() or (0,)
    profile = cProfile.Profile()
    started, here, there = time.perf_counter(), time.process_time(), processor(backend)
    told = profile.runcall(work) if is_profiled else work()
    whole, spent = time.perf_counter() - started, time.process_time() - here
    if is_profiled:
        pstats.Stats(profile, stream=sys.stderr).sort_stats("cumulative").print_stats(70)
    return told, Taken(whole, spent, processor(backend) - there)


@contextmanager
def measured() -> Iterator[Waits]:
    """The desk's calls from now on."""
    from shipboard.channels import calls, http

    waits, send, record = Waits(), http.send, calls.record

    def timed(*arguments: Any, **named: Any) -> http.Reply:
        started = time.perf_counter()
        try:
            return send(*arguments, **named)
        finally:
            with waits.lock:
                waits.seconds += time.perf_counter() - started

    def counted(call: calls.Call) -> None:
        with waits.lock:
            waits.calls[call.operation] += 1
        record(call)

    with mock.patch.object(http, "send", timed), mock.patch.object(calls, "record", counted):
        yield waits


if __name__ == "__main__":
    main()
