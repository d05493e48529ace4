"""Why an order counts in a card of the board, or why it does not."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from shipboard.channels.contract import PARCEL_TROUBLE, CaseKind, Stage
from shipboard.desk.label_views import label_views
from shipboard.desk.tags import tags_of
from shipboard.desk.why import Accounts, Moment, Source, Why, moments
from shipboard.orders.cards import CARD_TEXTS, DAY, Card
from shipboard.orders.models import Case as AfterSale
from shipboard.orders.models import Order
from shipboard.orders.stages import CANCELED_BY_CLOCK, STAGE_LABELS, TAB_OF, Tab, stage_now

CARD_COLUMNS = {Card.SHIP_24H: "ship_by", Card.AUTO_CANCEL_24H: "auto_cancel_at"}
NAMES = {
    "ship_by": "Ship-by",
    "collect_by": "Collect-by",
    "auto_cancel_at": "Auto-cancel",
}
NEXT = {
    Card.SHIP_24H: "Ship it, or create its label, before its ship-by.",
    Card.AUTO_CANCEL_24H: "Have it move on before then: ship it, or see that the carrier scans it.",
    Card.OVERDUE: "Ship it now, or have the carrier scan it, before it is canceled.",
    Card.CANCELLATION_REQUESTED: "Answer the request.",
    Card.RETURN_REQUESTED: "Answer the request.",
    Card.LOGISTICS_ISSUE: "Look at its parcels, tracking and labels on the order's page.",
}


def of_cards(order: Order, on: Collection[Card], accounts: Accounts, now: datetime) -> list[Why]:
    """One for each card. `on`: those that it counts in (orders.cards.cards_of). `order` with its
    parts."""
    return [_of_card(card, order, card in on, accounts, now) for card in Card]


def overlap(on: Collection[Card]) -> str:
    """How the cards of one order add up."""
    if not on:
        return "It counts in no card of the board."
    names = [CARD_TEXTS[card].label for card in Card if card in on]
    if len(names) == 1:
        return f"It counts in one card of the board: {names[0]}."
    return (
        f"It counts once in each of {len(names)} cards of the board: {', '.join(names)}. So the "
        "cards add up to more than the orders."
    )


def _of_card(card: Card, order: Order, is_on: bool, accounts: Accounts, now: datetime) -> Why:
    text = CARD_TEXTS[card]
    seen, sources = _facts(card, order, accounts, now)
    return Why(
        f"card-{card.value}",
        text.label,
        text.rule,
        _because(card, order, is_on, now),
        seen,
        sources,
        NEXT[card] if is_on else "",
        is_on,
    )


def _because(card: Card, order: Order, is_on: bool, now: datetime) -> str:
    if order.is_platform_fulfilled:
        return (
            "The platform's own warehouse ships it: there is nothing to do here, so no card has it."
        )
    stage = stage_now(order, now)
    if card in (Card.CANCELLATION_REQUESTED, Card.RETURN_REQUESTED):
        return _of_cases(card, order, stage, is_on)
    if card is Card.LOGISTICS_ISSUE:
        return _of_logistics(order, is_on, now)
    column = _column(card, stage)
    if not column:
        return f"It is {STAGE_LABELS[stage]}, where this clock does not run."
    at = getattr(order, column)
    if at is None:
        return (
            f"{NAMES[column]} of it is not known: the channel gave none, nor did the shop's rules."
        )
    return f"It is {STAGE_LABELS[stage]}, and its {NAMES[column].lower()} {_when(at, now)}."


def _column(card: Card, stage: Stage) -> str:
    """The deadline that decides in this stage; blank: none does."""
    is_pending = TAB_OF[stage] == Tab.PENDING_SHIPPING
    match card:
        case Card.SHIP_24H:
            return "ship_by" if is_pending else ""
        case Card.AUTO_CANCEL_24H:
            return "auto_cancel_at" if stage in CANCELED_BY_CLOCK else ""
    if is_pending:
        return "ship_by"
    return "collect_by" if stage == Stage.PENDING_COLLECTION else ""


def _when(at: datetime, now: datetime) -> str:
    if at < now:
        return "is past"
    return "is within 24 hours" if at <= now + DAY else "is more than 24 hours away"


def _asked(card: Card, order: Order) -> list[AfterSale]:
    is_cancel = card is Card.CANCELLATION_REQUESTED
    found = (each for each in order.cases.all() if each.is_open)
    return [each for each in found if (each.kind == CaseKind.CANCELLATION) is is_cancel]


def _of_cases(card: Card, order: Order, stage: Stage, is_on: bool) -> str:
    asked = _asked(card, order)
    if not asked:
        return "No such request of the buyer waits for an answer."
    if is_on:
        return f"The buyer asked{': ' + asked[0].reason if asked[0].reason else ''}."
    return f"It is {STAGE_LABELS[stage]}: an answer would change nothing any more."


def _of_logistics(order: Order, is_on: bool, now: datetime) -> str:
    if not is_on:
        return "No parcel of it is in trouble, its scans fit, and no label of it asks for a person."
    return (
        " ".join(_troubles(order, now)) or "The marketplace says that something is wrong with it."
    )


def _troubles(order: Order, now: datetime) -> Iterable[str]:
    if trouble := order.extra.get(PARCEL_TROUBLE):
        yield f"A parcel of it was {trouble} on its way."
    if hasattr(order, "tracking"):
        yield from (f"{tag.label}: {tag.text}" for tag in tags_of(order.tracking.tags))
    for view in label_views(order, now):
        if view.rejected:
            yield f"Its label was rejected: {view.rejected.title}."
        elif view.why or view.voided:
            yield view.why or view.voided


def _facts(
    card: Card, order: Order, accounts: Accounts, now: datetime
) -> tuple[tuple[Moment, ...], tuple[Source, ...]]:
    if card in (Card.CANCELLATION_REQUESTED, Card.RETURN_REQUESTED):
        asked = _asked(card, order)
        said = [accounts.said(order, f"cases.{each.kind}.{each.case_id}") for each in asked[:1]]
        dated = [("Answer by", each.respond_by) for each in asked[:1]]
        return moments(*dated, deadlines=["Answer by"]), tuple(said) or (accounts.said(order),)
    if card is Card.LOGISTICS_ISSUE:
        return (), (accounts.said(order, f"extra.{PARCEL_TROUBLE}"),)
    column = _column(card, stage_now(order, now)) or CARD_COLUMNS.get(card, "ship_by")
    label = NAMES[column]
    seen = moments((label, getattr(order, column)), deadlines=[label])
    return seen, (*accounts.deadline(order, column), accounts.said(order))
