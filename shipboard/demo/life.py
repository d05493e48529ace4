"""The life of a demo order: what has happened to it by its stage, and how long each thing took."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random

from shipboard.channels.contract import OrderFact, Stage

#: Hours since the last thing that happened to an order of a stage.
AGO: Mapping[Stage, tuple[float, float]] = {
    Stage.UNPAID: (0.1, 20),
    Stage.ON_HOLD: (0.05, 0.95),
    Stage.UNKNOWN: (2, 30),
    Stage.AWAITING_SHIPMENT: (1.1, 66),
    Stage.PARTIALLY_SHIPPED: (4, 40),
    Stage.PENDING_COLLECTION: (0.5, 20),
    Stage.IN_TRANSIT: (1, 80),
    Stage.DELIVERED: (1, 330),
    Stage.CLOSED: (340, 2200),
    Stage.CANCELED: (1, 1400),
}
#: What has happened to an order of a stage since its creation, and the hours each thing took.
STEPS: Mapping[Stage, tuple[str, ...]] = {
    Stage.PENDING_COLLECTION: ("arranged_at",),
    Stage.IN_TRANSIT: ("arranged_at", "collected_at"),
    Stage.DELIVERED: ("arranged_at", "collected_at", "delivered_at"),
    Stage.CLOSED: ("arranged_at", "collected_at", "delivered_at"),
    Stage.CANCELED: ("canceled_at",),
}
TOOK = {
    "arranged_at": (1.2, 30),
    "collected_at": (2, 20),
    "delivered_at": (20, 90),
    "canceled_at": (0.2, 40),
}
#: After delivery the marketplace waits so long before it closes an order.
CLOSES_AFTER = timedelta(days=14)
#: A connected shop is read 90 days back; what the desk should show must not have rested longer.
LONGEST_REST = timedelta(days=80)
#: The marketplace's own words.
WORDS = {
    Stage.PARTIALLY_SHIPPED: "PARTIALLY_SHIPPING",
    Stage.PENDING_COLLECTION: "AWAITING_COLLECTION",
    Stage.CLOSED: "COMPLETED",
    Stage.CANCELED: "CANCELLED",
}


def hours(count: float) -> timedelta:
    return timedelta(seconds=round(count * 3600))


def times_of(random: Random, stage: Stage, last: datetime) -> dict[str, datetime]:
    """The instants of an order by their names, back from its last step to its creation."""
    times = {}
    at = last
    for step in reversed(STEPS.get(stage, ())):
        times[step] = at
        at -= hours(random.uniform(*TOOK[step]))
    times["created_at"] = at
    if stage != Stage.UNPAID:
        times["paid_at"] = at + timedelta(seconds=70)
    return times


def changed_at(fact: OrderFact) -> datetime:
    """When the order's status last changed, as the marketplace tells it."""
    steps = (fact.created_at, fact.arranged_at, fact.collected_at, fact.delivered_at)
    last = max(at for at in (*steps, fact.canceled_at) if at)
    if fact.stage is Stage.CLOSED:
        last = min(last + CLOSES_AFTER, fact.as_of)
    return max(last, fact.as_of - LONGEST_REST)
