"""Orders as the tables hold them, read back so that new accounts can be merged into them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from shipboard.channels.contract import OrderFact
from shipboard.ingest.contents import Row, said_parcels
from shipboard.ingest.merge import PARCELS, Known, heard, line_keys
from shipboard.ingest.rows import case_fact, fact_from, line_fact, with_ages
from shipboard.orders.models import Case, Line, Order, ParcelContent


@dataclass(frozen=True, slots=True)
class Stored:
    """An order before a batch. `fact`: what it shows; `contents`: its rows of the table, past
    parcels included."""

    order: Order
    fact: OrderFact
    known: Known
    contents: tuple[Row, ...]
    parcels: dict[int, tuple[str, str]]


def load(pks: Sequence[int]) -> dict[int, Stored]:
    """Orders by primary key, in four queries."""
    if not pks:
        return {}
    lines = _by_order(
        Line.objects.filter(order__in=pks).select_related("item").order_by("position")
    )
    contents = _by_order(
        ParcelContent.objects.filter(order__in=pks).select_related("parcel").order_by("pk")
    )
    cases = _by_order(Case.objects.filter(order__in=pks).order_by("kind", "case_id"))
    return {
        order.pk: _stored(
            order, lines.get(order.pk, []), contents.get(order.pk, []), cases.get(order.pk, [])
        )
        for order in Order.objects.filter(pk__in=pks)
    }


def _by_order(rows: Iterable[Any]) -> dict[int, list[Any]]:
    grouped: dict[int, list[Any]] = {}
    for row in rows:
        grouped.setdefault(row.order_id, []).append(row)
    return grouped


def _stored(
    order: Order, lines: list[Line], contents: list[ParcelContent], cases: list[Case]
) -> Stored:
    fact = fact_from(
        order, [line_fact(line) for line in lines], [case_fact(each) for each in cases]
    )
    known = heard(fact)
    parcels = {
        each.parcel_id: (
            each.parcel.package_id,
            "" if each.parcel.package_id else each.parcel.tracking_number.upper(),
        )
        for each in contents
    }
    current = [
        (parcels[each.parcel_id], each.line, each.quantity) for each in contents if each.is_current
    ]
    if current:
        shown = said_parcels(current, line_keys(fact.lines))
        known = Known(known.order_id, known.head, {**known.said, PARCELS: (shown, known.head.age)})
    rows = tuple(
        (order.pk, each.parcel_id, each.line, each.quantity, each.is_current) for each in contents
    )
    return Stored(order, fact, with_ages(known, order.field_ages), rows, parcels)
