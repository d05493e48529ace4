"""A buyer's request to cancel: it is made, withdrawn, approved, rejected, or closed by something
else. Each is a line in the ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox import life
from sandbox.aftersales import cases
from sandbox.aftersales.cancelling import (
    CLOSED,
    COMPLETE,
    PENDING,
    SUCCESS,
    cancel_lines,
    new_case,
    save,
)
from sandbox.aftersales.cases import CANCELLATION
from sandbox.kinds import Doc

if TYPE_CHECKING:
    from sandbox.market import Market

STOPPABLE = ("UNPAID", "AWAITING_SHIPMENT", "AWAITING_COLLECTION")


def ask(market: Market, shop: str, order: Doc, ids: Sequence[str], reason: str) -> Doc:
    """A request that waits for the seller."""
    case = new_case(market, shop, order, ids, "BUYER", reason, PENDING)
    order["is_buyer_request_cancel"] = True
    order["request_cancel_time"] = market.clock.now()
    _keep(market, shop, order)
    _note(market, shop, case, "cancel_requested", "BUYER", lines=list(ids))
    return case


def approve(market: Market, shop: str, case: Doc, by: str) -> None:
    """`by` is SELLER, or SYSTEM when the seller kept silent."""
    order = market.books.need("order", shop, case["order_id"])
    ids = lines_left(case, order)
    _note(market, shop, case, "cancel_approved", by)
    order["is_buyer_request_cancel"] = False
    case["cancel_status"] = SUCCESS if _is_owed(case) else COMPLETE
    save(market, shop, case)
    cancel_lines(market, shop, order, ids, "BUYER", case.get("cancel_reason") or "")


def lines_left(case: Doc, order: Doc) -> list[str]:
    """The lines of a request that can still be cancelled: no carrier has them yet."""
    wanted = cases.lines_in(case) or [line["id"] for line in order["line_items"]]
    return [
        line["id"]
        for line in order["line_items"]
        if line["id"] in wanted and line["display_status"] in STOPPABLE
    ]


def _is_owed(case: Doc) -> bool:
    return Decimal((case.get("refund_amount") or {}).get("refund_total") or "0") > 0


def reject(market: Market, shop: str, case: Doc, reason: str, comment: str = "") -> None:
    close(market, shop, case, "cancel_rejected", "SELLER", reason=reason, comment=comment)


def withdraw(market: Market, shop: str, case: Doc) -> None:
    close(market, shop, case, "cancel_withdrawn", "BUYER")


def close(market: Market, shop: str, case: Doc, what: str, by: str, **detail: str) -> None:
    """The request is over and nothing was cancelled."""
    order = market.books.need("order", shop, case["order_id"])
    case["cancel_status"] = CLOSED
    save(market, shop, case)
    _note(market, shop, case, what, by, **detail)
    order["is_buyer_request_cancel"] = False
    _keep(market, shop, order)


def close_all(market: Market, shop: str, order: Doc, by: str) -> None:
    """Nothing is left to ask for: the order ended otherwise. The order is changed in place."""
    for case in cases.open_cases(market, shop, order["id"], CANCELLATION):
        close(market, shop, case, "cancel_closed", by)
    order["is_buyer_request_cancel"] = False


def _keep(market: Market, shop: str, order: Doc) -> None:
    if market.facts.on("update_time_moves_on_cancel_request"):
        life.touch(market, order)
    life.save_order(market, shop, order)


def _note(market: Market, shop: str, case: Doc, what: str, by: str, **detail: object) -> None:
    said = {"cancel_id": case["cancel_id"], "by": by} | {
        name: value for name, value in detail.items() if value
    }
    market.books.note(what, shop, market.clock.now(), order_id=case["order_id"], detail=said)
