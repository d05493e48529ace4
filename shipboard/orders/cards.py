"""The to-do board: six saved filters over deadlines and cases. Cards cut across tabs and may
overlap; an order counts once in every card whose rule it meets. Fulfilled by the platform's own
warehouse: nothing to do here, so in no card.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import reduce
from operator import or_

from django.db.models import BooleanField, Exists, OuterRef, Q, Value, When
from django.db.models import Case as Choice

from shipboard.channels.contract import PARCEL_TROUBLE, CaseKind, Stage
from shipboard.orders.label_states import in_trouble, without_use
from shipboard.orders.models import MOVING, OPEN_STAGES, Case, Order
from shipboard.orders.scans import tagged
from shipboard.orders.stages import Tab, in_stage, in_tab

DAY = timedelta(hours=24)
#: For so long an order that was canceled over a lost parcel asks to be looked into.
LATELY = timedelta(days=30)


class Card(StrEnum):
    SHIP_24H = "ship_24h"
    AUTO_CANCEL_24H = "auto_cancel_24h"
    OVERDUE = "overdue"
    CANCELLATION_REQUESTED = "cancellation_requested"
    RETURN_REQUESTED = "return_requested"
    LOGISTICS_ISSUE = "logistics_issue"


#: Cards that only open orders can be on, and cards that only orders with an open case can be on.
BY_DEADLINE = (Card.SHIP_24H, Card.AUTO_CANCEL_24H, Card.OVERDUE)
BY_CASE = (Card.CANCELLATION_REQUESTED, Card.RETURN_REQUESTED)
#: Cards with so few orders that they are found first and sorted as they are.
FEW = (*BY_CASE, Card.LOGISTICS_ISSUE)


@dataclass(frozen=True)
class CardText:
    """`mission` is the marketplace's own name for the card; `rule` says exactly what counts."""

    label: str
    mission: str
    rule: str


#: Whose instants the cards go by.
SOURCE = "Deadlines are the channel's own; where it gives none, they are the shop's rules."
OVERLAP = "An order counts in every card whose rule it meets, so cards may overlap."

CARD_TEXTS: Mapping[Card, CardText] = {
    Card.SHIP_24H: CardText(
        "Ship within 24 hours",
        "Shipping within 24 hours",
        "Pending shipping, and ship-by is now or in the next 24 hours. After it the order is late.",
    ),
    Card.AUTO_CANCEL_24H: CardText(
        "Auto-cancel within 24 hours",
        "Automatic cancellation within 24 hours",
        "Pending shipping, pending collection or in transit, and the marketplace cancels it by "
        "itself now or in the next 24 hours unless it moves on.",
    ),
    Card.OVERDUE: CardText(
        "Overdue",
        "Stocking timeout",
        "Pending shipping past its ship-by, or pending collection past its collect-by: it counts "
        "as a delayed shipment already.",
    ),
    Card.CANCELLATION_REQUESTED: CardText(
        "Cancellation requested",
        "Requested cancellation",
        "The buyer asked to cancel and waits for your answer. Silence approves it.",
    ),
    Card.RETURN_REQUESTED: CardText(
        "Return/refund requested",
        "Return/refund requested",
        "The buyer asked for a return, a refund or a replacement and waits for your answer.",
    ),
    Card.LOGISTICS_ISSUE: CardText(
        "Logistics issue",
        "Rejected Shipping Labels",
        "A parcel was lost or damaged on its way, as the marketplace says; for 30 days where it "
        "canceled the order over it. Or its scans do not fit it: tracking address or timestamp "
        "issue. Or, until the carrier has it, its shipping label was rejected, is delayed, its "
        "file cannot be had, nobody knows for over 10 minutes whether it was made, or it is voided "
        "here while the marketplace counts the order as shipped.",
    ),
}


def on_card(card: Card, now: datetime) -> Q:
    """Orders on a card at `now`: due instants equal to `now` are upcoming, earlier ones overdue."""
    return reduce(or_, ways_onto(card, now))


def cards_of(order_pk: int, now: datetime) -> frozenset[Card]:
    """The cards that an order counts in at `now`: the board's own question, asked of one order. One
    query."""
    yes, no = Value(value=True), Value(value=False)
    asked = {
        f"on_{card.value}": Choice(
            When(on_card(card, now), then=yes), default=no, output_field=BooleanField()
        )
        for card in Card
    }
    row = Order.objects.filter(pk=order_pk).annotate(**asked).values(*asked).first() or {}
    return frozenset(card for card in Card if row.get(f"on_{card.value}"))


def ways_onto(card: Card, now: datetime) -> list[Q]:
    """The conditions that put an order on a card, of which it meets one at most: each is counted
    from an index of its own."""
    return [Q(is_platform_fulfilled=False) & way for way in _ways(card, now)]


def _ways(card: Card, now: datetime) -> list[Q]:
    pending = in_tab(Tab.PENDING_SHIPPING, now)
    match card:
        case Card.SHIP_24H:
            return [pending & Q(ship_by__gte=now, ship_by__lte=now + DAY)]
        case Card.AUTO_CANCEL_24H:
            due = Q(auto_cancel_at__gte=now, auto_cancel_at__lte=now + DAY)
            return [pending & due, Q(stage__in=MOVING) & due]
        case Card.OVERDUE:
            uncollected = Q(stage=Stage.PENDING_COLLECTION, collect_by__lt=now)
            return [pending & Q(ship_by__lt=now), uncollected]
        case Card.CANCELLATION_REQUESTED:
            alive = ~Q(stage__in=(Stage.CANCELED, Stage.CLOSED)) & ~in_stage(Stage.ON_HOLD, now)
            return [alive & open_case(CaseKind.CANCELLATION)]
        case Card.RETURN_REQUESTED:
            wanted = open_case(CaseKind.RETURN, CaseKind.REFUND, CaseKind.REPLACEMENT)
            return [~Q(stage__in=(Stage.CANCELED, Stage.CLOSED)) & wanted]
        case Card.LOGISTICS_ISSUE:
            told = Q(extra__has_key=PARCEL_TROUBLE)
            still = Q(stage__in=OPEN_STAGES) | in_stage(Stage.DELIVERED, now)
            lately = Q(stage=Stage.CANCELED, canceled_at__gt=now - LATELY)
            of_label = ~told & in_trouble(now) & ~tagged()
            voided = ~told & without_use() & ~in_trouble(now) & ~tagged()
            return [told & still, told & lately, ~told & still & tagged(), of_label, voided]


def open_case(*kinds: CaseKind) -> Q:
    waiting = Case.objects.filter(order=OuterRef("pk"), is_open=True, kind__in=kinds)
    return Q(Exists(waiting))
