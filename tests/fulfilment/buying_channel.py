"""A marketplace that sells labels: it quotes prices for parcels, and makes a label when one is
bought.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from threading import Lock
from typing import Any

from shipboard.channels.contract import (
    ChannelFailure,
    HandoverFact,
    ServiceFact,
    ShipTarget,
    Size,
)

GROUND, AIR = "s1", "s2"


def services(ground: str = "5.40", air: str = "19.00") -> tuple[ServiceFact, ...]:
    return (
        ServiceFact(
            remote_id=AIR,
            name="UPS Air",
            carrier="UPS",
            price=Decimal(air),
            currency="USD",
            days=(1, 1),
        ),
        ServiceFact(
            remote_id=GROUND,
            name="USPS Ground",
            carrier="USPS",
            price=Decimal(ground),
            currency="USD",
            days=(2, 5),
            is_default=True,
        ),
    )


class Quotes:
    """`asked`: every question; `answer` may raise, or give other services."""

    def __init__(self) -> None:
        self.asked: list[tuple[ShipTarget, Size]] = []
        self.answer: Callable[[ShipTarget, Size], tuple[ServiceFact, ...]] = lambda target, size: (
            services()
        )
        self.packages: list[str] = []
        self.hands_over: HandoverFact | ChannelFailure = HandoverFact()
        self._lock = Lock()

    def services(self, target: ShipTarget, size: Size) -> tuple[ServiceFact, ...]:
        with self._lock:
            self.asked.append((target, size))
        return self.answer(target, size)

    def handover(self, package_id: str) -> HandoverFact:
        self.packages.append(package_id)
        if isinstance(self.hands_over, ChannelFailure):
            raise self.hands_over
        return self.hands_over

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"nobody asks for {name} before labels are confirmed")
