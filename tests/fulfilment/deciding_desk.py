"""The person and the worker at a shop whose buyers ask for things and whose seller cancels."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from shipboard.channels.case_contract import Answer, Decision
from shipboard.fulfilment.answering import ask_to_answer
from shipboard.fulfilment.cancel_wishes import CancelWish
from shipboard.fulfilment.canceling import ask_to_cancel
from shipboard.orders.attempts import Attempt
from shipboard.orders.models import Case
from tests.fulfilment.conftest import MAI
from tests.fulfilment.deciding_channel import DecidingChannel
from tests.fulfilment.shipping_desk import WINDOW
from tests.fulfilment.shipping_desk import Desk as ShippingDesk

OUT_OF_STOCK = "seller_cancel_reason_out_of_stock"
APPROVE = Answer(decision=Decision.APPROVE_CANCEL)
REJECT = Answer(
    decision=Decision.REJECT_CANCEL, reason="seller_reject_apply_product_has_been_packed"
)
OFFER = Answer(decision=Decision.OFFER_PART, amount=Decimal(5), currency="USD")


class Desk(ShippingDesk):
    channel: DecidingChannel

    def case(self, case_id: str = "C1") -> Case:
        return Case.objects.select_related("order__shop").get(case_id=case_id)

    def asked(self, case_id: str = "C1") -> Case:
        """The buyer of order 1 asks to cancel, and the desk has heard of it."""
        self.channel.ask_to_cancel("1", case_id)
        self.read()
        return self.case(case_id)

    def work(self, seconds: float = WINDOW) -> None:
        """And hears a moment later what has become of it."""
        super().work(seconds)
        self.clock.pass_(seconds=1)
        self.read()

    def answer(self, answer: Answer = APPROVE, case_id: str = "C1", **given: Any) -> Attempt:
        now = self.clock.now
        access = given.pop("access", MAI)
        return ask_to_answer(self.case(case_id), answer, access=access, now=now, wall=now, **given)

    def cancel(self, order_id: str = "1", *units: str, **given: Any) -> Attempt:
        wish = CancelWish(reason=given.pop("reason", OUT_OF_STOCK), unit_ids=units)
        now = self.clock.now
        access = given.pop("access", MAI)
        return ask_to_cancel(self.order(order_id), wish, access=access, now=now, wall=now, **given)
