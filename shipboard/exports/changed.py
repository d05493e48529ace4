"""Which orders have changed since an export: by what the database committed, so that a slow
transaction that commits late is neither missed nor told twice; by what the clock alone has made of
an order since; and by what the export did not look at.

Every row version carries the number of the transaction that wrote it. A bookmark keeps the lowest
number that was still under way when the export looked: all below it were over, so they were seen or
never happened. What it saw from that number on it keeps by name, with the order's version.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import BigIntegerField, Q, QuerySet
from django.db.models.expressions import RawSQL

from shipboard.orders.filters import BadFilter, parse
from shipboard.orders.models import Hold, Order
from shipboard.orders.stages import MOVED


@dataclass(frozen=True)
class Bookmark:
    """`of` names the database whose transactions are counted: a copy of it counts anew. `told`:
    versions by order, as text, of what was seen from transaction `since` on. `at`: the instant it
    looked, in ISO 8601; `query` and `shops`: what it looked at."""

    of: str
    since: int
    told: Mapping[str, int]
    at: str
    query: str
    shops: Sequence[int]

    @classmethod
    def read(cls, stored: Mapping[str, object] | None) -> Bookmark | None:
        """None also where an older release kept less than is needed now."""
        if stored is None or cls.__dataclass_fields__.keys() != stored.keys():
            return None
        return cls(**stored)  # type: ignore[arg-type]

    def stored(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True)
class Look:
    """A filter as somebody looks at it: `orders` gives what a query matches at an instant and
    raises BadFilter; `shops` are primary keys."""

    query: str
    shops: Sequence[int]
    now: datetime
    orders: Callable[[str, datetime], QuerySet[Order]]


@contextmanager
def one_instant() -> Iterator[None]:
    """All that is asked inside is answered for one instant of the database."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read, read only")
        yield


def changed_since(look: Look, bookmark: Bookmark | None) -> tuple[list[int], Bookmark]:
    """Keys of the orders in `look` that changed since `bookmark`, all without one, and the bookmark
    for the next time. To be asked within one_instant. Raises BadFilter."""
    of, oldest, newest = _transactions()
    orders = look.orders(look.query, look.now)
    numbered = orders.annotate(ago=_ago(newest))
    told = numbered.filter(ago__lte=newest - oldest).values_list("pk", "version")
    following = Bookmark(
        of,
        oldest,
        {str(pk): version for pk, version in told},
        look.now.isoformat(),
        look.query,
        look.shops,
    )
    if bookmark is None or bookmark.of != of or bookmark.since > newest:
        return sorted(orders.values_list("pk", flat=True)), following
    written = numbered.filter(ago__lte=newest - bookmark.since)
    keys = set(written.values_list("pk", flat=True)).difference(_told_already(written, bookmark))
    for found in (*_moved(orders, bookmark, look.now), *_not_seen(orders, bookmark, look)):
        keys.update(found.values_list("pk", flat=True))
    return sorted(keys), following


def _told_already(found: QuerySet[Order], bookmark: Bookmark) -> list[int]:
    keys = RawSQL("select unnest(%s::bigint[])", [list(map(int, bookmark.told))])
    versions = found.filter(pk__in=keys).values_list("pk", "version")
    return [pk for pk, version in versions if bookmark.told[str(pk)] == version]


def _moved(orders: QuerySet[Order], bookmark: Bookmark, now: datetime) -> list[QuerySet[Order]]:
    """Whose stage or hold the clock has changed between the two instants, whichever is first: each
    by an index of its own."""
    first, last = sorted((datetime.fromisoformat(bookmark.at), now))

    def passed(at: str) -> Q:
        return Q(**{f"{at}__gt": first, f"{at}__lte": last})

    ended = Hold.objects.filter(passed("until"), released_at=None).values("order")
    stages = [orders.filter(passed(at), stage=stage) for stage, (_, at) in MOVED.items()]
    return [*stages, orders.filter(pk__in=ended)]


def _not_seen(orders: QuerySet[Order], bookmark: Bookmark, look: Look) -> list[QuerySet[Order]]:
    """What the export before did not match though nobody has written it since: a schedule's days
    have moved on, a deadline has come near, or its owner sees more shops."""
    filter_ = parse(look.query)
    shops = set(look.shops).difference(bookmark.shops)
    parts = [orders.filter(shop__in=shops)] if shops else []
    if bookmark.query == look.query and not filter_.urgency and not filter_.held:
        return parts  # what else of a filter depends on the clock is in _moved
    try:
        seen = look.orders(bookmark.query, datetime.fromisoformat(bookmark.at))
    except BadFilter:
        return [orders]
    return [*parts, orders.exclude(pk__in=seen.values("pk"))]


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
