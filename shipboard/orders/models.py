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
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, Greatest, Lower, Upper

from shipboard.accounts.models import User
from shipboard.channels.case_contract import CaseStep
from shipboard.channels.contract import (
    PARCEL_TROUBLE,
    CaseKind,
    OrderType,
    Shipping,
    Stage,
    StageSource,
)
from shipboard.channels.models import Shop

TOTAL_OR_ZERO = Coalesce(
    "total",
    Value(Decimal(0)),
    output_field=models.DecimalField(max_digits=18, decimal_places=4),
)

#: What happens to an order or is due, and what else decides how metrics count it.
INSTANTS = (
    "created_at",
    "paid_at",
    "ship_by",
    "collect_by",
    "arranged_at",
    "collected_at",
    "canceled_at",
)
FLAGS = ("is_cod", "is_platform_fulfilled", "hold_ends_at")

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

#: What waits for the seller, or will once its hold has ended by the clock; and what travels.
TO_SHIP = (Stage.ON_HOLD, Stage.AWAITING_SHIPMENT, Stage.PARTIALLY_SHIPPED)
MOVING = (Stage.PENDING_COLLECTION, Stage.IN_TRANSIT)


class Colour(StrEnum):
    """Colours of flags; what each means is the seller's own."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    GREEN = "green"
    BLUE = "blue"
    PURPLE = "purple"


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
    #: Grows with whatever is shown of the order, facts and overlays alike (overlays.py): a write
    #: that was decided on an older row is refused.
    version = models.IntegerField(default=0, db_default=0)

    class Meta:
        db_table = "order"
        constraints = [models.UniqueConstraint("shop", "order_id", name="order_once")]
        indexes = [
            models.Index("order_id", name="order_by_id"),
            models.Index(Lower("buyer_username"), name="order_buyer_username"),
            # A page in any order is merged from the stages it shows, each read from its place on.
            models.Index("stage", "created_at", "id", name="order_created"),
            models.Index("stage", "ship_by", "id", name="order_ship_by"),
            models.Index("stage", "paid_at", "id", name="order_paid"),
            models.Index(F("stage"), F("currency"), TOTAL_OR_ZERO, F("id"), name="order_total"),
            # What the clock moves, for the counts of tabs and chips.
            models.Index(
                fields=["hold_ends_at"],
                include=["shop"],
                name="order_hold_ends",
                condition=Q(stage=Stage.ON_HOLD),
            ),
            models.Index(
                fields=["closes_at"],
                include=["shop"],
                name="order_closes",
                condition=Q(stage=Stage.DELIVERED),
            ),
            # The cards by deadlines, each counted from its index alone.
            models.Index(
                fields=["ship_by"],
                include=["shop", "stage", "hold_ends_at"],
                name="order_card_ship_by",
                condition=Q(stage__in=TO_SHIP, is_platform_fulfilled=False),
            ),
            models.Index(
                fields=["auto_cancel_at"],
                include=["shop", "stage", "hold_ends_at"],
                name="order_card_auto_cancel",
                condition=Q(stage__in=(*TO_SHIP, *MOVING), is_platform_fulfilled=False),
            ),
            models.Index(
                fields=["collect_by"],
                include=["shop"],
                name="order_card_collect_by",
                condition=Q(stage=Stage.PENDING_COLLECTION, is_platform_fulfilled=False),
            ),
            # Metrics read the orders of lately from this alone (metrics_sql.py). No text of the
            # channel's: an index takes 2,700 bytes at most.
            models.Index(
                Greatest(*INSTANTS),
                include=["id", "shop", "stage", "order_type", *FLAGS, *INSTANTS],
                name="order_measured",
            ),
            # The card of lost and damaged parcels.
            models.Index(
                fields=["stage", "canceled_at"],
                include=["shop", "closes_at"],
                name="order_card_logistics",
                condition=Q(extra__has_key=PARCEL_TROUBLE, is_platform_fulfilled=False),
            ),
        ]

    def __str__(self) -> str:
        return self.order_id


class Tally(models.Model):
    """A change of how many orders of a shop the channel has in a stage; the sum is the count.
    Written by triggers on "order" (migrations/0003_tally.py), added up by tally.fold."""

    # Without a constraint: triggers write while a shop is being removed.
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, db_constraint=False)
    stage = models.CharField(max_length=20, choices=choices(Stage))
    #: Of delivered orders the day (UTC) on which they close, if known; of others none.
    day = models.DateField(null=True)
    orders = models.BigIntegerField()
    #: How many rows of orders were written, whatever was changed in them.
    changes = models.BigIntegerField()

    class Meta:
        db_table = "tally"

    def __str__(self) -> str:
        return f"{self.orders:+} {self.stage}"


class Facet(models.Model):
    """A value that orders of a shop have or had, for the Filter panel; filled by triggers."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, db_index=False)
    name = models.CharField(max_length=20)
    value = models.TextField()

    class Meta:
        db_table = "facet"
        constraints = [models.UniqueConstraint("shop", "name", "value", name="facet_once")]

    def __str__(self) -> str:
        return f"{self.name}: {self.value}"


class Line(models.Model):
    """One SKU of an order; amounts are of the whole line but for unit_price."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines", db_index=False)
    position = models.SmallIntegerField()
    item = models.ForeignKey(Item, on_delete=models.PROTECT, db_index=False)
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
        # A search for what was sold finds its orders in the index alone.
        indexes = [models.Index("item", "order", name="line_of_item")]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.item_id}"

    @property
    def canceled(self) -> int:
        """Units that are canceled; `quantity` and the amounts count them too."""
        return min(self.quantity, int(self.extra.get("canceled_units") or 0))

    @property
    def kept(self) -> int:
        """Units that are not canceled."""
        return self.quantity - self.canceled


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
    """A cancellation, return, refund or replacement. Open: it waits for the seller's answer. Its
    columns are those of CaseFact (channels/contract.py)."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="cases", db_index=False)
    #: Its order's, filled by a trigger (migrations/0017_case_shop.py): cases are counted by shop.
    shop = models.ForeignKey(
        Shop,
        on_delete=models.CASCADE,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    kind = models.CharField(max_length=12, choices=choices(CaseKind))
    case_id = models.TextField(blank=True)
    is_open = models.BooleanField()
    step = models.CharField(max_length=12, choices=choices(CaseStep), blank=True, db_default="")
    status = models.TextField(blank=True, db_default="")
    by = models.TextField(blank=True, db_default="")
    reason = models.TextField(blank=True)
    reason_name = models.TextField(blank=True, db_default="")
    amount = money()
    unit_ids = ArrayField(models.TextField(), default=list, db_default=[])
    is_granted = models.BooleanField(default=False, db_default=False)
    dispute = models.TextField(blank=True, db_default="")
    tracking_number = models.TextField(blank=True, db_default="")
    carrier = models.TextField(blank=True, db_default="")
    requested_at = models.DateTimeField(null=True)
    respond_by = models.DateTimeField(null=True)
    #: When the channel changed it last.
    changed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "case"
        constraints = [models.UniqueConstraint("order", "kind", "case_id", name="case_once")]
        indexes = [
            models.Index("order", name="case_open", condition=Q(is_open=True)),
            # The cases page: soonest first, and what changed lately.
            models.Index("respond_by", "id", name="case_waiting", condition=Q(is_open=True)),
            models.Index("changed_at", "id", name="case_changed"),
            # How many are decided, from the index alone.
            models.Index(
                fields=["shop"],
                include=["status", "dispute"],
                name="case_decided",
                condition=Q(is_open=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.order_id}"


class Hold(models.Model):
    """Held here: our own brake on an order, invisible to the channel. Released holds are kept."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="holds", db_index=False)
    reason = models.TextField()
    by = models.TextField()
    placed_at = models.DateTimeField()
    #: It ends then by the clock alone (holds.live); None: somebody has to release it.
    until = models.DateTimeField(null=True)
    #: From then on the desk asks what is to become of it.
    remind_at = models.DateTimeField(null=True)
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


class Note(models.Model):
    """A note of ours on an order; the channel never sees it. Removed notes are kept."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="notes", db_index=False)
    text = models.TextField()
    by = models.TextField()
    at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)
    removed_by = models.TextField(blank=True)

    class Meta:
        db_table = "note"
        indexes = [models.Index("order", name="note_on_order", condition=Q(removed_at=None))]

    def __str__(self) -> str:
        return self.text


class Flag(models.Model):
    """A coloured flag of ours; an order has one or none."""

    order = models.OneToOneField(
        Order, on_delete=models.CASCADE, related_name="flag", primary_key=True
    )
    colour = models.CharField(max_length=8, choices=choices(Colour))
    by = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "flag"
        indexes = [models.Index("colour", "order", name="flag_colour")]

    def __str__(self) -> str:
        return self.colour


class SavedView(models.Model):
    """A filter somebody keeps: `query` is its query string (orders.filters), without a page."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="views")
    name = models.CharField(max_length=60)
    query = models.TextField(blank=True)
    is_shared = models.BooleanField(default=False)
    saved_at = models.DateTimeField()

    class Meta:
        db_table = "saved_view"
        constraints = [models.UniqueConstraint("owner", Lower("name"), name="saved_view_name_once")]

    def __str__(self) -> str:
        return self.name


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
