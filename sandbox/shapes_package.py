"""Package documents as the package detail shows them, and how a package marks its orders' lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sandbox.api import Shop
from sandbox.kinds import Doc

#: What a line's parcel is called while it is being made ready, carried, and so on.
TO_FULFILL, PROCESSING, FULFILLING, COMPLETED, CANCELLED = (
    "TO_FULFILL",
    "PROCESSING",
    "FULFILLING",
    "COMPLETED",
    "CANCELLED",
)


def package(
    shop: Shop,
    id: str,
    at: int,
    orders: Sequence[Doc],
    line_ids: Iterable[str] | None = None,
    *,
    status: str = TO_FULFILL,
    sub_status: str = "STOCKING",
    **more: object,
) -> Doc:
    """A package of these lines (None: all that are not cancelled) of one or more orders."""
    wanted = None if line_ids is None else set(line_ids)
    lines = [
        line
        for order in orders
        for line in order["line_items"]
        if (line["id"] in wanted if wanted is not None else line["display_status"] != CANCELLED)
    ]
    first = orders[0]
    return {
        "package_id": id,
        "orders": [{"id": order["id"], "skus": _skus(order, lines)} for order in orders],
        "order_line_item_ids": [line["id"] for line in lines],
        "package_status": status,
        "package_sub_status": sub_status,
        "split_and_combine_tag": "COMBINE" if len(orders) > 1 else "DEFAULT",
        "shipping_type": first["shipping_type"],
        "delivery_option_id": first["delivery_option_id"],
        "delivery_option_name": first["delivery_option_name"],
        "shipping_provider_id": "",
        "shipping_provider_name": "",
        "tracking_number": "",
        "has_multi_skus": len({line["sku_id"] for line in lines}) > 1,
        "recipient_address": first["recipient_address"],
        "warehouse_id": first["warehouse_id"],
        "create_time": at,
        "update_time": at,
    } | more


def mark_lines(package: Doc, orders: Iterable[Doc]) -> None:
    """Writes the package's id, status, provider and tracking into its lines and orders, in place.

    A package that is cancelled leaves the orders' lists; its lines keep naming it.
    """
    inside = set(package["order_line_item_ids"])
    told = {
        "package_id": package["package_id"],
        "package_status": package["package_status"],
        "tracking_number": package["tracking_number"],
        "shipping_provider_id": package["shipping_provider_id"],
        "shipping_provider_name": package["shipping_provider_name"],
    }
    for order in orders:
        for line in order["line_items"]:
            if line["id"] in inside:
                line.update(told)
        others = [one for one in order["packages"] if one["id"] != package["package_id"]]
        here = [] if package["package_status"] == CANCELLED else [{"id": package["package_id"]}]
        order["packages"] = others + here
        if package["tracking_number"]:
            order["tracking_number"] = package["tracking_number"]
            order["shipping_provider_id"] = package["shipping_provider_id"]
            order["shipping_provider"] = package["shipping_provider_name"]


def _skus(order: Doc, lines: list[Doc]) -> list[Doc]:
    found: dict[str, Doc] = {}
    mine = {line["id"] for line in order["line_items"]}
    for line in lines:
        if line["id"] in mine:
            sku = found.setdefault(
                line["sku_id"],
                {
                    "id": line["sku_id"],
                    "name": line["product_name"],
                    "image_url": line["sku_image"],
                    "quantity": 0,
                },
            )
            sku["quantity"] += 1
    return list(found.values())
