"""When nothing of a shop can go: the marketplace cannot be reached, or refuses the desk. It is
tried again by itself, less and less often, and people see since when and why.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from shipboard.channels.contract import ChannelFailure, FailureKind
from shipboard.channels.registry import NotConnected
from shipboard.fulfilment.models import RunRow
from shipboard.orders.attempts import Sending

#: Seconds until the next try, by how often it failed in a row.
PAUSES = (5, 10, 20, 40, 60)
#: The desk itself is refused, or asked to be quiet: nothing else of the shop is worth a call.
STOPPING = (FailureKind.AUTH, FailureKind.SCOPE, FailureKind.THROTTLED)
#: It goes by, and says nothing of what was asked.
PASSING = (FailureKind.TRANSIENT, FailureKind.NOT_READY, *STOPPING)
#: What a person has to mend is not tried more often than this.
NEEDS_A_PERSON = (FailureKind.AUTH, FailureKind.SCOPE)


@transaction.atomic
def block(
    shop_pk: int, problem: ChannelFailure | NotConnected, *, now: datetime, wall: datetime
) -> None:
    """Keep the shop's outbox closed for a while. `now`: the desk's clock; `wall`: real time."""
    Sending.objects.get_or_create(shop_id=shop_pk)
    row = Sending.objects.select_for_update().get(shop=shop_pk)
    seconds: float = PAUSES[min(row.failures, len(PAUSES) - 1)]
    if isinstance(problem, ChannelFailure):
        row.reason, row.next_step = problem.sentence, problem.next_step
        seconds = max(seconds, problem.retry_after or 0)
        if problem.kind in NEEDS_A_PERSON:
            seconds = PAUSES[-1]
    else:
        row.reason, row.next_step, seconds = str(problem), "", PAUSES[-1]
    row.failures += 1
    row.blocked_at = row.blocked_at or now
    row.try_at = wall + timedelta(seconds=min(seconds, 600))
    row.save()


def unblock(shop_pk: int) -> None:
    """The marketplace answers again."""
    Sending.objects.filter(shop=shop_pk).exclude(blocked_at=None).update(
        blocked_at=None, try_at=None, reason="", next_step="", failures=0
    )


def of_run(run_pk: int) -> list[Sending]:
    """Shops whose closed outbox keeps back shipments of this run, with the shop."""
    waiting = RunRow.objects.filter(run=run_pk, outcome=RunRow.Outcome.SENDING)
    rows = Sending.objects.filter(shop__in=waiting.values("attempt__shop")).exclude(blocked_at=None)
    return list(rows.select_related("shop").order_by("shop__name", "pk"))


def is_blocked(shop_pk: int, wall: datetime) -> bool:
    return Sending.objects.filter(shop=shop_pk, try_at__gt=wall).exists()
