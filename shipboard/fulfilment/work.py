"""What a run does with one order: the verb as a person would do it, or the reason to leave it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from shipboard.accounts.access import Access
from shipboard.fulfilment.allowed import Verb, why_not
from shipboard.fulfilment.answer_wishes import OTHER, answer_of, is_other
from shipboard.fulfilment.answering import ask_to_answer
from shipboard.fulfilment.cancel_wishes import cancel_wish_of
from shipboard.fulfilment.canceling import ask_to_cancel
from shipboard.fulfilment.label_wishes import label_wish_of
from shipboard.fulfilment.labelling import ask_to_label
from shipboard.fulfilment.marking import mark_shipped
from shipboard.fulfilment.shipping import ask_to_ship, wish_of, without_request
from shipboard.fulfilment.wishes import Wishes
from shipboard.orders.attempts import Attempt
from shipboard.orders.flags import set_flag
from shipboard.orders.holds import place_hold, release_hold
from shipboard.orders.models import Case, Order
from shipboard.orders.notes import add_note


@dataclass(frozen=True, slots=True)
class Task:
    """One row of a run: what all of it was begun with, and what this order alone has. `now` is the
    desk's clock, `wall` real time."""

    wishes: Wishes
    access: Access
    now: datetime
    wall: datetime
    wish: Mapping[str, Any] | None = None


#: Why the order was left as it was; the attempt that says what becomes of it; blank: done.
Result = str | Attempt
#: Does the verb. Raises Refused.
Work = Callable[[Order, Task], Result]
DONE = ""


def _note(order: Order, task: Task) -> Result:
    add_note(order, text=task.wishes.text, by=task.access.by, now=task.now)
    return DONE


def _flag(order: Order, task: Task) -> Result:
    colour = task.wishes.colour
    if set_flag(order, colour, by=task.access.by, now=task.now):
        return DONE
    return f"It is flagged {colour} already." if colour else "It has no flag."


def _hold(order: Order, task: Task) -> Result:
    if reason := why_not(Verb.HOLD, order, task.now):
        return reason
    place_hold(
        order,
        reason=task.wishes.reason,
        by=task.access.by,
        now=task.now,
        until=task.wishes.until,
        remind_at=task.wishes.remind_at,
    )
    return DONE


def _release(order: Order, task: Task) -> Result:
    if reason := why_not(Verb.RELEASE, order, task.now):
        return reason
    release_hold(order, by=task.access.by, now=task.now)
    return DONE


def _ship(order: Order, task: Task) -> Result:
    return ask_to_ship(
        order,
        without_request(wish_of(task.wish or {})),
        access=task.access,
        now=task.now,
        wall=task.wall,
        is_bulk=True,
    )


def _label(order: Order, task: Task) -> Result:
    return ask_to_label(
        order,
        replace(label_wish_of(task.wish or {}), despite_request=False),
        access=task.access,
        now=task.now,
        wall=task.wall,
        is_bulk=True,
    )


def _mark(order: Order, task: Task) -> Result:
    return mark_shipped(order, access=task.access, now=task.now, wall=task.wall, is_bulk=True)


def _cancel(order: Order, task: Task) -> Result:
    wish = task.wish or {}
    return ask_to_cancel(
        order,
        cancel_wish_of(wish),
        access=task.access,
        now=task.now,
        wall=task.wall,
        stage=wish.get("stage", ""),
        is_bulk=True,
    )


def _answer(order: Order, task: Task) -> Result:
    wish = task.wish or {}
    case = Case.objects.filter(pk=wish["case"], order=order).first()
    if case is None:
        return "The case is not there any more."
    if is_other(wish, case):
        return OTHER
    return ask_to_answer(
        case,
        answer_of(wish),
        access=task.access,
        now=task.now,
        wall=task.wall,
        stage=wish.get("stage", ""),
        is_bulk=True,
    )


WORK: Mapping[Verb, Work] = {
    Verb.NOTE: _note,
    Verb.FLAG: _flag,
    Verb.HOLD: _hold,
    Verb.RELEASE: _release,
    Verb.ADD_SHIPMENT: _ship,
    Verb.CREATE_LABEL: _label,
    Verb.MARK_SHIPPED: _mark,
    Verb.CANCEL: _cancel,
    Verb.ANSWER_CANCELLATION: _answer,
    Verb.ANSWER_RETURN: _answer,
}
#: Those that need a wish of its own for each order (runs.begin_each).
EACH_ITS_OWN = (
    Verb.ADD_SHIPMENT,
    Verb.CREATE_LABEL,
    Verb.CANCEL,
    Verb.ANSWER_CANCELLATION,
    Verb.ANSWER_RETURN,
)
