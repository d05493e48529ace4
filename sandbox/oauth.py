"""The page where a seller lets an app in, and the two calls by which the app gets its tokens. A
seller signs in by picking one of the sandbox's shops.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import flask

from sandbox import api, shops, tokens
from sandbox.api import App, Refusal
from sandbox.guard import guard
from sandbox.kinds import Doc
from sandbox.record import Exchange, masked
from sandbox.web import PAGES

if TYPE_CHECKING:
    from sandbox.market import Market


def pages(market: Market) -> flask.Blueprint:
    here = flask.Blueprint("oauth", __name__)
    here.before_request(guard)

    def ask() -> flask.Response | str:
        app = _app(market)
        if app is None:
            return flask.Response("There is no such app.", 404)
        return flask.render_template(
            "authorize.html",
            app=app,
            state=flask.request.args.get("state", ""),
            shops=shops.everyone(market.books),
        )

    def answer() -> flask.Response | str:
        app = _app(market)
        if app is None:
            return flask.Response("There is no such app.", 404)
        return flask.redirect(_back(market, app), 303)  # type: ignore[return-value]

    for path in ("/open/authorize", "/oauth/authorize"):
        here.add_url_rule(path, f"ask {path}", ask, methods=["GET"])
        here.add_url_rule(path, f"answer {path}", answer, methods=["POST"])
    here.add_url_rule("/api/v2/token/get", "get_token", _tokens(market, "get_token", _get))
    here.add_url_rule("/api/v2/token/refresh", "refresh", _tokens(market, "refresh_token", _fresh))
    return here


def _app(market: Market) -> App | None:
    asked = flask.request.args
    if "service_id" in asked:
        return shops.app_of_service(market.books, asked["service_id"])
    return shops.app(market.books, asked.get("app_key", ""))


def _back(market: Market, app: App) -> str:
    """Where the seller's answer sends the browser."""
    form = flask.request.form
    given = {"app_key": app.key}
    if form.get("answer") == "agree":
        shop = shops.shop(market.books, form["shop"])
        code = tokens.give_code(market, app, shop.id)
        given |= {"code": code, "locale": "en", "shop_region": shop.region}
    else:
        given |= {"code": "null", "error": "auth_denied"}
    if state := flask.request.args.get("state"):
        given["state"] = state
    joint = "&" if urlsplit(app.redirect).query else "?"
    return f"{app.redirect}{joint}{urlencode(given)}"


def _get(market: Market, asked: dict[str, str]) -> Doc:
    if asked.get("grant_type") != "authorized_code":
        raise Refusal(36004002, "grant_type must be authorized_code.")
    return tokens.exchange(
        market, asked.get("app_key", ""), asked.get("app_secret", ""), asked.get("auth_code", "")
    )


def _fresh(market: Market, asked: dict[str, str]) -> Doc:
    if asked.get("grant_type") != "refresh_token":
        raise Refusal(36004002, "grant_type must be refresh_token.")
    return tokens.refresh(
        market,
        asked.get("app_key", ""),
        asked.get("app_secret", ""),
        asked.get("refresh_token", ""),
    )


def _tokens(
    market: Market, name: str, give: Callable[[Market, dict[str, str]], Doc]
) -> Callable[[], flask.Response]:
    """A token call; the faults of calls strike it as any other."""

    def call() -> flask.Response:
        fault = market.faults.strike(("http_429", "http_503", *HANGS), name) or ""
        status, code, message, data = 200, 0, "success", None
        try:
            if fault.startswith("http_"):
                raise Refusal(36009002 if fault == "http_429" else 36009003, http=int(fault[5:]))
            if fault == "timeout_before_effect":
                market.faults.hang()
            data = give(market, flask.request.args.to_dict())
        except Refusal as no:
            status, code, message = no.http or 200, no.code, no.message
        if fault == "timeout_after_effect":
            market.faults.hang()
        text = api.envelope(code, message, "token", data)
        market.record.add(_exchange(market, name, status, text, fault))
        return flask.Response(text, status, content_type="application/json")

    return call


HANGS = ("timeout_before_effect", "timeout_after_effect")


def _exchange(market: Market, name: str, status: int, text: str, fault: str) -> Exchange:
    return Exchange(
        at=market.clock.now(),
        operation=name,
        method="GET",
        path=flask.request.path,
        query=masked(flask.request.query_string.decode("utf-8", "replace")),
        content_type=flask.request.content_type or "",
        body="",
        status=status,
        response=masked(text),
        response_type="application/json",
        fault=fault,
    )


PAGES.append(pages)
