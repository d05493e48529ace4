"""Index of every table; each lives beside the verbs that write it."""

from shipboard.accounts.models import AuditEntry, Invitation, User
from shipboard.channels.models import (
    App,
    CallRate,
    CallRecord,
    Carrier,
    Connection,
    Grant,
    Shop,
    Warehouse,
)
from shipboard.exports.models import Export, ExportLayout, ExportSchedule
from shipboard.fulfilment.models import Run, RunRow
from shipboard.ingest.models import (
    Cursor,
    Finding,
    Hook,
    Notice,
    OrderImport,
    Payload,
    RejectedRow,
)
from shipboard.orders.attempts import Attempt, ClaimedUnit, Sending
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
from shipboard.orders.scans import Scan, Tracking
from shipboard.uploads.models import ShipmentUpload, UploadFile, UploadRow

__all__ = [
    "App",
    "Attempt",
    "AuditEntry",
    "CallRate",
    "CallRecord",
    "Carrier",
    "Case",
    "ClaimedUnit",
    "Connection",
    "Cursor",
    "Event",
    "Export",
    "ExportLayout",
    "ExportSchedule",
    "Facet",
    "Finding",
    "Flag",
    "Grant",
    "Hold",
    "Hook",
    "Invitation",
    "Item",
    "Line",
    "Note",
    "Notice",
    "Order",
    "OrderImport",
    "Parcel",
    "ParcelContent",
    "Payload",
    "RejectedRow",
    "Run",
    "RunRow",
    "SavedView",
    "Scan",
    "Sending",
    "ShipmentUpload",
    "Shop",
    "Tally",
    "Tracking",
    "UploadFile",
    "UploadRow",
    "User",
    "Warehouse",
]
