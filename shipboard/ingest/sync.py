"""Syncing a shop: each of its streams read to the present; what fails is said on the stream's
cursor and keeps none of the others back. Any number of processes may sync one shop at once.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db import InterfaceError, OperationalError

from shipboard.channels import registry, warehouses
from shipboard.channels.contract import Channel, ChannelFailure, FailureKind, Stream
from shipboard.channels.models import Connection, Shop
from shipboard.channels.registry import NotConnected
from shipboard.ingest import cursors
from shipboard.ingest.line import LineLost, line_of
from shipboard.ingest.models import Cursor
from shipboard.ingest.pages import Taken
from shipboard.ingest.rereading import Why, reread
from shipboard.ingest.statistics import refresh_statistics
from shipboard.ingest.streams import Reader

__all__ = ["Clock", "Failed", "Synced", "Why", "as_failure", "line_of", "reread", "sync"]

#: The cursor of what is no stream: the names of the shop's warehouses.
WAREHOUSES = "warehouses"
DAY = timedelta(days=1)
#: So many new or changed orders at once, and the planner is told.
MANY = 1000
REMOVED = "The shop was removed from this desk."
BROKE = "Something broke here while the answer was stored; it is tried again by itself."

Clock = Callable[[], datetime]
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Failed:
    """A stream that could not be read to the end, and what to do."""

    stream: str
    kind: str
    sentence: str
    next_step: str


@dataclass(frozen=True, slots=True)
class Synced:
    """is_done: nothing is left to read; what failed is not counted as left."""

    taken: Taken = field(default_factory=Taken)
    failed: tuple[Failed, ...] = ()
    is_done: bool = True


def always() -> bool:
    return True


def sync(
    shop: Shop, clock: Clock, *, goes_on: Callable[[], bool] = always, patient: bool = False
) -> Synced:
    """Read every stream of a connected shop up to now. `goes_on` is asked between pages and may
    say that it is enough for the moment. `patient`: a stream that failed waits for its time to try
    again. Raises NotConnected, and what the database raises when it goes."""
    channel = registry.open_channel(shop)
    taken, failed, is_done = Taken(), list[Failed](), True
    for stream in _in_turn(shop):
        if patient and not _may_try(shop, stream, clock()):
            continue
        try:
            for more in _pages(shop, stream, channel, clock):
                taken += more
                is_done = goes_on() and is_on(shop)
                if not is_done:
                    break
        except Exception as problem:
            failed.append(fail(shop, stream, problem, clock()))
        if not is_done or (failed and failed[-1].kind == FailureKind.AUTH):
            break
    if taken.applied.created + taken.applied.updated >= MANY:
        refresh_statistics()
    return Synced(taken, tuple(failed), is_done)


def _in_turn(shop: Shop) -> list[str]:
    """Names of warehouses first, since orders carry them; then the streams, the one that was read
    to its end the longest ago first: a stream that fills every turn keeps no other waiting."""
    cursors_ = Cursor.objects.filter(shop=shop).exclude(succeeded_at=None)
    ends = dict(cursors_.values_list("stream", "succeeded_at"))
    never = datetime.min.replace(tzinfo=UTC)
    return [WAREHOUSES, *sorted(Stream, key=lambda stream: ends.get(stream.value) or never)]


def is_on(shop: Shop) -> bool:
    """Whether the shop is connected and not paused, and access to it was not taken back."""
    lines = Connection.objects.filter(shop=shop, state=Connection.State.ON)
    return lines.filter(grant__ended_at=None).exists()


def _may_try(shop: Shop, stream: str, now: datetime) -> bool:
    return cursors.is_due(shop, stream, now) and not cursors.is_locked_out(shop, now)


def _pages(shop: Shop, stream: str, channel: Channel, clock: Clock) -> Iterator[Taken]:
    """What became of each page, until all up to now is read."""
    if stream == WAREHOUSES:
        _read_warehouses(shop, channel, clock)
        return
    reader = Reader(shop=shop, stream=Stream(stream), channel=channel, until=clock(), clock=clock)
    is_read = False
    while not is_read:
        taken, is_read = reader.step()
        yield taken


def _read_warehouses(shop: Shop, channel: Channel, clock: Clock) -> None:
    """Once a day. An answer that names none may be a slip, so it is asked again with each poll."""
    cursor = cursors.cursor_of(shop, WAREHOUSES)
    is_old = cursor.succeeded_at is None or clock() - cursor.succeeded_at >= DAY
    if is_old or not warehouses.names(shop):
        warehouses.remember(shop, channel.warehouses())
        cursors.note_success(cursor, clock())
        cursor.save()


def fail(shop: Shop, stream: str, problem: Exception, now: datetime) -> Failed:
    """Say on the cursor what went wrong and when it is tried again. Raises NotConnected when the
    shop has been removed meanwhile."""
    if not Shop.objects.filter(pk=shop.pk).exists():
        raise NotConnected(REMOVED)
    failure = as_failure(problem, stream)
    cursors.note_failure(shop, stream, failure, now)
    return Failed(stream, failure.kind.value, failure.sentence, failure.next_step)


def as_failure(problem: Exception, stream: str) -> ChannelFailure:
    """A failure to be told and tried again, whatever broke. What is the database's own trouble is
    raised again."""
    match problem:
        case ChannelFailure():
            return problem
        case LineLost():
            return ChannelFailure(FailureKind.TRANSIENT, operation=stream, sentence=str(problem))
        case Shop.DoesNotExist():
            return ChannelFailure(FailureKind.FINAL, operation=stream, sentence=REMOVED)
        case OperationalError() | InterfaceError():
            raise problem
    # Without its message, which may hold a name or an address.
    where = "".join(traceback.format_tb(problem.__traceback__))
    logger.error("Stream %s: %s\n%s", stream, type(problem).__name__, where)
    return ChannelFailure(FailureKind.FINAL, operation=stream, sentence=BROKE)
