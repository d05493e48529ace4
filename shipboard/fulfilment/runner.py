"""Carrying a run on: one runner, one transaction a row, from wherever the last one stopped."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F
from procrastinate.contrib.django import app

from shipboard.accounts.access import Access, access_of
from shipboard.accounts.models import User
from shipboard.accounts.roles import Right
from shipboard.fulfilment.allowed import Verb
from shipboard.fulfilment.models import Run, RunRow
from shipboard.fulfilment.runs import JOB
from shipboard.fulfilment.wishes import Wishes, wishes_of
from shipboard.fulfilment.work import WORK, Work
from shipboard.orders.holds import AlreadyHeld, NotHeld
from shipboard.orders.models import Order
from shipboard.orders.overlays import Refused

#: Rows looked up at once; each is still a transaction of its own.
CHUNK = 200
#: First key of the advisory locks that keep a run from being carried on twice at once.
RUN_LOCK = 5_1003
GONE = "The order is not here any more."
NOT_ANY_MORE = "Whoever began this may not work on this order any more."
BROKE = "Something broke here; try this row again."
#: What the verbs read of an order; an order's row is wide.
READ = ("order_id", "shop", "stage", "hold_ends_at", "closes_at")
#: Somebody else was a moment earlier: nothing is left to do.
OVERTAKEN = (AlreadyHeld, NotHeld)

Clock = Callable[[], datetime]
logger = logging.getLogger(__name__)


def carry_on(pk: int, clock: Clock) -> None:
    """Work through the rows of a run that wait, unless another runner does. `clock` gives the
    present instant (UTC)."""
    # Once more after the lock is given back: rows to retry may have come a moment before that.
    while Run.objects.filter(pk=pk).exclude(state=Run.State.DONE).exists():
        with _alone(pk) as is_ours:
            if not is_ours:
                return
            _go_on(Run.objects.get(pk=pk), clock)


def resume(clock: Clock) -> list[int]:
    """Go on with every run that is not done and that nobody carries on; returns their keys. Each
    is a job of its own, so that a long one keeps no other waiting."""
    idle = []
    for pk in Run.objects.exclude(state=Run.State.DONE).order_by("pk").values_list("pk", flat=True):
        with _alone(pk) as is_idle:
            if is_idle:
                idle.append(pk)
    for pk in idle:
        app.configure_task(JOB, queue="runs").defer(run_pk=pk)
    return idle


@contextmanager
def _alone(pk: int) -> Iterator[bool]:
    """Whether nobody else carries this run on; a killed runner's lock goes with its connection."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s, %s)", [RUN_LOCK, pk])
        (is_ours,) = cursor.fetchone() or (False,)
        try:
            yield is_ours
        finally:
            if is_ours and _is_connected():
                cursor.execute("select pg_advisory_unlock(%s, %s)", [RUN_LOCK, pk])


def _go_on(run: Run, clock: Clock) -> None:
    Run.objects.filter(pk=run.pk).update(state=Run.State.RUNNING)
    with connection.cursor() as cursor:
        # A crash of the database itself may take the last half second of rows along, each together
        # with its outcome; they are done again then. Waiting for the disk at each would be slower.
        cursor.execute("set synchronous_commit = off")
    try:
        _rows(run, clock)
    finally:
        if _is_connected():
            with connection.cursor() as cursor:
                cursor.execute("reset synchronous_commit")


def _is_connected() -> bool:
    return connection.connection is not None and not connection.connection.closed


def _rows(run: Run, clock: Clock) -> None:
    work, wishes = WORK[Verb(run.verb)], wishes_of(run.wishes)
    while not _finish(run, clock()):
        access = _present_access(run)
        for pk, order_pk in _waiting(run):
            _row(pk, order_pk, work, wishes, access, clock())


def _present_access(run: Run) -> Access:
    """What whoever began the run may do now; asked again for every chunk."""
    if run.person_id is None:
        return Access(by=run.by)
    person = User.objects.get(pk=run.person_id)
    return access_of(person) if person.is_active else Access(by=run.by, rights=frozenset())


def _waiting(run: Run) -> list[tuple[int, int | None]]:
    """The next rows, each with the primary key of its order."""
    rows = RunRow.objects.filter(run=run, outcome=RunRow.Outcome.WAITING).order_by("position")
    return list(rows.values_list("pk", "order_id")[:CHUNK])


@transaction.atomic
def _finish(run: Run, now: datetime) -> bool:
    """Say that the run is done, if it is: rows to retry may come until then."""
    Run.objects.select_for_update().get(pk=run.pk)
    if RunRow.objects.filter(run=run, outcome=RunRow.Outcome.WAITING).exists():
        return False
    Run.objects.filter(pk=run.pk).update(state=Run.State.DONE, finished_at=now)
    return True


@transaction.atomic
def _row(
    pk: int, order_pk: int | None, work: Work, wishes: Wishes, access: Access, now: datetime
) -> None:
    """Do the verb on one order and record its outcome, both or neither. The order's row is taken
    before the run's, as whoever removes a shop does."""
    outcome, reason = _outcome(pk, order_pk, work, wishes, access, now)
    recorded = RunRow.objects.filter(pk=pk, outcome=RunRow.Outcome.WAITING).update(
        outcome=outcome, reason=reason, at=now, attempts=F("attempts") + 1
    )
    if not recorded:
        transaction.set_rollback(True)  # another runner was here: what it did counts


def _outcome(
    pk: int, order_pk: int | None, work: Work, wishes: Wishes, access: Access, now: datetime
) -> tuple[RunRow.Outcome, str]:
    if order_pk is None:
        return RunRow.Outcome.FAILED, GONE
    try:
        with transaction.atomic():
            order = Order.objects.only(*READ).get(pk=order_pk)
            if not (access.may(Right.WORK) and access.allows(order.shop_id)):
                return RunRow.Outcome.FAILED, NOT_ANY_MORE
            left = work(order, wishes, access.by, now)
    except Order.DoesNotExist:
        return RunRow.Outcome.FAILED, GONE
    except OVERTAKEN as late:
        return RunRow.Outcome.SKIPPED, str(late)
    except Refused as refusal:
        return RunRow.Outcome.FAILED, str(refusal)
    except Exception as problem:
        if not _is_connected():
            raise  # the database has gone; whoever goes on takes the row then
        # Without its message, which may hold what was written in a note.
        where = "".join(traceback.format_tb(problem.__traceback__))
        logger.error("Row %s of a run: %s\n%s", pk, type(problem).__name__, where)
        return RunRow.Outcome.FAILED, BROKE
    return (RunRow.Outcome.SKIPPED, left) if left else (RunRow.Outcome.DONE, "")
