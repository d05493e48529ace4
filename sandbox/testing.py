"""For tests: a marketplace driven in process through httpx, in which faults that break a connection
become the exceptions that a client meets; and a caller that signs by the sandbox's own reckoning.
"""

from __future__ import annotations

from typing import Any

import httpx

from sandbox import shops, tokens
from sandbox.books import dump
from sandbox.courses import (
    Course,
    canceled_after_shipping,
    courses,
    shipped_after_cancel,
)
from sandbox.faults import Cut, Hung
from sandbox.kinds import Doc
from sandbox.market import Market
from sandbox.purchases import LabelPurchase, double_labels, label_purchases
from sandbox.shipments import Shipment, double_shipments, shipments
from sandbox.signature import sign_request

__all__ = [
    "ORIGIN",
    "Caller",
    "Course",
    "LabelPurchase",
    "Shipment",
    "Transport",
    "authorised",
    "canceled_after_shipping",
    "courses",
    "double_labels",
    "double_shipments",
    "label_purchases",
    "shipments",
    "shipped_after_cancel",
    "transport",
]

ORIGIN = "http://sandbox.test"


class Transport(httpx.BaseTransport):
    """Every request goes to the market's WSGI app. Nothing sleeps but `market.latency`, which is
    none unless a test sets it.
    """

    def __init__(self, market: Market) -> None:
        market.faults.sleep = lambda seconds: None
        self._wsgi = httpx.WSGITransport(market.app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        try:
            response = self._wsgi.handle_request(request)
            response.read()
        except Hung as error:
            raise httpx.ReadTimeout("the sandbox never answered", request=request) from error
        except Cut as error:
            raise httpx.RemoteProtocolError("the sandbox cut off", request=request) from error
        return response


def transport(market: Market) -> httpx.BaseTransport:
    """The market as an httpx transport, for any client that takes one."""
    return Transport(market)


class Caller:
    """Signed calls of one app with one token and shop."""

    def __init__(
        self, market: Market, key: str, secret: str, token: str = "", cipher: str = ""
    ) -> None:
        self.http = httpx.Client(transport=transport(market), base_url=ORIGIN)
        self.market = market
        self.key, self.secret, self.token, self.cipher = key, secret, token, cipher

    def send(
        self, method: str, path: str, query: dict[str, str] | None = None, body: Doc | None = None
    ) -> httpx.Response:
        asked = {
            "app_key": self.key,
            "timestamp": str(int(self.market.clock.real())),
            **({"shop_cipher": self.cipher} if self.cipher else {}),
            **(query or {}),
        }
        content = dump(body).encode() if body is not None else b""
        asked["sign"] = sign_request(self.secret, path, asked, content)
        headers = {"content-type": "application/json", "x-tts-access-token": self.token}
        return self.http.request(method, path, params=asked, content=content, headers=headers)

    def data(
        self, method: str, path: str, query: dict[str, str] | None = None, body: Doc | None = None
    ) -> Any:
        """The data of a call that must succeed; AssertionError names the refusal."""
        answer = self.send(method, path, query, body).json()
        assert answer["code"] == 0, f"{answer['code']} {answer['message']}"  # noqa: S101
        return answer["data"]

    def code(
        self, method: str, path: str, query: dict[str, str] | None = None, body: Doc | None = None
    ) -> int:
        """The code of a call."""
        return int(self.send(method, path, query, body).json()["code"])


def authorised(market: Market, shop: str, key: str = "sandkey") -> Caller:
    """A caller for a shop that has signed in to an app, which is made if it is not there; its
    secret is `secret of <key>`.
    """
    secret = f"secret of {key}"
    if shops.app(market.books, key) is None:
        shops.add_app(market.books, key, secret, f"{ORIGIN}/back")
    app = shops.app(market.books, key)
    assert app is not None  # noqa: S101
    code = tokens.give_code(market, app, shop)
    given = tokens.exchange(market, key, secret, code)
    return Caller(market, key, secret, given["access_token"], shops.shop(market.books, shop).cipher)
