"""What the books read from each kind of document for their columns: where its id, times and status
stand, and which orders it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Doc = dict[str, Any]

#: What the marketplace knows of a document but does not tell stands under this name in its body.
UNTOLD = "_"


def _no_orders(doc: Doc) -> list[str]:
    return []


def _its_order(doc: Doc) -> list[str]:
    return [doc["order_id"]]


@dataclass(frozen=True)
class Kind:
    """Names of the fields of a document; a field that is not there is 0 or blank in the column."""

    id: str = "id"
    created: str = "create_time"
    updated: str = "update_time"
    status: str = "status"
    orders: Callable[[Doc], list[str]] = _no_orders


KINDS: dict[str, Kind] = {
    "app": Kind("key"),
    "shop": Kind(),
    "code": Kind("code"),
    "token": Kind("access_token"),
    "hook": Kind(updated="due", status="state"),
    "subscription": Kind(),
    "order": Kind(),
    "package": Kind(
        "package_id",
        status="package_status",
        orders=lambda doc: [order["id"] for order in doc["orders"]],
    ),
    "cancellation": Kind("cancel_id", status="cancel_status", orders=_its_order),
    "return": Kind("return_id", status="return_status", orders=_its_order),
}


def declare(name: str, kind: Kind) -> None:
    """Adds a kind of document. Kinds that nobody declared have the fields of `Kind()`."""
    KINDS[name] = kind


def kind_of(name: str) -> Kind:
    return KINDS.get(name, Kind())
