"""Files that people sent: shipments, with what was thought of each row and the run that came of it;
and the marketplace's label PDFs, page by page.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from shipboard.accounts.models import User
from shipboard.channels.models import Shop
from shipboard.fulfilment.models import Run, RunRow
from shipboard.orders.labels import Label
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


class LabelFile(models.Model):
    """A PDF of labels of one shop. It is read by a job (label_reading.py), which may be killed and
    goes on where it was."""

    class State(models.TextChoices):
        READING = "reading", "Being read"
        DONE = "done", "Read"
        REFUSED = "refused", "Refused"

    key = models.UUIDField(unique=True)
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="+", db_index=False)
    by = models.TextField()
    person = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    file_name = models.TextField()
    #: SHA-256 of its bytes: the same file sent again is this one.
    digest = models.TextField()
    size = models.IntegerField()
    sent_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.READING)
    #: Why it was refused, or what could not be read of it.
    reason = models.TextField(blank=True)
    #: None: not opened yet.
    pages = models.SmallIntegerField(null=True)
    read_at = models.DateTimeField(null=True)
    purged_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "label_file"
        indexes = [
            models.Index(F("shop"), F("id").desc(), name="label_file_of_shop"),
            models.Index("id", name="label_file_to_read", condition=Q(state="reading")),
        ]
        constraints = [
            models.UniqueConstraint(
                "shop",
                "digest",
                name="label_file_once",
                condition=~Q(state="refused") & Q(purged_at=None),
            )
        ]

    def __str__(self) -> str:
        return self.file_name


class LabelFilePart(models.Model):
    """A piece of the file, sealed, from 1: files are long, and are never in memory whole."""

    file = models.ForeignKey(
        LabelFile, on_delete=models.CASCADE, related_name="parts", db_index=False
    )
    number = models.SmallIntegerField()
    sealed = models.BinaryField()

    class Meta:
        db_table = "label_file_part"
        constraints = [models.UniqueConstraint("file", "number", name="label_file_part_once")]

    def __str__(self) -> str:
        return f"{self.number} of {self.file_id}"


class LabelPage(models.Model):
    """One page of a file, from 1. Its life: read -> matched | unmatched; unmatched -> matched |
    away by a person, or read again once newer orders are here."""

    class State(models.TextChoices):
        READ = "read", "Being matched"
        MATCHED = "matched", "Matched"
        UNMATCHED = "unmatched", "Unmatched"
        AWAY = "away", "Put away"

    file = models.ForeignKey(
        LabelFile, on_delete=models.CASCADE, related_name="each", db_index=False
    )
    number = models.SmallIntegerField()
    state = models.CharField(max_length=9, choices=State.choices)
    #: Of the page's picture: the same page in another file is known by it. Blank: not readable.
    digest = models.TextField(blank=True)
    #: Why it is unmatched or put away.
    reason = models.TextField(blank=True)
    label = models.ForeignKey(Label, on_delete=models.SET_NULL, null=True, related_name="pages")
    #: It was here already, so it changed nothing.
    is_repeat = models.BooleanField(default=False)
    #: Who said which order it is, or put it away; blank: what is on the page.
    by = models.TextField(blank=True)
    #: What was read from it, and, of pages without a label, the page itself; both sealed, for they
    #: hold names and addresses.
    found = models.BinaryField(null=True)
    sealed = models.BinaryField(null=True)

    class Meta:
        db_table = "label_page"
        constraints = [models.UniqueConstraint("file", "number", name="label_page_once")]
        indexes = [models.Index("digest", name="label_page_digest", condition=~Q(digest=""))]

    def __str__(self) -> str:
        return f"{self.number} of {self.file_id}: {self.state}"
