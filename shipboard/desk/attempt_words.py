"""What was asked for, in words: how many of each kind, and what an answer or a cancellation
does.
"""

from __future__ import annotations

from collections.abc import Mapping

from shipboard.channels.case_contract import Decision
from shipboard.desk import wording
from shipboard.fulfilment.answer_wishes import answer_of
from shipboard.fulfilment.cancel_wishes import cancel_wish_of
from shipboard.orders.attempts import Attempt
from shipboard.orders.case_words import DECISION_LABELS

Kind = Attempt.Kind
#: One of it; several have an s. A mark is recorded and never waits to leave.
NOUNS: Mapping[Kind, str] = {
    Kind.SHIP: "shipment",
    Kind.CORRECT: "correction",
    Kind.LABEL: "shipping label",
    Kind.REPACK: "repacking",
    Kind.ANSWER: "answer",
    Kind.CANCEL: "cancellation",
}


def counted(kinds: Mapping[str, int]) -> str:
    """`2 answers and 5 cancellations`, in the order of the kinds; blank for none."""
    found = ((kinds.get(kind, 0), noun) for kind, noun in NOUNS.items())
    said = [f"{many:,} {noun}{'' if many == 1 else 's'}" for many, noun in found if many]
    return " and ".join(filter(None, (", ".join(said[:-1]), *said[-1:])))


def does(attempt: Attempt) -> str:
    """What an answer decides, or what a cancellation cancels and why; blank for other kinds."""
    if not attempt.asks:
        return ""
    if attempt.kind == Kind.ANSWER:
        said = DECISION_LABELS[Decision(attempt.asks["decision"])]
        if not attempt.asks.get("amount"):
            return said
        answer = answer_of(attempt.asks)
        return f"{said}: {wording.money(answer.amount, answer.currency)}"
    if attempt.kind == Kind.CANCEL:
        wish = cancel_wish_of(attempt.asks)
        units = len(wish.unit_ids)
        what = f"{units} unit{'' if units == 1 else 's'}" if units else "the whole order"
        return ": ".join(filter(None, (f"Cancel {what}", wish.reason_text)))
    return ""
