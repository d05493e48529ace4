"""Index of every table; each lives beside the verbs that write it."""

from shipboard.accounts.models import User
from shipboard.channels.models import Shop
from shipboard.ingest.models import OrderImport, RejectedRow
from shipboard.orders.models import (
    Case,
    Event,
    Hold,
    Item,
    Line,
    Order,
    Parcel,
    ParcelContent,
)

__all__ = [
    "Case",
    "Event",
    "Hold",
    "Item",
    "Line",
    "Order",
    "OrderImport",
    "Parcel",
    "ParcelContent",
    "RejectedRow",
    "Shop",
    "User",
]
