"""Decisions on cases in TikTok Shop's words: how it is asked which are possible, what its answers
mean, and the call of each. Nothing is called from here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shipboard.channels.case_contract import Answer, CaseTarget, Decision, DecisionFact, Reason
from shipboard.channels.tiktok.reasons import reason
from shipboard.channels.tiktok.values import LONG, Payload, flag, parts, text

ON_CANCELLATIONS: Mapping[Decision, str] = {
    Decision.APPROVE_CANCEL: "APPROVE_REQUEST_CANCEL",
    Decision.REJECT_CANCEL: "REJECT_REQUEST_CANCEL",
}
ON_RETURNS: Mapping[Decision, str] = {
    Decision.APPROVE_REFUND: "APPROVE_REFUND",
    Decision.REJECT_REFUND: "REJECT_REFUND",
    Decision.APPROVE_RETURN: "APPROVE_RETURN",
    Decision.REJECT_RETURN: "REJECT_RETURN",
    Decision.REFUND_WITHOUT_RETURN: "DIRECT_REFUND",
    Decision.APPROVE_PACKAGE: "APPROVE_RECEIVED_PACKAGE",
    Decision.REJECT_PACKAGE: "REJECT_RECEIVED_PACKAGE",
    Decision.APPROVE_REPLACEMENT: "APPROVE_REPLACEMENT",
    Decision.REJECT_REPLACEMENT: "REJECT_REPLACEMENT",
    Decision.REFUND_INSTEAD: "ISSUE_REPLACEMENT_REFUND",
}
#: Nobody can be asked whether these are possible: they are where one of those is.
OFFERS: Mapping[Decision, tuple[str, ...]] = {
    Decision.OFFER_PART: ("APPROVE_REFUND", "APPROVE_RETURN"),
    Decision.OFFER_PART_AFTER: ("REJECT_RECEIVED_PACKAGE",),
}
OFFER, OFFER_AFTER = "OFFER_PARTIAL_REFUND", "OFFER_PARTIAL_REFUND_AFTER_RECEIVING_PKG"
#: The first version of a rejection that knows such an offer.
OFFER_AFTER_VERSION = "202606"
WITHOUT_RETURN = ("APPROVE_RETURN", "DIRECT_REFUND")
NOT_NOW = "TikTok Shop does not let it be decided so now."
NO_REASONS = "TikTok Shop offers no reason to reject it now, so it cannot be rejected."


@dataclass(frozen=True, slots=True)
class Eligible:
    """What the API says of one decision. `why_not` blank: it may be taken."""

    why_not: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    operation: str
    ids: Mapping[str, str]
    body: Mapping[str, object] = field(default_factory=dict)
    #: Blank: the one that is chosen.
    version: str = ""


def asked(is_cancellation: bool) -> tuple[str, ...]:
    return tuple((ON_CANCELLATIONS if is_cancellation else ON_RETURNS).values())


def read_decisions(data: Payload) -> dict[str, Eligible]:
    """Raises Odd."""
    return {text(one, "decision"): _told(one) for one in parts(data, "decisions")}


def _told(one: Payload) -> Eligible:
    if not flag(one, "eligible"):
        return Eligible(text(one, "ineligible_reason", LONG) or NOT_NOW, ())
    return Eligible("", _reasons(one, "available_reject_reasons"))


def read_reasons(data: Payload) -> tuple[Reason, ...]:
    """Raises Odd."""
    return _reasons(data, "reasons")


def _reasons(source: Payload, name: str) -> tuple[Reason, ...]:
    given = (reason(text(one, "name"), text(one, "text")) for one in parts(source, name))
    return tuple(each for each in given if each.name)


def is_direct(told: Mapping[str, Eligible]) -> bool:
    approve, direct = (told.get(name) for name in WITHOUT_RETURN)
    return direct is not None and not direct.why_not and (approve is None or bool(approve.why_not))


def facts(told: Mapping[str, Eligible], *, is_cancellation: bool) -> tuple[DecisionFact, ...]:
    """What was told of each decision. One that was not told of is not possible, but for a refund
    without return, which is where the return may be approved."""
    if is_cancellation:
        return tuple(_fact(each, told.get(name)) for each, name in ON_CANCELLATIONS.items())
    kept = told.get("DIRECT_REFUND") or told.get("APPROVE_RETURN")
    known = {each: told.get(name) for each, name in ON_RETURNS.items()}
    known[Decision.REFUND_WITHOUT_RETURN] = kept
    known |= {each: _best([told.get(name) for name in names]) for each, names in OFFERS.items()}
    return tuple(_fact(each, one) for each, one in known.items())


def _best(told: Sequence[Eligible | None]) -> Eligible | None:
    known = [one for one in told if one is not None]
    return next((one for one in known if not one.why_not), known[0] if known else None)


def _fact(decision: Decision, told: Eligible | None) -> DecisionFact:
    """A rejection, and an offer for what came back, is made with a reason."""
    if told is None or told.why_not:
        return DecisionFact(decision=decision, why_not=told.why_not if told else NOT_NOW)
    if not needs_reason(decision):
        return DecisionFact(decision=decision)
    why_not = "" if told.reasons else NO_REASONS
    return DecisionFact(decision=decision, why_not=why_not, reasons=told.reasons)


def by_reasons(reasons: tuple[Reason, ...], *, is_cancellation: bool) -> tuple[DecisionFact, ...]:
    """All that there are, where only the reasons to reject are told: which of them fit is for who
    knows what the case waits for."""
    known = ON_CANCELLATIONS if is_cancellation else (*ON_RETURNS, *OFFERS)
    return tuple(_fact(each, Eligible("", reasons)) for each in known)


def needs_reason(decision: Decision) -> bool:
    return decision.is_rejection or decision is Decision.OFFER_PART_AFTER


def call_of(case: CaseTarget, answer: Answer) -> Call:
    """The call that decides so. The item is kept where a refund needs no return."""
    decision = answer.decision
    if case.is_cancellation:
        ids = {"cancel_id": case.case_id}
        if decision.is_rejection:
            return Call(operation="reject_cancellation", ids=ids, body=_rejection(answer))
        return Call(operation="approve_cancellation", ids=ids)
    ids = {"return_id": case.case_id}
    if decision is Decision.OFFER_PART_AFTER:
        offered = {"partial_refund_total": str(answer.amount), "currency": answer.currency}
        more = {"decision": OFFER_AFTER, "partial_refund_amount": offered}
        return Call(
            operation="reject_return",
            ids=ids,
            body=_rejection(answer) | more,
            version=OFFER_AFTER_VERSION,
        )
    if decision.is_rejection:
        said = _rejection(answer) | {"decision": ON_RETURNS[decision]}
        return Call(operation="reject_return", ids=ids, body=said)
    return Call(operation="approve_return", ids=ids, body=_approval(answer))


def direct_refund(case: CaseTarget) -> Call:
    name = ON_RETURNS[Decision.REFUND_WITHOUT_RETURN]
    return Call(
        operation="approve_return", ids={"return_id": case.case_id}, body={"decision": name}
    )


def _approval(answer: Answer) -> dict[str, object]:
    if answer.decision is Decision.OFFER_PART:
        offered = {"amount": str(answer.amount), "currency": answer.currency}
        return {"decision": OFFER, "partial_refund": offered}
    if answer.decision is Decision.REFUND_WITHOUT_RETURN:
        return {"decision": ON_RETURNS[Decision.APPROVE_RETURN], "buyer_keep_item": True}
    return {"decision": ON_RETURNS[answer.decision]}


def _rejection(answer: Answer) -> dict[str, object]:
    said: dict[str, object] = {"reject_reason": answer.reason}
    if answer.comment:
        said["comment"] = answer.comment
    if answer.pictures:
        said["images"] = [{"image_id": id} for id in answer.pictures]
    return said
