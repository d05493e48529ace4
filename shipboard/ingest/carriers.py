"""The carriers by which a shop's open orders may be shipped: read after a sync when some are not
known yet or older than a day, so that there is always something to choose from.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError

from shipboard.channels import providers, registry
from shipboard.channels.contract import ChannelFailure
from shipboard.channels.models import Shop
from shipboard.ingest import cursors

#: Where it is kept when to ask again; no stream of the shop's health.
CURSOR = "carriers"
#: What the channel does not tell is asked for so seldom.
AGAIN = timedelta(hours=1)

logger = logging.getLogger(__name__)


def read_carriers(shop: Shop, clock: Callable[[], datetime]) -> bool:
    """Whether the channel was asked. What it refuses is in the log of calls, and asked for again in
    an hour; meanwhile the carriers that are known serve. Never called inside a transaction. Raises
    NotConnected, and what the database raises when it goes."""
    now = clock()
    if cursors.is_locked_out(shop, now) or not cursors.is_due(shop, CURSOR, now):
        return False
    if not providers.unknown_options(shop, now):
        return False
    _read(shop, now)
    cursor = cursors.cursor_of(shop, CURSOR)
    cursors.note_success(cursor, clock())
    if providers.unknown_options(shop, now):
        cursor.retry_at = clock() + AGAIN
    cursor.save()
    return True


def _read(shop: Shop, now: datetime) -> None:
    try:
        providers.refresh_carriers(shop, registry.open_channel(shop), now)
    except ChannelFailure:
        return  # in the log of calls
    except (registry.NotConnected, OperationalError, InterfaceError):
        raise
    except Exception as problem:
        # Without its message, which may hold what the channel said.
        where = "".join(traceback.format_tb(problem.__traceback__))
        logger.error("Carriers of shop %s: %s\n%s", shop.pk, type(problem).__name__, where)
