"""Lines of an order are cancelled, whoever wants it: the order, its packages and the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sandbox import life
from sandbox.aftersales import amounts, cases, parcels
from sandbox.aftersales.cases import CANCELLATION
from sandbox.aftersales.reasons import text_of
from sandbox.kinds import UNTOLD, Doc

if TYPE_CHECKING:
    from sandbox.market import Market

CANCELLED, TELLS = "CANCELLED", 11
PENDING, SUCCESS, COMPLETE, CLOSED = (
    f"CANCELLATION_REQUEST_{end}" for end in ("PENDING", "SUCCESS", "COMPLETE", "CANCEL")
)


def cancel_lines(
    market: Market,
    shop: str,
    order: Doc,
    ids: Sequence[str],
    by: str,
    reason: str,
    **package: object,
) -> None:
    """Cancels lines and saves the order. `by`: BUYER, SELLER, SYSTEM or OPERATOR; `package` goes
    into packages that end by it.
    """
    words = text_of(reason)
    was = [line["display_status"] for line in order["line_items"] if line["id"] in ids]
    life.set_lines(order, ids, CANCELLED, cancel_user=by, cancel_reason=words)
    parcels.drop(market, shop, order, ids, **package)
    order.setdefault("cancel_reason", words)
    if all(line["display_status"] == CANCELLED for line in order["line_items"]):
        order["cancellation_initiator"] = "SYSTEM" if by == "OPERATOR" else by
    market.books.note(
        "cancelled",
        shop,
        market.clock.now(),
        order_id=order["id"],
        detail={"by": by, "reason": reason, "lines": list(ids), "was": was},
    )
    life.settle(market, shop, order)


def new_case(
    market: Market, shop: str, order: Doc, ids: Sequence[str], by: str, reason: str, status: str
) -> Doc:
    """A cancellation, in the books and told. Make it before the lines are cancelled."""
    live = [line for line in order["line_items"] if line["display_status"] != CANCELLED]
    lines = [line for line in live if line["id"] in ids]
    now = market.clock.now()
    whole = len(lines) == len(order["line_items"])
    paid = amounts.is_paid(order)
    refund = amounts.of_lines(order, lines, with_shipping=whole)
    case: Doc = {
        "cancel_id": cases.new_id(market, CANCELLATION),
        "order_id": order["id"],
        "cancel_type": "BUYER_CANCEL" if by == "BUYER" else "CANCEL",
        "cancel_status": status,
        "role": by,
        "cancel_reason": reason,
        "cancel_reason_text": text_of(reason),
        "create_time": now,
        "update_time": now,
        "refund_amount": refund if paid else amounts.nothing(order),
        "cancel_line_items": cases.line_entries(market, "cancel_line_item_id", lines),
        "should_replenish_stock": reason.startswith("buyer"),
        UNTOLD: {},
    }
    save(market, shop, case)
    return case


def save(market: Market, shop: str, case: Doc) -> None:
    """Puts a case into the books, with what it waits for, and tells of it."""
    now = market.clock.now()
    status = case["cancel_status"]
    if status == PENDING:
        hours = int(market.facts.value("cancel_response_hours"))
        cases.wait(case, now, hours, str(market.facts.value("cancel_action_name")))
    elif status == SUCCESS:
        cases.wait_for_nobody(case)
        case[UNTOLD]["due"] = now + int(market.facts.value("refund_seconds"))
    else:
        cases.wait_for_nobody(case)
    cases.move(market, case)
    market.books.put(CANCELLATION, shop, case)
    told = {
        "order_id": case["order_id"],
        "cancellations_role": case["role"],
        "cancel_status": "CANCELLATION_REQUEST_CANCELLED" if status == CLOSED else status,
        "cancel_id": case["cancel_id"],
        "create_time": case["create_time"],
    }
    market.hooks.emit(TELLS, shop, told)


def cancel(
    market: Market,
    shop: str,
    order: Doc,
    ids: Sequence[str],
    by: str,
    reason: str,
    **package: object,
) -> Doc:
    """Cancels lines at once, and gives the case."""
    paid = amounts.is_paid(order)
    case = new_case(market, shop, order, ids, by, reason, SUCCESS if paid else COMPLETE)
    cancel_lines(market, shop, order, ids, by, reason, **package)
    return case


def pay_back(market: Market, shop: str, case: Doc) -> None:
    """The money of a cancellation goes back to the buyer."""
    case["cancel_status"] = COMPLETE
    save(market, shop, case)
    market.books.note(
        "refunded",
        shop,
        market.clock.now(),
        order_id=case["order_id"],
        amount=(case.get("refund_amount") or {}).get("refund_total", ""),
        detail={"cancel_id": case["cancel_id"]},
    )
