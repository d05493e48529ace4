"""A marketplace that takes decisions on cases and cancellations by its seller, and loses answers
when a test wants it to. It keeps the books of what was decided, with the keys.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from shipboard.channels.case_contract import Answer, CaseStep, CaseTarget, Decision
from shipboard.channels.contract import (
    CaseFact,
    CaseKind,
    CasesPage,
    FailureKind,
    Outcome,
    Stage,
    Stream,
)
from shipboard.channels.tiktok.decided import has_come_of
from tests.fulfilment.shipping_channel import ShippingChannel
from tests.ingest.fake_channel import failure

WAITS, CLOSED = "CANCELLATION_REQUEST_PENDING", "CANCELLATION_REQUEST_CANCEL"
APPROVED = "CANCELLATION_REQUEST_SUCCESS"
STATUS = {
    Decision.APPROVE_CANCEL: APPROVED,
    Decision.REJECT_CANCEL: CLOSED,
    Decision.APPROVE_REFUND: "RETURN_OR_REFUND_REQUEST_SUCCESS",
    Decision.REJECT_REFUND: "REFUND_OR_RETURN_REQUEST_REJECT",
    Decision.OFFER_PART: "AWAITING_BUYER_RESPONSE",
}


class DecidingChannel(ShippingChannel):
    """`decided`: (case id, decision) of every decision that took effect; `canceled`: (order id,
    units) of every cancellation by the seller; `lags`: what does not tell of them yet."""

    decided: list[tuple[str, Decision]]
    canceled: list[tuple[str, tuple[str, ...]]]
    keys: dict[str, Answer]
    lags: Collection[str] = ()

    def ask_to_cancel(self, order_id: str, case_id: str = "C1") -> None:
        super().ask_to_cancel(order_id, case_id)
        self._say(case_id, step=CaseStep.CANCEL, status=WAITS, by="buyer")

    def ask_for_refund(self, order_id: str, case_id: str = "R1") -> None:
        super().ask_to_cancel(order_id, case_id)
        self.remote[order_id].is_asked = False
        self._say(
            case_id,
            kind=CaseKind.REFUND,
            step=CaseStep.REFUND,
            status="RETURN_OR_REFUND_REQUEST_PENDING",
            by="buyer",
        )

    def withdraw(self, case_id: str) -> None:
        self.close_case(case_id)
        self._say(case_id, step=CaseStep.NOTHING, status=CLOSED)

    def has_come_of(self, decision: Decision, status: str) -> bool:
        return has_come_of(decision, status)

    def answer_case(self, case_id: str, decision: Decision) -> None:
        """It takes effect, by whomever."""
        self.decided.append((case_id, decision))
        self.close_case(case_id)
        self._say(case_id, step=CaseStep.NOTHING, status=STATUS[decision])
        if decision is Decision.APPROVE_CANCEL:
            order_id, _, _ = self.cases[case_id]
            self.change(order_id, Stage.CANCELED, canceled_by="buyer")

    def answer(self, case: CaseTarget, answer: Answer, *, key: str) -> None:
        self._called("answer", case, answer, key)
        number = len([each for each in self.calls if each[0] == "answer"])
        self.hears("before", number)
        if key not in self.keys:
            _, fact, _ = self.cases[case.case_id]
            if not fact.is_open:
                raise failure(FailureKind.FINAL, code="25001044", sentence="It is decided.")
            self.keys[key] = answer
            self.answer_case(case.case_id, answer.decision)
        self.hears("after", number)

    def cancel(self, order_id: str, *, reason: str, unit_ids: Sequence[str] = ()) -> str:
        self._called("cancel", order_id, reason, tuple(unit_ids))
        number = len([each for each in self.calls if each[0] == "cancel"])
        self.hears("before", number)
        if self.remote[order_id].stage is Stage.CANCELED:
            raise failure(FailureKind.ALREADY_DONE, outcome=Outcome.DONE, code="25001010")
        if {unit for known, units in self.canceled if known == order_id for unit in units} & {
            *unit_ids
        }:
            raise failure(FailureKind.FINAL, code="25001001", sentence="It is too late for that.")
        self.canceled.append((order_id, tuple(unit_ids)))
        if "orders" not in self.lags:
            self.tell_canceled(order_id, unit_ids, f"S{number}")
        self.hears("after", number)
        return f"S{number}"

    def tell_canceled(self, order_id: str, unit_ids: Sequence[str] = (), case_id: str = "") -> None:
        """The order and its case show it from now on."""
        self.cases[case_id] = (
            order_id,
            CaseFact(
                kind=CaseKind.CANCELLATION,
                case_id=case_id,
                is_open=False,
                status=APPROVED,
                is_granted=True,
                by="seller",
                unit_ids=tuple(unit_ids),
            ),
            self.clock.now,
        )
        if unit_ids:
            [line] = self.remote[order_id].given["lines"]
            words = ", ".join(
                f"{'CANCELLED' if each in unit_ids else 'AWAITING_SHIPMENT'} 1"
                for each in line.unit_ids
            )
            changed = replace(line, extra={"unit_statuses": words})
            self.change(order_id, lines=(changed,))
        else:
            self.change(order_id, Stage.CANCELED, canceled_by="seller")

    def cases_of(
        self, order_ids: Sequence[str], stream: Stream = Stream.CANCELLATIONS
    ) -> CasesPage:
        told = super().cases_of(order_ids, stream)
        return CasesPage() if "lists" in self.lags else told

    def _say(self, case_id: str, **said: object) -> None:
        order_id, case, _ = self.cases[case_id]
        self.cases[case_id] = (order_id, replace(case, **said), self.clock.now)  # type: ignore[arg-type]
