"""Where an order is now: the channel's stage, and the two things the clock alone may change.

An On hold whose hour is over counts as Awaiting shipment (presumed), and a delivered order whose
after-sales window is over counts as Closed. Both are asked at read time, in SQL and in Python, so
they are right to the second with every worker stopped.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from django.db.models import Case, F, Q, Value, When
from django.db.models.fields import CharField

from shipboard.channels.contract import OrderType, Stage

#: Buyers may cancel freely for an hour after payment; the order is On hold meanwhile.
HOLD = timedelta(hours=1)


class Tab(StrEnum):
    ALL = "all"
    PROCESSING = "processing"
    PENDING_SHIPPING = "pending_shipping"
    SHIPPED = "shipped"
    COMPLETED = "completed"
    CANCELED = "canceled"


STAGES_OF: Mapping[Tab, tuple[Stage, ...]] = {
    Tab.PROCESSING: (Stage.UNPAID, Stage.ON_HOLD, Stage.UNKNOWN),
    Tab.PENDING_SHIPPING: (Stage.AWAITING_SHIPMENT, Stage.PARTIALLY_SHIPPED),
    Tab.SHIPPED: (Stage.PENDING_COLLECTION, Stage.IN_TRANSIT),
    Tab.COMPLETED: (Stage.DELIVERED, Stage.CLOSED),
    Tab.CANCELED: (Stage.CANCELED,),
}
TAB_OF: Mapping[Stage, Tab] = {stage: tab for tab, of in STAGES_OF.items() for stage in of}

TAB_LABELS: Mapping[Tab, str] = {
    Tab.ALL: "All",
    Tab.PROCESSING: "Processing",
    Tab.PENDING_SHIPPING: "Pending shipping",
    Tab.SHIPPED: "Shipped",
    Tab.COMPLETED: "Completed",
    Tab.CANCELED: "Canceled",
}
STAGE_LABELS: Mapping[Stage, str] = {
    Stage.UNPAID: "Unpaid",
    Stage.ON_HOLD: "On hold",
    Stage.UNKNOWN: "Unrecognised state",
    Stage.AWAITING_SHIPMENT: "Awaiting shipment",
    Stage.PARTIALLY_SHIPPED: "Partially shipped",
    Stage.PENDING_COLLECTION: "Pending collection",
    Stage.IN_TRANSIT: "In transit",
    Stage.DELIVERED: "Delivered",
    Stage.CLOSED: "Closed",
    Stage.CANCELED: "Canceled",
}

#: How far along its life a stage is; decides between facts of the same instant.
RANK: Mapping[Stage, int] = {
    Stage.UNKNOWN: 0,
    Stage.UNPAID: 1,
    Stage.ON_HOLD: 2,
    Stage.AWAITING_SHIPMENT: 3,
    Stage.PARTIALLY_SHIPPED: 4,
    Stage.PENDING_COLLECTION: 5,
    Stage.IN_TRANSIT: 6,
    Stage.DELIVERED: 7,
    Stage.CLOSED: 8,
    Stage.CANCELED: 9,
}


#: Why nothing that reaches the marketplace is done any more: said by every verb alike.
AFTER_WINDOW = "The after-sales window is over; nothing more can be done with this order."
#: Stages in which the marketplace cancels by itself what does not move on.
CANCELED_BY_CLOCK = (
    Stage.AWAITING_SHIPMENT,
    Stage.PARTIALLY_SHIPPED,
    Stage.PENDING_COLLECTION,
    Stage.IN_TRANSIT,
)


class Staged(Protocol):
    stage: str
    hold_ends_at: datetime | None
    closes_at: datetime | None


class Cancelable(Staged, Protocol):
    as_of: datetime
    auto_cancel_at: datetime | None


def hold_ends_at(
    *,
    order_type: str,
    is_cod: bool,
    created_at: datetime,
    paid_at: datetime | None,
    release_at: datetime | None,
) -> datetime | None:
    """When an On hold ends by the clock: an hour after payment; for cash on delivery, whose
    payment time is the delivery time, an hour after creation; pre-orders at their release.
    None when that instant is not known."""
    if order_type == OrderType.PRE_ORDER:
        return release_at
    started = created_at if is_cod else paid_at
    return started + HOLD if started else None


def closes_at(
    delivered_at: datetime | None, channel_closes_at: datetime | None, after_sales_days: int
) -> datetime | None:
    """When a delivered order closes: the shop's days after delivery or the channel's word,
    whichever is first; None when neither is known."""
    ours = delivered_at + timedelta(days=after_sales_days) if delivered_at else None
    known = [each for each in (ours, channel_closes_at) if each]
    return min(known) if known else None


def stage_now(order: Staged, now: datetime) -> Stage:
    """The stage at `now`; the same rule as `stage_at` in SQL."""
    if order.stage == Stage.ON_HOLD and order.hold_ends_at and order.hold_ends_at <= now:
        return Stage.AWAITING_SHIPMENT
    if order.stage == Stage.DELIVERED and order.closes_at and order.closes_at <= now:
        return Stage.CLOSED
    return Stage(order.stage)


def is_presumed(order: Staged, now: datetime) -> bool:
    """Whether the stage is the clock's word, not the channel's: before anything is sent outside,
    the order must be read again."""
    return stage_now(order, now) != order.stage


def is_presumed_canceled(order: Cancelable, now: datetime, *, is_connected: bool) -> bool:
    """Whether the marketplace has canceled it by now for all that anybody knows: its automatic
    cancellation is past, and the newest account of it is older than that. A presumption only: the
    order stays where the facts put it. Connected shops hear of it and never presume."""
    if is_connected or stage_now(order, now) not in CANCELED_BY_CLOCK:
        return False
    at = order.auto_cancel_at
    return at is not None and at <= now and order.as_of < at


def stage_at(now: datetime) -> Case:
    """The stage at `now`, as an SQL expression over the order table."""
    return Case(
        When(stage=Stage.ON_HOLD, hold_ends_at__lte=now, then=Value(Stage.AWAITING_SHIPMENT.value)),
        When(stage=Stage.DELIVERED, closes_at__lte=now, then=Value(Stage.CLOSED.value)),
        default=F("stage"),
        output_field=CharField(),
    )


def in_stage(stage: Stage, now: datetime) -> Q:
    """Orders that are in `stage` at `now`; written so that partial indexes on stage serve it."""
    match stage:
        case Stage.AWAITING_SHIPMENT:
            presumed = Q(stage=Stage.ON_HOLD, hold_ends_at__lte=now)
            return Q(stage=Stage.AWAITING_SHIPMENT) | presumed
        case Stage.ON_HOLD:
            still = Q(hold_ends_at=None) | Q(hold_ends_at__gt=now)
            return Q(stage=Stage.ON_HOLD) & still
        case Stage.CLOSED:
            over = Q(stage=Stage.DELIVERED, closes_at__lte=now)
            return Q(stage=Stage.CLOSED) | over
        case Stage.DELIVERED:
            open_still = Q(closes_at=None) | Q(closes_at__gt=now)
            return Q(stage=Stage.DELIVERED) & open_still
    return Q(stage=stage)


#: What the clock makes of a stage, and when.
MOVED: Mapping[Stage, tuple[Stage, str]] = {
    Stage.ON_HOLD: (Stage.AWAITING_SHIPMENT, "hold_ends_at"),
    Stage.DELIVERED: (Stage.CLOSED, "closes_at"),
}


def ways_into(shown: Collection[Stage], now: datetime) -> dict[Stage, Q]:
    """For each stored stage the condition under which its orders are in one of `shown` at `now`;
    stages that none of them has are left out. An index on stage serves each."""
    ways = {stage: Q(stage=stage) for stage in Stage if stage in shown}
    for stage, (later, at) in MOVED.items():
        if (stage in shown) == (later in shown):
            continue
        over = Q(**{f"{at}__lte": now})
        still = Q(**{at: None}) | Q(**{f"{at}__gt": now})
        ways[stage] = Q(stage=stage) & (over if later in shown else still)
    return ways


def in_tab(tab: Tab, now: datetime) -> Q:
    """Orders of a tab at `now`. Every order is in exactly one tab besides All."""
    match tab:
        case Tab.ALL:
            return Q()
        case Tab.PROCESSING:
            return Q(stage__in=(Stage.UNPAID, Stage.UNKNOWN)) | in_stage(Stage.ON_HOLD, now)
        case Tab.PENDING_SHIPPING:
            # The first half repeats the condition of the index order_to_ship.
            candidates = (Stage.ON_HOLD, Stage.AWAITING_SHIPMENT, Stage.PARTIALLY_SHIPPED)
            return Q(stage__in=candidates) & (~Q(stage=Stage.ON_HOLD) | Q(hold_ends_at__lte=now))
        case _:
            return Q(stage__in=STAGES_OF[tab])
