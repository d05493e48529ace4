"""A shop: where orders come from, its zone, its clock rules. One row per shop and marketplace."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.db import models

from shipboard.channels.contract import ShopFacts


class Shop(models.Model):
    class Channel(models.TextChoices):
        FILE = "file", "Order export files"

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    channel = models.CharField(max_length=20, choices=Channel.choices)
    #: ISO country code; the United Kingdom is GB.
    region = models.CharField(max_length=2)
    timezone = models.CharField(max_length=64)
    currency = models.CharField(max_length=3, blank=True)
    #: Name of an SLA preset (orders/sla.py); blank with flat hours or with none.
    sla = models.CharField(max_length=40, blank=True)
    dispatch_hours = models.PositiveIntegerField(null=True)
    auto_cancel_hours = models.PositiveIntegerField(null=True)
    #: After delivery an order can still be acted on for so long (the mission's 14 days).
    after_sales_days = models.PositiveIntegerField(default=14)
    is_demo = models.BooleanField(default=False)
    added_at = models.DateTimeField()

    class Meta:
        db_table = "shop"

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def facts(self) -> ShopFacts:
        return ShopFacts(region=self.region, timezone=self.timezone, currency=self.currency)
