"""Pulling every changed order of a shop from a sandbox over loopback. The marketplace's own share
of the time is what serving the very same answers to a reader that throws them away takes, measured
right after; the rest is ours, against COPY of the rows that came of it.
"""

from __future__ import annotations

import http.client
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar
from unittest import mock

from bench.apply import TABLES, _copy, _dump
from bench.marketplace import SECRET, Marketplace, connect, marketplace
from bench.running import processor
from bench.timing import Result

T = TypeVar("T")


@dataclass(frozen=True)
class Call:
    """A call as it was made."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Taken:
    """Seconds that something took, and those of them that this process and its connection's at the
    database were busy: on a busy machine the ones that can be compared."""

    whole: float
    busy: float


@dataclass(frozen=True)
class Pulled:
    """A whole pull, and seconds of it that are the marketplace's."""

    taken: Taken
    there: float
    calls: int

    @property
    def ours(self) -> Taken:
        return Taken(self.taken.whole - self.there, self.taken.busy)


def results(orders: int) -> list[Result]:
    """In an empty database, which is left as it is."""
    from shipboard import clock
    from shipboard.ingest.models import Cursor

    with marketplace(orders) as market:
        shop = connect(market).shop
        first = _pull(market, shop.slug, orders, "created")
        rows = {table: _dump(table) for table in (*TABLES, "payload")}
        market.move()
        # As if the last poll had been a day ago.
        Cursor.objects.update(seen_until=clock.now() - timedelta(days=1))
        changed = _pull(market, shop.slug, orders, "updated")
    floor = _floor(rows)
    return [
        _told(f"Pull {orders:,} orders, all new", first, floor),
        _told(f"Pull {orders:,} orders, all known and each changed", changed, floor),
    ]


def _told(what: str, pulled: Pulled, floor: Taken) -> Result:
    ours = pulled.ours
    return Result(
        f"{what}, in {pulled.calls:,} calls; {pulled.taken.whole:.1f} s, of which the "
        f"marketplace's {pulled.there:.1f} s",
        f"{ours.whole:.1f} s, {ours.busy:.1f} s of processor",
        f"COPY of the same rows: {floor.whole:.2f} s, {floor.busy:.2f} s of processor",
        f"{ours.whole / floor.whole:.2f}, of processor {ours.busy / floor.busy:.2f}",
    )


def _pull(market: Marketplace, slug: str, orders: int, expected: str) -> Pulled:
    from shipboard import clock
    from shipboard.channels.models import Shop
    from shipboard.ingest.sync import sync

    with _recorded() as calls:
        shop = Shop.objects.get(slug=slug)
        synced, taken = _timed(lambda: sync(shop, clock.now))
    if synced.failed or getattr(synced.taken.applied, expected) != orders:
        raise SystemExit(f"Not all of {orders} orders came: {synced.failed} {synced.taken.applied}")
    return Pulled(taken, _null(market, calls), len(calls))


def _timed(work: Callable[[], T]) -> tuple[T, Taken]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        (backend,) = cursor.fetchone() or (0,)
    started, busy = time.perf_counter(), time.process_time() + processor(backend)
    told = work()
    taken = Taken(time.perf_counter() - started, time.process_time() + processor(backend) - busy)
    return told, taken


@contextmanager
def _recorded() -> Iterator[list[Call]]:
    from shipboard.channels import http as channel_http

    calls: list[Call] = []
    real = channel_http.send

    def send(
        method: str, url: str, *, headers: dict[str, str], body: bytes = b""
    ) -> channel_http.Reply:
        calls.append(Call(method, url, headers, body))
        return real(method, url, headers=headers, body=body)

    with mock.patch.object(channel_http, "send", send):
        yield calls


def _null(market: Marketplace, calls: list[Call]) -> float:
    """Seconds that the same answers take when nobody reads them."""
    line = http.client.HTTPConnection("127.0.0.1", market.port, timeout=60)
    started = time.perf_counter()
    for call in calls:
        line.request(call.method, _signed(call), call.body, call.headers)
        answer = line.getresponse()
        size = len(answer.read())
        if answer.status != 200 or not size:
            raise SystemExit(f"The sandbox answered {answer.status}.")
    taken = time.perf_counter() - started
    line.close()
    return taken


def _signed(call: Call) -> str:
    """Its path and query, signed anew: a timestamp does not live long."""
    from shipboard.channels.tiktok.signing import sign

    parts = urllib.parse.urlsplit(call.url)
    query = dict(urllib.parse.parse_qsl(parts.query))
    query["timestamp"] = str(int(time.time()))
    query["sign"] = sign(SECRET, parts.path, query, call.body)
    return f"{parts.path}?{urllib.parse.urlencode(query, safe=',', quote_via=urllib.parse.quote)}"


def _floor(rows: dict[str, bytes]) -> Taken:
    """COPY into the empty tables."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute('truncate "order", item, parcel, tally restart identity cascade')
        cursor.execute("checkpoint")
    return _timed(lambda: _copy(rows))[1]
