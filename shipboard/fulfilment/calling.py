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
from types import TracebackType

from django.db import connection

from shipboard.channels.contract import (
    Accepted,
    Channel,
    ChannelFailure,
    FailureKind,
    Outcome,
    ShipTarget,
)

#: A call begins within so many seconds of its claim, or not at all: whoever asks what became of it
#: waits longer than this (settling.GRACE).
FRESH = 15.0
#: How long to wait for an answer before looking for other things to do.
PATIENCE = 0.05

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One attempt's call. `calls` is the attempt's count of claims with this one, `tries` that of
    calls made. `is_only`: the order has no
    other parcel. `claimed`: by time.monotonic."""

    attempt: int
    calls: int
    tries: int
    order_id: str
    target: ShipTarget
    tracking_number: str
    carrier_id: str
    is_correction: bool = False
    is_only: bool = False
    claimed: float = 0.0


@dataclass(frozen=True, slots=True)
class Said:
    """What became of a call: accepted, or the failure; neither: it was not made."""

    call: Call
    accepted: Accepted | None = None
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
            return Said(call, accepted=make(channel, call))
        except ChannelFailure as failure:
            return Said(call, failure=failure)
        except Exception as problem:
            where = "".join(traceback.format_tb(problem.__traceback__))
            logger.error("A call broke: %s\n%s", type(problem).__name__, where)
            # Where it was the database that broke, the next call needs another connection.
            connection.close_if_unusable_or_obsolete()
            return Said(call, failure=_broke(call))


def make(channel: Channel, call: Call) -> Accepted:
    """Raises ChannelFailure."""
    if call.is_correction:
        return channel.correct_tracking(
            call.target,
            tracking_number=call.tracking_number,
            carrier_id=call.carrier_id,
            is_only=call.is_only,
        )
    return channel.ship(
        call.target, tracking_number=call.tracking_number, carrier_id=call.carrier_id
    )


def _broke(call: Call) -> ChannelFailure:
    return ChannelFailure(
        FailureKind.TRANSIENT,
        operation="correct_tracking" if call.is_correction else "ship",
        sentence="Something broke here while the marketplace was being told.",
        next_step="The desk asks the marketplace what became of it.",
        outcome=Outcome.UNKNOWN,
    )


def _no_line(call: Call) -> ChannelFailure:
    return ChannelFailure(
        FailureKind.TRANSIENT,
        operation="correct_tracking" if call.is_correction else "ship",
        sentence="The line to the marketplace could not be opened.",
        next_step="It is tried again by itself.",
    )
