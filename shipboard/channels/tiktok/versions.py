"""Every operation of the Open API that the desk knows: where it is, which version of it is called,
which scope it needs, whether it changes anything there, and how it pages. Data, not code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

AUTHORIZATION = "seller.authorization.info"
ORDERS = "seller.order.info"
FULFILLMENT = "seller.fulfillment.basic"
PACKAGES = "seller.fulfillment.package.write"
LOGISTICS = "seller.logistics"
CASES = "seller.return_refund.basic"
#: Which right an upload of pictures needs is not documented where we could read it.
PRODUCTS = "seller.product.basic"

VERSION = re.compile(r"20\d{4}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """`path` holds `{v}` for the version and other names for ids. `newer`: versions whose body is
    known too, to be chosen in the settings. `page`: least and most of page_size. `ids_most`: how
    many ids one call takes. `writes`: it changes something there, so a lost answer leaves the
    outcome unknown. `cipher`: it is about one shop; others refuse a shop_cipher."""

    name: str
    method: str
    path: str
    version: str = "202309"
    newer: tuple[str, ...] = ()
    scope: str
    writes: bool = False
    page: tuple[int, int] | None = None
    ids_most: int = 0
    cipher: bool = True


def _get(name: str, path: str, scope: str, **more: Any) -> Operation:
    return Operation(name=name, method="GET", path=path, scope=scope, **more)


def _post(name: str, path: str, scope: str, **more: Any) -> Operation:
    return Operation(name=name, method="POST", path=path, scope=scope, **more)


def _write(name: str, path: str, scope: str, **more: Any) -> Operation:
    return Operation(name=name, method="POST", path=path, scope=scope, writes=True, **more)


ORDER = "/fulfillment/{v}/orders/{order_id}"
PACKAGE = "/fulfillment/{v}/packages/{package_id}"
RETURNS = "/return_refund/{v}"

OPERATIONS: Mapping[str, Operation] = {
    operation.name: operation
    for operation in (
        _get("authorized_shops", "/authorization/{v}/shops", AUTHORIZATION, cipher=False),
        # Orders
        _post("search_orders", "/order/{v}/orders/search", ORDERS, page=(1, 100)),
        _get("order_detail", "/order/{v}/orders", ORDERS, version="202507", ids_most=50),
        _get("price_detail", "/order/{v}/orders/{order_id}/price_detail", ORDERS, version="202407"),
        # Packages
        _post("search_packages", "/fulfillment/{v}/packages/search", FULFILLMENT, page=(1, 50)),
        _get("package_detail", PACKAGE, FULFILLMENT),
        _post("shipping_services", f"{ORDER}/shipping_services/query", FULFILLMENT),
        _write("create_packages", "/fulfillment/{v}/packages", FULFILLMENT, newer=("202512",)),
        _write("ship_package", f"{PACKAGE}/ship", FULFILLMENT),
        # How many packages one call takes is not documented; 50 is our caution.
        _write("ship_packages", "/fulfillment/{v}/packages/ship", FULFILLMENT, ids_most=50),
        _write("mark_shipped", f"{ORDER}/packages", FULFILLMENT, newer=("202610",)),
        _write("update_order_shipping_info", f"{ORDER}/shipping_info/update", LOGISTICS),
        _write(
            "update_package_shipping_info",
            f"{PACKAGE}/shipping_info/update",
            FULFILLMENT,
            newer=("202610",),
        ),
        _get("shipping_document", f"{PACKAGE}/shipping_documents", FULFILLMENT),
        _get("handover_time_slots", f"{PACKAGE}/handover_time_slots", PACKAGES),
        _get("split_attributes", "/fulfillment/{v}/orders/split_attributes", FULFILLMENT),
        _write("split_order", f"{ORDER}/split", PACKAGES),
        _get(
            "search_combinable",
            "/fulfillment/{v}/combinable_packages/search",
            FULFILLMENT,
            page=(1, 50),
        ),
        _write("combine_packages", "/fulfillment/{v}/packages/combine", PACKAGES),
        _write("uncombine_package", f"{PACKAGE}/uncombine", PACKAGES),
        _get("tracking", f"{ORDER}/tracking", LOGISTICS),
        _get(
            "tracking_across_borders",
            "/logistics/{v}/orders/{order_id}/tracking",
            LOGISTICS,
            version="202604",
        ),
        _get(
            "tracking_validation",
            "/fulfillment/{v}/tts_tracking_validation",
            FULFILLMENT,
            version="202508",
        ),
        _write("upload_invoice", "/fulfillment/{v}/invoice/upload", FULFILLMENT, version="202502"),
        # Logistics
        _get("warehouses", "/logistics/{v}/warehouses", LOGISTICS),
        _get(
            "delivery_options",
            "/logistics/{v}/warehouses/{warehouse_id}/delivery_options",
            LOGISTICS,
        ),
        _get(
            "shipping_providers",
            "/logistics/{v}/delivery_options/{delivery_option_id}/shipping_providers",
            LOGISTICS,
        ),
        # Cancellations and returns
        _post(
            "search_cancellations",
            f"{RETURNS}/cancellations/search",
            CASES,
            newer=("202602",),
            page=(1, 50),
        ),
        _write("cancel_order", f"{RETURNS}/cancellations", CASES, newer=("202602",)),
        _write("approve_cancellation", f"{RETURNS}/cancellations/{{cancel_id}}/approve", CASES),
        _write("reject_cancellation", f"{RETURNS}/cancellations/{{cancel_id}}/reject", CASES),
        _get("reject_reasons", f"{RETURNS}/reject_reasons", CASES),
        _get(
            "aftersale_eligibility",
            f"{RETURNS}/orders/{{order_id}}/aftersale_eligibility",
            CASES,
            newer=("202602",),
        ),
        _get("decision_eligibility", f"{RETURNS}/decision_eligibility", CASES, version="202601"),
        _post(
            "search_returns",
            f"{RETURNS}/returns/search",
            CASES,
            newer=("202602",),
            page=(10, 50),
        ),
        _write("approve_return", f"{RETURNS}/returns/{{return_id}}/approve", CASES),
        _write(
            "reject_return", f"{RETURNS}/returns/{{return_id}}/reject", CASES, newer=("202606",)
        ),
        _get("return_records", f"{RETURNS}/returns/{{return_id}}/records", CASES),
        # To upload the same picture twice does no harm.
        _post("upload_image", "/product/{v}/images/upload", PRODUCTS, cipher=False),
        # Webhooks
        _get("webhooks", "/event/{v}/webhooks", AUTHORIZATION),
        Operation(
            name="set_webhook",
            method="PUT",
            path="/event/{v}/webhooks",
            scope=AUTHORIZATION,
            writes=True,
        ),
        Operation(
            name="delete_webhook",
            method="DELETE",
            path="/event/{v}/webhooks",
            scope=AUTHORIZATION,
            writes=True,
        ),
    )
}


def version_of(operation: str, chosen: Mapping[str, str] | None = None) -> str:
    """The version to call: of the app (`chosen`), else of SHIPBOARD_TIKTOK_VERSIONS, else ours."""
    own = (chosen or {}).get(operation)
    return own or _set_here().get(operation) or OPERATIONS[operation].version


def read_versions(text: str) -> dict[str, str]:
    """`order_detail=202309, create_packages=202512` as names and versions. Raises ValueError with a
    sentence for an operation that is not known or what is no version."""
    given: dict[str, str] = {}
    for piece in filter(None, (piece.strip() for piece in text.split(","))):
        name, _, version = (part.strip() for part in piece.partition("="))
        if name not in OPERATIONS:
            raise ValueError(f"{name!r} is no operation; they are {', '.join(sorted(OPERATIONS))}.")
        if not VERSION.fullmatch(version):
            raise ValueError(f"{version!r} is no version of {name}; write one such as 202309.")
        given[name] = version
    return given


@lru_cache(maxsize=4)
def _read(text: str) -> Mapping[str, str]:
    try:
        return read_versions(text)
    except ValueError as error:
        raise ImproperlyConfigured(f"SHIPBOARD_TIKTOK_VERSIONS: {error}") from None


def _set_here() -> Mapping[str, str]:
    return _read(settings.TIKTOK_VERSIONS)
