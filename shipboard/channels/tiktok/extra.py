"""What an order's payload says that the records have no name for, by the payload's own names. No
personal data: mail addresses, tax numbers, pictures and ids of people stay in the payload.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime

from shipboard.channels.contract import PARCEL_TROUBLE, Travel
from shipboard.channels.tiktok.values import LONG, Odd, Payload, instant, parts, text

WORDS = (
    "commerce_platform",
    "delivery_option_id",
    "shipping_provider_id",
    "warehouse_id",
    "replaced_order_id",
    "exchange_source_order_id",
    "auto_combine_group_id",
    "fulfillment_priority_level",
    "fast_delivery_program",
    "need_upload_invoice",
    "consultation_id",
)
#: Kept where they are true.
MARKS = (
    "is_refundable_sample",
    "is_replacement_order",
    "is_exchange_order",
    "is_subscription_order",
    "authentication_required",
    "has_updated_recipient_address",
)
INSTANTS = (
    "pick_up_cut_off_time",
    "fast_dispatch_sla_time",
    "fast_collection_sla_time",
    "recommended_shipping_time",
    "instore_pickup_sla_time",
)
#: Of a unit whose parcel was lost, damaged or scrapped on its way, the marketplace's own reason is
#: all that an order's payload says; the package itself would say ship_exception_reason.
LOST = re.compile(r"lost|untrace", re.IGNORECASE)
DAMAGED = re.compile(r"damag|scrap", re.IGNORECASE)
BY_PLATFORM = ("SYSTEM", "OPERATOR")
ORDINARY = {
    "delivery_type": ("HOME_DELIVERY",),
    "shipping_type": ("TIKTOK", "SELLER"),
    "fulfillment_type": ("FULFILLMENT_BY_SELLER",),
}


def extra_of(order: Payload, known_types: Collection[str]) -> dict[str, str]:
    """The extra of an order. An odd value of what is only kept is left out: the payload has it."""
    extra = {
        name: said
        for name in WORDS
        if name in order and (said := text(order, name)) not in ("", "0")
    }
    extra |= {name: "true" for name in MARKS if order.get(name) is True}
    extra |= {
        name: at.isoformat() for name in INSTANTS if name in order and (at := _instant(order, name))
    }
    for name, ordinary in ORDINARY.items():
        said = text(order, name)
        if said and said not in ordinary:
            extra[name] = said
    order_type = text(order, "order_type")
    if order_type and order_type not in known_types:
        extra["order_type"] = order_type
    rights = order.get("order_rights")
    if isinstance(rights, list) and rights:
        extra["order_rights"] = ", ".join(str(one) for one in rights if isinstance(one, int))
    if trouble := _parcel_trouble(order):
        extra[PARCEL_TROUBLE] = trouble
    return extra


def _parcel_trouble(order: Payload) -> str:
    """What became of a parcel on its way: `lost`, `damaged`, or blank. Raises Odd."""
    return next(filter(None, map(trouble_of, parts(order, "line_items"))), "")


def trouble_of(unit: Payload) -> str:
    """The same of a unit's parcel."""
    if text(unit, "cancel_user") not in BY_PLATFORM or not text(unit, "tracking_number"):
        return ""
    reason = text(unit, "cancel_reason", LONG)
    if LOST.search(reason):
        return Travel.LOST
    return Travel.DAMAGED if DAMAGED.search(reason) else ""


def _instant(order: Payload, name: str) -> datetime | None:
    try:
        return instant(order, name)
    except Odd:
        return None
