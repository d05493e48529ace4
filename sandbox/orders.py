"""Orders as an app reads them: search, detail and the breakdown of a price."""

from __future__ import annotations

import json

from sandbox.api import Call, Raw, Refusal, operation, raw_list
from sandbox.books import dump
from sandbox.kinds import Doc
from sandbox.life import masked
from sandbox.paging import Asked, BadToken, page

INFO = "seller.order.info"
#: What only the detail tells.
PAYMENT = (
    "payment_method_code",
    "payment_card_type",
    "payment_auth_code",
    "channel_entity_national_registry_id",
)
SORTS = ("create_time", "update_time")


@operation(
    "search_orders",
    "POST",
    "/order/{version}/orders/search",
    scope=INFO,
    page=(1, 100, 20),
)
def search_orders(call: Call) -> Doc:
    asked = asked_for(call, "order")
    asked.without = PAYMENT
    body = call.body
    if status := body.get("order_status"):
        asked.where("status = ?", status)
    if body.get("is_buyer_request_cancel"):
        asked.where("json_extract(body, '$.is_buyer_request_cancel')")
    for name, field in (("shipping_type", "shipping_type"), ("buyer_user_id", "user_id")):
        if value := body.get(name):
            asked.field_is(field, value)
    if warehouses := body.get("warehouse_ids"):
        if len(warehouses) > 100:
            raise Refusal(36009023, "At most 100 warehouse_ids.")
        marks = ",".join("?" for _ in warehouses)
        asked.where(f"json_extract(body, '$.warehouse_id') IN ({marks})", *warehouses)
    return search(call, asked, "orders")


@operation(
    "order_detail", "GET", "/order/{version}/orders", scope=INFO, versions=("202309", "202507")
)
def order_detail(call: Call) -> Doc:
    ids = call.many("ids")
    if not 1 <= len(ids) <= 50:
        raise Refusal(36009023, "From 1 to 50 ids.")
    texts = [call.market.books.told("order", call.shop.id, id) for id in ids]
    if None in texts and call.fact("unknown_ids_in_detail") == "refused":
        raise Refusal(36009010, "An order does not exist.")
    return {"orders": raw_list(_masked(call, [text for text in texts if text is not None]))}


@operation(
    "price_detail",
    "GET",
    "/order/{version}/orders/{order_id}/price_detail",
    scope=INFO,
    versions=("202407",),
)
def price_detail(call: Call) -> Doc:
    order = call.market.books.get("order", call.shop.id, call.path["order_id"])
    if order is None:
        raise Refusal(36009010, "The order does not exist.")
    payment = order["payment"]
    return {
        "currency": payment["currency"],
        "total": payment["total_amount"],
        "subtotal": payment["sub_total"],
        "line_items": [
            {
                "id": line["id"],
                "currency": line["currency"],
                "sku_list_price": line["original_price"],
                "sku_sale_price": line["sale_price"],
            }
            for line in order["line_items"]
        ],
    }


def _masked(call: Call, texts: list[str]) -> list[str]:
    """The orders, with masked addresses if that fault strikes."""
    if not call.strikes("masked_address"):
        return texts
    orders = [json.loads(text) for text in texts]
    return [
        dump(order | {"recipient_address": masked(order["recipient_address"])}) for order in orders
    ]


def asked_for(call: Call, kind: str, sorts: tuple[str, ...] = SORTS) -> Asked:
    """The paging, sorting and time windows that every search has. Raises Refusal."""
    field = call.query.get("sort_field", "create_time")
    if field not in sorts:
        raise Refusal(36009010, f"sort_field must be one of {', '.join(sorts)}.")
    asked = Asked(
        kind=kind,
        shop=call.shop.id,
        page_size=call.page_size,
        page_token=call.query.get("page_token", ""),
        sort_field=field,
        descending=call.query.get("sort_order", "DESC") != "ASC",
    )
    for name in SORTS:
        asked.window(name, call.body.get(f"{name}_ge"), call.body.get(f"{name}_lt"))
    return asked


def search(call: Call, asked: Asked, name: str) -> Doc:
    """A page as the data of an answer. Raises Refusal."""
    try:
        found = page(call.market.books, asked)
    except BadToken as error:
        raise Refusal(36009010, "The page_token is not valid.") from error
    texts = _masked(call, found.texts) if asked.kind == "order" else found.texts
    return {
        name: raw_list(texts),
        "next_page_token": Raw(dump(found.next_token)),
        "total_count": found.total,
    }
