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


def update_rows(
    table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, added: Sequence[str] = ()
) -> None:
    """Set `columns` of the rows whose `id` the first of them is; what stands in the columns `added`
    is added to what is there. One statement for all, inside the present transaction: a tenth of
    what one for each takes, and triggers fire once."""
    said = sql.Identifier(f"{table}_said")
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "create temp table if not exists {} on commit delete rows as "
                "select {} from {} with no data"
            ).format(said, names, sql.Identifier(table))
        )
    copy_rows(f"{table}_said", columns, rows)
    sets = [
        sql.SQL("{0} = {1}.{0} + {2}.{0}" if name in added else "{0} = {2}.{0}").format(
            sql.Identifier(name), sql.Identifier(table), said
        )
        for name in columns[1:]
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("update {0} set {1} from {2} where {0}.id = {2}.id").format(
                sql.Identifier(table), sql.SQL(", ").join(sets), said
            )
        )
        cursor.execute(sql.SQL("delete from {}").format(said))


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
