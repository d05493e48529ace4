"""How old a shop's data is: the instant of the last poll of its orders that went through. Every
order screen says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import OuterRef, Subquery

from shipboard.channels.contract import Stream
from shipboard.channels.models import Connection
from shipboard.ingest.models import Cursor

AMBER = timedelta(minutes=5)
RED = timedelta(minutes=15)


class Level(StrEnum):
    FRESH = "fresh"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """Of one connected shop. `at`: when its orders were last polled to the end (UTC), None while
    the first pull is still going; its age counts from the connecting then."""

    shop_id: int
    slug: str
    name: str
    at: datetime | None
    age: timedelta
    is_paused: bool

    @property
    def level(self) -> Level:
        if self.age >= RED:
            return Level.RED
        return Level.AMBER if self.age >= AMBER else Level.FRESH


def freshness(shop_ids: Iterable[int] | None, now: datetime) -> tuple[Freshness, ...]:
    """Of those of the shops (None: of all) that are connected or paused, the oldest first. One
    query; shops of files and disconnected ones have no freshness."""
    polled = Cursor.objects.filter(shop=OuterRef("pk"), stream=Stream.ORDERS)
    lines = Connection.objects.exclude(state=Connection.State.OFF)
    if shop_ids is not None:
        lines = lines.filter(shop__in=list(shop_ids))
    rows = lines.annotate(at=Subquery(polled.values("succeeded_at")[:1])).values_list(
        "shop_id", "shop__slug", "shop__name", "at", "connected_at", "state"
    )
    found = (
        Freshness(
            shop_id=shop_id,
            slug=slug,
            name=name,
            at=at,
            age=max(now - (at or connected_at), timedelta()),
            is_paused=state == Connection.State.PAUSED,
        )
        for shop_id, slug, name, at, connected_at, state in rows
    )
    return tuple(sorted(found, key=lambda each: (-each.age, each.name, each.shop_id)))
