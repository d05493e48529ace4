"""The orders behind the numbers of metrics.py: those that count against a rate, by the very rows
that are counted there, and those that took longest from payment to shipment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core import signing
from django.db import connection

from shipboard.channels.models import Shop
from shipboard.orders.filters import BadFilter
from shipboard.orders.metric_rules import Measure
from shipboard.orders.metrics import Meaning, given_of, period_of
from shipboard.orders.metrics_sql import NEWER, OLDER, SLOWEST, TOLD
from shipboard.orders.models import Order, Parcel, ParcelContent
from shipboard.orders.paging import keys_of_page

#: Of one page, and of the slowest.
MANY = 50
SIGNER = signing.Signer(salt="shipboard.orders.metrics_against", sep="~")

#: The instant on which something counts, and its key.
Place = tuple[datetime, int]


@dataclass(frozen=True)
class Counted:
    """One order, or one package (`parcel`) with the orders that are in it; each with its shop."""

    orders: Sequence[Order]
    parcel: Parcel | None = None


@dataclass(frozen=True)
class Page:
    """The newest first. `after` and `before` are cursors, blank at the ends."""

    rows: Sequence[Counted]
    after: str = ""
    before: str = ""


def against(
    shops: Sequence[Shop],
    measure: Measure,
    days: int,
    now: datetime,
    after: str = "",
    before: str = "",
) -> Page:
    """A page of what counts against the rate of the last `days` days of these shops. Raises
    BadFilter for a cursor that is not of this list."""
    if not shops:
        return Page([])
    periods = {shop.pk: period_of(shop, days, now) for shop in shops}
    asked = given_of(shops, periods) | {"now": now, "days": days, "many": MANY + 1}
    keys, after, before = keys_of_page(
        MANY,
        after,
        before,
        lambda start, is_back: _places(measure, asked, start, is_back),
        lambda cursor: _opened(cursor, measure),
        lambda place: SIGNER.sign_object([measure.value, place[0].isoformat(), place[1]]),
    )
    return Page(_packages(keys) if measure is Measure.TRACKED else _orders(keys), after, before)


def slowest(shops: Sequence[Shop], meaning: Meaning, days: int, now: datetime) -> list[Counted]:
    """The MANY orders of the period that took longest from payment to shipment."""
    if not shops:
        return []
    periods = {shop.pk: period_of(shop, days, now) for shop in shops}
    with connection.cursor() as cursor:
        cursor.execute(TOLD + SLOWEST[meaning], given_of(shops, periods) | {"many": MANY})
        return _orders([key for (key,) in cursor.fetchall()])


def _places(
    measure: Measure, asked: dict[str, Any], start: Place | None, is_back: bool
) -> list[Place]:
    """The first ones beyond `start`, in either direction."""
    at, key = start or (None, 0)
    statement = TOLD + (NEWER if is_back else OLDER)[measure]
    with connection.cursor() as cursor:
        cursor.execute(statement, asked | {"at": at, "key": key})
        return list(cursor.fetchall())


def _opened(cursor: str, measure: Measure) -> Place:
    try:
        of, at, key = SIGNER.unsign_object(cursor)
    except signing.BadSignature:
        of, at, key = "", "", 0
    if of != measure:
        raise BadFilter("This is not a place in this list; go back to its first page.")
    return datetime.fromisoformat(at), key


def _orders(keys: Collection[int]) -> list[Counted]:
    """In the order of `keys`."""
    found = Order.objects.select_related("shop").in_bulk(list(keys))
    return [Counted((found[key],)) for key in keys if key in found]


def _packages(keys: Collection[int]) -> list[Counted]:
    parcels = Parcel.objects.in_bulk(list(keys))
    inside: dict[int, dict[int, Order]] = defaultdict(dict)
    contents = ParcelContent.objects.filter(parcel__in=keys, is_current=True)
    for content in contents.select_related("order__shop").order_by("order__order_id"):
        inside[content.parcel_id][content.order_id] = content.order
    return [Counted(tuple(inside[key].values()), parcels[key]) for key in keys if key in parcels]
