"""What became of a call that nobody answered: the marketplace is asked, and only when it shows that
nothing was done, long enough after the call, may the call be made again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from shipboard.channels.contract import (
    Arranged,
    CaseFact,
    Channel,
    ChannelFailure,
    Rejection,
    Stage,
)
from shipboard.channels.models import Shop
from shipboard.fulfilment import answer_ends, cancel_ends, repack_ends
from shipboard.fulfilment.blocking import PASSING, STOPPING
from shipboard.fulfilment.finishing import Ending, finish
from shipboard.fulfilment.repack_wishes import order_ids_of
from shipboard.fulfilment.targets import Looked, look
from shipboard.ingest.rereading import Why, reread
from shipboard.orders.attempts import SETTLES, Attempt
from shipboard.orders.models import Order

BATCH = 50
#: How long after its claim a call may still be on its way: longer than one may wait to begin
#: (calling.FRESH) and to be answered, with its turn of the limiter.
GRACE = timedelta(seconds=75)
#: An order that could not be read is asked about again after this.
AGAIN = timedelta(seconds=30)
#: So often a call is made for one attempt; then a person has to look.
MOST_CALLS = 8
NOT_SHIPPED = {
    Attempt.Kind.SHIP: "It was not shipped under this number.",
    Attempt.Kind.LABEL: "No label was created.",
    Attempt.Kind.REPACK: "Nothing was repacked.",
    Attempt.Kind.MARK: "It was not marked as shipped.",
    Attempt.Kind.ANSWER: "The marketplace did not take the answer.",
    Attempt.Kind.CANCEL: "It was not canceled from here.",
}
LOOK = "Look at the order as it is now."
ASKING = "The marketplace did not answer; the desk asks it what became of this."

State = Attempt.State
#: All cancellations of orders at the marketplace, by the orders' numbers.
Cancellations = Mapping[str, Sequence[CaseFact]]


def settle_due(
    shop: Shop, channel: Channel, clock: Callable[[], datetime], wall: Callable[[], datetime]
) -> int:
    """Settle what is unknown and due, up to fifty; how many came to an end. Raises ChannelFailure
    and LineLost, with nothing changed."""
    due = Attempt.objects.filter(shop=shop.pk, state=State.UNKNOWN, due_at__lte=wall())
    attempts = list(due.select_related("order").order_by("due_at", "pk")[:BATCH])
    if not attempts:
        return 0
    # From before the question: what is on its way then is still given its time.
    asked_at = wall()
    ids = [order_id for each in attempts for order_id in order_ids_of(each)]
    taken = reread(shop, ids, Why.ASKED, clock(), channel)
    unread = {order_id for order_id, _ in taken.unreadable} | {*taken.absent, *taken.gone}
    now = clock()
    looked, cases = look(attempts, now), _cancellations(attempts, channel)
    by_pk = {each.pk: each for each in attempts}
    endings = [
        _unread(each, asked_at)
        if not unread.isdisjoint(order_ids_of(each)) or each.order_id not in looked.orders
        else decide(each, looked, cases, channel, now, asked_at)
        for each in attempts
    ]
    endings = [_looked_up(ending, by_pk[ending.pk], channel, asked_at) for ending in endings]
    written = finish(endings, by=shop.get_channel_display(), now=now)
    return sum(not each.is_live for each in written)


def _unread(attempt: Attempt, asked_at: datetime) -> Ending:
    return _unknown(attempt, asked_at + AGAIN)


def _unknown(attempt: Attempt, due_at: datetime) -> Ending:
    """Asked about again; what was said of it stays."""
    return Ending(
        attempt.pk,
        State.UNKNOWN,
        reason=attempt.reason or ASKING,
        next_step=attempt.next_step,
        code=attempt.code,
        words=attempt.words,
        request_id=attempt.request_id,
        due_at=due_at,
        calls=attempt.calls,
    )


def _is_cancel(attempt: Attempt) -> bool:
    return attempt.kind == Attempt.Kind.CANCEL


def _cancellations(attempts: Iterable[Attempt], channel: Channel) -> Cancellations:
    """Of the orders that were to be canceled, asked for at once; where the marketplace refuses
    that, of each, and those that it tells nothing of are left out. Raises ChannelFailure."""
    ids = [each.order.order_id for each in attempts if _is_cancel(each)]
    found: dict[str, Sequence[CaseFact]] = {}
    for some in (ids, *([each] for each in ids)):
        lacking = [each for each in some if each not in found]
        try:
            told = channel.cases_of(lacking).cases if lacking else ()
        except ChannelFailure as failure:
            if failure.kind in PASSING:
                raise
            continue
        found |= {each: [case for order_id, case in told if order_id == each] for each in lacking}
    return found


def decide(
    attempt: Attempt,
    looked: Looked,
    cases: Cancellations,
    channel: Channel,
    now: datetime,
    asked_at: datetime,
) -> Ending:
    """What the facts, read at `asked_at` (real time), say of a call whose outcome is unknown."""
    if attempt.kind == Attempt.Kind.ANSWER:
        return _decide_answer(attempt, looked, channel, now, asked_at)
    if attempt.kind == Attempt.Kind.CANCEL:
        return _decide_cancel(attempt, looked, cases, now, asked_at)
    if attempt.kind == Attempt.Kind.CORRECT:
        parcel = attempt.parcel
        number = parcel.tracking_number if parcel else ""
        if number.upper() == attempt.tracking_number.upper():
            return Ending(attempt.pk, State.DONE, calls=attempt.calls)
        return _not_done(attempt, asked_at)
    if attempt.kind == Attempt.Kind.REPACK:
        return _decide_repack(attempt, now, asked_at)
    if parcel := looked.parcel_of(attempt):
        return Ending(
            attempt.pk,
            State.DONE,
            package_id=parcel.package_id,
            due_at=asked_at,
            calls=attempt.calls,
        )
    if attempt.kind == Attempt.Kind.LABEL and looked.has_left(attempt):
        # It is arranged, and the channel does not say yet in which package.
        return _unread(attempt, asked_at)
    if reason := looked.why_not(attempt, now):
        return _stopped(attempt, looked.orders[attempt.order_id], reason, asked_at)
    return _not_done(attempt, asked_at)


def _decide_answer(
    attempt: Attempt, looked: Looked, channel: Channel, now: datetime, asked_at: datetime
) -> Ending:
    order = looked.order(attempt)
    if answer_ends.has_become(attempt, order, channel.has_come_of):
        return Ending(attempt.pk, State.DONE, calls=attempt.calls)
    if not (reason := answer_ends.why_not_now(attempt, order, now)):
        return _not_done(attempt, asked_at)
    # While the case waits, a call that is still on its way is taken all the same.
    if answer_ends.waits_still(attempt, order) and asked_at < _until(attempt):
        return _later(attempt, asked_at)
    return _refused(attempt, reason)


def _decide_cancel(
    attempt: Attempt, looked: Looked, cases: Cancellations, now: datetime, asked_at: datetime
) -> Ending:
    order = looked.order(attempt)
    if order.order_id not in cases:
        return _unread(attempt, asked_at)
    claimed, waiting = looked.claimed(attempt), looked.waiting(attempt)
    if cancel_ends.has_become(attempt, order, claimed, cases[order.order_id]):
        return Ending(attempt.pk, State.DONE, calls=attempt.calls)
    if not (reason := cancel_ends.why_not_now(attempt, order, claimed, waiting, now)):
        return _not_done(attempt, asked_at)
    # It may be canceled until somebody has; and who has, its list may tell later than the order.
    is_ours = cancel_ends.is_by_seller(order)
    if (is_ours or order.stage != Stage.CANCELED) and asked_at < _until(attempt):
        return _later(attempt, asked_at)
    if is_ours:
        return Ending(attempt.pk, State.DONE, calls=attempt.calls)
    return _refused(attempt, reason)


def _decide_repack(attempt: Attempt, now: datetime, asked_at: datetime) -> Ending:
    orders = repack_ends.orders_of(attempt, now)
    if not orders:
        return _unread(attempt, asked_at)
    if repack_ends.has_become(attempt, orders):
        return Ending(attempt.pk, State.DONE, calls=attempt.calls)
    if reason := repack_ends.why_not_now(attempt, orders, now):
        return _stopped(attempt, orders[0], reason, asked_at)
    return _not_done(attempt, asked_at)


def _stopped(attempt: Attempt, order: Order, reason: str, asked_at: datetime) -> Ending:
    """It did not happen, and cannot any more; unless its call may still be on its way."""
    if _is_waiting(order) and asked_at < _until(attempt):
        return _later(attempt, asked_at)
    return _refused(attempt, reason)


def _refused(attempt: Attempt, reason: str) -> Ending:
    return Ending(
        attempt.pk,
        State.REFUSED,
        reason=f"{NOT_SHIPPED[Attempt.Kind(attempt.kind)]} {reason}",
        next_step=LOOK,
        calls=attempt.calls,
        rejection=Rejection.ORDER_STATE,
    )


def _looked_up(ending: Ending, attempt: Attempt, channel: Channel, asked_at: datetime) -> Ending:
    """Before a label is asked for once more its package is read: it may know more than the order
    does. Where the marketplace refuses to tell of it, this one ends, and is never bought again by
    itself. Raises ChannelFailure."""
    is_label = attempt.kind == Attempt.Kind.LABEL and attempt.package_id
    if not is_label or ending.state != State.WAITING:
        return ending
    try:
        package = channel.package(attempt.package_id)
    except ChannelFailure as failure:
        if failure.kind in STOPPING:
            raise
        if failure.kind in PASSING:
            return _unread(attempt, asked_at)
        return _not_told(ending, failure)
    if package.is_arranging:
        return _unread(attempt, asked_at)
    if not package.is_arranged:
        return ending
    arranged = Arranged(
        package_id=package.package_id,
        carrier=package.carrier,
        tracking_number=package.tracking_number,
    )
    return replace(ending, state=State.DONE, reason="", due_at=asked_at, arranged=arranged)


def _not_told(ending: Ending, failure: ChannelFailure) -> Ending:
    return replace(
        ending,
        state=State.REFUSED,
        reason=failure.sentence,
        next_step="Look the order up in Seller Center before its label is created anew.",
        code=failure.code,
        words=failure.words,
        request_id=failure.request_id,
        rejection=failure.rejection or Rejection.ORDER_STATE,
    )


def _is_waiting(order: Order) -> bool:
    return order.stage in (Stage.AWAITING_SHIPMENT, Stage.PARTIALLY_SHIPPED)


def _until(attempt: Attempt) -> datetime:
    """Until when it may still be done, or told of. A cancellation has no key: it is made again
    only when no list can lag behind any more."""
    return (attempt.claimed_at or attempt.due_at) + (SETTLES if _is_cancel(attempt) else GRACE)


def _later(attempt: Attempt, asked_at: datetime) -> Ending:
    return _unknown(attempt, min(_until(attempt), asked_at + GRACE))


def _not_done(attempt: Attempt, asked_at: datetime) -> Ending:
    """Nothing was done there, or nothing yet."""
    if asked_at < _until(attempt):
        return _later(attempt, asked_at)
    if attempt.reason not in ("", ASKING):
        # The call made last was refused, and none before it has done anything.
        refused = _unknown(attempt, asked_at)
        return replace(refused, state=State.REFUSED, rejection=Rejection.ORDER_STATE)
    if attempt.tries >= MOST_CALLS:
        return Ending(
            attempt.pk,
            State.REFUSED,
            reason=f"It was sent {attempt.tries} times, and the marketplace has not taken it.",
            next_step="Look the order up in Seller Center, and try again.",
            calls=attempt.calls,
            rejection=Rejection.SYSTEM,
        )
    return Ending(
        attempt.pk,
        State.WAITING,
        reason="The marketplace had done nothing of it; it is sent again.",
        due_at=asked_at,
        calls=attempt.calls,
    )
