"""The cases of a demo shop's orders as documents of the marketplace's API: a cancellation, or a
return of one of its three kinds, with what was said in it.
"""

from __future__ import annotations

from typing import Any

from shipboard.channels.case_contract import CaseStep
from shipboard.channels.contract import CaseFact, CaseKind, OrderFact
from shipboard.demo.case_records import records_of
from shipboard.demo.payloads import unix

Doc = dict[str, Any]

#: How a return is called.
TYPES = {
    CaseKind.RETURN: "RETURN_AND_REFUND",
    CaseKind.REFUND: "REFUND",
    CaseKind.REPLACEMENT: "REPLACEMENT",
}
#: What the seller is asked to do.
ACTIONS = {
    CaseStep.CANCEL: "SELLER_RESPOND_CANCEL",
    CaseStep.REFUND: "SELLER_RESPOND_REFUND",
    CaseStep.RETURN: "SELLER_RESPOND_RETURN",
    CaseStep.PACKAGE: "SELLER_RESPOND_RECEIVE_PACKAGE",
    CaseStep.REPLACEMENT: "SELLER_RESPOND_REPLACEMENT",
}
COPIED = ("sku_id", "sku_name", "product_name", "seller_sku")


def case_of(case: CaseFact, fact: OrderFact, order: Doc) -> tuple[str, Doc]:
    """The kind of document and the document; `order` is that of the order."""
    if case.kind is CaseKind.CANCELLATION:
        return "cancellation", _cancellation(case, fact, order)
    return "return", _return(case, fact, order)


def _cancellation(case: CaseFact, fact: OrderFact, order: Doc) -> Doc:
    return {
        "cancel_id": case.case_id,
        "cancel_type": "BUYER_CANCEL" if case.by == "buyer" else "CANCEL",
        "cancel_status": case.status,
        "cancel_reason": case.reason_name,
        "cancel_reason_text": case.reason,
        "cancel_line_items": _lines("cancel_line_item_id", case, order),
        **_common(case, fact),
        "_": {},
    }


def _return(case: CaseFact, fact: OrderFact, order: Doc) -> Doc:
    told = {
        "arbitration_status": case.dispute.upper(),
        "return_tracking_number": case.tracking_number,
        "return_provider_name": case.carrier,
    }
    arrived = {"arrived": unix(fact.as_of)} if case.step is CaseStep.PACKAGE else {}
    return {
        "return_id": case.case_id,
        "return_type": TYPES[case.kind],
        "return_status": case.status,
        "return_reason": case.reason_name,
        "return_reason_text": case.reason,
        "return_line_items": _lines("return_line_item_id", case, order),
        **{name: value for name, value in told.items() if value},
        **_common(case, fact),
        "_": {"records": records_of(case, fact)} | arrived,
    }


def _common(case: CaseFact, fact: OrderFact) -> Doc:
    asked = unix(case.requested_at or fact.created_at)
    amount = str(case.amount or 0)
    due = case.respond_by
    steps = [{"action": ACTIONS[case.step], "deadline": unix(due)}] if due else []
    return {
        "order_id": fact.order_id,
        "role": case.by.upper(),
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
