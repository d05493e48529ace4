"""Shipments and corrections on screen: how far each is, in words, and what stands in its way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from shipboard.channels.contract import Stage
from shipboard.channels.models import Shop
from shipboard.channels.registry import has_line
from shipboard.desk.attempt_words import does
from shipboard.fulfilment.claiming import waiting_packages
from shipboard.orders.attempts import LEFT, LIVE, Attempt, Sending
from shipboard.orders.models import Order

State = Attempt.State
LABELS = {
    State.WAITING: "In the outbox",
    State.CALLING: "Being sent",
    State.UNKNOWN: "Being asked for",
    State.RECORDED: "Recorded",
    State.DONE: "Accepted",
    State.REFUSED: "Refused",
    State.REVOKED: "Undone",
}
LEVELS = {
    State.WAITING: "open",
    State.CALLING: "open",
    State.UNKNOWN: "note",
    State.RECORDED: "open",
    State.DONE: "good",
    State.REFUSED: "bad",
    State.REVOKED: "open",
}
#: Of what is marked as shipped here.
MARKED = {
    State.RECORDED: ("Marked as shipped", "good"),
    State.DONE: ("Confirmed", "good"),
    State.REFUSED: ("Not shipped", "bad"),
}
#: What a row calls attempts that are no shipments.
PREFIXES = {
    Attempt.Kind.CORRECT: "Correction",
    Attempt.Kind.REPACK: "Split or combine",
    Attempt.Kind.ANSWER: "Answer",
    Attempt.Kind.CANCEL: "Cancel",
}
#: Shorter than LABELS: a row has little room.
SHORT = {State.WAITING: "in outbox", State.CALLING: "leaving", State.UNKNOWN: "unclear"}
MARK_TOO = "Mark it in Seller Center too; the next import confirms it."
#: A refusal is news while the order still waits; a warning until the carrier has the parcel.
PENDING = (Stage.AWAITING_SHIPMENT, Stage.PARTIALLY_SHIPPED)
WARNED_IN = (*PENDING, Stage.PENDING_COLLECTION)


@dataclass(frozen=True)
class Shown:
    """An attempt with its state in words. `seconds`: until it leaves; None where it does not wait.
    `level`: good, bad, note or open."""

    attempt: Attempt
    label: str
    level: str
    sentence: str
    seconds: int | None = None
    can_undo: bool = False

    @property
    def does(self) -> str:
        """What an answer decides, or what a cancellation cancels; blank for other kinds."""
        return does(self.attempt)


def marked(order: Order) -> Attempt | None:
    """What says that the carrier has it, while no import has said so yet. `order` comes with its
    parts: no query."""
    for attempt in order.attempts.all():
        if attempt.kind == Attempt.Kind.MARK and attempt.state == State.RECORDED:
            return attempt
    return None


def _words(attempt: Attempt) -> tuple[str, str]:
    """Its state in a word or two, and the level of that."""
    state = State(attempt.state)
    if attempt.kind == Attempt.Kind.MARK and state in MARKED:
        return MARKED[state]
    return LABELS[state], LEVELS[state]


def shown(attempt: Attempt, wall: datetime) -> Shown:
    """`wall`: real time (UTC)."""
    state = State(attempt.state)
    waits = state == State.WAITING
    seconds = max(0, int((attempt.due_at - wall).total_seconds())) if waits else None
    can_undo = waits or (state == State.RECORDED and not attempt.handed_over_at)
    label, level = _words(attempt)
    if state == State.DONE and attempt.warning:
        label, level = "Accepted with a warning", "note"
    return Shown(attempt, label, level, sentence(attempt), seconds, can_undo)


def named(attempt: Attempt) -> str:
    """What to call it in a sentence: its tracking number, else what it does or is."""
    if said := does(attempt):
        return f"“{said}”"
    return attempt.tracking_number or attempt.get_kind_display()


def sentence(attempt: Attempt) -> str:
    """What there is to say beyond the state: the reason, the next step, the warning."""
    parts = [attempt.reason, attempt.next_step, attempt.warning]
    if attempt.state == State.RECORDED and not attempt.handed_over_at:
        is_mark = attempt.kind == Attempt.Kind.MARK
        parts.insert(0, MARK_TOO if is_mark else "It goes with the shop's next upload file.")
    return " ".join(filter(None, parts))


def history(order: Order, wall: datetime) -> list[Shown]:
    """Every attempt at the order, those that came with an order in the same package too, newest
    first. One query."""
    mine = Q(order=order) | Q(units__order=order)
    found = Attempt.objects.filter(mine).distinct().select_related("order", "shop")
    return [shown(each, wall) for each in found.order_by("-pk")[:50]]


def goes_with(order: Order) -> str:
    """The sentence that says with which other order all of this one goes, where a shipment of that
    one has their common package; else blank. One query, where it waits in a package."""
    waiting = waiting_packages(order).keys()
    if len(waiting) != 1:
        return ""
    found = Attempt.objects.filter(units__order=order, state__in=(*LIVE, State.DONE)).distinct()
    for each in found.exclude(order=order).select_related("order").order_by("-pk"):
        if each.is_news_of(order) and each.package_id in waiting:
            other = each.order.order_id
            return f"It goes in one parcel with order {other}, which {each.by} ships."
    return ""


@dataclass(frozen=True)
class RowState:
    """What a row says of its shipment; `text` explains it."""

    label: str
    level: str
    text: str
    tracking_number: str = ""


def row_state(order: Order, stage: Stage) -> RowState | None:
    """What the last attempt that tells something says; None where there is none. `order` comes
    with its parts: no query."""
    attempt = telling(order, stage)
    if attempt is None:
        return None
    state = State(attempt.state)
    label, level = _words(attempt)
    text = sentence(attempt)
    if state == State.DONE and attempt.warning:
        label, level = "Warning", "note"
    if prefix := PREFIXES.get(Attempt.Kind(attempt.kind)):
        label = f"{prefix}: {SHORT.get(state, label.lower())}"
    who = ", ".join(filter(None, (attempt.by, attempt.tracking_number or does(attempt))))
    return RowState(label, level, f"{text} ({who})" if text else who, attempt.tracking_number)


def telling(order: Order, stage: Stage) -> Attempt | None:
    """The last attempt that a row tells of. `order` comes with its parts: no query."""
    told = [each for each in order.attempts.all() if _is_told(each, order, stage)]
    return told[-1] if told else None


def _is_told(attempt: Attempt, order: Order, stage: Stage) -> bool:
    if attempt.kind == Attempt.Kind.LABEL:
        return False  # its label says it (label_views.py)
    if attempt.is_news_of(order):
        return True
    if attempt.kind == Attempt.Kind.CANCEL and attempt.state == State.DONE:
        return False  # the order says it
    is_shipment = attempt.kind in (Attempt.Kind.SHIP, Attempt.Kind.MARK)
    if attempt.state == State.REFUSED:
        return stage in (PENDING if is_shipment else (*WARNED_IN, Stage.IN_TRANSIT))
    return stage in WARNED_IN


@dataclass(frozen=True)
class Blocked:
    """Why nothing of a shop leaves. `since` and `try_at` are instants of the desk's clock."""

    marketplace: str
    since: datetime
    sentence: str
    try_at: datetime | None


def marketplace(shop: Shop) -> str:
    return shop.get_channel_display() if has_line(shop) else "the marketplace"


def blocked(shops: Iterable[Shop], now: datetime, wall: datetime) -> dict[int, Blocked]:
    """By shop; one query. `wall`: real time."""
    by_pk = {shop.pk: shop for shop in shops}
    found = {}
    for row in Sending.objects.filter(shop__in=by_pk).exclude(blocked_at=None):
        said = " ".join(filter(None, (row.reason, row.next_step)))
        try_at = now + (row.try_at - wall) if row.try_at and row.try_at > wall else None
        shop = by_pk[row.shop_id]
        found[shop.pk] = Blocked(marketplace(shop), row.blocked_at or now, said, try_at)
    return found


def going() -> Q:
    """What is in an outbox or on its way out of it."""
    return Q(state__in=(State.WAITING, *LEFT))
