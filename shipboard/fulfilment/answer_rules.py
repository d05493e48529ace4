"""Whether a rule approves a buyer's request to cancel: a pure question to the rule, the request and
what is known of its order at an instant, answered with a sentence. Writes and calls nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shipboard.channels.case_contract import CaseStep
from shipboard.channels.contract import CaseKind, Stage
from shipboard.fulfilment.case_rules import why_not_answer
from shipboard.fulfilment.models import AnswerRule
from shipboard.orders.case_words import step_of
from shipboard.orders.models import Case, Order
from shipboard.orders.stages import STAGE_LABELS
from shipboard.orders.value_words import money, span_words

#: Whose request it must be (CaseFact.by).
BUYER = "buyer"
#: The channel's own stages in which nothing has been made yet.
EARLY = (Stage.ON_HOLD, Stage.AWAITING_SHIPMENT)
#: Instants of an order after which it is too late.
LEFT_AT = {
    "arranged_at": "its shipment was arranged",
    "collected_at": "the carrier had collected it",
    "delivered_at": "it was delivered",
    "canceled_at": "it was canceled",
}
#: Canceled within so long after the request: the marketplace approved that by itself.
AT_ONCE = timedelta(minutes=1)
MINUTE = timedelta(minutes=1)


class Ground(StrEnum):
    """Why requests were left to people, for counting them."""

    REASON = "Another reason"
    TOTAL = "Total over the limit, or not known"
    MINUTES = "Asked too long after payment, or not known"
    MADE = "A label, print or shipment was made or asked for"
    LEFT = "Shipped or canceled already"
    HELD = "Held here"
    DISPUTE = "In a dispute"
    CURRENCY = "Another currency than the shop's"
    NOT_ASKED = "Not a request of a buyer that waits for the shop"
    CAP = "Answered before the rule had room for it"


@dataclass(frozen=True, slots=True)
class WhyNot:
    ground: Ground
    sentence: str


@dataclass(frozen=True, slots=True)
class Trace:
    """Something done with an order that leaves the request to people, from `at` on; until `until`,
    when it came to nothing. None: it stays."""

    at: datetime
    why: WhyNot
    until: datetime | None = None

    def is_there(self, at: datetime) -> bool:
        return self.at <= at and (self.until is None or self.until > at)


@dataclass(frozen=True, slots=True)
class Known:
    """An order with its shop, and what was ever done with it (rule_traces.known_of). `disputed`:
    the marketplace decides, or has decided, over a case of it. `answered`: a request of it was
    approved from here."""

    order: Order
    traces: tuple[Trace, ...] = ()
    disputed: bool = False
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """`rule`: the one that matches. `ground`: of one rule that does not."""

    sentence: str
    rule: AnswerRule | None = None
    ground: Ground | None = None


def first_match(rules: Iterable[AnswerRule], case: Case, known: Known, now: datetime) -> Verdict:
    """The verdict of the first of the rules that matches at `now`, or of all of them in turn. The
    order comes with what decides (orders.parts.to_decide)."""
    said = []
    for rule in rules:
        verdict = judge(rule, case, known, now)
        if verdict.rule:
            return verdict
        said.append(f"{rule.name}: {verdict.sentence}")
    return Verdict(" ".join(said))


def judge(rule: AnswerRule, case: Case, known: Known, now: datetime) -> Verdict:
    """Whether the rule approves the request at `now`, and why or why not."""
    if reason := why_not_answer(case, known.order, now):
        return Verdict(reason, ground=Ground.NOT_ASKED)
    return _verdict(rule, case, known.order, why_not_by_rule(rule, case, known, now))


def why_not_by_rule(rule: AnswerRule, case: Case, known: Known, now: datetime) -> WhyNot | None:
    """As `judge`, but for what speaks against any answer. None: nothing."""
    if case.requested_at is None or case.requested_at < rule.changed_at:
        return _not_asked("It was asked for before the rule was turned on or changed.")
    if not case.is_open or step_of(case) is not CaseStep.CANCEL:
        return _not_asked("It does not wait for an answer to a request to cancel.")
    if known.order.stage not in EARLY:
        label = STAGE_LABELS[Stage(known.order.stage)]
        said = f"The order is {label}; rules answer only before anything of it is made."
        return WhyNot(Ground.LEFT, said)
    return _why_not_at(rule, case, known, now)


def judge_then(rule: AnswerRule, case: Case, known: Known, at: datetime) -> Verdict:
    """As `judge`, of a request of the past as things stood at `at`, whatever became of it since."""
    return _verdict(rule, case, known.order, _why_not_then(rule, case, known, at))


def _why_not_then(rule: AnswerRule, case: Case, known: Known, at: datetime) -> WhyNot | None:
    over_at = None if known.answered else known.order.canceled_at
    if case.requested_at and over_at and over_at <= case.requested_at + AT_ONCE:
        return _not_asked("It was canceled at once, so nothing waited for the shop.")
    return _why_not_at(rule, case, known, at)


def _why_not_at(rule: AnswerRule, case: Case, known: Known, at: datetime) -> WhyNot | None:
    return (
        _why_not_this(case, known)
        or _too_late(known, at)
        or _why_not_reason(rule, case)
        or _why_not_total(rule, known.order)
        or _why_not_minutes(rule, case, known.order)
    )


def _why_not_this(case: Case, known: Known) -> WhyNot | None:
    order = known.order
    if case.kind != CaseKind.CANCELLATION or case.by != BUYER:
        return _not_asked("It is not a buyer's request to cancel.")
    if order.is_platform_fulfilled:
        return _not_asked("The platform's own warehouse ships this order.")
    if known.disputed or case.dispute:
        said = "The marketplace decides, or has decided, over a case of this order."
        return WhyNot(Ground.DISPUTE, said)
    if not order.currency or order.currency != order.shop.currency:
        ours, theirs = order.shop.currency or "none", order.currency or "no currency"
        return WhyNot(Ground.CURRENCY, f"The order is in {theirs}, the shop in {ours}.")
    return None


def _too_late(known: Known, at: datetime) -> WhyNot | None:
    for name, what in LEFT_AT.items():
        since: datetime | None = getattr(known.order, name)
        if since and since <= at:
            return WhyNot(Ground.LEFT, f"Too late for a rule: {what}.")
    return next((trace.why for trace in known.traces if trace.is_there(at)), None)


def _why_not_reason(rule: AnswerRule, case: Case) -> WhyNot | None:
    if not rule.reasons or case.reason_name in rule.reasons:
        return None
    return WhyNot(Ground.REASON, f"Its reason is {_reason(case)}, not one of the rule's.")


def _why_not_total(rule: AnswerRule, order: Order) -> WhyNot | None:
    if rule.most_total is None:
        return None
    if order.total is None:
        return WhyNot(Ground.TOTAL, "The order's total is not known.")
    if order.total <= rule.most_total:
        return None
    said = f"Its total of {money(order.total, order.currency)} is over "
    said += f"{money(rule.most_total, order.currency)}."
    return WhyNot(Ground.TOTAL, said)


def _why_not_minutes(rule: AnswerRule, case: Case, order: Order) -> WhyNot | None:
    if rule.most_minutes is None:
        return None
    if case.requested_at is None or order.paid_at is None:
        said = "It is not known how long after payment the buyer asked."
        return WhyNot(Ground.MINUTES, said)
    if case.requested_at - order.paid_at <= rule.most_minutes * MINUTE:
        return None
    minutes = (case.requested_at - order.paid_at) // MINUTE
    said = f"The buyer asked {span_words(minutes)} after payment, "
    said += f"the rule takes {span_words(rule.most_minutes)}."
    return WhyNot(Ground.MINUTES, said)


def _not_asked(sentence: str) -> WhyNot:
    return WhyNot(Ground.NOT_ASKED, sentence)


def _verdict(rule: AnswerRule, case: Case, order: Order, why_not: WhyNot | None) -> Verdict:
    if why_not:
        return Verdict(why_not.sentence, ground=why_not.ground)
    said = [f"reason {_reason(case)}"]
    if order.total is not None:
        amount = rule.most_total
        most = f", at most {money(amount, order.currency)}" if amount is not None else ""
        said.append(f"total {money(order.total, order.currency)}{most}")
    if case.requested_at and order.paid_at:
        span = rule.most_minutes
        most = f", at most {span_words(span)}" if span is not None else ""
        minutes = (case.requested_at - order.paid_at) // MINUTE
        said.append(f"asked {span_words(minutes)} after payment{most}")
    return Verdict(f"Matches {rule.name}: {'; '.join(said)}.", rule)


def _reason(case: Case) -> str:
    return f"“{case.reason or case.reason_name or 'none'}”"
