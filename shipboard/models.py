"""Index of every table; each lives beside the verbs that write it."""

from shipboard.accounts.models import AuditEntry, Invitation, User
from shipboard.channels.models import Shop
from shipboard.exports.models import Export, ExportLayout, ExportSchedule
from shipboard.fulfilment.models import Run, RunRow
from shipboard.ingest.models import OrderImport, RejectedRow
from shipboard.orders.models import (
    Case,
    Event,
    Facet,
    Flag,
    Hold,
    Item,
    Line,
    Note,
    Order,
    Parcel,
    ParcelContent,
    SavedView,
    Tally,
)

__all__ = [
    "AuditEntry",
    "Case",
    "Event",
    "Export",
    "ExportLayout",
    "ExportSchedule",
    "Facet",
    "Flag",
    "Hold",
    "Invitation",
    "Item",
    "Line",
    "Note",
    "Order",
    "OrderImport",
    "Parcel",
    "ParcelContent",
    "RejectedRow",
    "Run",
    "RunRow",
    "SavedView",
    "Shop",
    "Tally",
    "User",
]
