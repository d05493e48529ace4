"""What may go wrong on purpose. Each fault is a switch with a rate, for one operation or all, drawn
from a seed so that a run can be repeated; or it is laid for the very next call of an operation.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sandbox.errors import ERRORS

ALL = "*"

#: Faults of any call, in the order in which they are tried: at most one strikes a call.
CALL = {
    "http_429": "Too many requests.",
    "http_503": "Not available.",
    "token_expired": "The access token ends now; only a refresh helps.",
    "timeout_before_effect": "No answer, and nothing was done.",
    "timeout_after_effect": "No answer, although it was done.",
    "reset_mid_body": "The connection breaks in the middle of the answer; it was done.",
    "null_data": "Success with data null.",
}
#: Faults that a view asks for where they matter, with `call.strikes(name)`.
VIEW = {
    "slow_label": "The label document is slow to come.",
    "masked_address": "The address is masked where it would be open.",
    "package_id_changes_on_split": "The package that stays behind after a split has a new id too.",
}
#: Faults of webhooks.
HOOK = {
    "webhook_duplicate": "The webhook is sent twice.",
    "webhook_late": "The webhook comes much later.",
    "webhook_reordered": "The webhook changes places with others.",
    "webhook_lost": "The webhook never comes.",
}
REJECT = "reject:"


class UnknownFault(LookupError):
    """No such fault."""


class Hung(Exception):
    """The call is never answered. In process this becomes a time-out of the client's."""


class Cut(Exception):
    """The connection breaks while the answer is on its way."""


@dataclass(frozen=True)
class Rule:
    fault: str
    operation: str
    rate: float


class Faults:
    """The faults of one marketplace. None at first."""

    def __init__(self, seed: int = 0) -> None:
        self._lock = threading.Lock()
        self._rules: dict[tuple[str, str], Rule] = {}
        self._shots: list[tuple[str, str]] = []
        self._struck: dict[str, int] = {}
        self.seed(seed)
        #: How long a call hangs before its connection is dropped, and how: tests put their own.
        self.hang_seconds = 40.0
        self.sleep: Callable[[float], None] = time.sleep

    def seed(self, seed: int) -> None:
        """Begins the draw anew."""
        self._random = random.Random(seed)  # noqa: S311 (chance that can be repeated is the point)

    def switch(self, fault: str, rate: float, operation: str = ALL) -> None:
        """Switches a fault on at `rate` (0 to 1; 0 is off). Raises UnknownFault."""
        check(fault)
        with self._lock:
            self._rules.pop((fault, operation), None)
            if rate > 0:
                self._rules[fault, operation] = Rule(fault, operation, rate)

    def one_shot(self, operation: str, fault: str, times: int = 1) -> None:
        """The next `times` calls of `operation` meet `fault`, before any chance is drawn."""
        check(fault)
        with self._lock:
            self._shots += [(operation, fault)] * times

    def clear(self) -> None:
        with self._lock:
            self._rules.clear()
            self._shots.clear()

    def rules(self) -> list[Rule]:
        return list(self._rules.values())

    def shots(self) -> list[tuple[str, str]]:
        """What is laid for coming calls: (operation, fault)."""
        return list(self._shots)

    def struck(self) -> dict[str, int]:
        """How often each fault has struck."""
        return dict(self._struck)

    def strikes(self, fault: str, operation: str = ALL) -> bool:
        """Whether this fault meets this operation now."""
        return self.strike((fault,), operation) is not None

    def strike(self, faults: Iterable[str], operation: str) -> str | None:
        """The first of `faults` that meets this operation now. Draws once for each that is on."""
        with self._lock:
            struck = self._take(set(faults), operation) or self._draw(faults, operation)
            if struck:
                self._struck[struck] = self._struck.get(struck, 0) + 1
            return struck

    def strike_call(self, operation: str) -> str | None:
        """The fault of `CALL`, or the rejection, that meets this call."""
        rejections = sorted(
            {fault for fault, _ in [*self._rules, *map(_swap, self._shots)]} - KNOWN
        )
        return self.strike([*CALL, *rejections], operation)

    def count(self, name: str) -> None:
        """One more of what strikes by itself, such as an obstacle."""
        with self._lock:
            self._struck[name] = self._struck.get(name, 0) + 1

    def hang(self) -> None:
        """Keeps the caller waiting for longer than it will. Raises Hung at the end."""
        self.sleep(self.hang_seconds)
        raise Hung

    def _take(self, faults: set[str], operation: str) -> str | None:
        for shot in self._shots:
            if shot[0] in (operation, ALL) and shot[1] in faults:
                self._shots.remove(shot)
                return shot[1]
        return None

    def _draw(self, faults: Iterable[str], operation: str) -> str | None:
        struck = None
        for fault in faults:
            rule = self._rules.get((fault, operation)) or self._rules.get((fault, ALL))
            if rule and self._random.random() < rule.rate:
                struck = struck or fault
        return struck


KNOWN = {*CALL, *VIEW, *HOOK}


def check(fault: str) -> None:
    """Raises UnknownFault."""
    code = fault.removeprefix(REJECT)
    if fault in KNOWN or (fault != code and code.isdigit() and int(code) in ERRORS):
        return
    raise UnknownFault(fault)


def _swap(shot: tuple[str, str]) -> tuple[str, str]:
    return shot[1], shot[0]
