"""Orders that are ready to be shipped, and the calls that ship them."""

from __future__ import annotations

from sandbox.fulfilment.births import bear_at_payment
from sandbox.fulfilment.carriers import CARRIERS
from sandbox.kinds import Doc
from sandbox.life import save_order
from sandbox.market import Market
from sandbox.testing import Caller
from tests.sandbox.fill import place

F = "/fulfillment/202309"
LABEL = {"document_type": "SHIPPING_LABEL"}
GULL, UNION, REDWOOD = (f"715000000000000000{number}" for number in (1, 2, 3))
PLOVER = "7150000000000000012"
MANGROVE, MONSOON = "7150000000000000031", "7150000000000000032"
USPS, AMAZON = (
    next(one.id for one in CARRIERS if one.name == name) for name in ("USPS", "Amazon MCF")
)


def ready(market: Market, shop: str, count: int = 1, **more: object) -> list[Doc]:
    """Paid orders (three units of two SKUs), with a package where the market has one by then."""
    made = place(market, shop, count, **more)
    with market.books.change():
        for order in made:
            bear_at_payment(market, shop, order)
            save_order(market, shop, order)
    return made


def order(market: Market, shop: str, doc: Doc) -> Doc:
    """The order as it is now."""
    return market.books.need("order", shop, doc["id"])


def package_id(order: Doc) -> str:
    return str(order["packages"][0]["id"])


def lines(order: Doc, *numbers: int) -> list[str]:
    return [order["line_items"][number]["id"] for number in numbers]


def buy(caller: Caller, order: Doc, **more: object) -> str:
    """Create Packages 202309; gives the package id."""
    data = caller.data("POST", f"{F}/packages", None, {"order_id": order["id"], **more})
    return str(data["package_id"])


def ship(caller: Caller, id: str, **more: object) -> int:
    return caller.code("POST", f"{F}/packages/{id}/ship", None, dict(more))


def mark(caller: Caller, order: Doc, number: str, provider: str, *ids: str) -> int:
    body: Doc = {"tracking_number": number, "shipping_provider_id": provider}
    if ids:
        body["order_line_item_ids"] = list(ids)
    return caller.code("POST", f"{F}/orders/{order['id']}/packages", None, body)


def document(caller: Caller, id: str, **more: str) -> int:
    return caller.code("GET", f"{F}/packages/{id}/shipping_documents", LABEL | more)


def at_once(market: Market) -> None:
    """Carriers make labels in no time."""
    market.facts.set("label_seconds", 0)


def later(market: Market, seconds: float) -> None:
    """True time is so much later, and what happens by itself has happened."""
    then = market.clock.real() + seconds
    market.clock._read = lambda: then
    market.tick()


def scan(market: Market, shop: str, id: str, status: str) -> None:
    """The carrier has the package, or has brought it."""
    with market.books.change():
        package = market.books.need("package", shop, id)
        market.books.put("package", shop, package | {"package_status": status})
