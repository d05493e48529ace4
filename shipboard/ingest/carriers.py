"""The carriers by which a shop's open orders may be shipped, and what its delivery options take:
read after a sync when some are not known yet or older than a day.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError

from shipboard.channels import delivery_options, providers, registry
from shipboard.channels.contract import Channel, ChannelFailure
from shipboard.channels.models import Shop
from shipboard.ingest import cursors

#: Where it is kept when to ask again; no streams of the shop's health.
CURSOR, OPTIONS = "carriers", "delivery_options"
#: What the channel does not tell is asked for so seldom.
AGAIN = timedelta(hours=1)

logger = logging.getLogger(__name__)


def read_carriers(shop: Shop, clock: Callable[[], datetime]) -> bool:
    """Whether the channel was asked. What it refuses is in the log of calls, and asked for again in
    an hour; meanwhile the carriers that are known serve. Never called inside a transaction. Raises
    NotConnected, and what the database raises when it goes."""
    return _read_daily(shop, clock, CURSOR, _has_unknown_options, providers.refresh_carriers)


def read_delivery_options(shop: Shop, clock: Callable[[], datetime]) -> bool:
    """What parcels the shop's delivery options take; as read_carriers."""
    return _read_daily(
        shop, clock, OPTIONS, delivery_options.is_due, delivery_options.refresh_options
    )


def _has_unknown_options(shop: Shop, now: datetime) -> bool:
    return bool(providers.unknown_options(shop, now))


def _read_daily(
    shop: Shop,
    clock: Callable[[], datetime],
    name: str,
    is_wanted: Callable[[Shop, datetime], bool],
    refresh: Callable[[Shop, Channel, datetime], int],
) -> bool:
    now = clock()
    if cursors.is_locked_out(shop, now) or not cursors.is_due(shop, name, now):
        return False
    if not is_wanted(shop, now):
        return False
    _read(shop, refresh, now)
    cursor = cursors.cursor_of(shop, name)
    cursors.note_success(cursor, clock())
    if is_wanted(shop, now):
        cursor.retry_at = clock() + AGAIN
    cursor.save()
    return True


def _read(shop: Shop, refresh: Callable[[Shop, Channel, datetime], int], now: datetime) -> None:
    try:
        refresh(shop, registry.open_channel(shop), now)
    except ChannelFailure:
        return  # in the log of calls
    except (registry.NotConnected, OperationalError, InterfaceError):
        raise
    except Exception as problem:
        # Without its message, which may hold what the channel said.
        where = "".join(traceback.format_tb(problem.__traceback__))
        kind = type(problem).__name__
        logger.error("Reading for shop %s what it ships by: %s\n%s", shop.pk, kind, where)
