"""Orders that somebody placed in the sandbox's world, brought to where a test wants them."""

from __future__ import annotations

from sandbox import verbs
from sandbox.kinds import Doc
from sandbox.market import Market
from sandbox.testing import Caller
from tests.sandbox.fill import MAY

HOUR, DAY = 3600, 86400
R = "/return_refund/202309"
NEW = "/return_refund/202602"


def do(market: Market, verb: str, shop: str, **given: object) -> Doc:
    return verbs.do(market, verb, shop, given)


def order(market: Market, shop: str, id: str) -> Doc:
    return market.books.need("order", shop, id)


def pass_(market: Market, seconds: int) -> None:
    """Time goes by, and what is due happens."""
    market.clock.advance(seconds)
    market.tick()


def placed(market: Market, shop: str, shape: str = "plain", **given: object) -> Doc:
    """Somebody has ordered and paid; it is on hold. Time stands still at first, and labels are
    made at once.
    """
    if not market.clock.setting():
        market.clock.hold(MAY)
    market.facts.set("label_seconds", 0)
    came = do(market, "place", shop, shape=shape, **{"seed": "7"} | given)
    return order(market, shop, came["order_id"])


def ready(market: Market, shop: str, shape: str = "plain", **given: object) -> Doc:
    """Its hold is over."""
    made = placed(market, shop, shape, **given)
    pass_(market, HOUR)
    return order(market, shop, made["id"])


def ship(market: Market, caller: Caller, shop: str, doc: Doc) -> Doc:
    """The seller ships all of an order that the platform's carrier takes."""
    if doc["packages"]:
        path = f"/fulfillment/202309/packages/{doc['packages'][0]['id']}/ship"
        caller.data("POST", path, None, {})
    else:
        caller.data("POST", "/fulfillment/202309/packages", None, {"order_id": doc["id"]})
    return order(market, shop, doc["id"])


def delivered(market: Market, caller: Caller, shop: str, shape: str = "plain") -> Doc:
    made = ship(market, caller, shop, ready(market, shop, shape))
    for verb in ("collect", "deliver"):
        do(market, verb, shop, order_id=made["id"])
    return order(market, shop, made["id"])


def asked(market: Market, shop: str, doc: Doc, **given: object) -> Doc:
    """The buyer asks to cancel; gives the case."""
    came = do(market, "buyer_cancels", shop, order_id=doc["id"], **given)
    return market.books.need("cancellation", shop, came["cancel_id"])


def claim(market: Market, shop: str, verb: str, doc: Doc) -> Doc:
    """The buyer asks for something after delivery, of all; gives the case."""
    came = do(market, verb, shop, order_id=doc["id"], whole="yes")
    return market.books.need("return", shop, came["return_id"])


def cancellations(caller: Caller, version: str = R, **body: object) -> list[Doc]:
    found = caller.data("POST", f"{version}/cancellations/search", {"page_size": "50"}, dict(body))
    told: list[Doc] = found["cancellations"]
    return told


def returns(caller: Caller, **body: object) -> list[Doc]:
    found = caller.data("POST", f"{R}/returns/search", {"page_size": "50"}, dict(body))
    told: list[Doc] = found.get("return_orders", [])
    return told


def noted(market: Market, what: str) -> int:
    return len(market.books.ledger(what=what))


def told(market: Market, kind: int) -> list[str]:
    """The bodies of the webhooks of a type, in order."""
    return [hook["text"] for hook in market.books.find("hook") if hook["type"] == kind]
