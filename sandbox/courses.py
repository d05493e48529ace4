"""What became of orders, from the ledger: what was shipped, asked, decided and canceled, when and
by whom. For proofs that nothing is shipped which was canceled first, nor canceled that had shipped.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.aftersales.once import DECIDED, REPEATED
from sandbox.books import Entry
from sandbox.fulfilment.arranging import LABEL_BOUGHT, SHIPPED
from sandbox.shipments import STEPPED_BACK

if TYPE_CHECKING:
    from sandbox.market import Market

CANCELED, ASKED = "cancelled", "cancel_requested"
#: How a buyer's request ended.
ENDS = ("cancel_approved", "cancel_rejected", "cancel_withdrawn", "cancel_closed")
SELLER, BUYER = "SELLER", "BUYER"


@dataclass(frozen=True)
class Step:
    """One thing that happened to units (ids of lines), at the ledger's line `number` and a second
    of the marketplace's time. `what`: label_bought, shipped, cancelled. `was`: where they were.
    `back`: the line since when the platform has had the order await shipment again."""

    number: int
    at: int
    what: str
    units: tuple[str, ...]
    by: str = SELLER
    was: tuple[str, ...] = ()
    back: int = 0


@dataclass
class Request:
    """A buyer's request to cancel. `ended`: the ledger's line, 0 while it waits; `how`: of ENDS."""

    cancel_id: str
    number: int
    at: int
    units: tuple[str, ...]
    ended: int = 0
    how: str = ""
    by: str = ""


@dataclass(frozen=True)
class Decided:
    """A decision that a call took, under its key; `repeats`: how often the key came again."""

    case_id: str
    operation: str
    at: int
    key: str
    repeats: int = 0


@dataclass
class Course:
    """An order's, in the order in which things happened."""

    shop: str
    order_id: str
    steps: list[Step] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    decided: list[Decided] = field(default_factory=list)
    #: The ledger's line at which the platform took the order back, if it did.
    back: int = 0


def courses(market: Market, shop: str = "") -> list[Course]:
    """Of every order that anything of this happened to; of one shop, or of all."""
    wanted = {"shop": shop} if shop else {}
    found: dict[tuple[str, str], Course] = {}
    for number, entry in enumerate(market.books.ledger(**wanted), start=1):
        for order_id in entry.detail.get("orders") or [entry.order_id]:
            key = (entry.shop, order_id)
            course = found.get(key) or Course(*key)
            if _enter(course, number, entry):
                found[key] = course
    return list(found.values())


def shipped_after_cancel(market: Market, shop: str = "") -> list[tuple[Course, Step]]:
    """Shipments and labels of units that were canceled by then, or that their buyer was waiting for
    an answer about."""
    return [
        (course, step)
        for course in courses(market, shop)
        for step in course.steps
        if step.what != CANCELED and (_is_canceled(course, step) or _is_asked_for(course, step))
    ]


def canceled_after_shipping(market: Market, shop: str = "") -> list[tuple[Course, Step]]:
    """Cancellations that the seller made, or approved, of units that had been shipped by then."""
    return [
        (course, step)
        for course in courses(market, shop)
        for step in course.steps
        if step.what == CANCELED and _is_shipped(course, step) and _is_sellers(course, step)
    ]


def _enter(course: Course, number: int, entry: Entry) -> bool:
    detail = entry.detail
    if entry.what in (SHIPPED, LABEL_BOUGHT):
        units = tuple(detail.get("units") or ())
        course.steps.append(Step(number, entry.at, entry.what, units))
    elif entry.what == CANCELED:
        was = tuple(detail.get("was") or ())
        by = detail["by"]
        units = tuple(detail["lines"])
        course.steps.append(Step(number, entry.at, CANCELED, units, by, was, course.back))
    elif entry.what == ASKED:
        units = tuple(detail.get("lines") or ())
        course.requests.append(Request(detail["cancel_id"], number, entry.at, units))
    elif entry.what in ENDS:
        _end(course, detail["cancel_id"], number, entry.what, detail["by"])
    elif entry.what == DECIDED:
        course.decided.append(
            Decided(detail["case_id"], detail["operation"], entry.at, detail["key"])
        )
    elif entry.what == REPEATED:
        _repeat(course, detail["key"])
    elif entry.what == STEPPED_BACK and detail["to"] == "AWAITING_SHIPMENT":
        course.back = number
    else:
        return False
    return True


def _end(course: Course, cancel_id: str, number: int, how: str, by: str) -> None:
    for one in course.requests:
        if one.cancel_id == cancel_id and not one.ended:
            one.ended, one.how, one.by = number, how, by


def _repeat(course: Course, key: str) -> None:
    course.decided = [
        Decided(one.case_id, one.operation, one.at, one.key, one.repeats + (one.key == key))
        for one in course.decided
    ]


def _is_shipped(course: Course, step: Step) -> bool:
    gone = (
        other
        for other in course.steps
        if other.what == SHIPPED and step.back < other.number < step.number
    )
    return any(not set(other.units).isdisjoint(step.units) for other in gone)


def _is_sellers(course: Course, step: Step) -> bool:
    """What a buyer asked for counts where the seller approved it, not silence or the platform."""
    if step.by != BUYER:
        return step.by == SELLER
    ended = [one for one in course.requests if one.ended and one.ended < step.number]
    last = max(ended, key=lambda one: one.ended, default=None)
    return last is not None and (last.how, last.by) == ("cancel_approved", SELLER)


def _is_canceled(course: Course, step: Step) -> bool:
    gone = {
        unit
        for other in course.steps
        if other.what == CANCELED and other.number < step.number
        for unit in other.units
    }
    return not gone.isdisjoint(step.units)


def _is_asked_for(course: Course, step: Step) -> bool:
    """Whether a request for one of the units was open just before."""
    return any(
        one.number < step.number
        and (not one.ended or one.ended > step.number)
        and not set(one.units).isdisjoint(step.units)
        for one in course.requests
    )
