"""Which orders have changed since an export, by what the database committed and not by any clock: a
slow transaction that commits late is neither missed nor told twice.

Every row version carries the number of the transaction that wrote it. A bookmark keeps the lowest
number that was still under way when the export looked: all below it were over, so they were seen or
never happened. What it saw from that number on it keeps by name, with the order's version.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from django.db import connection, transaction
from django.db.models import BigIntegerField, QuerySet
from django.db.models.expressions import RawSQL

from shipboard.orders.models import Order


@dataclass(frozen=True)
class Bookmark:
    """`of` names the database whose transactions are counted: a copy of it counts anew. `told`:
    versions by order, as text, of what was seen from transaction `since` on."""

    of: str
    since: int
    told: Mapping[str, int]

    def stored(self) -> dict[str, object]:
        return asdict(self)


@contextmanager
def one_instant() -> Iterator[None]:
    """All that is asked inside is answered for one instant of the database."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read, read only")
        yield


def changed_since(
    orders: QuerySet[Order], bookmark: Bookmark | None
) -> tuple[QuerySet[Order], Bookmark]:
    """Those of `orders` that were written since `bookmark`, all without one, and the bookmark for
    the next time. To be asked within one_instant, and the answer used there."""
    of, oldest, newest = _transactions()
    numbered = orders.annotate(ago=_ago(newest))
    told = numbered.filter(ago__lte=newest - oldest).values_list("pk", "version")
    following = Bookmark(of, oldest, {str(pk): version for pk, version in told})
    if bookmark is None or bookmark.of != of or bookmark.since > newest:
        return orders, following
    found = numbered.filter(ago__lte=newest - bookmark.since)
    known = _told_already(found, bookmark)
    return found.exclude(pk__in=RawSQL("select unnest(%s::bigint[])", [known])), following


def _told_already(found: QuerySet[Order], bookmark: Bookmark) -> list[int]:
    keys = RawSQL("select unnest(%s::bigint[])", [list(map(int, bookmark.told))])
    versions = found.filter(pk__in=keys).values_list("pk", "version")
    return [pk for pk, version in versions if bookmark.told[str(pk)] == version]


def _transactions() -> tuple[str, int, int]:
    """Which database this is, its oldest transaction under way, and the first number not given
    out yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select (select system_identifier from pg_control_system())::text || ' ' ||"
            """ '"order"'::regclass::oid::text,"""
            " pg_snapshot_xmin(pg_current_snapshot())::text::bigint,"
            " pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
        )
        of, oldest, newest = cursor.fetchone()
    return of, oldest, newest


def _ago(newest: int) -> RawSQL:
    """How many transactions ago a row was written. The row keeps the lower half of the number, so
    that one of four thousand million transactions ago looks new, and is told again."""
    sql = '(%s - "order".xmin::text::bigint) & 4294967295'
    return RawSQL(sql, [newest], output_field=BigIntegerField())  # noqa: S611
