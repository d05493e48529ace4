"""Answering a case: it is looked at, and the decision is put in the outbox, all in one transaction.
Nothing is called here (sending.py does that).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right
from shipboard.channels.case_contract import Answer, Decision
from shipboard.channels.contract import CaseKind
from shipboard.fulfilment import outbox, queueing
from shipboard.fulfilment.allowed import said_of
from shipboard.fulfilment.answer_wishes import answer_of, seen_of, stored
from shipboard.fulfilment.case_rules import decisions_of, shipped_with_others, why_not_answer
from shipboard.fulfilment.moved_on import moved_on
from shipboard.fulfilment.refusals import BadAnswer, CannotAnswer, Taken
from shipboard.fulfilment.shipping import sent_before
from shipboard.orders.attempts import Attempt
from shipboard.orders.case_words import DECISION_LABELS
from shipboard.orders.events import record
from shipboard.orders.models import Case, Order
from shipboard.orders.overlays import BadWords, touch, words
from shipboard.orders.parts import to_decide
from shipboard.orders.value_words import money
from shipboard.orders.values import is_storable

#: The marketplace's limits.
LONGEST_COMMENT, MOST_PICTURES = 500, 6
#: Far longer than any key of the marketplace's.
LONGEST_REASON = 200


def ask_to_answer(
    case: Case,
    answer: Answer,
    *,
    access: Access,
    now: datetime,
    wall: datetime,
    seen: int | None = None,
    stage: str = "",
    key: UUID | None = None,
    is_bulk: bool = False,
) -> Attempt:
    """Put a decision in the outbox. `now` is the desk's clock, `wall` real time; `seen` the version
    of the case's order that the person saw, `stage` the order's when it was decided (blank: as it
    is now); the same `key` again gives the first attempt. `is_bulk`: within a transaction of a
    run, which has the outbox looked at for all its rows. Raises CannotAnswer, BadAnswer, Taken,
    Stale, Gone and NotAllowed; nothing is done then."""
    access.need(Right.WORK)
    try:
        with transaction.atomic(savepoint=not is_bulk):
            return _ask(case, answer, access, now, wall, seen, stage, key, is_bulk)
    except IntegrityError:
        raise Taken(
            "Somebody else answered it a moment earlier. Look at it as it is now."
        ) from None


def _ask(
    given: Case,
    answer: Answer,
    access: Access,
    now: datetime,
    wall: datetime,
    seen: int | None,
    stage: str,
    key: UUID | None,
    is_bulk: bool,
) -> Attempt:
    order = Order.objects.get(pk=given.order_id)
    if key and (first := sent_before(order, key, access, lambda it: _is_same(it, given, answer))):
        return first
    touch(order, now=now, seen=seen)
    (order,) = to_decide(Order.objects.filter(pk=order.pk), now)
    case = next((each for each in order.cases.all() if each.pk == given.pk), None)
    if case is None:
        raise CannotAnswer("The case is not there any more.")
    if reason := why_not_answer(case, order, now):
        raise CannotAnswer(reason)
    was = stage or order.stage
    if reason := why_not_since(was, case, order, now):
        raise CannotAnswer(reason)
    check(case, order, answer)
    attempt = Attempt.objects.create(
        kind=Attempt.Kind.ANSWER,
        state=Attempt.State.WAITING,
        key=key,
        shop=order.shop,
        order=order,
        case=case,
        asks=stored(answer) | seen_of(case, order) | {"stage": was, "key": uuid4().hex},
        by=access.by,
        person_id=access.person_id,
        is_bulk=is_bulk,
        asked_at=now,
        due_at=outbox.due_at(order, now, wall, case.respond_by),
    )
    record(order, "answer_asked", by=access.by, at=now, attempt=attempt.pk)
    if not is_bulk:
        queueing.queue(queueing.SEND, order.shop_id, attempt.due_at, wall)
    return attempt


def why_not_since(was: str, case: Case, order: Order, now: datetime) -> str:
    """What has become of the order, since it was in the stage `was`, that keeps its cancellation
    from being decided; blank: nothing. One query."""
    if case.kind != CaseKind.CANCELLATION:
        return ""
    attempt = shipped_with_others(order)
    return moved_on(was, order, now) or (said_of(attempt) if attempt else "")


def check(case: Case, order: Order, answer: Answer) -> None:
    """Whether the answer is one to this case, and whole. Raises BadAnswer."""
    possible = decisions_of(case, order)
    if answer.decision not in possible:
        if answer.decision is Decision.REJECT_CANCEL and case.kind == CaseKind.CANCELLATION:
            raise BadAnswer(
                "decision",
                "In this market a request to cancel is rejected by shipping the order: ship it "
                "although the buyer asks to cancel.",
            )
        labels = ", ".join(DECISION_LABELS[each].lower() for each in possible)
        raise BadAnswer("decision", f"The case takes no such answer now; it takes: {labels}.")
    if needs_reason(answer.decision) and not answer.reason:
        raise BadAnswer("reason", "Choose the reason; the marketplace wants one.")
    if len(answer.reason) > LONGEST_REASON or not is_storable(answer.reason):
        raise BadAnswer("reason", "That is none of the marketplace's reasons.")
    _check_comment(answer.comment)
    if len(answer.pictures) > MOST_PICTURES:
        raise BadAnswer("pictures", f"The marketplace takes at most {MOST_PICTURES} pictures.")
    if answer.decision.is_offer:
        _check_offer(case, order, answer)


def needs_reason(decision: Decision) -> bool:
    """Rejections do, and the offer that goes as one."""
    return decision.is_rejection or decision is Decision.OFFER_PART_AFTER


def _check_comment(comment: str) -> None:
    if not comment:
        return
    try:
        words(comment, LONGEST_COMMENT, "the comment")
    except BadWords as bad:
        raise BadAnswer("comment", str(bad)) from None


def _check_offer(case: Case, order: Order, answer: Answer) -> None:
    if answer.amount is None or not answer.amount.is_finite() or answer.amount <= 0:
        raise BadAnswer("amount", "Write how much of the money you offer, more than nothing.")
    whole = order.total if case.amount is None else case.amount
    if whole is None:
        raise BadAnswer("amount", "The marketplace names no amount here; offer in Seller Center.")
    if answer.amount >= whole:
        raise BadAnswer(
            "amount",
            f"Offer less than the {money(whole, order.currency)} that the buyer asks for, "
            "or approve the refund.",
        )
    if not order.currency or answer.currency != order.currency:
        raise BadAnswer("amount", f"The order is in {order.currency}.")


def _is_same(attempt: Attempt, case: Case, answer: Answer) -> bool:
    is_of_case = attempt.kind == Attempt.Kind.ANSWER and attempt.case_id == case.pk
    return is_of_case and answer_of(attempt.asks or {}) == answer
