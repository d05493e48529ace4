"""A replacement is a new order of the same things for nothing, to be sent like any other."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

from sandbox import life, shapes
from sandbox.aftersales import cases
from sandbox.fulfilment import births
from sandbox.kinds import UNTOLD, Doc

if TYPE_CHECKING:
    from sandbox.market import Market

FIRST_ORDER = 577_000_000_000_000_000
#: What the first order has been through, and the new one has not.
PAST = (
    "rts_time",
    "collection_time",
    "delivery_time",
    "cancel_time",
    "cancel_reason",
    "cancellation_initiator",
    "request_cancel_time",
    "split_or_combine_tag",
)
KEPT = (
    "product_id",
    "product_name",
    "sku_id",
    "sku_name",
    "seller_sku",
    "sku_image",
    "currency",
    "warehouse_id",
)


def new_order_id(market: Market) -> str:
    return str(FIRST_ORDER + 1_000_003 * market.books.number("order"))


def send(market: Market, shop: str, case: Doc) -> Doc:
    """The new order, awaiting shipment at once."""
    old = market.books.need("order", shop, case["order_id"])
    now, id = market.clock.now(), new_order_id(market)
    wanted = cases.lines_in(case) or [line["id"] for line in old["line_items"]]
    lines = [line for line in old["line_items"] if line["id"] in wanted]
    made = {name: deepcopy(value) for name, value in old.items() if name not in PAST}
    made |= shapes.paid(old, now) | {
        "id": id,
        "status": "AWAITING_SHIPMENT",
        "create_time": now,
        "update_time": now,
        "is_on_hold_order": False,
        "is_buyer_request_cancel": False,
        "is_replacement_order": True,
        "replaced_order_id": old["id"],
        "is_cod": False,
        "order_type": "NORMAL",
        "tracking_number": "",
        "shipping_provider": "",
        "shipping_provider_id": "",
        "packages": [],
        "payment": {
            name: value if name == "currency" else "0" for name, value in old["payment"].items()
        },
        "line_items": [_line(line, f"{id}{number:02}") for number, line in enumerate(lines, 1)],
        UNTOLD: {"address": (old.get(UNTOLD) or {}).get("address") or old["recipient_address"]},
    }
    made.pop("release_date", None)
    life.save_order(market, shop, made)
    if births.bear_at_payment(market, shop, made):
        life.save_order(market, shop, made)
    market.books.note("replacement_sent", shop, now, order_id=id, detail={"replaces": old["id"]})
    return made


def _line(line: Doc, id: str) -> Doc:
    free = dict.fromkeys(
        ("original_price", "sale_price", "platform_discount", "seller_discount"), "0"
    )
    kept = {name: line[name] for name in KEPT if name in line}
    return {"id": id} | kept | free | {"is_gift": False, "display_status": "AWAITING_SHIPMENT"}
