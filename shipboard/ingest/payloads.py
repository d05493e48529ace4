"""The newest payload of each order as the channel sent it, compressed: what was said stays to be
looked up when a reading of it is in doubt. It holds personal data and is never logged.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import datetime

from django.db import connection

from shipboard.channels.contract import Heard
from shipboard.channels.models import Shop
from shipboard.ingest.copying import array, copy_rows, update_rows
from shipboard.ingest.payload_words import WORDS

#: Fast: higher levels save little more and take twice as long.
LEVEL = 3
#: As much memory as a payload fills: what is set aside for more takes longer than the folding.
WINDOW, MEMORY = 13, 5
COLUMNS = ("order_id", "body", "heard_at")
STORED = """
select "order".order_id, "order".id, body
  from "order" left join payload on payload.order_id = "order".id
 where shop_id = %s and "order".order_id = any(%s::text[])
"""


def keep(shop: Shop, heard: Mapping[str, Heard], now: datetime) -> None:
    """Store the payloads of orders that are in the tables, by order id; one that says the same
    again is left alone. Called in the transaction that stores the orders."""
    told = [order_id for order_id, each in heard.items() if each.payload]
    if not told:
        return
    with connection.cursor() as cursor:
        cursor.execute(STORED, [shop.pk, array(told)])
        stored = cursor.fetchall()
    new = ((pk, heard[order_id].payload) for order_id, pk, old in stored if old is None)
    copy_rows("payload", COLUMNS, ((pk, folded(payload), now) for pk, payload in new))
    known = ((pk, folded(heard[order_id].payload), old) for order_id, pk, old in stored if old)
    if changed := [(pk, body, now) for pk, body, old in known if body != old]:
        update_rows("payload", COLUMNS, changed)


def folded(payload: str) -> bytes:
    if not payload:
        return b""
    folding = zlib.compressobj(LEVEL, zlib.DEFLATED, WINDOW, MEMORY, zdict=WORDS)
    return folding.compress(payload.encode(errors="surrogatepass")) + folding.flush()


def unfolded(body: bytes) -> str:
    """The text of a stored payload, of an order or a finding."""
    if not body:
        return ""
    unfolding = zlib.decompressobj(zdict=WORDS)
    return (unfolding.decompress(bytes(body)) + unfolding.flush()).decode(errors="surrogatepass")
