"""The orders of attempts as they were just read, many at once: what a call names of them, and the
last look before it: whether the order may still go, and nobody has shipped it meanwhile.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shipboard.channels.contract import Shipping, ShipTarget
from shipboard.channels.registry import capabilities
from shipboard.fulfilment.allowed import Verb, why_not
from shipboard.fulfilment.units import WHOLE, open_units
from shipboard.orders.attempts import Attempt, ClaimedUnit
from shipboard.orders.models import Line, Order, Parcel
from shipboard.orders.parts import with_parts

CHANGED = "The order has changed at the marketplace: not all of its units wait any more."


@dataclass(frozen=True, slots=True)
class Looked:
    """Orders with their parts, by key; their lines whole, and the units that attempts claim."""

    orders: Mapping[int, Order]
    lines: Mapping[int, Sequence[Line]]
    claims: Mapping[int, Sequence[ClaimedUnit]]

    def order(self, attempt: Attempt) -> Order:
        """The attempt's order, whose attempts are then the others: none stands in its own way."""
        order = self.orders[attempt.order_id]
        rest = [each for each in order.attempts.all() if each.pk != attempt.pk]
        order.__dict__["_prefetched_objects_cache"]["attempts"] = rest
        return order

    def target(self, attempt: Attempt) -> ShipTarget:
        """What the attempt's call names."""
        order = self.orders[attempt.order_id]
        if attempt.kind == Attempt.Kind.CORRECT:
            return ShipTarget(order_id=order.order_id, package_id=attempt.package_id)
        if capabilities(order.shop, Shipping(order.shipping)).whole_packages:
            package_id = attempt.package_id or _only_package(order)
            return ShipTarget(order_id=order.order_id, package_id=package_id)
        named = {unit_id for line in self.lines[order.pk] for unit_id in line.unit_ids}
        units = tuple(each.unit for each in self.claims[attempt.pk] if each.unit in named)
        return ShipTarget(order_id=order.order_id, unit_ids=units)

    def why_not(self, attempt: Attempt, now: datetime) -> str:
        """The sentence that stops a shipment at the last moment; blank: it goes."""
        order = self.order(attempt)
        reason = why_not(Verb.ADD_SHIPMENT, order, now)
        # A request that was withdrawn meanwhile stands in nobody's way.
        if reason and attempt.despite_request:
            reason = why_not(Verb.SHIP_DESPITE, order, now)
        if reason:
            return reason
        units = open_units(order, self.lines[order.pk], order.contents.all())
        claimed = {each.unit for each in self._claims(attempt)}
        return "" if claimed and claimed <= {unit.key for unit in units} else CHANGED

    def parcel_under(self, attempt: Attempt) -> Parcel | None:
        """The parcel with the attempt's number that holds all its units, by the facts."""
        number = attempt.tracking_number.upper()
        contents = [
            each
            for each in self.orders[attempt.order_id].contents.all()
            if each.parcel.tracking_number.upper() == number
        ]
        held = Counter[int]()
        for each in contents:
            held[each.line] += each.quantity
        claimed = [each.line for each in self._claims(attempt)]
        if contents and (WHOLE in held or _covers(held, claimed)):
            return contents[0].parcel
        return None

    def _claims(self, attempt: Attempt) -> list[ClaimedUnit]:
        """Those of the attempt's own order; a package may hold others'."""
        return [each for each in self.claims[attempt.pk] if each.order_id == attempt.order_id]


def look(attempts: Sequence[Attempt], now: datetime) -> Looked:
    """The same number of queries, however many attempts. Orders that have gone are left out; the
    attempts' parcels are as they are now."""
    parcels = Parcel.objects.in_bulk([each.parcel_id for each in attempts if each.parcel_id])
    for each in attempts:
        if each.parcel_id:
            each.parcel = parcels.get(each.parcel_id)
    pks = {each.order_id for each in attempts}
    orders = with_parts(Order.objects.filter(pk__in=pks).order_by("pk"), now)
    lines, claims = lines_of(attempts), claims_of(attempts)
    return Looked({order.pk: order for order in orders}, lines, claims)


def lines_of(attempts: Sequence[Attempt]) -> Mapping[int, Sequence[Line]]:
    """The lines of their orders, whole, by the order's key."""
    found: dict[int, list[Line]] = defaultdict(list)
    lines = Line.objects.filter(order__in={each.order_id for each in attempts})
    for line in lines.select_related("item").order_by("position"):
        found[line.order_id].append(line)
    return found


def claims_of(attempts: Sequence[Attempt]) -> Mapping[int, Sequence[ClaimedUnit]]:
    """The units that they claim, by the attempt's key."""
    found: dict[int, list[ClaimedUnit]] = defaultdict(list)
    of = [each.pk for each in attempts]
    for claim in ClaimedUnit.objects.filter(attempt__in=of).order_by("pk"):
        found[claim.attempt_id].append(claim)
    return found


def _only_package(order: Order) -> str:
    waiting = {
        each.parcel.package_id
        for each in order.contents.all()
        if each.parcel.package_id and not each.parcel.tracking_number
    }
    return waiting.pop() if len(waiting) == 1 else ""


def _covers(held: Counter[int], claimed: Iterable[int]) -> bool:
    return not Counter(claimed) - held


def is_only_parcel(order: Order) -> bool:
    return len({each.parcel_id for each in order.contents.all()}) < 2
