"""The orders of attempts as they were just read, many at once: what a call names of them, and the
last look before it: whether the order may still go, and nobody has shipped it meanwhile.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shipboard.channels.contract import Shipping, ShipTarget, Stage
from shipboard.channels.registry import capabilities
from shipboard.fulfilment.allowed import Verb, why_not
from shipboard.fulfilment.units import WHOLE, Unit, open_units, packages_of
from shipboard.orders.attempts import Attempt, ClaimedUnit
from shipboard.orders.labels import Label
from shipboard.orders.models import Line, Order, Parcel
from shipboard.orders.parts import with_parts

#: Where an order is once a label of it was arranged.
ARRANGED = (Stage.PARTIALLY_SHIPPED, Stage.PENDING_COLLECTION, Stage.IN_TRANSIT, Stage.DELIVERED)
CHANGED = "The order has changed at the marketplace: not all of its units wait any more."


@dataclass(frozen=True, slots=True)
class Looked:
    """Orders with their parts, by key; their lines whole, and the units that attempts claim."""

    orders: Mapping[int, Order]
    lines: Mapping[int, Sequence[Line]]
    claims: Mapping[int, Sequence[ClaimedUnit]]
    #: Packages of these orders that a label which was arranged is of.
    labelled: frozenset[str] = frozenset()

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

    def waiting(self, attempt: Attempt) -> tuple[Unit, ...]:
        """The units of its order that wait to be shipped."""
        order = self.orders[attempt.order_id]
        return open_units(order, self.lines[order.pk], order.contents.all())

    def claimed(self, attempt: Attempt) -> set[str]:
        """The keys of those units of its order that it has."""
        return {each.unit for each in self._claims(attempt)}

    def why_not(self, attempt: Attempt, now: datetime) -> str:
        """The sentence that stops a shipment at the last moment; blank: it goes."""
        if reason := self._why_not(attempt, self.order(attempt), now):
            return reason
        for pk in sorted({each.order_id for each in self.claims[attempt.pk]} - {attempt.order_id}):
            other = self.orders.get(pk)
            if other and (reason := self._why_not(attempt, other, now)):
                return f"It is combined with order {other.order_id}: {reason}"
        claimed, waiting = self.claimed(attempt), self.waiting(attempt)
        return "" if claimed and claimed <= {unit.key for unit in waiting} else CHANGED

    def _why_not(self, attempt: Attempt, order: Order, now: datetime) -> str:
        is_label = attempt.kind == Attempt.Kind.LABEL
        reason = why_not(Verb.CREATE_LABEL if is_label else Verb.ADD_SHIPMENT, order, now)
        # A request that was withdrawn meanwhile stands in nobody's way.
        if reason and attempt.despite_request:
            reason = why_not(Verb.SHIP_DESPITE, order, now)
        return reason

    def parcel_of(self, attempt: Attempt) -> Parcel | None:
        """The parcel that the attempt has become, by the facts."""
        if attempt.kind == Attempt.Kind.LABEL:
            return self._labelled(attempt)
        return self.parcel_under(attempt)

    def has_left(self, attempt: Attempt) -> bool:
        """Whether none of its units waits any more, though its order goes on."""
        claimed, waiting = self.claimed(attempt), {unit.key for unit in self.waiting(attempt)}
        is_arranged = self.orders[attempt.order_id].stage in ARRANGED
        return is_arranged and bool(claimed) and not claimed & waiting

    def _labelled(self, attempt: Attempt) -> Parcel | None:
        """Its package, or, where that is born with the label, the parcel that holds its units and
        is no other label's."""
        if not self.has_left(attempt):
            return None
        held: dict[int, Counter[int]] = {}
        parcels: dict[int, Parcel] = {}
        for each in self.orders[attempt.order_id].contents.all():
            held.setdefault(each.parcel_id, Counter())[each.line] += each.quantity
            parcels[each.parcel_id] = each.parcel
        claimed = [each.line for each in self._claims(attempt)]
        said = packages_of(self.lines[attempt.order_id])
        named = {said[each.unit] for each in self._claims(attempt) if each.unit in said}
        for pk, counts in held.items():
            parcel = parcels[pk]
            if named and named != {parcel.package_id}:
                continue
            if attempt.package_id and parcel.package_id != attempt.package_id:
                continue
            if not parcel.package_id or parcel.package_id in self.labelled:
                continue
            if WHOLE in counts or _covers(counts, claimed):
                return parcel
        return None

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
    """The same number of queries, however many attempts: their orders, and those in one package
    with them. Orders that have gone are left out; the attempts' parcels are as they are now."""
    parcels = Parcel.objects.in_bulk([each.parcel_id for each in attempts if each.parcel_id])
    for each in attempts:
        if each.parcel_id:
            each.parcel = parcels.get(each.parcel_id)
    lines, claims = lines_of(attempts), claims_of(attempts)
    pks = {each.order_id for each in attempts}
    pks |= {each.order_id for of_one in claims.values() for each in of_one}
    orders = with_parts(Order.objects.filter(pk__in=pks).order_by("pk"), now)
    return Looked({order.pk: order for order in orders}, lines, claims, _labelled(attempts))


def _labelled(attempts: Sequence[Attempt]) -> frozenset[str]:
    if not any(each.kind == Attempt.Kind.LABEL for each in attempts):
        return frozenset()
    arranged = Label.objects.filter(
        inside__order__in={each.order_id for each in attempts}, arranged_at__isnull=False
    )
    live = arranged.exclude(state=Label.State.VOIDED)
    return frozenset(live.values_list("package_id", flat=True))


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
