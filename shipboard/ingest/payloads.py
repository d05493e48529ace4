"""The newest payload of each order as the channel sent it, compressed: what was said stays to be
looked up when a reading of it is in doubt. It holds personal data and is never logged.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from shipboard.channels.contract import Heard
from shipboard.channels.models import Shop

#: Fast: most of what can be saved is saved by the first level.
LEVEL = 1


def keep(shop: Shop, heard: Sequence[Heard], now: datetime) -> None:
    """Store the payloads of orders that are in the tables; one that says the same again is left
    alone. Called in the transaction that stores the orders."""
    newest = {each.fact.order_id: folded(each.payload) for each in heard if each.payload}
    if not newest:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into payload (order_id, body, heard_at) "
            'select "order".id, said.body, %s '
            "from unnest(%s::text[], %s::bytea[]) as said(order_id, body) "
            'join "order" on shop_id = %s and "order".order_id = said.order_id '
            "on conflict (order_id) do update "
            "set body = excluded.body, heard_at = excluded.heard_at "
            "where payload.body <> excluded.body",
            [now, list(newest), list(newest.values()), shop.pk],
        )


def folded(payload: str) -> bytes:
    return zlib.compress(payload.encode(errors="surrogatepass"), LEVEL) if payload else b""


def unfolded(body: bytes) -> str:
    """The text of a stored payload, of an order or a finding."""
    return zlib.decompress(bytes(body)).decode(errors="surrogatepass") if body else ""
