"""Work on a shop's outbox and labels, put in the queue: at most one such job waits for now, and one
for later.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from django.db import connection

#: Names of the jobs (tasks.py), and their queue.
SEND, FETCH = "send_shipments", "fetch_labels"
QUEUE = "shipments"
#: Written over Django's connection, as whatever the caller changes: in a worker the queue's own
#: functions have another, which would not know of this transaction, and could wait for it for good.
PUT = """
insert into procrastinate_jobs (queue_name, task_name, queueing_lock, args, scheduled_at)
values (%s, %s, %s, %s, %s)
on conflict (queueing_lock) where status = 'todo' do update
set scheduled_at = excluded.scheduled_at
where procrastinate_jobs.scheduled_at > coalesce(excluded.scheduled_at, now())
"""


def queue(job: str, shop_pk: int, at: datetime, wall: datetime) -> None:
    """Have the shop looked at at the instant `at` (real time). Within the transaction that gave it
    something to do: the job is there when, and only when, that is. One that waits already for such
    a turn will do; one that would come later comes then."""
    seconds = max(0, int((at - wall).total_seconds() + 0.999))
    kind = "later" if seconds else "now"
    scheduled_at = wall + timedelta(seconds=seconds) if seconds else None
    args = json.dumps({"shop_pk": shop_pk})
    with connection.cursor() as cursor:
        cursor.execute(PUT, [QUEUE, job, f"{job} {shop_pk} {kind}", args, scheduled_at])
