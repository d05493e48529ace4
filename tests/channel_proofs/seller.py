"""What a seller does at the marketplace itself, past the desk: ships, splits, combines, corrects
tracking numbers, cancels and decides. Most of it is refused at most times; that is no matter.
"""

from __future__ import annotations

from random import Random
from typing import Any

from sandbox.aftersales.decisions import APPROVALS, REJECTIONS
from sandbox.fulfilment.carriers import number_of, of_region
from sandbox.kinds import Doc
from sandbox.market import Market
from sandbox.testing import Caller, authorised

F, R = "/fulfillment/202309", "/return_refund/202309"
TO_SHIP = ("AWAITING_SHIPMENT", "PARTIALLY_SHIPPING")
MARKED = ("US", "GB")


class Seller:
    """`done`: how often each of his acts was accepted."""

    def __init__(self, market: Market, shop: str, region: str) -> None:
        self.market, self.shop, self.region = market, shop, region
        self.caller: Caller = authorised(market, shop)
        self.done: dict[str, int] = {}

    def act(self, random: Random) -> str:
        """Something, most often shipping; says what. The marketplace serves him without fault."""
        acts = {
            "ship": 8,
            "split": 2,
            "combine": 1,
            "edit": 2,
            "cancel": 1,
            "answer_cancel": 2,
            "answer_return": 3,
        }
        name = random.choices(list(acts), list(acts.values()))[0]
        rules, shots = self.market.faults.rules(), self.market.faults.shots()
        self.market.faults.clear()
        try:
            accepted = getattr(self, name)(random)
        finally:
            for rule in rules:
                self.market.faults.switch(rule.fault, rule.rate, rule.operation)
            for operation, fault in shots:
                self.market.faults.one_shot(operation, fault)
        if accepted:
            self.done[name] = self.done.get(name, 0) + 1
        return f"{name}{'' if accepted else ' (refused)'}"

    def _post(self, path: str, body: Doc) -> bool:
        answer: dict[str, Any] = self.caller.send("POST", path, None, body).json()
        return answer["code"] == 0 and not (answer.get("data") or {}).get("errors")

    def _some(self, random: Random, kind: str, *statuses: str) -> Doc | None:
        found = [
            one
            for status in statuses
            for one in self.market.books.find(kind, self.shop, status=status)
        ]
        return random.choice(found) if found else None

    def _number(self, random: Random) -> Doc:
        carrier = random.choice(of_region(self.region))
        number = number_of(carrier, random.randrange(10**9))
        return {"tracking_number": number, "shipping_provider_id": carrier.id}

    def ship(self, random: Random) -> bool:
        order = self._some(random, "order", *TO_SHIP)
        if order is None:
            return False
        units = [
            one["id"] for one in order["line_items"] if one["display_status"] == "AWAITING_SHIPMENT"
        ]
        some = sorted(random.sample(units, random.randint(1, len(units)))) if units else []
        if order["shipping_type"] == "SELLER" and self.region in MARKED:
            body = self._number(random) | {"order_line_item_ids": some}
            return self._post(f"{F}/orders/{order['id']}/packages", body)
        if self.region == "US":
            return self._post(
                f"{F}/packages", {"order_id": order["id"], "order_line_item_ids": some}
            )
        if not order["packages"]:
            return False
        package = random.choice(order["packages"])["id"]
        own = {"self_shipment": self._number(random)} if order["shipping_type"] == "SELLER" else {}
        return self._post(f"{F}/packages/{package}/ship", own)

    def split(self, random: Random) -> bool:
        order = self._some(random, "order", "AWAITING_SHIPMENT")
        units: dict[str, list[str]] = {}
        for one in order["line_items"] if order else ():
            units.setdefault(one["sku_id"], []).append(one["id"])
        if order is None or len(units) < 2:
            return False
        first, *others = units.values()
        groups = [first, [each for other in others for each in other]]
        body = {
            "splittable_groups": [
                {"id": str(number), "order_line_item_ids": ids} for number, ids in enumerate(groups)
            ]
        }
        return self._post(f"{F}/orders/{order['id']}/split", body)

    def combine(self, random: Random, with_order: str = "") -> bool:
        found = self.caller.send("GET", f"{F}/combinable_packages/search").json()["data"] or {}
        groups = found.get("combinable_packages") or []
        if with_order:
            groups = [each for each in groups if with_order in each["order_ids"]]
        return bool(groups) and self._post(
            f"{F}/packages/combine", {"combinable_packages": [random.choice(groups)]}
        )

    def edit(self, random: Random) -> bool:
        """Not of what is over: that changes no order, and nobody reads a closed one again."""
        package = self._some(random, "package", "PROCESSING")
        if package is None or self._is_over(package):
            return False
        return self._post(
            f"{F}/packages/{package['package_id']}/shipping_info/update", self._number(random)
        )

    def _is_over(self, package: Doc) -> bool:
        ids = [each["id"] for each in package["orders"]]
        orders = [self.market.books.need("order", self.shop, each) for each in ids]
        return any(each["status"] in ("COMPLETED", "CANCELLED") for each in orders)

    def cancel(self, random: Random, *statuses: str) -> bool:
        order = self._some(random, "order", *(statuses or ("ON_HOLD", *TO_SHIP)))
        return order is not None and self._cancelled(order)

    def cancel_one(self, order_id: str) -> bool:
        return self._cancelled(self.market.books.need("order", self.shop, order_id))

    def cancel_part(self, random: Random) -> bool:
        """One line of several; in most markets it is refused."""
        found = self.market.books.find("order", self.shop, status="AWAITING_SHIPMENT")
        order = next((one for one in found if len(one["line_items"]) > 1), None)
        if order is None:
            return False
        line = random.choice(order["line_items"])
        return self._cancelled(order, order_line_item_ids=[line["id"]])

    def _cancelled(self, order: Doc, **more: Any) -> bool:
        reason = "seller_cancel_reason_out_of_stock" + "_uk" * (self.region == "GB")
        body = {"order_id": order["id"], "cancel_reason": reason, **more}
        return self._post(f"{R}/cancellations", body)

    def answer_cancel(self, random: Random) -> bool:
        case = self._some(random, "cancellation", "CANCELLATION_REQUEST_PENDING")
        if case is None:
            return False
        path = f"{R}/cancellations/{case['cancel_id']}"
        if random.random() < 0.5:
            return self._post(f"{path}/approve", {})
        reason = "seller_reject_apply_product_has_been_packed"
        return self._post(f"{path}/reject", {"reject_reason": reason})

    def answer_return(self, random: Random) -> bool:
        waits = {one.at for one in APPROVALS}
        case = self._some(random, "return", *sorted(waits))
        if case is None:
            return False
        fits = [
            one
            for one in (*APPROVALS, *REJECTIONS)
            if case["return_type"] in one.types and case["return_status"] == one.at
        ]
        if not fits:
            return False
        one = random.choice(fits)
        body: Doc = {"decision": one.name}
        if one.is_reject:
            reasons = self.caller.send(
                "GET",
                f"{R}/reject_reasons",
                {"return_or_cancel_id": case["return_id"]},
            ).json()
            known = (reasons.get("data") or {}).get("reasons") or [{"name": "reject"}]
            body["reject_reason"] = random.choice(known)["name"]
        path = "reject" if one.is_reject else "approve"
        return self._post(f"{R}/returns/{case['return_id']}/{path}", body)
