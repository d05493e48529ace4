"""What a form of cases offered: the decisions with their reasons, and the cases as they were shown.
It goes along in the form, signed, so that nothing else is asked for and no other case answered.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.core import signing

from shipboard.channels.case_contract import Decision, Reason
from shipboard.fulfilment.answer_wishes import seen_of
from shipboard.fulfilment.answering import LONGEST_REASON
from shipboard.orders.models import Case
from shipboard.orders.overlays import BadWords

#: So long an offer may be answered, in seconds.
SALT, LAST = "case-offer", 3_600
LOOK_AGAIN = "How it can be answered was asked too long ago. Look at it again, and choose again."

ELSE = "It asks for something else now than when it was shown."


@dataclass(frozen=True)
class Offer:
    """`reasons` by decision, for each that was possible; `marks` by the cases' keys."""

    reasons: Mapping[Decision, tuple[Reason, ...]]
    marks: Mapping[int, str]

    def sealed(self) -> str:
        said = {
            "reasons": {
                decision.value: [[each.name, each.text] for each in reasons]
                for decision, reasons in self.reasons.items()
            },
            "marks": list(self.marks.items()),
        }
        return signing.dumps(said, salt=SALT, compress=True)


def unsealed(given: Mapping[str, str]) -> Offer:
    """Raises BadWords."""
    try:
        said = signing.loads(given.get("offer", ""), salt=SALT, max_age=LAST)
    except signing.BadSignature:
        raise BadWords(LOOK_AGAIN) from None
    return Offer(
        {
            Decision(of): tuple(Reason(*each) for each in told)
            for of, told in said["reasons"].items()
        },
        dict(said["marks"]),
    )


def marks_of(cases: Iterable[Case]) -> dict[int, str]:
    """What each asks for, in short. `cases` with their orders."""
    return {case.pk: mark_of(case) for case in cases}


def mark_of(case: Case) -> str:
    told = (seen_of(case, case.order), case.order.currency, case.kind, case.reason)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def usable(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Those that can be kept and sent."""
    return tuple(each for each in reasons if 0 < len(each.name) <= LONGEST_REASON)
