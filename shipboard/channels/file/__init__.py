"""The channel that is a file: order exports of the marketplace, CSV or XLSX, of any region, read
into the same records that a connection would bring.
"""

from .errors import UnreadableFile
from .reader import AcceptedOrder, Export, RejectedOrder, read_orders

__all__ = ["AcceptedOrder", "Export", "RejectedOrder", "UnreadableFile", "read_orders"]
