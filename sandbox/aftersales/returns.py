"""Returns in the books: a buyer asks, the seller decides, the parcel comes back, money goes or a
replacement is sent. Each step is a record of the return, a webhook and a line in the ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sandbox import life
from sandbox.aftersales import amounts, cases, replacing
from sandbox.aftersales.decisions import (
    ARRIVED,
    CLOSED,
    COMPLETE,
    FIRST,
    NEW_COMPLETE,
    NEW_REFUNDED,
    OFFERED,
    PAYS,
    REPLACEMENT,
    SHIPPED,
    SUCCESS,
    WAITS,
    Wait,
)
from sandbox.aftersales.reasons import text_of
from sandbox.kinds import UNTOLD, Doc

if TYPE_CHECKING:
    from sandbox.market import Market

TELLS = 12


def ask(
    market: Market,
    shop: str,
    order: Doc,
    lines: Sequence[Doc],
    type: str,
    reason: str,
    shown: Doc | None = None,
) -> Doc:
    """A buyer asks for a refund, a return or a replacement of lines; `shown`: words and pictures
    of the record (world/evidence.py)."""
    now = market.clock.now()
    doc: Doc = {
        "return_id": cases.new_id(market, cases.RETURN),
        "order_id": order["id"],
        "return_type": type,
        "return_status": FIRST[type],
        "role": "BUYER",
        "return_reason": reason,
        "return_reason_text": text_of(reason),
        "create_time": now,
        "update_time": now,
        "refund_amount": amounts.of_lines(order, lines),
        "return_line_items": cases.line_entries(market, "return_line_item_id", lines),
        "is_combined_return": False,
        UNTOLD: {"records": []},
    }
    if type == REPLACEMENT:
        doc["can_buyer_keep_item"] = True
    step(market, shop, doc, FIRST[type], "BUYER", "ORDER_REQUEST", reason=reason, shown=shown)
    return doc


def step(
    market: Market,
    shop: str,
    case: Doc,
    status: str,
    by: str,
    event: str,
    *,
    reason: str = "",
    shown: Doc | None = None,
    waits: Wait | None = None,
) -> None:
    """The return gets a status, with all that follows. `event` names the record of it; `waits`
    overrides whom the table has the status wait for.
    """
    case["return_status"] = status
    record(market, case, by, event, reason=reason, shown=shown)
    wait(market, case, waits or WAITS.get((case["return_type"], status)))
    market.books.note(
        f"return_{event.lower()}",
        shop,
        market.clock.now(),
        order_id=case["order_id"],
        detail={"return_id": case["return_id"], "by": by, "status": status},
    )
    save(market, shop, case, tells=True)
    if status in PAYS:
        _settle_order(market, shop, case)
    if status in (COMPLETE, NEW_REFUNDED):
        _pay(market, shop, case)
    if status == NEW_COMPLETE:
        replacing.send(market, shop, case)


def wait(market: Market, case: Doc, waits: Wait | None) -> None:
    """Whom the return waits for now."""
    now = market.clock.now()
    if waits:
        cases.wait(case, now, int(market.facts.value(waits.hours)), waits.action)
        return
    cases.wait_for_nobody(case)
    if case["return_status"] == SUCCESS:
        case[UNTOLD]["due"] = now + int(market.facts.value("refund_seconds"))
    if case["return_status"] == OFFERED:
        cases.wait(case, now, int(market.facts.value("buyer_answer_hours")))


def record(
    market: Market,
    case: Doc,
    by: str,
    event: str,
    *,
    reason: str = "",
    shown: Doc | None = None,
) -> None:
    entry: Doc = {
        "event": event,
        "role": by,
        "description": event.replace("_", " ").capitalize() + ".",
        "reason_text": text_of(reason) if reason else "",
        "note": "",
        "images": [],
        "videos": [],
        **(shown or {}),
        "create_time": market.clock.now(),
    }
    case.setdefault(UNTOLD, {}).setdefault("records", []).append(entry)


def save(market: Market, shop: str, case: Doc, *, tells: bool = False) -> None:
    """Puts the return into the books; `tells` when its status is new."""
    cases.move(market, case)
    market.books.put(cases.RETURN, shop, case)
    if not tells:
        return
    status = case["return_status"]
    if status == CLOSED:
        status = market.facts.value("webhook_return_cancelled")
    names = ("order_id", "return_type", "return_id", "create_time", "update_time")
    told = {name: case[name] for name in names}
    market.hooks.emit(TELLS, shop, told | {"return_role": case["role"], "return_status": status})


def arrive(market: Market, shop: str, case: Doc) -> None:
    """The parcel is back: the seller looks at it."""
    case[UNTOLD]["arrived"] = market.clock.now()
    record(market, case, "SYSTEM", "RETURN_PACKAGE_DELIVERED")
    wait(market, case, ARRIVED)
    save(market, shop, case)


def is_on_its_way(case: Doc) -> bool:
    return case["return_status"] == SHIPPED and not case.get(UNTOLD, {}).get("arrived")


def _settle_order(market: Market, shop: str, case: Doc) -> None:
    """What is refunded in full is done with; an order of nothing else is completed."""
    if case.get("partial_refund"):
        return
    order = market.books.need("order", shop, case["order_id"])
    known = order.setdefault(UNTOLD, {}).setdefault("refunded", [])
    known.extend(id for id in cases.lines_in(case) if id not in known)
    live = [line for line in order["line_items"] if line["display_status"] != "CANCELLED"]
    if all(line["id"] in known for line in live):
        order["is_buyer_request_cancel"] = False
        order[UNTOLD]["completed_at"] = market.clock.now()
        life.set_lines(order, None, "COMPLETED")
    life.settle(market, shop, order)


def _pay(market: Market, shop: str, case: Doc) -> None:
    market.books.note(
        "refunded",
        shop,
        market.clock.now(),
        order_id=case["order_id"],
        amount=(case.get("refund_amount") or {}).get("refund_total", ""),
        detail={"return_id": case["return_id"]},
    )
