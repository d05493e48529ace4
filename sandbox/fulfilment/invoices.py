"""Invoices in Brazil: uploaded before shipping, checked for a while, and told of by a webhook."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from sandbox.api import Call, Refusal, operation
from sandbox.fulfilment.asked import orders_in, package_of
from sandbox.fulfilment.given import tables, text
from sandbox.kinds import Doc
from sandbox.market import tick

if TYPE_CHECKING:
    from sandbox.market import Market

LARGEST = 1024 * 1024
TELLS = 36
#: A kind of document: the invoices that are being checked, by package.
AWAITED = "awaited_invoice"
SUCCESS, INVALID = "SUCCESS", "INVALID"


@operation(
    "upload_invoice",
    "POST",
    "/fulfillment/{version}/invoice/upload",
    scope="seller.fulfillment.basic",
    versions=("202502",),
)
def upload_invoice(call: Call) -> Doc:
    """Each invoice by itself: what is refused is told in `errors`."""
    if call.shop.region != "BR":
        raise Refusal(int(call.fact("wrong_region_code")))
    errors: list[Doc] = []
    for one in tables(call.need("invoices")):
        try:
            _take(call, one)
        except Refusal as no:
            about = {"package_id": str(one.get("package_id") or ""), "order_ids": []}
            errors.append({"code": no.code, "message": no.message, "detail": about})
    return {"errors": errors} if errors else {}


def _take(call: Call, given: dict[str, Any]) -> None:
    package = package_of(call, text(given.get("package_id")))
    content = _content(given)
    for order in orders_in(call, package):
        order["need_upload_invoice"] = "INVOICE_PROCESSING"
        call.market.books.put("order", call.shop.id, order)
    waits = {
        "id": package["package_id"],
        "due": call.market.clock.real() + call.fact("invoice_seconds"),
        "outcome": SUCCESS if content.lstrip().startswith(b"<") else INVALID,
    }
    call.market.books.put(AWAITED, call.shop.id, waits)


def _content(given: dict[str, Any]) -> bytes:
    """The XML. Raises Refusal."""
    if given.get("file_type") != "XML":
        raise Refusal(36009010, "The invoice must be XML.")
    try:
        content = base64.b64decode(text(given.get("file")), validate=True)
    except ValueError as error:
        raise Refusal(36009010, "The invoice is not in base64.") from error
    if not 0 < len(content) <= LARGEST:
        raise Refusal(36009023, "The invoice is empty or larger than 1 MB.")
    return content


@tick
def check_invoices(market: Market) -> None:
    with market.books.change():
        for shop in market.books.find("shop", ""):
            for waits in market.books.find(AWAITED, shop["id"]):
                if waits["due"] <= market.clock.real():
                    _finish(market, shop["id"], waits)


def _finish(market: Market, shop: str, waits: Doc) -> None:
    market.books.remove(AWAITED, shop, waits["id"])
    package = market.books.need("package", shop, waits["id"])
    good = waits["outcome"] == SUCCESS
    for one in package["orders"]:
        order = market.books.need("order", shop, one["id"])
        order["need_upload_invoice"] = "INVOICE_UPLOADED" if good else "NEED_INVOICE"
        market.books.put("order", shop, order)
    told = {
        "package_id": package["package_id"],
        "order_ids": [one["id"] for one in package["orders"]],
        "invoice_status": waits["outcome"],
        "invalid_reason": "" if good else "The file is not an invoice.",
    }
    market.hooks.emit(TELLS, shop, told)
