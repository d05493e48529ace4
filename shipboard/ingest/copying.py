"""COPY into tables: the quickest way in for many rows, measured in docs/performance.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from psycopg import sql


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Append rows to a table inside the present transaction. Values as psycopg adapts them."""
    statement = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def next_ids(table: str, count: int) -> list[int]:
    """`count` fresh primary keys of a table, so that rows that refer to them can be copied too."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "select nextval(name) from (select pg_get_serial_sequence(%s, 'id')::regclass as name "
            "offset 0) as of, generate_series(1, %s)",
            [f'"{table}"', count],
        )
        return [pk for (pk,) in cursor.fetchall()]
