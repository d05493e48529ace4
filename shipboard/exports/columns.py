"""Every column of an export, once: its key, its header, how SQL gets it, and what kind of value it
is. A layout is a choice of them in an order.

The SQL speaks of o (order), s (shop), l (line), i (item), p (parcel), piece (units of a line in a
parcel) and of the extra sources that a column `needs` (source.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from shipboard.channels.contract import Stage
from shipboard.channels.file.columns import CHARGES, COLUMNS, RECIPIENT
from shipboard.exports.cells import literal
from shipboard.orders.label_states import WORDS as LABEL_WORDS
from shipboard.orders.label_states import LabelState
from shipboard.orders.masking import USERNAME
from shipboard.orders.stages import STAGE_LABELS, TAB_LABELS, TAB_OF


class Kind(Enum):
    TEXT = "text"
    ID = "id"
    MONEY = "money"
    INSTANT = "instant"
    NUMBER = "number"
    YES = "yes or no"


@dataclass(frozen=True, slots=True)
class Column:
    """`sql` gives the plain value: text, numeric, timestamptz or boolean. `mask`: what it shows
    of the buyer (orders/masking.py), masked unless asked for in full. `needs`: names of sources."""

    key: str
    header: str
    sql: str
    kind: Kind = Kind.TEXT
    mask: str = ""
    needs: tuple[str, ...] = ()
    width: int = 14


def labels(column: str, words: dict[str, str]) -> str:
    """SQL for the word of each value of `column`."""
    whens = " ".join(f"when {literal(key)} then {literal(word)}" for key, word in words.items())
    return f"case {column} {whens} else {column} end"


def charge(key: str) -> str:
    return f"(o.charges->>'{key}')::numeric"


#: The stage at the export's instant; the same rule as orders.stages.stage_at.
STAGE = (
    "case when o.stage = 'on_hold' and o.hold_ends_at <= %(now)s then 'awaiting_shipment' "
    "when o.stage = 'delivered' and o.closes_at <= %(now)s then 'closed' else o.stage end"
)
_STAGES = labels(f"({STAGE})", {stage.value: STAGE_LABELS[stage] for stage in Stage})
_TABS = labels(f"({STAGE})", {stage.value: TAB_LABELS[TAB_OF[stage]] for stage in Stage})
#: `local` or `direct`, by the warehouse's name, else by its id from before the name was known; the
#: same rule as channels.warehouses.logistics_of.
LOGISTICS = (
    "coalesce((select nullif(w.logistics, '') from warehouse w where w.shop_id = o.shop_id "
    "and w.name = o.warehouse), (select w.logistics from warehouse w where w.shop_id = o.shop_id "
    "and w.remote_id = o.warehouse and w.remote_id <> '' and w.logistics <> '' "
    "order by w.id limit 1))"
)
SHIPPING = {"seller": "Shipped by seller", "platform": "Shipped via platform"}


def _times(*named: tuple[str, str]) -> list[Column]:
    return [Column(key, header, f"o.{key}", Kind.INSTANT, width=20) for key, header in named]


def _texts(*named: tuple[str, str]) -> list[Column]:
    return [Column(key, header, f"o.{key}", width=18) for key, header in named]


IDENTITY = [
    Column("shop", "Shop", "s.name", width=18),
    Column("order_id", "Order ID", "o.order_id", Kind.ID, width=22),
    Column("tab", "Tab", _TABS, width=16),
    Column("stage", "Stage", _STAGES, width=18),
    Column("status_words", "Marketplace status", "o.status_words", width=24),
]
ZONES = [
    Column("time_zone", "Time zone", "s.timezone", width=18),
    *_times(
        ("created_at", "Created"),
        ("paid_at", "Paid"),
        ("arranged_at", "Arranged"),
        ("collected_at", "Collected"),
        ("delivered_at", "Delivered"),
        ("canceled_at", "Canceled"),
        ("ship_by", "Ship by"),
        ("collect_by", "Collect by"),
        ("auto_cancel_at", "Auto-cancels"),
        ("deliver_by", "Deliver by"),
        ("closes_at", "Closes"),
    ),
]
OVERLAYS = [
    Column("flag", "Flag", "flag.colour", needs=("flag",)),
    Column("notes", "Notes", "notes.texts", needs=("notes",), width=30),
    Column("is_held", "Held", "hold.reason is not null", Kind.YES, needs=("hold",)),
    Column("hold_reason", "Held because", "hold.reason", needs=("hold",), width=24),
    Column("held_until", "Held until", "hold.until", Kind.INSTANT, needs=("hold",), width=20),
]
BUYER = [
    Column(USERNAME, "Buyer username", f"o.{USERNAME}", mask=USERNAME, width=18),
    *_texts(("buyer_message", "Buyer message")),
    *(
        Column(
            key,
            {"name": "Recipient", "phone": "Phone"}.get(key, COLUMNS[key][0]),
            f"o.recipient->>'{key}'",
            mask=key,
            width=18,
        )
        for key in RECIPIENT
    ),
]
HANDLING = [
    Column("order_type", "Order type", labels("o.order_type", {"pre_order": "pre-order"})),
    Column("shipping", "Shipping", labels("o.shipping", SHIPPING), width=20),
    Column("is_platform_fulfilled", "Platform warehouse", "o.is_platform_fulfilled", Kind.YES),
    *_texts(
        ("warehouse", "Warehouse"),
    ),
    Column("logistics", "Logistics", LOGISTICS),
    *_texts(
        ("delivery_option", "Delivery option"),
        ("delivery_option_type", "Delivery option type"),
        ("carrier", "Carrier"),
    ),
]
#: A label's state in words, as Shipping Labels has them.
LABEL_WORD = (
    "case when label.state = 'created' and label.label_print <> 'no' "
    f"then {literal(LABEL_WORDS[LabelState.PRINTED])} else "
    + labels("label.state", {each.value: words for each, words in LABEL_WORDS.items()})
    + " end"
)
_OF_PARCEL = (
    "from label where label.shop_id = o.shop_id and label.package_id = p.package_id "
    "and p.package_id <> '' and label.state <> 'voided'"
)
LABELLED = [
    Column("label", "Shipping label", "labelled.words", needs=("labelled",), width=22),
    Column(
        "label_printed_at",
        "Label printed",
        "labelled.printed_at",
        Kind.INSTANT,
        needs=("labelled",),
        width=20,
    ),
]
PARCEL_LABELLED = [
    Column("label", "Shipping label", f"(select {LABEL_WORD} {_OF_PARCEL})", width=22),
    Column(
        "label_printed_at",
        "Label printed",
        f"(select label.printed_at {_OF_PARCEL})",
        Kind.INSTANT,
        width=20,
    ),
]
PACKED = [
    Column("package_ids", "Package IDs", "packed.ids", Kind.ID, needs=("packed",), width=22),
    Column("tracking", "Tracking numbers", "packed.numbers", Kind.ID, needs=("packed",), width=26),
    Column("parcels", "Parcels", "coalesce(packed.parcels, 0)", Kind.NUMBER, needs=("packed",)),
]
CURRENCY = Column("currency", "Currency", "o.currency", width=10)
TOTAL = Column("total", "Order amount", "o.total", Kind.MONEY)
_MONEY = [
    CURRENCY,
    TOTAL,
    *(Column(key, COLUMNS[key][0], charge(key), Kind.MONEY) for key in CHARGES),
    Column("payment_method", "Payment method", "o.payment_method"),
    Column("is_cod", "Cash on delivery", "o.is_cod", Kind.YES),
]
_ENDS = [
    *_texts(("canceled_by", "Canceled by"), ("cancel_reason", "Cancel reason")),
    Column("cases", "Cases", "cases.kinds", needs=("cases",), width=18),
    Column("seller_note", "Seller note", "o.seller_note", width=24),
]

ORDER_COLUMNS = (
    *IDENTITY,
    *ZONES,
    *_MONEY,
    Column("units", "Units", "o.units", Kind.NUMBER, width=8),
    Column("skus", "SKUs", "o.skus", Kind.NUMBER, width=8),
    Column("goods", "Goods", "goods.names", needs=("goods",), width=40),
    *HANDLING,
    *PACKED,
    *LABELLED,
    *_ENDS,
    *OVERLAYS,
    *BUYER,
    Column("changed_at", "Changed", "o.changed_at", Kind.INSTANT, width=20),
)
LINE_COLUMNS = (
    *IDENTITY,
    Column("line", "Line", "l.position + 1", Kind.NUMBER, width=8),
    Column("sku_id", "SKU ID", "i.sku_id", Kind.ID, width=22),
    Column("seller_sku", "Seller SKU", "i.seller_sku", Kind.ID, width=18),
    Column("product_id", "Product ID", "i.product_id", Kind.ID, width=22),
    Column("product_name", "Product", "i.product_name", width=36),
    Column("sku_name", "Variation", "i.sku_name", width=18),
    Column("category", "Category", "i.category", width=18),
    Column("quantity", "Quantity", "l.quantity", Kind.NUMBER, width=10),
    Column("returned", "Returned", "l.returned", Kind.NUMBER, width=10),
    CURRENCY,
    Column("unit_price", "Unit price", "l.unit_price", Kind.MONEY),
    Column("subtotal", "Before discount", "l.subtotal", Kind.MONEY),
    Column("platform_discount", "Platform discount", "l.platform_discount", Kind.MONEY),
    Column("seller_discount", "Seller discount", "l.seller_discount", Kind.MONEY),
    Column("line_total", "Line amount", "l.total", Kind.MONEY),
    TOTAL,
    *ZONES,
    *HANDLING,
    *PACKED,
    *_ENDS,
    *OVERLAYS,
    *BUYER,
)
_PROBLEMS = (
    (
        "reach.is_masked",
        "The marketplace masks the recipient; take the address from Seller Center.",
    ),
    ("reach.is_lacking", "The recipient is not known whole; look the order up in Seller Center."),
    ("reach.no_phone", "The phone number is masked or missing."),
)
_PROBLEM = "when reach.kept_back is not null then reach.kept_back " + " ".join(
    f"when {when} then {literal(then)}" for when, then in _PROBLEMS
)


def _reached(column: Column) -> Column:
    """The recipient's field, empty where it is masked, or where no parcel is to go or arrives."""
    masked = f"strpos({column.sql}, '*') > 0"
    stops = f"reach.kept_back is not null or reach.is_masked or reach.is_lacking or {masked}"
    sql = f"case when not ({stops}) then {column.sql} end"
    return replace(column, sql=sql, needs=("reach",))


#: What a carrier is handed, one row per order; never anything masked. Given back with tracking
#: numbers, it is read as a file of shipments (channels/file/tracking_columns.py).
HANDOFF_COLUMNS = (
    replace(IDENTITY[1], header="Order ID (reference)"),
    IDENTITY[0],
    *(_reached(column) for column in BUYER if column.key in RECIPIENT),
    Column("weight_kg", "Weight (kg)", "packed.weight_kg", Kind.NUMBER, needs=("packed",)),
    Column("units", "Units", "kept.units", Kind.NUMBER, needs=("kept",), width=8),
    Column("goods", "Contents", "kept.names", needs=("kept",), width=40),
    Column("delivery_option", "Delivery option", "o.delivery_option", width=18),
    Column("tracking", "Tracking number", "asked.numbers", Kind.ID, needs=("asked",), width=26),
    Column("carrier", "Carrier", "asked.carriers", needs=("asked",), width=18),
    Column("service", "Service", "asked.services", needs=("asked",), width=18),
    Column("problem", "Problem", f"case {_PROBLEM} end", needs=("reach",), width=50),
)
PARCEL_COLUMNS = (
    Column("shop", "Shop", "s.name", width=18),
    Column("package_id", "Package ID", "p.package_id", Kind.ID, width=22),
    Column("tracking_number", "Tracking number", "p.tracking_number", Kind.ID, width=26),
    Column("parcel_carrier", "Parcel's carrier", "coalesce(nullif(p.carrier, ''), o.carrier)"),
    Column("weight_kg", "Weight (kg)", "p.weight_kg", Kind.NUMBER),
    Column("parcel_units", "Units in parcel", "packing.units", Kind.NUMBER),
    Column("contents", "Contents", "packing.contents", width=40),
    *PARCEL_LABELLED,
    *IDENTITY[1:],
    CURRENCY,
    TOTAL,
    *ZONES,
    *HANDLING[:-1],
    *OVERLAYS,
    *BUYER,
)
