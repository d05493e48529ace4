"""The wire of labels: as that of shipments, for the calls that buy."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from sandbox.fulfilment.arranging import LABEL_BOUGHT
from tests.shipping_proofs.wire import GONE, ShippingWire

#: Calls that buy: of an order, whose package they make, or of a package that exists.
BUYS = re.compile(r"/fulfillment/\d+/packages(?:/(?P<pack>\d+)/ship)?$")


class LabelWire(ShippingWire):
    """`watch.ours`: packages whose label the desk has bought; `watch.despite`: orders that somebody
    chose to ship although the buyer asks to cancel."""

    ships = BUYS

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with self._counted(request):
            return super().handle_request(request)

    def arrive(self) -> None:
        orders = {order for at, request in self.late for order in self._orders(request)}
        before = self._bought(orders)
        super().arrive()
        self.watch.ours |= self._bought(orders) - before

    def _orders(self, request: httpx.Request) -> set[str]:
        buys = BUYS.search(request.url.path)
        lines = self._lines(buys, json.loads(request.read())) if buys else []
        return {line["order"] for line in lines}

    @contextmanager
    def _counted(self, request: httpx.Request) -> Iterator[None]:
        if request.method != "POST" or not BUYS.search(request.url.path):
            yield
            return
        # The seller may buy something over there in the meantime.
        orders = self._orders(request)
        before = self._bought(orders)
        try:
            yield
        finally:
            self.watch.ours |= self._bought(orders) - before

    def _bought(self, orders: set[str]) -> set[str]:
        return {
            one.package_id
            for one in self.market.books.ledger(what=LABEL_BOUGHT)
            if orders & {*one.detail["orders"]}
        }

    def _look(self, ships: re.Match[str], body: dict[str, Any]) -> set[str]:
        """The units of the parcel; neither is bought already by us, nor perhaps being bought."""
        lines = self._lines(ships, body)
        units = {str(line["id"]) for line in lines}
        gone = [
            line["id"]
            for line in lines
            if line["display_status"] in GONE and line.get("package_id") in self.watch.ours
        ]
        lingers = units & set[str]().union(*self.on_their_way.values())
        if gone or lingers:
            what = ships["pack"] or body
            self.watch.wrong.append(f"asked to buy twice: {gone or lingers} with {what}")
        orders = sorted({line["order"] for line in lines})
        self.watch.ships([each for each in orders if each not in self.watch.despite], "")
        return units

    def _lines(self, ships: re.Match[str], body: dict[str, Any]) -> list[dict[str, Any]]:
        if ships["pack"]:
            found = self.market.books.find("package", package_id=ships["pack"])
            order_ids = [one["id"] for each in found for one in each["orders"]]
            named = [id for each in found for id in each["order_line_item_ids"]]
        else:
            order_ids = [body["order_id"]]
            named = body.get("order_line_item_ids") or [
                one["order_line_id"] for one in body.get("order_line_item") or ()
            ]
        orders = [doc for id in order_ids for doc in self.market.books.find("order", id=id)]
        return [
            {**line, "order": doc["id"]}
            for doc in orders
            for line in doc["line_items"]
            if (line["id"] in named if named else line["display_status"] not in GONE)
        ]
