"""A case on screen: what is asked and of what, the clock to answer, what silence means, and how far
an answer is. The same on rows, in the drawer and on its page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from shipboard.channels.case_contract import IN_DISPUTE, Decision
from shipboard.channels.contract import CaseKind, Shipping, Stage
from shipboard.channels.registry import capabilities, case_statuses
from shipboard.desk import wording
from shipboard.desk.attempts import Shown, shown
from shipboard.fulfilment.allowed import ANSWERED, Verb
from shipboard.fulfilment.case_rules import answer_under_way, why_not_answer
from shipboard.orders.attempts import Attempt
from shipboard.orders.case_words import (
    DECISION_EFFECTS,
    STEP_LABELS,
    kind_words,
    silence_of,
    step_of,
)
from shipboard.orders.models import Case, Line, Order
from shipboard.orders.stages import is_presumed, stage_now

#: Who opened it, in words.
OPENERS: Mapping[str, str] = {
    "buyer": "the buyer",
    "seller": "you",
    "system": "the marketplace",
    "operator": "the marketplace's staff",
}
DISPUTE_WORDS: Mapping[str, str] = {
    IN_DISPUTE: "In dispute: the marketplace decides",
    "support_buyer": "Disputed: decided for the buyer",
    "support_seller": "Disputed: decided for you",
    "closed": "The dispute is closed",
}
#: Decisions after which the buyer has all of the money back.
REFUNDS = (
    Decision.APPROVE_CANCEL,
    Decision.APPROVE_REFUND,
    Decision.REFUND_WITHOUT_RETURN,
    Decision.APPROVE_PACKAGE,
    Decision.REFUND_INSTEAD,
)


#: After every deadline.
LATE = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Affected:
    """`units` of an item."""

    units: int
    sku: str
    name: str


@dataclass(frozen=True)
class CaseView:
    """`affected`: units by SKU, none where it is the whole order or nobody says (`scope` tells).
    `urgency` of the clock to answer; `silence`: what comes when it has run down, blank where
    nothing waits or an answer is under way (`is_answered`). `answer`: the last one from here that
    tells something. `why_not`: why it cannot be answered now; blank: it can."""

    case: Case
    order: Order
    kind: str
    step: str
    status: str
    opener: str
    amount: str
    scope: str
    affected: list[Affected]
    stage: Stage
    is_presumed: bool
    urgency: str
    silence: str
    dispute: str
    answer: Shown | None
    answer_said: str
    is_answered: bool
    why_not: str
    #: Shipping it rejects the request: nothing else does in this market.
    rejects_by_shipping: bool

    @property
    def can_answer(self) -> bool:
        return not self.why_not

    @property
    def stands(self) -> str:
        """Where it stands: while it is in dispute, that alone."""
        if self.case.dispute == IN_DISPUTE:
            return self.dispute
        return ". ".join(filter(None, (self.status, self.dispute)))


def case_view(case: Case, now: datetime, wall: datetime) -> CaseView:
    """`case` as orders.case_lists.cases_of gives it: no query."""
    order = case.order
    affected = affected_by(case, order)
    answer = _telling(getattr(case, "answers", ()), order, wall)
    is_answered = bool(case.is_open and answer and answer_under_way(order, case, now))
    waits = case.is_open and order.stage not in (Stage.CANCELED, Stage.CLOSED)
    can = capabilities(order.shop, Shipping(order.shipping))
    is_cancellation = case.kind == CaseKind.CANCELLATION
    return CaseView(
        case=case,
        order=order,
        kind=kind_words(case.kind),
        step=STEP_LABELS[step_of(case)] if waits else "",
        status=status_words(case),
        opener=OPENERS.get(case.by, ""),
        amount=wording.money(case.amount, order.currency) if case.amount is not None else "",
        scope=_scope(case, order, affected),
        affected=affected,
        stage=stage_now(order, now),
        is_presumed=is_presumed(order, now),
        urgency=wording.urgency(case.respond_by, now) if case.respond_by and waits else "",
        silence=silence_of(case) if waits and not is_answered else "",
        dispute=DISPUTE_WORDS.get(case.dispute, case.dispute),
        answer=answer,
        answer_said=answer.does if answer else "",
        is_answered=is_answered,
        why_not=why_not_answer(case, order, now),
        rejects_by_shipping=waits
        and is_cancellation
        and can.cancel_requests == "reject_by_shipping",
    )


def to_answer(order: Order, now: datetime) -> dict[Verb, Case]:
    """By verb the case that it answers: of those that can be answered now the first to answer.
    `order` with its parts: no query."""
    found: dict[Verb, Case] = {}
    waiting = [each for each in order.cases.all() if each.is_open]
    for case in sorted(waiting, key=lambda each: (each.respond_by or LATE, each.pk)):
        for verb, kinds in ANSWERED.items():
            if case.kind in kinds and verb not in found and not why_not_answer(case, order, now):
                found[verb] = case
    return found


def affected_by(case: Case, order: Order) -> list[Affected]:
    """What the case names, line by line; none where it names no unit. `order` with its lines."""
    named = Counter(case.unit_ids)
    found = []
    for line in order.lines.all() if named else ():
        if units := sum(named[unit] for unit in line.unit_ids):
            found.append(Affected(units, _sku(line), line.item.product_name))
    return found


def _sku(line: Line) -> str:
    return line.item.seller_sku or line.item.sku_id or line.item.product_name


def _scope(case: Case, order: Order, affected: Sequence[Affected]) -> str:
    units = sum(each.units for each in affected)
    if case.unit_ids and units < order.units:
        return f"{units or len(case.unit_ids)} of {order.units} units"
    if case.unit_ids or case.kind == CaseKind.CANCELLATION:
        return "The whole order"
    return "Not said"


def _telling(answers: Sequence[Attempt], order: Order, wall: datetime) -> Shown | None:
    """The last answer from here, unless it was taken back; with its shop, for the way to undo."""
    for attempt in reversed(answers):
        if attempt.state != Attempt.State.REVOKED:
            attempt.order, attempt.shop = order, order.shop
            return shown(attempt, wall)
    return None


def status_words(case: Case) -> str:
    """Where it stands, in our words, or in the channel's where we know no better."""
    if known := case_statuses().get(case.status):
        is_unpaid = case.kind == CaseKind.CANCELLATION and not case.order.paid_at
        return "Canceled" if is_unpaid and known.is_refunded else known.words
    if case.status:
        return case.status.replace("_", " ").capitalize()
    return "Waits for an answer" if case.is_open else "Closed"


def effect_of(decision: Decision, view: CaseView) -> str:
    """What a decision does, in money first."""
    said = DECISION_EFFECTS[decision]
    if decision in REFUNDS and view.amount:
        said = f"Refunds {view.amount} to the buyer. {said}"
    if decision is Decision.APPROVE_CANCEL:
        what = ", ".join(f"{each.units} × {each.sku}" for each in view.affected)
        is_part = view.scope.endswith("units")
        ends = f"{what or view.scope} canceled" if is_part else "The order is canceled"
        money = f"Refunds {view.amount} to the buyer. " if view.amount else ""
        said = f"{money}{ends}: its parcel must not leave, and a label made for it is stale."
    return said
