"""The form of an answer: the decisions of a case with what each does, those that are not possible
now with why, and what was chosen, read back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shipboard.channels.case_contract import Answer, Decision, DecisionFact, Reason
from shipboard.channels.contract import ChannelFailure
from shipboard.channels.registry import NotConnected
from shipboard.desk.case_amounts import amount_from
from shipboard.desk.case_offers import Offer, usable
from shipboard.desk.case_views import CaseView, effect_of
from shipboard.fulfilment.answering import needs_reason
from shipboard.fulfilment.case_questions import decisions_now
from shipboard.fulfilment.case_rules import decisions_of
from shipboard.fulfilment.refusals import BadAnswer
from shipboard.orders.case_words import DECISION_LABELS

UNASKED = "Its reasons could not be asked for; look at it again."


@dataclass(frozen=True)
class Choice:
    """A decision as the form offers it. `why_not`: blank, it is possible now."""

    decision: Decision
    label: str
    effect: str
    why_not: str
    reasons: tuple[Reason, ...]
    is_chosen: bool

    @property
    def reason_name(self) -> str:
        return f"reason-{self.decision}"

    @property
    def takes_more(self) -> bool:
        return takes_more(self.decision)


@dataclass(frozen=True)
class Choices:
    """`problem`: why the marketplace could not be asked, and what to do."""

    choices: list[Choice]
    problem: str = ""

    @property
    def reasons(self) -> dict[Decision, tuple[Reason, ...]]:
        """Of what is possible now."""
        return {each.decision: each.reasons for each in self.choices if not each.why_not}


def takes_more(decision: Decision) -> bool:
    """Whether a comment and pictures can go with it."""
    return decision.is_rejection or decision.is_offer


def choices_of(view: CaseView, given: Mapping[str, str]) -> Choices:
    """The marketplace is asked; not inside a transaction."""
    problem, told = "", tuple[DecisionFact, ...]()
    try:
        told = decisions_now(view.case)
    except NotConnected as failure:
        problem = str(failure)
    except ChannelFailure as failure:
        problem = f"{failure.sentence} {failure.next_step}".strip()
    facts = {each.decision: each for each in told}
    wanted = given.get("decision", "")
    possible = decisions_of(view.case, view.order)
    found = [
        _choice(each, facts.get(each), view, is_known=not problem, is_chosen=each.value == wanted)
        for each in possible
    ]
    return Choices(found, problem)


def _choice(
    decision: Decision,
    fact: DecisionFact | None,
    view: CaseView,
    *,
    is_known: bool,
    is_chosen: bool,
) -> Choice:
    why_not = fact.why_not if fact else ""
    if fact is None and is_known:
        why_not = "The marketplace does not offer it for this case now."
    elif fact is None and needs_reason(decision):
        why_not = UNASKED
    return Choice(
        decision=decision,
        label=DECISION_LABELS[decision],
        effect=effect_of(decision, view),
        why_not=why_not,
        reasons=usable(fact.reasons) if fact else (),
        is_chosen=is_chosen and not why_not,
    )


def answer_from(
    given: Mapping[str, str], currency: str, offer: Offer, pictures: Sequence[str] = ()
) -> Answer:
    """What was posted, of what was offered. Raises BadAnswer."""
    decision = next((each for each in offer.reasons if each == given.get("decision")), None)
    if decision is None:
        raise BadAnswer("decision", "Choose one of the answers that are possible.")
    reason, has_more = _reason(given, decision, offer), takes_more(decision)
    return Answer(
        decision=decision,
        reason=reason.name if reason else "",
        reason_text=reason.text if reason else "",
        comment=given.get("comment", "").replace("\r\n", "\n").strip() if has_more else "",
        amount=amount_from(given.get("amount", ""), currency) if decision.is_offer else None,
        currency=currency if decision.is_offer else "",
        pictures=tuple(pictures) if has_more else (),
    )


def _reason(given: Mapping[str, str], decision: Decision, offer: Offer) -> Reason | None:
    """None where the decision needs none. Raises BadAnswer."""
    reasons = offer.reasons[decision]
    wanted = given.get(f"reason-{decision}", "")
    found = next((each for each in reasons if each.name == wanted), None)
    if found is None and (reasons or wanted):
        raise BadAnswer("reason", "Choose the reason; the marketplace wants one of those it names.")
    return found
