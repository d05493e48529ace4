"""The calls themselves, several at once: threads that take claimed attempts and bring back what the
marketplace said. They decide nothing and write nothing of attempts.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType

from django.db import connection

from shipboard.channels.case_contract import Answer, CaseTarget
from shipboard.channels.contract import (
    Accepted,
    Arranged,
    Arrangement,
    Channel,
    ChannelFailure,
    Combinable,
    FailureKind,
    Outcome,
    ShipTarget,
)
from shipboard.fulfilment.cancel_wishes import CancelWish
from shipboard.fulfilment.last_look import GOING, is_being_canceled
from shipboard.fulfilment.repack_wishes import Repacking, Way
from shipboard.orders.attempts import Attempt

#: A call begins within so many seconds of its claim, or not at all: whoever asks what became of it
#: waits longer than this (settling.GRACE).
FRESH = 15.0
#: How long to wait for an answer before looking for other things to do.
PATIENCE = 0.05

NEVER = datetime.min.replace(tzinfo=UTC)
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One attempt's call. `calls` is the attempt's count of claims with this one, `tries` that of
    calls made. `is_only`: the order has no
    other parcel. `others`: orders that it is about besides. `claimed`: by time.monotonic."""

    attempt: int
    calls: int
    tries: int
    order_id: str
    target: ShipTarget
    kind: str
    tracking_number: str = ""
    carrier_id: str = ""
    arrangement: Arrangement | None = None
    repacking: Repacking | None = None
    case: CaseTarget | None = None
    answer: Answer | None = None
    #: Of an answer: the same for each of its calls.
    key: str = ""
    cancel: CancelWish | None = None
    is_only: bool = False
    others: tuple[str, ...] = ()
    claimed: float = 0.0
    #: The desk's clock when it was claimed.
    at: datetime = NEVER


@dataclass(frozen=True, slots=True)
class Said:
    """What became of a call: accepted, or the failure; neither: it was not made."""

    call: Call
    accepted: Accepted | Arranged | None = None
    failure: ChannelFailure | None = None


class Crew:
    """So many callers at once, as a context manager. One caller works in the thread of whoever
    gives it calls."""

    def __init__(self, open_channel: Callable[[], Channel], callers: int) -> None:
        self._open = open_channel
        self._asked: queue.SimpleQueue[Call | None] = queue.SimpleQueue()
        self._said: queue.SimpleQueue[Said] = queue.SimpleQueue()
        self._out = 0
        self._stopped = threading.Event()
        self._own = open_channel() if callers == 1 else None
        self._threads = [
            threading.Thread(target=self._work, name=f"caller {n}", daemon=True)
            for n in range(callers if callers > 1 else 0)
        ]

    def __enter__(self) -> Crew:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        for _ in self._threads:
            self._asked.put(None)
        for thread in self._threads:
            thread.join()

    @property
    def out(self) -> int:
        """Calls that were given and not answered yet."""
        return self._out

    def give(self, calls: Sequence[Call]) -> None:
        for call in calls:
            if self._own:
                self._said.put(self._one(self._own, call))
            else:
                self._asked.put(call)
            self._out += 1

    def answers(self) -> list[Said]:
        """Those that are there; waits a moment for the first while any is out."""
        said: list[Said] = []
        while self._out:
            try:
                said.append(self._said.get(timeout=0 if said else PATIENCE))
            except queue.Empty:
                break
            self._out -= 1
        return said

    def stop(self) -> None:
        """Calls that have not begun are not made any more."""
        self._stopped.set()

    def _work(self) -> None:
        """Whatever happens, each call has an answer: somebody waits for it."""
        channel: Channel | None = None
        try:
            while call := self._asked.get():
                said = Said(call, failure=_broke(call))
                try:
                    channel = channel or self._opened()
                    said = (
                        self._one(channel, call) if channel else Said(call, failure=_no_line(call))
                    )
                finally:
                    self._said.put(said)
        finally:
            connection.close()

    def _opened(self) -> Channel | None:
        try:
            return self._open()
        except Exception as problem:
            logger.error("A caller has no line: %s", type(problem).__name__)
            connection.close()
            return None

    def _one(self, channel: Channel, call: Call) -> Said:
        if self._stopped.is_set() or time.monotonic() - call.claimed > FRESH:
            return Said(call)
        try:
            if call.kind in GOING and is_being_canceled(call.attempt, call.at):
                return Said(call)
            return Said(call, accepted=make(channel, call))
        except ChannelFailure as failure:
            return Said(call, failure=failure)
        except Exception as problem:
            where = "".join(traceback.format_tb(problem.__traceback__))
            logger.error("A call broke: %s\n%s", type(problem).__name__, where)
            # Where it was the database that broke, the next call needs another connection.
            connection.close_if_unusable_or_obsolete()
            return Said(call, failure=_broke(call))


def make(channel: Channel, call: Call) -> Accepted | Arranged:
    """Raises ChannelFailure."""
    if call.repacking:
        return _repack(channel, call.order_id, call.repacking)
    if call.case and call.answer:
        channel.answer(call.case, call.answer, key=call.key)
        return Accepted()
    if call.cancel:
        channel.cancel(call.order_id, reason=call.cancel.reason, unit_ids=call.cancel.unit_ids)
        return Accepted()
    if call.kind == Attempt.Kind.LABEL:
        return channel.arrange(call.target, call.arrangement or Arrangement())
    if call.kind == Attempt.Kind.CORRECT:
        return channel.correct_tracking(
            call.target,
            tracking_number=call.tracking_number,
            carrier_id=call.carrier_id,
            is_only=call.is_only,
        )
    return channel.ship(
        call.target, tracking_number=call.tracking_number, carrier_id=call.carrier_id
    )


def _repack(channel: Channel, order_id: str, wish: Repacking) -> Accepted:
    match wish.way:
        case Way.SPLIT:
            channel.split(order_id, wish.groups)
        case Way.COMBINE:
            (together,) = wish.groups
            group = Combinable(remote_id=wish.package_id, order_ids=together)
            return Accepted(package_id=channel.combine(group))
        case Way.UNCOMBINE:
            channel.uncombine(wish.package_id, wish.leaving)
    return Accepted()


def _broke(call: Call) -> ChannelFailure:
    return ChannelFailure(
        FailureKind.TRANSIENT,
        operation=call.kind,
        sentence="Something broke here while the marketplace was being told.",
        next_step="The desk asks the marketplace what became of it.",
        outcome=Outcome.UNKNOWN,
    )


def _no_line(call: Call) -> ChannelFailure:
    return ChannelFailure(
        FailureKind.TRANSIENT,
        operation=call.kind,
        sentence="The line to the marketplace could not be opened.",
        next_step="It is tried again by itself.",
    )
