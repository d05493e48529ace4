"""The queue's own housekeeping: jobs of a worker that was killed go on with another, and finished
ones are deleted, or thousands a day would stay.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status
from procrastinate.manager import JobManager

#: A worker says every so many seconds that it lives; one that was silent for longer than the second
#: is taken for dead. Both also of busy machines: every job may run twice, but had better not.
HEARTBEAT = 5.0
SILENCE = 20.0
#: Those that went wrong may be asked about.
KEPT = (
    (timedelta(days=1), ["succeeded"]),
    (timedelta(days=14), ["failed", "cancelled", "aborted"]),
)
BATCH = 2000

DELETE = """
delete from procrastinate_jobs where id in (
    select id from procrastinate_jobs job
    where status = any(%s::procrastinate_job_status[]) and not exists (
        select 1 from procrastinate_events event where event.job_id = job.id and event.at > %s
    )
    order by id limit %s for update skip locked
)
"""


async def retry_stalled(manager: JobManager) -> None:
    """Queue again what dead workers had begun. Where the same job waits already, that one does the
    work; what was begun is over, or its lock would keep the waiting one from starting."""
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=SILENCE):
        try:
            await manager.retry_job(job)
        except UniqueViolation:
            await manager.finish_job(job, Status.ABORTED, delete_job=False)


def forget_old(now: datetime) -> int:
    """Delete jobs that succeeded more than a day ago, or ended otherwise more than 14 days ago, by
    the database's clock; gives how many. No batch holds locks for long."""
    deleted = 0
    with connection.cursor() as cursor:
        for age, states in KEPT:
            cursor.execute(DELETE, [states, now - age, BATCH])
            while cursor.rowcount:
                deleted += cursor.rowcount
                cursor.execute(DELETE, [states, now - age, BATCH])
    return deleted
