"""The carrier's scans of an order, and what the marketplace finds odd about them: what a tag means,
and what to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shipboard.orders.models import Order
from shipboard.orders.scans import LogisticsTag, Scan

SHOWN = 100


@dataclass(frozen=True)
class TagText:
    """A tag as it is shown; `text` explains it, `advice` says what to do."""

    value: str
    label: str
    text: str
    advice: str


TAGS: Mapping[str, TagText] = {
    LogisticsTag.TIMESTAMP: TagText(
        "timestamp",
        "Timestamp issue",
        "A scan under this tracking number is more than 24 hours older than the order, so it looks "
        "like the number of another parcel.",
        "Check the number against the label. Correct it while the marketplace still takes a "
        "correction; where it is right, open a ticket in Seller Center with the carrier's receipt.",
    ),
    LogisticsTag.ADDRESS: TagText(
        "address",
        "Tracking address issue",
        "The carrier names another ZIP code than the buyer's, so it looks like the number of "
        "another parcel.",
        "Check the number against the label. Correct it while the marketplace still takes a "
        "correction; where it is right, open a ticket in Seller Center with a proof of delivery.",
    ),
}


def tags_of(values: Iterable[str]) -> list[TagText]:
    return [TAGS[value] for value in values if value in TAGS]


def scans_of(order: Order) -> list[Scan]:
    """Newest first; one query."""
    return list(Scan.objects.filter(order=order).order_by("-at", "-pk")[:SHOWN])
