"""A desk whose buyers cancel and return, and all that can happen to it: a life drawn from a
seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Self

from tests.case_proofs.people import CasePeople, SellerPeople
from tests.case_proofs.wire import CaseWire, Decisions, SellerWire
from tests.label_proofs.life import LabelLife
from tests.shipping_proofs.life import SHIPPING, Life

#: What buyers do, and how often: at the worst moments.
BUYERS = {
    "buyer_cancels": 8,
    "buyer_withdraws": 3,
    "place": 2,
    "collect": 2,
    "deliver": 2,
    "ask_refund": 2,
    "ask_return": 3,
    "ask_replacement": 1,
    "ship_back": 1,
    "return_arrives": 1,
    "answer_offer": 1,
}
#: When buyers lie in wait.
MOMENTS = (
    "create_packages",
    "ship_package",
    "mark_package_shipped",
    "approve_cancellation",
    "reject_cancellation",
    "cancel_order",
)
DECIDING = ("approve_cancellation", "reject_cancellation", "cancel_order", "approve_return")


def _some(random: Random, of: Sequence[str]) -> list[str]:
    return random.sample(of, random.randint(0, len(of)))


class Unhappy(Life):
    """One shop, whose buyers change their minds."""

    wire: Decisions

    def __enter__(self) -> Self:
        """Some orders have been delivered, and their buyers are not happy."""
        super().__enter__()
        self.does("place", self.random, shape=self.shape, count="3", paid="yes")
        self.pass_(3700)
        for _ in range(4):
            self.seller.ship(self.random)
        for verb in ("collect", "deliver") * 3 + ("ask_return", "ask_refund", "ask_replacement"):
            self.does(verb, self.random)
        self.sync()
        self._lie_in_wait()
        return self

    def _lie_in_wait(self) -> None:
        """Buyers act in the very moment in which something takes effect."""
        for operation in _some(self.random, MOMENTS):
            self.does(
                "lie_in_wait",
                self.random,
                operation=operation,
                when=self.random.choice(("before", "after")),
                deed=self.random.choice(("cancel", "cancel", "withdraw", "claim")),
                times="3",
            )

    def _world(self) -> None:
        self._turn_over()
        if self.random.random() < 0.6:
            self.sync()

    def _turn_over(self) -> None:
        if self.random.random() < 0.25:
            super()._world()
            return
        (verb,) = self.random.choices(list(BUYERS), list(BUYERS.values()))
        given = {
            "place": {"shape": self.shape},
            "buyer_cancels": {"status": "AWAITING_SHIPMENT"},
        }
        self.does(verb, self.random, **given.get(verb, {}))

    def quiet(self) -> None:
        """And what was decided over there since is read."""
        super().quiet()
        self.pass_(60)
        self.authorise_again()
        self.sync()


class CaseLife(Unhappy, LabelLife):
    """Orders that the platform ships."""

    wires = CaseWire
    peoples = CasePeople
    operations = (*DECIDING, "create_packages", "ship_package", "order_detail")


class SellerLife(Unhappy):
    """Orders that the seller ships, from files too."""

    wires = SellerWire
    peoples = SellerPeople
    operations = (*DECIDING, *SHIPPING, "order_detail")
