"""Files of shipments that people sent: who and when, what was thought of each row, and the run that
came of it.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F

from shipboard.accounts.models import User
from shipboard.channels.models import Shop
from shipboard.fulfilment.models import Run, RunRow
from shipboard.orders.models import Order


class ShipmentUpload(models.Model):
    """One file. Its counts are those of the preview and add up to `rows`."""

    #: What the form carried; the run's key too, so that a file is begun once.
    key = models.UUIDField(unique=True)
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="+")
    by = models.TextField()
    #: None: the command line, or somebody who has gone.
    person = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    file_name = models.TextField()
    is_workbook = models.BooleanField()
    sent_at = models.DateTimeField()
    rows = models.IntegerField()
    good = models.IntegerField(default=0)
    warned = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    unchanged = models.IntegerField(default=0)
    #: Orders that the good and the warned rows ship.
    orders = models.IntegerField(default=0)
    run = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True, related_name="+")
    #: The file and its rows went then.
    purged_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "shipment_upload"
        indexes = [models.Index(F("shop"), F("id").desc(), name="shipment_upload_of_shop")]

    def __str__(self) -> str:
        return self.file_name


class UploadFile(models.Model):
    """The file itself, sealed: it may hold names and addresses."""

    upload = models.OneToOneField(
        ShipmentUpload, on_delete=models.CASCADE, primary_key=True, related_name="file"
    )
    sealed = models.BinaryField()

    class Meta:
        db_table = "upload_file"

    def __str__(self) -> str:
        return str(self.upload_id)


class UploadRow(models.Model):
    class Verdict(models.TextChoices):
        GOOD = "good", "Good"
        WARNED = "warned", "With a warning"
        REFUSED = "refused", "Refused"
        #: Shipped under that very number already, or nothing is filled in.
        UNCHANGED = "unchanged", "Unchanged"

    upload = models.ForeignKey(
        ShipmentUpload, on_delete=models.CASCADE, related_name="each", db_index=False
    )
    #: The spreadsheet's own number, its first row being 1.
    row = models.IntegerField()
    order_id = models.TextField(blank=True)
    sku_id = models.TextField(blank=True)
    quantity = models.IntegerField(null=True)
    tracking = models.TextField(blank=True)
    carrier = models.TextField(blank=True)
    group = models.TextField(blank=True)
    verdict = models.CharField(max_length=9, choices=Verdict.choices)
    reason = models.TextField(blank=True)
    #: None: this shop has no such order, or has it no more.
    of = models.ForeignKey(Order, on_delete=models.SET_NULL, null=True, related_name="+")
    #: Which shipment of the file it belongs to, from 1, and, on the first row of each, its wish.
    shipment = models.IntegerField(null=True)
    wish = models.JSONField(null=True)
    run_row = models.ForeignKey(RunRow, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        db_table = "upload_row"
        constraints = [models.UniqueConstraint("upload", "row", name="upload_row_once")]
        indexes = [models.Index("upload", "verdict", "row", name="upload_row_verdict")]

    def __str__(self) -> str:
        return f"{self.row}: {self.verdict}"
