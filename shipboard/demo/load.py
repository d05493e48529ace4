"""The demo shops, made through the same gates as anybody's own: two are connected to the sandbox
marketplace and read from there, the orders of the third come as if from a file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import transaction

from shipboard.channels.connecting import BadApp, CannotConnect
from shipboard.channels.contract import CaseFact, ChannelFailure, OrderFact
from shipboard.channels.models import Shop
from shipboard.channels.shops import BadShop, add_shop
from shipboard.demo.connected import go_on, open_shop
from shipboard.demo.corners import corners
from shipboard.demo.everyday import everyday
from shipboard.demo.labelled import label
from shipboard.demo.marketplace import NoMarketplace, Site, live, shops_of, start_over
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
#: The shops that the marketplace has.
REMOTE = {market.remote_id for market in MARKETS if market.remote_id}


class CannotLoad(Exception):
    """The demo could not be made; the message is a sentence for people."""


def load(now: datetime, site: Site, seed: int = SEED) -> None:
    """Make the demo shops, or make them anew, with all that was done there, when they have grown
    old; fresh ones stay as they are. Raises CannotLoad, for instance when a shop has the name of
    one."""
    try:
        known = shops_of(site)
        if _is_fresh(now) and known >= REMOTE:
            go_on(site, now)
        else:
            _make(now, site, seed)
        live(site, settings.DEMO_PACE, seed)
    except (BadShop, BadApp, CannotConnect, NoMarketplace) as problem:
        raise CannotLoad(str(problem)) from problem
    except ChannelFailure as failure:
        raise CannotLoad(failure.sentence) from failure


@transaction.atomic
def _make(now: datetime, site: Site, seed: int) -> None:
    """Whole or not at all, wherever it is killed."""
    for stale in Shop.objects.filter(is_demo=True).order_by("pk"):
        remove_shop(stale)
    start_over(site)
    for market in MARKETS:
        facts = list(orders(market, now, seed))
        if market.remote_id:
            shop = open_shop(site, market, facts, now)
            label(shop, now)
        else:
            shop = _file_shop(market)
            apply(shop, facts, Source(by="demo", now=now))
        Shop.objects.filter(pk=shop.pk).update(added_at=now)
        overlay(shop, now, seed)
    refresh_statistics()


def orders(market: Market, now: datetime, seed: int = SEED) -> Iterator[OrderFact]:
    """All orders of a demo shop as they are at `now` (UTC)."""
    make = Maker(market, now.replace(microsecond=0), seed)
    rare = corners(make)
    for fact in (*rare, *everyday(make, len(rare), market.orders - len(rare))):
        cases = (_told(case, fact, market) for case in fact.cases)
        yield replace(fact, cases=tuple(case for case in cases if case))


def _told(case: CaseFact, fact: OrderFact, market: Market) -> CaseFact | None:
    """With what the buyer gets back: everything, if it was paid. A file tells of buyers' cases
    only, and little of those."""
    case = replace(case, amount=fact.total if fact.paid_at else Decimal(0))
    if market.remote_id:
        return case
    if case.by != "buyer":
        return None
    return CaseFact(
        kind=case.kind,
        case_id=case.case_id,
        is_open=case.is_open,
        reason=case.reason,
        amount=case.amount,
        requested_at=case.requested_at,
        respond_by=case.respond_by,
    )


def _is_fresh(now: datetime) -> bool:
    made = Shop.objects.filter(is_demo=True).values_list("name", "added_at")
    return {name for name, _ in made} == {market.name for market in MARKETS} and all(
        abs(now - at) < FRESH for _, at in made
    )


def _file_shop(market: Market) -> Shop:
    return add_shop(
        market.name,
        region=market.region,
        timezone=market.timezone,
        rules=market.rules,
        presets=set(PRESETS),
        is_demo=True,
    )
