"""Why an order's clocks stand where they do: of each deadline the rule, and who set it."""

from __future__ import annotations

from datetime import datetime

from shipboard.desk.deadlines import Deadline, deadlines
from shipboard.desk.why import Accounts, Moment, Source, Why, moments
from shipboard.orders.models import Order

#: Instants that a clock is counted from or met by, of the order's columns.
AROUND = {
    "clock-ship_by": (("Ordered", "created_at"), ("Arranged", "arranged_at")),
    "clock-collect_by": (("Arranged", "arranged_at"), ("Collected", "collected_at")),
    "clock-auto_cancel_at": (("Ordered", "created_at"), ("Arranged", "arranged_at")),
    "clock-deliver_by": (("Collected", "collected_at"), ("Delivered", "delivered_at")),
    "clock-hold_ends_at": (("Ordered", "created_at"), ("Paid", "paid_at")),
    "clock-closes_at": (("Delivered", "delivered_at"),),
}
DAYS = "Days count in the shop's own market: its zone, its working days, its public holidays."


def of_clocks(order: Order, accounts: Accounts, now: datetime) -> list[Why]:
    """One for each deadline of the order (with its parts), soonest first."""
    return [_of_clock(each, order, accounts) for each in deadlines(order, now)]


def _of_clock(deadline: Deadline, order: Order, accounts: Accounts) -> Why:
    around = ((label, getattr(order, name)) for label, name in AROUND.get(deadline.key, ()))
    return Why(
        deadline.key,
        deadline.label,
        deadline.rule,
        f"{deadline.outcome.capitalize()}." if deadline.outcome else "It runs.",
        (*moments(*around), Moment(deadline.label, deadline.at, is_deadline=True)),
        _sources(deadline.key, order, accounts),
    )


def _sources(key: str, order: Order, accounts: Accounts) -> tuple[Source, ...]:
    column = key.removeprefix("clock-")
    shop = order.shop
    if column == "hold_ends_at":
        rule = Source("the marketplace's rule: buyers may cancel freely for an hour")
        return rule, accounts.said(order, "created_at" if order.is_cod else "paid_at")
    if column == "closes_at":
        if order.closes_at == order.channel_closes_at:
            return (accounts.said(order, "closes_at"),)
        rule = Source(f"the rules of {shop.name}: {shop.after_sales_days} days after delivery")
        return rule, accounts.said(order, "delivered_at")
    for case in order.cases.all():
        if key == f"clock-case-{case.pk}":
            return (accounts.said(order, f"cases.{case.kind}.{case.case_id}"),)
    return accounts.deadline(order, column)
