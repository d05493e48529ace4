"""What a person decides about a case, kept as JSON by the attempt that tells the marketplace."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from shipboard.channels.case_contract import Answer, CaseStep, CaseTarget, Decision
from shipboard.channels.contract import CaseKind
from shipboard.orders.case_words import step_of
from shipboard.orders.models import Case, Order


def stored(answer: Answer) -> dict[str, Any]:
    """As a run's row and an attempt keep it."""
    return {
        "decision": answer.decision.value,
        "reason": answer.reason,
        "reason_text": answer.reason_text,
        "comment": answer.comment,
        "amount": None if answer.amount is None else f"{answer.amount:f}",
        "currency": answer.currency,
        "pictures": [*answer.pictures],
    }


def answer_of(kept: Mapping[str, Any]) -> Answer:
    """The opposite of `stored`."""
    return Answer(
        decision=Decision(kept["decision"]),
        reason=kept["reason"],
        reason_text=kept.get("reason_text", ""),
        comment=kept["comment"],
        amount=None if kept["amount"] is None else Decimal(kept["amount"]),
        currency=kept["currency"],
        pictures=tuple(kept["pictures"]),
    )


def seen_of(case: Case, order: Order) -> dict[str, Any]:
    """What the person decided on, for the last look before the call."""
    return {
        "step": step_of(case).value,
        "asked_amount": None if case.amount is None else str(case.amount.normalize()),
        "units": sorted(case.unit_ids),
        "stage": order.stage,
    }


#: Why it is not decided on after all.
OTHER = "The buyer asks for something else now. Look at it, and decide again."


def is_other(seen: Mapping[str, Any], case: Case) -> bool:
    """Whether the case is not what was decided on (`seen_of`; nothing of it: whatever it is): it
    waits for another step, is about other units, or about more money."""
    if "step" not in seen:
        return False
    was = None if seen["asked_amount"] is None else Decimal(seen["asked_amount"])
    is_more = case.amount is not None and (was is None or case.amount > was)
    is_elsewhere = bool(case.unit_ids) and sorted(case.unit_ids) != seen["units"]
    return is_more or is_elsewhere or step_of(case) != seen["step"]


def step_asked(kept: Mapping[str, Any]) -> CaseStep:
    """What the case waited for when it was answered."""
    return CaseStep(kept["step"])


def key_of(kept: Mapping[str, Any]) -> str:
    """The same for every call of one attempt, and of no other."""
    return str(kept["key"])


def target_of(case: Case, order: Order) -> CaseTarget:
    """The case of the order, as a call names it."""
    return CaseTarget(
        order_id=order.order_id,
        case_id=case.case_id,
        is_cancellation=case.kind == CaseKind.CANCELLATION,
    )
