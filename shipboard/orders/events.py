"""The order's history: what happened here and who did it. Rows are added, never changed."""

from __future__ import annotations

from datetime import datetime

from shipboard.orders.models import Event, Order


def record(order: Order, kind: str, *, by: str, at: datetime, **detail: object) -> None:
    """Add an event; `detail` must hold no personal data."""
    Event.objects.create(order=order, kind=kind, by=by, at=at, detail=detail)
