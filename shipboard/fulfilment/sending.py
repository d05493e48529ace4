"""Sending what the outbox of a shop holds: one sender a shop, several calls at once. Each order is
read again before, each attempt is claimed before its call, and whatever is not known for certain
afterwards is asked for, never repeated.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, QuerySet

from shipboard.channels import registry
from shipboard.channels.contract import (
    Arranged,
    Channel,
    ChannelFailure,
    FailureKind,
    Outcome,
    Rejection,
)
from shipboard.channels.models import Shop
from shipboard.channels.registry import NotConnected
from shipboard.fulfilment import (
    answer_ends,
    answer_wishes,
    blocking,
    cancel_ends,
    outbox,
    queueing,
    repack_ends,
    ruling,
    settling,
)
from shipboard.fulfilment.calling import Call, Crew, Said
from shipboard.fulfilment.cancel_wishes import cancel_wish_of
from shipboard.fulfilment.correcting import why_not_correct
from shipboard.fulfilment.finishing import Ending, finish
from shipboard.fulfilment.label_wishes import label_wish_of
from shipboard.fulfilment.repack_wishes import order_ids_of, repacking_of
from shipboard.fulfilment.targets import Looked, is_only_parcel, look
from shipboard.ingest.line import LineLost
from shipboard.ingest.rereading import Why, reread
from shipboard.orders.attempts import Attempt, ClaimedUnit
from shipboard.orders.labels import Label

#: First key of the advisory locks that keep a shop from having two senders.
SEND_LOCK = 5_1007
#: Orders read at once before their shipments go, and after.
BATCH = 50
#: Who stops a shipment at the last look.
HERE = "Shipboard"
#: Claimed at once, for each caller: none waits for work while the others are called.
AHEAD = 3
#: After so many seconds (real time) a shop with much to send lets others in and queues up again.
TURN = 20.0
#: A call that failed for a moment is made again after so many seconds, by how often it was made.
PAUSES = (2, 5, 15, 30, 60, 120, 300)
#: So many calls in a row that got through to nobody: the marketplace cannot be reached.
UNREACHED = 5
#: Kinds that move no parcel but decide about an order.
DECISIONS = (Attempt.Kind.ANSWER, Attempt.Kind.CANCEL)

State = Attempt.State
Clock = Callable[[], datetime]
logger = logging.getLogger(__name__)


def carry_on(shop_pk: int, clock: Clock, wall: Clock) -> None:
    """One turn of a shop's outbox, unless another sender has it. `clock` gives the desk's present
    instant, `wall` the real one (UTC). Not inside a transaction."""
    shop = Shop.objects.filter(pk=shop_pk).first()
    if shop is None:
        return
    with _alone(shop_pk) as is_ours:
        if is_ours:
            send(shop, clock, wall)
    if at := outbox.next_due(shop_pk):
        # Whoever else sends looks once more at its own end; this is for when it does not.
        queueing.queue(
            queueing.SEND,
            shop_pk,
            at if is_ours else max(at, wall() + timedelta(seconds=5)),
            wall(),
        )


@contextmanager
def _alone(shop_pk: int) -> Iterator[bool]:
    """Whether nobody else sends for this shop; a killed sender's lock goes with its connection."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s, %s)", [SEND_LOCK, shop_pk])
        (is_ours,) = cursor.fetchone() or (False,)
        try:
            yield is_ours
        finally:
            if is_ours and connection.connection and not connection.connection.closed:
                cursor.execute("select pg_advisory_unlock(%s, %s)", [SEND_LOCK, shop_pk])


def send(shop: Shop, clock: Clock, wall: Clock) -> None:
    """Send and settle what is due, for at most a TURN. The caller is the shop's only sender. What
    keeps everything back is written down (blocking.py)."""
    ask_about_orphans(shop.pk)
    if blocking.is_blocked(shop.pk, wall()):
        return
    turn = _Turn(shop, clock, wall, lambda: registry.open_channel(shop))
    try:
        turn.go()
    except (ChannelFailure, NotConnected) as problem:
        blocking.block(shop.pk, problem, now=clock(), wall=wall())
    except LineLost:
        logger.info("The database was away for a moment; the next turn goes on.")


def ask_about_orphans(shop_pk: int) -> None:
    """Calls that a sender had claimed when it ended: nobody knows what became of them. There is one
    sender a shop, and that is us, so whatever is being called now is an orphan."""
    orphans = Attempt.objects.filter(shop=shop_pk, state=State.CALLING)
    Label.objects.filter(attempts__in=orphans).update(state=Label.State.UNKNOWN)
    orphans.update(
        state=State.UNKNOWN,
        due_at=F("claimed_at"),
        reason=settling.ASKING,
        tries=F("tries") + 1,
    )


@dataclass
class _Turn:
    """One sender at work. `ready`: calls of orders that were just read; `shipped`: orders to read
    again; `problem`: what stops everything."""

    shop: Shop
    clock: Clock
    wall: Clock
    open: Callable[[], Channel]
    ready: list[Call] = field(default_factory=list)
    shipped: list[str] = field(default_factory=list)
    problem: ChannelFailure | None = None
    unreached: int = 0

    def go(self) -> None:
        """Raises ChannelFailure and NotConnected when nothing can go, and LineLost."""
        ends = time.monotonic() + TURN
        channel = self.open()
        while settling.settle_due(self.shop, channel, self.clock, self.wall):
            pass
        callers = max(1, min(self.shop.in_flight, BATCH))
        with Crew(self.open, callers) as crew:
            try:
                self._work(crew, channel, ends, callers * AHEAD)
            finally:
                crew.stop()
                while crew.out:
                    self._take(crew.answers())
        if self.problem:
            raise self.problem
        blocking.unblock(self.shop.pk)
        self._read_again(channel, least=1)

    def _work(self, crew: Crew, channel: Channel, ends: float, most_out: int) -> None:
        """Few are claimed at a time, so that each is called soon after; the orders of the next are
        read while callers wait for their answers."""
        while time.monotonic() < ends and not self.problem:
            if not self.ready and crew.out < most_out:
                self.ready = self._read(channel, self._due())
            now_on = self.ready[: max(0, most_out - crew.out)]
            if now_on:
                self.ready = self.ready[len(now_on) :]
                crew.give(self._claim(now_on))
            elif not crew.out:
                break
            self._take(crew.answers())
            self._read_again(channel, least=BATCH)

    def _waiting(self) -> QuerySet[Attempt]:
        return outbox.due(self.wall()).filter(shop=self.shop.pk, state=State.WAITING)

    def _due(self) -> list[Attempt]:
        due = self._waiting()
        return list(due.select_related("order").order_by("is_bulk", "due_at", "pk")[:BATCH])

    def _read(self, channel: Channel, batch: list[Attempt]) -> list[Call]:
        """Calls of those that may still go, by what the marketplace says of their orders now."""
        if not batch:
            return []
        about = _orders_of(batch)
        ids = [order_id for of_one in about.values() for order_id in of_one]
        taken = reread(self.shop, ids, Why.ASKED, self.clock(), channel)
        unread = {order_id for order_id, _ in taken.unreadable} | {*taken.absent, *taken.gone}
        now = self.clock()
        looked, against = look(batch, now), ruling.why_not_still(batch, now)
        ready, endings = [], []
        for attempt in batch:
            if attempt.order_id not in looked.orders:
                continue  # its shop is being removed
            if not unread.isdisjoint(about[attempt.pk]):
                endings.append(_unread(attempt))
            elif ending := _stopped(attempt, looked, channel, now, against):
                endings.append(ending)
            else:
                ready.append(_call(attempt, looked))
        if endings:
            finish(endings, by=HERE, now=now)
        return ready

    @transaction.atomic
    def _claim(self, ready: Sequence[Call]) -> list[Call]:
        """Committed before any of them is made, so that a crash leaves a trace of each."""
        by_pk = {call.attempt: call for call in ready}
        locked = self._waiting().filter(pk__in=by_pk).order_by("pk").select_for_update(of=("self",))
        # One that has been called since its order was read is read again.
        mine = {each.pk for each in locked if each.calls == by_pk[each.pk].calls - 1}
        Attempt.objects.filter(pk__in=mine).update(
            state=State.CALLING, claimed_at=self.wall(), calls=F("calls") + 1
        )
        claimed, at = time.monotonic(), self.clock()
        return [replace(call, claimed=claimed, at=at) for call in ready if call.attempt in mine]

    def _take(self, answers: Sequence[Said]) -> None:
        """Write down what the marketplace said."""
        if not answers:
            return
        wall = self.wall()
        finish(
            [ending_of(each, wall) for each in answers],
            by=self.shop.get_channel_display(),
            now=self.clock(),
        )
        for each in answers:
            if each.accepted:
                self.shipped += [each.call.order_id, *each.call.others]
                self.unreached = 0
            elif each.failure:
                self._weigh(each.failure)

    def _weigh(self, failure: ChannelFailure) -> None:
        is_lost = failure.kind is FailureKind.TRANSIENT and not failure.code
        self.unreached = self.unreached + 1 if is_lost else 0
        if failure.kind in blocking.STOPPING or self.unreached >= UNREACHED:
            self.problem = self.problem or failure

    def _read_again(self, channel: Channel, *, least: int) -> None:
        """What was shipped is news. Should this fail, the next poll brings it."""
        while len(self.shipped) >= least:
            ids, self.shipped = self.shipped[:BATCH], self.shipped[BATCH:]
            try:
                reread(self.shop, ids, Why.ASKED, self.clock(), channel)
            except (ChannelFailure, LineLost):
                logger.info("Orders just shipped could not be read; the next poll brings them.")
                self.shipped.clear()


def _orders_of(batch: Sequence[Attempt]) -> Mapping[int, tuple[str, ...]]:
    """By attempt the ids of every order that it is about, those in its package too."""
    found = {each.pk: order_ids_of(each) for each in batch}
    inside = ClaimedUnit.objects.filter(attempt__in=found).exclude(order=F("attempt__order"))
    for pk, order_id in inside.values_list("attempt", "order__order_id").distinct():
        found[pk] = tuple(dict.fromkeys((*found[pk], order_id)))
    return found


def _stopped(
    attempt: Attempt, looked: Looked, channel: Channel, now: datetime, against: Mapping[int, str]
) -> Ending | None:
    """Why it does not go after all, or that it has gone already; None: it goes. `against`: what
    keeps back approvals of rules (ruling.why_not_still)."""
    if attempt.kind in DECISIONS:
        return _stopped_decision(attempt, looked, channel, now, against)
    if attempt.kind == Attempt.Kind.CORRECT:
        order = looked.order(attempt)
        if reason := why_not_correct(order, attempt.parcel, now, but=attempt):
            return Ending(attempt.pk, State.REFUSED, reason=reason)
        return None
    if attempt.kind == Attempt.Kind.REPACK:
        return _stopped_repack(attempt, now)
    if not (reason := looked.why_not(attempt, now)):
        return None
    if parcel := looked.parcel_of(attempt):
        return Ending(attempt.pk, State.DONE, package_id=parcel.package_id)
    return _refused(attempt, reason)


def _stopped_decision(
    attempt: Attempt, looked: Looked, channel: Channel, now: datetime, against: Mapping[int, str]
) -> Ending | None:
    order = looked.order(attempt)
    if attempt.kind == Attempt.Kind.ANSWER:
        if answer_ends.has_become(attempt, order, channel.has_come_of):
            return Ending(attempt.pk, State.DONE)
        reason = answer_ends.why_not_now(attempt, order, now) or against.get(attempt.pk, "")
    else:
        claimed, waiting = looked.claimed(attempt), looked.waiting(attempt)
        reason = cancel_ends.why_not_now(attempt, order, claimed, waiting, now)
        if reason and attempt.tries:
            # That may be the doing of its earlier call.
            return Ending(attempt.pk, State.UNKNOWN, reason=settling.ASKING)
    return _refused(attempt, reason) if reason else None


def _stopped_repack(attempt: Attempt, now: datetime) -> Ending | None:
    orders = repack_ends.orders_of(attempt, now)
    if orders and repack_ends.has_become(attempt, orders):
        return Ending(attempt.pk, State.DONE)
    reason = repack_ends.why_not_now(attempt, orders, now)
    return _refused(attempt, reason) if reason else None


def _refused(attempt: Attempt, reason: str, next_step: str = settling.LOOK) -> Ending:
    return Ending(
        attempt.pk,
        State.REFUSED,
        reason=reason,
        next_step=next_step,
        rejection=Rejection.ORDER_STATE,
    )


def _unread(attempt: Attempt) -> Ending:
    return _refused(
        attempt,
        "The marketplace tells nothing of this order now, so nothing was sent.",
        "Look the order up in Seller Center; try again once it is read here.",
    )


def _call(attempt: Attempt, looked: Looked) -> Call:
    order = looked.orders[attempt.order_id]
    asks, kind = attempt.asks or {}, attempt.kind
    case = answer_ends.case_of(attempt, order) if kind == Attempt.Kind.ANSWER else None
    return Call(
        attempt=attempt.pk,
        calls=attempt.calls + 1,
        tries=attempt.tries + 1,
        order_id=order.order_id,
        target=looked.target(attempt),
        kind=kind,
        tracking_number=attempt.tracking_number,
        carrier_id=attempt.carrier_id,
        arrangement=label_wish_of(asks).arrangement() if kind == Attempt.Kind.LABEL else None,
        repacking=repacking_of(asks) if kind == Attempt.Kind.REPACK else None,
        case=answer_wishes.target_of(case, order) if case else None,
        answer=answer_wishes.answer_of(asks) if case else None,
        key=answer_wishes.key_of(asks) if case else "",
        cancel=cancel_wish_of(asks) if kind == Attempt.Kind.CANCEL else None,
        is_only=is_only_parcel(order),
        others=order_ids_of(attempt)[1:],
    )


def ending_of(said: Said, wall: datetime) -> Ending:
    """What an answer makes of the attempt; `wall` is real time."""
    call, failure = said.call, said.failure
    pk, calls, tries = call.attempt, call.calls, call.tries
    if said.accepted:
        arranged = said.accepted if isinstance(said.accepted, Arranged) else None
        if arranged and not arranged.package_id:
            # It was bought, and only the order tells in which package.
            return Ending(
                pk, State.UNKNOWN, reason=settling.ASKING, due_at=wall, calls=calls, tries=tries
            )
        return Ending(
            pk,
            State.DONE,
            package_id=said.accepted.package_id,
            warning="" if isinstance(said.accepted, Arranged) else said.accepted.warning,
            due_at=wall,
            calls=calls,
            tries=tries,
            arranged=arranged,
        )
    if failure is None:
        return Ending(pk, State.WAITING, due_at=wall, calls=calls)
    told = Ending(
        pk,
        State.REFUSED,
        reason=failure.sentence,
        next_step=failure.next_step,
        code=failure.code,
        words=failure.words,
        request_id=failure.request_id,
        calls=calls,
        tries=tries,
        rejection=failure.rejection or "",
    )
    if failure.outcome is not Outcome.NONE or failure.kind is FailureKind.ALREADY_DONE:
        return replace(told, state=State.UNKNOWN, reason=settling.ASKING, due_at=wall)
    if failure.kind in blocking.PASSING and tries < settling.MOST_CALLS:
        pause = timedelta(seconds=PAUSES[min(tries, len(PAUSES)) - 1])
        return replace(told, state=State.WAITING, due_at=wall + pause)
    if call.cancel and tries > 1:
        # An earlier call may have done it, so its refusal is not the end.
        return replace(told, state=State.UNKNOWN, due_at=wall)
    return told
