"""Authorisation codes and tokens: given when a seller signs in, exchanged, refreshed, withdrawn.
All their times are true time and absolute, as unix seconds.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sandbox import shops
from sandbox.api import App, Refusal
from sandbox.kinds import Doc

if TYPE_CHECKING:
    from sandbox.market import Market

DAY = 86400


def give_code(market: Market, app: App, shop: str) -> str:
    """The code that the app gets back when the seller of `shop` agrees."""
    code = f"ROW_{secrets.token_urlsafe(24)}"
    seller = shops.shop(market.books, shop).seller
    ends = int(market.clock.real()) + 60 * int(market.facts.value("code_minutes"))
    market.books.put(
        "code",
        "",
        {"code": code, "app": app.key, "seller": seller, "scopes": list(app.scopes), "ends": ends},
    )
    return code


def exchange(market: Market, key: str, secret: str, code: str) -> Doc:
    """Tokens for a code, once. Raises Refusal."""
    now = int(market.clock.real())
    _app(market, key, secret)
    with market.books.change():
        found = market.books.get("code", "", code)
        if found is None or found["app"] != key or found["ends"] <= now:
            raise Refusal(36004004, "The authorisation code is not valid or has expired.")
        market.books.remove("code", "", code)
        open_id = f"sandbox-{found['seller']}"
        for old in market.books.find("token", "", open_id=open_id, app=key):
            market.books.remove("token", "", old["access_token"])
        return _issue(market, key, found["seller"], found["scopes"], now)


def refresh(market: Market, key: str, secret: str, token: str) -> Doc:
    """New tokens for a refresh token. Raises Refusal."""
    now = int(market.clock.real())
    _app(market, key, secret)
    with market.books.change():
        found = next(iter(market.books.find("token", "", refresh_token=token, app=key)), None)
        if found is None or found["withdrawn"] or found["refresh_token_expire_in"] <= now:
            raise Refusal(36004004, "The refresh token is not valid or has expired.")
        market.books.remove("token", "", found["access_token"])
        kept = {} if market.facts.on("refresh_rotates") else {"refresh_token": token}
        return _issue(market, key, found["seller"], found["scopes"], now, kept)


def withdraw(market: Market, shop: str) -> None:
    """The seller of `shop` withdraws from every app; webhooks end with one that says so."""
    seller = shops.shop(market.books, shop).seller
    with market.books.change():
        for token in market.books.find("token", "", seller=seller):
            market.books.put("token", "", token | {"withdrawn": True})
        for one in shops.everyone(market.books):
            if one.seller == seller:
                market.hooks.emit(6, one.id, {"message": "The seller has withdrawn."})
                for wanted in market.books.find("subscription", one.id):
                    market.books.remove("subscription", one.id, wanted["id"])


def _app(market: Market, key: str, secret: str) -> None:
    app = shops.app(market.books, key)
    if app is None or not secrets.compare_digest(app.secret, secret):
        raise Refusal(36004003, "The app key or secret is not valid.")


def _issue(
    market: Market, key: str, seller: str, scopes: list[str], now: int, kept: Doc | None = None
) -> Doc:
    mine = [shop for shop in shops.everyone(market.books) if shop.seller == seller]
    given: Doc = {
        "access_token": f"ROW_{secrets.token_urlsafe(32)}",
        "access_token_expire_in": now + DAY * int(market.facts.value("access_token_days")),
        "refresh_token": f"ROW_{secrets.token_urlsafe(32)}",
        "refresh_token_expire_in": now + DAY * int(market.facts.value("refresh_token_days")),
        "open_id": f"sandbox-{seller}",
        "seller_name": mine[0].name,
        "seller_base_region": mine[0].region,
        "user_type": 0,
        "granted_scopes": scopes,
    } | (kept or {})
    market.books.put(
        "token",
        "",
        given
        | {
            "app": key,
            "seller": seller,
            "shops": [shop.id for shop in mine],
            "scopes": scopes,
            "withdrawn": False,
        },
    )
    return given
