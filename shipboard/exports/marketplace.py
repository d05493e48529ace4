"""The marketplace's own layout: the columns of its order export, by region, and what stands in
them, so that its reader (channels/file) understands an order as it is here. One row per SKU and
parcel; amounts of a line that travels in several parcels are shared out, exact in the sum.
"""

from __future__ import annotations

from dataclasses import dataclass

from shipboard.channels.contract import Stage
from shipboard.channels.file.columns import CHARGES, COLUMNS, LINE_AMOUNTS, RECIPIENT, TIMES
from shipboard.exports.cells import literal
from shipboard.exports.columns import SHIPPING, Column, Kind, charge, labels
from shipboard.orders.masking import USERNAME

MONTH_FIRST = "MM/DD/YYYY HH12:MI:SS AM"
DAY_FIRST = "DD/MM/YYYY HH24:MI:SS"

#: Order status and substatus of an order whose channel gave no words.
WORDS = {
    Stage.UNPAID: ("Unpaid", "Unpaid"),
    Stage.ON_HOLD: ("Unpaid", "On hold"),
    Stage.AWAITING_SHIPMENT: ("To ship", "Awaiting shipment"),
    Stage.PARTIALLY_SHIPPED: ("To ship", "Partially shipped"),
    Stage.PENDING_COLLECTION: ("To ship", "Awaiting collection"),
    Stage.IN_TRANSIT: ("Shipped", "In transit"),
    Stage.DELIVERED: ("Shipped", "Delivered"),
    Stage.CLOSED: ("Completed", "Completed"),
    Stage.CANCELED: ("Canceled", "Canceled"),
}
CASES = {
    "cancellation": "Cancel",
    "refund": "Refund",
    "replacement": "Replacement",
    "return": "Return/Refund",
}
ORDER_TYPES = {
    "pre_order": "Pre-order",
    "made_to_order": "Made to order",
    "back_order": "Back order",
    "sample": "Sample",
}
CANCELERS = {word.lower(): word for word in ("Buyer", "Seller", "System", "Operator")}

_UPTO_PRICE = (
    "order_id status substatus case_type order_type sku_id seller_sku product_name sku_name "
    "quantity returned unit_price subtotal platform_discount seller_discount line_total "
    "shipping_fee original_shipping_fee shipping_fee_seller_discount shipping_fee_platform_discount"
).split()
_FROM_TOTAL = (
    "total refund created_at paid_at arranged_at collected_at delivered_at canceled_at canceled_by "
    "cancel_reason fulfillment_type warehouse tracking_number delivery_option_type "
    "delivery_option carrier buyer_message buyer_username name phone country"
).split()
_PAID_WITH = "payment_method weight_kg category package_id seller_note".split()
_SEA_END = ["Checked Status", "Checked Marked by"]


@dataclass(frozen=True, slots=True)
class Block:
    """How the files of some regions look. A column is a key of channels.file.columns, with
    `key:Name` for another of its names, or a name that has no key."""

    name: str
    regions: tuple[str, ...]
    fees: tuple[str, ...]
    address: tuple[str, ...]
    end: tuple[str, ...]
    dates: str = DAY_FIRST

    def columns(self) -> tuple[Column, ...]:
        given = [*_UPTO_PRICE, *self.fees, *_FROM_TOTAL, *self.address, *_PAID_WITH, *self.end]
        return tuple(_column(each) for each in given)


_US_ADDRESS = ("state", "city", "postal_code", "address", "address_extra", "house")
_US_FEES = ("payment_platform_discount", "retail_delivery_fee", "taxes")
_STREET = ("address", "address_extra")
US = Block(
    "United States",
    ("US",),
    _US_FEES,
    (*_US_ADDRESS, "delivery_instruction"),
    ("Shipping Information",),
    MONTH_FIRST,
)
SEA = Block(
    "Thailand, Vietnam, Malaysia, Singapore",
    ("TH", "VN", "MY", "SG"),
    ("payment_platform_discount", "taxes"),
    ("state:Province", "district", "subdistrict", *_STREET),
    tuple(_SEA_END),
)
PHILIPPINES = Block(
    "Philippines",
    ("PH",),
    SEA.fees,
    ("region", "state:Province", "city:Municipality", "subdistrict:Barangay", *_STREET),
    tuple(_SEA_END),
)
INDONESIA = Block(
    "Indonesia",
    ("ID",),
    (
        "distance_shipping_fee",
        "payment_platform_discount",
        *("buyer_service_fee", "handling_fee", "shipping_insurance", "item_insurance", "taxes"),
    ),
    (
        "state:Province",
        *("city:Regency and City", "district:Districts", "subdistrict:Villages"),
        *_STREET,
    ),
    tuple(_SEA_END),
)
#: Everybody else: the same columns as the United States, dates with the day first.
OTHERS = Block("other regions", (), US.fees, US.address, US.end)
_BLOCKS = {region: block for block in (US, SEA, PHILIPPINES, INDONESIA) for region in block.regions}


def block_of(region: str) -> Block:
    return _BLOCKS.get(region, OTHERS)


def description(columns: tuple[Column, ...]) -> list[str]:
    """The row under the header that explains the columns."""
    first, *others = columns
    return [
        f"Platform unique {_small(first.header)}.",
        *(f"{c.header} of the order." for c in others),
    ]


def _small(name: str) -> str:
    return name[0].lower() + name[1:]


def _column(given: str) -> Column:
    key, _, name = given.partition(":")
    if key not in COLUMNS:
        return Column(given, given, kept(given, of_line=True), width=16)
    made = COLUMN[key]
    if name and name not in COLUMNS[key]:
        raise ValueError(f"{name} is no name of column {key}")
    return Column(key, name or made.header, made.sql, made.kind, made.mask, made.needs, made.width)


def kept(*names: str, of_line: bool = False) -> str:
    """SQL for what a file said under the first of `names` and we keep as it was said."""
    found = [f"o.extra->>{literal(name)}" for name in names]
    if of_line:
        found += [f"l.extra->>{literal(name)}" for name in names]
    return f"coalesce({', '.join(found)})" if len(found) > 1 else found[0]


def _words(which: int) -> str:
    """The channel's words as it said them, else ours of its stage. Where nobody named the stage,
    none: a reader would take ours for the channel's."""
    cut = "strpos(o.status_words, ' / ')"
    part = (
        f"case when {cut} > 0 then left(o.status_words, {cut} - 1) else o.status_words end",
        f"case when {cut} > 0 then substr(o.status_words, {cut} + 3) end",
    )[which]
    ours = labels("o.stage", {stage.value: words[which] for stage, words in WORDS.items()})
    return (
        f"case when o.status_words <> '' then {part} "
        f"when o.stage_source = 'derived' or o.stage = 'unknown' then '' else {ours} end"
    )


def _share(amount: str) -> str:
    """This row's share of a line's amount, by units; the last row takes what rounding left."""
    upto = (
        f"case when piece.upto = piece.whole then {amount} "
        f"else round({amount} * piece.upto / piece.whole, 2) end"
    )
    before = f"round({amount} * (piece.upto - piece.quantity) / piece.whole, 2)"
    return (
        f"case when piece.quantity = piece.whole then {amount} "
        f"when piece.upto = piece.quantity then {upto} else {upto} - {before} end"
    )


#: A parcel's own carrier; what is in no parcel has none while other goods of the order have.
_CARRIER = (
    "case when piece.parcel_id is not null then coalesce(nullif(p.carrier, ''), o.carrier) "
    "when piece.parcels = 0 or piece.parcels is null then o.carrier end"
)
#: Of a partly shipped order, only what travels has been arranged: a reader tells by that.
_ARRANGED = (
    "case when o.stage = 'partially_shipped' and piece.parcel_id is null "
    "and (piece.parcels > 0 or piece.place > 1) then null else o.arranged_at end"
)
_RETURNED = (
    "greatest(0, least(piece.upto, l.returned) - least(piece.upto - piece.quantity, l.returned))"
)
_KEPT_WEIGHT = kept(*COLUMNS["weight_kg"])
_WEIGHT = (
    "case when piece.parcel_id is not null then p.weight_kg "
    rf"when {_KEPT_WEIGHT} ~ '^[0-9]{{1,6}}([.][0-9]{{1,6}})?$' "
    f"then round(({_KEPT_WEIGHT})::numeric, 3) end"
)
_FULFILLED = (
    "case when o.is_platform_fulfilled then 'Fulfilled by TikTok' "
    f"when o.shipping <> '' then {labels('o.shipping', SHIPPING)} "
    f"else {kept(*COLUMNS['fulfillment_type'])} end"
)
_TYPE = (
    f"case when o.order_type = 'normal' then coalesce({kept(*COLUMNS['order_type'])}, 'Normal') "
    f"else {labels('o.order_type', ORDER_TYPES)} end"
)
#: Several cases stand on the order's rows one by one, the last on all that are left.
_SAID = (
    f"array_remove(coalesce(said.words, '{{}}'::text[]) || ({kept(*COLUMNS['case_type'])}), null)"
)
_CASE = f"({_SAID})[least(coalesce(piece.place, 1), cardinality({_SAID}))]"

_AMOUNTS = {"line_total": "l.total"}
_SQL: dict[str, tuple[str, Kind]] = {
    "order_id": ("o.order_id", Kind.ID),
    "status": (_words(0), Kind.TEXT),
    "substatus": (_words(1), Kind.TEXT),
    "case_type": (_CASE, Kind.TEXT),
    "order_type": (_TYPE, Kind.TEXT),
    "sku_id": ("i.sku_id", Kind.ID),
    "seller_sku": ("i.seller_sku", Kind.TEXT),
    "product_name": ("i.product_name", Kind.TEXT),
    "sku_name": ("i.sku_name", Kind.TEXT),
    "category": ("i.category", Kind.TEXT),
    "quantity": ("piece.quantity", Kind.NUMBER),
    "returned": (_RETURNED, Kind.NUMBER),
    "unit_price": ("l.unit_price", Kind.MONEY),
    "total": ("o.total", Kind.MONEY),
    "canceled_by": (labels("o.canceled_by", CANCELERS), Kind.TEXT),
    "fulfillment_type": (_FULFILLED, Kind.TEXT),
    "tracking_number": ("p.tracking_number", Kind.TEXT),
    "carrier": (_CARRIER, Kind.TEXT),
    "region": (kept(*COLUMNS["region"]), Kind.TEXT),
    "package_id": ("p.package_id", Kind.ID),
    "weight_kg": (_WEIGHT, Kind.NUMBER),
    **{
        key: (_share(_AMOUNTS.get(key, f"l.{key}")), Kind.MONEY)
        for key in LINE_AMOUNTS
        if key != "unit_price"
    },
    **{key: (charge(key), Kind.MONEY) for key in CHARGES},
    **{key: (f"o.{key}", Kind.INSTANT) for key in TIMES},
    "arranged_at": (_ARRANGED, Kind.INSTANT),
    **{key: (f"o.recipient->>'{key}'", Kind.TEXT) for key in RECIPIENT},
    **{
        key: (f"o.{key}", Kind.TEXT)
        for key in (
            "cancel_reason warehouse delivery_option_type delivery_option buyer_message "
            "buyer_username payment_method seller_note"
        ).split()
    },
}
_WIDTHS = {Kind.ID: 22, Kind.INSTANT: 22, Kind.NUMBER: 10}
COLUMN = {
    key: Column(
        key,
        COLUMNS[key][0],
        sql,
        kind,
        mask=key if key in (USERNAME, *RECIPIENT) else "",
        needs=("said",) if key == "case_type" else (),
        width=_WIDTHS.get(kind, 18),
    )
    for key, (sql, kind) in _SQL.items()
}
