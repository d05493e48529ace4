"""What else follows when a seller cancels: whether the reason counts as the seller's fault, what
the buyer gets back, and what becomes of parcels and labels that were made. Pure; nothing is changed
here. The shop's rate is asked of orders/metrics.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from shipboard.channels.case_contract import Reason
from shipboard.channels.contract import Shipping, Stage
from shipboard.channels.registry import capabilities
from shipboard.orders.labels import LIVE, Label
from shipboard.orders.metric_rules import SPARED
from shipboard.orders.models import Line, Order


class Fault(StrEnum):
    """Whether a cancellation counts in the shop's seller-fault cancellation rate."""

    COUNTS = "counts"
    SPARED = "spared"
    #: Taken for one that does not; the marketplace does not say so.
    ASSUMED = "assumed"
    #: Nobody says so; taken for one that counts.
    UNSAID = "unsaid"


#: Stems in the channel's keys of reasons; the whole keys differ from market to market. Out of stock
#: and a wrong price count, by the marketplace's metric; an address that cannot be served does not.
STEMS: Mapping[str, Fault] = {
    "out_of_stock": Fault.COUNTS,
    "wrong_price": Fault.COUNTS,
    "pricing_error": Fault.COUNTS,
    **dict.fromkeys(SPARED, Fault.ASSUMED),
    "address_not_deliver": Fault.SPARED,
}


def fault_of(reason: Reason) -> Fault:
    """What canceling for it means for the rate."""
    name = reason.name.lower()
    return next((fault for stem, fault in STEMS.items() if stem in name), Fault.UNSAID)


@dataclass(frozen=True, slots=True)
class LabelEffect:
    """A label of an order that is to be canceled. `others`: ids of the other orders in its parcel;
    `can_void`: the marketplace takes it back, so that it is voided first."""

    label: Label
    others: tuple[str, ...]
    can_void: bool


def label_effects(order: Order) -> list[LabelEffect]:
    """Of an order with its parts: labels in use or in the making. They are stale from the moment at
    which the cancellation is asked for (orders/staleness.py)."""
    can_void = capabilities(order.shop, Shipping.PLATFORM).voids_labels
    return [
        LabelEffect(each.label, _others(order, each.label), can_void)
        for each in order.labels.all()
        if each.label.state in LIVE
    ]


def is_packed(order: Order) -> bool:
    """Whether its parcel waits for the carrier, who takes it along unless it is kept back."""
    return order.stage == Stage.PENDING_COLLECTION


@dataclass(frozen=True, slots=True)
class Back:
    """What buyers get back for whole orders, as an estimate: the orders' totals by currency.
    `unpaid`: so many are paid on delivery; `unknown`: of so many the total is not known."""

    amounts: Mapping[str, Decimal]
    unpaid: int = 0
    unknown: int = 0


def back_for(orders: Iterable[Order]) -> Back:
    amounts: dict[str, Decimal] = {}
    unpaid = unknown = 0
    for order in orders:
        if order.is_cod:
            unpaid += 1
        elif order.total is None:
            unknown += 1
        else:
            amounts[order.currency] = amounts.get(order.currency, Decimal(0)) + order.total
    return Back(amounts, unpaid, unknown)


def price_of_one(line: Line) -> Decimal | None:
    """Of one unit of the line, after discounts where the line's total is known."""
    whole: Decimal | None = line.total
    one: Decimal | None = line.unit_price
    return whole / line.quantity if whole is not None and line.quantity else one


def _others(order: Order, label: Label) -> tuple[str, ...]:
    inside = (each for each in order.contents.all() if each.parcel.package_id == label.package_id)
    ids = (other for each in inside for other in getattr(each, "others", ()))
    return tuple(sorted(set(ids))) if label.package_id else ()


def paid_for(effects: Iterable[LabelEffect]) -> dict[str, Decimal]:
    """What these labels cost, each once, by currency; only what was arranged was paid for."""
    found: dict[str, Decimal] = {}
    for label in {each.label.pk: each.label for each in effects}.values():
        if label.arranged_at and label.price is not None:
            found[label.currency] = found.get(label.currency, Decimal(0)) + label.price
    return found
