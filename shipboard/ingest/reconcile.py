"""Each night every open order of a connected shop, and every order with which something is wrong,
is read again by its id: what no poll and no webhook told of is found by the morning. Done in
batches; a kill costs one of them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from shipboard.channels import registry
from shipboard.channels.models import Shop
from shipboard.ingest import findings
from shipboard.ingest.cursors import cursor_of, note_success
from shipboard.ingest.models import Cursor
from shipboard.ingest.pages import Taken
from shipboard.ingest.rereading import BATCH, Why, reread
from shipboard.ingest.sync import Clock, Failed, Synced, always, fail
from shipboard.orders.models import OPEN_STAGES, Order

#: The cursor that keeps how far it is: `window_from` when it began, `page` the last order done.
RECONCILE = "reconcile"
#: Nights, in the shop's zone, begin and end with these hours; shops begin spread over two of them.
NIGHT = (2, 6)
SPREAD = 120
#: A desk that is off at night does it as soon as it can.
OVERDUE = timedelta(hours=30)


def is_due(shop: Shop, connected_at: datetime, now: datetime) -> bool:
    """Whether it is to begin, or to go on, at `now` (UTC)."""
    cursor = Cursor.objects.filter(shop=shop, stream=RECONCILE).first()
    if cursor and cursor.retry_at and cursor.retry_at > now:
        return False
    if cursor and cursor.window_from:
        return True
    last = max(cursor.seen_until, connected_at) if cursor and cursor.seen_until else connected_at
    local = now.astimezone(shop.zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    begins = midnight + timedelta(hours=NIGHT[0], minutes=shop.pk * 7 % SPREAD)
    is_night = begins <= local and local.hour < NIGHT[1]
    return (is_night and last < begins) or now - last > OVERDUE


def reconcile(
    shop: Shop, clock: Clock, *, goes_on: Callable[[], bool] = always, anew: bool = False
) -> Synced:
    """Read the open orders again, from where the last run stopped unless `anew`. Raises
    NotConnected, and what the database raises when it goes."""
    channel = registry.open_channel(shop)
    cursor = cursor_of(shop, RECONCILE)
    if anew or cursor.window_from is None:
        cursor.window_from, cursor.page = clock(), ""
    taken, failed = Taken(), list[Failed]()
    try:
        if not cursor.page:
            # Such an order may not be here at all, and no poll tells of it until it changes.
            ids = findings.standing(shop)
            taken += reread(shop, ids, Why.ASKED, clock(), channel)
        while batch := _open_orders(shop, int(cursor.page or 0)):
            taken += reread(shop, list(batch.values()), Why.RECONCILE, clock(), channel)
            cursor.page, cursor.tried_at = str(max(batch)), clock()
            cursor.save()
            if not goes_on():
                return Synced(taken, is_done=False)
        cursor.seen_until, cursor.window_from, cursor.page = cursor.window_from, None, ""
        note_success(cursor, clock())
        cursor.save()
    except Exception as problem:
        failed.append(fail(shop, RECONCILE, problem, clock()))
    return Synced(taken, tuple(failed))


def _open_orders(shop: Shop, after: int) -> dict[int, str]:
    """The next order ids by primary key."""
    orders = Order.objects.filter(shop=shop, stage__in=OPEN_STAGES, pk__gt=after).order_by("pk")
    return dict(orders.values_list("pk", "order_id")[:BATCH])
