"""Holds that a complete list placed (complete_list.py) end when newer facts name the order."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from shipboard.channels.contract import OrderFact
from shipboard.channels.models import Shop
from shipboard.ingest.history import log
from shipboard.ingest.source import Source


def lift_holds(shop: Shop, facts: Sequence[OrderFact], source: Source) -> None:
    """Release them, unless the facts are of the list's own instant or older. In one statement, so
    that a hold which a person releases meanwhile is released once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update hold set released_at = %s, released_by = %s "
            'from "order", unnest(%s::text[], %s::timestamptz[]) as named(order_id, as_of) '
            "where hold.released_at is null and hold.as_of < named.as_of "
            'and hold.order_id = "order".id and "order".shop_id = %s '
            'and "order".order_id = named.order_id returning "order".id',
            [
                source.now,
                source.by,
                [fact.order_id for fact in facts],
                [fact.as_of for fact in facts],
                shop.pk,
            ],
        )
        lifted = [pk for (pk,) in cursor.fetchall()]
    if lifted:
        log(((pk, "hold_released", {"reason": "named again"}) for pk in lifted), source)
