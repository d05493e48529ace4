"""Whether an order is still where it was when somebody decided to cancel it."""

from __future__ import annotations

from datetime import datetime

from shipboard.channels.contract import Stage
from shipboard.orders.models import Order
from shipboard.orders.stages import RANK, STAGE_LABELS, stage_now

#: Until here an order may move on, and what was decided stands.
EARLY = Stage.AWAITING_SHIPMENT


def moved_on(was: str, order: Order, now: datetime) -> str:
    """Why it is to be decided again, when it was decided while the order was in the stage `was`;
    blank: what was decided stands."""
    stage = stage_now(order, now)
    if RANK[stage] <= max(RANK[Stage(was)], RANK[EARLY]):
        return ""
    return (
        f"The order is {STAGE_LABELS[stage]} now, which it was not when this was decided. Look at "
        "it, and decide again."
    )
