"""What an order's page says of its shipment: the steps done or missing, what was tried, and whether
its tracking number can still be corrected.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shipboard.channels.contract import Shipping, Stage
from shipboard.channels.registry import capabilities
from shipboard.desk.attempts import (
    MARK_TOO,
    PENDING,
    Shown,
    blocked,
    history,
    marked,
    marketplace,
)
from shipboard.desk.label_views import label_views
from shipboard.desk.marks import needs_decision
from shipboard.desk.rows import Row
from shipboard.desk.tags import scans_of
from shipboard.fulfilment.correcting import correctable_until, corrections, why_not_correct
from shipboard.orders.label_states import LabelState
from shipboard.orders.labels import Label
from shipboard.orders.models import Order, Parcel

#: Its label is on its way or here.
ASKED = (LabelState.CREATING, LabelState.UNKNOWN, LabelState.DELAYED)


@dataclass(frozen=True)
class Correction:
    """Whether a parcel's number can be corrected. `until`: the end of the channel's window, None
    where nobody knows; `left`: how often it still takes one."""

    why_not: str
    until: datetime | None
    left: int


@dataclass(frozen=True)
class Step:
    """Part of meeting the deadline; `at` is when it was done, None: done at a time nobody said."""

    text: str
    at: datetime | None = None
    is_missing: bool = False


def shipped(order: Order, row: Row, now: datetime, wall: datetime) -> dict[str, Any]:
    """What the page needs of shipments; `order` with its parts, `wall` real time."""
    attempts = history(order, wall)
    waits = any(each.seconds is not None for each in attempts)
    can = capabilities(order.shop, Shipping(order.shipping))
    return {
        "attempts": attempts,
        "stopped": blocked([order.shop], now, wall).get(order.shop_id) if waits else None,
        "steps": list(_steps(order, row, attempts, now)),
        "corrections": _corrections(order, row, now),
        "decision": needs_decision(order, row.stage),
        "request_rule": request_rule(order),
        "marketplace": marketplace(order.shop),
        "scans": scans_of(order),
        "tracking": getattr(order, "tracking", None),
        "has_line": can.connects,
        "label_ships": can.label_ships,
    }


def request_rule(order: Order) -> str:
    """What becomes of the buyer's request when the order is shipped all the same."""
    can = capabilities(order.shop, Shipping(order.shipping))
    if can.cancel_requests == "reject_by_shipping":
        return "In this market shipping it rejects the buyer's request to cancel."
    return (
        "In this market the marketplace refuses a shipment while the buyer waits for an answer: "
        "approve or reject the request in Seller Center first."
    )


def _steps(order: Order, row: Row, attempts: Iterable[Shown], now: datetime) -> Iterable[Step]:
    """The deadline is met by a tracking number and the mark as shipped; TikTok Shop takes both in
    one call, so that one without the other is worth a word."""
    if order.shipping == Shipping.PLATFORM:
        yield from _platform_steps(order, row, now)
        return
    numbers = [parcel.tracking_number for parcel in row.parcels if parcel.tracking_number]
    missing = [parcel for parcel in row.parcels if not parcel.tracking_number]
    if order.arranged_at:
        yield Step("Marked as shipped", order.arranged_at)
        if not numbers:
            yield Step("The tracking number is missing.", is_missing=True)
    elif row.stage in PENDING:
        if numbers and not missing:
            yield Step(
                "There is a tracking number, but the order is not marked as shipped: the "
                "deadline still runs.",
                is_missing=True,
            )
        elif numbers:
            yield Step("Some of it has a tracking number; the rest still waits.", is_missing=True)
        elif not any(each.attempt.is_live for each in attempts):
            yield Step("Missing: the tracking number, and with it the mark as shipped.", None, True)


def _platform_steps(order: Order, row: Row, now: datetime) -> Iterable[Step]:
    """A label made in time, which is the mark as shipped, and the carrier's scan in time; of shops
    fed by files the mark is somebody's word."""
    can = capabilities(order.shop, Shipping.PLATFORM)
    labels = label_views(order, now)
    if can.label_ships:
        bought = next((each.label for each in labels if each.label.arranged_at), None)
        if bought:
            yield Step("Marked as shipped by label purchase", bought.arranged_at)
        elif order.arranged_at:
            yield Step("Marked as shipped", order.arranged_at)
        elif row.stage in PENDING and not any(each.state in ASKED for each in labels):
            yield Step("Missing: the shipping label, and with it the mark as shipped.", None, True)
    elif not can.connects and row.stage in PENDING:
        if mark := marked(order):
            yield Step("Marked as shipped here", mark.asked_at)
            yield Step(MARK_TOO, is_missing=True)
        elif any(each.label.state == Label.State.CREATED for each in labels):
            yield Step("Its label is here; the mark as shipped is missing.", is_missing=True)
    yield from _scan_steps(order, row, now)


def _scan_steps(order: Order, row: Row, now: datetime) -> Iterable[Step]:
    if row.stage != Stage.PENDING_COLLECTION or order.collected_at:
        return
    if order.collect_by and order.collect_by < now:
        said = "Overdue, not collected: the carrier should have scanned it by"
        yield Step(said, order.collect_by, True)
    else:
        yield Step("Missing: the carrier's first scan.", is_missing=True)


def _corrections(order: Order, row: Row, now: datetime) -> dict[int, Correction]:
    """By parcel, of those that have a number."""
    edit = capabilities(order.shop, Shipping(order.shipping)).tracking_edit
    parcels = [each for each in row.parcels if each.tracking_number]
    if edit is None or not parcels:
        return {}
    left = max(0, edit[1] - corrections(order))
    return {each.pk: _correction(order, each, left, now) for each in parcels}


def _correction(order: Order, parcel: Parcel, left: int, now: datetime) -> Correction:
    return Correction(why_not_correct(order, parcel, now), correctable_until(order, parcel), left)
