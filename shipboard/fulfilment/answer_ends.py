"""What became of an answer to a case, by the facts: looked at before its call, and when the answer
to the call was lost.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from shipboard.channels.case_contract import Decision
from shipboard.fulfilment.answer_wishes import OTHER, answer_of, is_other, step_asked
from shipboard.fulfilment.answering import check, why_not_since
from shipboard.fulfilment.case_rules import why_not_answer
from shipboard.fulfilment.refusals import BadAnswer
from shipboard.orders.attempts import Attempt
from shipboard.orders.case_words import step_of
from shipboard.orders.models import Case, Order

#: Channel.has_come_of: whether a status is one that the decision leads to.
LeadsTo = Callable[[Decision, str], bool]


def case_of(attempt: Attempt, order: Order) -> Case | None:
    """The case as it is known now; `order` comes with its parts."""
    return next((each for each in order.cases.all() if each.pk == attempt.case_id), None)


def waits_still(attempt: Attempt, order: Order) -> bool:
    """Whether the case waits for what was answered."""
    case = case_of(attempt, order)
    return case is not None and case.is_open and step_of(case) == step_asked(attempt.asks or {})


def has_become(attempt: Attempt, order: Order, leads_to: LeadsTo) -> bool:
    """Whether the case has moved on to where the decision leads, by whomever. It may be told of as
    one of another kind since, in a row of its own."""
    case = case_of(attempt, order)
    if case is None or waits_still(attempt, order):
        return False
    decision = answer_of(attempt.asks or {}).decision
    told = (each.status for each in order.cases.all() if each.case_id == case.case_id)
    return any(leads_to(decision, status) for status in told)


def why_not_now(attempt: Attempt, order: Order, now: datetime) -> str:
    """The sentence that stops it at the last moment; blank: it goes. `order` as targets.Looked
    gives it: without the attempt itself."""
    case = case_of(attempt, order)
    if case is None:
        return "The marketplace does not name this case any more."
    if not waits_still(attempt, order):
        return "The buyer withdrew it, or it was decided otherwise, meanwhile."
    return why_not_answer(case, order, now) or _why_not_as_seen(attempt, case, order, now)


def _why_not_as_seen(attempt: Attempt, case: Case, order: Order, now: datetime) -> str:
    """What was decided on is not what is there now."""
    seen = attempt.asks or {}
    if is_other(seen, case):
        return OTHER
    if reason := why_not_since(seen["stage"], case, order, now):
        return reason
    try:
        check(case, order, answer_of(seen))
    except BadAnswer as bad:
        return str(bad)
    return ""
