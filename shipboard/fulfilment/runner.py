"""Carrying a run on: one runner, one transaction a row, from wherever the last one stopped."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F, Min
from procrastinate.contrib.django import app

from shipboard.accounts.access import Access, access_of
from shipboard.accounts.models import User
from shipboard.accounts.roles import Right
from shipboard.clock import wall
from shipboard.fulfilment import queueing
from shipboard.fulfilment.allowed import Verb
from shipboard.fulfilment.finishing import end_run
from shipboard.fulfilment.models import Run, RunRow
from shipboard.fulfilment.refusals import AlreadyAsked
from shipboard.fulfilment.runs import JOB
from shipboard.fulfilment.wishes import wishes_of
from shipboard.fulfilment.work import WORK, Result, Task, Work
from shipboard.orders.attempts import Attempt
from shipboard.orders.holds import AlreadyHeld, NotHeld
from shipboard.orders.models import Order
from shipboard.orders.overlays import Refused

#: Rows looked up at once; each is still a transaction of its own.
CHUNK = 20
#: First key of the advisory locks that keep a run from being carried on twice at once.
RUN_LOCK = 5_1003
GONE = "The order is not here any more."
NOT_ANY_MORE = "Whoever began this may not work on this order any more."
RECORDED = "Recorded here; it goes to the marketplace with the next upload file."
MARKED = "Marked as shipped here; the next import confirms it."
BROKE = "Something broke here; try this row again."
#: What the verbs read of an order; an order's row is wide.
READ = ("order_id", "shop__channel", "shop__region", "stage", "hold_ends_at", "closes_at")
#: Somebody else was a moment earlier: nothing is left to do.
OVERTAKEN = (AlreadyHeld, NotHeld, AlreadyAsked)

Clock = Callable[[], datetime]
logger = logging.getLogger(__name__)


def carry_on(pk: int, clock: Clock) -> None:
    """Work through the rows of a run that wait, unless another runner does. `clock` gives the
    present instant (UTC)."""
    # Once more after the lock is given back: rows to retry may have come a moment before that.
    while _has_work(pk):
        with _alone(pk) as is_ours:
            if not is_ours:
                return
            _go_on(Run.objects.get(pk=pk), clock)


def _has_work(pk: int) -> bool:
    """Whether rows wait for a runner, or nothing is left and nobody has said so. What is being sent
    ends with its shipments (finishing.py)."""
    run = Run.objects.filter(pk=pk).exclude(state__in=(Run.State.DONE, Run.State.PAUSED)).first()
    if run is None:
        return False
    rows = RunRow.objects.filter(run=run)
    return (
        rows.filter(outcome=RunRow.Outcome.WAITING).exists()
        or not rows.filter(outcome=RunRow.Outcome.SENDING).exists()
    )


def resume(clock: Clock) -> list[int]:
    """Go on with every run that is not done and that nobody carries on; returns their keys. Each
    is a job of its own, so that a long one keeps no other waiting."""
    idle = []
    live = Run.objects.exclude(state__in=(Run.State.DONE, Run.State.PAUSED)).order_by("pk")
    for pk in filter(_has_work, live.values_list("pk", flat=True)):
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
    waiting = Run.objects.filter(pk=run.pk, state=Run.State.WAITING)
    waiting.update(state=Run.State.RUNNING)
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
    while _has_work(run.pk) and not end_run(run.pk, clock()):
        access, chunk = _present_access(run), _waiting(run)
        for row in chunk:
            _row(row, work, Task(wishes, access, clock(), wall(), row.wish))
        _have_sent(chunk)


def _have_sent(chunk: list[RunRow]) -> None:
    """Once for all these rows. Should it be lost with this process, it is asked for each minute."""
    waiting = Attempt.objects.filter(rows__in=chunk, state=Attempt.State.WAITING)
    firsts = waiting.order_by().values_list("shop").annotate(Min("due_at"))
    for shop_pk, due_at in firsts:
        queueing.queue(queueing.SEND, shop_pk, due_at, wall())


def _present_access(run: Run) -> Access:
    """What whoever began the run may do now; asked again for every chunk."""
    if run.person_id is None:
        return Access(by=run.by)
    person = User.objects.get(pk=run.person_id)
    return access_of(person) if person.is_active else Access(by=run.by, rights=frozenset())


def _waiting(run: Run) -> list[RunRow]:
    """The next rows."""
    rows = RunRow.objects.filter(run=run, outcome=RunRow.Outcome.WAITING).order_by("position")
    return list(rows.only("pk", "order_id", "wish")[:CHUNK])


@transaction.atomic
def _row(row: RunRow, work: Work, task: Task) -> None:
    """Do the verb on one order and record its outcome, both or neither. The order's row is taken
    before the run's, as whoever removes a shop does."""
    outcome, reason, attempt = _outcome(row, work, task)
    recorded = RunRow.objects.filter(pk=row.pk, outcome=RunRow.Outcome.WAITING).update(
        outcome=outcome, reason=reason, attempt=attempt, at=task.now, attempts=F("attempts") + 1
    )
    if not recorded:
        transaction.set_rollback(True)  # another runner was here: what it did counts


def _outcome(row: RunRow, work: Work, task: Task) -> tuple[RunRow.Outcome, str, Attempt | None]:
    if row.order_id is None:
        return RunRow.Outcome.FAILED, GONE, None
    try:
        with transaction.atomic():
            order = Order.objects.select_related("shop").only(*READ).get(pk=row.order_id)
            if not (task.access.may(Right.WORK) and task.access.allows(order.shop_id)):
                return RunRow.Outcome.FAILED, NOT_ANY_MORE, None
            result = work(order, task)
    except Order.DoesNotExist:
        return RunRow.Outcome.FAILED, GONE, None
    except OVERTAKEN as late:
        return RunRow.Outcome.SKIPPED, str(late), None
    except Refused as refusal:
        return RunRow.Outcome.FAILED, str(refusal), None
    except Exception as problem:
        if not _is_connected():
            raise  # the database has gone; whoever goes on takes the row then
        # Without its message, which may hold what was written in a note.
        where = "".join(traceback.format_tb(problem.__traceback__))
        logger.error("Row %s of a run: %s\n%s", row.pk, type(problem).__name__, where)
        return RunRow.Outcome.FAILED, BROKE, None
    return _of(result)


def _of(result: Result) -> tuple[RunRow.Outcome, str, Attempt | None]:
    if isinstance(result, Attempt):
        if result.state == Attempt.State.RECORDED:
            is_mark = result.kind == Attempt.Kind.MARK
            return RunRow.Outcome.DONE, MARKED if is_mark else RECORDED, result
        return RunRow.Outcome.SENDING, result.warning, result
    return (RunRow.Outcome.SKIPPED if result else RunRow.Outcome.DONE), result, None
