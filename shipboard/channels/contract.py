"""What a channel says of orders and can do for them: frozen records, the same for every
marketplace and for files; its capabilities; and how its calls fail.
Instants are timezone-aware UTC, money is Decimal in the order's currency, ids are text.
A blank string or None means "the channel did not say", never "there is none".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from shipboard.channels.case_contract import (
    Answer,
    CancelOptions,
    CaseRecord,
    CaseStep,
    CaseTarget,
    Decision,
    DecisionFact,
    Picture,
)


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


#: Key of OrderFact.extra.
PARCEL_TROUBLE = "parcel_trouble"


class Travel(StrEnum):
    """Where a parcel is, as the channel says."""

    WAITING = "waiting"
    ARRANGED = "arranged"
    COLLECTED = "collected"
    DELIVERED = "delivered"
    LOST = "lost"
    DAMAGED = "damaged"
    CANCELED = "canceled"
    UNKNOWN = "unknown"


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
    (combined). Either id may be blank, never both. `is_unsent`: it waits to be arranged, so that a
    number and a carrier which were told of it before have been taken back."""

    package_id: str = ""
    tracking_number: str = ""
    carrier: str = ""
    weight_kg: Decimal | None = None
    contents: tuple[ParcelContent, ...] = ()
    is_unsent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFact:
    """A cancellation, return, refund or replacement. `is_open`: it waits for the seller, to do
    `step`. `status` is the channel's own name, whose meaning registry.case_statuses has; `by` who
    opened it (buyer, seller, system, operator); `reason` in words, `reason_name` the channel's key
    of it; `unit_ids` the units that it is about (none: not said). `is_granted`: a cancellation that
    was decided for, so that the order or its units are canceled, or will be in a moment. `dispute`:
    where the channel itself decides over it, in_progress, support_buyer, support_seller or closed.
    `tracking_number` and `carrier`: of what comes back."""

    kind: CaseKind
    case_id: str = ""
    is_open: bool
    step: CaseStep = CaseStep.NOTHING
    status: str = ""
    by: str = ""
    reason_name: str = ""
    unit_ids: tuple[str, ...] = ()
    is_granted: bool = False
    dispute: str = ""
    tracking_number: str = ""
    carrier: str = ""
    changed_at: datetime | None = None
    reason: str = ""
    amount: Decimal | None = None
    requested_at: datetime | None = None
    respond_by: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """Instants the channel gives, or an SLA profile works out; None where nobody said. An account
    that gives one of them gives all there are: what it leaves out is none any more.

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
    tells_all: the account tells the whole course of the order, its instants, its parcels and why it
    was canceled: what it leaves out of these is none, or none any more.
    extra: what we have no name for, by the channel's own name; and by PARCEL_TROUBLE, "lost" or
    "damaged" where the channel says that of one of its parcels.
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
    tells_all: bool = False
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopFacts:
    """What a reader needs to know of the shop: its region (ISO country, UK as GB), the IANA zone
    its local times are in, and the currency its amounts are in."""

    region: str
    timezone: str
    currency: str


class FailureKind(StrEnum):
    """What a call that failed means for whoever asked."""

    AUTH = "auth"
    SCOPE = "scope"
    THROTTLED = "throttled"
    TRANSIENT = "transient"
    NOT_READY = "not_ready"
    ALREADY_DONE = "already_done"
    NEEDS_FIX = "needs_fix"
    BLOCKED_BY_CASE = "blocked_by_case"
    FINAL = "final"


class Outcome(StrEnum):
    """What a failed call has done there: nothing, who knows (ask before a retry), or it all."""

    NONE = "none"
    UNKNOWN = "unknown"
    DONE = "done"


class Fix(StrEnum):
    """What a person has to mend before a NEEDS_FIX can succeed."""

    ADDRESS = "address"
    WAREHOUSE = "warehouse"
    PARCEL = "parcel"
    SPLIT = "split"
    SLOT = "slot"
    TRACKING = "tracking"
    INVOICE = "invoice"
    REASON = "reason"
    SHIP_FIRST = "ship_first"


class Rejection(StrEnum):
    """Why a label is not made, in the groups in which a seller mends them."""

    BUYER_ADDRESS = "buyer_address"
    SELLER_ADDRESS = "seller_address"
    OVERSIZED = "oversized"
    OVERWEIGHT = "overweight"
    TOO_MANY_ITEMS = "too_many_items"
    ITEM_DATA = "item_data"
    CONTENT_RULE = "content_rule"
    NO_SERVICE = "no_service"
    CARRIER_ORDER_ERROR = "carrier_order_error"
    PICKUP_SLOT = "pickup_slot"
    DOCUMENTS_MISSING = "documents_missing"
    ORDER_STATE = "order_state"
    ALREADY_BOUGHT = "already_bought"
    PRINT_FAILURE = "print_failure"
    SYSTEM = "system"
    UNKNOWN = "unknown"


#: The next step where a channel refuses calls for the time that this machine believes it is.
SET_CLOCK = "Set the clock of the machine that the desk runs on."


class ChannelFailure(Exception):
    """A call to a channel that did not succeed. `sentence` says what happened, `next_step` what
    to do; `words` is the channel's own message, `code` its own code (blank: it did not answer).
    `retry_after`: seconds to wait at least, where the channel or our limit says so. `allowed`: the
    actions that make sense now, by name (`retry`, `edit_parcel`, `reconnect`, ...). `rejection`:
    its group where a label is not made, None for what has nothing to do with labels."""

    def __init__(
        self,
        kind: FailureKind,
        *,
        operation: str,
        sentence: str,
        next_step: str = "",
        code: str = "",
        words: str = "",
        request_id: str = "",
        retry_after: float | None = None,
        outcome: Outcome = Outcome.NONE,
        fix: Fix | None = None,
        allowed: tuple[str, ...] = (),
        rejection: Rejection | None = None,
    ) -> None:
        super().__init__(sentence)
        self.kind, self.operation, self.sentence = kind, operation, sentence
        self.next_step, self.code, self.words = next_step, code, words
        self.request_id, self.retry_after = request_id, retry_after
        self.outcome, self.fix, self.allowed = outcome, fix, allowed
        self.rejection = rejection


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a channel can do for orders of one shipping type in one region; screens ask this, never
    the channel's name. tracking_edit: (hours, times) within which a tracking number may be
    corrected. cancel_requests: how a buyer's request is answered (`approve_reject`,
    `reject_by_shipping`). cancels: sellers cancel from here; cancels_parts: single units too;
    cancels_arranged: also what waits for the carrier. answers: returns are decided from here.
    split: by `unit` or by `sku`. part_shipments: some units of an order may go ahead of the others.
    whole_packages: what is shipped is a package that exists, with every order in it.
    handover_by_warehouse: how parcels are handed over is set for each warehouse there, whatever a
    label says. waiting_unit: the word in `unit_statuses` of a line's extra (before an @) for one
    that still waits."""

    connects: bool = False
    webhooks: bool = False
    ships: bool = False
    platform_label: bool = False
    label_ships: bool = False
    voids_labels: bool = False
    support_url: str = ""
    rate_quotes: bool = False
    needs_parcel: bool = False
    pickup_slots: bool = False
    handover_by_warehouse: bool = False
    batch_most: int = 0
    split: str = ""
    combine: bool = False
    tracking_edit: tuple[int, int] | None = None
    part_shipments: bool = False
    whole_packages: bool = False
    waiting_unit: str = ""
    document_types: tuple[str, ...] = ()
    document_formats: tuple[str, ...] = ()
    document_sizes: tuple[str, ...] = ()
    cancel_requests: str = ""
    cancels: bool = False
    cancels_parts: bool = False
    cancels_arranged: bool = False
    answers: bool = False
    returns: bool = False
    needs_invoice: bool = False


class Stream(StrEnum):
    """What is asked of a channel again and again; each has a cursor of its own."""

    ORDERS = "orders"
    CANCEL_REQUESTS = "cancel_requests"
    CANCELLATIONS = "cancellations"
    RETURNS = "returns"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One order as the channel told of it: the record, and the very payload it was read from.
    `changed_at`: the channel's own update time of it, None where it gives none."""

    fact: OrderFact
    payload: str
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unheard:
    """One order (id blank if even that is unreadable) whose payload could not be read, and why, in
    a sentence without personal data."""

    order_id: str
    reason: str
    payload: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersPage:
    """A page of orders. `next_page` is blank on the last one. `total` is what the channel says
    there are in all, None where it does not. `reached`: the rows come in the order of the channel's
    update times and this is the last one's, so a reader may go on by asking for changes since then;
    None where they do not, or nobody knows."""

    heard: tuple[Heard, ...] = ()
    unheard: tuple[Unheard, ...] = ()
    next_page: str = ""
    total: int | None = None
    reached: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CasesPage:
    """A page of cancellations or returns, by order id. An order's cases are attached to the account
    of the order that is read next (Channel.orders). The rest as on a page of orders."""

    cases: tuple[tuple[str, CaseFact], ...] = ()
    unheard: tuple[Unheard, ...] = ()
    next_page: str = ""
    total: int | None = None
    reached: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseFact:
    """A warehouse by the name that its orders carry; `country` is an ISO code, UK as GB."""

    remote_id: str
    name: str
    country: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """What a webhook says is worth reading again. Never the truth itself. `notice`: a sentence for
    people where it is about the connection and not about orders. `deauthorised`: access was
    withdrawn."""

    remote_shop_id: str
    notification_id: str = ""
    kind: str = ""
    order_ids: tuple[str, ...] = ()
    said_at: datetime | None = None
    notice: str = ""
    deauthorised: bool = False
    is_known: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageFact:
    """A package as the channel has it now: `is_arranged` when its label was bought or its tracking
    number accepted; `is_arranging` while the carrier's answer is awaited."""

    package_id: str
    order_ids: tuple[str, ...]
    status: str
    is_arranged: bool
    is_arranging: bool = False
    tracking_number: str = ""
    carrier: str = ""
    is_canceled: bool = False
    payload: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelState:
    """What the channel last said of a parcel. `words`: its own, where it canceled the parcel or
    `travel` is unknown. `at`: since when it is so, None where that is not said."""

    package_id: str
    tracking_number: str
    carrier: str = ""
    travel: Travel
    words: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierFact:
    """A carrier that a shop may name for orders of one delivery option, in the channel's words."""

    remote_id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipTarget:
    """What is shipped: a package where the channel has one, else units of an order (none named:
    all that wait)."""

    order_id: str
    package_id: str = ""
    unit_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A parcel's weight in grams and sides in centimetres; None where nobody said. The three sides
    come together."""

    weight_grams: int | None = None
    length_cm: Decimal | None = None
    width_cm: Decimal | None = None
    height_cm: Decimal | None = None

    @property
    def sides(self) -> tuple[Decimal, ...]:
        """Longest first; none unless all are known."""
        given = (self.length_cm, self.width_cm, self.height_cm)
        known = [side for side in given if side is not None]
        return tuple(sorted(known, reverse=True)) if len(known) == len(given) else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFact:
    """A service that takes a parcel, and what it would cost. `days`: least and most until it is
    delivered, by the channel's estimate."""

    remote_id: str
    name: str
    carrier: str = ""
    price: Decimal | None = None
    currency: str = ""
    days: tuple[int | None, int | None] = (None, None)
    is_default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotFact:
    """A time in which the carrier fetches parcels; aware UTC."""

    starts_at: datetime
    ends_at: datetime
    is_open: bool = True


class Handover(StrEnum):
    """How the carrier gets a parcel; blank: as the channel has it set."""

    PICKUP = "pickup"
    DROP_OFF = "drop_off"
    UNSAID = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverFact:
    """How a package may be handed over."""

    can_pickup: bool = False
    can_drop_off: bool = False
    drop_off_url: str = ""
    slots: tuple[SlotFact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """What the platform is asked for with a label; what a market does not ask for is left out."""

    size: Size = Size()
    service_id: str = ""
    handover: Handover = Handover.UNSAID
    slot: tuple[datetime, datetime] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arranged:
    """The platform has arranged a parcel (bought its label); what it says of it."""

    package_id: str = ""
    service: str = ""
    carrier: str = ""
    tracking_number: str = ""
    price: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryOptionFact:
    """What parcels a delivery option takes; None: not said. Sides longest first, in centimetres."""

    remote_id: str
    name: str = ""
    least_grams: int | None = None
    most_grams: int | None = None
    most_sides: tuple[Decimal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitAdvice:
    """Whether an order may, or must, be split. `reasons`: sentences."""

    order_id: str
    can_split: bool
    must_split: bool = False
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Combinable:
    """Orders that may travel in one package; `remote_id` is the channel's name of the group."""

    remote_id: str
    order_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The channel took a tracking number; `warning` is what it says about it, in its own words."""

    package_id: str = ""
    warning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanFact:
    """What a carrier says of a parcel: `words` as the channel shows them, `code` its own code,
    `tracking_number` blank where the channel does not say which parcel it is about."""

    at: datetime
    words: str
    code: str = ""
    tracking_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A label or slip: the channel's own bytes, untouched."""

    content: bytes
    media_type: str
    tracking_number: str = ""


class Channel(Protocol):
    """A shop's marketplace, opened for one piece of work (registry.open_channel). Every method may
    raise ChannelFailure; none may be called inside a transaction. Instants are aware UTC; `since`
    and `until` bound the channel's own update times, both included."""

    def capabilities(self, shipping: Shipping) -> Capabilities: ...

    def changed_orders(
        self, stream: Stream, since: datetime, until: datetime, page: str = ""
    ) -> OrdersPage:
        """Stream.ORDERS or Stream.CANCEL_REQUESTS, oldest change first."""
        ...

    def changed_cases(
        self, stream: Stream, since: datetime, until: datetime, page: str = ""
    ) -> CasesPage:
        """Stream.CANCELLATIONS or Stream.RETURNS."""
        ...

    def cases_of(
        self, order_ids: Sequence[str], stream: Stream = Stream.CANCELLATIONS
    ) -> CasesPage:
        """All cancellations (or returns) of these orders, whatever their state."""
        ...

    def orders(
        self, order_ids: Sequence[str], cases: Mapping[str, Sequence[CaseFact]] | None = None
    ) -> OrdersPage:
        """These orders as they are now, with `cases` attached; an unknown id is simply absent."""
        ...

    def warehouses(self) -> tuple[WarehouseFact, ...]: ...

    def package(self, package_id: str) -> PackageFact: ...

    def carriers(self, delivery_option_id: str) -> tuple[CarrierFact, ...]:
        """Those that the seller may ship with under this delivery option."""
        ...

    def ship(self, target: ShipTarget, *, tracking_number: str, carrier_id: str) -> Accepted:
        """Ship with the seller's own carrier: the number is told and the parcel marked as shipped,
        in one call. A failure whose outcome is unknown must be settled by `orders` before anyone
        tries again."""
        ...

    def correct_tracking(
        self, target: ShipTarget, *, tracking_number: str, carrier_id: str, is_only: bool
    ) -> Accepted:
        """Another number for what was shipped. `is_only`: the order has no other parcel. The
        outcome as in `ship`."""
        ...

    def scans(self, order_id: str) -> tuple[ScanFact, ...]:
        """What carriers said of the order's parcels, newest first."""
        ...

    def services(self, target: ShipTarget, size: Size) -> tuple[ServiceFact, ...]:
        """The services that take this parcel now, the usual one first (where `rate_quotes`)."""
        ...

    def handover(self, package_id: str) -> HandoverFact:
        """How and when the carrier may get a package (where `pickup_slots`)."""
        ...

    def delivery_options(self, warehouse_id: str) -> tuple[DeliveryOptionFact, ...]: ...

    def arrange(self, target: ShipTarget, arrangement: Arrangement) -> Arranged:
        """Have the platform ship it: its label is bought and paid for. A failure whose outcome is
        unknown must be settled by `orders` and `package` before anyone tries again."""
        ...

    def decisions(self, case: CaseTarget) -> tuple[DecisionFact, ...]:
        """How the case may be decided now, and why not otherwise."""
        ...

    def has_come_of(self, decision: Decision, status: str) -> bool:
        """Whether a case with this status (CaseFact.status) is where the decision leads, though
        another may have decided so, or silence. Calls nothing."""
        ...

    def case_records(self, case: CaseTarget) -> tuple[CaseRecord, ...]:
        """What happened in a return, oldest first; of a cancellation nothing more is told."""
        ...

    def upload_picture(self, picture: Picture) -> str:
        """The channel's id of it, for an Answer."""
        ...

    def answer(self, case: CaseTarget, answer: Answer, *, key: str) -> None:
        """Decide. The same `key` again is the same decision; a failure whose outcome is unknown
        must be settled by `cases_of` before anyone tries again."""
        ...

    def cancel_options(self, order_id: str) -> CancelOptions: ...

    def cancel(self, order_id: str, *, reason: str, unit_ids: Sequence[str] = ()) -> str:
        """Cancel these units (none named: all that may be); gives the id of the case. The outcome
        as in `ship`."""
        ...

    def split_advice(self, order_ids: Sequence[str]) -> tuple[SplitAdvice, ...]: ...

    def split(self, order_id: str, groups: Sequence[Sequence[str]]) -> tuple[str, ...]:
        """Put the order's units (by id) into packages of their own; gives the new package ids. The
        outcome as in `arrange`; every package id of the order may change."""
        ...

    def combinable(self) -> tuple[Combinable, ...]:
        """What could travel together now."""
        ...

    def combine(self, group: Combinable) -> str:
        """One package of several orders; gives its id. The outcome as in `split`."""
        ...

    def uncombine(self, package_id: str, order_ids: Sequence[str] = ()) -> tuple[str, ...]:
        """Let these orders (none named: all) travel by themselves again. As `split`."""
        ...

    def document(
        self, package_id: str, *, kind: str = "SHIPPING_LABEL", size: str = ""
    ) -> Document:
        """Raises NOT_READY while the carrier still makes it."""
        ...
