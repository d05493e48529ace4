"""Values that occur in the orders of some shops, for the Filter panel to offer."""

from __future__ import annotations

from collections.abc import Iterable

from shipboard.channels.models import Shop
from shipboard.orders.models import Order

FACETS = ("carrier", "warehouse", "delivery_option", "currency")
#: More values than this make no choice any more; the query string takes any value.
MOST = 40


def facets(shops: Iterable[Shop]) -> dict[str, list[str]]:
    """For each facet its values, by name, at most MOST; blanks left out."""
    orders = Order.objects.filter(shop__in=[shop.pk for shop in shops])
    return {
        name: list(
            orders.exclude(**{name: ""})
            .order_by(name)
            .values_list(name, flat=True)
            .distinct()[:MOST]
        )
        for name in FACETS
    }
