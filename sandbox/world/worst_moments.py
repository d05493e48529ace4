"""Buyers who lie in wait: just before or just after a call of an operation takes effect, the buyer
of its order asks to cancel, or for money back. A switch for each operation, as a verb of the world.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sandbox import verbs
from sandbox.aftersales.cases import CANCELLATION, RETURN
from sandbox.api import Call, operations
from sandbox.kinds import Doc
from sandbox.verbs import CannotDo, verb
from sandbox.web import MOMENTS

if TYPE_CHECKING:
    from sandbox.market import Market

KIND = "ambush"
BEFORE, AFTER = "before", "after"
#: What a buyer does then: the first that is possible.
DEEDS = {
    "cancel": ("buyer_cancels",),
    "withdraw": ("buyer_withdraws", "withdraw_return"),
    "claim": ("ask_return", "ask_refund"),
}


@verb(
    "lie_in_wait",
    "Buyers act at the worst moment: operation (such as create_packages), when (before or after "
    "its effect), deed (cancel, withdraw or claim), times (0: no more).",
    ("operation", "when", "deed", "times"),
)
def lie_in_wait(market: Market, shop: str, given: Doc) -> Doc:
    name, when = str(given.get("operation") or ""), str(given.get("when") or BEFORE)
    deed, times = str(given.get("deed") or "cancel"), int(given.get("times") or 0)
    known = {one.name for one in operations() if one.method != "GET"}
    if name not in known or when not in (BEFORE, AFTER) or deed not in DEEDS:
        raise CannotDo(f"There is no such moment: {name}, {when}, {deed}.")
    id = f"{name} {when}"
    if times <= 0:
        market.books.remove(KIND, shop, id)
    else:
        market.books.put(KIND, shop, {"id": id, "deed": deed, "times": times, "done": 0})
    return {"operation": name, "when": when, "deed": deed, "times": max(times, 0)}


def meet(call: Call, when: str) -> None:
    """Lets the buyers of this call's orders act, if any lies in wait."""
    if call.its_shop is None:
        return
    market, shop = call.market, call.shop.id
    doc = market.books.get(KIND, shop, f"{call.operation.name} {when}")
    if doc is None or doc["done"] >= doc["times"]:
        return
    for order_id in dict.fromkeys(_orders_of(call)):
        if doc["done"] < doc["times"] and _act(market, shop, doc["deed"], order_id):
            doc["done"] += 1
            market.books.put(KIND, shop, doc)
            detail = {"operation": call.operation.name, "when": when, "deed": doc["deed"]}
            market.books.note("ambushed", shop, call.now, order_id=order_id, detail=detail)


def _act(market: Market, shop: str, deed: str, order_id: str) -> bool:
    for name in DEEDS[deed]:
        try:
            verbs.do(market, name, shop, {"order_id": order_id})
        except (CannotDo, LookupError):
            continue
        return True
    return False


def _orders_of(call: Call) -> Iterator[str]:
    """The orders that a call is about, by whatever it names."""
    if order_id := call.path.get("order_id") or call.body.get("order_id"):
        yield str(order_id)
    packages = [one.get("id") for one in call.body.get("packages") or () if isinstance(one, dict)]
    for id in filter(None, [call.path.get("package_id"), *packages]):
        package = call.market.books.get("package", call.shop.id, str(id))
        yield from (one["id"] for one in (package or {}).get("orders", ()))
    for kind, name in ((CANCELLATION, "cancel_id"), (RETURN, "return_id")):
        if case := call.market.books.get(kind, call.shop.id, call.path.get(name, "")):
            yield case["order_id"]


MOMENTS.append(meet)
