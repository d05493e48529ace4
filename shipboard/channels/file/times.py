"""The times of one order. Rows agree on them, but parcels that travel apart may have been arranged,
collected and delivered at different times.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from .columns import TIMES
from .errors import Rejection
from .rows import OrderRows, Row

PARCEL_TIMES = ("arranged_at", "collected_at", "delivered_at")
TOLERANCE = timedelta(days=1)


def order_times(order: OrderRows) -> tuple[datetime, dict[str, datetime | None]]:
    """The created time and all times by column, UTC; raises Rejection."""
    times = {
        key: _parcel_time(order, key) if key in PARCEL_TIMES else order.instant(key)
        for key in TIMES
    }
    created_at = times["created_at"]
    title = order.layout.title
    row = order.rows[0].number
    if created_at is None:
        raise Rejection(row, f"{title('created_at')} is blank. Export the orders again.")
    for key, at in times.items():
        if at and at < created_at - TOLERANCE:
            raise Rejection(
                row,
                f"{title(key)} lies more than a day before {title('created_at')}, so one of them "
                "is wrong. Put it right, or export the orders again.",
            )
    return created_at, times


def _parcel_time(order: OrderRows, key: str) -> datetime | None:
    """Rows of one parcel agree. Of several parcels the first to be arranged or collected counts,
    and the last to be delivered once all are."""
    if len(order.rows) == 1:
        return order.instant(key)
    parcels = {
        row.number: row.text("package_id") or row.text("tracking_number") for row in order.rows
    }
    if len(set(parcels.values())) == 1:
        return order.instant(key)
    by_parcel: dict[str, tuple[Row, str, datetime]] = {}
    for row, shown, at in order.instants(key):
        known = by_parcel.setdefault(parcels[row.number], (row, shown, at))
        if known[2] != at:
            order.instant(key)  # says which rows disagree
    instants = [at for _, _, at in by_parcel.values()]
    if key == "delivered_at":
        return max(instants) if set(by_parcel) == set(parcels.values()) and instants else None
    return min(instants, default=None)


def all_arranged(order: OrderRows) -> bool:
    """Whether every row has an RTS time."""
    return all(order.texts("arranged_at"))
