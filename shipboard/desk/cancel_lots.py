"""Many orders to cancel at once: which of them can be, for which reasons all of them, and what that
does to rates and labels. The marketplace is asked of each order, or, of many, of one of each kind.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from shipboard.accounts.access import Access
from shipboard.channels.case_contract import CancelOptions, Reason
from shipboard.channels.models import Shop
from shipboard.desk.cancel_form import CancelOffer, Effect, effect_on, offer_of
from shipboard.fulfilment.allowed import Verb, why_not
from shipboard.fulfilment.cancel_effects import (
    Back,
    LabelEffect,
    back_for,
    is_packed,
    label_effects,
    paid_for,
)
from shipboard.fulfilment.selection import BadSelection, Selection
from shipboard.orders.models import Order
from shipboard.orders.parts import with_parts

MOST = 600
#: The marketplace is asked of so many orders, one after the other; a page waits for it.
ASKED = 20
#: Shop, the channel's stage and way of shipping: what reasons depend on.
Kind = tuple[int, str, str]


@dataclass(frozen=True)
class Left:
    """An order that cannot be canceled with the others, and why."""

    order: Order
    why: str


@dataclass(frozen=True)
class Lot:
    """Orders of one kind, with the reasons that fit them."""

    orders: tuple[Order, ...]
    reasons: tuple[Reason, ...]

    @property
    def pks(self) -> str:
        return ",".join(str(order.pk) for order in self.orders)


@dataclass(frozen=True)
class Sorted:
    """`lots` by kind. `is_sampled`: the marketplace was asked of one order of each kind alone."""

    lots: tuple[Lot, ...] = ()
    left: tuple[Left, ...] = ()
    gone: int = 0
    is_sampled: bool = False

    @property
    def orders(self) -> list[Order]:
        return [order for lot in self.lots for order in lot.orders]

    @property
    def pks(self) -> str:
        return ",".join(lot.pks for lot in self.lots)

    @property
    def offer(self) -> CancelOffer:
        """The reasons that fit all of them."""
        if not self.lots:
            return CancelOffer()
        names = [{each.name for each in lot.reasons} for lot in self.lots]
        shared = set.intersection(*names)
        fitting = tuple(each for each in self.lots[0].reasons if each.name in shared)
        return CancelOffer(CancelOptions(reasons=fitting))


def chosen(selection: Selection, access: Access, now: datetime) -> Sorted:
    """What of a selection may be canceled by what is known here; nobody is asked. All of it is one
    lot without reasons. Raises BadSelection and BadFilter."""
    if selection.expected > MOST:
        raise BadSelection(
            f"{selection.expected:,} orders are too many to cancel at once; choose up to {MOST}."
        )
    orders = with_parts(selection.orders(access, now).order_by("pk"), now)
    if len(orders) > MOST:
        raise BadSelection(f"{len(orders):,} orders match now; choose up to {MOST}.")
    whys = [(order, why_not(Verb.CANCEL, order, now)) for order in orders]
    left = tuple(Left(order, why) for order, why in whys if why)
    free = tuple(order for order, why in whys if not why)
    gone = max(0, selection.expected - len(orders))
    return Sorted((Lot(free, ()),) if free else (), left, gone)


def asked(found: Sorted) -> Sorted:
    """The same once the marketplace has said what it takes. Not inside a transaction."""
    kinds: dict[Kind, list[Order]] = {}
    for order in found.orders:
        kinds.setdefault((order.shop_id, order.stage, order.shipping), []).append(order)
    is_sampled = len(found.orders) > ASKED
    lots, left = [], list(found.left)
    for number, orders in enumerate(kinds.values()):
        if number >= ASKED:
            left += [
                Left(each, "Too many kinds of orders at once; cancel them apart.")
                for each in orders
            ]
            continue
        lot, out = _sampled(orders) if is_sampled else _each(orders)
        lots += [lot] if lot.orders else []
        left += out
    return replace(found, lots=tuple(lots), left=tuple(left), is_sampled=is_sampled)


def _sampled(orders: Sequence[Order]) -> tuple[Lot, list[Left]]:
    offer = offer_of(orders[0])
    if why := _why_none(offer):
        return Lot((), ()), [Left(order, why) for order in orders]
    return Lot(tuple(orders), offer.options.reasons), []


def _each(orders: Sequence[Order]) -> tuple[Lot, list[Left]]:
    """One that the marketplace takes no reason for is left; so are all once nobody answers."""
    going: list[Order] = []
    left: list[Left] = []
    shared: list[Reason] | None = None
    problem = ""
    for order in orders:
        offer = CancelOffer(problem=problem) if problem else offer_of(order)
        problem = offer.problem
        if why := _why_none(offer):
            left.append(Left(order, why))
            continue
        names = {each.name for each in offer.options.reasons}
        fitting = offer.options.reasons if shared is None else shared
        shared = [each for each in fitting if each.name in names]
        going.append(order)
    return Lot(tuple(going), tuple(shared or ())), left


def _why_none(offer: CancelOffer) -> str:
    if offer.problem:
        return f"The marketplace cannot be asked now. {offer.problem}"
    if offer.options.reasons:
        return ""
    return offer.options.why_not or "The marketplace takes no reason for the whole order now."


@dataclass(frozen=True)
class Effects:
    """What canceling all of them does: to each shop's rate where the reason counts, to buyers, and
    to parcels and labels, with what those cost by currency."""

    rates: list[Effect]
    back: Back
    packed: list[Order]
    labels: list[tuple[Order, LabelEffect]]
    paid: Mapping[str, Decimal]


def effects_of(orders: Iterable[Order], now: datetime) -> Effects:
    """`orders` with their parts."""
    orders = list(orders)
    shops: dict[int, Shop] = {order.shop_id: order.shop for order in orders}
    counts = Counter(order.shop_id for order in orders)
    labels = [(order, effect) for order in orders for effect in label_effects(order)]
    return Effects(
        [effect_on(shops[pk], now, counts[pk]) for pk in shops],
        back_for(orders),
        [order for order in orders if is_packed(order)],
        labels,
        paid_for(effect for _, effect in labels),
    )


def mark_of(found: Sorted) -> str:
    """Names just these orders, in whatever lots they are, so that what is confirmed is what was
    shown."""
    pks = ",".join(str(pk) for pk in sorted(order.pk for order in found.orders))
    return hashlib.sha256(pks.encode()).hexdigest()[:32]
