"""The searches for cancellations and returns: filters, pages and how each version writes a case."""

from __future__ import annotations

import json
from collections.abc import Callable

from sandbox.aftersales.cancelling import CLOSED
from sandbox.aftersales.cases import CANCELLATION, NEXT, RETURN
from sandbox.api import Call, Refusal, operation
from sandbox.kinds import UNTOLD, Doc
from sandbox.orders import asked_for
from sandbox.paging import Asked, BadToken, page

SCOPE = "seller.return_refund.basic"
VERSIONS = ("202309", "202602")


@operation(
    "search_cancellations",
    "POST",
    "/return_refund/{version}/cancellations/search",
    scope=SCOPE,
    versions=VERSIONS,
    page=(1, 50, 10),
)
def search_cancellations(call: Call) -> Doc:
    asked = _asked(call, CANCELLATION)
    _in(call, asked, "cancel_ids", "id")
    _in(call, asked, "cancel_status", "status")
    _in(call, asked, "cancel_types", "json_extract(body, '$.cancel_type')")
    _of_orders(call, asked)
    return _page(call, asked, "cancellations", told_cancellation)


@operation(
    "search_returns",
    "POST",
    "/return_refund/{version}/returns/search",
    scope=SCOPE,
    versions=VERSIONS,
    page=(10, 50, 10),
)
def search_returns(call: Call) -> Doc:
    asked = _asked(call, RETURN)
    _in(call, asked, "return_ids", "id")
    _in(call, asked, "return_status", "status")
    _in(call, asked, "return_types", "json_extract(body, '$.return_type')")
    _in(call, asked, "arbitration_status", "json_extract(body, '$.arbitration_status')")
    _of_orders(call, asked)
    return _page(call, asked, "return_orders", told_return)


def _asked(call: Call, kind: str) -> Asked:
    """Oldest first, unlike orders."""
    asked = asked_for(call, kind)
    asked.descending = call.query.get("sort_order", "ASC") == "DESC"
    return asked


def _in(call: Call, asked: Asked, name: str, column: str) -> None:
    """Only what is one of the values given, if there are any. Raises Refusal."""
    if values := _list(call, name):
        asked.where(f"{column} IN ({','.join('?' for _ in values)})", *values)


def _of_orders(call: Call, asked: Asked) -> None:
    if values := _list(call, "order_ids"):
        marks = ",".join("?" for _ in values)
        linked = "links.kind = documents.kind AND links.shop = documents.shop"
        asked.where(
            f"id IN (SELECT id FROM links WHERE {linked} AND order_id IN ({marks}))",  # noqa: S608
            *values,
        )


def _list(call: Call, name: str) -> list[str]:
    values = call.body.get(name) or []
    if not isinstance(values, list):
        raise Refusal(36009010, f"{name} must be a list.")
    return [str(value) for value in values]


def _page(call: Call, asked: Asked, name: str, told: Callable[[Call, Doc], Doc]) -> Doc:
    try:
        found = page(call.market.books, asked)
    except BadToken as error:
        raise Refusal(36009010, "The page_token is not valid.") from error
    rows = [told(call, json.loads(text)) for text in found.texts]
    shown = {} if name == "return_orders" and _is_omitted(call, rows) else {name: rows}
    return shown | {"next_page_token": found.next_token, "total_count": found.total}


def _is_omitted(call: Call, rows: list[Doc]) -> bool:
    return not rows and call.on("empty_returns_omitted")


def told_cancellation(call: Call, case: Doc) -> Doc:
    """A cancellation as this version writes it."""
    told = _told(call, case)
    if call.version == "202309" and case.get("cancel_status") == CLOSED:
        told["cancel_status"] = call.fact("cancelled_spelling_202309")
    return told


def told_return(call: Call, case: Doc) -> Doc:
    return _told(call, case)


def _told(call: Call, case: Doc) -> Doc:
    """The seller's next step stands in the field that the fact says; nobody's is left out."""
    told = {name: value for name, value in case.items() if name not in (UNTOLD, NEXT)}
    steps = case.get(NEXT)
    return told | ({call.fact("next_action_field"): steps} if steps else {})
