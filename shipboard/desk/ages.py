"""How old the data of the shops on a page is, said on every order screen: of a connected shop the
last poll that went through, of a shop of files the newest facts that were imported.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Max, Q, QuerySet

from shipboard.accounts.access import Access
from shipboard.channels.models import Shop
from shipboard.fulfilment.selection import Selection
from shipboard.ingest.freshness import AMBER, RED, Freshness, Level, freshness
from shipboard.ingest.models import OrderImport
from shipboard.orders.models import Order
from shipboard.orders.queries import shops_in_view

#: What is said besides the age; the browser's clock goes on by the same rule (static/modules).
WORDS: Mapping[Level, str] = {
    Level.FRESH: "",
    Level.AMBER: "getting old",
    Level.RED: "out of date",
}
RULE = {
    "amber": int(AMBER.total_seconds()),
    "red": int(RED.total_seconds()),
    "amber-words": WORDS[Level.AMBER],
    "red-words": WORDS[Level.RED],
}


@dataclass(frozen=True)
class Age:
    """Of one shop. `at`: the instant of its data (UTC), None while the first is still read, or of
    a disconnected shop. `level` is blank for a shop of files, whose data is as old as its owner
    leaves it. `state`: `paused`, `disconnected` or blank."""

    slug: str
    name: str
    at: datetime | None
    zone: ZoneInfo
    level: str = ""
    state: str = ""

    @property
    def words(self) -> str:
        return WORDS[Level(self.level)] if self.level else ""

    @property
    def rule(self) -> Mapping[str, object]:
        """For the browser, whose clock makes it older."""
        return RULE if self.level else {}


def with_facts(shops: QuerySet[Shop]) -> QuerySet[Shop]:
    """The shops, each with the instant of its newest imported facts as `facts_as_of`, None before
    any."""
    done = Q(orderimport__state=OrderImport.State.DONE)
    return shops.annotate(facts_as_of=Max("orderimport__as_of", filter=done))


def ages_of_chosen(selection: Selection, access: Access, now: datetime) -> list[Age]:
    """Of the shops whose orders were chosen. Raises BadFilter for an unknown shop."""
    if selection.filter is not None:
        shops = shops_in_view(selection.filter, access)
    else:
        chosen = selection.orders(access, now).order_by().values("shop").distinct()
        shops = list(Shop.objects.filter(pk__in=chosen).order_by("pk"))
    return ages(shops, now)


def facts_of(shops: Iterable[Shop]) -> dict[int, datetime]:
    """Of shops from with_facts, by key; shops without any are left out."""
    dated = ((shop.pk, getattr(shop, "facts_as_of", None)) for shop in shops)
    return {pk: at for pk, at in dated if at}


def facts_of_orders(shops: Iterable[Shop]) -> dict[int, datetime]:
    """The newest facts of the orders themselves, by shop: where no import tells, as in the demo.
    It reads all their orders, so it is not for every screen."""
    files = [shop for shop in shops if not shop.remote_id]
    newest = Order.objects.filter(shop__in=files).values_list("shop").order_by()
    return dict(newest.annotate(Max("as_of")))


def ages(
    shops: Collection[Shop], now: datetime, facts: Mapping[int, datetime] | None = None
) -> list[Age]:
    """The oldest first, connected shops before those of files; a shop without any data is left
    out. One query, and one more for shops of files unless `facts` (facts_of) tells of them."""
    by_pk = {shop.pk: shop for shop in shops}
    lines = freshness(by_pk, now)
    rest = by_pk.keys() - {line.shop_id for line in lines}
    if facts is None:
        facts = facts_of(with_facts(Shop.objects.filter(pk__in=rest))) if rest else {}
    dated = sorted((facts[pk], pk) for pk in rest if pk in facts and not by_pk[pk].remote_id)
    return [
        *(_of_line(line, by_pk[line.shop_id].zone) for line in lines),
        *(_cut_off(by_pk[pk]) for pk in sorted(rest) if by_pk[pk].remote_id),
        *(Age(by_pk[pk].slug, by_pk[pk].name, at, by_pk[pk].zone) for at, pk in dated),
    ]


def _of_line(line: Freshness, zone: ZoneInfo) -> Age:
    state = "paused" if line.is_paused else ""
    return Age(line.slug, line.name, line.at, zone, line.level.value, state)


def _cut_off(shop: Shop) -> Age:
    return Age(shop.slug, shop.name, None, shop.zone, Level.RED.value, "disconnected")
