"""The everyday orders of a demo shop: in believable proportions, most of them finished, with the
messages, cases and cancelers that come with a crowd.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from shipboard.channels.case_contract import CaseStep
from shipboard.channels.contract import CaseFact, CaseKind, OrderFact, OrderType, Shipping, Stage
from shipboard.demo.cases import CANCELED, STEPS, Shape, canceled, shaped
from shipboard.demo.life import AGO, hours
from shipboard.demo.orders import Maker

#: Of 200 orders so many are in each stage; 62 % are finished.
MIX: Mapping[Stage, int] = {
    Stage.UNPAID: 5,
    Stage.ON_HOLD: 5,
    Stage.AWAITING_SHIPMENT: 27,
    Stage.PARTIALLY_SHIPPED: 3,
    Stage.PENDING_COLLECTION: 14,
    Stage.IN_TRANSIT: 22,
    Stage.DELIVERED: 24,
    Stage.CLOSED: 88,
    Stage.CANCELED: 12,
}
PENDING = {Stage.AWAITING_SHIPMENT, Stage.PARTIALLY_SHIPPED}
#: How many of the orders that wait may be late already.
LATE = 0.05
RETURNS = {
    CaseKind.RETURN: "buyer_return_reason_changed_mind",
    CaseKind.REFUND: "buyer_return_reason_damaged",
    CaseKind.REPLACEMENT: "buyer_return_reason_wrong_item",
}


def everyday(make: Maker, first: int, count: int) -> Iterator[OrderFact]:
    """`count` orders numbered from `first`, in the proportions of MIX."""
    pattern = [stage for stage, share in MIX.items() for _ in range(share)]
    stages = [pattern[position * len(pattern) // count] for position in range(count)]
    make.random("stages").shuffle(stages)
    for number, stage in enumerate(stages, first):
        random = make.random(f"luck {number}")
        fact = make.order(number, stage, ago=_ago(make, random, stage))
        yield replace(fact, **_luck(make, random, number, fact))


def _ago(make: Maker, random: Random, stage: Stage) -> float:
    """Hours since the last step; few of the orders that wait are late."""
    low, high = AGO[stage]
    ago = random.uniform(low, high)
    if stage in PENDING and random.random() >= LATE:
        while ago > low + 0.5 and _is_late(make, make.now - hours(ago)):
            ago = low + (ago - low) * 0.7
    return ago


def _is_late(make: Maker, created_at: datetime) -> bool:
    ruled = make.market.profile.deadlines(
        stage=Stage.AWAITING_SHIPMENT, order_type=OrderType.NORMAL, created_at=created_at
    )
    ship_by = make.market.said(created_at).ship_by or ruled.ship_by
    return ship_by is not None and ship_by < make.now


def _luck(make: Maker, random: Random, number: int, fact: OrderFact) -> dict[str, Any]:
    """What only some orders have: messages, notes, cash on delivery, cases, a canceler."""
    market = make.market
    said: dict[str, Any] = {}
    if random.random() < 0.08:
        said["buyer_message"] = random.choice(market.messages)
    if random.random() < 0.04:
        said["seller_note"] = random.choice(market.notes)
    if random.random() < 0.03:
        said |= at_the_platform(make)
    if market.has_cod and random.random() < 0.3 and fact.stage != Stage.UNPAID:
        said |= cash_on_delivery(fact)
    if fact.stage == Stage.CANCELED:
        by = random.choices(tuple(CANCELED), (60, 15, 20, 5))[0]
        said |= {"canceled_by": by} | canceled(make, number, replace(fact, canceled_by=by))
    if case := _case(make, random, number, fact):
        said["cases"] = (case,)
    return said


def _case(make: Maker, random: Random, number: int, fact: OrderFact) -> CaseFact | None:
    left: float | None = random.uniform(2, 24)
    since = fact.delivered_at or fact.created_at
    if fact.stage == Stage.AWAITING_SHIPMENT and random.random() < 0.03:
        kind, reason = CaseKind.CANCELLATION, "buyer_cancel_reason_better_price"
    elif fact.delivered_at and random.random() < 0.05:
        kind, reason = random.choice(tuple(RETURNS.items()))
    else:
        return None
    ago = (make.now - since) / timedelta(hours=1) * 0.8
    if fact.stage == Stage.CLOSED:
        left = None
    else:
        ago = min(ago, 20)
    step = CaseStep.NOTHING if left is None else STEPS[kind]
    return shaped(make, number, Shape(kind, reason, fact.stage, 0, ago, left, step))


def at_the_platform(make: Maker) -> dict[str, Any]:
    """Shipped from the marketplace's own warehouse: nothing to do here."""
    return {
        "is_platform_fulfilled": True,
        "shipping": Shipping.PLATFORM,
        "warehouse": make.market.platform_warehouse,
    }


def cash_on_delivery(fact: OrderFact) -> dict[str, Any]:
    """Paid when it is delivered, so the marketplace's payment time is the delivery time."""
    return {
        "is_cod": True,
        "payment_method": "Cash on delivery",
        "paid_at": fact.delivered_at,
    }
