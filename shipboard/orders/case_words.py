"""Cases in words: what they are, what they wait for, what each decision does, and what comes when
nobody answers.
"""

from __future__ import annotations

from collections.abc import Mapping

from shipboard.channels.case_contract import CaseStep, Decision
from shipboard.channels.contract import CaseKind
from shipboard.orders.models import Case

KIND_LABELS: Mapping[str, str] = {
    CaseKind.CANCELLATION: "Cancellation",
    CaseKind.RETURN: "Return and refund",
    CaseKind.REFUND: "Refund",
    CaseKind.REPLACEMENT: "Replacement",
}
#: What the seller has to do.
STEP_LABELS: Mapping[CaseStep, str] = {
    CaseStep.CANCEL: "Answer the request to cancel",
    CaseStep.REFUND: "Answer the request for a refund",
    CaseStep.RETURN: "Answer the request to send it back",
    CaseStep.PACKAGE: "Look at what came back",
    CaseStep.REPLACEMENT: "Answer the request for a replacement",
    CaseStep.OTHER: "Something to do in Seller Center",
    CaseStep.NOTHING: "Nothing to do here",
}
#: On the button that does it.
DECISION_LABELS: Mapping[Decision, str] = {
    Decision.APPROVE_CANCEL: "Approve the cancellation",
    Decision.REJECT_CANCEL: "Reject the cancellation",
    Decision.APPROVE_REFUND: "Approve the refund",
    Decision.REJECT_REFUND: "Reject the refund",
    Decision.APPROVE_RETURN: "Approve the return",
    Decision.REJECT_RETURN: "Reject the return",
    Decision.REFUND_WITHOUT_RETURN: "Refund now, the buyer keeps it",
    Decision.APPROVE_PACKAGE: "Approve what came back",
    Decision.REJECT_PACKAGE: "Reject what came back",
    Decision.APPROVE_REPLACEMENT: "Approve the replacement",
    Decision.REJECT_REPLACEMENT: "Reject the replacement",
    Decision.REFUND_INSTEAD: "Refund instead of a replacement",
    Decision.OFFER_PART: "Offer a part of the money",
    Decision.OFFER_PART_AFTER: "Offer a part of the money",
}
#: What follows from it; with "the buyer" as the one who asked.
DECISION_EFFECTS: Mapping[Decision, str] = {
    Decision.APPROVE_CANCEL: "It is canceled and the buyer gets the money back.",
    Decision.REJECT_CANCEL: "The order goes on and has to be shipped.",
    Decision.APPROVE_REFUND: "The buyer gets the money back and sends nothing.",
    Decision.REJECT_REFUND: "The buyer may dispute it within 48 hours; else the case is closed.",
    Decision.APPROVE_RETURN: "The buyer sends it back; the money follows once you approve it.",
    Decision.REJECT_RETURN: "The buyer may dispute it within 48 hours; else the case is closed.",
    Decision.REFUND_WITHOUT_RETURN: "The buyer gets the money back at once and keeps the goods.",
    Decision.APPROVE_PACKAGE: "The buyer gets the money back.",
    Decision.REJECT_PACKAGE: "The buyer may dispute it within 48 hours; else the case is closed.",
    Decision.APPROVE_REPLACEMENT: "A new order at no charge comes in, which you ship.",
    Decision.REJECT_REPLACEMENT: "The buyer may dispute it within 48 hours; else it is closed.",
    Decision.REFUND_INSTEAD: "The buyer gets the money back and no other item.",
    Decision.OFFER_PART: "The buyer may take it, which closes the case, or refuse it once.",
    Decision.OFFER_PART_AFTER: "The buyer may take it, which closes the case, or refuse it once.",
}
#: The marketplace's rule for a seller who keeps silent, by what the case waits for.
SILENCE: Mapping[CaseStep, str] = {
    CaseStep.CANCEL: "approved automatically: it is canceled and the buyer refunded",
    CaseStep.REFUND: "approved automatically: the buyer is refunded",
    CaseStep.RETURN: "approved automatically: the buyer sends it back",
    CaseStep.PACKAGE: "approved automatically: the buyer is refunded",
    CaseStep.REPLACEMENT: "approved automatically: a new order at no charge comes in",
}
#: Where the channel says only that a case waits.
STEP_OF_KIND: Mapping[str, CaseStep] = {
    CaseKind.CANCELLATION: CaseStep.CANCEL,
    CaseKind.RETURN: CaseStep.RETURN,
    CaseKind.REFUND: CaseStep.REFUND,
    CaseKind.REPLACEMENT: CaseStep.REPLACEMENT,
}

STEP_NAMES: Mapping[str, CaseStep] = {step.value: step for step in CaseStep}


def kind_words(kind: str) -> str:
    """What it is, in our words, or in the channel's where we know no better."""
    return KIND_LABELS.get(kind) or kind.replace("_", " ").capitalize()


def step_of(case: Case) -> CaseStep:
    """What the case waits for the seller to do. Where the channel says only that it waits, its kind
    tells. Of a step or kind that is not known here, nothing."""
    if not case.is_open:
        return CaseStep.NOTHING
    told = STEP_NAMES.get(case.step, CaseStep.NOTHING)
    return told if case.step else STEP_OF_KIND.get(case.kind, CaseStep.NOTHING)


def silence_of(case: Case) -> str:
    """What comes when nobody answers, to follow "in 3 h"; blank where nothing waits."""
    return SILENCE.get(step_of(case), "")
