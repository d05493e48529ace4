"""Decisions about returns, as a seller's program makes them."""

from __future__ import annotations

from sandbox.kinds import Doc
from sandbox.market import Market
from sandbox.testing import Caller
from tests.sandbox.conftest import US
from tests.sandbox.lives import R, claim, delivered, do, returns

LATER = "/return_refund/202606"
WHY = {
    "REJECT_REFUND": "seller_reject_refund_no_evidence",
    "REJECT_RETURN": "seller_reject_return_as_described",
    "REJECT_RECEIVED_PACKAGE": "seller_reject_package_used",
    "REJECT_REPLACEMENT": "seller_reject_replacement_as_described",
    "OFFER_PARTIAL_REFUND_AFTER_RECEIVING_PKG": "seller_reject_package_used",
}
ASKS = {
    "REFUND": "ask_refund",
    "RETURN_AND_REFUND": "ask_return",
    "REPLACEMENT": "ask_replacement",
}


def decide(caller: Caller, case: Doc, name: str, root: str = "", **body: object) -> int:
    rejects = name in WHY
    given = {"decision": name} | ({"reject_reason": WHY[name]} if rejects else {}) | body
    path = f"{root or R}/returns/{case['return_id']}/{'reject' if rejects else 'approve'}"
    return caller.code("POST", path, None, given)


def status(market: Market, case: Doc) -> str:
    return str(market.books.need("return", US, case["return_id"])["return_status"])


def back(market: Market, us: Caller) -> Doc:
    """A return whose parcel has come back."""
    case = claim(market, US, "ask_return", delivered(market, us, US))
    assert decide(us, case, "APPROVE_RETURN") == 0
    for verb in ("ship_back", "return_arrives"):
        do(market, verb, US, return_id=case["return_id"])
    return case


def actions(caller: Caller) -> list[str]:
    return [
        step["action"]
        for one in returns(caller)
        for step in one.get("seller_next_action_response", [])
    ]
