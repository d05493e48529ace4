"""What follows a sale, as a channel tells of it and takes decisions on it: what a case waits for,
how it can be decided now and with which reasons, what was said in it, and cancellations by sellers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class CaseStep(StrEnum):
    """What a case waits for the seller to do; blank: nothing, or the channel does not say. OTHER:
    something that we do not know."""

    CANCEL = "cancel"
    REFUND = "refund"
    RETURN = "return"
    #: What came back has arrived.
    PACKAGE = "package"
    REPLACEMENT = "replacement"
    OTHER = "other"
    NOTHING = ""


class Decision(StrEnum):
    APPROVE_CANCEL = "approve_cancel"
    REJECT_CANCEL = "reject_cancel"
    APPROVE_REFUND = "approve_refund"
    REJECT_REFUND = "reject_refund"
    #: The buyer sends it back, and is refunded when it has arrived.
    APPROVE_RETURN = "approve_return"
    REJECT_RETURN = "reject_return"
    #: The buyer is refunded at once and keeps it.
    REFUND_WITHOUT_RETURN = "refund_without_return"
    APPROVE_PACKAGE = "approve_package"
    REJECT_PACKAGE = "reject_package"
    APPROVE_REPLACEMENT = "approve_replacement"
    REJECT_REPLACEMENT = "reject_replacement"
    #: The money instead of another item.
    REFUND_INSTEAD = "refund_instead"
    #: A part of the money, which the buyer may refuse; at the request, or once it has come back.
    OFFER_PART = "offer_part"
    OFFER_PART_AFTER = "offer_part_after"

    @property
    def is_rejection(self) -> bool:
        return self.value.startswith("reject_")

    @property
    def is_offer(self) -> bool:
        return self in (Decision.OFFER_PART, Decision.OFFER_PART_AFTER)


#: Of CaseFact.dispute: the channel decides at this moment.
IN_DISPUTE = "in_progress"


@dataclass(frozen=True, slots=True)
class CaseStatus:
    """What a channel's name of where a case stands means. `words`: for people. `goes_on`: without
    the seller, as the buyer sends something back or thinks about an answer, or the channel decides.
    `is_refunded`: the buyer has the money back, or soon."""

    words: str
    goes_on: bool = False
    is_refunded: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """`name` is the channel's key, `text` its words."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionFact:
    """Whether a case may be decided so now. `why_not`: the channel's sentence; blank: it may.
    `reasons`: those that this decision needs one of; none: it needs none."""

    decision: Decision
    why_not: str = ""
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTarget:
    """A case as a call names it; `is_cancellation`, else a return of any kind."""

    order_id: str
    case_id: str
    is_cancellation: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture that backs a decision; `media_type` image/jpeg or image/png, sides in pixels."""

    content: bytes
    media_type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A decision with what it needs. `reason_text`: the reason in words, for people. `amount` and
    `currency`: of an offer. `pictures`: what Channel.upload_picture gave for each."""

    decision: Decision
    reason: str = ""
    reason_text: str = ""
    comment: str = ""
    amount: Decimal | None = None
    currency: str = ""
    pictures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRecord:
    """Something that happened in a case. `by`: buyer, seller, system or operator. `note` is what
    that person wrote (personal data), `pictures` and `videos` are addresses at the channel."""

    at: datetime | None = None
    by: str = ""
    words: str = ""
    reason: str = ""
    note: str = ""
    pictures: tuple[str, ...] = ()
    videos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOptions:
    """What a seller may cancel of an order now. `unit_ids`: the units that may be; `why_not`: why
    none may (or why the rest may not), in the channel's words. `reasons`: that fit all of these
    units. `part_reasons`: for some of them only; none: only all together."""

    unit_ids: tuple[str, ...] = ()
    why_not: str = ""
    reasons: tuple[Reason, ...] = ()
    part_reasons: tuple[Reason, ...] = ()
