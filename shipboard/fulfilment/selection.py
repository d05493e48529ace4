"""Which orders a person chose: some, one by one, or all N that match a filter. What is not
understood is refused, so that a slip never widens the choice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Count, QuerySet
from django.db.models.expressions import RawSQL

from shipboard.accounts.access import Access
from shipboard.channels.models import Shop
from shipboard.fulfilment.allowed import OURS, Verb
from shipboard.fulfilment.applies import applies
from shipboard.orders.filters import OrderFilter, pairs, parse
from shipboard.orders.models import Order
from shipboard.orders.overlays import Refused
from shipboard.orders.queries import matching, shops_in_view, visible_shops
from shipboard.orders.search import find
from shipboard.orders.stages import STAGE_LABELS, TAB_LABELS, Tab

MOST = 200_000
#: What can be done to many orders at once.
TO_MANY = (Verb.ADD_SHIPMENT, Verb.CREATE_LABEL, Verb.MARK_SHIPPED, *OURS, Verb.CANCEL)
BIGGEST_KEY = 2**63 - 1


class BadSelection(Refused):
    """A choice that is not understood, is empty or too big."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Orders by primary key, or, with a filter, all that match it; `expected` is how many of them
    the person saw."""

    expected: int
    pks: tuple[int, ...] = ()
    filter: OrderFilter | None = None

    @classmethod
    def of(cls, data: Mapping[str, str]) -> Selection:
        """From posted fields: `orders` (primary keys, comma between), or `query` (a query string of
        the order list) with `count`. Raises BadSelection and BadFilter."""
        if ("orders" in data) == ("query" in data):
            raise BadSelection("Choose orders first: some, or all that match.")
        chosen = _by_key(data["orders"]) if "orders" in data else _by_filter(data)
        if not chosen.expected:
            raise BadSelection("No order is chosen.")
        if chosen.expected > MOST:
            raise BadSelection(
                f"{chosen.expected:,} orders are too many at once; choose up to {MOST:,}, such as "
                "those of one shop or one month."
            )
        return chosen

    def orders(self, access: Access, now: datetime) -> QuerySet[Order]:
        """Those of them that the actor may see, unsorted. Raises BadFilter for an unknown shop."""
        if self.filter is None:
            keys = RawSQL("select unnest(%s::bigint[])", [list(self.pks)])
            return Order.objects.filter(pk__in=keys, shop__in=visible_shops(access))
        hits = find(self.filter.q, access) if self.filter.q else None
        return matching(self.filter, shops_in_view(self.filter, access), now, hits)

    def words(self) -> str:
        """What was chosen, without what was searched for, which may be a buyer's name."""
        many = f"{self.expected:,} order{'' if self.expected == 1 else 's'}"
        if self.filter is None:
            return f"{many}, chosen one by one"
        said = ", ".join(_said(self.filter))
        return f"all {many} that matched {said}" if said else f"all {many}"

    def fields(self) -> dict[str, str]:
        """The posted fields again, for a form's hidden inputs."""
        if self.filter is None:
            return {"orders": ",".join(map(str, self.pks))}
        return {"query": self.filter.query(), "count": str(self.expected)}

    def as_found(self, found: int, access: Access, now: datetime) -> Selection:
        """The same choice as it is now, `found` orders."""
        if self.filter is not None:
            return replace(self, expected=found)
        pks = tuple(self.orders(access, now).order_by("pk").values_list("pk", flat=True))
        return replace(self, expected=len(pks), pks=pks)


def how_many(selection: Selection, access: Access, now: datetime) -> dict[Verb, int]:
    """To how many of the chosen orders each verb that is done to many applies at `now`; one query
    beside that for the shops, but for what a search asks."""
    shops = list(Shop.objects.all())
    counted = {
        verb.value: Count("pk", filter=applies(verb, now, shops) or None) for verb in TO_MANY
    }
    found = selection.orders(access, now).aggregate(**counted)
    return {verb: found[verb.value] for verb in TO_MANY}


def _by_key(given: str) -> Selection:
    pieces = [piece for piece in given.split(",") if piece]
    if not all(re.fullmatch(r"\d{1,19}", piece, re.ASCII) for piece in pieces):
        raise BadSelection("The chosen orders could not be read. Reload the page, choose again.")
    pks = tuple(sorted(set(map(int, pieces))))
    if pks and pks[-1] > BIGGEST_KEY:
        raise BadSelection("The chosen orders could not be read. Reload the page, choose again.")
    return Selection(len(pks), pks=pks)


def _by_filter(data: Mapping[str, str]) -> Selection:
    count = data.get("count", "")
    if not re.fullmatch(r"\d{1,9}", count, re.ASCII):
        raise BadSelection("How many orders match is missing. Reload the page, choose again.")
    return Selection(int(count), filter=parse(data["query"]))


def _said(filter_: OrderFilter) -> list[str]:
    said = [TAB_LABELS[filter_.tab]] if filter_.tab != Tab.ALL else []
    said += [STAGE_LABELS[stage] for stage in filter_.stage]
    if filter_.q:
        said.append(f"a search for {len(filter_.q):,} value{'' if len(filter_.q) == 1 else 's'}")
    plain = replace(filter_, tab=Tab.ALL, stage=(), q=())
    skipped = {"sort", "view", "per_page", "after", "before"}
    return said + [f"{name} {value}" for name, value in pairs(plain) if name not in skipped]
