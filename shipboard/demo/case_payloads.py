"""The cases of a demo shop's orders as documents of the marketplace's API: a cancellation, or a
return of one of its three kinds.
"""

from __future__ import annotations

from typing import Any

from shipboard.channels.contract import CaseFact, CaseKind, OrderFact
from shipboard.demo.payloads import unix

Doc = dict[str, Any]

#: How a return is called, what its status begins with, and what the seller is asked to do.
RETURNS = {
    CaseKind.RETURN: ("RETURN_AND_REFUND", "RETURN_OR_REFUND_REQUEST", "SELLER_RESPOND_RETURN"),
    CaseKind.REFUND: ("REFUND", "RETURN_OR_REFUND_REQUEST", "SELLER_RESPOND_REFUND"),
    CaseKind.REPLACEMENT: ("REPLACEMENT", "REPLACEMENT_REQUEST", "SELLER_RESPOND_REPLACEMENT"),
}
COPIED = ("sku_id", "sku_name", "product_name", "seller_sku")


def case_of(case: CaseFact, fact: OrderFact, order: Doc) -> tuple[str, Doc]:
    """The kind of document and the document; `order` is that of the order."""
    if case.kind is CaseKind.CANCELLATION:
        return "cancellation", _cancellation(case, fact, order)
    return "return", _return(case, fact, order)


def _cancellation(case: CaseFact, fact: OrderFact, order: Doc) -> Doc:
    status = "PENDING" if case.is_open else "COMPLETE"
    return {
        "cancel_id": case.case_id,
        "cancel_type": "BUYER_CANCEL",
        "cancel_status": f"CANCELLATION_REQUEST_{status}",
        "cancel_reason": "buyer_cancel_reason",
        "cancel_reason_text": case.reason,
        "cancel_line_items": _lines("cancel_line_item_id", case, order),
        **_common(case, fact, "SELLER_RESPOND_CANCEL"),
        "_": {},
    }


def _return(case: CaseFact, fact: OrderFact, order: Doc) -> Doc:
    kind, begins, action = RETURNS[case.kind]
    return {
        "return_id": case.case_id,
        "return_type": kind,
        "return_status": f"{begins}_{'PENDING' if case.is_open else 'COMPLETE'}",
        "return_reason": "buyer_return_reason",
        "return_reason_text": case.reason,
        "return_line_items": _lines("return_line_item_id", case, order),
        **_common(case, fact, action),
        "_": {"records": []},
    }


def _common(case: CaseFact, fact: OrderFact, action: str) -> Doc:
    asked = unix(case.requested_at or fact.created_at)
    amount = str(case.amount or 0)
    steps = [{"action": action, "deadline": unix(case.respond_by)}] if case.respond_by else []
    return {
        "order_id": fact.order_id,
        "role": "BUYER",
        "create_time": asked,
        "update_time": max(asked, unix(fact.canceled_at)) if fact.canceled_at else asked,
        "refund_amount": {
            "currency": fact.currency,
            "refund_total": amount,
            "refund_subtotal": amount,
            "refund_shipping_fee": "0",
            "refund_tax": "0",
        },
        "seller_next_action_response": steps,
    }


def _lines(name: str, case: CaseFact, order: Doc) -> list[Doc]:
    """Every unit of the order."""
    return [
        {
            name: f"{case.case_id[-12:]}{number:03}",
            "order_line_item_id": unit["id"],
            **{field: unit[field] for field in COPIED},
            "refund_amount": {
                "currency": unit["currency"],
                "refund_total": unit["sale_price"],
                "refund_subtotal": unit["sale_price"],
                "refund_shipping_fee": "0",
                "refund_tax": "0",
            },
        }
        for number, unit in enumerate(order["line_items"], 1)
    ]
