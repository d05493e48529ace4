"""What parcels weigh and measure: boxes by name, and what each SKU was last shipped with. Ours
alone; the channel is told with each label.
"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower

from shipboard.channels.models import Shop


def side() -> models.DecimalField:  # type: ignore[type-arg]
    return models.DecimalField(max_digits=8, decimal_places=2, null=True)


class Box(models.Model):
    """A box preset, of all shops. Centimetres outside; `grams` of the empty box."""

    name = models.CharField(max_length=60)
    length_cm = side()
    width_cm = side()
    height_cm = side()
    grams = models.IntegerField(default=0)
    by = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "box"
        constraints = [models.UniqueConstraint(Lower("name"), name="box_name_once")]

    def __str__(self) -> str:
        return self.name


class Measure(models.Model):
    """The parcel that so many units of one SKU (`sku`: the channel's id, else the seller's own)
    travel in with nothing else: as a person last gave it."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, db_index=False)
    sku = models.TextField()
    quantity = models.IntegerField(default=1)
    grams = models.IntegerField(null=True)
    length_cm = side()
    width_cm = side()
    height_cm = side()
    as_of = models.DateTimeField()
    by = models.TextField(blank=True)

    class Meta:
        db_table = "measure"
        constraints = [models.UniqueConstraint("shop", "sku", "quantity", name="measure_once")]

    def __str__(self) -> str:
        return f"{self.sku}: {self.grams} g"
