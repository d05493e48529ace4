"""The parcels that labels could be created for now: of each order its waiting packages, or the
units that nobody has claimed; read for hundreds of orders at once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import F, QuerySet

from shipboard.accounts.access import Access
from shipboard.channels.contract import Capabilities, Shipping, ShipTarget
from shipboard.channels.registry import capabilities
from shipboard.fulfilment.allowed import Verb, why_not
from shipboard.fulfilment.claiming import of_parcel, waiting_packages
from shipboard.fulfilment.units import Unit, chosen, open_units
from shipboard.orders.attempts import Attempt, ClaimedUnit
from shipboard.orders.models import Line, Order, ParcelContent
from shipboard.orders.parts import to_decide
from shipboard.orders.queries import visible_shops
from shipboard.orders.staleness import TAKEN_BACK_AFTER

ASKED = "A label of it is asked for already; it shows with the order."
GONE = "That package does not wait for a label any more."
#: Columns that nothing here reads; they are wide, and some hold personal data.
UNREAD = ("digest", "field_ages", "channel_deadlines", "charges", "recipient")
UNREAD_OF_LINES = ("item__digest", "item__category", "item__image_url")


@dataclass(frozen=True, slots=True)
class LabelParcel:
    """What one label would be of. `order` is asked with; `together` are others in its package.
    `units` of `order` alone, those that wait and are free; `lines` with their items. `why_not`: a
    sentence, blank where a label can be created."""

    order: Order
    lines: tuple[Line, ...]
    units: tuple[Unit, ...]
    package_id: str = ""
    together: tuple[Order, ...] = ()
    why_not: str = ""

    @property
    def contents(self) -> Mapping[int, int]:
        """Units by line position."""
        return Counter(unit.line for unit in self.units)

    def of(self, contents: Mapping[int, int] | None) -> LabelParcel:
        """With these of its units only; None: all."""
        if contents is None:
            return self
        picked = chosen(self.units, contents)
        short = len(picked) < sum(contents.values())
        said = "Not all of its units wait for a label any more." if short else ""
        return replace(self, units=picked, why_not=self.why_not or said)

    def target(self) -> ShipTarget:
        return ShipTarget(
            order_id=self.order.order_id,
            package_id=self.package_id,
            unit_ids=tuple(unit.unit_id for unit in self.units if unit.unit_id),
        )


def can_of(order: Order) -> Capabilities:
    return capabilities(order.shop, Shipping.PLATFORM)


def read(pks: Collection[int], access: Access, now: datetime) -> dict[int, Order]:
    """Those of the orders that the actor may see, with what decides on them, by primary key."""
    found = Order.objects.filter(pk__in=pks, shop__in=visible_shops(access))
    return _decided(found, now)


def _decided(orders: QuerySet[Order], now: datetime) -> dict[int, Order]:
    return {order.pk: order for order in to_decide(orders.defer(*UNREAD), now)}


def parcels_of(orders: Sequence[Order], now: datetime) -> dict[int, list[LabelParcel]]:
    """Of each order (as `read` gives them) its parcels, by its primary key; the same package under
    each order that is in it. Those that cannot be labelled say why. Five queries at most."""
    inside, others = _together(orders, now)
    known = {order.pk: order for order in (*orders, *others)}
    lines, claims = _lines(known), _claims(known)
    return {
        order.pk: [
            _with_others(parcel, inside, known, now)
            for parcel in _own(order, lines[order.pk], claims[order.pk], now)
        ]
        for order in orders
    }


def _own(order: Order, lines: list[Line], claimed: set[str], now: datetime) -> list[LabelParcel]:
    """Its packages, or its units, by what is known of the order alone."""
    refusal = why_not(Verb.CREATE_LABEL, order, now)
    if refusal:
        return [LabelParcel(order, tuple(lines), (), why_not=refusal)]
    units, waiting = open_units(order, lines, order.contents.all()), waiting_packages(order)
    if waiting and (can_of(order).whole_packages or len(waiting) > 1):
        held = {package_id: of_parcel(order, pk, units) for package_id, pk in waiting.items()}
    else:
        held = {next(iter(waiting), "") if can_of(order).whole_packages else "": units}
    found = []
    for package_id, some in held.items():
        free = tuple(unit for unit in some if unit.key not in claimed)
        said = "" if free else ASKED
        found.append(LabelParcel(order, tuple(lines), free, package_id, why_not=said))
    return found


def _with_others(
    parcel: LabelParcel,
    inside: Mapping[str, Mapping[int, Collection[int]]],
    known: Mapping[int, Order],
    now: datetime,
) -> LabelParcel:
    pks = inside.get(parcel.package_id, {}).get(parcel.order.shop_id, ())
    together = tuple(known[pk] for pk in pks if pk != parcel.order.pk and pk in known)
    said = parcel.why_not
    for other in together:
        reason = why_not(Verb.CREATE_LABEL, other, now)
        said = said or (f"It is combined with order {other.order_id}: {reason}" if reason else "")
    return replace(parcel, together=together, why_not=said)


def _together(
    orders: Iterable[Order], now: datetime
) -> tuple[dict[str, dict[int, list[int]]], list[Order]]:
    """Keys of the orders in each package that waits, by its id and shop; and those orders that are
    not among the given ones."""
    parcels = {pk for order in orders for pk in waiting_packages(order).values()}
    mine = {order.pk for order in orders}
    inside: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    contents = ParcelContent.objects.filter(parcel__in=parcels, is_current=True)
    rows = contents.order_by("order_id").values_list(
        "parcel__package_id", "parcel__shop_id", "order_id"
    )
    for package_id, shop_pk, order_pk in rows.distinct():
        inside[package_id][shop_pk].append(order_pk)
    others = {pk for by_shop in inside.values() for pks in by_shop.values() for pk in pks} - mine
    found = _decided(Order.objects.filter(pk__in=others), now) if others else {}
    return inside, list(found.values())


def _lines(orders: Collection[int]) -> defaultdict[int, list[Line]]:
    found: defaultdict[int, list[Line]] = defaultdict(list)
    rows = Line.objects.filter(order__in=orders).select_related("item").defer(*UNREAD_OF_LINES)
    for line in rows.order_by("position"):
        found[line.order_id].append(line)
    return found


def _claims(orders: Collection[int]) -> defaultdict[int, set[str]]:
    """Units that a shipment has, but for those that the channel has taken back since."""
    taken_back = {
        "attempt__state": Attempt.State.DONE,
        "attempt__ended_at__lte": F("order__as_of") - TAKEN_BACK_AFTER,
    }
    found: defaultdict[int, set[str]] = defaultdict(set)
    claims = ClaimedUnit.objects.filter(order__in=orders).exclude(**taken_back)
    for order_pk, unit in claims.values_list("order_id", "unit"):
        found[order_pk].add(unit)
    return found
