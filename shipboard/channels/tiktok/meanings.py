"""What an error code may mean, in the words of the contract, and short ways to write it down. The
codes themselves are the rows of codes_access.py, codes_cases.py, codes_labels.py and
codes_orders.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from shipboard.channels.contract import FailureKind as Kind
from shipboard.channels.contract import Fix, Outcome

ANY = "*"
SHIP = "create_packages ship_package ship_packages mark_shipped"
DOCUMENT = "shipping_document"
EDIT = "update_order_shipping_info update_package_shipping_info"


@dataclass(frozen=True, slots=True)
class Meaning:
    """`allowed`: what makes sense now, by name. `outcome` None: as its kind says."""

    kind: Kind
    sentence: str
    next_step: str
    allowed: tuple[str, ...] = ()
    fix: Fix | None = None
    outcome: Outcome | None = None


#: Operations (`*`: any), codes, meaning.
Row = tuple[str, str, Meaning]

RETRY = ("retry",)
RECONNECT = ("reconnect",)
LOOK = ("look_again",)
REPORT = ("report",)
BY_ITSELF = "It is tried again by itself."
AGAIN = "Try again later; if it stays so, ask TikTok Shop's support with the request id."
BUG = "Report it with the request id: the desk asked for something it should not have."


def auth(sentence: str, next_step: str) -> Meaning:
    return Meaning(Kind.AUTH, sentence, next_step, RECONNECT)


def busy(sentence: str) -> Meaning:
    return Meaning(Kind.TRANSIENT, sentence, BY_ITSELF, RETRY)


def not_ready(sentence: str) -> Meaning:
    return Meaning(Kind.NOT_READY, sentence, "It is asked for again by itself.", RETRY)


def needs_fix(fix: Fix, sentence: str, next_step: str, *allowed: str) -> Meaning:
    return Meaning(Kind.NEEDS_FIX, sentence, next_step, allowed, fix)


def already_done(sentence: str) -> Meaning:
    return Meaning(Kind.ALREADY_DONE, sentence, "Nothing is left to do; it is read again.", LOOK)


def blocked(sentence: str, next_step: str) -> Meaning:
    return Meaning(Kind.BLOCKED_BY_CASE, sentence, next_step, ("open_case",))


def final(sentence: str, next_step: str, *allowed: str) -> Meaning:
    return Meaning(Kind.FINAL, sentence, next_step, allowed)


def bug(sentence: str) -> Meaning:
    return final(sentence, BUG, *REPORT)
