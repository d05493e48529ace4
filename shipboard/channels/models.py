"""Shops, where orders come from, and what connects them: the seller's own app at the marketplace,
the seller's grant to it, and the log of the calls made. Secrets are sealed (accounts/sealing.py).
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from shipboard.channels.contract import ShopFacts


class Shop(models.Model):
    class Channel(models.TextChoices):
        FILE = "file", "Order export files"
        TIKTOK = "tiktok", "TikTok Shop"

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
    #: Shipments wait so long in the outbox before they go; 0: they go at once.
    undo_seconds = models.PositiveIntegerField(default=120, db_default=120)
    #: Calls that change something at the marketplace run at most so many at once.
    in_flight = models.PositiveSmallIntegerField(default=10, db_default=10)
    #: Labels are printed as soon as they are created, unless a person says otherwise.
    prints_at_once = models.BooleanField(default=False, db_default=False)
    #: Size of the platform's labels, among Capabilities.document_sizes; and of our own pages.
    label_size = models.CharField(max_length=6, default="A6", db_default="A6")
    #: Stored labels and print files go so many days after they were made.
    label_days = models.PositiveSmallIntegerField(default=30, db_default=30)
    is_demo = models.BooleanField(default=False)
    #: The channel's own id of the shop; blank where orders come from files.
    remote_id = models.TextField(blank=True, default="", db_default="")
    added_at = models.DateTimeField()

    class Meta:
        db_table = "shop"
        constraints = [
            models.UniqueConstraint(
                "channel", "remote_id", name="shop_once_per_channel", condition=~Q(remote_id="")
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def facts(self) -> ShopFacts:
        return ShopFacts(region=self.region, timezone=self.timezone, currency=self.currency)


class App(models.Model):
    """The seller's own app at a marketplace: its key and secret, and where its API lives."""

    channel = models.CharField(max_length=20, choices=Shop.Channel.choices)
    name = models.CharField(max_length=120)
    key = models.TextField()
    sealed_secret = models.TextField()
    #: What the page on which sellers grant access is called with; blank: the key itself is used.
    service_id = models.TextField(blank=True)
    #: Origins, such as https://host; blank means the channel's own (settings).
    api_host = models.TextField(blank=True)
    auth_host = models.TextField(blank=True)
    #: The page where the seller grants access, whole but for its query.
    authorize_url = models.TextField(blank=True)
    #: Versions of single operations that differ from ours: {"order_detail": "202309"}.
    versions = models.JSONField(default=dict)
    added_at = models.DateTimeField()

    class Meta:
        db_table = "channel_app"
        constraints = [models.UniqueConstraint("channel", "key", name="app_once")]

    def __str__(self) -> str:
        return self.name


class Grant(models.Model):
    """What a seller allowed an app: the tokens, which several shops may share. They are refreshed
    under a lock of this row, both at once."""

    app = models.ForeignKey(App, on_delete=models.CASCADE)
    #: The seller at the marketplace.
    open_id = models.TextField()
    seller_name = models.TextField(blank=True)
    region = models.CharField(max_length=2, blank=True)
    sealed_access_token = models.TextField(blank=True)
    sealed_refresh_token = models.TextField(blank=True)
    access_ends_at = models.DateTimeField()
    refresh_ends_at = models.DateTimeField()
    scopes = ArrayField(models.TextField(), default=list)
    granted_at = models.DateTimeField()
    #: The marketplace said that access was taken back, or a refresh was refused for good.
    ended_at = models.DateTimeField(null=True)
    #: Why, in a sentence for people.
    problem = models.TextField(blank=True)

    class Meta:
        db_table = "channel_grant"
        constraints = [models.UniqueConstraint("app", "open_id", name="grant_once")]

    def __str__(self) -> str:
        return self.seller_name or self.open_id


class Connection(models.Model):
    """A shop's line to its marketplace."""

    class State(models.TextChoices):
        ON = "on", "Connected"
        PAUSED = "paused", "Paused"
        OFF = "off", "Disconnected"

    shop = models.OneToOneField(
        Shop, on_delete=models.CASCADE, related_name="connection", primary_key=True
    )
    grant = models.ForeignKey(Grant, on_delete=models.CASCADE, related_name="connections")
    #: What names the shop in calls (TikTok: shop_cipher).
    sealed_cipher = models.TextField(blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.ON)
    state_by = models.TextField(blank=True)
    state_at = models.DateTimeField()
    connected_at = models.DateTimeField()
    #: Where the marketplace sends webhooks for the shop; blank: it is polled only.
    hooks_address = models.TextField(blank=True)
    #: What keeps webhooks, or some of them, from coming, in a sentence.
    hooks_problem = models.TextField(blank=True)

    class Meta:
        db_table = "connection"

    def __str__(self) -> str:
        return f"{self.shop_id}: {self.state}"


class CallRecord(models.Model):
    """One call to a marketplace, without secrets or personal data: fit to be sent to support."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, null=True, db_index=False)
    at = models.DateTimeField()
    operation = models.CharField(max_length=40)
    method = models.CharField(max_length=6)
    path = models.TextField()
    #: Names and harmless values of the query (paging, windows, ids of orders).
    query = models.JSONField(default=dict)
    attempt = models.SmallIntegerField()
    #: HTTP status; None when no answer came.
    status = models.SmallIntegerField(null=True)
    code = models.TextField(blank=True)
    words = models.TextField(blank=True)
    request_id = models.TextField(blank=True)
    milliseconds = models.IntegerField()
    bytes = models.IntegerField(default=0)
    #: A FailureKind, blank when it went well.
    failure = models.CharField(max_length=20, blank=True)

    class Meta:
        db_table = "call_record"
        indexes = [
            models.Index("shop", "at", "id", name="call_record_of_shop"),
            models.Index("at", name="call_record_at"),
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.status} {self.code}"


class CallRate(models.Model):
    """When the next call of one operation for an app and shop is due, over all processes; a pause
    that the marketplace asks for moves it on (channels/tiktok/limits.py)."""

    key = models.TextField(primary_key=True)
    due_at = models.DateTimeField()

    class Meta:
        db_table = "call_rate"

    def __str__(self) -> str:
        return self.key


class Warehouse(models.Model):
    """A warehouse by the name that orders carry. `logistics`: its parcels travel within the
    country or straight from abroad; blank until somebody knows."""

    class Logistics(models.TextChoices):
        LOCAL = "local", "Local warehouse"
        DIRECT = "direct", "Direct shipping"

    shop = models.ForeignKey(
        Shop, on_delete=models.CASCADE, related_name="warehouses", db_index=False
    )
    name = models.TextField()
    remote_id = models.TextField(blank=True)
    country = models.CharField(max_length=2, blank=True)
    logistics = models.CharField(max_length=8, choices=Logistics.choices, blank=True)
    #: Set by a person, so that what the channel says does not change it.
    is_set_here = models.BooleanField(default=False)

    class Meta:
        db_table = "warehouse"
        constraints = [models.UniqueConstraint("shop", "name", name="warehouse_once")]

    def __str__(self) -> str:
        return self.name


class Carrier(models.Model):
    """A carrier that the channel takes for orders of one delivery option; read again each day."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, db_index=False)
    delivery_option_id = models.TextField(blank=True)
    remote_id = models.TextField()
    name = models.TextField()
    as_of = models.DateTimeField()

    class Meta:
        db_table = "carrier"
        constraints = [
            models.UniqueConstraint("shop", "delivery_option_id", "remote_id", name="carrier_once")
        ]

    def __str__(self) -> str:
        return self.name


class DeliveryOption(models.Model):
    """What parcels a delivery option of a shop takes, as its channel says; read again each day.
    Grams and centimetres, sides longest first; None or empty: not said."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, db_index=False)
    remote_id = models.TextField()
    name = models.TextField(blank=True)
    least_grams = models.IntegerField(null=True)
    most_grams = models.IntegerField(null=True)
    most_sides = ArrayField(models.DecimalField(max_digits=8, decimal_places=2), default=list)
    as_of = models.DateTimeField()

    class Meta:
        db_table = "delivery_option"
        constraints = [models.UniqueConstraint("shop", "remote_id", name="delivery_option_once")]

    def __str__(self) -> str:
        return self.name or self.remote_id
