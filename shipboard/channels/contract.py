"""What a channel says of orders: frozen records, the same for every marketplace and for files.
Instants are timezone-aware UTC, money is Decimal in the order's currency, ids are text.
A blank string or None means "the channel did not say", never "there is none".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Stage(StrEnum):
    """Where the channel says an order is; the values are those of the query string."""

    UNPAID = "unpaid"
    ON_HOLD = "on_hold"
    UNKNOWN = "unknown"
    AWAITING_SHIPMENT = "awaiting_shipment"
    PARTIALLY_SHIPPED = "partially_shipped"
    PENDING_COLLECTION = "pending_collection"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    CLOSED = "closed"
    CANCELED = "canceled"


class StageSource(StrEnum):
    """Who named the stage: the channel in words, or we from the order's times."""

    CHANNEL = "channel"
    DERIVED = "derived"


class OrderType(StrEnum):
    NORMAL = "normal"
    PRE_ORDER = "pre_order"
    MADE_TO_ORDER = "made_to_order"
    BACK_ORDER = "back_order"
    SAMPLE = "sample"


class Shipping(StrEnum):
    """Who arranges the carrier: the seller (3PL) or the platform (4PL); blank when not said."""

    SELLER = "seller"
    PLATFORM = "platform"
    UNSAID = ""


class CaseKind(StrEnum):
    CANCELLATION = "cancellation"
    RETURN = "return"
    REFUND = "refund"
    REPLACEMENT = "replacement"


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFact:
    """What is sold: one SKU as the channel names it."""

    sku_id: str = ""
    seller_sku: str = ""
    product_id: str = ""
    product_name: str = ""
    sku_name: str = ""
    category: str = ""
    image_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFact:
    """One SKU of an order. `quantity` counts units over all parcels; prices are of the whole line
    but for `unit_price`. `unit_ids` are the channel's ids of single units where it has them."""

    item: ItemFact
    quantity: int
    returned: int = 0
    unit_price: Decimal | None = None
    subtotal: Decimal | None = None
    platform_discount: Decimal | None = None
    seller_discount: Decimal | None = None
    total: Decimal | None = None
    unit_ids: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ParcelContent:
    """`quantity` units of the order's line number `line` (from 0) travel in the parcel."""

    line: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelFact:
    """A parcel as far as this order is concerned. Several orders may name the same `package_id`
    (combined). Either id may be blank, never both."""

    package_id: str = ""
    tracking_number: str = ""
    carrier: str = ""
    weight_kg: Decimal | None = None
    contents: tuple[ParcelContent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFact:
    """A cancellation, return, refund or replacement. `is_open`: it waits for the seller."""

    kind: CaseKind
    case_id: str = ""
    is_open: bool
    reason: str = ""
    amount: Decimal | None = None
    requested_at: datetime | None = None
    respond_by: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """Instants the channel gives, or an SLA profile works out; None where nobody said.

    ship_by: arrange or ship before it, else late. collect_by: the carrier must have scanned it.
    auto_cancel_at: the channel cancels then if the order's present stage has not moved on.
    deliver_by: promised delivery.
    """

    ship_by: datetime | None = None
    collect_by: datetime | None = None
    auto_cancel_at: datetime | None = None
    deliver_by: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFact:
    """Everything a channel says of one order at the instant `as_of`.

    total: what the buyer pays. charges: the order's other amounts by name, among them
    original_shipping_fee, shipping_fee, shipping_fee_seller_discount,
    shipping_fee_platform_discount, payment_platform_discount, retail_delivery_fee, taxes, refund
    and regional ones (small_order_fee, buyer_service_fee, handling_fee, shipping_insurance,
    item_insurance, distance_shipping_fee).
    recipient: name, phone, country, state, city, district, subdistrict, postal_code, address,
    address_extra, house, delivery_instruction; only keys with a value.
    arranged_at is the channel's "RTS" (label made or tracking added); collected_at the first scan.
    names_all_cases: the account names every case that waits; one it does not name is over.
    extra: what we have no name for, by the channel's own name.
    """

    order_id: str
    as_of: datetime
    stage: Stage
    stage_source: StageSource = StageSource.CHANNEL
    status_words: str = ""
    order_type: OrderType = OrderType.NORMAL
    shipping: Shipping = Shipping.UNSAID
    is_platform_fulfilled: bool = False
    is_cod: bool = False
    currency: str = ""
    total: Decimal | None = None
    charges: Mapping[str, Decimal] = field(default_factory=dict)
    created_at: datetime
    paid_at: datetime | None = None
    arranged_at: datetime | None = None
    collected_at: datetime | None = None
    delivered_at: datetime | None = None
    canceled_at: datetime | None = None
    release_at: datetime | None = None
    closes_at: datetime | None = None
    deadlines: Deadlines = Deadlines()
    canceled_by: str = ""
    cancel_reason: str = ""
    warehouse: str = ""
    delivery_option: str = ""
    delivery_option_type: str = ""
    carrier: str = ""
    payment_method: str = ""
    buyer_username: str = ""
    buyer_message: str = ""
    seller_note: str = ""
    recipient: Mapping[str, str] = field(default_factory=dict)
    lines: tuple[LineFact, ...] = ()
    parcels: tuple[ParcelFact, ...] = ()
    cases: tuple[CaseFact, ...] = ()
    names_all_cases: bool = False
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopFacts:
    """What a reader needs to know of the shop: its region (ISO country, UK as GB), the IANA zone
    its local times are in, and the currency its amounts are in."""

    region: str
    timezone: str
    currency: str
