"""What became of a call that nobody answered: the marketplace is asked, and only when it shows that
nothing was done, long enough after the call, may the call be made again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from shipboard.channels.contract import Channel, Stage
from shipboard.channels.models import Shop
from shipboard.fulfilment.finishing import Ending, finish
from shipboard.fulfilment.targets import Looked, look
from shipboard.ingest.rereading import Why, reread
from shipboard.orders.attempts import Attempt
from shipboard.orders.models import Order

BATCH = 50
#: How long after its claim a call may still be on its way: longer than one may wait to begin
#: (calling.FRESH) and to be answered, with its turn of the limiter.
GRACE = timedelta(seconds=75)
#: An order that could not be read is asked about again after this.
AGAIN = timedelta(seconds=30)
#: So often a call is made for one attempt; then a person has to look.
MOST_CALLS = 8
ASKING = "The marketplace did not answer; the desk asks it what became of this."

State = Attempt.State


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
    taken = reread(shop, [each.order.order_id for each in attempts], Why.ASKED, clock(), channel)
    unread = {order_id for order_id, _ in taken.unreadable} | {*taken.absent, *taken.gone}
    now = clock()
    looked = look(attempts, now)
    endings = [
        _unread(each, asked_at)
        if each.order.order_id in unread or each.order_id not in looked.orders
        else decide(each, looked, now, asked_at)
        for each in attempts
    ]
    written = finish(endings, by=shop.get_channel_display(), now=now)
    return sum(not each.is_live for each in written)


def _unread(attempt: Attempt, asked_at: datetime) -> Ending:
    return Ending(
        attempt.pk, State.UNKNOWN, reason=ASKING, due_at=asked_at + AGAIN, calls=attempt.calls
    )


def decide(attempt: Attempt, looked: Looked, now: datetime, asked_at: datetime) -> Ending:
    """What the facts, read at `asked_at` (real time), say of a call whose outcome is unknown."""
    if attempt.kind == Attempt.Kind.CORRECT:
        parcel = attempt.parcel
        number = parcel.tracking_number if parcel else ""
        if number.upper() == attempt.tracking_number.upper():
            return Ending(attempt.pk, State.DONE, calls=attempt.calls)
        return _not_done(attempt, asked_at)
    if parcel := looked.parcel_under(attempt):
        return Ending(attempt.pk, State.DONE, package_id=parcel.package_id, calls=attempt.calls)
    if reason := looked.why_not(attempt, now):
        if _is_waiting(looked.orders[attempt.order_id]) and asked_at < _until(attempt):
            return _later(attempt)
        return Ending(
            attempt.pk,
            State.REFUSED,
            reason=f"It was not shipped under this number. {reason}",
            next_step="Look at the order as it is now.",
            calls=attempt.calls,
        )
    return _not_done(attempt, asked_at)


def _is_waiting(order: Order) -> bool:
    return order.stage in (Stage.AWAITING_SHIPMENT, Stage.PARTIALLY_SHIPPED)


def _until(attempt: Attempt) -> datetime:
    return (attempt.claimed_at or attempt.due_at) + GRACE


def _later(attempt: Attempt) -> Ending:
    return Ending(
        attempt.pk, State.UNKNOWN, reason=ASKING, due_at=_until(attempt), calls=attempt.calls
    )


def _not_done(attempt: Attempt, asked_at: datetime) -> Ending:
    """Nothing was done there, or nothing yet."""
    if asked_at < _until(attempt):
        return _later(attempt)
    if attempt.tries >= MOST_CALLS:
        return Ending(
            attempt.pk,
            State.REFUSED,
            reason=f"It was sent {attempt.tries} times, and the marketplace has not taken it.",
            next_step="Look the order up in Seller Center, and try again.",
            calls=attempt.calls,
        )
    return Ending(
        attempt.pk,
        State.WAITING,
        reason="The marketplace had done nothing of it; it is sent again.",
        due_at=asked_at,
        calls=attempt.calls,
    )
