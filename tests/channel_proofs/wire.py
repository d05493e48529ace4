"""The wire between desk and marketplace: the world may move on between two requests, and an answer
may be spoilt on its way.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime

import httpx

from sandbox.market import Market
from sandbox.testing import transport
from tests.channel_proofs.points import Points


class Wire(httpx.BaseTransport):
    """To the marketplace. `meanwhile` is called before each request; orders in `spoilt` arrive in
    a state that nobody can read."""

    def __init__(self, market: Market, points: Points) -> None:
        self.inner, self.points = transport(market), points
        self.meanwhile: Callable[[], None] = lambda: None
        self.spoilt: set[str] = set()
        self.ever_spoilt: set[str] = set()
        #: Bytes that every answer is longer by, and whether it says what time it is there.
        self.padding, self.tells_date = 0, False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.points()
        self.meanwhile()
        response = self.inner.handle_request(request)
        self.points()
        if self.tells_date:
            response.headers["date"] = format_datetime(datetime.now(UTC), usegmt=True)
        if self.padding:
            content = response.content + b" " * self.padding
            return httpx.Response(response.status_code, content=content)
        if not self.spoilt or not response.content.startswith(b'{"code":0'):
            return response
        body = json.loads(response.content)
        for order in (body.get("data") or {}).get("orders") or ():
            if order["id"] in self.spoilt:
                order["create_time"] = {"of": "another kind"}
        return httpx.Response(response.status_code, json=body)
