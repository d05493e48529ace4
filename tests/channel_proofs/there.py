"""What the marketplace's books say an order is, field by field, by what the API says its fields
mean; with no look at how the desk reads them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sandbox import shops
from sandbox.kinds import Doc
from sandbox.market import Market
from tests.channel_proofs.traces import STAGES

CARDS = {
    "AWAITING_SHIPMENT": "shipping_due_time",
    "PARTIALLY_SHIPPING": "shipping_due_time",
    "ON_HOLD": "shipping_due_time",
    "AWAITING_COLLECTION": "collection_due_time",
    "IN_TRANSIT": "delivery_due_time",
}
OVER = ("DELIVERED", "COMPLETED", "CANCELLED")
STEPS = {
    "SELLER_RESPOND_CANCEL": "cancel",
    "SELLER_RESPOND_BUYER_CANCEL": "cancel",
    "SELLER_RESPOND_REFUND": "refund",
    "SELLER_RESPOND_RETURN": "return",
    "SELLER_RESPOND_RECEIVE_PACKAGE": "package",
    "SELLER_RESPOND_REPLACEMENT": "replacement",
}
RETURNS = {"REFUND": "refund", "RETURN_AND_REFUND": "return", "REPLACEMENT": "replacement"}
#: Amounts of `payment` that the sandbox has, and what the desk calls them.
CHARGES = {
    "sub_total": "sub_total",
    "shipping_fee": "shipping_fee",
    "original_shipping_fee": "original_shipping_fee",
    "original_total_product_price": "original_total_product_price",
    "seller_discount": "seller_discount",
    "platform_discount": "platform_discount",
    "tax": "taxes",
    "product_tax": "product_tax",
}

Fields = dict[str, Any]
Parcels = dict[str, tuple[str, str, Counter[str]]]


def there(market: Market, doc: Doc) -> Fields:
    units = doc["line_items"]
    status = doc["status"]
    is_cancelled = any(unit["display_status"] == "CANCELLED" for unit in units)
    return {
        "stage": STAGES[status],
        "created": at(doc["create_time"]),
        "paid": at(doc.get("paid_time")),
        "arranged": at(doc.get("rts_time") or min(filter(None, map(_rts, units)), default=0)),
        "collected": at(doc.get("collection_time")),
        "delivered": at(doc.get("delivery_time")),
        "cancelled": at(doc.get("cancel_time")),
        "release": at(doc.get("release_date")),
        **_deadlines(doc),
        "currency": doc["payment"]["currency"],
        "total": Decimal(doc["payment"]["total_amount"]),
        "charges": {
            ours: Decimal(doc["payment"][theirs])
            for theirs, ours in CHARGES.items()
            if theirs in doc["payment"]
        },
        "type": _type(doc),
        "shipping": {"TIKTOK": "platform", "SELLER": "seller"}[doc["shipping_type"]],
        "is platform's": doc["fulfillment_type"] != "FULFILLMENT_BY_SELLER",
        "cash": doc["is_cod"],
        "reason": doc.get("cancel_reason", "") if is_cancelled else "",
        "initiator": _initiator(doc) if is_cancelled else "",
        "warehouse": _warehouse(market, doc["warehouse_id"]),
        "carrier": _carrier(doc),
        "option": doc["delivery_option_name"],
        "payment": doc["payment_method_name"],
        "buyer": doc["buyer_nickname"],
        "message": doc["buyer_message"],
        "note": doc["seller_note"],
        "lines": _lines(units),
        "units": len(units),
        "parcels": _parcels(market, doc),
        "cases": _cases(market, doc),
    }


def at(seconds: object) -> datetime | None:
    """Unix seconds as the desk keeps instants."""
    return datetime.fromtimestamp(int(str(seconds)), UTC) if seconds else None


def _rts(unit: Doc) -> int:
    return int(unit.get("rts_time") or 0)


def _deadlines(doc: Doc) -> Fields:
    status = doc["status"]
    ship_by = [doc[name] for name in ("rts_sla_time", "fast_rts_sla_time") if doc.get(name)]
    auto = 0
    if status not in OVER:
        auto = doc.get(CARDS.get(status, "")) or doc.get("cancel_order_sla_time") or 0
    return {
        "ship by": at(min(ship_by, default=0)),
        "collect by": at(doc.get("tts_sla_time")),
        "auto-cancel": at(auto),
        "deliver by": at(
            doc.get("delivery_sla_time") or doc.get("delivery_option_required_delivery_time")
        ),
    }


def _type(doc: Doc) -> str:
    known = ("PRE_ORDER", "MADE_TO_ORDER", "BACK_ORDER")
    if doc["is_sample_order"]:
        return "sample"
    return doc["order_type"].lower() if doc["order_type"] in known else "normal"


def _initiator(doc: Doc) -> str:
    """Of the order; where it was cancelled in part, of the first line that was."""
    by_line = (unit.get("cancel_user", "") for unit in doc["line_items"])
    return str(doc.get("cancellation_initiator") or next(filter(None, by_line), "")).lower()


def _carrier(doc: Doc) -> str:
    """Of the order, or of its lines where all that name one name the same."""
    named = {unit.get("shipping_provider_name", "") for unit in doc["line_items"]} - {""}
    return str(doc["shipping_provider"] or (named.pop() if len(named) == 1 else ""))


def _warehouse(market: Market, id: str) -> str:
    places = [one for shop in shops.everyone(market.books) for one in shop.warehouses]
    return next((str(one["name"]) for one in places if one["id"] == id), id)


def _lines(units: Sequence[Doc]) -> Counter[tuple[Any, ...]]:
    """Quantities; of a SKU at a price all units are one line."""
    together: dict[tuple[str, str, bool], list[Doc]] = {}
    for unit in units:
        key = (unit["sku_id"], unit["original_price"], unit["is_gift"])
        together.setdefault(key, []).append(unit)
    lines: Counter[tuple[Any, ...]] = Counter()
    for line in together.values():
        first = line[0]
        names = ("sku_id", "seller_sku", "product_id", "product_name", "sku_name")
        sums = ("original_price", "sale_price", "seller_discount", "platform_discount")
        lines[
            (
                *(first[name] for name in names),
                Decimal(first["original_price"]),
                *(sum((Decimal(unit[name]) for unit in line), Decimal(0)) for name in sums),
                tuple(sorted(unit["id"] for unit in line)),
            )
        ] = len(line)
    return lines


def _parcels(market: Market, doc: Doc) -> Parcels:
    """Tracking number, carrier and units by SKU of each package that holds units of the order, by
    the packages' own documents. What is cancelled does not travel, but of an order that is
    cancelled as a whole its last packages are shown; those are not compared."""
    if doc["status"] == "CANCELLED":
        return {}
    live = {one["id"]: one for one in doc["line_items"] if one["display_status"] != "CANCELLED"}
    found = {}
    for package in market.books.find("package", order_id=doc["id"]):
        inside = [live[id] for id in package["order_line_item_ids"] if id in live]
        if inside and package["package_status"] != "CANCELLED":
            held = Counter(unit["sku_id"] for unit in inside)
            told = (package["tracking_number"], package["shipping_provider_name"], held)
            found[package["package_id"]] = told
    return found


def _cases(market: Market, doc: Doc) -> dict[tuple[str, str], tuple[Any, ...]]:
    found: dict[tuple[str, str], tuple[Any, ...]] = {}
    for case in market.books.find("cancellation", order_id=doc["id"]):
        is_asked = case["cancel_status"] == "CANCELLATION_REQUEST_PENDING"
        is_open = is_asked and case["cancel_type"] == "BUYER_CANCEL"
        told = _case(case, case["cancel_reason_text"], is_open)
        found["cancellation", case["cancel_id"]] = told
    for case in market.books.find("return", order_id=doc["id"]):
        is_open = case["return_status"].endswith("_REQUEST_PENDING") or bool(_action(case))
        told = _case(case, case["return_reason_text"], is_open)
        found[RETURNS[case["return_type"]], case["return_id"]] = told
    return found


def _action(case: Doc) -> Mapping[str, Any]:
    steps = case.get("seller_next_action_response") or [{}]
    step: Mapping[str, Any] = steps[0]
    return step


def _case(case: Doc, reason: str, is_open: bool) -> tuple[Any, ...]:
    action = _action(case).get("action", "")
    lines = case.get("cancel_line_items") or case.get("return_line_items") or ()
    return (
        is_open,
        STEPS[action] if is_open else "",
        case["role"].lower(),
        case.get("cancel_status") or case["return_status"],
        case.get("arbitration_status", "").lower(),
        tuple(one["order_line_item_id"] for one in lines),
        case.get("return_tracking_number", ""),
        at(case["update_time"]),
        case.get("cancel_reason") or case["return_reason"],
        reason,
        Decimal(case["refund_amount"]["refund_total"]),
        at(case["create_time"]),
        at(_action(case).get("deadline")),
    )
