"""The clocks of an order as its page shows them: what still runs, and what became of the rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shipboard.channels.contract import OrderType, Stage
from shipboard.desk import wording
from shipboard.orders.models import Order
from shipboard.orders.stages import stage_now


@dataclass(frozen=True)
class Deadline:
    """`urgency` of a clock that runs; `outcome` of one that does not any more."""

    label: str
    at: datetime
    source: str
    rule: str
    urgency: str = ""
    outcome: str = ""


@dataclass(frozen=True)
class Clock:
    """A deadline column: the stages it runs in, and the instant that meets it."""

    column: str
    label: str
    runs_in: tuple[Stage, ...]
    met_by: str
    rule: str


PENDING = (Stage.AWAITING_SHIPMENT, Stage.PARTIALLY_SHIPPED)
UNDERWAY = (*PENDING, Stage.PENDING_COLLECTION, Stage.IN_TRANSIT)
CLOCKS = (
    Clock("ship_by", "Ship by", PENDING, "arranged_at", "Arranged later, it counts as late."),
    Clock(
        "collect_by",
        "Collect by",
        (*PENDING, Stage.PENDING_COLLECTION),
        "collected_at",
        "Scanned by the carrier later, it counts as late.",
    ),
    Clock(
        "auto_cancel_at",
        "Auto-cancel",
        UNDERWAY,
        "",
        "The marketplace cancels it then unless it moves on.",
    ),
    Clock("deliver_by", "Deliver by", UNDERWAY, "delivered_at", "Promised to the buyer."),
)


def deadlines(order: Order, now: datetime) -> list[Deadline]:
    """The order's clocks, soonest first, each with who set it. `order` comes with its shop."""
    stage = stage_now(order, now)
    found = [
        _deadline(order, clock, stage, now)
        for clock in CLOCKS
        if getattr(order, clock.column) and (stage in clock.runs_in or clock.met_by)
    ]
    if order.hold_ends_at and order.stage == Stage.ON_HOLD:
        is_over = order.hold_ends_at <= now
        found.append(
            Deadline(
                "Hold ends",
                order.hold_ends_at,
                _hold_rule(order),
                "Until then the buyer may cancel freely.",
                outcome="over by the clock" if is_over else "",
            )
        )
    if order.closes_at and stage != Stage.CANCELED:
        found.append(_closing(order, now))
    return sorted(found, key=lambda each: each.at)


def _deadline(order: Order, clock: Clock, stage: Stage, now: datetime) -> Deadline:
    at = getattr(order, clock.column)
    shop = order.shop
    profile = f"SLA preset {shop.sla}" if shop.sla else f"{shop.name}'s flat hours"
    source = "the channel" if clock.column in order.channel_deadlines else profile
    if stage in clock.runs_in:
        return Deadline(clock.label, at, source, clock.rule, wording.urgency(at, now))
    met_at = getattr(order, clock.met_by)
    outcome = "no longer runs"
    if met_at:
        late = wording.time_left(at, met_at).removeprefix("−")
        outcome = "met" if met_at <= at else f"missed by {late}"
    return Deadline(clock.label, at, source, clock.rule, outcome=outcome)


def _closing(order: Order, now: datetime) -> Deadline:
    is_channels = order.closes_at == order.channel_closes_at
    days = f"{order.shop.after_sales_days} days after delivery"
    at = order.closes_at or now
    return Deadline(
        "Can be acted on until",
        at,
        "the channel" if is_channels else days,
        "After it nothing more can be done with the order.",
        outcome="over" if at <= now or order.stage == Stage.CLOSED else "",
    )


def _hold_rule(order: Order) -> str:
    if order.order_type == OrderType.PRE_ORDER:
        return "the release of a pre-order"
    return "one hour after creation (COD)" if order.is_cod else "one hour after payment"
