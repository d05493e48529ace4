"""A demo shop's orders as documents of the marketplace's API, which the sandbox keeps on its books:
the writing counterpart of channels/tiktok, so that what is read there equals what was meant here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zlib import crc32

from shipboard.channels.contract import CaseKind, Deadlines, OrderFact, OrderType, Shipping, Stage
from shipboard.demo.addresses import is_over, known_address, shown_address
from shipboard.demo.life import changed_at
from shipboard.demo.markets import Market
from shipboard.demo.units import NOTHING, parcels_of, provider_id, units_of
from shipboard.orders.stages import RANK

Doc = dict[str, Any]

#: An order whose status nobody here knows has its own words.
STATUSES: Mapping[Stage, str] = {
    Stage.UNPAID: "UNPAID",
    Stage.ON_HOLD: "ON_HOLD",
    Stage.AWAITING_SHIPMENT: "AWAITING_SHIPMENT",
    Stage.PARTIALLY_SHIPPED: "PARTIALLY_SHIPPING",
    Stage.PENDING_COLLECTION: "AWAITING_COLLECTION",
    Stage.IN_TRANSIT: "IN_TRANSIT",
    Stage.DELIVERED: "DELIVERED",
    Stage.CLOSED: "COMPLETED",
    Stage.CANCELED: "CANCELLED",
}
SAMPLE = OrderType.SAMPLE
#: The delivery options of the sandbox: the platform's carriers, and the seller's own.
OPTIONS = {Shipping.PLATFORM: "7129104000000000001", Shipping.SELLER: "7129104000000000002"}
SHIPPINGS = {Shipping.PLATFORM: "TIKTOK", Shipping.SELLER: "SELLER"}
CHARGES = {"taxes": "tax"}
#: A canceler whom only the units name.
OPERATOR = "operator"


def order_of(fact: OrderFact, market: Market) -> Doc:
    """The order as the API shows it, and under `_` what the marketplace keeps to itself."""
    status = STATUSES.get(fact.stage, fact.status_words)
    return {
        "id": fact.order_id,
        "status": status,
        "order_type": "NORMAL" if fact.order_type is SAMPLE else fact.order_type.value.upper(),
        "is_sample_order": fact.order_type is SAMPLE,
        "is_replacement_order": False,
        "commerce_platform": "TIKTOK_SHOP",
        "is_cod": fact.is_cod,
        "is_on_hold_order": fact.stage is Stage.ON_HOLD,
        **_buyer(fact),
        **_delivery(fact, market),
        **_cancellation(fact),
        **_times(fact),
        **_deadlines(fact, market),
        "payment_method_name": fact.payment_method,
        "payment_method_code": fact.payment_method.upper().replace(" ", "_"),
        "payment": _payment(fact),
        "line_items": list(units_of(fact, market, status)),
        "_": _untold(fact),
    }


def ruled(fact: OrderFact, market: Market, stage: Stage) -> Deadlines:
    """What the market's rules say of the order while it is in that stage."""
    profile = market.profile
    return profile.deadlines(stage=stage, order_type=fact.order_type, created_at=fact.created_at)


def unix(at: datetime) -> int:
    return int(at.timestamp())


def _buyer(fact: OrderFact) -> Doc:
    return {
        "user_id": f"7494{_person(fact):015}",
        "buyer_email": f"{fact.order_id[-6:]}@chat.example.com",
        "buyer_nickname": fact.buyer_username,
        "buyer_message": fact.buyer_message,
        "seller_note": fact.seller_note,
        "recipient_address": shown_address(fact),
        "has_updated_recipient_address": False,
    }


def _person(fact: OrderFact) -> int:
    """Whoever has the same name, telephone and street is the same buyer."""
    to = fact.recipient
    return crc32("/".join((to["name"], to["phone"], to["address"])).encode())


def _delivery(fact: OrderFact, market: Market) -> Doc:
    by = "TIKTOK" if fact.is_platform_fulfilled else "SELLER"
    parcels = parcels_of(fact, market)
    shipped = [parcel.tracking_number for parcel in parcels if parcel.tracking_number]
    return {
        "fulfillment_type": f"FULFILLMENT_BY_{by}",
        "shipping_type": SHIPPINGS[fact.shipping],
        "delivery_type": "HOME_DELIVERY",
        "delivery_option_id": OPTIONS[fact.shipping],
        "delivery_option_name": fact.delivery_option,
        "warehouse_id": market.warehouse_ids[fact.warehouse],
        "packages": [{"id": parcel.package_id} for parcel in parcels],
        "tracking_number": shipped[-1] if shipped else "",
        "shipping_provider": fact.carrier,
        "shipping_provider_id": provider_id(fact.carrier, market),
    }


def _cancellation(fact: OrderFact) -> Doc:
    """Whether a buyer's request waits, and how a canceled order came to be so."""
    waits = [case for case in fact.cases if case.is_open and case.kind is CaseKind.CANCELLATION]
    asked = [unix(case.requested_at) for case in waits if case.requested_at]
    by = "" if fact.canceled_by == OPERATOR else fact.canceled_by.upper()
    return {
        "is_buyer_request_cancel": bool(waits),
        **({"request_cancel_time": asked[0]} if asked else {}),
        **({"cancellation_initiator": by} if by else {}),
        **({"cancel_reason": fact.cancel_reason} if fact.cancel_reason else {}),
    }


def _times(fact: OrderFact) -> Doc:
    return {
        "create_time": unix(fact.created_at),
        "update_time": unix(changed_at(fact)),
        **_said(
            {
                "paid_time": fact.paid_at,
                "rts_time": fact.arranged_at,
                "collection_time": fact.collected_at,
                "delivery_time": fact.delivered_at,
                "cancel_time": fact.canceled_at,
                "release_date": fact.release_at,
            }
        ),
    }


def _deadlines(fact: OrderFact, market: Market) -> Doc:
    """What the order says, and for the rest what the market's rules say: the API leaves none out.
    The instant at which it cancels has a field of its own for each part of an order's life."""
    said, rules = fact.deadlines, ruled(fact, market, fact.stage)
    cancels = {
        "shipping_due_time": ruled(fact, market, Stage.AWAITING_SHIPMENT).auto_cancel_at,
        "collection_due_time": ruled(fact, market, Stage.PENDING_COLLECTION).auto_cancel_at,
    }
    if said.auto_cancel_at:
        cancels[_cancels_by(fact.stage)] = said.auto_cancel_at
    return _said(
        {
            "rts_sla_time": said.ship_by or rules.ship_by,
            "tts_sla_time": said.collect_by or rules.collect_by,
            "delivery_sla_time": said.deliver_by or rules.deliver_by,
            **cancels,
        }
    )


def _cancels_by(stage: Stage) -> str:
    if RANK[stage] < RANK[Stage.PENDING_COLLECTION]:
        return "shipping_due_time"
    return "collection_due_time" if stage is Stage.PENDING_COLLECTION else "delivery_due_time"


def _said(times: Mapping[str, datetime | None]) -> Doc:
    return {name: unix(at) for name, at in times.items() if at}


def _payment(fact: OrderFact) -> Doc:
    """Amounts as text; the sums over the lines come along, as the API has them."""
    goods = sum((line.total or NOTHING for line in fact.lines), NOTHING)
    full = sum((line.subtotal or NOTHING for line in fact.lines), NOTHING)
    return {
        "currency": fact.currency,
        "sub_total": str(goods),
        "original_total_product_price": str(full),
        "seller_discount": str(full - goods),
        "platform_discount": "0",
        "shipping_fee": "0",
        "tax": "0",
        **{CHARGES.get(name, name): str(amount) for name, amount in fact.charges.items()},
        "total_amount": str(fact.total),
    }


def _untold(fact: OrderFact) -> Doc:
    """The true address; and of what is over, since when, and that nothing is left to mask."""
    untold: Doc = {"address": known_address(fact)}
    if fact.stage is Stage.CLOSED:
        untold["completed_at"] = unix(changed_at(fact))
    return untold | ({"masked": True} if is_over(fact) else {})
