"""Imports: what was read, what became of it, and the rows that could not be taken."""

from __future__ import annotations

from django.db import models

from shipboard.channels.models import Shop


class OrderImport(models.Model):
    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        UNREADABLE = "unreadable", "Could not be read"
        STOPPED = "stopped", "Stopped"

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE)
    by = models.CharField(max_length=200)
    file_name = models.CharField(max_length=255)
    #: Where the bytes wait; blank once they have been read. Never shown.
    path = models.TextField(blank=True)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=12, choices=State.choices, default=State.QUEUED)
    #: The stage of which the file is declared to be the complete list; blank if of none.
    complete_list = models.CharField(max_length=20, blank=True)
    as_of = models.DateTimeField(null=True)
    header = models.JSONField(default=list)
    rows = models.IntegerField(default=0)
    rows_read = models.IntegerField(default=0)
    orders = models.IntegerField(default=0)
    orders_done = models.IntegerField(default=0)
    orders_created = models.IntegerField(default=0)
    orders_updated = models.IntegerField(default=0)
    orders_unchanged = models.IntegerField(default=0)
    orders_rejected = models.IntegerField(default=0)
    warnings = models.JSONField(default=list)
    #: Order ids that a complete list should have named and did not; each is held.
    missing = models.JSONField(default=list)
    #: Why the file could not be read, in words for the person.
    problem = models.TextField(blank=True)
    #: How often it was begun; a kill in the middle makes it begin again where it stopped.
    attempts = models.IntegerField(default=0)
    #: Who took the rejected rows away, and when: {"by", "at"}; they hold names and addresses.
    downloads = models.JSONField(default=list)
    queued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "order_import"

    def __str__(self) -> str:
        return f"{self.file_name} into {self.shop_id}"


class RejectedRow(models.Model):
    """A row of a rejected order, verbatim, so that it can be mended and sent again."""

    of = models.ForeignKey(OrderImport, on_delete=models.CASCADE, related_name="rejected_rows")
    row = models.IntegerField()
    order_id = models.TextField(blank=True)
    reason = models.TextField()
    #: True on the row that the reason names; the order's other rows come along.
    is_named = models.BooleanField()
    cells = models.JSONField()

    class Meta:
        db_table = "rejected_row"
        constraints = [models.UniqueConstraint("of", "row", name="rejected_row_once")]

    def __str__(self) -> str:
        return f"row {self.row}"
