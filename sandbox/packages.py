"""Packages as an app reads them: search and detail."""

from __future__ import annotations

from sandbox.api import Call, Refusal, operation
from sandbox.kinds import UNTOLD, Doc
from sandbox.orders import asked_for, search

BASIC = "seller.fulfillment.basic"


@operation(
    "search_packages",
    "POST",
    "/fulfillment/{version}/packages/search",
    scope=BASIC,
    page=(1, 50, 20),
)
def search_packages(call: Call) -> Doc:
    asked = asked_for(call, "package", ("create_time", "update_time", "order_pay_time"))
    if status := call.body.get("package_status"):
        asked.where("status = ?", status)
    asked.shown = (
        "json_object('id', id, 'status', status, 'create_time', created, 'update_time', updated,"
        " 'orders', json_extract(body, '$.orders'),"
        " 'order_line_item_ids', json_extract(body, '$.order_line_item_ids'),"
        " 'tracking_number', json_extract(body, '$.tracking_number'),"
        " 'shipping_provider_id', json_extract(body, '$.shipping_provider_id'),"
        " 'shipping_provider_name', json_extract(body, '$.shipping_provider_name'))"
    )
    return search(call, asked, "packages")


@operation("package_detail", "GET", "/fulfillment/{version}/packages/{package_id}", scope=BASIC)
def package_detail(call: Call) -> Doc:
    found = call.market.books.get("package", call.shop.id, call.path["package_id"])
    if found is None:
        raise Refusal(21011005, "The package does not exist.")
    found.pop(UNTOLD, None)
    return found
