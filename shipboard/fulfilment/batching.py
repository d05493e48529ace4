"""What of a selection may be one batch of labels, and why the rest may not: one shop, one way of
shipping, one logistics type, one warehouse, and no more parcels than a run takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right
from shipboard.channels.contract import Shipping
from shipboard.channels.models import Shop, Warehouse
from shipboard.channels.warehouses import logistics_of
from shipboard.fulfilment.allowed import Verb, why_not
from shipboard.fulfilment.label_parcels import GONE, LabelParcel, can_of, parcels_of, read
from shipboard.fulfilment.label_wishes import LabelWish, label_wish_of
from shipboard.fulfilment.measures import known_of, suggested
from shipboard.fulfilment.models import LabelBatch, LabelBatchRow
from shipboard.fulfilment.selection import BadSelection, Selection
from shipboard.orders.attempts import Attempt
from shipboard.orders.labels import Label, LabelOrder
from shipboard.orders.models import Order
from shipboard.orders.overlays import Refused

#: Parcels of a run.
MOST = 600
#: Orders, or labels, that are looked at in one go.
MOST_CHOSEN = 3_000
PAID_FOR = "It is paid for already; its file is fetched on the Shipping Labels page."
NOT_REJECTED = "It is not rejected, so it is not created again."


class Mixed(Refused):
    """The parcels may not be one batch."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A parcel that a label is wanted for, and the label that is created again."""

    parcel: LabelParcel
    wish: LabelWish
    label: Label | None = None


@dataclass(frozen=True, slots=True)
class Lot:
    """Parcels that may be one batch. The market's lane follows from shop and way of shipping, which
    is the platform's. `logistics` is blank where nobody knows how its parcels travel."""

    shop: Shop
    logistics: str
    warehouse: str
    asked: tuple[Asked, ...]

    def runs(self) -> list[tuple[Asked, ...]]:
        """As many parcels as one run takes, the most urgent first."""
        return [self.asked[at : at + MOST] for at in range(0, len(self.asked), MOST)]

    def words(self) -> str:
        """Such as "Northwind, platform shipping, local warehouse, Oakland"."""
        known = {each.value: each.label.lower() for each in Warehouse.Logistics}
        said = (self.shop.name, "platform shipping", known.get(self.logistics), self.warehouse)
        return ", ".join(filter(None, said))


@dataclass(frozen=True, slots=True)
class Left:
    """An order of which no label can be created now, and the sentence that says why."""

    order: Order
    why: str


@dataclass(frozen=True, slots=True)
class Sorting:
    """`sellers`: orders that the seller ships with a carrier of their own; `left`: the others for
    which it is not possible; `gone`: how many are not here any more."""

    lots: tuple[Lot, ...]
    sellers: tuple[Order, ...] = ()
    left: tuple[Left, ...] = ()
    gone: int = 0

    @property
    def is_one(self) -> bool:
        """Whether all of it may be one batch, as it is."""
        is_plain = not (self.sellers or self.left or self.gone)
        return is_plain and len(self.lots) == 1 and len(self.lots[0].asked) <= MOST


def sort_orders(selection: Selection, access: Access, now: datetime) -> Sorting:
    """Raises BadSelection and BadFilter."""
    chosen = selection.orders(access, now).order_by("pk").values_list("pk", flat=True)
    pks = list(chosen[: MOST_CHOSEN + 1])
    if len(pks) > MOST_CHOSEN:
        raise BadSelection(
            f"These are more than {MOST_CHOSEN:,} orders. Labels are created for up to "
            f"{MOST_CHOSEN:,} at once, in runs of {MOST}: choose those of one shop or warehouse."
        )
    orders = list(read(pks, access, now).values())
    platform = [order for order in orders if order.shipping == Shipping.PLATFORM]
    asked, left = [], []
    for parcel in _each_once(platform, parcels_of(platform, now)):
        if parcel.why_not:
            left.append(Left(parcel.order, parcel.why_not))
        else:
            asked.append(Asked(parcel, LabelWish(package_id=parcel.package_id)))
    sellers, others = _by_seller(orders, now)
    gone = max(0, selection.expected - len(orders)) if selection.filter is None else 0
    return Sorting(tuple(_lots(_measured(asked))), sellers, (*left, *others), gone)


def _each_once(
    orders: Sequence[Order], found: Mapping[int, list[LabelParcel]]
) -> Iterator[LabelParcel]:
    """A package of several orders is one parcel, whichever of them were chosen."""
    seen = set()
    for parcel in (parcel for order in orders for parcel in found[order.pk]):
        key = (parcel.order.shop_id, parcel.package_id)
        if parcel.together and key in seen:
            continue
        seen.add(key)
        yield parcel


def _by_seller(orders: Iterable[Order], now: datetime) -> tuple[tuple[Order, ...], list[Left]]:
    sellers, left = [], []
    for order in orders:
        if order.shipping == Shipping.PLATFORM:
            continue
        if why_not(Verb.ADD_SHIPMENT, order, now):
            left.append(Left(order, why_not(Verb.CREATE_LABEL, order, now)))
        else:
            sellers.append(order)
    return tuple(sellers), left


def _measured(asked: list[Asked]) -> list[Asked]:
    """With what such parcels weighed and measured last, where the market asks for it."""
    lines = [line for each in asked for line in each.parcel.lines]
    shops = {each.parcel.order.shop_id for each in asked}
    known = known_of(shops, (line.item.sku_id or line.item.seller_sku for line in lines))
    found = []
    for each in asked:
        order, parcel = each.parcel.order, each.parcel
        is_whole = sum(parcel.contents.values()) == sum(line.quantity for line in parcel.lines)
        contents = None if is_whole else parcel.contents
        if can_of(order).needs_parcel and not parcel.together:
            size = suggested(order, parcel.lines, known, contents)
            each = replace(each, wish=replace(each.wish, size=size))
        found.append(each)
    return found


def _lots(asked: Iterable[Asked]) -> list[Lot]:
    """The largest first; in each the most urgent first."""
    asked = list(asked)
    known = logistics_of({each.parcel.order.shop_id for each in asked})
    groups: dict[tuple[int, str, str], list[Asked]] = {}
    for each in asked:
        order = each.parcel.order
        logistics = known.get((order.shop_id, order.warehouse), "")
        groups.setdefault((order.shop_id, logistics, order.warehouse), []).append(each)
    lots = []
    for (_, logistics, warehouse), some in groups.items():
        some.sort(key=lambda it: (not it.parcel.order.ship_by, _urgency(it), it.parcel.order.pk))
        lots.append(Lot(some[0].parcel.order.shop, logistics, warehouse, tuple(some)))
    return sorted(lots, key=lambda lot: (-len(lot.asked), lot.words()))


def _urgency(asked: Asked) -> float:
    ship_by = asked.parcel.order.ship_by
    return ship_by.timestamp() if ship_by else 0.0


def sort_labels(pks: Sequence[int], access: Access, now: datetime) -> Sorting:
    """Rejected labels, to be created again as they were asked for last. Raises BadSelection."""
    if not pks or len(pks) > MOST_CHOSEN:
        raise BadSelection(f"Choose labels to create again, up to {MOST_CHOSEN:,} at once.")
    labels = Label.objects.in_bulk(pks)
    inside: dict[int, list[int]] = {}
    held = LabelOrder.objects.filter(label__in=labels).order_by("label", "order")
    for label_pk, order_pk in held.values_list("label_id", "order_id"):
        inside.setdefault(label_pk, []).append(order_pk)
    orders = read({pk for some in inside.values() for pk in some}, access, now)
    parcels, wishes = parcels_of(list(orders.values()), now), _last_wishes(labels)
    asked, left, gone = [], [], 0
    for pk in dict.fromkeys(pks):
        first = next((orders[each] for each in inside.get(pk, ()) if each in orders), None)
        if pk not in labels or first is None:
            gone += 1
            continue
        wish = wishes.get(pk, LabelWish(package_id=labels[pk].package_id))
        parcel, why = _same(labels[pk], wish, parcels[first.pk])
        if parcel and not why:
            kept = replace(wish, package_id=parcel.package_id, price=None, despite_request=False)
            asked.append(Asked(parcel, kept, labels[pk]))
        else:
            left.append(Left(first, why))
    return Sorting(tuple(_lots(asked)), (), tuple(left), gone)


def _last_wishes(labels: Iterable[int]) -> dict[int, LabelWish]:
    """What the last attempt of each label asked for."""
    rows = Attempt.objects.filter(label__in=list(labels), kind=Attempt.Kind.LABEL).order_by("pk")
    return {pk: label_wish_of(asks or {}) for pk, asks in rows.values_list("label_id", "asks")}


def _same(
    label: Label, wish: LabelWish, parcels: Sequence[LabelParcel]
) -> tuple[LabelParcel | None, str]:
    if label.arranged_at:
        return None, PAID_FOR
    if label.state != Label.State.REJECTED:
        return None, NOT_REJECTED
    parcel = pick(parcels, wish)
    if parcel is None:
        return None, GONE
    return parcel, parcel.why_not


def pick(parcels: Sequence[LabelParcel], wish: LabelWish) -> LabelParcel | None:
    """Which of an order's parcels a wish means; None: it does not wait any more."""
    for parcel in parcels:
        if parcel.why_not and len(parcels) == 1:
            return parcel
        if wish.package_id in ("", parcel.package_id) and len(parcels) == 1:
            return parcel.of(wish.contents)
        if wish.package_id and wish.package_id == parcel.package_id:
            return parcel.of(wish.contents)
    return None


def make_batch(
    asked: Sequence[Asked], *, key: UUID, access: Access, now: datetime, travels: str = ""
) -> LabelBatch:
    """A batch of these parcels; its prices are not asked for yet (pricing.begin). `travels`: a
    person's word on the logistics type where nobody knows it. The same `key` again gives the first
    batch. Raises Mixed, BadSelection and NotAllowed."""
    access.need(Right.WORK)
    if first := made_with(key, access):
        return first
    if not asked:
        raise BadSelection("No parcel waits for a label.")
    lots = _lots(asked)
    if len(lots) > 1 or len(asked) > MOST:
        raise Mixed("These parcels cannot be one batch. Create their labels in several.")
    (lot,) = lots
    lot = replace(lot, logistics=lot.logistics or travels)
    try:
        with transaction.atomic():
            return _make(lot, key, access, now)
    except IntegrityError:
        if first := made_with(key, access):
            return first
        raise BadSelection("This form was sent by somebody else already. Choose again.") from None


def wanting(asked: Iterable[Asked], service: str) -> tuple[Asked, ...]:
    """With this service (or rule, of pricing.py) for all that name none of their own."""
    return tuple(
        each if each.wish.service_id else replace(each, wish=replace(each.wish, service_id=service))
        for each in asked
    )


def made_with(key: UUID, access: Access) -> LabelBatch | None:
    return LabelBatch.objects.filter(key=key, person=access.person_id).first()


def _make(lot: Lot, key: UUID, access: Access, now: datetime) -> LabelBatch:
    batch = LabelBatch.objects.create(
        key=key,
        shop=lot.shop,
        by=access.by,
        person_id=access.person_id,
        words=lot.words(),
        prints_at_once=lot.shop.prints_at_once,
        made_at=now,
    )
    LabelBatchRow.objects.bulk_create(
        LabelBatchRow(
            batch=batch,
            position=position,
            order=each.parcel.order,
            label=each.label,
            wish=each.wish.stored(),
        )
        for position, each in enumerate(lot.asked, 1)
    )
    return batch
