"""Whether a case can be answered from here now, and with which decisions before the channel itself
is asked. Screens, runs, rules and the sender all ask here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from shipboard.channels.case_contract import IN_DISPUTE, CaseStep, Decision
from shipboard.channels.contract import Capabilities, CaseKind, Shipping, Stage
from shipboard.channels.registry import capabilities
from shipboard.orders.attempts import LIVE, SETTLES, Attempt
from shipboard.orders.case_words import DECISION_LABELS, step_of
from shipboard.orders.models import Case, Order
from shipboard.orders.stages import stage_now

#: What each step takes (the marketplace's overview of returns and cancellations).
DECISIONS: Mapping[CaseStep, tuple[Decision, ...]] = {
    CaseStep.CANCEL: (Decision.APPROVE_CANCEL, Decision.REJECT_CANCEL),
    CaseStep.REFUND: (Decision.APPROVE_REFUND, Decision.OFFER_PART, Decision.REJECT_REFUND),
    CaseStep.RETURN: (
        Decision.APPROVE_RETURN,
        Decision.REFUND_WITHOUT_RETURN,
        Decision.OFFER_PART,
        Decision.REJECT_RETURN,
    ),
    CaseStep.PACKAGE: (
        Decision.APPROVE_PACKAGE,
        Decision.OFFER_PART_AFTER,
        Decision.REJECT_PACKAGE,
    ),
    CaseStep.REPLACEMENT: (
        Decision.APPROVE_REPLACEMENT,
        Decision.REFUND_INSTEAD,
        Decision.REJECT_REPLACEMENT,
    ),
}
CLOSED = (
    "The after-sales window is over; nothing more can be done with this order from here. Should "
    "the marketplace still wait for an answer, give it in Seller Center."
)


def decisions_of(case: Case, order: Order) -> tuple[Decision, ...]:
    """What the case's step takes in this market. `order` comes with its shop."""
    found = DECISIONS.get(step_of(case), ())
    if _can(order).cancel_requests == "reject_by_shipping":
        return tuple(each for each in found if each is not Decision.REJECT_CANCEL)
    return found


def why_not_answer(case: Case, order: Order, now: datetime) -> str:
    """The sentence that says why the case cannot be answered from here now; blank: it can. `order`
    is the case's own, with its shop, cases and attempts (orders.parts)."""
    if not case.is_open:
        return "It does not wait for your answer."
    if attempt := answer_under_way(order, case, now):
        return said_of_answer(attempt)
    if reason := _why_not_reach(case, order, now):
        return reason
    return _why_not_now(case, order)


def answer_under_way(order: Order, case: Case, now: datetime) -> Attempt | None:
    """The answer that is on its way, was taken since the order was read last, or was taken so short
    a time ago that the case may still be told of as it was before."""
    for attempt in order.attempts.all():
        is_answer = attempt.kind == Attempt.Kind.ANSWER and attempt.case_id == case.pk
        if is_answer and (attempt.is_news_of(order) or _is_before(case, attempt, now)):
            return attempt
    return None


def _is_before(case: Case, attempt: Attempt, now: datetime) -> bool:
    """Whether what is told of the case may be from before it was answered."""
    if attempt.state != Attempt.State.DONE or attempt.ended_at is None:
        return False
    if (attempt.asks or {}).get("step") != step_of(case) or now >= attempt.ended_at + SETTLES:
        return False
    return case.changed_at is None or case.changed_at <= attempt.ended_at


def granted_lately(order: Order, now: datetime) -> bool:
    """Whether a cancellation of the order was decided for, and the order may not show it yet; the
    same rule as `granted` in SQL."""
    return order.stage != Stage.CANCELED and any(
        case.kind == CaseKind.CANCELLATION
        and case.is_granted
        and case.changed_at is not None
        and case.changed_at > now - SETTLES
        and not _is_part_from_here(case, order)
        for case in order.cases.all()
    )


def _is_part_from_here(case: Case, order: Order) -> bool:
    """Whether the seller canceled these very units from here, and not the whole order."""
    named = {*case.unit_ids} if case.by == "seller" else set()
    return bool(named) and any(
        attempt.kind == Attempt.Kind.CANCEL
        and attempt.state == Attempt.State.DONE
        and attempt.is_part
        and named.issubset((attempt.asks or {}).get("unit_ids", ()))
        for attempt in order.attempts.all()
    )


def shipped_with_others(order: Order) -> Attempt | None:
    """A shipment under way, asked for with another order of the same parcel. One query."""
    live = Attempt.objects.filter(units__order=order, kind__in=PACKS, state__in=LIVE)
    return live.exclude(order=order).first()


def approval_under_way(order: Order, now: datetime) -> Attempt | None:
    """An answer on its way, or just taken, that cancels the order or some of it; its case may
    still be told of as it was before. The same rule as `cancels` in SQL."""
    waiting = {case.pk for case in order.cases.all() if case.is_open}
    for attempt in order.attempts.all():
        approves = (attempt.asks or {}).get("decision") == Decision.APPROVE_CANCEL
        is_unshown = attempt.case_id in waiting and attempt.may_not_show(now)
        is_now = attempt.is_news_of(order) or is_unshown
        if attempt.kind == Attempt.Kind.ANSWER and approves and is_now:
            return attempt
    return None


def cancellation_under_way(order: Order, now: datetime) -> Attempt | None:
    """The seller's own cancellation that is asked for, or just taken; the order may still be told
    of as it was before, but where only units of it were canceled, its rest need not wait for that.
    The same rule as `cancels` in SQL."""
    for attempt in order.attempts.all():
        is_unshown = not attempt.is_part and attempt.may_not_show(now)
        is_now = attempt.is_news_of(order) or is_unshown
        if attempt.kind == Attempt.Kind.CANCEL and is_now:
            return attempt
    return None


def said_of_answer(attempt: Attempt) -> str:
    """Who has answered, and how far that is."""
    decision = DECISION_LABELS[Decision((attempt.asks or {})["decision"])]
    who = f"{attempt.by} has answered it already ({decision})"
    if attempt.state == Attempt.State.WAITING:
        return f"{who}; it waits in the outbox and can be undone there."
    if attempt.state == Attempt.State.UNKNOWN:
        return f"{who}; the marketplace is asked what became of it."
    if attempt.state == Attempt.State.DONE:
        return f"{who}, and the marketplace has taken it."
    return f"{who}; the marketplace is being told now."


def _why_not_reach(case: Case, order: Order, now: datetime) -> str:
    if stage_now(order, now) == Stage.CLOSED:
        return CLOSED
    can = _can(order)
    if not can.connects:
        return (
            "This shop is fed by files: answer it in Seller Center before its deadline, then "
            "import the next export."
        )
    if case.kind != CaseKind.CANCELLATION and not can.answers:
        return "The marketplace takes no answer from here; give it in Seller Center."
    return ""


def _why_not_now(case: Case, order: Order) -> str:
    is_cancellation = case.kind == CaseKind.CANCELLATION
    if is_cancellation and order.stage == Stage.CANCELED:
        return "The order is canceled; there is nothing left to answer."
    if case.dispute == IN_DISPUTE:
        return "The marketplace itself decides over it now; add what it asks for in Seller Center."
    if step_of(case) is CaseStep.OTHER:
        return "The marketplace wants something that is done in Seller Center; open the case there."
    if not case.case_id:
        return (
            "The marketplace has said so far only that the buyer asks; it names the request within "
            "a minute."
        )
    if is_cancellation and (attempt := shipment_on_its_way(order)):
        return f"{attempt.by} ships the order just now; wait until that is settled."
    return ""


def shipment_on_its_way(order: Order) -> Attempt | None:
    """A shipment, label or other packing that is asked for and not settled."""
    for attempt in order.attempts.all():
        if attempt.kind in PACKS and attempt.is_live:
            return attempt
    return None


#: Attempts that move parcels.
PACKS = (Attempt.Kind.SHIP, Attempt.Kind.LABEL, Attempt.Kind.REPACK, Attempt.Kind.MARK)


def _can(order: Order) -> Capabilities:
    return capabilities(order.shop, Shipping(order.shipping))
