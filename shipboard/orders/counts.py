"""How many orders each tab, chip and card holds: exact at any instant, nothing capped. What the
clock cannot change is read from the tally; what it can is counted live, and only that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, Count, QuerySet, Sum, TextField, Value, When
from django.db.models import Case as Choose
from django.db.models.functions import Cast

from shipboard.channels.contract import Stage
from shipboard.channels.models import Shop
from shipboard.orders.cards import DAY, LATELY, Card, ways_onto
from shipboard.orders.filters import OrderFilter
from shipboard.orders.label_states import ASKED_TOO_LONG
from shipboard.orders.models import Order, Tally
from shipboard.orders.stages import STAGES_OF, Tab


@dataclass(frozen=True)
class Counts:
    """Counts of all orders of the shops in view; a stage counts where its tab does."""

    tabs: Mapping[Tab, int]
    stages: Mapping[Stage, int]
    cards: Mapping[Card, int]

    def of(self, filter_: OrderFilter) -> int | None:
        """How many orders `filter_` matches, if it asks for no more than is counted here."""
        if filter_.is_narrowed(besides={"shop", "urgency"}):
            return None
        if filter_.urgency:
            is_alone = filter_.tab == Tab.ALL and not filter_.stage
            return self.cards[filter_.urgency] if is_alone else None
        if filter_.stage:
            shown = STAGES_OF.get(filter_.tab, tuple(Stage))
            return sum(self.stages[stage] for stage in filter_.stage if stage in shown)
        return self.tabs[filter_.tab]


def counts(shops: list[Shop], now: datetime) -> Counts:
    """Exact counts of tabs, chips and cards at `now`: one statement, so of one instant of the
    database too, whoever writes meanwhile."""
    answers = _answers(shops, now)
    by_stage = {stage: answers[stage.value] for stage in Stage}
    _move(by_stage, Stage.ON_HOLD, Stage.AWAITING_SHIPMENT, answers["over"])
    _move(by_stage, Stage.DELIVERED, Stage.CLOSED, answers["closed_today"])
    tabs = {tab: sum(by_stage[stage] for stage in of) for tab, of in STAGES_OF.items()}
    return Counts(
        tabs={Tab.ALL: sum(tabs.values()), **tabs},
        stages=by_stage,
        cards={card: answers[card.value] for card in Card},
    )


#: What the statement is compiled for; another instant and other shops take its places.
SOME_INSTANT = datetime(2000, 1, 1, 12, tzinfo=UTC)


def _answers(shops: list[Shop], now: datetime) -> Counter[str]:
    """Orders by stored stage and by card. Django takes longer to put the statement together than
    PostgreSQL to answer it for most desks, so that is done once for each number of shops."""
    answers: Counter[str] = Counter()
    if not shops:
        return answers
    statement, parameters = _statement(len(shops))
    bound = _places(now) | {-place: shop.pk for place, shop in enumerate(shops, start=1)}
    with connection.cursor() as cursor:
        given = [each if isinstance(each, list) else bound.get(each, each) for each in parameters]
        cursor.execute(statement, given)
        for key, number in cursor.fetchall():
            answers[key] += number
    return answers


def _places(now: datetime) -> dict[Any, Any]:
    """The instants and days in a statement for SOME_INSTANT, as they are for `now`."""
    some, today = _midnight(SOME_INSTANT), _midnight(now)
    return {
        SOME_INSTANT: now,
        SOME_INSTANT + DAY: now + DAY,
        SOME_INSTANT - LATELY: now - LATELY,
        SOME_INSTANT - ASKED_TOO_LONG: now - ASKED_TOO_LONG,
        some: today,
        some.date(): today.date(),
    }


@lru_cache(maxsize=100)
def _statement(many: int) -> tuple[str, tuple[Any, ...]]:
    """The statement for the shops -1 to -many at SOME_INSTANT, and its parameters."""
    now, midnight = SOME_INSTANT, _midnight(SOME_INSTANT)
    shops = range(-1, -many - 1, -1)
    orders = Order.objects.filter(shop__in=shops)
    over = orders.filter(stage=Stage.ON_HOLD, hold_ends_at__lte=now)
    closed_today = orders.filter(stage=Stage.DELIVERED, closes_at__gte=midnight, closes_at__lte=now)
    questions = [
        _count("over", over),
        _count("closed_today", closed_today),
        *(_count(card.value, orders.filter(way)) for card in Card for way in ways_onto(card, now)),
    ]
    return _tallied(shops, midnight).union(*questions, all=True).query.sql_with_params()


def _midnight(now: datetime) -> datetime:
    return datetime.combine(now.astimezone(UTC), time.min, UTC)


def _tallied(shops: Iterable[int], midnight: datetime) -> QuerySet[Tally, tuple[str, int]]:
    """Orders by stage, those that closed before today as closed."""
    past = When(stage=Stage.DELIVERED, day__lt=midnight.date(), then=Value(Stage.CLOSED.value))
    rows = Tally.objects.filter(shop__in=shops)
    named = rows.annotate(
        key=Choose(past, default=Cast("stage", TextField()), output_field=TextField())
    )
    return (
        named.values("key")
        .annotate(n=Cast(Sum("orders"), BigIntegerField()))
        .values_list("key", "n")
        .order_by()
    )


def _count(key: str, orders: QuerySet[Order]) -> QuerySet[Order, tuple[str, int]]:
    keyed = orders.annotate(key=Value(key, output_field=TextField())).values("key")
    return keyed.annotate(n=Count("*")).values_list("key", "n").order_by()


def _move(by_stage: dict[Stage, int], of: Stage, to: Stage, many: int) -> None:
    by_stage[of] -= many
    by_stage[to] += many


def of_shops(shops: Iterable[Shop]) -> QuerySet[Order]:
    return Order.objects.filter(shop__in=[shop.pk for shop in shops])
