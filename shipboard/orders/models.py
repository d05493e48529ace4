"""The tables of an order: facts mirrored from the channel (written only by ingest/apply) and our
own overlays (hold, event). Deadlines are stored instants; what the clock makes of them is asked
at read time (stages.py, cards.py).
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce, Lower, Upper

from shipboard.channels.contract import CaseKind, OrderType, Shipping, Stage, StageSource
from shipboard.channels.models import Shop

#: Sorts orders without a ship-by after all others, in either an index or a keyset.
NEVER = Func(template="'infinity'::timestamptz", output_field=models.DateTimeField())
SHIP_BY_OR_NEVER = Coalesce("ship_by", NEVER)
TOTAL_OR_ZERO = Coalesce(
    "total",
    Value(Decimal(0)),
    output_field=models.DecimalField(max_digits=18, decimal_places=4),
)

#: Not finished: whatever the clock, these are in no Completed or Canceled tab.
OPEN_STAGES = (
    Stage.UNPAID,
    Stage.ON_HOLD,
    Stage.UNKNOWN,
    Stage.AWAITING_SHIPMENT,
    Stage.PARTIALLY_SHIPPED,
    Stage.PENDING_COLLECTION,
    Stage.IN_TRANSIT,
)


def money() -> models.DecimalField:  # type: ignore[type-arg]
    return models.DecimalField(max_digits=18, decimal_places=4, null=True)


def choices(of: type[StrEnum]) -> list[tuple[str, str]]:
    return [(each.value, each.value) for each in of]


class Item(models.Model):
    """What is sold, as the channel named it; every distinct naming is one row, shared by lines."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE)
    digest = models.BinaryField()
    sku_id = models.TextField()
    seller_sku = models.TextField()
    product_id = models.TextField()
    product_name = models.TextField()
    sku_name = models.TextField()
    category = models.TextField()
    image_url = models.TextField()

    class Meta:
        db_table = "item"
        constraints = [models.UniqueConstraint("shop", "digest", name="item_once")]
        indexes = [
            models.Index("sku_id", name="item_sku_id"),
            models.Index("product_id", name="item_product_id"),
            models.Index(Lower("seller_sku"), name="item_seller_sku"),
            models.Index(Lower("sku_name"), name="item_sku_name"),
            GinIndex(
                OpClass("product_name", name="gin_trgm_ops"),
                name="item_product_name",
                fastupdate=False,
            ),
        ]

    def __str__(self) -> str:
        return self.product_name or self.seller_sku or self.sku_id


class Order(models.Model):
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, db_index=False)
    #: The channel's order number; text, unique within its shop.
    order_id = models.TextField()

    # How the facts came: the newest account's instant, its fingerprint (blank when two of the same
    # instant were merged), and what the columns do not tell of older ones (ingest/rows.py).
    as_of = models.DateTimeField()
    digest = models.BinaryField()
    field_ages = models.JSONField(default=dict)

    stage = models.CharField(max_length=20, choices=choices(Stage))
    stage_source = models.CharField(max_length=8, choices=choices(StageSource))
    #: The channel's own words for the status.
    status_words = models.TextField(blank=True)
    #: An On hold ends then by the clock alone (stages.py); None: only the channel ends it.
    hold_ends_at = models.DateTimeField(null=True)
    order_type = models.CharField(max_length=16, choices=choices(OrderType))
    shipping = models.CharField(max_length=8, choices=choices(Shipping), blank=True)
    is_platform_fulfilled = models.BooleanField(default=False)
    is_cod = models.BooleanField(default=False)

    currency = models.CharField(max_length=3, blank=True)
    total = money()
    #: Other amounts by name, as decimal strings; see channels.contract.OrderFact.
    charges = models.JSONField(default=dict)

    created_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    arranged_at = models.DateTimeField(null=True)
    collected_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    canceled_at = models.DateTimeField(null=True)
    release_at = models.DateTimeField(null=True)

    ship_by = models.DateTimeField(null=True)
    collect_by = models.DateTimeField(null=True)
    auto_cancel_at = models.DateTimeField(null=True)
    deliver_by = models.DateTimeField(null=True)
    #: What the channel itself said of the four, {"ship_by": instant}; the rest are the profile's.
    channel_deadlines = models.JSONField(default=dict)
    #: A delivered order closes then: the after-sales window's end.
    closes_at = models.DateTimeField(null=True)
    channel_closes_at = models.DateTimeField(null=True)

    canceled_by = models.TextField(blank=True)
    cancel_reason = models.TextField(blank=True)
    warehouse = models.TextField(blank=True)
    delivery_option = models.TextField(blank=True)
    delivery_option_type = models.TextField(blank=True)
    carrier = models.TextField(blank=True)
    payment_method = models.TextField(blank=True)
    buyer_username = models.TextField(blank=True)
    buyer_message = models.TextField(blank=True)
    seller_note = models.TextField(blank=True)
    #: Personal data: name, phone and address by the keys of channels.contract.OrderFact.recipient.
    recipient = models.JSONField(default=dict)
    extra = models.JSONField(default=dict)

    # Derived from lines and parcels when they change, for the list and its filters.
    units = models.IntegerField(default=0)
    skus = models.IntegerField(default=0)
    is_split = models.BooleanField(default=False)

    first_seen_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "order"
        constraints = [models.UniqueConstraint("shop", "order_id", name="order_once")]
        indexes = [
            models.Index("order_id", name="order_by_id"),
            models.Index(Lower("buyer_username"), name="order_buyer_username"),
            models.Index(F("created_at").desc(), F("id").desc(), name="order_newest"),
            models.Index(F("currency"), TOTAL_OR_ZERO, F("id"), name="order_total"),
            models.Index(Coalesce("paid_at", NEVER), F("id"), name="order_paid"),
            # What waits for the seller, soonest first; On hold may have ended by the clock.
            models.Index(
                SHIP_BY_OR_NEVER,
                F("id"),
                name="order_to_ship",
                condition=Q(
                    stage__in=(
                        Stage.ON_HOLD,
                        Stage.AWAITING_SHIPMENT,
                        Stage.PARTIALLY_SHIPPED,
                    )
                ),
            ),
            models.Index(
                F("created_at").desc(),
                F("id").desc(),
                name="order_open",
                condition=Q(stage__in=OPEN_STAGES),
            ),
            models.Index(
                F("created_at").desc(),
                F("id").desc(),
                name="order_completed",
                condition=Q(stage__in=(Stage.DELIVERED, Stage.CLOSED)),
            ),
            models.Index(
                F("created_at").desc(),
                F("id").desc(),
                name="order_canceled",
                condition=Q(stage=Stage.CANCELED),
            ),
            # Counts of tabs and chips are answered from this index alone.
            models.Index(
                F("shop"), F("stage"), F("hold_ends_at"), F("closes_at"), name="order_counts"
            ),
        ]

    def __str__(self) -> str:
        return self.order_id


class Line(models.Model):
    """One SKU of an order; amounts are of the whole line but for unit_price."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines", db_index=False)
    position = models.SmallIntegerField()
    item = models.ForeignKey(Item, on_delete=models.PROTECT)
    quantity = models.IntegerField()
    returned = models.IntegerField(default=0)
    unit_price = money()
    subtotal = money()
    platform_discount = money()
    seller_discount = money()
    total = money()
    unit_ids = ArrayField(models.TextField(), default=list)
    extra = models.JSONField(default=dict)

    class Meta:
        db_table = "line"
        constraints = [models.UniqueConstraint("order", "position", name="line_once")]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.item_id}"


class Parcel(models.Model):
    """A parcel of a shop; it may carry several orders (combined). `key` is the channel's package
    id, or, until the channel gives one, the order and the tracking number."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, db_index=False)
    key = models.TextField()
    package_id = models.TextField(blank=True)
    tracking_number = models.TextField(blank=True)
    carrier = models.TextField(blank=True)
    weight_kg = models.DecimalField(max_digits=10, decimal_places=3, null=True)
    #: Tracking numbers it had before, in capitals, never forgotten.
    former_ids = ArrayField(models.TextField(), default=list)
    # The newest account that speaks of it, and the age of what an older one said last.
    as_of = models.DateTimeField()
    rank = models.SmallIntegerField()
    field_ages = models.JSONField(default=dict)

    class Meta:
        db_table = "parcel"
        constraints = [models.UniqueConstraint("shop", "key", name="parcel_once")]
        indexes = [
            models.Index("package_id", name="parcel_package_id"),
            models.Index(Upper("tracking_number"), name="parcel_tracking"),
            GinIndex(
                "former_ids",
                name="parcel_former_ids",
                fastupdate=False,
                condition=~Q(former_ids=[]),
            ),
        ]

    def __str__(self) -> str:
        return self.package_id or self.tracking_number


class ParcelContent(models.Model):
    """`quantity` units of an order's line in a parcel. Not current: the order has left it since
    (split, combined, re-labelled); kept as history."""

    order = models.ForeignKey(
        Order, on_delete=models.CASCADE, related_name="contents", db_index=False
    )
    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, related_name="contents")
    #: The line's position; -1 when the channel does not say what the parcel holds.
    line = models.SmallIntegerField()
    quantity = models.IntegerField()
    is_current = models.BooleanField(default=True)

    class Meta:
        db_table = "parcel_content"
        constraints = [
            models.UniqueConstraint("order", "parcel", "line", name="parcel_content_once")
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of line {self.line}"


class Case(models.Model):
    """A cancellation, return, refund or replacement. Open: it waits for the seller's answer."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="cases", db_index=False)
    kind = models.CharField(max_length=12, choices=choices(CaseKind))
    case_id = models.TextField(blank=True)
    is_open = models.BooleanField()
    reason = models.TextField(blank=True)
    amount = money()
    requested_at = models.DateTimeField(null=True)
    respond_by = models.DateTimeField(null=True)

    class Meta:
        db_table = "case"
        constraints = [models.UniqueConstraint("order", "kind", "case_id", name="case_once")]
        indexes = [
            models.Index("order", name="case_open", condition=Q(is_open=True)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.order_id}"


class Hold(models.Model):
    """Held here: our own brake on an order, invisible to the channel. Released holds are kept."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="holds", db_index=False)
    reason = models.TextField()
    by = models.TextField()
    placed_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)
    released_by = models.TextField(blank=True)
    #: The instant of the facts that placed it, when a list did: newer facts may lift it.
    as_of = models.DateTimeField(null=True)

    class Meta:
        db_table = "hold"
        constraints = [
            models.UniqueConstraint(
                "order", name="hold_one_at_a_time", condition=Q(released_at=None)
            )
        ]
        indexes = [models.Index("order", name="hold_by_order")]

    def __str__(self) -> str:
        return self.reason


class Event(models.Model):
    """What happened to an order here, and who or what did it; never changed afterwards."""

    order = models.ForeignKey(
        Order, on_delete=models.CASCADE, related_name="events", db_index=False
    )
    at = models.DateTimeField()
    kind = models.CharField(max_length=30)
    by = models.TextField()
    detail = models.JSONField(default=dict)

    class Meta:
        db_table = "event"
        indexes = [models.Index(F("order"), F("at").desc(), F("id").desc(), name="event_timeline")]

    def __str__(self) -> str:
        return self.kind
