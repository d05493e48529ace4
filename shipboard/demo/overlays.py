"""What the demo's people have done: notes, flags of every colour and holds on its orders, and a
rule that answers, off.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice
from random import Random

from shipboard.accounts.access import Access
from shipboard.accounts.demo import MANAGER, PACKER
from shipboard.channels.contract import Shipping
from shipboard.channels.models import Shop
from shipboard.channels.registry import capabilities
from shipboard.fulfilment.rule_edits import RuleWish, add_rule
from shipboard.orders.flags import set_flag
from shipboard.orders.holds import place_hold, release_hold
from shipboard.orders.labels import LabelOrder
from shipboard.orders.models import Colour, Order
from shipboard.orders.notes import add_note
from shipboard.orders.stages import Tab, in_tab

HOUR = timedelta(hours=1)
NOTES = (
    "Asked the supplier for more of these; they come on Monday.",
    "Shelf B4 is empty, the rest is in the back room.",
    "Pack this one with extra paper.",
    "Second parcel to this street today, check whether they belong together.",
)
REASONS = (
    "Waiting for the buyer's answer about the colour",
    "Stock is being counted",
    "Address looks incomplete; asked the marketplace",
)


def overlay(shop: Shop, now: datetime, seed: int) -> None:
    """Notes, flags and holds on orders of `shop`, as people would have left them by `now`."""
    orders = _to_pick_from(shop, now, seed)
    for colour in Colour:
        for order in islice(orders, 2):
            set_flag(order, colour, by=PACKER, now=now - 3 * HOUR)
    for number, order in enumerate(islice(orders, 8)):
        add_note(order, text=NOTES[number % len(NOTES)], by=PACKER, now=now - 5 * HOUR)
    for order, reason in zip(islice(orders, 3), REASONS, strict=True):
        place_hold(order, reason=reason, by=MANAGER, now=now - HOUR)
    _holds_with_a_clock(orders, now)
    if capabilities(shop, Shipping.SELLER).cancel_requests:
        _rule(shop, now)


def _rule(shop: Shop, now: datetime) -> None:
    """One that answers nothing yet: it is off, as every rule until somebody turns it on."""
    wish = RuleWish(
        name="Small orders",
        reasons=("buyer_cancel_reason_no_longer_needed", "buyer_cancel_reason_better_price"),
        most_total=Decimal(1500 if shop.currency == "THB" else 60),
        most_minutes=24 * 60,
    )
    add_rule(shop, wish, access=Access(by=MANAGER), now=now - 24 * HOUR)


def _holds_with_a_clock(orders: Iterator[Order], now: datetime) -> None:
    """One that ends by itself, one whose reminder is due, one that has ended, one released; the
    first with a note and a flag too."""
    reason = REASONS[0]
    first = next(orders)
    place_hold(
        first,
        reason=reason,
        by=MANAGER,
        now=now - HOUR,
        until=now + 20 * HOUR,
        remind_at=now + 4 * HOUR,
    )
    set_flag(first, Colour.RED, by=MANAGER, now=now - HOUR)
    add_note(first, text=NOTES[0], by=MANAGER, now=now - HOUR)
    reminded = next(orders)
    place_hold(reminded, reason=reason, by=PACKER, now=now - 9 * HOUR, remind_at=now - HOUR)
    place_hold(next(orders), reason=reason, by=PACKER, now=now - 9 * HOUR, until=now - HOUR)
    released = next(orders)
    place_hold(released, reason=reason, by=PACKER, now=now - 9 * HOUR)
    release_hold(released, by=MANAGER, now=now - 2 * HOUR)


def _to_pick_from(shop: Shop, now: datetime, seed: int) -> Iterator[Order]:
    """Orders that wait to be shipped, each once, in an order of chance's that stays the same; but
    for those whose labels were asked for, since a hold would keep these back."""
    waiting = Order.objects.filter(in_tab(Tab.PENDING_SHIPPING, now), shop=shop)
    orders = list(waiting.order_by("order_id"))
    Random(f"{seed}/{shop.slug}").shuffle(orders)  # noqa: S311 - a demo, no secret
    labelled = set(LabelOrder.objects.filter(order__in=orders).values_list("order_id", flat=True))
    return (order for order in orders if order.pk not in labelled)
