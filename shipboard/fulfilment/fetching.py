"""Fetching the platform's label files once parcels are arranged: asked for again and again while
the carrier makes them, and stored at once, for their addresses live for a day.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Case, Exists, F, Min, OuterRef, Q, QuerySet, Value, When

from shipboard.channels import registry
from shipboard.channels.contract import (
    Channel,
    ChannelFailure,
    Document,
    FailureKind,
    Rejection,
    Stage,
)
from shipboard.channels.models import Shop
from shipboard.channels.registry import NotConnected
from shipboard.fulfilment import queueing, storing
from shipboard.fulfilment.readers import Readers
from shipboard.orders.labels import Label, LabelOrder
from shipboard.orders.models import Order
from shipboard.orders.stages import AFTER_WINDOW, in_stage
from shipboard.orders.staleness import renumbered

#: First key of the advisory locks that keep a shop's labels from being fetched twice at once.
FETCH_LOCK = 5_1013
#: Fetched in one go: few, so that a label somebody waits for is never behind many others.
BATCH = 60
#: After so many seconds (real time) a shop with many lets others in and queues up again.
TURN = 20.0
#: Asked for again after so many seconds, by how often it was.
PAUSES = (2, 3, 5, 8, 13, 20, 30, 60)
#: A file that has not come for so long is delayed: it is asked for less often, and a person sees.
DELAYED_AFTER = timedelta(minutes=10)
SLOWLY = timedelta(minutes=5)
#: Nothing is asked for any more.
FOR_GOOD = (
    FailureKind.FINAL,
    FailureKind.NEEDS_FIX,
    FailureKind.BLOCKED_BY_CASE,
    FailureKind.ALREADY_DONE,
)
#: The desk itself is refused, or asked to be quiet.
STOPPING = (FailureKind.AUTH, FailureKind.SCOPE, FailureKind.THROTTLED)

#: What was asked for here goes before what was found at the marketplace.
FIRST = (
    Case(When(source=Label.Source.FOUND, then=Value(1)), default=Value(0)),
    "fetch_at",
    "pk",
)

Clock = Callable[[], datetime]
Answer = Document | ChannelFailure
logger = logging.getLogger(__name__)


def carry_on(shop_pk: int, clock: Clock, wall: Clock) -> None:
    """Fetch what is due of a shop, unless somebody does. `clock` gives the desk's present instant,
    `wall` the real one. Not inside a transaction."""
    shop = Shop.objects.filter(pk=shop_pk).first()
    if shop is None:
        return
    pause = wall() + timedelta(seconds=5)
    with _alone(shop_pk) as is_ours:
        if is_ours:
            try:
                fetch(shop, clock, wall)
                pause = wall()
            except (ChannelFailure, NotConnected) as problem:
                logger.info("Labels could not be asked for: %s", type(problem).__name__)
                pause = wall() + timedelta(seconds=30)
    if at := next_due(shop_pk):
        queueing.queue(queueing.FETCH, shop_pk, max(at, pause), wall())


def queue_due(wall: datetime) -> None:
    """Each minute: every shop with files to ask for, should a job be lost."""
    for shop_pk in due(wall).order_by().values_list("shop_id", flat=True).distinct():
        queueing.queue(queueing.FETCH, shop_pk, wall, wall)


def due(wall: datetime) -> QuerySet[Label]:
    return Label.objects.filter(fetch_at__lte=wall).exclude(package_id="")


def next_due(shop_pk: int) -> datetime | None:
    """When the next file of the shop is asked for (real time)."""
    waiting = Label.objects.filter(shop=shop_pk, fetch_at__isnull=False).exclude(package_id="")
    at: datetime | None = waiting.aggregate(at=Min("fetch_at"))["at"]
    return at


@contextmanager
def _alone(shop_pk: int) -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s, %s)", [FETCH_LOCK, shop_pk])
        (is_ours,) = cursor.fetchone() or (False,)
        try:
            yield is_ours
        finally:
            if is_ours and connection.connection and not connection.connection.closed:
                cursor.execute("select pg_advisory_unlock(%s, %s)", [FETCH_LOCK, shop_pk])


def fetch(shop: Shop, clock: Clock, wall: Clock) -> None:
    """Fetch what is due, several files at once, for at most a TURN. Raises ChannelFailure and
    NotConnected when nothing can be asked for."""
    ends = time.monotonic() + TURN
    registry.open_channel(shop)
    _give_up(shop, clock())
    with Readers(lambda: registry.open_channel(shop), shop.in_flight) as readers:
        while time.monotonic() < ends:
            labels = list(due(wall()).filter(shop=shop.pk).order_by(*FIRST)[:BATCH])
            if not labels:
                break
            for label, answer in readers.ask((each, _file_of(each, shop)) for each in labels):
                take(label, answer, clock(), wall())


def _give_up(shop: Shop, now: datetime) -> None:
    """Files of orders whose after-sales window has ended meanwhile are asked for no more."""
    asked = Label.objects.filter(shop=shop.pk, fetch_at__isnull=False)
    asked.filter(~Exists(still_open(now))).update(fetch_at=None, reason=AFTER_WINDOW, next_step="")


def _file_of(label: Label, shop: Shop) -> Callable[[Channel], Document]:
    return lambda channel: channel.document(label.package_id, size=shop.label_size)


@transaction.atomic
def take(label: Label, answer: Answer, now: datetime, wall: datetime) -> None:
    """Write down what came of asking for a label's file. `now`: the desk's clock; `wall`: real."""
    orders = LabelOrder.objects.filter(label=label.pk).values("order")
    list(Order.objects.filter(pk__in=orders).order_by("pk").select_for_update().values("pk"))
    found = Label.objects.select_for_update().filter(pk=label.pk, fetch_at__isnull=False).first()
    if found is None:
        return
    found.fetches = min(found.fetches + 1, 30_000)
    if isinstance(answer, Document):
        storing.store(found, answer, now)
    else:
        _not_yet(found, answer, now, wall)
    found.save()
    Order.objects.filter(pk__in=orders).update(version=F("version") + 1, changed_at=now)


def _not_yet(label: Label, failure: ChannelFailure, now: datetime, wall: datetime) -> None:
    label.reason, label.next_step = failure.sentence, failure.next_step
    label.code, label.words = failure.code, failure.words
    label.request_id = failure.request_id
    if failure.kind in FOR_GOOD:
        label.state, label.fetch_at, label.rejected_at = Label.State.REJECTED, None, now
        label.rejection = failure.rejection or Rejection.PRINT_FAILURE
        return
    pause = timedelta(seconds=PAUSES[min(label.fetches, len(PAUSES)) - 1])
    if wall - (label.fetching_since or wall) >= DELAYED_AFTER:
        label.state, pause = Label.State.DELAYED, SLOWLY
    if failure.kind in STOPPING:
        pause = max(pause, timedelta(seconds=failure.retry_after or 30))
    label.fetch_at = wall + pause


def still_open(now: datetime) -> QuerySet[LabelOrder]:
    """Of a Label: its orders whose after-sales window is not over."""
    closed = Order.objects.filter(in_stage(Stage.CLOSED, now), pk=OuterRef("order"))
    return LabelOrder.objects.filter(~Exists(closed), label=OuterRef("pk"))


def fetch_again(labels: Sequence[Label], now: datetime, wall: datetime) -> int:
    """Ask at once for files that are delayed or could not be had, and for those of parcels that the
    marketplace has given another number; how many. Nothing is bought, and nothing is asked for once
    the after-sales window is over. `now` is the desk's clock, `wall` real time."""
    missing = Q(
        stored_at=None,
        state__in=(Label.State.CREATING, Label.State.DELAYED, Label.State.REJECTED),
    )
    wanted = Label.objects.filter(
        missing | Q(state=Label.State.CREATED) & renumbered(),
        Exists(still_open(now)),
        pk__in=[each.pk for each in labels],
        arranged_at__isnull=False,
    )
    with transaction.atomic():
        held = wanted.select_for_update(of=("self",)).order_by("pk")
        found = dict(held.values_list("pk", "shop_id"))
        Label.objects.filter(pk__in=found).update(
            state=Label.State.CREATING,
            stored_at=None,
            tracking_number="",
            label_print=Label.Print.NO,
            fetch_at=wall,
            fetching_since=wall,
            fetches=0,
            rejected_at=None,
            rejection="",
        )
        for shop_pk in sorted(set(found.values())):
            queueing.queue(queueing.FETCH, shop_pk, wall, wall)
    return len(found)
