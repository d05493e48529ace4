"""Working on webhooks: the orders that they name are read again, fifty at a time and each once,
however many webhooks name them. Claimed for a while before, marked after: a kill in between means
that the orders are read once more. What cannot be read in the end the polls will still tell of.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from shipboard.channels import registry
from shipboard.channels.contract import Channel, ChannelFailure, FailureKind
from shipboard.channels.models import Grant, Shop
from shipboard.channels.registry import NotConnected
from shipboard.ingest.models import Hook
from shipboard.ingest.pages import Taken
from shipboard.ingest.rereading import BATCH, Why, reread
from shipboard.ingest.sync import Clock, as_failure

JOB = "read_hooks"
#: The worker keeps places for this queue alone (cli/run.py): no import keeps a webhook waiting.
QUEUE = "hooks"
LANES = 2
#: After so many seconds a long queue lets the next shop of its lane in.
TURN = 20
#: So many are claimed at once, and for so long: whoever was killed had them no longer than this.
CLAIMED = 500
LEASE = timedelta(minutes=2)
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
MOST_TRIES = 6
#: With such a failure there is no use in asking for the next fifty.
FOR_ALL = (FailureKind.AUTH, FailureKind.SCOPE, FailureKind.THROTTLED, FailureKind.TRANSIENT)
State = Hook.State

POLLS = "The polls tell of what changed all the same."
STILL_ON = "The marketplace still lets this desk in, so nothing was changed."

WAITING = """
select exists (select 1 from procrastinate_jobs where queueing_lock = %s and status = 'todo')
"""
#: The array is made once; of a plain subquery a plan may ask again for each row, and so claim more.
CLAIM = """
update hook set attempts = attempts + 1, retry_at = %(until)s
 where id = any(array(select id from hook
                       where shop_id = %(shop)s and state = 'new'
                         and (retry_at is null or retry_at <= %(now)s)
                       order by id limit %(most)s for update skip locked))
returning id
"""


def queue(shop_pk: int) -> None:
    """Have the shop's webhooks worked on; one job that waits does for any number of them. Called
    after they are stored, never in the same transaction: a job that has begun would miss them."""
    lock = f"{JOB} {shop_pk}"
    with connection.cursor() as cursor:
        # Asked first, since a refused job is an error in the server's log, ten thousand in a burst.
        cursor.execute(WAITING, [lock])
        if cursor.fetchone() == (True,):
            return
    deferrer = app.configure_task(
        JOB, queue=QUEUE, lock=f"hooks lane {shop_pk % LANES}", queueing_lock=lock
    )
    try:
        deferrer.defer(shop_pk=shop_pk)
    except AlreadyEnqueued:
        return


def queue_due(now: datetime) -> None:
    """Each minute: what waits to be tried again, and what a kill left between row and job."""
    due = Q(retry_at=None) | Q(retry_at__lte=now)
    waiting = Hook.objects.filter(due, state=State.NEW).order_by()
    for shop_pk in waiting.values_list("shop_id", flat=True).distinct():
        queue(shop_pk)


def carry_on(shop_pk: int, clock: Clock) -> None:
    """One turn of a shop's webhooks, in the order of their coming."""
    shop = Shop.objects.filter(pk=shop_pk).first()
    ends = time.monotonic() + TURN
    while shop and work(shop, clock):
        if time.monotonic() > ends:
            queue(shop_pk)
            return


def work(shop: Shop, clock: Clock) -> int:
    """Claim some of the shop's waiting webhooks, do what they ask for and mark them; says how many
    there were. Raises what the database raises when it goes: they are claimed again later."""
    hooks = _claim(shop, clock())
    if not hooks:
        return 0
    try:
        channel = registry.open_channel(shop)
    except NotConnected as problem:
        _mark(hooks, State.SET_ASIDE, f"{problem} {POLLS}", clock())
        return len(hooks)
    except ChannelFailure as failure:
        _try_later(hooks, failure, clock())
        return len(hooks)
    for hook in hooks:
        if hook.ends_access:
            _look_at_access(shop, channel, hook, clock())
    about_orders = [hook for hook in hooks if not hook.ends_access]
    _settle(about_orders, _read(shop, about_orders, channel, clock), clock())
    return len(hooks)


def _claim(shop: Shop, now: datetime) -> list[Hook]:
    until = now + LEASE
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, {"shop": shop.pk, "now": now, "until": until, "most": CLAIMED})
        claimed = [pk for (pk,) in cursor.fetchall()]
    return list(Hook.objects.filter(pk__in=claimed).defer("body").order_by("pk"))


@dataclass(slots=True)
class _Reading:
    """What became of the orders: of those that failed, why."""

    taken: Taken = field(default_factory=Taken)
    failed: dict[str, ChannelFailure] = field(default_factory=dict)


def _read(shop: Shop, hooks: list[Hook], channel: Channel, clock: Clock) -> _Reading:
    ids = list(dict.fromkeys(order_id for hook in hooks for order_id in hook.order_ids))
    reading = _Reading()
    for at in range(0, len(ids), BATCH):
        try:
            fifty = ids[at : at + BATCH]
            reading.taken += reread(shop, fifty, Why.WEBHOOK, clock(), channel)
        except Exception as problem:
            failure = as_failure(problem, JOB)
            left = ids[at:] if failure.kind in FOR_ALL else fifty
            reading.failed |= dict.fromkeys(left, failure)
            if failure.kind in FOR_ALL:
                break
    return reading


def _settle(hooks: list[Hook], reading: _Reading, now: datetime) -> None:
    """Mark what is done; the others are tried again, each for the reason of its first order."""
    odd = dict(reading.taken.unreadable)
    odd |= dict.fromkeys(reading.taken.absent, "The marketplace does not know this order.")
    outcomes: dict[tuple[Hook.State, str], list[Hook]] = {}
    later: dict[ChannelFailure, list[Hook]] = {}
    for hook in hooks:
        if failed := [reading.failed[each] for each in hook.order_ids if each in reading.failed]:
            later.setdefault(failed[0], []).append(hook)
            continue
        state = State.DONE if hook.is_known else State.UNKNOWN_TYPE
        problem = next((odd[each] for each in hook.order_ids if each in odd), "")
        outcomes.setdefault((state, problem), []).append(hook)
    for (state, problem), those in outcomes.items():
        _mark(those, state, problem, now)
    for failure, those in later.items():
        _try_later(those, failure, now)


def _mark(hooks: list[Hook], state: Hook.State, problem: str, now: datetime) -> None:
    waiting = Hook.objects.filter(pk__in=[hook.pk for hook in hooks], state=State.NEW)
    waiting.update(state=state, problem=problem, done_at=now, retry_at=None)


def _try_later(hooks: list[Hook], failure: ChannelFailure, now: datetime) -> None:
    """Later and later, then no more."""
    said = f"{failure.sentence} {failure.next_step}".strip()
    given_up = [hook for hook in hooks if hook.attempts >= MOST_TRIES]
    _mark(given_up, State.FAILED, f"{said} {POLLS}", now)
    by_tries: dict[int, list[int]] = {}
    for hook in hooks:
        if hook.attempts < MOST_TRIES:
            by_tries.setdefault(hook.attempts, []).append(hook.pk)
    for tries, pks in by_tries.items():
        grown = min(FIRST_WAIT * 2 ** (tries - 1), LONGEST_WAIT)
        wait = max(grown, timedelta(seconds=failure.retry_after or 0))
        waiting = Hook.objects.filter(pk__in=pks, state=State.NEW)
        waiting.update(retry_at=now + wait, problem=said)


def _look_at_access(shop: Shop, channel: Channel, hook: Hook, now: datetime) -> None:
    """It says that access was withdrawn. That may be long over, since webhooks come late: so the
    marketplace is asked, and only when it lets nobody in the grant has ended."""
    try:
        channel.warehouses()
    except Exception as problem:
        failure = as_failure(problem, JOB)
        if failure.kind is not FailureKind.AUTH and failure.kind is not FailureKind.SCOPE:
            _try_later([hook], failure, now)
            return
        if failure.kind is FailureKind.AUTH:
            running = Grant.objects.filter(connections__shop=shop, ended_at=None)
            running.update(ended_at=now, problem=hook.notice)
            _mark([hook], State.DONE, hook.notice, now)
            return
    _mark([hook], State.DONE, STILL_ON, now)
