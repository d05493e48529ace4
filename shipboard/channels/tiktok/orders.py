"""A payload of an order, from the search or the detail alike, to an OrderFact. Whatever the payload
holds, one order is heard or it is not; it never keeps the others of its page from being read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from shipboard.channels.contract import (
    CaseFact,
    Heard,
    OrderFact,
    OrderType,
    Shipping,
    Stage,
    Unheard,
)
from shipboard.channels.tiktok.cases import cases_on
from shipboard.channels.tiktok.deadlines import deadlines_of
from shipboard.channels.tiktok.extra import extra_of
from shipboard.channels.tiktok.lines import (
    Unit,
    carrier_of,
    grouped,
    line_facts,
    parcels_of,
    units_of,
)
from shipboard.channels.tiktok.recipient import recipient_of
from shipboard.channels.tiktok.values import (
    LONG,
    Odd,
    Payload,
    as_sent,
    flag,
    ident,
    instant,
    money,
    part,
    text,
)

STAGES: Mapping[str, Stage] = {
    "UNPAID": Stage.UNPAID,
    "ON_HOLD": Stage.ON_HOLD,
    "AWAITING_SHIPMENT": Stage.AWAITING_SHIPMENT,
    "PARTIALLY_SHIPPING": Stage.PARTIALLY_SHIPPED,
    "AWAITING_COLLECTION": Stage.PENDING_COLLECTION,
    "IN_TRANSIT": Stage.IN_TRANSIT,
    "DELIVERED": Stage.DELIVERED,
    "COMPLETED": Stage.CLOSED,
    "CANCELLED": Stage.CANCELED,
    # As webhooks spell it.
    "CANCEL": Stage.CANCELED,
}
TYPES: Mapping[str, OrderType] = {
    "": OrderType.NORMAL,
    "NORMAL": OrderType.NORMAL,
    "PRE_ORDER": OrderType.PRE_ORDER,
    "MADE_TO_ORDER": OrderType.MADE_TO_ORDER,
    "BACK_ORDER": OrderType.BACK_ORDER,
}
SHIPPINGS: Mapping[str, Shipping] = {"TIKTOK": Shipping.PLATFORM, "SELLER": Shipping.SELLER}
#: Nothing for the seller to send: the goods lie with the platform, are no goods, or are fetched.
BY_PLATFORM = ("FULFILLMENT_BY_TIKTOK", "FULFILLMENT_BY_DILAYANI_TOKOPEDIA")
NOT_SENT = ("TIKTOK_DIGITAL", "IN-STORE PICKUP", "IN_STORE_PICKUP")
#: Amounts of `payment` that go by their own names, and those that have another name here.
SAME_NAME = (
    "shipping_fee",
    "original_shipping_fee",
    "shipping_fee_seller_discount",
    "shipping_fee_platform_discount",
    "shipping_fee_cofunded_discount",
    "payment_platform_discount",
    "payment_discount_service_fee",
    "retail_delivery_fee",
    "small_order_fee",
    "buyer_service_fee",
    "handling_fee",
    "distance_shipping_fee",
    "distance_fee",
    "item_insurance_tax",
    "shipping_fee_tax",
    "product_tax",
    "sub_total",
    "original_total_product_price",
    "seller_discount",
    "platform_discount",
)
CHARGES: Mapping[str, str] = {name: name for name in SAME_NAME} | {
    "tax": "taxes",
    "shipping_insurance_fee": "shipping_insurance",
    "item_insurance_fee": "item_insurance",
}
KNOWN_TYPES = frozenset(TYPES.keys() | STAGES.keys()) - {""}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a payload does not say of itself: when it was asked for (UTC), the shop's region, and
    the names of its warehouses by their ids."""

    as_of: datetime
    region: str
    warehouses: Mapping[str, str] = field(default_factory=dict)


def read_order(
    payload: object, reading: Reading, cases: Sequence[CaseFact] | None = None
) -> Heard | Unheard:
    """The order with the `cases` looked up for it (None: nobody looked). Never raises."""
    if not isinstance(payload, dict):
        return Unheard(
            order_id="", reason="The entry is not an order object.", payload=as_sent(payload)
        )
    try:
        fact = _fact(payload, reading, cases)
        return Heard(fact=fact, payload=as_sent(payload), changed_at=_changed_at(payload))
    except Odd as odd:
        return Unheard(order_id=_id_of(payload), reason=str(odd), payload=as_sent(payload))


def _changed_at(payload: Payload) -> datetime | None:
    try:
        return instant(payload, "update_time")
    except Odd:
        return None


def _id_of(payload: Payload) -> str:
    try:
        return ident(payload, "id")
    except Odd:
        return ""


def _fact(payload: Payload, reading: Reading, cases: Sequence[CaseFact] | None) -> OrderFact:
    order_id, created_at = ident(payload, "id"), instant(payload, "create_time")
    if not order_id:
        raise Odd("The order has no id.")
    if created_at is None:
        raise Odd("The order has no create_time.")
    status = text(payload, "status")
    stage = STAGES.get(status, Stage.UNKNOWN)
    units = units_of(payload)
    lines = grouped(units)
    is_canceled = stage is Stage.CANCELED
    has_canceled = is_canceled or any(unit.is_canceled for unit in units)
    payment = part(payload, "payment")
    return OrderFact(
        order_id=order_id,
        as_of=reading.as_of,
        stage=stage,
        # The words of the statuses that we know are our own names of the stages.
        status_words=status if stage is Stage.UNKNOWN else "",
        created_at=created_at,
        currency=_currency(payment, units),
        total=_total(payment),
        charges=_charges(payment),
        is_cod=flag(payload, "is_cod"),
        order_type=_order_type(payload),
        **_shipping(payload),
        **_times(payload, units),
        deadlines=deadlines_of(payload, stage),
        canceled_by=_canceled_by(payload, units) if has_canceled else "",
        cancel_reason=text(payload, "cancel_reason", LONG) if has_canceled else "",
        warehouse=_warehouse(payload, reading.warehouses),
        delivery_option=text(payload, "delivery_option_name"),
        carrier=carrier_of(payload, units),
        payment_method=text(payload, "payment_method_name"),
        buyer_username=text(payload, "buyer_nickname"),
        buyer_message=text(payload, "buyer_message", LONG),
        seller_note=text(payload, "seller_note", LONG),
        recipient=recipient_of(payload, reading.region),
        lines=line_facts(lines),
        parcels=parcels_of(payload, lines, is_canceled=is_canceled),
        cases=cases_on(payload, cases),
        # Without its lines it is no whole account, whatever it is.
        tells_all=bool(units),
        extra=extra_of(payload, KNOWN_TYPES),
    )


def _times(payload: Payload, units: Sequence[Unit]) -> dict[str, Any]:
    """Of several parcels the first to be arranged counts, as in an order export."""
    arranged = [at for unit in units if (at := unit.arranged_at)]
    return {
        "paid_at": instant(payload, "paid_time"),
        "arranged_at": instant(payload, "rts_time") or min(arranged, default=None),
        "collected_at": instant(payload, "collection_time"),
        "delivered_at": instant(payload, "delivery_time"),
        "canceled_at": instant(payload, "cancel_time"),
        "release_at": instant(payload, "release_date"),
    }


def _currency(payment: Payload, units: Sequence[Unit]) -> str:
    said = text(payment, "currency") or next(
        (code for unit in units if (code := text(unit.source, "currency"))), ""
    )
    code = said.upper()
    if code and not (len(code) == 3 and code.isascii() and code.isalpha()):
        raise Odd("currency is not a code of three letters.")
    return code


def _total(payment: Payload) -> Decimal | None:
    total = money(payment, "total_amount")
    if total is not None and total < 0:
        raise Odd("total_amount is negative.")
    return total


def _charges(payment: Payload) -> dict[str, Decimal]:
    return {
        ours: amount
        for theirs, ours in CHARGES.items()
        if theirs in payment and (amount := money(payment, theirs)) is not None
    }


def _order_type(payload: Payload) -> OrderType:
    if flag(payload, "is_sample_order"):
        return OrderType.SAMPLE
    return TYPES.get(text(payload, "order_type"), OrderType.NORMAL)


def _shipping(payload: Payload) -> dict[str, Any]:
    """Who ships, and whether that leaves nothing to do here. A word that we do not know is no
    reason to hide an order from the people who may have to ship it."""
    shipping, fulfilled = text(payload, "shipping_type"), text(payload, "fulfillment_type")
    return {
        "shipping": SHIPPINGS.get(shipping, Shipping.UNSAID),
        "is_platform_fulfilled": fulfilled in BY_PLATFORM or shipping in NOT_SENT,
    }


def _canceled_by(payload: Payload, units: Sequence[Unit]) -> str:
    said = text(payload, "cancellation_initiator") or next(
        (who for unit in units if (who := text(unit.source, "cancel_user"))), ""
    )
    return said.lower()


def _warehouse(payload: Payload, names: Mapping[str, str]) -> str:
    remote_id = ident(payload, "warehouse_id")
    return names.get(remote_id, remote_id)
