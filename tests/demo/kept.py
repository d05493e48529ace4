"""The demo made once by each process, and put back row by row for tests that are not about making
it: its tables by COPY, its marketplace's books whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from sandbox.market import Market
from shipboard.channels.models import Shop
from shipboard.demo import load as loading
from shipboard.demo.marketplace import Site
from tests.emptied import filled_tables

#: Of no use to another test, and without ids.
PASSING = {"call_rate", "django_session", "shipboard_cache"}
Make = Callable[[datetime, Site, int], None]


@dataclass
class Demo:
    """Rows of tables as COPY gives them, and a file of SQLite."""

    rows: dict[str, bytes]
    books: bytes


_made: dict[tuple[datetime, Site, int], Demo] = {}


def maker(market: Market) -> Make:
    """In place of loading._make. Beside shops that are there already, and for the second time on
    one market, it is made anew."""
    make, done = loading._make, []

    def put_back(now: datetime, site: Site, seed: int) -> None:
        key = (now, site, seed)
        if done or Shop.objects.exists():
            make(now, site, seed)
        elif demo := _made.get(key):
            _put_back(demo, market)
            done.append(key)
        else:
            with transaction.atomic(), connection.cursor() as cursor:
                before = {name: _ids(cursor, name) for name in _lasting(cursor)}
                make(now, site, seed)
                _made[key] = Demo(_rows(cursor, before), market.books._db.serialize())

    return put_back


def _lasting(cursor: Any) -> set[str]:
    return set(filled_tables(cursor)) - PASSING


def _ids(cursor: Any, table: str) -> list[int]:
    cursor.execute(f'select id from "{table}"')
    return [id for (id,) in cursor.fetchall()]


def _rows(cursor: Any, before: dict[str, list[int]]) -> dict[str, bytes]:
    """What tables have now that they had not."""
    rows = {}
    for name in _lasting(cursor):
        known = ", ".join(map(str, before.get(name, [])))
        new = f'select * from "{name}"' + (f" where id not in ({known})" if known else "")
        with cursor.copy(f"copy ({new}) to stdout (format binary)") as copy:
            rows[name] = b"".join(copy)
    return rows


def _put_back(demo: Demo, market: Market) -> None:
    """Past triggers: what they would write is among the rows."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        for name, rows in demo.rows.items():
            with cursor.copy(f'copy "{name}" from stdin (format binary)') as copy:
                copy.write(rows)
        cursor.execute("set local session_replication_role = origin")
    market.books._db.deserialize(demo.books)
