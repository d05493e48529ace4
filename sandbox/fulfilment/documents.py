"""Shipping documents: told of once the label is there and until the carrier has the package. The
address they stand at is good for 24 hours; the document is made when it is fetched.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from typing import TYPE_CHECKING, Any

import flask

from sandbox.api import Call, Refusal, operation
from sandbox.books import dump
from sandbox.fulfilment.asked import has_open_return, has_request, orders_in, package_of
from sandbox.fulfilment.printed import parcel
from sandbox.fulfilment.readying import is_ready
from sandbox.kinds import Doc
from sandbox.labels.document import TYPES, make
from sandbox.shapes_package import TO_FULFILL
from sandbox.web import PAGES

if TYPE_CHECKING:
    from sandbox.market import Market

FORMATS = ("PDF", "ZPL")
KEY = "document key"


@operation(
    "shipping_document",
    "GET",
    "/fulfillment/{version}/packages/{package_id}/shipping_documents",
    scope="seller.fulfillment.basic",
)
def shipping_document(call: Call) -> Doc:
    type, size, format = _asked(call)
    package = package_of(call, call.path["package_id"])
    orders = orders_in(call, package)
    _check_lane(call, package, orders)
    _check_stage(call, package)
    if type == "HAZMAT_LABEL" and not _is_dangerous(package, orders):
        raise Refusal(36009010, "Nothing in the package is dangerous.")
    if any(has_open_return(call, order) or has_request(call, order) for order in orders):
        raise Refusal(21021010, "An after-sale case is open.")
    _check_ready(call, package)
    until = int(call.market.clock.real()) + int(call.fact("document_hours")) * 3600
    ticket = _seal(call.market, [call.shop.id, package["package_id"], type, size, format, until])
    return {
        "doc_url": f"{flask.request.host_url}documents/{ticket}",
        "tracking_number": package["tracking_number"],
    }


def _asked(call: Call) -> tuple[str, str, str]:
    """Type, size and format. Raises Refusal."""
    type = call.query.get("document_type", "")
    size = call.query.get("document_size") or "A6"
    format = call.query.get("document_format") or "PDF"
    if not type:
        raise Refusal(36009022, "document_type is missing.")
    if type not in TYPES or size not in ("A6", "A5") or format not in FORMATS:
        raise Refusal(36009010, "There is no such document.")
    if format == "ZPL" and call.shop.region not in call.fact("zpl_markets"):
        raise Refusal(36009010, "ZPL is not open to this market.")
    if type == "INVOICE_LABEL" and call.shop.region != "BR":
        raise Refusal(36009010, "Invoice labels are for Brazil.")
    return type, size, format


def _check_lane(call: Call, package: Doc, orders: list[Doc]) -> None:
    if any(order["fulfillment_type"] != "FULFILLMENT_BY_SELLER" for order in orders):
        raise Refusal(21008043)
    if package["shipping_type"] != "TIKTOK":
        raise Refusal(int(call.fact("document_seller_ships_code")))


def _check_stage(call: Call, package: Doc) -> None:
    """Raises Refusal before the package is shipped and after it is picked up."""
    status = package["package_status"]
    if status == "CANCELLED":
        raise Refusal(int(call.fact("document_cancelled_code")))
    if status == TO_FULFILL:
        raise Refusal(int(call.fact("document_before_ship_code")))
    if status in ("FULFILLING", "COMPLETED"):
        raise Refusal(int(call.fact("document_picked_up_code")))


def _is_dangerous(package: Doc, orders: list[Doc]) -> bool:
    inside = set(package["order_line_item_ids"])
    lines = (line for order in orders for line in order["line_items"])
    return any(line.get("is_dangerous_good") for line in lines if line["id"] in inside)


def _check_ready(call: Call, package: Doc) -> None:
    """Raises Refusal while the carrier is at it; `slow_label` keeps it at it."""
    if not is_ready(call.market, package) or call.strikes("slow_label"):
        raise Refusal(int(call.fact("label_not_ready_code")))


def pages(market: Market) -> flask.Blueprint:
    made = flask.Blueprint("documents", __name__)

    @made.get("/documents/<ticket>")
    def document(ticket: str) -> flask.Response:
        """Whoever has the address gets the document, as long as it is good."""
        asked = _open(market, ticket)
        if asked is None or asked[5] <= market.clock.real():
            return flask.Response("This address is not good any more.", 403)
        shop, package_id, type, size, format, _ = asked
        package = market.books.need("package", shop, package_id)
        orders = [market.books.need("order", shop, one["id"]) for one in package["orders"]]
        out = make(parcel(market, shop, package, orders), type, size, format)
        return flask.Response(out.content, content_type=out.mime)

    return made


PAGES.append(pages)


def _key(market: Market) -> str:
    """A secret of this marketplace, made once."""
    if kept := market.books.get("secret", "", KEY):
        return str(kept["value"])
    with market.books.change():
        if market.books.get("secret", "", KEY) is None:
            market.books.put("secret", "", {"id": KEY, "value": secrets.token_hex(16)})
    return _key(market)


def _seal(market: Market, asked: list[object]) -> str:
    text = base64.urlsafe_b64encode(dump(asked).encode()).decode().rstrip("=")
    return f"{text}.{_mark(market, text)}"


def _open(market: Market, ticket: str) -> list[Any] | None:
    text, _, mark = ticket.partition(".")
    if not secrets.compare_digest(mark.encode(), _mark(market, text).encode()):
        return None
    asked: list[Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return asked


def _mark(market: Market, text: str) -> str:
    return hashlib.sha256(f"{_key(market)} {text}".encode()).hexdigest()[:32]
