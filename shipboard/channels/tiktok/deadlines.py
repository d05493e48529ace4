"""An order's deadlines, the policy of which of the channel's many instants counts in one place."""

from __future__ import annotations

from datetime import datetime

from shipboard.channels.contract import Deadlines, Stage
from shipboard.channels.tiktok.values import Payload, instant

#: By stage, the instant at which the channel cancels unless the order has moved on. One on hold is
#: pending shipping as soon as its hour is over, whoever notices.
AUTO_CANCEL = {
    Stage.ON_HOLD: "shipping_due_time",
    Stage.AWAITING_SHIPMENT: "shipping_due_time",
    Stage.PARTIALLY_SHIPPED: "shipping_due_time",
    Stage.PENDING_COLLECTION: "collection_due_time",
    Stage.IN_TRANSIT: "delivery_due_time",
}
FINISHED = (Stage.DELIVERED, Stage.CLOSED, Stage.CANCELED)


def deadlines_of(order: Payload, stage: Stage) -> Deadlines:
    """The deadlines of an order in `stage`. Raises Odd."""
    ship_by = [at for name in ("fast_rts_sla_time", "rts_sla_time") if (at := instant(order, name))]
    return Deadlines(
        ship_by=min(ship_by, default=None),
        collect_by=instant(order, "tts_sla_time"),
        auto_cancel_at=_auto_cancel_at(order, stage),
        deliver_by=instant(order, "delivery_sla_time")
        or instant(order, "delivery_option_required_delivery_time"),
    )


def _auto_cancel_at(order: Payload, stage: Stage) -> datetime | None:
    """cancel_order_sla_time is the older, single instant, which the three others replace."""
    if stage in FINISHED:
        return None
    name = AUTO_CANCEL.get(stage)
    return (instant(order, name) if name else None) or instant(order, "cancel_order_sla_time")
