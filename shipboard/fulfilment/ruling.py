"""Rules at work: each open request to cancel is looked at once, and approved or left to people; the
approval and its entry in the log are one transaction. Calls nobody: the answer goes through the
outbox, where it can be undone, and is looked at once more before it leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right
from shipboard.channels.case_contract import Answer, Decision
from shipboard.channels.contract import CaseKind
from shipboard.fulfilment import queueing
from shipboard.fulfilment.answer_rules import Known, Verdict, first_match, why_not_by_rule
from shipboard.fulfilment.answering import ask_to_answer
from shipboard.fulfilment.models import AnswerRule, AnswerRuleEntry
from shipboard.fulfilment.rule_traces import known_of
from shipboard.orders.attempts import Attempt
from shipboard.orders.models import Case, Order
from shipboard.orders.overlays import Refused
from shipboard.orders.parts import to_decide

#: Name of the job (tasks.py).
JOB = "answer_requests"
HOUR = timedelta(hours=1)
#: Looked at in one turn; what is left has the next.
BATCH = 200
APPROVAL = Answer(decision=Decision.APPROVE_CANCEL)
FULL = "the rule has approved {most:,} in an hour, as many as it may; it is looked at again."
OVER = "It was answered, withdrawn or decided before the rule had room for it."

Clock = Callable[[], datetime]
Outcome = AnswerRuleEntry.Outcome
ANSWER = Attempt.Kind.ANSWER


def queue(shop_pk: int, now: datetime, wall: datetime) -> None:
    """Have the shop's requests looked at, if a rule has something to look at. `now` is the desk's
    clock, `wall` real time."""
    if waiting(shop_pk, now).exists():
        queueing.queue(JOB, shop_pk, wall, wall)


def queue_due(now: datetime, wall: datetime) -> None:
    """Each minute: every shop with a rule that is on; requests that had to wait for an hour to
    pass, and what a kill left."""
    is_on = AnswerRule.objects.filter(is_on=True).order_by()
    for shop_pk in is_on.values_list("shop_id", flat=True).distinct():
        _let_go(shop_pk, now)
        queue(shop_pk, now, wall)


def carry_on(shop_pk: int, clock: Clock, wall: Clock) -> None:
    """Look at the requests that wait in a shop, the oldest first. Not inside a transaction."""
    cases = list(waiting(shop_pk, clock())[:BATCH])
    for case in cases:
        look_at(case, now=clock(), wall=wall())
    if len(cases) == BATCH:
        queue(shop_pk, clock(), wall())


def waiting(shop_pk: int, now: datetime) -> QuerySet[Case]:
    """Open requests to cancel that came after a rule of the shop was turned on and that none has
    looked at; and those that waited for an hour to pass, where the rule has room again."""
    rules = list(AnswerRule.objects.filter(shop=shop_pk, is_on=True))
    if not rules:
        return Case.objects.none()
    since = min(rule.changed_at for rule in rules)
    roomy = [rule.pk for rule in rules if room(rule, now) > 0]
    entries = AnswerRuleEntry.objects.filter(order=OuterRef("order"), case_id=OuterRef("case_id"))
    settled = entries.exclude(outcome=Outcome.CAPPED, rule__in=roomy)
    found = Case.objects.filter(
        ~Q(Exists(settled)),
        order__shop=shop_pk,
        kind=CaseKind.CANCELLATION,
        is_open=True,
        requested_at__gte=since,
    )
    return found.exclude(case_id="").order_by("requested_at", "pk")


def room(rule: AnswerRule, now: datetime) -> int:
    """How many more the rule may approve at `now`: its most less those of the last 60 minutes."""
    return rule.hourly_most - _approved(rule, now).count()


def _approved(rule: AnswerRule, now: datetime) -> QuerySet[AnswerRuleEntry]:
    return AnswerRuleEntry.objects.filter(rule=rule.pk, outcome=Outcome.APPROVED, at__gt=now - HOUR)


@transaction.atomic
def look_at(case: Case, *, now: datetime, wall: datetime) -> AnswerRuleEntry | None:
    """Have the shop's rules look at one request; None: there was nothing for them to look at. The
    rules are locked meanwhile, so that two workers never approve more than an hour takes, and a
    rule that is turned off or changed has nothing under way once that is said."""
    order_pk = case.order_id
    rules = _locked(order_pk)
    entry = AnswerRuleEntry.objects.filter(order=order_pk, case_id=case.case_id).first()
    if entry and not _may_look_again(entry, now):
        return None
    list(Order.objects.filter(pk=order_pk).select_for_update().values("pk"))
    found = to_decide(Order.objects.filter(pk=order_pk), now)
    here = [each for order in found for each in order.cases.all() if each.pk == case.pk]
    asked = [rule for rule in rules if _is_asked(rule, here)]
    if not here or not asked:
        return None
    known = known_of(found)[order_pk]
    verdict = first_match(asked, here[0], known, now)
    entry = entry or AnswerRuleEntry(order=found[0], case_id=case.case_id)
    _decide(entry, here[0], verdict, now, wall)
    entry.at = now
    entry.save()
    return entry


def _may_look_again(entry: AnswerRuleEntry, now: datetime) -> bool:
    if entry.rule is None or entry.outcome != Outcome.CAPPED:
        return False
    return room(entry.rule, now) > 0


def _locked(order_pk: int) -> Sequence[AnswerRule]:
    """The rules that are on in the order's shop, in their order. Taken before the order, as
    everywhere."""
    rules = AnswerRule.objects.filter(shop__order=order_pk, is_on=True).order_by("pk")
    return list(rules.select_for_update(of=("self",)))


def _is_asked(rule: AnswerRule, cases: Collection[Case]) -> bool:
    """Turned on, and not changed since, before the request came."""
    return any(each.requested_at and each.requested_at >= rule.changed_at for each in cases)


def _decide(
    entry: AnswerRuleEntry, case: Case, verdict: Verdict, now: datetime, wall: datetime
) -> None:
    rule = verdict.rule
    entry.rule, entry.outcome, entry.reason = rule, Outcome.LEFT, verdict.sentence
    if rule is None:
        return
    if room(rule, now) <= 0:
        entry.outcome = Outcome.CAPPED
        entry.reason = f"{verdict.sentence} But {FULL.format(most=rule.hourly_most)}"
        return
    try:
        entry.attempt = ask_to_answer(case, APPROVAL, access=actor(rule), now=now, wall=wall)
    except Refused as refusal:
        entry.reason = f"{verdict.sentence} But it could not be approved: {refusal}"
        return
    entry.outcome = Outcome.APPROVED


def actor(rule: AnswerRule) -> Access:
    """Who a rule is in attempts, events and lists."""
    return Access(
        by=f"Rule: {rule.name}", shop_ids=frozenset({rule.shop_id}), rights=frozenset({Right.WORK})
    )


def why_not_still(attempts: Iterable[Attempt], now: datetime) -> dict[int, str]:
    """By attempt, why an approval that a rule asked for must not leave, by what is known now: the
    rule was turned off or changed, or it would not match any more. Those against which nothing
    speaks, and what no rule asked for, are not there. A constant number of queries."""
    pks = [each.pk for each in attempts if each.kind == ANSWER and not each.person_id]
    if not pks:
        return {}
    approvals = AnswerRuleEntry.objects.filter(attempt__in=pks).select_related("rule", "attempt")
    entries = list(approvals)
    orders = to_decide(Order.objects.filter(pk__in=[each.order_id for each in entries]), now)
    known = known_of(orders)
    cases = {case.pk: case for order in orders for case in order.cases.all()}
    found = {each.attempt_id or 0: _why_not_still(each, cases, known, now) for each in entries}
    return {pk: why_not for pk, why_not in found.items() if why_not}


def _why_not_still(
    entry: AnswerRuleEntry, cases: Mapping[int, Case], known: Mapping[int, Known], now: datetime
) -> str:
    if entry.rule is None or not entry.rule.is_on:
        return "The rule that approved it was turned off or removed before it left."
    case = cases.get(entry.attempt.case_id or 0) if entry.attempt else None
    if case is None:
        return "The case is not there any more."
    why_not = why_not_by_rule(entry.rule, case, known[entry.order_id], now)
    return f"The rule does not match any more: {why_not.sentence}" if why_not else ""


def _let_go(shop_pk: int, now: datetime) -> None:
    """Requests that waited for an hour to pass, and were answered otherwise meanwhile."""
    still = Case.objects.filter(order=OuterRef("order"), case_id=OuterRef("case_id"), is_open=True)
    capped = AnswerRuleEntry.objects.filter(order__shop=shop_pk, outcome=Outcome.CAPPED)
    capped.exclude(Exists(still)).update(outcome=Outcome.LEFT, reason=OVER, at=now)
