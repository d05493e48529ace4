"""Whether an order of the desk is the marketplace's, field by field. Written from what the API says
its fields mean, with no look at how the desk reads them: the marketplace's books on one side, the
desk's rows on the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sandbox import shops
from sandbox.kinds import UNTOLD, Doc
from sandbox.market import Market
from shipboard.channels.models import Shop
from shipboard.orders.models import Order
from tests.channel_proofs.traces import STAGES

CARDS = {
    "AWAITING_SHIPMENT": "shipping_due_time",
    "PARTIALLY_SHIPPING": "shipping_due_time",
    "ON_HOLD": "shipping_due_time",
    "AWAITING_COLLECTION": "collection_due_time",
    "IN_TRANSIT": "delivery_due_time",
}
OVER = ("DELIVERED", "COMPLETED", "CANCELLED")
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


def differences(
    market: Market, shop: Shop, lived: Mapping[str, Sequence[Doc]] | None = None
) -> list[str]:
    """All that differs between the shop there and here, a line each. `lived`: true addresses that
    an order had before, by its id."""
    docs = {doc["id"]: doc for doc in market.books.find("order", shop.remote_id)}
    rows = {row.order_id: row for row in _rows(shop)}
    found = [f"{id}: not here" for id in docs.keys() - rows.keys()]
    found += [f"{id}: not there" for id in rows.keys() - docs.keys()]
    for id in sorted(docs.keys() & rows.keys()):
        doc, row = docs[id], rows[id]
        there, here = _there(market, doc), _here(row)
        if row.warehouse == doc["warehouse_id"] and doc["status"] in OVER:
            # What was finished before the warehouse's name was known keeps its id.
            there["warehouse"] = row.warehouse
        found += [
            f"{id} ({doc['status']}) {name}: there {there[name]!r}, here {here[name]!r}"
            for name in there
            if there[name] != here[name]
        ]
        found += [
            f"{id} {words}"
            for words in _recipient(row, doc, (lived or {}).get(id, [doc[UNTOLD]["address"]]))
        ]
    return found


def _rows(shop: Shop) -> Iterable[Order]:
    return Order.objects.filter(shop=shop).prefetch_related(
        "lines__item", "contents__parcel", "cases"
    )


def at(seconds: object) -> datetime | None:
    """Unix seconds as the desk keeps instants."""
    return datetime.fromtimestamp(int(str(seconds)), UTC) if seconds else None


def _there(market: Market, doc: Doc) -> Fields:
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


def _here(row: Order) -> Fields:
    return {
        "stage": row.stage,
        "created": row.created_at,
        "paid": row.paid_at,
        "arranged": row.arranged_at,
        "collected": row.collected_at,
        "delivered": row.delivered_at,
        "cancelled": row.canceled_at,
        "release": row.release_at,
        "ship by": row.ship_by,
        "collect by": row.collect_by,
        "auto-cancel": row.auto_cancel_at,
        "deliver by": row.deliver_by,
        "currency": row.currency,
        "total": row.total,
        "charges": {name: Decimal(amount) for name, amount in row.charges.items()},
        "type": row.order_type,
        "shipping": row.shipping,
        "is platform's": row.is_platform_fulfilled,
        "cash": row.is_cod,
        "reason": row.cancel_reason,
        "initiator": row.canceled_by,
        "warehouse": row.warehouse,
        "option": row.delivery_option,
        "payment": row.payment_method,
        "buyer": row.buyer_username,
        "message": row.buyer_message,
        "note": row.seller_note,
        "lines": Counter(
            {
                (
                    line.item.sku_id,
                    line.item.seller_sku,
                    line.item.product_id,
                    line.item.product_name,
                    line.item.sku_name,
                    line.unit_price,
                    line.subtotal,
                    line.total,
                    line.seller_discount,
                    line.platform_discount,
                    tuple(sorted(line.unit_ids)),
                ): line.quantity
                for line in row.lines.all()
            }
        ),
        "units": row.units,
        "parcels": _parcels_here(row),
        "cases": {
            (case.kind, case.case_id): (
                case.is_open,
                case.reason,
                case.amount,
                case.requested_at,
                case.respond_by,
            )
            for case in row.cases.all()
            # The order's own word that a buyer asks, until the case was read by its id.
            if case.case_id or case.is_open
        },
    }


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


def _parcels(market: Market, doc: Doc) -> dict[str, tuple[str, str, Counter[str]]]:
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


def _parcels_here(row: Order) -> dict[str, tuple[str, str, Counter[str]]]:
    if row.stage == "canceled":
        return {}
    skus = {line.position: line.item.sku_id for line in row.lines.all()}
    found: dict[str, tuple[str, str, Counter[str]]] = {}
    for content in row.contents.all():
        if content.is_current:
            parcel = content.parcel
            told = (parcel.tracking_number, parcel.carrier, Counter[str]())
            held = found.setdefault(parcel.package_id, told)[2]
            if content.line >= 0:
                held[skus[content.line]] += content.quantity
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
    return (
        is_open,
        reason,
        Decimal(case["refund_amount"]["refund_total"]),
        at(case["create_time"]),
        at(_action(case).get("deadline")),
    )


def _recipient(row: Order, doc: Doc, lived: Sequence[Doc]) -> list[str]:
    """Where the address is shown, it is here; where it is masked, one real address of the order at
    most is here, and never parts of two."""
    shown, here = doc["recipient_address"], row.recipient
    names = {"name": "name", "phone": "phone_number", "postal_code": "postal_code"}
    names |= {"country": "region_code", "address": "address_line1"}
    fields = {ours: shown.get(theirs, "") for ours, theirs in names.items()}
    ours = {name: here.get(name, "") for name in names}
    true = [{ours: one.get(theirs, "") for ours, theirs in names.items()} for one in lived]
    if not shown.get("name"):
        bare = not any(ours[name] for name in names if name != "country")
        return [] if bare or ours in true else ["recipient: shown by nobody"]
    places = {one["address_name"] for one in shown["district_info"]}
    if "*" not in shown["name"]:
        wrong = [f"recipient {name}" for name in names if ours[name] != fields[name]]
        return wrong + [f"recipient: {len(places - set(here.values()))} places"] * bool(
            places - set(here.values())
        )
    return [] if ours == fields or ours in true else ["recipient: parts of several addresses"]
