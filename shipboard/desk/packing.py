"""What an order's page says of its packages: orders that could travel along, and a label that was
made elsewhere.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from shipboard.fulfilment.finding import why_not_find
from shipboard.fulfilment.repack_rules import companions, why_not_repack
from shipboard.orders.models import Order


def packing(order: Order, now: datetime) -> dict[str, Any]:
    """`order` comes with its parts. Few queries, and none where the order is past packing."""
    return {
        "could_travel": 0 if why_not_repack(order, now) else len(companions(order, now)),
        "can_find_label": not why_not_find(order),
    }
