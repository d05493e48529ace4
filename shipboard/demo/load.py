"""The demo shops, made through the same gate as anybody's own orders."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction

from shipboard.channels.contract import OrderFact
from shipboard.channels.models import Shop
from shipboard.channels.shops import add_shop
from shipboard.demo.corners import corners
from shipboard.demo.everyday import everyday
from shipboard.demo.markets import MARKETS, Market
from shipboard.demo.orders import Maker
from shipboard.demo.overlays import overlay
from shipboard.ingest.apply import Source, apply
from shipboard.ingest.removal import remove_shop
from shipboard.ingest.statistics import refresh_statistics
from shipboard.orders.sla import PRESETS

SEED = 7
#: An older demo would show nothing but overdue orders; it is made anew.
FRESH = timedelta(hours=12)


def load(now: datetime, seed: int = SEED) -> None:
    """Make the demo shops, or make them anew, with all that was done there, when they have grown
    old; fresh ones stay as they are. Raises BadShop when a shop has the name of one."""
    with transaction.atomic():  # whole or not at all, wherever it is killed
        if _is_fresh(now):
            return
        for stale in Shop.objects.filter(is_demo=True).order_by("pk"):
            remove_shop(stale)
        for market in MARKETS:
            shop = _shop(market, now)
            apply(shop, orders(market, now, seed), Source(by="demo", now=now))
            overlay(shop, now, seed)
    refresh_statistics()


def orders(market: Market, now: datetime, seed: int = SEED) -> Iterator[OrderFact]:
    """All orders of a demo shop as they are at `now` (UTC)."""
    make = Maker(market, now.replace(microsecond=0), seed)
    rare = corners(make)
    yield from rare
    yield from everyday(make, len(rare), market.orders - len(rare))


def _is_fresh(now: datetime) -> bool:
    made = Shop.objects.filter(is_demo=True).values_list("name", "added_at")
    return {name for name, _ in made} == {market.name for market in MARKETS} and all(
        abs(now - at) < FRESH for _, at in made
    )


def _shop(market: Market, now: datetime) -> Shop:
    shop = add_shop(
        market.name,
        region=market.region,
        timezone=market.timezone,
        rules=market.rules,
        presets=set(PRESETS),
        is_demo=True,
    )
    Shop.objects.filter(pk=shop.pk).update(added_at=now)
    return shop
