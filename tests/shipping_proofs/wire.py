"""The wire of shipments: a call may arrive long after whoever made it has given up, and what the
marketplace said of an order last is compared with what is sent for it next.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import httpx

from sandbox.market import Market
from tests.channel_proofs.points import Points
from tests.channel_proofs.wire import Wire
from tests.ingest.fake_channel import Clock

#: Calls that ship: of an order, or of a package that exists.
SHIPS = re.compile(
    r"/fulfillment/\d+/(?:orders/(?P<order>\d+)/packages|packages/(?P<pack>\d+)/ship)$"
)
DETAIL = re.compile(r"/order/\d+/orders$")
#: Of a unit that has been shipped.
GONE = ("AWAITING_COLLECTION", "IN_TRANSIT", "DELIVERED")
#: As long as the desk waits for an answer.
READ_SECONDS = 20
#: The longest that a call lingers on its way after that.
LINGERS = 25


@dataclass
class Told:
    """What the marketplace said of an order last: in which turn of the sender, after how many
    requests, and whether its buyer asks to cancel."""

    turn: int
    at: int
    is_asked: bool


@dataclass
class Watch:
    """What the desk may know when it ships, and what it did in spite of it. `held`: after how many
    requests an order was held here; `despite`: numbers under which somebody chose to ship although
    the buyer asks to cancel; `ours`: all numbers that were given at the desk."""

    turn: int = 0
    requests: int = 0
    told: dict[str, Told] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)
    despite: set[str] = field(default_factory=set)
    ours: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)

    def ships(self, order_ids: list[str], number: str) -> None:
        for order_id in order_ids:
            told = self.told.get(order_id)
            if told is None or told.turn != self.turn:
                self.wrong.append(f"{order_id} was shipped without being read again")
                continue
            if self.held.get(order_id, told.at) < told.at:
                self.wrong.append(f"{order_id} was shipped although it is held")
            if told.is_asked and number not in self.despite:
                self.wrong.append(f"{order_id} was shipped although its buyer asks to cancel")


class ShippingWire(Wire):
    """`lingering`: how often a shipment's call takes effect only after its caller gave up."""

    ships = SHIPS

    def __init__(
        self, market: Market, points: Points, clock: Clock, spend: Callable[[float], None]
    ) -> None:
        super().__init__(market, points)
        self.market, self.clock, self.spend = market, clock, spend
        self.watch, self.random, self.lingering = Watch(), Random(0), 0.0
        self.late: list[tuple[datetime, httpx.Request]] = []
        #: Units of what lingers, by the request.
        self.on_their_way: dict[httpx.Request, set[str]] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.watch.requests += 1
        self.arrive()
        if ships := self.ships.search(request.url.path):
            units = self._look(ships, json.loads(request.read()))
            if self.random.random() < self.lingering:
                self._linger(request, units)
        try:
            response = super().handle_request(request)
        except httpx.ReadTimeout:
            self.spend(READ_SECONDS)
            raise
        if DETAIL.search(request.url.path):
            self._heard(request, response)
        return response

    def arrive(self) -> None:
        """What lingered arrives by now; nobody hears the answer."""
        due = [request for at, request in self.late if at <= self.clock.now]
        self.late = [each for each in self.late if each[0] > self.clock.now]
        for request in due:
            self.on_their_way.pop(request)
            try:
                self.inner.handle_request(request)
            except httpx.HTTPError:
                continue

    def _linger(self, request: httpx.Request, units: set[str]) -> None:
        self.points()
        seconds = READ_SECONDS + self.random.randint(0, LINGERS)
        self.late.append((self.clock.now + timedelta(seconds=seconds), request))
        self.on_their_way[request] = units
        self.spend(READ_SECONDS)
        self.points()
        raise httpx.ReadTimeout("it lingers", request=request)

    def _look(self, ships: re.Match[str], body: dict[str, Any]) -> set[str]:
        """The units that are sent. This marketplace would refuse what has gone already; the desk
        must not even ask for it, nor again for what may still be on its way."""
        given = body.get("self_shipment") or (body.get("shipping_info_list") or [body])[0]
        lines = self._lines(ships, body)
        gone = [
            line["id"]
            for line in lines
            if line["display_status"] in GONE and line.get("tracking_number") in self.watch.ours
        ]
        units = {str(line["id"]) for line in lines}
        lingers = units & set[str]().union(*self.on_their_way.values())
        if gone or lingers:
            self.watch.wrong.append(f"asked for twice: {gone or lingers} as {given}")
        self.watch.ships(sorted({line["order"] for line in lines}), given["tracking_number"])
        return units

    def _lines(self, ships: re.Match[str], body: dict[str, Any]) -> list[dict[str, Any]]:
        if ships["pack"]:
            found = self.market.books.find("package", package_id=ships["pack"])
            order_ids = [one["id"] for each in found for one in each["orders"]]
            named = [id for each in found for id in each["order_line_item_ids"]]
        else:
            order_ids = [ships["order"]]
            named = body.get("order_line_item_ids") or [
                one["order_line_id"] for one in body.get("order_line_list") or ()
            ]
        orders = [doc for id in order_ids for doc in self.market.books.find("order", id=id)]
        return [
            {**line, "order": doc["id"]}
            for doc in orders
            for line in doc["line_items"]
            if not named or line["id"] in named
        ]

    def _heard(self, request: httpx.Request, response: httpx.Response) -> None:
        try:
            orders = (response.json().get("data") or {}).get("orders") or []
        except ValueError:
            return
        for order in orders:
            asks = bool(order.get("is_buyer_request_cancel"))
            self.watch.told[order["id"]] = Told(self.watch.turn, self.watch.requests, asks)
