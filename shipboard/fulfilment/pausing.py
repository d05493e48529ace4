"""Holding a run up, going on with it, and calling off what of it has not begun."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from procrastinate.contrib.django import app

from shipboard.accounts import audit
from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right
from shipboard.fulfilment import queueing
from shipboard.fulfilment.finishing import Ending, end_run, finish
from shipboard.fulfilment.models import Run, RunRow
from shipboard.fulfilment.runs import JOB
from shipboard.orders.attempts import Attempt
from shipboard.orders.overlays import Refused

#: Attempts taken back in one transaction.
CHUNK = 500


class NotNow(Refused):
    """The run is not in a state in which that can be done."""


@transaction.atomic
def pause(run: Run, *, access: Access) -> None:
    """Nothing more of it begins; what has left goes on to its end. Raises NotNow and NotAllowed."""
    access.need(Right.WORK)
    live = (Run.State.WAITING, Run.State.RUNNING)
    if not Run.objects.filter(pk=run.pk, state__in=live).update(state=Run.State.PAUSED):
        raise NotNow("The run is paused or done already.")
    audit.note(access.by, "run_paused", f"run {run.pk}")


@transaction.atomic
def go_on(run: Run, *, access: Access, wall: datetime) -> None:
    """Go on with a paused run; `wall` is real time. Raises NotNow and NotAllowed."""
    access.need(Right.WORK)
    paused = Run.objects.filter(pk=run.pk, state=Run.State.PAUSED)
    if not paused.update(state=Run.State.WAITING):
        raise NotNow("The run is not paused.")
    audit.note(access.by, "run_resumed", f"run {run.pk}")
    app.configure_task(JOB, queue="runs").defer(run_pk=run.pk)
    waiting = Attempt.objects.filter(rows__run=run, state=Attempt.State.WAITING)
    for shop_pk in waiting.order_by().values_list("shop", flat=True).distinct():
        queueing.queue(queueing.SEND, shop_pk, wall, wall)


#: How it is said of what was called off.
NOT_BEGUN = "Not begun:"


def call_off(run: Run, *, access: Access, now: datetime) -> int:
    """Leave what has not begun as it is: rows that wait, and shipments still in the outbox; gives
    how many. What has left goes on to its end. Raises NotNow and NotAllowed."""
    access.need(Right.WORK)
    said = f"{NOT_BEGUN} {access.by} called the rest of the run off."
    left = _rows(run, said, access, now)
    while taken := _shipments(run, said, access.by, now):
        left += taken
    end_run(run.pk, now)
    return left


@transaction.atomic
def _rows(run: Run, said: str, access: Access, now: datetime) -> int:
    found = Run.objects.select_for_update().get(pk=run.pk)
    if found.state == Run.State.DONE:
        raise NotNow("The run is done; nothing is left to call off.")
    waiting = RunRow.objects.filter(run=run, outcome=RunRow.Outcome.WAITING)
    left = waiting.update(outcome=RunRow.Outcome.SKIPPED, reason=said, at=now)
    found.canceled_at = now
    if found.state == Run.State.PAUSED:
        found.state = Run.State.RUNNING
    found.save(update_fields=["canceled_at", "state"])
    audit.note(access.by, "run_called_off", f"run {run.pk}")
    return left


def _shipments(run: Run, said: str, by: str, now: datetime) -> int:
    waiting = Attempt.objects.filter(rows__run=run, state=Attempt.State.WAITING).order_by("pk")
    endings = [
        Ending(pk, Attempt.State.REVOKED, reason=said)
        for pk in waiting.values_list("pk", flat=True)[:CHUNK]
    ]
    return len(finish(endings, by=by, now=now)) if endings else 0
