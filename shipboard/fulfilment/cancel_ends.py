"""What became of a seller's cancellation, by the order and its cases as they are at the
marketplace.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from shipboard.channels.contract import CaseFact, CaseKind, Stage
from shipboard.fulfilment.allowed import Verb, why_not
from shipboard.fulfilment.cancel_wishes import cancel_wish_of
from shipboard.fulfilment.targets import CHANGED
from shipboard.fulfilment.units import Unit
from shipboard.orders.attempts import Attempt
from shipboard.orders.models import Order

#: Who canceled, in the channel's word.
SELLER = "seller"


def has_become(
    attempt: Attempt, order: Order, claimed: Iterable[str], cases: Iterable[CaseFact]
) -> bool:
    """Whether it is canceled as wished, by the seller. `claimed`: the keys of the attempt's units,
    which are those that waited; `cases` are all cancellations of the order at the marketplace."""
    ours = [
        each
        for each in cases
        if each.kind is CaseKind.CANCELLATION and each.by == SELLER and each.is_granted
    ]
    canceled = {unit_id for case in ours for unit_id in case.unit_ids}
    # What is left of an order that had gone in part is not canceled.
    wanted = set(cancel_wish_of(attempt.asks or {}).unit_ids) or set(claimed)
    if wanted and canceled:
        return wanted <= canceled
    return order.stage == Stage.CANCELED and bool(ours)


def is_by_seller(order: Order) -> bool:
    """Whether the whole order is canceled, by the seller."""
    return order.stage == Stage.CANCELED and order.canceled_by == SELLER


def why_not_now(
    attempt: Attempt, order: Order, claimed: Iterable[str], waiting: Iterable[Unit], now: datetime
) -> str:
    """The sentence that stops it at the last moment; blank: it goes. `order` as targets.Looked
    gives it, `claimed` the keys of the attempt's units, `waiting` the order's that wait."""
    if order.stage == Stage.CANCELED:
        who = order.canceled_by or "somebody"
        return f"The order is canceled already, by the {who}; nothing was needed."
    if reason := why_not(Verb.CANCEL, order, now):
        return reason
    return "" if {unit.key for unit in waiting}.issuperset(claimed) else CHANGED
