"""The wire of decisions: as that of shipments and labels, for calls that answer a case or cancel an
order.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests.channel_proofs.rig import SHOP
from tests.label_proofs.wire import LabelWire
from tests.shipping_proofs.wire import ShippingWire

#: Calls that decide: about a request to cancel, a return, or an order by its seller.
DECIDES = re.compile(
    r"/return_refund/\d+/(?:(?P<kind>cancellations|returns)/(?P<case>\d+)/(?:approve|reject)"
    r"|cancellations)$"
)
#: In a carrier's hands.
LEFT = ("IN_TRANSIT", "DELIVERED", "COMPLETED")


class Decisions(ShippingWire):
    """`canceled`: how often the desk canceled each order, by the marketplace's books; `deciding`:
    orders that a decision which lingers is about."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.canceled = Counter[str]()
        self.deciding: dict[httpx.Request, str] = {}
        #: What the marketplace told last of an order's units.
        self.units: dict[str, dict[str, str]] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        decides = DECIDES.search(request.url.path)
        if decides is None or request.method != "POST":
            return super().handle_request(request)
        self.arrive()
        order_id = self._decides(decides, request)
        if self.random.random() < self.lingering:
            self.deciding[request] = order_id
            self._linger(request, set())
        with self._canceling(request):
            return super().handle_request(request)

    def arrive(self) -> None:
        due = [request for at, request in self.late if at <= self.clock.now]
        before = {request: self._cancellations(self.deciding.get(request, "")) for request in due}
        super().arrive()
        for request in due:
            order_id = self.deciding.pop(request, "")
            if order_id and not DECIDES.search(request.url.path)["case"]:  # type: ignore[index]
                self.canceled[order_id] += self._cancellations(order_id) - before[request]

    @contextmanager
    def _canceling(self, request: httpx.Request) -> Iterator[None]:
        body = json.loads(request.read() or b"{}")
        order_id = str(body.get("order_id") or "")
        before = self._cancellations(order_id)
        try:
            yield
        finally:
            if order_id:
                self.canceled[order_id] += self._cancellations(order_id) - before

    def _cancellations(self, order_id: str) -> int:
        found = self.market.books.ledger(what="cancelled") if order_id else []
        return sum(one.order_id == order_id and one.detail["by"] == "SELLER" for one in found)

    def _decides(self, decides: re.Match[str], request: httpx.Request) -> str:
        """The order that is decided about. It was read just before, no shipment of it may still be
        on its way, and the desk knows of nothing that speaks against it."""
        order_id = self._order_of(decides, request)
        told = self.watch.told.get(order_id)
        if told is None or told.turn != self.watch.turn:
            self.watch.wrong.append(f"{order_id} was decided about without being read again")
        units = set(self.units.get(order_id, {}))
        if units & set[str]().union(*self.on_their_way.values()):
            self.watch.wrong.append(f"{order_id} was decided about while it may be shipped")
        if decides["case"] is None:
            if told and told.is_asked:
                self.watch.wrong.append(f"{order_id} was canceled although its buyer asks for it")
            words = self.units.get(order_id, {}).values()
            if words and all(word in (*LEFT, "CANCELLED") for word in words):
                self.watch.wrong.append(f"{order_id} was canceled, and had left: {words}")
        return order_id

    def _order_of(self, decides: re.Match[str], request: httpx.Request) -> str:
        if decides["case"] is None:
            return str(json.loads(request.read())["order_id"])
        kind = "cancellation" if decides["kind"] == "cancellations" else "return"
        case = self.market.books.get(kind, SHOP, decides["case"])
        return str(case["order_id"]) if case else ""

    def _look(self, ships: re.Match[str], body: dict[str, Any]) -> set[str]:
        """And nothing is shipped that may be being canceled, or that the desk knows is canceled."""
        lines = self._lines(ships, body)
        for order_id in {line["order"] for line in lines} & {*self.deciding.values()}:
            self.watch.wrong.append(f"{order_id} was shipped while it may be decided about")
        for line in lines:
            said = self.units.get(line["order"], {}).get(line["id"])
            if said == "CANCELLED" and line["id"] in (body.get("order_line_item_ids") or ()):
                self.watch.wrong.append(f"{line['id']} was shipped, and known to be canceled")
        return super()._look(ships, body)

    def _heard(self, request: httpx.Request, response: httpx.Response) -> None:
        super()._heard(request, response)
        try:
            orders = (response.json().get("data") or {}).get("orders") or []
        except ValueError:
            return
        for order in orders:
            self.units[order["id"]] = {
                str(line["id"]): str(line["display_status"]) for line in order["line_items"]
            }


class CaseWire(Decisions, LabelWire):
    """Where the platform ships."""


class SellerWire(Decisions):
    """Where the seller ships."""
