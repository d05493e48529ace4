"""Exports as durable things: what was asked for, how far it has come, and the file until it goes;
the schedules that ask by themselves, and columns that people choose for themselves.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from shipboard.accounts.models import User


class ExportLayout(models.Model):
    """Columns in an order of one's own, under a name: some of those of `layout`."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    layout = models.CharField(max_length=20)
    #: Keys of exports.columns.
    columns = ArrayField(models.TextField())
    is_shared = models.BooleanField(default=False)
    saved_at = models.DateTimeField()

    class Meta:
        db_table = "export_layout"
        constraints = [
            models.UniqueConstraint("person", Lower("name"), name="export_layout_name_once")
        ]

    def __str__(self) -> str:
        return self.name


class Asked(models.Model):
    """What a file is to hold, the same for an export and for a schedule of them."""

    #: A query string of the order list; blank: all orders.
    query = models.TextField(blank=True)
    #: A name of exports.layouts; `columns` are those chosen of its own, none: all.
    layout = models.CharField(max_length=20)
    columns = ArrayField(models.TextField(), default=list)
    format = models.CharField(max_length=4)
    with_description = models.BooleanField(default=False)
    #: With names, phone numbers and addresses.
    unmasked = models.BooleanField(default=False)
    #: Only orders that have changed since the last export of the same schedule.
    changed_only = models.BooleanField(default=False)

    class Meta:
        abstract = True


class ExportSchedule(Asked):
    """An export that is asked for by itself, as its owner and with their access at that time."""

    class Period(models.TextChoices):
        ANY = "", "Whenever they were placed"
        TODAY = "today", "Today"
        YESTERDAY = "yesterday", "Yesterday"
        LAST_7_DAYS = "last_7_days", "The last 7 days, without today"
        LAST_WEEK = "last_week", "Last week, Monday to Sunday"
        THIS_MONTH = "this_month", "This month so far"
        LAST_MONTH = "last_month", "Last month"

    class Of(models.TextChoices):
        CREATED = "created", "placed"
        PAID = "paid", "paid"

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    at = models.TimeField()
    #: 0 Monday to 6 Sunday; None: every day.
    weekday = models.SmallIntegerField(null=True)
    timezone = models.CharField(max_length=64)
    period = models.CharField(max_length=12, choices=Period.choices, blank=True)
    period_of = models.CharField(max_length=8, choices=Of.choices, default=Of.CREATED)
    #: Also put there, plain; blank: kept under Exports only.
    folder = models.TextField(blank=True)
    #: Times before this one are not its: it was made, changed or resumed then.
    counts_from = models.DateTimeField()
    is_paused = models.BooleanField(default=False)
    #: Why it paused by itself.
    problem = models.TextField(blank=True)

    class Meta:
        db_table = "export_schedule"

    def __str__(self) -> str:
        return self.name


class Export(Asked):
    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Being written"
        DONE = "done", "Ready"
        CANCELED = "canceled", "Canceled"
        FAILED = "failed", "Failed"

    #: What the form carried: the same form sent twice is one export. Also the file's name.
    key = models.UUIDField(unique=True)
    by = models.TextField()
    #: None: somebody who has gone.
    person = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    schedule = models.ForeignKey(ExportSchedule, on_delete=models.SET_NULL, null=True)
    #: The time of the schedule for which it was made.
    slot = models.DateTimeField(null=True)
    #: Primary keys of orders chosen one by one, or found changed; None: those the query matches.
    chosen = ArrayField(models.BigIntegerField(), null=True)
    #: What was asked for, in words.
    words = models.TextField()

    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    orders = models.IntegerField(default=0)
    rows_planned = models.IntegerField(default=0)
    rows = models.IntegerField(default=0)
    #: Of the plain file, SHA-256 in hexadecimal and bytes.
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.BigIntegerField(default=0)
    #: Primary keys of the shops whose orders it may hold.
    shop_ids = ArrayField(models.BigIntegerField(), default=list)
    #: Why there is no file; of one that is there, what it could not hold.
    problem = models.TextField(blank=True)
    #: How often it was begun; a kill in the middle makes it begin again.
    attempts = models.SmallIntegerField(default=0)
    #: Where the next "changed since" begins (exports/changed.py), once this one is done.
    bookmark = models.JSONField(null=True)
    #: Who took the file and when: {"by", "at"}.
    downloads = models.JSONField(default=list)
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    #: The file is offered until then.
    expires_at = models.DateTimeField(null=True)
    cancel_asked_at = models.DateTimeField(null=True)
    #: Whoever asked for it knows that it has ended.
    noticed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "export"
        constraints = [
            models.UniqueConstraint("schedule", "slot", name="export_slot_once"),
        ]
        indexes = [
            models.Index("id", name="export_live", condition=Q(state__in=("waiting", "running"))),
            models.Index(F("person"), F("id").desc(), name="export_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.layout} {self.format}: {self.words}"
