"""How far each stream of a shop has been read, and what is wrong with it when it fails: said on
the shop's page, and tried again later and later.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from shipboard.channels.contract import ChannelFailure, FailureKind
from shipboard.channels.models import Shop
from shipboard.ingest.models import Cursor

FIRST_WAIT = timedelta(seconds=30)
#: The longest waits. Where only a person can help, asking often is of no use to anybody.
LONGEST = {
    FailureKind.TRANSIENT: timedelta(minutes=5),
    FailureKind.THROTTLED: timedelta(minutes=5),
    FailureKind.AUTH: timedelta(hours=1),
    FailureKind.SCOPE: timedelta(hours=1),
}
OTHERWISE = timedelta(minutes=15)


def cursor_of(shop: Shop, stream: str) -> Cursor:
    cursor, _ = Cursor.objects.get_or_create(shop=shop, stream=stream)
    return cursor


def note_failure(shop: Shop, stream: str, failure: ChannelFailure, now: datetime) -> None:
    """The window and the page stay, so that the next try goes on there."""
    cursor = cursor_of(shop, stream)
    # Of one kind: a refusal after a long outage need not be tried again an hour later only.
    cursor.failures = cursor.failures + 1 if cursor.kind == failure.kind.value else 1
    cursor.tried_at = now
    cursor.problem, cursor.next_step = failure.sentence, failure.next_step
    cursor.kind = failure.kind.value
    cursor.retry_at = now + _wait(failure, cursor.failures)
    cursor.save(update_fields=["failures", "tried_at", "problem", "next_step", "kind", "retry_at"])


def _wait(failure: ChannelFailure, failures: int) -> timedelta:
    """Twice as long each time, whatever it is, since a refusal may be a slip as well; spread by a
    quarter so that shops do not come back all at once, and at least what the channel asks for."""
    longest = LONGEST.get(failure.kind, OTHERWISE)
    grown = FIRST_WAIT * 2 ** min(failures - 1, 10)
    spread: timedelta = min(grown, longest) * random.uniform(0.75, 1.25)  # noqa: S311 - not a secret
    return max(spread, timedelta(seconds=failure.retry_after or 0))


def note_success(cursor: Cursor, now: datetime) -> None:
    """Not saved yet."""
    cursor.tried_at = cursor.succeeded_at = now
    cursor.failures, cursor.problem, cursor.next_step, cursor.kind = 0, "", "", ""
    cursor.retry_at = None


def is_due(shop: Shop, stream: str, now: datetime) -> bool:
    return not Cursor.objects.filter(shop=shop, stream=stream, retry_at__gt=now).exists()


def is_locked_out(shop: Shop, now: datetime) -> bool:
    """The channel does not let us in; no stream need try before the wait is over."""
    cursors = Cursor.objects.filter(shop=shop, kind=FailureKind.AUTH, retry_at__gt=now)
    return cursors.exists()


def forgive(shop: Shop) -> None:
    """Try again at once: somebody reconnected the shop, or asks for it. What is wrong stays on
    show until a try goes well."""
    Cursor.objects.filter(shop=shop).exclude(kind=FailureKind.THROTTLED).update(retry_at=None)
