"""Verbs of the marketplace itself: a seller withdraws, a token ends, a webhook is made up."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sandbox import shops, tokens
from sandbox.hooks import TYPES
from sandbox.kinds import Doc
from sandbox.verbs import CannotDo, verb

if TYPE_CHECKING:
    from sandbox.market import Market


@verb(
    "withdraw",
    "The seller withdraws from every app.",
    danger="The tokens of every app for the seller of this shop end; each desk has to be let in "
    "again by the seller.",
)
def withdraw(market: Market, shop: str, given: Doc) -> Doc:
    tokens.withdraw(market, shop)
    return {"withdrawn": shop}


@verb("end_token", "The seller's access tokens end now; which may be refreshed.", ())
def end_token(market: Market, shop: str, given: Doc) -> Doc:
    return _end(market, shop, "access_token_expire_in")


@verb(
    "end_refresh_token",
    "The seller's refresh tokens end now too.",
    danger="No token of this shop's seller can be renewed; each desk has to be let in again by the "
    "seller.",
)
def end_refresh_token(market: Market, shop: str, given: Doc) -> Doc:
    _end(market, shop, "access_token_expire_in")
    return _end(market, shop, "refresh_token_expire_in")


def _end(market: Market, shop: str, name: str) -> Doc:
    ended = int(market.clock.real()) - 1
    found = market.books.find("token", "", seller=shops.shop(market.books, shop).seller)
    for token in found:
        market.books.put("token", "", token | {name: ended})
    return {"tokens": len(found)}


@verb("warn_of_expiry", "A webhook says that the authorisation ends soon.", ("days",))
def warn_of_expiry(market: Market, shop: str, given: Doc) -> Doc:
    ends = int(market.clock.real()) + 86400 * int(given.get("days") or 30)
    data = {"message": "The authorisation ends soon.", "expiration_time": str(ends)}
    market.hooks.emit(7, shop, data)
    return {"ends": ends}


@verb("send_webhook", "A webhook of any type with any data (JSON).", ("type", "data"))
def send_webhook(market: Market, shop: str, given: Doc) -> Doc:
    """A type that nobody can subscribe to goes to whoever wants any webhook of the shop."""
    try:
        type, data = int(given.get("type") or 1), json.loads(given.get("data") or "{}")
    except ValueError as error:
        raise CannotDo(f"the data is not JSON: {error}") from error
    return {"sent": market.hooks.emit_raw(type, shop, data), "name": TYPES.get(type, "unknown")}
