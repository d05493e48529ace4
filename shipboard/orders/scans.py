"""What carriers said of an order's parcels, and the tags that follow from it. Read when somebody
looks (fulfilment/scanning.py); a tag makes the order a logistics issue.
"""

from __future__ import annotations

from enum import StrEnum

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q

from shipboard.orders.models import Order


class LogisticsTag(StrEnum):
    """The marketplace's own names for what it finds wrong after the shipment (United States,
    seller shipping)."""

    TIMESTAMP = "timestamp"
    ADDRESS = "address"


class Tracking(models.Model):
    """When an order's scans were read last, and what is odd about them."""

    order = models.OneToOneField(
        Order, on_delete=models.CASCADE, related_name="tracking", primary_key=True
    )
    read_at = models.DateTimeField()
    tags = ArrayField(models.TextField(), default=list)

    class Meta:
        db_table = "tracking"
        indexes = [models.Index("order", name="tracking_tagged", condition=~Q(tags=[]))]

    def __str__(self) -> str:
        return ", ".join(self.tags)


class Scan(models.Model):
    """A carrier's scan of a parcel, in the words of the channel; each once."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="scans", db_index=False)
    at = models.DateTimeField()
    words = models.CharField(max_length=500)
    code = models.CharField(max_length=40, blank=True)
    tracking_number = models.CharField(max_length=60, blank=True)

    class Meta:
        db_table = "scan"
        constraints = [
            models.UniqueConstraint("order", "at", "tracking_number", "words", name="scan_once")
        ]

    def __str__(self) -> str:
        return self.words


def tagged(*tags: LogisticsTag) -> Q:
    """Orders with one of these tags; none named: with any."""
    found = Tracking.objects.filter(~Q(tags=[]), order=OuterRef("pk"))
    return Q(Exists(found.filter(tags__overlap=[*tags]) if tags else found))
