"""What became of a wish to pack anew, by the facts: looked at before its call, and when its answer
was lost.
"""

from __future__ import annotations

from datetime import datetime

from shipboard.fulfilment.allowed import Verb, why_not
from shipboard.fulfilment.packed import is_as_wished, waiting_units
from shipboard.fulfilment.repack_wishes import Repacking, Way, order_ids_of, repacking_of
from shipboard.fulfilment.targets import CHANGED
from shipboard.orders.attempts import Attempt
from shipboard.orders.models import Order
from shipboard.orders.parts import with_parts


def orders_of(attempt: Attempt, now: datetime) -> list[Order]:
    """The orders that it is about, with their parts, its own first; none whose own has gone."""
    found = with_parts(
        Order.objects.filter(shop=attempt.shop_id, order_id__in=order_ids_of(attempt)), now
    )
    for each in found:
        # None stands in its own way.
        rest = [other for other in each.attempts.all() if other.pk != attempt.pk]
        each.__dict__["_prefetched_objects_cache"]["attempts"] = rest
    found.sort(key=lambda each: (each.pk != attempt.order_id, each.pk))
    return found if found and found[0].pk == attempt.order_id else []


def has_become(attempt: Attempt, orders: list[Order]) -> bool:
    return is_as_wished(repacking_of(attempt.asks or {}), orders)


def why_not_now(attempt: Attempt, orders: list[Order], now: datetime) -> str:
    """The sentence that stops it at the last moment; blank: it goes."""
    for each in orders:
        if reason := why_not(Verb.REPACK, each, now):
            is_own = each.pk == attempt.order_id
            return reason if is_own else f"Order {each.order_id}: {reason}"
    wish = repacking_of(attempt.asks or {})
    return "" if _fits(wish, orders) else CHANGED


def _fits(wish: Repacking, orders: list[Order]) -> bool:
    if wish.way is not Way.SPLIT:
        return len(orders) == len(set(wish.order_ids))
    named = sorted(unit_id for group in wish.groups for unit_id in group)
    return named == sorted(unit.unit_id for unit in waiting_units(orders[0]))
