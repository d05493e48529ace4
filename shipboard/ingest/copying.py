"""COPY into tables: the quickest way in for many rows, measured in docs/performance.md. And many
keys as one parameter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from django.db import connection


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Append rows to a table inside the present transaction. Values as psycopg adapts them."""
    rest = iter(rows)
    if (first := next(rest, None)) is None:
        return
    with connection.cursor() as cursor, cursor.copy(_copy(table, tuple(columns))) as copy:
        copy.write_row(first)
        for row in rest:
            copy.write_row(row)


@cache
def _copy(table: str, columns: tuple[str, ...]) -> str:
    names = ", ".join(f'"{name}"' for name in columns)
    return f'copy "{table}" ({names}) from stdin'


def update_rows(
    table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, added: Sequence[str] = ()
) -> None:
    """Set `columns` of the rows whose key the first of them is; what stands in the columns `added`
    is added to what is there. One statement for all, inside the present transaction: that takes
    half of what one for each does, and triggers fire once. Of a table always the same columns."""
    said = f"{table}_said"
    names = ", ".join(f'"{name}"' for name in columns)
    sets = ", ".join(
        f'"{name}" = {f"here.{name} + " if name in added else ""}said."{name}"'
        for name in columns[1:]
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"create temp table if not exists {said} on commit delete rows as "  # noqa: S608
            f'select {names} from "{table}" with no data'
        )
        copy_rows(said, columns, rows)
        cursor.execute(
            f'update "{table}" as here set {sets} from {said} as said '  # noqa: S608 - our names
            f'where here."{columns[0]}" = said."{columns[0]}"'
        )
        cursor.execute(f"delete from {said}")  # noqa: S608


def array(keys: Iterable[int] | Iterable[str]) -> str | list[Any]:
    """Keys as a parameter that is cast to an array: as PostgreSQL writes one where that is plain,
    since a list takes psycopg ten times as long."""
    texts = list(map(str, keys))
    return f"{{{','.join(texts)}}}" if all(map(str.isdecimal, texts)) else texts


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
