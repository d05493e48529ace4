"""The clocks of an order as its page shows them: what still runs, and what became of the rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shipboard.channels.contract import OrderType, Stage
from shipboard.channels.registry import has_line
from shipboard.desk import wording
from shipboard.desk.attempts import marked
from shipboard.orders.case_words import silence_of
from shipboard.orders.models import Case, Order
from shipboard.orders.stages import is_presumed_canceled, stage_now


@dataclass(frozen=True)
class Deadline:
    """`urgency` of a clock that runs; `outcome` of one that does not any more. `key` names its
    explanation (why.py)."""

    key: str
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
OVER = (Stage.CLOSED, Stage.CANCELED)
PRESUMED_CANCELED = "passed: presumed auto-canceled, for nothing newer is known of it"
PASSED = "passed, and the channel still shows the order"
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
                "clock-hold_ends_at",
                "Hold ends",
                order.hold_ends_at,
                _hold_rule(order),
                "Until then the buyer may cancel freely.",
                outcome="over by the clock" if is_over else "",
            )
        )
    if order.closes_at and stage != Stage.CANCELED:
        found.append(_closing(order, now))
    found += [
        _answer(case, at, now, is_over=stage in OVER)
        for case in order.cases.all()
        if case.is_open and (at := case.respond_by)
    ]
    return sorted(found, key=lambda each: each.at)


def _deadline(order: Order, clock: Clock, stage: Stage, now: datetime) -> Deadline:
    at = getattr(order, clock.column)
    shop = order.shop
    profile = f"SLA preset {shop.sla}" if shop.sla else f"{shop.name}'s flat hours"
    source = "the channel" if clock.column in order.channel_deadlines else profile
    outcome = _outcome(order, clock, at, stage, now)
    urgency = "" if outcome else wording.urgency(at, now)
    return Deadline(f"clock-{clock.column}", clock.label, at, source, clock.rule, urgency, outcome)


def _outcome(order: Order, clock: Clock, at: datetime, stage: Stage, now: datetime) -> str:
    """Why the clock does not run any more; blank: it runs."""
    if clock.column == "ship_by" and stage in PENDING and marked(order):
        return "marked as shipped here; the next import confirms it"
    if clock.column == "auto_cancel_at" and at <= now:
        if presumed_canceled(order, now):
            return PRESUMED_CANCELED
        return PASSED if order.as_of >= at else ""
    if stage in clock.runs_in:
        return ""
    met_at: datetime | None = getattr(order, clock.met_by)
    if met_at is None:
        return "no longer runs"
    late = wording.time_left(at, met_at).removeprefix("−")
    return "met" if met_at <= at else f"missed by {late}"


def presumed_canceled(order: Order, now: datetime) -> bool:
    """Whether a shop fed by files presumes it canceled: without news since its automatic
    cancellation, and nobody here has said that the carrier has it. `order` with its parts."""
    is_connected = has_line(order.shop)
    return is_presumed_canceled(order, now, is_connected=is_connected) and not marked(order)


def first_to_answer(order: Order) -> Case | None:
    """Of its open cases the one that must be answered first; None where none says when."""
    dated = [(each.respond_by, each.pk, each) for each in order.cases.all() if each.is_open]
    return min(((at, pk, each) for at, pk, each in dated if at), default=(None, 0, None))[2]


def _answer(case: Case, at: datetime, now: datetime, *, is_over: bool) -> Deadline:
    return Deadline(
        f"clock-case-{case.pk}",
        f"Answer the {case.kind}",
        at,
        "the channel",
        f"No answer by then: {silence_of(case)}.",
        "" if is_over else wording.urgency(at, now),
        "nothing can be answered any more" if is_over else "",
    )


def _closing(order: Order, now: datetime) -> Deadline:
    is_channels = order.closes_at == order.channel_closes_at
    days = f"{order.shop.after_sales_days} days after delivery"
    at = order.closes_at or now
    return Deadline(
        "clock-closes_at",
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
