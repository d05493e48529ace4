"""Holds that a complete list placed (complete_list.py) end when newer facts name the order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import connection

from shipboard.ingest.history import log
from shipboard.ingest.source import Source


def lift_holds(named: Mapping[int, datetime], source: Source) -> None:
    """Release holds of orders (by primary key) that facts named, unless the facts are of the list's
    own instant or older. In one statement, so that a hold which a person releases meanwhile is
    released once."""
    if not named:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "update hold set released_at = %s, released_by = %s "
            "from unnest(%s::bigint[], %s::timestamptz[]) as named(id, as_of) "
            "where hold.order_id = named.id and hold.released_at is null "
            "and hold.as_of < named.as_of returning hold.order_id",
            [source.now, source.by, list(named), list(named.values())],
        )
        lifted = [pk for (pk,) in cursor.fetchall()]
    if lifted:
        log(((pk, "hold_released", {"reason": "named again"}) for pk in lifted), source)
