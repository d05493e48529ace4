"""What cancellations and returns have in common in the books: their lines, the seller's next step
with its deadline, and which lines of an order have an open case.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sandbox.aftersales.amounts import of_line
from sandbox.kinds import UNTOLD, Doc

if TYPE_CHECKING:
    from sandbox.market import Market

CANCELLATION, RETURN = "cancellation", "return"
NEXT = "seller_next_action_response"
HOUR = 3600
#: Where a case waits for the buyer, the seller, the platform or the money.
OPEN = {
    CANCELLATION: ("CANCELLATION_REQUEST_PENDING",),
    RETURN: (
        "RETURN_OR_REFUND_REQUEST_PENDING",
        "AWAITING_BUYER_SHIP",
        "BUYER_SHIPPED_ITEM",
        "AWAITING_BUYER_RESPONSE",
        "REFUND_OR_RETURN_REQUEST_REJECT",
        "REJECT_RECEIVE_PACKAGE",
        "REPLACEMENT_REQUEST_PENDING",
        "REPLACEMENT_REQUEST_REJECT",
    ),
}
FIRST = {CANCELLATION: 4_035_000_000_000_000_000, RETURN: 4_036_000_000_000_000_000}


def new_id(market: Market, kind: str) -> str:
    return str(FIRST[kind] + market.books.number(kind))


def open_cases(market: Market, shop: str, order_id: str, kind: str) -> list[Doc]:
    """The cases of an order over which somebody still has to decide."""
    found = market.books.find(kind, shop, order_id=order_id)
    name = "cancel_status" if kind == CANCELLATION else "return_status"
    return [one for one in found if one[name] in OPEN[kind]]


def lines_in(case: Doc) -> list[str]:
    """The ids of the order's lines that a case is about. A seeded case may name none."""
    entries = case.get("cancel_line_items") or case.get("return_line_items") or ()
    return [one["order_line_item_id"] for one in entries]


def lines_with_open(market: Market, shop: str, order_id: str) -> set[str]:
    cases = [one for kind in OPEN for one in open_cases(market, shop, order_id, kind)]
    return {id for case in cases for id in lines_in(case)}


def line_entries(market: Market, name: str, lines: Sequence[Doc]) -> list[Doc]:
    """Lines as a case shows them; `name` is the field of the entry's own id."""
    copied = ("sku_id", "sku_name", "product_name", "seller_sku")
    return [
        {name: str(4_037_000_000_000_000_000 + market.books.number("case line"))}
        | {"order_line_item_id": line["id"]}
        | {field: line[field] for field in copied}
        | {"refund_amount": of_line(line)}
        for line in lines
    ]


def wait(case: Doc, at: int, hours: int, action: str = "") -> None:
    """The case waits until then: for the seller, who has `action` to do, or for somebody else."""
    due = at + hours * HOUR
    case.setdefault(UNTOLD, {})["due"] = due
    case[NEXT] = [{"action": action, "deadline": due}] if action else []


def wait_for_nobody(case: Doc) -> None:
    case.setdefault(UNTOLD, {})["due"] = 0
    case[NEXT] = []


def move(market: Market, case: Doc) -> None:
    """Moves the case's update_time to now."""
    case["update_time"] = max(market.clock.now(), int(case.get("update_time") or 0))


def due_of(case: Doc) -> int:
    """When something happens to the case by itself; 0 for never."""
    known = case.get(UNTOLD, {}).get("due")
    if known is not None:
        return int(known)
    return int(next((one["deadline"] for one in case.get(NEXT) or ()), 0))
