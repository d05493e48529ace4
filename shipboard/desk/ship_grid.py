"""The grid in which many orders get their tracking numbers: its rows, read for all of them at once,
and the orders that a scanned or pasted id means.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.db.models import F
from markupsafe import Markup

from shipboard import carriers
from shipboard.accounts.access import Access
from shipboard.channels.contract import Shipping
from shipboard.channels.providers import Offered
from shipboard.channels.registry import capabilities
from shipboard.desk.rows import Row, row_of
from shipboard.desk.shipment_form import known_carriers
from shipboard.fulfilment.allowed import Verb, why_not
from shipboard.fulfilment.claiming import package_of, waiting_packages
from shipboard.fulfilment.refusals import BadShipment
from shipboard.fulfilment.selection import Selection
from shipboard.orders.filters import OrderFilter
from shipboard.orders.models import Order, ParcelContent
from shipboard.orders.parts import with_parts
from shipboard.orders.queries import in_view, visible_shops

#: Rows of a page; more go through a file.
MOST = 600
#: Columns that nothing here reads; they are wide.
UNREAD = ("digest", "field_ages", "channel_deadlines", "charges")


@dataclass(frozen=True)
class GridRow:
    """`why_not`: why it is left out, a sentence; blank: it can go. `is_decision`: the buyer asks to
    cancel. `together`: ids of the orders in the same package of the marketplace's. `offered`: a
    key of Grid.carriers."""

    row: Row
    why_not: str
    is_decision: bool
    together: tuple[str, ...]
    offered: str

    @property
    def order(self) -> Order:
        return self.row.order


@dataclass(frozen=True)
class Grid:
    """Rows, and for each kind of them the carriers to choose from."""

    rows: list[GridRow] = field(default_factory=list)
    carriers: Mapping[str, list[Offered]] = field(default_factory=dict)

    @property
    def orders(self) -> dict[int, Order]:
        return {each.order.pk: each.order for each in self.rows}

    @cached_property
    def options(self) -> Mapping[str, Markup]:
        """The carriers as a select's options, made once: hundreds of rows show them."""
        option = Markup('<option value="{}">{}</option>')
        return {
            key: Markup("").join(option.format(each.remote_id, each.name) for each in some)
            for key, some in self.carriers.items()
        }

    def names(self) -> list[str]:
        """Every carrier that some row may have, by name."""
        return sorted({each.name for some in self.carriers.values() for each in some})


def chosen_pks(selection: Selection, access: Access, now: datetime) -> list[int]:
    """The first of the chosen orders, the most urgent before the others. Raises BadFilter."""
    found = selection.orders(access, now).order_by(F("ship_by").asc(nulls_last=True), "pk")
    return list(found.values_list("pk", flat=True)[:MOST])


def grid_of(pks: Sequence[int], access: Access, now: datetime) -> Grid:
    """The rows of these orders, in this order; those that the actor may not see are left out."""
    orders = Order.objects.filter(pk__in=pks[:MOST], shop__in=visible_shops(access))
    by_pk = {order.pk: order for order in with_parts(orders.defer(*UNREAD), now)}
    found = [by_pk[pk] for pk in dict.fromkeys(pks) if pk in by_pk]
    others = _together(found)
    known: dict[str, list[Offered]] = {}
    rows = []
    for order in found:
        key = f"{order.shop_id}-{order.extra.get('delivery_option_id', '')}"
        if key not in known:
            known[key] = known_carriers(order)
        rows.append(_row(order, others.get(order.pk, ()), key, now))
    return Grid(rows, known)


def _row(order: Order, together: tuple[str, ...], key: str, now: datetime) -> GridRow:
    row = row_of(order, now)
    reason = why_not(Verb.ADD_SHIPMENT, order, now) or _why_not_one(order)
    is_decision = any(mark.label == "Decision needed" for mark in row.marks)
    return GridRow(row, reason, is_decision, together, key)


def _why_not_one(order: Order) -> str:
    """An order in several packages needs as many numbers; the grid has one for each order."""
    if not capabilities(order.shop, Shipping(order.shipping)).whole_packages:
        return ""
    waiting = waiting_packages(order)
    try:
        return "" if not waiting else package_of(waiting, "") and ""
    except BadShipment as problem:
        return str(problem)


def package(order: Order) -> int | None:
    """Our key of the one package of the marketplace's that the order waits in."""
    if not capabilities(order.shop, Shipping(order.shipping)).whole_packages:
        return None
    waiting = list(waiting_packages(order).values())
    return waiting[0] if len(waiting) == 1 else None


def _together(orders: Iterable[Order]) -> dict[int, tuple[str, ...]]:
    """By order, the ids of the others in its package."""
    packages = {order.pk: parcel for order in orders if (parcel := package(order)) is not None}
    contents = ParcelContent.objects.filter(parcel__in=set(packages.values()), is_current=True)
    inside: dict[int, dict[int, str]] = {}
    for each in contents.select_related("order").only("parcel", "order__order_id"):
        inside.setdefault(each.parcel_id, {})[each.order_id] = each.order.order_id
    return {
        pk: tuple(sorted(each for other, each in inside.get(parcel, {}).items() if other != pk))
        for pk, parcel in packages.items()
    }


@dataclass(frozen=True)
class Meant:
    """The orders that were found, by what was asked for; and a sentence for what was not."""

    pks: dict[str, int]
    unknown: dict[str, str]


def meant(codes: Iterable[str], access: Access) -> Meant:
    """The orders with these ids, as they were scanned or pasted. Demo orders never stand among
    real ones."""
    readings = {code: {code, carriers.clean(code)} for code in codes if code}
    shops = in_view(OrderFilter(), list(visible_shops(access)))
    ids = {one for some in readings.values() for one in some}
    found: dict[str, list[int]] = {}
    orders = Order.objects.filter(order_id__in=ids, shop__in=shops)
    for pk, order_id in orders.values_list("pk", "order_id"):
        found.setdefault(order_id, []).append(pk)
    pks, unknown = {}, {}
    for code, some in readings.items():
        here = [pk for one in some for pk in found.get(one, ())]
        if len(here) == 1:
            pks[code] = here[0]
        elif here:
            unknown[code] = "Two of your shops have an order with this ID: ship it on its own page."
        else:
            unknown[code] = "None of your shops has an order with this ID. Check it."
    return Meant(pks, unknown)
