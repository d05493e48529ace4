"""Values that occur in the orders of some shops, for the Filter panel to offer. The database keeps
them as orders come (migrations/0004_tally_triggers.py); one that no order has any more stays.
"""

from __future__ import annotations

from collections.abc import Iterable

from shipboard.channels.models import Shop
from shipboard.orders.models import Facet

FACETS = ("carrier", "warehouse", "delivery_option", "currency")
#: More values than this make no choice any more; the query string takes any value.
MOST = 40


def facets(shops: Iterable[Shop]) -> dict[str, list[str]]:
    """For each facet its values, by name, at most MOST; blanks left out."""
    known = Facet.objects.filter(shop__in=[shop.pk for shop in shops])
    found: dict[str, list[str]] = {name: [] for name in FACETS}
    for name, value in known.values_list("name", "value").distinct().order_by("value"):
        if len(found[name]) < MOST:
            found[name].append(value)
    return found
