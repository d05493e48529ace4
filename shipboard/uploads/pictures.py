"""What judging needs of orders, read for many at once: a constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shipboard.channels.contract import Capabilities, Shipping
from shipboard.channels.models import Shop
from shipboard.channels.registry import capabilities
from shipboard.fulfilment.allowed import said_of
from shipboard.fulfilment.claiming import was_taken_back
from shipboard.fulfilment.units import Unit, open_units
from shipboard.orders.attempts import LIVE, Attempt, ClaimedUnit
from shipboard.orders.models import Line, Order
from shipboard.orders.parts import with_parts

#: Columns of an order that no rule here reads; they are wide.
UNREAD = ("digest", "field_ages", "channel_deadlines", "charges")


@dataclass(frozen=True, slots=True)
class Picture:
    """An order with its parts. `free`: units that wait and no shipment has. `taken`: who has them,
    where some wait and none is free. `numbers`: tracking numbers it goes under, with a sentence
    of who said so."""

    order: Order
    can: Capabilities
    lines: tuple[Line, ...]
    free: tuple[Unit, ...]
    taken: str = ""
    numbers: dict[str, str] = field(default_factory=dict)


def pictures(shop: Shop, order_ids: Sequence[str], now: datetime) -> dict[str, Picture]:
    """Of the shop's orders with these ids, those that there are."""
    orders = Order.objects.filter(shop=shop, order_id__in=order_ids).defer(*UNREAD)
    found = with_parts(orders, now)
    pks = [order.pk for order in found]
    lines, claims, asked = _lines(pks), _claims(pks), _asked(pks)
    return {
        order.order_id: _picture(order, lines[order.pk], claims[order.pk], asked[order.pk])
        for order in found
    }


def _picture(
    order: Order, lines: list[Line], claims: list[ClaimedUnit], asked: list[Attempt]
) -> Picture:
    units = open_units(order, lines, order.contents.all())
    claimed = {each.unit for each in claims}
    free = tuple(unit for unit in units if unit.key not in claimed)
    taken = ""
    if units and not free:
        keys = {unit.key for unit in units}
        owners = [each.attempt for each in claims if each.unit in keys]
        if all(was_taken_back(each, order) for each in owners):
            free = units
        else:
            taken = said_of(owners[-1])
    return Picture(
        order=order,
        can=capabilities(order.shop, Shipping(order.shipping)),
        lines=tuple(lines),
        free=free,
        taken=taken,
        numbers=_numbers(order, asked),
    )


def _numbers(order: Order, asked: Iterable[Attempt]) -> dict[str, str]:
    found = {
        each.parcel.tracking_number: "It goes under this number already."
        for each in order.contents.all()
        if each.parcel.tracking_number
    }
    for attempt in asked:
        number = attempt.tracking_number
        found[number] = f"{attempt.by} ships it already under {number}."
    return found


def _lines(pks: Sequence[int]) -> dict[int, list[Line]]:
    found = defaultdict[int, list[Line]](list)
    lines = Line.objects.filter(order__in=pks).select_related("item")
    for line in lines.order_by("order", "position"):
        found[line.order_id].append(line)
    return found


def _claims(pks: Sequence[int]) -> dict[int, list[ClaimedUnit]]:
    found = defaultdict[int, list[ClaimedUnit]](list)
    claims = ClaimedUnit.objects.filter(order__in=pks).select_related("attempt")
    for claim in claims.order_by("attempt", "pk"):
        found[claim.order_id].append(claim)
    return found


def _asked(pks: Sequence[int]) -> dict[int, list[Attempt]]:
    """Shipments that stand: under way, or accepted."""
    found = defaultdict[int, list[Attempt]](list)
    attempts = Attempt.objects.filter(
        order__in=pks, kind=Attempt.Kind.SHIP, state__in=(*LIVE, Attempt.State.DONE)
    )
    for attempt in attempts.order_by("pk"):
        found[attempt.order_id].append(attempt)
    return found
