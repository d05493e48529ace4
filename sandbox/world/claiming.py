"""What a return goes through without the seller: a buyer takes an offer or refuses it, disputes a
rejection, sends things back; the platform rules; silence is taken for an answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.aftersales import cases, returns
from sandbox.aftersales.decisions import (
    ARRIVED,
    CLOSED,
    COMPLETE,
    NEW_CLOSED,
    NEW_PENDING,
    NEW_REFUNDED,
    NEW_REJECTED,
    OFFERED,
    PENDING,
    REFUSED,
    REJECTED,
    REPLACEMENT,
    SHIPPED,
    SUCCESS,
    TO_SHIP,
    WAITS,
)
from sandbox.fulfilment.carriers import number_of, platform_carrier
from sandbox.kinds import UNTOLD, Doc
from sandbox.shops import shop as shop_of

if TYPE_CHECKING:
    from sandbox.market import Market

#: What silence ends, and what a buyer may still withdraw or dispute.
WAITING = (*cases.OPEN[cases.RETURN], SUCCESS)
WITHDRAWABLE = (PENDING, TO_SHIP, OFFERED, NEW_PENDING)
DISPUTABLE = (REJECTED, REFUSED, NEW_REJECTED)


def silence(market: Market, shop: str, case: Doc) -> bool:
    """Nobody has answered in time."""
    status = case["return_status"]
    if case.get("arbitration_status") == "IN_PROGRESS":
        return False
    if status == SUCCESS:
        returns.step(market, shop, case, COMPLETE, "SYSTEM", "REFUND_PAID")
    elif status == OFFERED:
        answer_offer(market, shop, case, takes=False, by="SYSTEM")
    else:
        waits = ARRIVED if status == SHIPPED else WAITS.get((case.get("return_type", ""), status))
        if waits is None:
            return False
        event = "SYSTEM_APPROVE" if waits.action else "SYSTEM_CLOSE"
        returns.step(market, shop, case, waits.silence, "SYSTEM", event)
    return True


def answer_offer(market: Market, shop: str, case: Doc, *, takes: bool, by: str = "BUYER") -> None:
    """The buyer takes a part of the money, or asks for all of it as before."""
    if takes:
        returns.step(market, shop, case, SUCCESS, by, "BUYER_ACCEPT_OFFER")
        return
    known = case[UNTOLD]
    back = known.get("before_offer", PENDING)
    case["buyer_rejected_partial_refund"] = True
    case["refund_amount"] = known.get("whole", case["refund_amount"])
    for name in ("partial_refund", "seller_proposed_return_type"):
        case.pop(name, None)
    waits = ARRIVED if back == SHIPPED else None
    returns.step(market, shop, case, back, by, "BUYER_REJECT_OFFER", waits=waits)


def withdraw(market: Market, shop: str, case: Doc) -> None:
    closed = NEW_CLOSED if case["return_type"] == REPLACEMENT else CLOSED
    returns.step(market, shop, case, closed, "BUYER", "BUYER_WITHDRAW")


def ship_back(market: Market, shop: str, case: Doc) -> None:
    carrier = platform_carrier(shop_of(market.books, shop).region)
    case |= {
        "shipment_type": "PLATFORM",
        "handover_method": "DROP_OFF",
        "return_method": "PLATFORM_SHIPPED",
        "return_tracking_number": number_of(carrier, market.books.number("tracking")),
        "return_provider_id": carrier.id,
        "return_provider_name": carrier.name,
    }
    returns.step(market, shop, case, SHIPPED, "BUYER", "BUYER_SHIPPED")


def dispute(market: Market, shop: str, case: Doc) -> None:
    """The platform looks at a rejection; until it rules, nobody else decides."""
    case["arbitration_status"] = "IN_PROGRESS"
    returns.record(market, case, "BUYER", "BUYER_DISPUTE")
    cases.wait_for_nobody(case)
    returns.save(market, shop, case)


def rule(market: Market, shop: str, case: Doc, *, for_buyer: bool) -> None:
    is_new = case["return_type"] == REPLACEMENT
    case["arbitration_status"] = "SUPPORT_BUYER" if for_buyer else "SUPPORT_SELLER"
    if for_buyer:
        status = NEW_REFUNDED if is_new else SUCCESS
    else:
        status = NEW_CLOSED if is_new else CLOSED
    returns.step(market, shop, case, status, "OPERATOR", "PLATFORM_RULING")
