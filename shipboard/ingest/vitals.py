"""How a shop's line does: what each stream last read and why it waits, the calls of the last hour,
the webhooks of the last day. For the shop's health page; asks the database alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce

from shipboard.channels.contract import FailureKind, Stream
from shipboard.channels.models import Connection, Shop
from shipboard.ingest.models import Cursor, Hook
from shipboard.ingest.reconcile import RECONCILE
from shipboard.ingest.sync import WAREHOUSES
from shipboard.orders.models import OPEN_STAGES, Order

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
#: In the order in which they are read; the last is read at night.
LABELS: Mapping[str, str] = {
    Stream.ORDERS: "Orders",
    Stream.CANCEL_REQUESTS: "Cancel requests",
    Stream.CANCELLATIONS: "Cancellations",
    Stream.RETURNS: "Returns and refunds",
    WAREHOUSES: "Names of warehouses, daily",
    RECONCILE: "Open orders once more, each night",
}
CALLS = """
select count(*), count(*) filter (where failure <> ''),
       coalesce(percentile_disc(0.5) within group (order by milliseconds), 0)
  from call_record where shop_id = %s and at >= %s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamState:
    """`read_at`: when it was last read to the end (UTC). `waits_until`: not tried before, because
    of a problem; None: with the next minute."""

    name: str
    label: str
    read_at: datetime | None
    tried_at: datetime | None
    waits_until: datetime | None
    #: What changed since then is being read; of the nightly reading, when that began.
    reading_since: datetime | None
    problem: str
    next_step: str
    kind: str
    failures: int

    def is_over(self, asked_at: datetime) -> bool:
        """Whether what was asked for at `asked_at` has been tried, or has to wait."""
        is_read = self.read_at is not None and self.read_at >= asked_at
        has_failed = bool(self.problem) and self.tried_at is not None and self.tried_at >= asked_at
        return is_read or has_failed or self.waits_until is not None


@dataclass(frozen=True, slots=True)
class Calls:
    """Of an hour; `median`: milliseconds."""

    count: int
    failures: int
    median: int


@dataclass(frozen=True, slots=True)
class Hooks:
    """Of a day: how many of each state (Hook.State); `strangers` are those of the same channel
    that belong to no shop here. `last_at`: of the shop's newest, whenever it was. `again`: how
    often one came that had come before; the first of them counts."""

    last_at: datetime | None
    by_state: Mapping[str, int]
    strangers: Mapping[str, int]
    again: int = 0


def streams(shop: Shop, now: datetime) -> list[StreamState]:
    """Every stream, also those that were never tried. One query."""
    cursors = {cursor.stream: cursor for cursor in Cursor.objects.filter(shop=shop)}
    locked = _locked_out(cursors.values(), now)
    return [
        _state(name, label, cursors.get(name) or Cursor(stream=name), locked, now)
        for name, label in LABELS.items()
    ]


def _locked_out(cursors: Iterable[Cursor], now: datetime) -> datetime | None:
    """Where the channel lets nobody in, no stream is tried before (cursors.is_locked_out)."""
    waits = [
        each.retry_at
        for each in cursors
        if each.kind == FailureKind.AUTH and each.retry_at and each.retry_at > now
    ]
    return max(waits, default=None)


def _state(
    name: str, label: str, cursor: Cursor, locked: datetime | None, now: datetime
) -> StreamState:
    own = cursor.retry_at if cursor.retry_at and cursor.retry_at > now else None
    return StreamState(
        name=name,
        label=label,
        read_at=cursor.seen_until if name == RECONCILE else cursor.succeeded_at,
        tried_at=cursor.tried_at,
        waits_until=max(filter(None, (own, locked)), default=None),
        reading_since=cursor.window_from,
        problem=cursor.problem,
        next_step=cursor.next_step,
        kind=cursor.kind,
        failures=cursor.failures,
    )


def left_to_reread(shop: Shop) -> int:
    """How many open orders the reading that is going on has not come to. Two queries."""
    cursor = Cursor.objects.filter(shop=shop, stream=RECONCILE).first()
    after = int(cursor.page or 0) if cursor else 0
    return Order.objects.filter(shop=shop, stage__in=OPEN_STAGES, pk__gt=after).count()


def calls_of_hour(shop: Shop, now: datetime) -> Calls:
    with connection.cursor() as cursor:
        cursor.execute(CALLS, [shop.pk, now - HOUR])
        return Calls(*(cursor.fetchone() or (0, 0, 0)))


def hooks_of_day(shop: Shop, now: datetime) -> Hooks:
    """Two queries."""
    of_day = Q(received_at__gte=now - DAY)
    rows = Hook.objects.filter(of_day, Q(shop=shop) | Q(shop=None, channel=shop.channel))
    again = Coalesce(Sum("repeats", filter=Q(shop=shop) & ~Q(key="")), 0)
    counted = rows.values_list("shop", "state").annotate(n=Count("pk"), again=again).order_by()
    mine, strangers, repeats = dict[str, int](), dict[str, int](), 0
    for shop_id, state, n, more in counted:
        (strangers if shop_id is None else mine)[state] = n
        repeats += more
    last = Hook.objects.filter(shop=shop).order_by("-pk").values_list("received_at", flat=True)
    return Hooks(last.first(), mine, strangers, repeats)


def line_of_shop(shop: Shop) -> Connection | None:
    found = Connection.objects.filter(shop=shop).select_related("shop", "grant__app")
    return found.first()
