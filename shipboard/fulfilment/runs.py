"""A run is a durable thing: it freezes what it will touch, goes row by row, survives a kill, keeps
every row's outcome with its reason, and retries only what failed.

A row's verb and its outcome are one transaction. So, wherever a runner dies, a row is either done
and recorded, or neither, and whoever goes on takes it then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import IntegrityError, connection, transaction
from django.db.models import Count, QuerySet
from procrastinate.contrib.django import app

from shipboard.accounts import audit
from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right
from shipboard.fulfilment.allowed import Verb
from shipboard.fulfilment.models import Run, RunRow
from shipboard.fulfilment.selection import BadSelection, Selection
from shipboard.fulfilment.wishes import Wishes
from shipboard.fulfilment.work import EACH_ITS_OWN, WORK
from shipboard.orders.models import Order
from shipboard.orders.overlays import Refused
from shipboard.orders.queries import visible_shops

#: Name of the job (tasks.py) that carries a run on.
JOB = "carry_on_run"


class CountChanged(Refused):
    """Other orders match than the person saw; nothing was begun. `found`: how many now."""

    def __init__(self, expected: int, found: int) -> None:
        self.expected, self.found = expected, found
        was = "order was" if expected == 1 else "orders were"
        there = "matches" if found == 1 else "match"
        super().__init__(f"{expected:,} {was} chosen, {found:,} {there} now. Nothing was begun.")


class NothingToRetry(Refused):
    """No row of the run has failed."""


def begin(
    selection: Selection, verb: Verb, wishes: Wishes, *, key: UUID, access: Access, now: datetime
) -> Run:
    """Freeze the chosen orders and put the work on them in the queue, together or not at all. The
    same `key` again gives the first run. Raises CountChanged, BadWords, BadFilter, NotAllowed."""
    access.need(Right.WORK)
    if verb not in WORK or verb in EACH_ITS_OWN:
        raise Refused(f"{verb} is nothing that a run does.")
    if first := begun_with(key, access):
        return first
    wishes.check(verb, now)
    return _once(
        key,
        access,
        lambda: _begin(selection, verb, wishes, key=key, access=access, now=now),
    )


def _once(key: UUID, access: Access, begin: Callable[[], Run]) -> Run:
    """`begin` in a transaction, or the run that the same form has begun a moment earlier."""
    try:
        with transaction.atomic():
            return begin()
    except IntegrityError:
        if first := begun_with(key, access):
            return first
        raise BadSelection(
            "This form was sent by somebody else already. Reload the page, and choose again."
        ) from None


def begin_each(
    wishes: Sequence[tuple[int, Mapping[str, Any]]],
    verb: Verb,
    *,
    key: UUID,
    access: Access,
    now: datetime,
    chosen: str,
) -> Run:
    """A run in which every row has a wish of its own: (primary key of the order, its wish), in this
    order; an order may have several. Orders that the actor may not see are not taken: raises
    CountChanged then, and NotAllowed. The same `key` again gives the first run."""
    access.need(Right.WORK)
    if first := begun_with(key, access):
        return first
    return _once(key, access, lambda: _begin_each(wishes, verb, key, access, now, chosen))


def _begin_each(
    wishes: Sequence[tuple[int, Mapping[str, Any]]],
    verb: Verb,
    key: UUID,
    access: Access,
    now: datetime,
    chosen: str,
) -> Run:
    if not wishes:
        raise BadSelection("No order is chosen.")
    run = Run.objects.create(
        key=key,
        verb=verb.value,
        wishes=Wishes().stored(),
        by=access.by,
        person_id=access.person_id,
        chosen=chosen,
        rows=len(wishes),
        begun_at=now,
    )
    pks = {pk for pk, _ in wishes}
    orders = Order.objects.filter(pk__in=pks, shop__in=visible_shops(access))
    # Locked against removal until the rows are written.
    found = {
        order.pk: order
        for order in orders.select_related("shop")
        .only("order_id", "shop__name")
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True)
    }
    if len(found) < len(pks):
        raise CountChanged(len(pks), len(found))
    RunRow.objects.bulk_create(
        (
            RunRow(
                run=run,
                position=position,
                order_id=pk,
                number=found[pk].order_id,
                shop_name=found[pk].shop.name,
                wish=dict(wish),
            )
            for position, (pk, wish) in enumerate(wishes, 1)
        ),
        batch_size=1000,
    )
    audit.note(access.by, "run_begun", f"run {run.pk}", verb=verb.value, orders=len(wishes))
    _enqueue(run.pk)
    return run


def begun_with(key: UUID, access: Access) -> Run | None:
    """The run that the actor began with this key, if there is one."""
    return Run.objects.filter(key=key, person=access.person_id).first()


def _begin(
    selection: Selection, verb: Verb, wishes: Wishes, *, key: UUID, access: Access, now: datetime
) -> Run:
    run = Run.objects.create(
        key=key,
        verb=verb.value,
        wishes=wishes.stored(),
        by=access.by,
        person_id=access.person_id,
        chosen=selection.words(),
        begun_at=now,
    )
    frozen = _freeze(run, selection, access, now)
    if not selection.expected:
        raise BadSelection("No order is chosen.")
    if frozen != selection.expected:
        raise CountChanged(selection.expected, frozen)
    run.rows = frozen
    run.save(update_fields=["rows"])
    audit.note(access.by, "run_begun", f"run {run.pk}", verb=verb.value, orders=frozen)
    _enqueue(run.pk)
    return run


def _freeze(run: Run, selection: Selection, access: Access, now: datetime) -> int:
    """Write the run's rows, by the database, in the order of primary keys; how many. Orders are
    locked against removal until they are written."""
    chosen = selection.orders(access, now).order_by().values_list("pk", "order_id", "shop__name")
    try:
        sql, parameters = chosen.query.sql_with_params()
    except EmptyResultSet:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into run_row "  # noqa: S608 - our own query
            "(run_id, position, order_id, number, shop_name, outcome, reason, attempts) "
            "select %s, row_number() over (order by pk), pk, number, shop, %s, '', 0 "
            f'from ({sql} for key share of "order") as chosen (pk, number, shop)',
            [run.pk, RunRow.Outcome.WAITING.value, *parameters],
        )
        return int(cursor.rowcount)


def _enqueue(pk: int) -> None:
    """Through Django's connection: the job is there when, and only when, the run is."""
    app.configure_task(JOB, queue="runs").defer(run_pk=pk)


@transaction.atomic
def retry_failed(run: Run, *, access: Access) -> int:
    """Put the rows that failed back and go on; how many. What is done stays done. Raises
    NothingToRetry and NotAllowed."""
    access.need(Right.WORK)
    run = Run.objects.select_for_update().get(pk=run.pk)
    if run.state == Run.State.PAUSED:
        raise NothingToRetry("The run is paused. Let it go on first, then try again what failed.")
    failed = RunRow.objects.filter(run=run, outcome=RunRow.Outcome.FAILED)
    retried = failed.update(outcome=RunRow.Outcome.WAITING, reason="", attempt=None)
    if not retried:
        raise NothingToRetry("Nothing has failed that could be tried again.")
    run.state, run.finished_at = Run.State.WAITING, None
    run.save(update_fields=["state", "finished_at"])
    audit.note(access.by, "run_retried", f"run {run.pk}", orders=retried)
    _enqueue(run.pk)
    return retried


def seen_by(access: Access) -> QuerySet[Run]:
    """Runs that the actor may look at: owners and managers of all shops see all, others theirs."""
    if access.may(Right.RULES) and access.shop_ids is None:
        return Run.objects.all()
    return Run.objects.filter(person=access.person_id) if access.person_id else Run.objects.none()


def done_unseen(access: Access, since: datetime) -> list[Run]:
    """The actor's own runs that ended after `since` and that they have not looked at; the newest
    first, three at most."""
    if access.person_id is None:
        return []
    mine = Run.objects.filter(person=access.person_id, state=Run.State.DONE, seen_at=None)
    return list(mine.filter(finished_at__gt=since).order_by("-finished_at", "-pk")[:3])


def tally(run: Run) -> dict[RunRow.Outcome, int]:
    """How many rows have each outcome; they add up to the run's rows."""
    rows = RunRow.objects.filter(run=run).values_list("outcome").annotate(Count("pk")).order_by()
    found = dict(rows)
    return {outcome: found.get(outcome.value, 0) for outcome in RunRow.Outcome}
