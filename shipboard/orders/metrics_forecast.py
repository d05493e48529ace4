"""What late dispatch will be when the day ends if nothing more ships, and the orders that decide
it: those still open whose deadline comes before the shop's midnight, the soonest first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import reduce
from operator import or_

from django.db.models import Case, Count, F, Q, QuerySet, Value, When
from django.db.models.fields import BooleanField

from shipboard.channels.contract import Stage
from shipboard.channels.models import Shop
from shipboard.orders.metric_rules import RULES, Measure, dispatched_by
from shipboard.orders.metrics import Figures, Metrics, Share, period_of
from shipboard.orders.models import Order

DEADLINE = {Measure.ARRANGED: "ship_by", Measure.COLLECTED: "collect_by"}
SHIPPABLE = (Stage.AWAITING_SHIPMENT, Stage.PARTIALLY_SHIPPED)
#: What can still be done in time; an order on hold counts once its hold has ended.
OPEN = {
    Measure.ARRANGED: SHIPPABLE,
    Measure.COLLECTED: (*SHIPPABLE, Stage.PENDING_COLLECTION),
}


@dataclass(frozen=True)
class Forecast:
    """Of one shop. `open` orders go late before `end` if nothing ships; of them `held` can only be
    shipped later today, when their hold has ended."""

    measure: Measure
    share: Share
    open: int
    held: int
    end: datetime

    @property
    def limit(self) -> Decimal:
        return RULES[self.measure].limit

    @property
    def at_end(self) -> Share:
        """If nothing more ships: each counts, and is late."""
        return Share(self.share.of + self.open, self.share.bad + self.open)

    @property
    def fewest(self) -> int:
        """So many must ship now for the rate to end at the limit or below; all that can, where
        that is not enough."""
        end = self.at_end
        most = int(self.limit * end.of // 100)
        return max(0, min(end.bad - most, self.open - self.held))

    @property
    def if_shipped(self) -> Share:
        """With the fewest shipped in time."""
        end = self.at_end
        return Share(end.of, end.bad - self.fewest)

    @property
    def is_saved(self) -> bool:
        """Whether shipping the fewest keeps it at the limit or below."""
        rate = self.if_shipped.rate
        return rate is None or rate <= self.limit


def counted_by(shop: Shop, figures: Figures) -> Measure:
    """The meaning of "dispatched" that a shop is told by: its market's, unless the deadline of that
    one is known of no order and the other's is."""
    ours = dispatched_by(shop)
    other = Measure.ARRANGED if ours is Measure.COLLECTED else Measure.COLLECTED
    is_blind = not figures.now[ours].of and figures.now[ours].undated
    return other if is_blind and not figures.now[other].undated else ours


def forecasts(
    shops: Sequence[Shop], found: Metrics, days: int, now: datetime
) -> Mapping[int, Forecast]:
    """By the shop's key. One query."""
    by = {shop.pk: counted_by(shop, found.of[shop.pk]) for shop in shops}
    waiting: dict[int, dict[bool, int]] = {shop.pk: {} for shop in shops}
    if shops:
        ways = (_going_late(shop, by[shop.pk], now) for shop in shops)
        rows = Order.objects.filter(reduce(or_, ways)).annotate(held=_is_held(now))
        for row in rows.values("shop", "held").annotate(n=Count("*")).order_by():
            waiting[row["shop"]][row["held"]] = row["n"]
    return {
        shop.pk: Forecast(
            by[shop.pk],
            found.of[shop.pk].now[by[shop.pk]],
            sum(waiting[shop.pk].values()),
            waiting[shop.pk].get(True, 0),
            period_of(shop, days, now).end,
        )
        for shop in shops
    }


def deciding(shop: Shop, measure: Measure, now: datetime) -> QuerySet[Order]:
    """Orders that can be shipped now and go late today otherwise, by their deadline."""
    found = Order.objects.filter(_going_late(shop, measure, now)).annotate(held=_is_held(now))
    return found.filter(held=False).order_by(DEADLINE[measure], "pk")


def _going_late(shop: Shop, measure: Measure, now: datetime) -> Q:
    """Due instants equal to `now` can still be met, as on the to-do board."""
    deadline, end = DEADLINE[measure], period_of(shop, 1, now).end
    due = Q(**{f"{deadline}__gte": now, f"{deadline}__lt": end})
    is_open = Q(stage__in=OPEN[measure]) | Q(stage=Stage.ON_HOLD, hold_ends_at__lt=F(deadline))
    return Q(shop=shop.pk, is_platform_fulfilled=False) & due & is_open


def _is_held(now: datetime) -> Case:
    return Case(
        When(stage=Stage.ON_HOLD, hold_ends_at__gt=now, then=Value(True)),
        default=Value(False),
        output_field=BooleanField(),
    )
