"""Whether the orders of the desk are the marketplace's, field by field: its books on one side
(there.py), the desk's rows on the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from sandbox.kinds import UNTOLD, Doc
from sandbox.market import Market
from shipboard.channels.models import Shop
from shipboard.orders.models import Order
from tests.channel_proofs.there import OVER, Fields, Parcels, there


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
        known, here = there(market, doc), _here(row)
        if row.warehouse == doc["warehouse_id"] and doc["status"] in OVER:
            # What was finished before the warehouse's name was known keeps its id.
            known["warehouse"] = row.warehouse
        if doc["status"] in OVER and len(_carriers(doc)) > 1:
            # With several parcels it names whichever moved last, even once all is refunded.
            known["carrier"] = row.carrier
        found += [
            f"{id} ({doc['status']}) {name}: there {known[name]!r}, here {here[name]!r}"
            for name in known
            if known[name] != here[name]
        ]
        found += [
            f"{id} {words}"
            for words in _recipient(row, doc, (lived or {}).get(id, [doc[UNTOLD]["address"]]))
        ]
    return found


def _carriers(doc: Doc) -> set[str]:
    return {line.get("shipping_provider_name", "") for line in doc["line_items"]} - {""}


def _rows(shop: Shop) -> Iterable[Order]:
    return Order.objects.filter(shop=shop).prefetch_related(
        "lines__item", "contents__parcel", "cases"
    )


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
        "carrier": row.carrier,
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
                case.step,
                case.by,
                case.status.replace("_CANCELLED", "_CANCEL"),
                case.dispute,
                tuple(case.unit_ids),
                case.tracking_number,
                case.changed_at,
                case.reason_name,
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


def _parcels_here(row: Order) -> Parcels:
    if row.stage == "canceled":
        return {}
    skus = {line.position: line.item.sku_id for line in row.lines.all()}
    found: Parcels = {}
    for content in row.contents.all():
        if content.is_current:
            parcel = content.parcel
            told = (parcel.tracking_number, parcel.carrier, Counter[str]())
            held = found.setdefault(parcel.package_id, told)[2]
            if content.line >= 0:
                held[skus[content.line]] += content.quantity
    return found


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
