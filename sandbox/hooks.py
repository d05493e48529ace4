"""Webhooks: which app wants which, what waits to be sent, and sending it: signed, with three
seconds to be answered, and again after 2 minutes, 30 minutes, 3 hours and 12 hours.
"""

from __future__ import annotations

import json
import random
import ssl
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

import httpx

from sandbox import shops
from sandbox.books import dump
from sandbox.kinds import Doc
from sandbox.signature import sign_webhook

if TYPE_CHECKING:
    from sandbox.market import Market

#: Name of each type of webhook as an app subscribes to it.
TYPES = {
    1: "ORDER_STATUS_CHANGE",
    3: "RECIPIENT_ADDRESS_UPDATE",
    4: "PACKAGE_UPDATE",
    6: "SELLER_DEAUTHORIZATION",
    7: "UPCOMING_AUTHORIZATION_EXPIRATION",
    11: "CANCELLATION_STATUS_CHANGE",
    12: "RETURN_STATUS_CHANGE",
    36: "INVOICE_STATUS_CHANGE",
}
NUMBERS = {name: number for number, name in TYPES.items()}
WAITING, SENT, GIVEN_UP = "waiting", "sent", "given up"

#: Posts (url, headers, body) within so many seconds; gives the HTTP status, 0 for no answer.
Post = Callable[[str, dict[str, str], bytes, float], int]


@cache
def trusted() -> ssl.SSLContext:
    """Whom to believe over https; reading that takes long, and every market posts."""
    return httpx.create_ssl_context(trust_env=False)


def poster() -> Post:
    """One that posts over the network, from any thread."""
    client = httpx.Client(verify=trusted(), trust_env=False)

    def post(url: str, headers: dict[str, str], body: bytes, seconds: float) -> int:
        try:
            return client.post(url, headers=headers, content=body, timeout=seconds).status_code
        except (httpx.HTTPError, httpx.InvalidURL):
            return 0

    return post


class Hooks:
    """The webhooks of one marketplace. `pace` shortens every wait: 0.001 makes 3 hours 11 s."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self.post: Post = poster()
        self.pace = 1.0

    def emit(self, type: int, shop: str, data: Doc) -> None:
        """Puts a webhook to every app that wants it into the books, within the present change."""
        books = self._market.books
        for wanted in books.find("subscription", shop, event_type=TYPES[type]):
            body = self._envelope(type, shop, data)
            if self._market.faults.strikes("webhook_lost"):
                continue
            copies = 2 if self._market.faults.strikes("webhook_duplicate") else 1
            for _ in range(copies):
                self._enter(wanted, shop, body)

    def emit_raw(self, type: int, shop: str, data: Doc) -> int:
        """A webhook of any type, known or not, to each address of the shop; gives how many."""
        wanted = self._market.books.find("subscription", shop)
        places = {(one["app"], one["address"]): one for one in wanted}
        for one in places.values():
            self._enter(one, shop, self._envelope(type, shop, data))
        return len(places)

    def _envelope(self, type: int, shop: str, data: Doc) -> Doc:
        number = str(7_300_000_000_000_000_000 + self._market.books.number("notification"))
        head: Doc = {"type": type, "tts_notification_id": number}
        if type == 3 and not self._market.facts.on("tts_notification_id_in_type_3"):
            del head["tts_notification_id"]
        return head | {"shop_id": shop, "timestamp": self._market.clock.now(), "data": data}

    def _enter(self, wanted: Doc, shop: str, body: Doc) -> None:
        real = self._market.clock.real()
        late = 600 * self.pace if self._market.faults.strikes("webhook_late") else 0.0
        books = self._market.books
        books.put(
            "hook",
            shop,
            {
                "id": f"{books.number('hook'):012}",
                "app": wanted["app"],
                "address": wanted["address"],
                "type": body["type"],
                "text": dump(body),
                "state": WAITING,
                "tries": 0,
                "answers": [],
                "due": real + late,
                "create_time": body["timestamp"],
            },
        )

    def waiting(self, at: float | None = None) -> list[tuple[str, Doc]]:
        """What is to be sent by real instant `at` (None: now), as (shop, webhook), oldest first."""
        at = self._market.clock.real() if at is None else at
        rows = self._market.books.rows(
            "SELECT shop, body FROM documents WHERE kind = 'hook' AND status = ? AND updated <= ?",
            (WAITING, at),
        )
        found = [(shop, hook) for shop, body in rows if (hook := json.loads(body))["due"] <= at]
        found.sort(key=lambda pair: (pair[1]["due"], pair[1]["id"]))
        if len(found) > 1 and self._market.faults.strikes("webhook_reordered"):
            random.Random(len(found)).shuffle(found)  # noqa: S311
        return found

    def deliver_due(self, at: float | None = None) -> int:
        """Sends what is due by real instant `at`; gives how many were answered with 200."""
        due = self.waiting(at)
        return sum(self.deliver(shop, hook, at) for shop, hook in due)

    def deliver(self, shop: str, hook: Doc, at: float | None = None) -> bool:
        """One try. An unanswered webhook waits for the next, until there is none."""
        market = self._market
        app = shops.app(market.books, hook["app"])
        assert app is not None  # noqa: S101 (apps are never removed)
        body = hook["text"].encode()
        headers = {
            "Content-Type": "application/json",
            "Authorization": sign_webhook(app.key, app.secret, body),
        }
        status = self.post(
            hook["address"], headers, body, float(market.facts.value("webhook_seconds"))
        )
        waits = market.facts.value("webhook_retries")
        tries = hook["tries"]
        now = market.clock.real() if at is None else at
        change: Doc = {"tries": tries + 1, "answers": [*hook["answers"], status]}
        if status == 200:
            change["state"] = SENT
        elif tries < len(waits):
            change["due"] = now + waits[tries] * self.pace
        else:
            change["state"] = GIVEN_UP
        market.books.put("hook", shop, hook | change)
        return status == 200
