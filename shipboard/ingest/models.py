"""Imports: what was read, what became of it, and the rows that could not be taken."""

from __future__ import annotations

from django.db import models

from shipboard.channels.models import Shop
from shipboard.orders.models import Order


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


class Cursor(models.Model):
    """How far one stream of a shop has been read. `seen_until` moves only after everything up to
    it has been stored; a pull in progress keeps its window and page, so a kill costs little."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="cursors", db_index=False)
    stream = models.CharField(max_length=20)
    seen_until = models.DateTimeField(null=True)
    window_from = models.DateTimeField(null=True)
    window_until = models.DateTimeField(null=True)
    page = models.TextField(blank=True)
    tried_at = models.DateTimeField(null=True)
    succeeded_at = models.DateTimeField(null=True)
    #: Failures in a row, the sentence of the last one and what to do; blank after a success.
    failures = models.IntegerField(default=0)
    problem = models.TextField(blank=True)
    next_step = models.TextField(blank=True)
    kind = models.CharField(max_length=20, blank=True)
    #: Not before then is it tried again.
    retry_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "cursor"
        constraints = [models.UniqueConstraint("shop", "stream", name="cursor_once")]

    def __str__(self) -> str:
        return f"{self.stream} of {self.shop_id}"


class Hook(models.Model):
    """A webhook as it came in; kept before it is answered, worked on after."""

    class State(models.TextChoices):
        NEW = "new", "Waiting"
        DONE = "done", "Done"
        SET_ASIDE = "set_aside", "Set aside"
        FAILED = "failed", "Could not be worked on"
        UNKNOWN_TYPE = "unknown_type", "Unknown type"
        UNKNOWN_SHOP = "unknown_shop", "Unknown shop"
        UNREADABLE = "unreadable", "Cannot be read"
        UNSIGNED = "unsigned", "Signature does not fit"
        TOO_BIG = "too_big", "Too big"

    channel = models.CharField(max_length=20)
    #: The shop that it names; of what is not signed, the one that it claims to be about.
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, null=True, db_index=False)
    #: The channel's own id of the shop.
    remote_shop_id = models.TextField(blank=True)
    received_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.NEW)
    #: Empty where it is not signed or too big.
    body = models.BinaryField()
    size = models.BigIntegerField(default=0)
    #: Empty where the body was not read.
    sha256 = models.BinaryField()
    #: What makes it the same one when it comes again; blank where nobody vouches for it.
    key = models.TextField(blank=True)
    kind = models.CharField(max_length=60, blank=True)
    is_known = models.BooleanField(default=True)
    order_ids = models.JSONField(default=list)
    #: A sentence for people, where it is about the connection.
    notice = models.TextField(blank=True)
    #: It says that access was withdrawn.
    ends_access = models.BooleanField(default=False)
    #: How often the very same came again.
    repeats = models.IntegerField(default=0)
    #: How often work on it was begun; not before `retry_at` is it begun again.
    attempts = models.IntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "hook"
        constraints = [
            models.UniqueConstraint("channel", "key", name="hook_once", condition=~models.Q(key=""))
        ]
        indexes = [
            models.Index("shop", "id", name="hook_waiting", condition=models.Q(state="new")),
            models.Index(
                "id", name="hook_odd", condition=~models.Q(state__in=["new", "done", "set_aside"])
            ),
            # Those that nobody vouches for are kept in bounds, so they are counted.
            models.Index("received_at", name="hook_of_strangers", condition=models.Q(key="")),
            models.Index("shop", "id", name="hook_of_shop"),
            models.Index("received_at", name="hook_received"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"


class Payload(models.Model):
    """The newest payload of an order as the channel sent it, compressed (zlib)."""

    order = models.OneToOneField(
        Order, on_delete=models.CASCADE, related_name="payload", primary_key=True
    )
    body = models.BinaryField()
    heard_at = models.DateTimeField()

    class Meta:
        db_table = "payload"

    def __str__(self) -> str:
        return f"payload of {self.order_id}"


class Finding(models.Model):
    """Something that syncing came upon in a shop: repaired by itself, or waiting for a human."""

    class Kind(models.TextChoices):
        UNREADABLE_ORDER = "unreadable_order", "An order could not be read"
        STEPPED_BACK = "stepped_back", "The marketplace took an order back a step"
        MISSED_CHANGE = "missed_change", "A change that no poll or webhook had told of"
        UNKNOWN_STATUS = "unknown_status", "A status that is not known here"
        GONE = "gone", "An open order that the marketplace does not know any more"

    shop = models.ForeignKey(
        Shop, on_delete=models.CASCADE, related_name="findings", db_index=False
    )
    kind = models.CharField(max_length=20, choices=Kind.choices)
    order_id = models.TextField(blank=True)
    sentence = models.TextField()
    #: The payload it is about, compressed; empty where there is none.
    payload = models.BinaryField(default=bytes)
    times = models.IntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    #: Somebody has to look; others are listed as repaired.
    needs_human = models.BooleanField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.TextField(blank=True)

    class Meta:
        db_table = "finding"
        constraints = [
            models.UniqueConstraint(
                "shop", "kind", "order_id", name="finding_once", condition=models.Q(settled_at=None)
            )
        ]
        indexes = [models.Index("shop", "last_at", "id", name="finding_of_shop")]

    def __str__(self) -> str:
        return self.sentence


class Notice(models.Model):
    """What people must be told of a shop's line: when it begins and when it is over; of an access
    that ends again when the end is near."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="notices", db_index=False)
    #: What it is about (reconnect, stale, expiring, clock, webhooks, ...).
    about = models.CharField(max_length=40)
    sentence = models.TextField()
    next_step = models.TextField(blank=True)
    since = models.DateTimeField()
    over_at = models.DateTimeField(null=True)
    #: What became of sending it, by way and moment (ingest/telling.py): {"mail": {"state": "sent",
    #: "at": instant, "tries": 1, "problem": ""}, "mail over": {...}}.
    sent = models.JSONField(default=dict)

    class Meta:
        db_table = "notice"
        constraints = [
            models.UniqueConstraint(
                "shop", "about", name="notice_once", condition=models.Q(over_at=None)
            )
        ]

    def __str__(self) -> str:
        return self.sentence
