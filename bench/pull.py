"""Pulling every changed order of a shop from a sandbox over loopback. The marketplace's own share
of the time is what serving the very same answers to a reader that throws them away takes, measured
right after; the rest is ours, against COPY of the rows that came of it.
"""

from __future__ import annotations

import http.client
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from unittest import mock

from bench.apply import TABLES, _copy, _dump
from bench.marketplace import SECRET, Marketplace, connect, marketplace
from bench.timing import Result


@dataclass(frozen=True)
class Call:
    """A call as it was made."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Pulled:
    """Seconds: of the whole pull, and of the marketplace's share; and of its processor."""

    whole: float
    there: float
    there_cpu: float
    calls: int

    @property
    def ours(self) -> float:
        return self.whole - self.there


def results(orders: int) -> list[Result]:
    """In an empty database, which is left as it is."""
    from shipboard import clock
    from shipboard.ingest.models import Cursor

    with marketplace(orders) as market:
        shop = connect(market).shop
        first = _pull(market, shop.slug, orders, "created")
        rows = {table: _dump(table) for table in TABLES}
        market.move()
        # As if the last poll had been a day ago.
        Cursor.objects.update(seen_until=clock.now() - timedelta(days=1))
        changed = _pull(market, shop.slug, orders, "updated")
    floor = _floor(rows)
    return [
        _told(f"Pull {orders:,} orders, all new", first, floor),
        _told(f"Pull {orders:,} orders, all known and each changed", changed, floor),
    ]


def _told(what: str, pulled: Pulled, floor: float) -> Result:
    return Result(
        f"{what}; {pulled.calls:,} calls, the whole {pulled.whole:.1f} s, of it the marketplace's "
        f"{pulled.there:.1f} s",
        f"ours: {pulled.ours:.1f} s",
        f"COPY of the same rows: {floor:.2f} s",
        f"{pulled.ours / floor:.2f}",
    )


def _pull(market: Marketplace, slug: str, orders: int, expected: str) -> Pulled:
    from shipboard import clock
    from shipboard.channels.models import Shop
    from shipboard.ingest.sync import sync

    with _recorded() as calls:
        started = time.perf_counter()
        synced = sync(Shop.objects.get(slug=slug), clock.now)
        whole = time.perf_counter() - started
    if synced.failed or getattr(synced.taken.applied, expected) != orders:
        raise SystemExit(f"Not all of {orders} orders came: {synced.failed} {synced.taken.applied}")
    before = market.cpu()
    there = _null(market, calls)
    return Pulled(whole, there, market.cpu() - before, len(calls))


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


def _floor(rows: dict[str, bytes]) -> float:
    """Seconds of COPY into the empty tables."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute('truncate "order", item, parcel, tally restart identity cascade')
        cursor.execute("checkpoint")
    started = time.perf_counter()
    _copy(rows)
    return time.perf_counter() - started
