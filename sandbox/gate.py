"""What a call must pass before its view sees it, in the marketplace's order: app key, timestamp,
signature, token, scope, shop cipher, rate, version, body and page size.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox import shops
from sandbox.api import App, Call, Operation, Refusal, Shop
from sandbox.kinds import Doc
from sandbox.signature import same, sign_request

if TYPE_CHECKING:
    from sandbox.market import Market


@dataclass(frozen=True)
class Request:
    """A request as it came over the wire, each query parameter with its first value."""

    method: str
    path: str
    query: Mapping[str, str]
    token: str
    content_type: str
    body: bytes


def admit(
    market: Market, entries: list[Operation], request: Request, variables: Mapping[str, str]
) -> Call:
    """The call that a request makes of one of the operations at its path. Raises Refusal."""
    app = _app(market, request)
    _timely(market, request)
    _signed(app, request)
    seller = _seller(market, app, request)
    asked = variables["version"]
    entry = next((one for one in entries if asked in one.versions), None)
    known = entry or entries[-1]
    if known.scope not in seller["scopes"]:
        raise _unfit(market, 105005, f"The scope {known.scope} has not been granted.")
    shop = _shop(market, known, seller, request)
    if not market.limits.allows((known.name, app.key, shop.id if shop else "")):
        raise Refusal(36009002, http=429)
    if entry is None:
        raise Refusal(36009014, f"Version {asked} of this API is not supported.")
    return Call(
        market=market,
        operation=entry,
        version=asked,
        app=app,
        seller=seller,
        path={name: value for name, value in variables.items() if name != "version"},
        query=request.query,
        body=_body(request),
        raw=request.body,
        its_shop=shop,
        now=market.clock.now(),
        page_size=_page_size(entry, request),
    )


def _unfit(market: Market, code: int, message: str = "") -> Refusal:
    return Refusal(code, message, http=market.facts.value("auth_refusals_http"))


def _app(market: Market, request: Request) -> App:
    app = shops.app(market.books, request.query.get("app_key", ""))
    if app is None:
        raise _unfit(market, 36009004, "The app key is not known.")
    return app


def _timely(market: Market, request: Request) -> None:
    early, late = market.facts.value("timestamp_window")
    text = request.query.get("timestamp", "")
    now = int(market.clock.real())
    if not text.isdecimal() or not now + early <= int(text) <= now + late:
        raise _unfit(market, 36009004, "The timestamp is missing or out of its window.")


def _signed(app: App, request: Request) -> None:
    multipart = request.content_type.lower().startswith("multipart/form-data")
    body = b"" if multipart else request.body
    expected = sign_request(app.secret, request.path, request.query, body)
    if not same(expected, request.query.get("sign", "")):
        raise Refusal(106001, http=401)


def _seller(market: Market, app: App, request: Request) -> Doc:
    token = market.books.get("token", "", request.token) if request.token else None
    if token is None or token["app"] != app.key:
        raise _unfit(market, 36009004, "The access token is not valid.")
    if token["withdrawn"]:
        raise _unfit(market, market.facts.value("deauthorised_code"), "The seller has withdrawn.")
    if token["access_token_expire_in"] <= market.clock.real():
        raise _unfit(market, 105002)
    return token


def _shop(market: Market, entry: Operation, seller: Doc, request: Request) -> Shop | None:
    cipher = request.query.get("shop_cipher", "")
    if not entry.cipher:
        if cipher:
            raise _unfit(market, 36009004, "This API takes no shop_cipher.")
        return None
    if not cipher:
        raise _unfit(market, 106013)
    shop = shops.by_cipher(market.books, cipher)
    if shop is None or shop.id not in seller["shops"]:
        raise _unfit(market, 36009004, "The shop_cipher is not of a shop of this token.")
    return shop


def _body(request: Request) -> Doc:
    if not request.body or request.content_type.lower().startswith("multipart/form-data"):
        return {}
    try:
        body = json.loads(request.body)
    except ValueError as error:
        raise Refusal(36009010, "The body is not JSON.") from error
    if not isinstance(body, dict):
        raise Refusal(36009010, "The body is not a JSON object.")
    return body


def _page_size(entry: Operation, request: Request) -> int:
    if entry.page is None:
        return 0
    low, high, usual = entry.page
    text = request.query.get("page_size", str(usual))
    if not text.isdecimal() or not low <= int(text) <= high:
        raise Refusal(36009023, f"page_size must be from {low} to {high}.")
    return int(text)
