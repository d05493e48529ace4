"""A batch of labels until it becomes a run: what of each parcel is known and what is wrong with it,
one edit for many, and the confirmation, which buys what was shown and nothing else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet

from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right
from shipboard.channels.contract import (
    Capabilities,
    DeliveryOptionFact,
    Handover,
    ServiceFact,
    Shipping,
    Size,
)
from shipboard.channels.delivery_options import limits_of
from shipboard.channels.models import Shop
from shipboard.channels.registry import capabilities
from shipboard.fulfilment import pricing
from shipboard.fulfilment.allowed import Verb
from shipboard.fulfilment.batching import pick
from shipboard.fulfilment.label_parcels import GONE, LabelParcel, parcels_of, read
from shipboard.fulfilment.label_wishes import LabelWish, label_wish_of
from shipboard.fulfilment.limits import exceeded
from shipboard.fulfilment.measures import Known, known_of, suggested
from shipboard.fulfilment.models import LabelBatch, LabelBatchRow, Run
from shipboard.fulfilment.runs import begin_each
from shipboard.orders.models import Order
from shipboard.orders.overlays import Refused
from shipboard.orders.queries import visible_shops

#: Prices that were shown longer ago (real time) are asked for again before money is spent.
PRICES_LAST = timedelta(hours=1)
NO_WEIGHT = ("Its weight is missing.", "Give the weight of the packed parcel.")
NO_SIDES = ("Its size is missing.", "Give the sides of the parcel, or choose a box.")
NO_SERVICE = ("No service is chosen.", "Choose one.")
LOOK = "Look at the order as it is now."
CHEAPEST, USUAL = "cheapest", "usual"


class NotAsShown(Refused):
    """What would be bought is not what the person was shown; nothing was begun."""


@dataclass(frozen=True, slots=True)
class BatchParcel:
    """A row of a batch as it is now. `order` is None once it is out of the actor's sight, `parcel`
    once it does not wait any more. `problem` keeps it out, `next_step` mends it. `is_waiting`: its
    price is asked for. `is_remembered`: it weighs and measures what such a parcel did last time."""

    row: LabelBatchRow
    order: Order | None
    parcel: LabelParcel | None
    wish: LabelWish
    services: tuple[ServiceFact, ...]
    problem: str
    next_step: str
    is_waiting: bool
    is_remembered: bool = False

    @property
    def is_out(self) -> bool:
        return self.row.is_left_out

    @property
    def is_ready(self) -> bool:
        return not (self.is_out or self.problem or self.is_waiting)

    @property
    def cheapest(self) -> ServiceFact | None:
        return pricing.chosen(self.services, CHEAPEST)

    @property
    def excess(self) -> Decimal:
        """What the chosen service costs more than the cheapest."""
        least, price = self.cheapest, self.wish.price
        if least is None or least.price is None or price is None:
            return Decimal(0)
        return price - least.price if least.currency == self.wish.currency else Decimal(0)


@dataclass(frozen=True, slots=True)
class Change:
    """One edit for many parcels; None leaves as it is. `service`: CHEAPEST, USUAL, or an id;
    `handover` with its slot, which is None for any time. `only_missing`: what a parcel has already
    it keeps."""

    grams: int | None = None
    sides: tuple[Decimal, Decimal, Decimal] | None = None
    service: str | None = None
    handover: tuple[Handover, tuple[datetime, datetime] | None] | None = None
    only_missing: bool = False

    def replaces(self, size: Size) -> bool:
        """Whether a weight or sides that are known already become others."""
        if self.only_missing:
            return False
        sides = (size.length_cm, size.width_cm, size.height_cm)
        is_heavier = self.grams is not None and size.weight_grams not in (None, self.grams)
        return is_heavier or (self.sides is not None and bool(size.sides) and sides != self.sides)


def batches(access: Access) -> QuerySet[LabelBatch]:
    """Batches of the actor's own, of shops that they may see."""
    shops = visible_shops(access)
    mine = LabelBatch.objects.filter(person=access.person_id, shop__in=shops)
    return mine.select_related("shop", "run")


def can_of(shop: Shop) -> Capabilities:
    return capabilities(shop, Shipping.PLATFORM)


def look(batch: LabelBatch, access: Access, now: datetime) -> list[BatchParcel]:
    """The rows in order, judged by what is known now. A constant number of queries, but for one for
    each delivery option."""
    rows = list(LabelBatchRow.objects.filter(batch=batch).order_by("position"))
    orders = read({row.order_id for row in rows}, access, now)
    parcels, can = parcels_of(list(orders.values()), now), can_of(batch.shop)
    options = {order.extra.get("delivery_option_id", "") for order in orders.values()}
    limits = {each: limits_of(batch.shop, each) for each in options} if can.needs_parcel else {}
    judged = [
        _judged(row, orders.get(row.order_id), parcels.get(row.order_id, []), can, limits)
        for row in rows
    ]
    return _remembered(judged, batch) if can.needs_parcel else judged


def _remembered(parcels: Sequence[BatchParcel], batch: LabelBatch) -> list[BatchParcel]:
    """With what is known of such parcels from last time held against them. One query."""
    lines = [line for each in parcels if each.parcel for line in each.parcel.lines]
    known = known_of([batch.shop_id], (line.item.sku_id or line.item.seller_sku for line in lines))
    return [replace(each, is_remembered=_is_as_last(each, known)) for each in parcels]


def _is_as_last(each: BatchParcel, known: Known) -> bool:
    if each.parcel is None or each.parcel.together or not known:
        return False
    order, size = each.parcel.order, each.wish.size
    last = suggested(order, each.parcel.lines, known, each.parcel.contents)
    if last.weight_grams is None or last.weight_grams != size.weight_grams:
        return False
    return not last.sides or last.sides == size.sides


def _judged(
    row: LabelBatchRow,
    order: Order | None,
    parcels: Sequence[LabelParcel],
    can: Capabilities,
    limits: Mapping[str, DeliveryOptionFact | None],
) -> BatchParcel:
    wish = label_wish_of(row.wish)
    parcel = pick(parcels, wish)
    services = tuple(map(pricing.service_of, row.services))
    said = _of_order(parcel) or _of_size(wish.size, can, order, limits)
    is_waiting = row.is_unpriced and not said and not row.is_left_out
    if not said and not is_waiting:
        said = _of_platform(row, wish, services, can)
    problem, next_step = said or ("", "")
    return BatchParcel(row, order, parcel, wish, services, problem, next_step, is_waiting)


def _of_order(parcel: LabelParcel | None) -> tuple[str, str] | None:
    if parcel is None:
        return GONE, LOOK
    return (parcel.why_not, LOOK) if parcel.why_not else None


def _of_size(
    size: Size,
    can: Capabilities,
    order: Order | None,
    limits: Mapping[str, DeliveryOptionFact | None],
) -> tuple[str, str] | None:
    """What can be told of weight and size before anybody is called."""
    if not can.needs_parcel or order is None:
        return None
    if not size.weight_grams:
        return NO_WEIGHT
    if not size.sides:
        return NO_SIDES
    known = limits.get(order.extra.get("delivery_option_id", ""))
    too_big = exceeded(known, size, order.shop.region) if known else ""
    return (too_big, "") if too_big else None


def _of_platform(
    row: LabelBatchRow, wish: LabelWish, services: Sequence[ServiceFact], can: Capabilities
) -> tuple[str, str] | None:
    if row.problem:
        return row.problem, row.next_step
    if not can.rate_quotes:
        return None
    if wish.service_id not in {each.remote_id for each in services}:
        return NO_SERVICE
    return None


def saving(parcels: Iterable[BatchParcel]) -> dict[str, Decimal]:
    """What the cheapest services would cost less in all, by currency."""
    found: dict[str, Decimal] = {}
    for each in parcels:
        if each.is_ready and each.excess > 0:
            currency = each.wish.currency
            found[currency] = found.get(currency, Decimal(0)) + each.excess
    return found


def totals(parcels: Iterable[BatchParcel]) -> tuple[dict[str, Decimal], int]:
    """What the parcels that are ready cost, by currency, and how many say no price."""
    found: dict[str, Decimal] = {}
    unsaid = 0
    for each in parcels:
        if not each.is_ready:
            continue
        if each.wish.price is None:
            unsaid += 1
        else:
            known = found.get(each.wish.currency, Decimal(0))
            found[each.wish.currency] = known + each.wish.price
    return found, unsaid


def shown(parcels: Iterable[BatchParcel]) -> str:
    """A digest of what would be bought: the page carries it, and the confirmation must match."""
    ready = [(each.row.pk, each.row.wish) for each in parcels if each.is_ready]
    return hashlib.sha256(json.dumps(ready, sort_keys=True).encode()).hexdigest()[:32]


@transaction.atomic
def edit(
    batch: LabelBatch, changes: Mapping[int, Change], *, access: Access, wall: datetime
) -> int:
    """Change rows, by their keys; how many are not what they were. Prices of those whose weight or
    size changed are asked for again, and of no others."""
    access.need(Right.WORK)
    rows = _open_rows(batch).filter(pk__in=changes)
    changed = [row for row in rows if _edited(row, changes[row.pk], can_of(batch.shop), wall)]
    LabelBatchRow.objects.bulk_update(
        changed, ["wish", "services", "is_unpriced", "problem", "next_step"], batch_size=200
    )
    pricing.begin(batch)
    return len(changed)


def _open_rows(batch: LabelBatch) -> QuerySet[LabelBatchRow]:
    """Locked, of a batch that nobody has begun. Raises NotAsShown."""
    held = LabelBatch.objects.select_for_update().get(pk=batch.pk)
    if held.run_id:
        raise NotAsShown("These labels are being created already.")
    return LabelBatchRow.objects.filter(batch=held).order_by("position").select_for_update()


def _edited(row: LabelBatchRow, change: Change, can: Capabilities, wall: datetime) -> bool:
    before = label_wish_of(row.wish)
    if change.only_missing:
        change = _of_missing(row, before, change)
    size = before.size
    if change.grams is not None:
        size = replace(size, weight_grams=change.grams)
    if change.sides is not None:
        length, width, height = change.sides
        size = replace(size, length_cm=length, width_cm=width, height_cm=height)
    wish = replace(before, size=size)
    if change.handover is not None:
        wish = replace(wish, handover=change.handover[0], slot=change.handover[1])
    if size != before.size:
        wish = replace(wish, price=None, currency="")
        row.services, row.problem, row.next_step = [], "", ""
        row.is_unpriced = can.rate_quotes
    if change.service is not None and can.rate_quotes:
        wish = _with_service(row, wish, change.service)
    is_changed = wish != before
    row.wish = wish.stored()
    return is_changed


def _of_missing(row: LabelBatchRow, wish: LabelWish, change: Change) -> Change:
    """What of a change says something that is not said yet."""
    offered = {each["id"] for each in row.services}
    has_service = wish.service_id in offered if offered else bool(wish.service_id)
    return Change(
        grams=None if wish.size.weight_grams else change.grams,
        sides=None if wish.size.sides else change.sides,
        service=None if has_service else change.service,
        handover=change.handover if wish.handover is Handover.UNSAID else None,
    )


def _with_service(row: LabelBatchRow, wish: LabelWish, wanted: str) -> LabelWish:
    """Of those that were offered, or, while they are asked for, as it is wanted then."""
    services = [pricing.service_of(each) for each in row.services]
    if not services or row.is_unpriced:
        name = "" if wanted in (CHEAPEST, USUAL) else wish.service
        return replace(wish, service_id="" if wanted == USUAL else wanted, service=name)
    chosen = pricing.chosen(services, "" if wanted == USUAL else wanted)
    if chosen is None:
        row.problem, row.next_step = pricing.NOT_OFFERED
        return replace(wish, service_id=wanted, service="", price=None, currency="")
    row.problem = row.next_step = ""
    return pricing.with_service(wish, chosen)


@transaction.atomic
def leave_out(batch: LabelBatch, pks: Collection[int], out: bool, *, access: Access) -> int:
    """Leave rows out, or take them in again; how many."""
    access.need(Right.WORK)
    rows = [row.pk for row in _open_rows(batch) if row.pk in pks and row.is_left_out != out]
    LabelBatchRow.objects.filter(pk__in=rows).update(is_left_out=out)
    pricing.begin(batch)
    return len(rows)


@transaction.atomic
def ask_again(batch: LabelBatch, pks: Collection[int], *, access: Access) -> int:
    """Ask for the prices of these rows once more; how many."""
    access.need(Right.WORK)
    if not can_of(batch.shop).rate_quotes:
        return 0
    rows = [row.pk for row in _open_rows(batch) if row.pk in pks]
    LabelBatchRow.objects.filter(pk__in=rows).update(is_unpriced=True, problem="", next_step="")
    pricing.begin(batch)
    return len(rows)


def begin(
    batch: LabelBatch, seen: str, *, prints: bool, access: Access, now: datetime, wall: datetime
) -> Run:
    """Begin the run of what was shown (`seen`, of `shown`); the same batch again gives the first
    run. Rows that are not ready stay out. `wall` is real time. Raises NotAsShown, BadSelection,
    CountChanged and NotAllowed; nothing is begun then."""
    access.need(Right.WORK)
    _refresh(batch, access, now, wall)
    with transaction.atomic():
        held = LabelBatch.objects.select_for_update().get(pk=batch.pk)
        if held.run:
            return held.run
        parcels = look(held, access, now)
        _check(parcels, seen)
        ready = [each for each in parcels if each.is_ready]
        run = begin_each(
            [(each.row.order_id, each.wish.stored()) for each in ready],
            Verb.CREATE_LABEL,
            key=held.key,
            access=access,
            now=now,
            chosen=f"{len(ready):,} parcel{'' if len(ready) == 1 else 's'}: {held.words}",
        )
        Run.objects.filter(pk=run.pk).update(prints_at_once=prints)
        run.prints_at_once = prints
        held.run, held.state, held.prints_at_once = run, LabelBatch.State.BEGUN, prints
        held.save(update_fields=["run", "state", "prints_at_once"])
        return run


def _check(parcels: Sequence[BatchParcel], seen: str) -> None:
    waiting = sum(each.is_waiting for each in parcels)
    if waiting:
        raise NotAsShown(
            f"The price{'' if waiting == 1 else 's'} of {waiting:,} parcel"
            f"{' is' if waiting == 1 else 's are'} still being asked for. Nothing was bought: "
            "confirm once they are here."
        )
    if not any(each.is_ready for each in parcels):
        raise NotAsShown("No parcel is ready, so nothing was bought. Mend what is wrong first.")
    if shown(parcels) != seen:
        raise NotAsShown(
            "Prices or parcels have changed since they were shown to you. Nothing was bought: look "
            "at the total as it is now, and confirm again."
        )


def _refresh(batch: LabelBatch, access: Access, now: datetime, wall: datetime) -> None:
    """Prices that are too old are asked for again. Raises NotAsShown then."""
    if batch.run_id or not can_of(batch.shop).rate_quotes:
        return
    rows = LabelBatchRow.objects.filter(batch=batch, is_left_out=False, is_unpriced=False)
    old = set(rows.filter(priced_at__lt=wall - PRICES_LAST).values_list("pk", flat=True))
    if old and ask_again(batch, old, access=access):
        raise NotAsShown(
            "These prices are over an hour old, so they are asked for again. Nothing was bought: "
            "look at the total once they are here, and confirm again."
        )
