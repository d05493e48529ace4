"""Asking a platform what the parcels of a batch would cost and how they may be handed over: in the
background, several at once, and only for those whose weight, size or contents are not priced yet.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from shipboard.accounts.access import Access
from shipboard.channels import registry
from shipboard.channels.contract import (
    Capabilities,
    Channel,
    ChannelFailure,
    FailureKind,
    HandoverFact,
    ServiceFact,
    Shipping,
    ShipTarget,
    Size,
)
from shipboard.channels.registry import NotConnected
from shipboard.fulfilment.batching import pick
from shipboard.fulfilment.label_parcels import parcels_of, read
from shipboard.fulfilment.label_wishes import LabelWish, label_wish_of
from shipboard.fulfilment.models import LabelBatch, LabelBatchRow
from shipboard.fulfilment.readers import Readers

#: Name of the job (tasks.py), and its queue.
JOB, QUEUE = "price_labels", "labels"
#: First key of the advisory locks that keep a batch from being priced twice at once.
PRICE_LOCK = 5_1017
#: Rows read, and asked for, in one go.
CHUNK = 50
#: A question that nobody answered is asked so often; with so many seconds between.
TRIES, PAUSE = 3, 1.0
#: The desk waits no longer for a platform that asks for quiet.
MOST_QUIET = 30.0
#: The desk itself is refused: nothing more is asked.
STOPPING = (FailureKind.AUTH, FailureKind.SCOPE)
NOT_OFFERED = ("The chosen service does not take this parcel.", "Choose another service.")
NOTHING_OFFERED = (
    "No service takes such a parcel to this address.",
    "Check its weight and size.",
)
#: In place of a service's id: the one with the lowest price.
CHEAPEST = "cheapest"

Clock = Callable[[], datetime]
Answer = tuple[ServiceFact, ...] | ChannelFailure
logger = logging.getLogger(__name__)


def begin(batch: LabelBatch) -> None:
    """Have the batch priced, if anything of it waits for that; within the transaction that made it
    so."""
    waiting = _unpriced(batch.pk).exists()
    state = LabelBatch.State.PRICING if waiting or _wants_handover(batch) else None
    open_batch = LabelBatch.objects.filter(pk=batch.pk, run=None)
    if state is None:
        open_batch.update(state=LabelBatch.State.READY)
        return
    open_batch.update(state=state)
    queue(batch.pk)


def queue(batch_pk: int) -> None:
    deferrer = app.configure_task(JOB, queue=QUEUE, queueing_lock=f"{JOB} {batch_pk}")
    with suppress(AlreadyEnqueued), transaction.atomic():
        deferrer.defer(batch_pk=batch_pk)


def begin_new(batch: LabelBatch) -> None:
    """As `begin`, of a batch that was just made: all whose weight and size are known are asked
    for."""
    if _can(batch).rate_quotes:
        LabelBatchRow.objects.filter(batch=batch).update(is_unpriced=True)
    begin(batch)


def resume() -> None:
    """Go on with batches whose pricing somebody left."""
    for pk in LabelBatch.objects.filter(state=LabelBatch.State.PRICING).values_list(
        "pk", flat=True
    ):
        with _alone(pk) as is_idle:
            if is_idle:
                queue(pk)


def carry_on(batch_pk: int, clock: Clock, wall: Clock) -> None:
    """Ask for what is not known of a batch, unless somebody does. `clock` gives the desk's present
    instant, `wall` the real one. Not inside a transaction."""
    while _is_wanted(batch_pk):
        with _alone(batch_pk) as is_ours:
            if not is_ours:
                return
            batch = LabelBatch.objects.select_related("shop").get(pk=batch_pk)
            try:
                _ask_handover(batch, clock)
                _price(batch, clock, wall)
            except (ChannelFailure, NotConnected) as problem:
                _give_up(batch, problem, wall())
            _rest(batch)


def _is_wanted(batch_pk: int) -> bool:
    return LabelBatch.objects.filter(pk=batch_pk, state=LabelBatch.State.PRICING).exists()


@contextmanager
def _alone(batch_pk: int) -> Iterator[bool]:
    """Whether nobody else prices this batch; a killed one's lock goes with its connection."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s, %s)", [PRICE_LOCK, batch_pk])
        (is_ours,) = cursor.fetchone() or (False,)
        try:
            yield is_ours
        finally:
            if is_ours and connection.connection and not connection.connection.closed:
                cursor.execute("select pg_advisory_unlock(%s, %s)", [PRICE_LOCK, batch_pk])


@transaction.atomic
def _rest(batch: LabelBatch) -> None:
    """Say that it is ready, if nothing more was asked for meanwhile."""
    held = LabelBatch.objects.select_for_update().get(pk=batch.pk)
    if held.state == LabelBatch.State.PRICING and not _unpriced(batch.pk).exists():
        LabelBatch.objects.filter(pk=batch.pk).update(state=LabelBatch.State.READY)


def _can(batch: LabelBatch) -> Capabilities:
    return registry.capabilities(batch.shop, Shipping.PLATFORM)


def _unpriced(batch_pk: int) -> QuerySet[LabelBatchRow]:
    """Rows that can be asked for: those whose weight is not known wait for a person."""
    rows = LabelBatchRow.objects.filter(batch=batch_pk, is_unpriced=True, is_left_out=False)
    known = {f"wish__{name}__isnull": False for name in ("weight_grams", "height_cm")}
    return rows.filter(**known)


# --- prices ----------------------------------------------------------------------------------


def _price(batch: LabelBatch, clock: Clock, wall: Clock) -> None:
    """Raises ChannelFailure and NotConnected when nothing can be asked for."""
    if not _unpriced(batch.pk).exists():
        return
    registry.open_channel(batch.shop)
    # What its maker could see; whoever buys is asked again.
    access = Access(by=batch.by)
    with Readers(lambda: registry.open_channel(batch.shop), batch.shop.in_flight) as readers:
        while rows := list(_unpriced(batch.pk).order_by("position")[:CHUNK]):
            _chunk(rows, readers, access, clock, wall)


def _chunk(
    rows: Sequence[LabelBatchRow],
    readers: Readers,
    access: Access,
    clock: Clock,
    wall: Clock,
) -> None:
    orders = read({row.order_id for row in rows}, access, clock())
    parcels = parcels_of(list(orders.values()), clock())
    questions = []
    for row in rows:
        wish = label_wish_of(row.wish)
        parcel = pick(parcels.get(row.order_id, []), wish)
        if parcel is None or parcel.why_not:
            _take(row, (), wall())  # the page says why it stays out
            continue
        questions.append((row, _services(parcel.target(), wish.size)))
    stopped: ChannelFailure | None = None
    for row, answer in readers.ask(questions):
        if isinstance(answer, ChannelFailure) and answer.kind in STOPPING:
            stopped = answer
        else:
            _take(row, answer, wall())
    if stopped:
        raise stopped


def _services(target: ShipTarget, size: Size) -> Callable[[Channel], tuple[ServiceFact, ...]]:
    """What goes wrong for a moment is asked again a few times: nothing is bought by it."""

    def ask(channel: Channel) -> tuple[ServiceFact, ...]:
        for _ in range(TRIES - 1):
            try:
                return channel.services(target, size)
            except ChannelFailure as failure:
                if failure.kind not in (FailureKind.TRANSIENT, FailureKind.THROTTLED):
                    raise
                time.sleep(min(failure.retry_after or PAUSE, MOST_QUIET))
        return channel.services(target, size)

    return ask


@transaction.atomic
def _take(row: LabelBatchRow, answer: Answer, wall: datetime) -> None:
    """Write down what was answered; dropped where another parcel is asked about meanwhile."""
    held = LabelBatchRow.objects.select_for_update().filter(pk=row.pk, is_unpriced=True).first()
    if held is None:
        return
    wish, asked = label_wish_of(held.wish), label_wish_of(row.wish)
    if (wish.size, wish.contents, wish.package_id) != (
        asked.size,
        asked.contents,
        asked.package_id,
    ):
        return
    held.is_unpriced, held.priced_at = False, wall
    held.services, held.problem, held.next_step = [], "", ""
    if isinstance(answer, ChannelFailure):
        held.problem, held.next_step = answer.sentence, answer.next_step
        wish = replace(wish, price=None, currency="")
    else:
        held.services = [stored_service(each) for each in answer]
        found = chosen(answer, wish.service_id)
        if found:
            wish = with_service(wish, found)
        else:
            held.problem, held.next_step = NOT_OFFERED if answer else NOTHING_OFFERED
            wish = replace(wish, price=None, currency="")
    held.wish = wish.stored()
    held.save()


def _give_up(batch: LabelBatch, problem: ChannelFailure | NotConnected, wall: datetime) -> None:
    """Nothing can be asked for now: what waits says why."""
    said = (str(problem), "")
    if isinstance(problem, ChannelFailure):
        said = (problem.sentence, problem.next_step)
    rows = LabelBatchRow.objects.filter(batch=batch, is_unpriced=True)
    rows.update(is_unpriced=False, priced_at=wall, problem=said[0], next_step=said[1])
    held = LabelBatch.objects.get(pk=batch.pk)
    if _wants_handover(held):
        _keep(held, {"problem": " ".join(filter(None, said))})


def chosen(services: Sequence[ServiceFact], wanted: str) -> ServiceFact | None:
    """The one with this id, the cheapest (CHEAPEST), or, where none is wanted, the usual one."""
    if wanted == CHEAPEST:
        priced = [each for each in services if each.price is not None]
        return min(priced, key=lambda each: each.price or Decimal(0), default=None)
    if not wanted:
        return next((each for each in services if each.is_default), next(iter(services), None))
    return next((each for each in services if each.remote_id == wanted), None)


def with_service(wish: LabelWish, service: ServiceFact) -> LabelWish:
    return replace(
        wish,
        service_id=service.remote_id,
        service=service.name,
        price=service.price,
        currency=service.currency,
    )


def stored_service(service: ServiceFact) -> dict[str, Any]:
    return {
        "id": service.remote_id,
        "name": service.name,
        "carrier": service.carrier,
        "price": None if service.price is None else str(service.price),
        "currency": service.currency,
        "days": list(service.days),
        "default": service.is_default,
    }


def service_of(stored: Mapping[str, Any]) -> ServiceFact:
    """The opposite of `stored_service`."""
    least, most = stored["days"]
    return ServiceFact(
        remote_id=stored["id"],
        name=stored["name"],
        carrier=stored["carrier"],
        price=None if stored["price"] is None else Decimal(stored["price"]),
        currency=stored["currency"],
        days=(least, most),
        is_default=stored["default"],
    )


# --- hand-over, once for the batch's warehouse -------------------------------------------------


def _wants_handover(batch: LabelBatch) -> bool:
    can = _can(batch)
    return can.pickup_slots and not can.handover_by_warehouse and not batch.handover


def _ask_handover(batch: LabelBatch, clock: Clock) -> None:
    """Asked with the first package that there is. Raises ChannelFailure and NotConnected."""
    if not _wants_handover(batch):
        return
    rows = LabelBatchRow.objects.filter(batch=batch, wish__package_id__gt="").order_by("position")
    packages = rows.values_list("wish__package_id", flat=True)
    if not packages:
        _keep(batch, {"problem": "The marketplace has not made their packages yet."})
        return
    _keep(batch, _stored_handover(registry.open_channel(batch.shop).handover(packages[0])))


def _keep(batch: LabelBatch, said: dict[str, Any]) -> None:
    LabelBatch.objects.filter(pk=batch.pk).update(handover=said)
    batch.handover = said


def _stored_handover(fact: HandoverFact) -> dict[str, Any]:
    return {
        "problem": "",
        "pickup": fact.can_pickup,
        "drop_off": fact.can_drop_off,
        "url": fact.drop_off_url,
        "slots": [
            [slot.starts_at.isoformat(), slot.ends_at.isoformat(), slot.is_open]
            for slot in fact.slots
        ],
    }
