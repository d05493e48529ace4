"""/healthz: whether web, database and worker are well, for supervisors and load balancers; and what
is wrong with the worker, in words for the health pages of shops.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

#: A worker that has not been heard of for so long is gone or stuck; they report every 5 seconds.
SILENCE = timedelta(seconds=45)
#: The queue's housekeeping is due every 15 seconds (tasks.py), and takes a place like any job. When
#: it has not moved for so long, workers report but nothing is done.
STANDSTILL = timedelta(minutes=3)
HOUSEKEEPING = "retry_stalled"
#: Ages by the database's clock. The newest event of the housekeeping's last job, whatever it was:
#: put in the queue, begun, done.
AGES = """
select
    now() - (select max(last_heartbeat) from procrastinate_workers),
    now() - (
        select max(event.at) from procrastinate_periodic_defers defer
        join procrastinate_events event on event.job_id = defer.job_id
        where defer.task_name = %s
    )
"""


@dataclass(frozen=True, slots=True)
class Unwell:
    """What is wrong with the worker: for programs, and for people with what to do about it."""

    reason: str
    sentence: str
    next_step: str


RESTART = (
    "Start the worker again: with `shipboard up`, stop it with Ctrl-C and start it; a worker by "
    "itself, end it (kill it if it does not end) and start `shipboard worker`. What it had begun "
    "is taken up again."
)
NONE = Unwell(
    "no worker is running; start one with `shipboard worker`",
    "No worker is running, so nothing is read, sent or printed.",
    "Start `shipboard up` or `shipboard worker`.",
)
SILENT = Unwell(
    f"the worker has not reported for {SILENCE.seconds} seconds: it was killed or hangs; start it "
    "again with `shipboard worker`",
    "The worker has stopped reporting: it was killed or hangs, so nothing is read or sent.",
    RESTART,
)
STUCK = Unwell(
    f"the worker reports but has done nothing for {STANDSTILL.seconds // 60} minutes: it hangs; "
    "end it and start it again",
    "The worker hangs: it runs, but has done no work for minutes, so nothing is read or sent.",
    RESTART,
)


@never_cache
@login_not_required
def healthz(request: HttpRequest) -> JsonResponse:
    """200 {"status": "ok"}, or 503 with the reason."""
    try:
        wrong = wrong_with_worker()
    except Error:
        return _unwell("the database does not answer")
    return _unwell(wrong.reason) if wrong else JsonResponse({"status": "ok"})


def wrong_with_worker() -> Unwell | None:
    """None where it is well. One query. A worker that has just begun is well: before the first
    housekeeping there is nothing that could be late."""
    with connection.cursor() as cursor:
        cursor.execute(AGES, [HOUSEKEEPING])
        silent, still = cursor.fetchone() or (None, None)
    if silent is None:
        return NONE
    if silent > SILENCE:
        return SILENT
    return STUCK if still is not None and still > STANDSTILL else None


def _unwell(reason: str) -> JsonResponse:
    return JsonResponse({"status": "unwell", "reason": reason}, status=503)
