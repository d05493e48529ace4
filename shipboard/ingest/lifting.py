"""Holds that a complete list placed (complete_list.py) end when newer facts name the order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import connection

from shipboard.ingest.history import log
from shipboard.ingest.source import Source

#: Holds that the named orders' newer facts lift. An end of their own (`until`) is for people, and
#: such a hold never comes from a list.
TO_LIFT = (
    "hold.released_at is null and hold.until is null and hold.order_id = named.id "
    "and hold.as_of < named.as_of"
)
NAMED = "unnest(%s::bigint[], %s::timestamptz[]) as named(id, as_of)"


def lift_holds(named: Mapping[int, datetime], source: Source) -> None:
    """Release holds of orders (by primary key) that facts named, unless the facts are of the list's
    own instant or older. The order's row is taken first, as every writer of a hold does, so that a
    hold which a person releases meanwhile is released once."""
    if not named:
        return
    pks, instants = list(named), list(named.values())
    with connection.cursor() as cursor:
        cursor.execute(
            'update "order" set version = version + 1, changed_at = %s where id in '  # noqa: S608
            f"(select hold.order_id from hold, {NAMED} where {TO_LIFT}) returning id",
            [source.now, pks, instants],
        )
        if not cursor.fetchall():
            return
        cursor.execute(
            "update hold set released_at = %s, released_by = %s "  # noqa: S608 - our names
            f"from {NAMED} where {TO_LIFT} returning hold.order_id",
            [source.now, source.by, pks, instants],
        )
        lifted = [pk for (pk,) in cursor.fetchall()]
    log(((pk, "hold_released", {"reason": "named again"}) for pk in lifted), source)
