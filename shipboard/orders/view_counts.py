"""What saved views find for one reader: counts that are exact at an instant, at a cost that stays
small however many views there are and however many orders.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import monotonic

from shipboard.accounts.access import Access
from shipboard.channels.models import Shop
from shipboard.orders.counts import Counts, counts
from shipboard.orders.filters import BadFilter, OrderFilter, parse
from shipboard.orders.models import SavedView
from shipboard.orders.queries import in_view, matching, visible_shops
from shipboard.orders.search import find

#: Counting what is not plain stops after so long; a count that was begun is finished.
PATIENCE = timedelta(seconds=1.5)


@dataclass(frozen=True)
class Shown:
    """A view as one reader sees it: what it finds for them, or why it has no number. `filter_` is
    None when the view is of no use to them."""

    view: SavedView
    filter_: OrderFilter | None
    count: int | None = None
    why_not: str = ""


def read(views: Iterable[SavedView], visible: list[Shop]) -> list[Shown]:
    """Views as somebody who sees the shops `visible` may use them, not counted."""
    return [_read(view, visible) for view in views]


def count(views: Iterable[SavedView], access: Access, now: datetime) -> list[Shown]:
    """Views with how many orders each finds for this reader: exact at `now`, or said to be not
    counted. Views that ask for no more than tabs, chips and cards do cost one set of counts per
    set of shops, others a count each, the same one once, until PATIENCE is over."""
    visible = list(visible_shops(access))
    counter = _Counter(visible, access, now)
    return [
        _counted(shown, shown.filter_, counter) if shown.filter_ else shown
        for shown in read(views, visible)
    ]


def _counted(shown: Shown, filter_: OrderFilter, counter: _Counter) -> Shown:
    found = counter.count(filter_)
    if found is None:
        return replace(shown, why_not="Not counted, which would take long; open it for its count.")
    return replace(shown, count=found)


class _Counter:
    """Counts filters for one reader at one instant, each once."""

    def __init__(self, visible: list[Shop], access: Access, now: datetime) -> None:
        self._visible, self._access, self._now = visible, access, now
        self._known: dict[OrderFilter, int] = {}
        self._counts: dict[frozenset[int], Counts] = {}
        self._spent = timedelta(0)

    def count(self, filter_: OrderFilter) -> int | None:
        """None: it would take longer than there is patience for."""
        filter_ = replace(filter_, sort=None)
        if filter_ not in self._known:
            shops = in_view(filter_, self._visible)
            found = self._counts_of(shops).of(filter_)
            if found is None and self._spent > PATIENCE:
                return None
            self._known[filter_] = self._slow(filter_, shops) if found is None else found
        return self._known[filter_]

    def _counts_of(self, shops: list[Shop]) -> Counts:
        key = frozenset(shop.pk for shop in shops)
        if key not in self._counts:
            self._counts[key] = counts(shops, self._now)
        return self._counts[key]

    def _slow(self, filter_: OrderFilter, shops: list[Shop]) -> int:
        begun = monotonic()
        within = replace(self._access, shop_ids=frozenset(shop.pk for shop in shops))
        hits = find(filter_.q, within) if filter_.q else None
        found = matching(filter_, shops, self._now, hits).count()
        self._spent += timedelta(seconds=monotonic() - begun)
        return found


def _read(view: SavedView, visible: list[Shop]) -> Shown:
    try:
        filter_ = parse(view.query)
    except BadFilter as problem:
        return Shown(view, None, why_not=f"No longer understood: {problem}")
    if not {shop.slug for shop in visible}.issuperset(filter_.shop):
        return Shown(view, None, why_not="It names a shop that is not one of yours.")
    try:
        in_view(filter_, visible)
    except BadFilter as problem:
        return Shown(view, None, why_not=str(problem))
    return Shown(view, filter_)
