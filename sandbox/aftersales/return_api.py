"""A seller decides about a return: approves, rejects, or offers a part; and reads its records."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox import pictures
from sandbox.aftersales import amounts, cases, reasons, returns
from sandbox.aftersales.decisions import (
    APPROVALS,
    DECISIONS,
    OFFER,
    OFFER_AFTER,
    REJECTIONS,
    SUCCESS,
    Decision,
    fitting,
)
from sandbox.aftersales.once import once
from sandbox.aftersales.searching import SCOPE
from sandbox.api import Call, Refusal, operation
from sandbox.kinds import UNTOLD, Doc

PATH = "/return_refund/{version}/returns/{return_id}"
LONGEST_COMMENT, MOST_IMAGES = 500, 6


@operation("approve_return", "POST", f"{PATH}/approve", scope=SCOPE)
def approve_return(call: Call) -> Doc:
    def decide() -> None:
        decision, case = _decision(call, {one.name for one in APPROVALS})
        status = decision.to
        if decision.name == OFFER:
            _offer(call, case, call.body.get("partial_refund") or {}, "amount")
        if decision.name == "APPROVE_RETURN" and call.body.get("buyer_keep_item"):
            status = SUCCESS
        returns.step(call.market, call.shop.id, case, status, "SELLER", decision.name)

    return once(call, call.path["return_id"], decide)


@operation("reject_return", "POST", f"{PATH}/reject", scope=SCOPE, versions=("202309", "202606"))
def reject_return(call: Call) -> Doc:
    """202606 can also offer a part of the money after the parcel has come back."""

    def decide() -> None:
        decision, case = _decision(call, {one.name for one in REJECTIONS})
        comment = str(call.body.get("comment") or "")
        reason = str(call.need("reject_reason"))
        known = _rejects(decision.name)
        if reason not in {one["name"] for one in known}:
            raise Refusal(int(call.fact("reject_reason_code")))
        images = pictures.shown(call)
        if decision.name == OFFER_AFTER:
            if len(comment) > LONGEST_COMMENT or len(images) > MOST_IMAGES:
                raise Refusal(36009023, "The comment or the images are too many.")
            amount = call.body.get("partial_refund_amount") or {}
            _offer(call, case, amount, "partial_refund_total")
        returns.step(
            call.market,
            call.shop.id,
            case,
            decision.to,
            "SELLER",
            decision.name,
            reason=reason,
            shown={"note": comment, "images": images},
        )

    return once(call, call.path["return_id"], decide)


def _rejects(name: str) -> list[dict[str, str]]:
    return reasons.rejects("REJECT_RECEIVED_PACKAGE" if name == OFFER_AFTER else name)


@operation("return_records", "GET", f"{PATH}/records", scope=SCOPE)
def return_records(call: Call) -> Doc:
    return {"records": _case(call).get(UNTOLD, {}).get("records", [])}


def _case(call: Call) -> Doc:
    case = call.market.books.get(cases.RETURN, call.shop.id, call.path["return_id"])
    if case is None:
        raise Refusal(36009010, "The return does not exist.")
    return case


def _decision(call: Call, names: set[str]) -> tuple[Decision, Doc]:
    """The decision of the body, and the return, if they fit. Raises Refusal."""
    name, case = str(call.need("decision")), _case(call)
    known = DECISIONS.get(name)
    if known is None or name not in names or known.versions not in ((), (call.version,)):
        raise Refusal(36009010, f"There is no decision {name} here.")
    if case.get("arbitration_status") == "IN_PROGRESS":
        raise Refusal(int(call.fact("with_platform_code")))
    if not any(case["return_status"] == one.at for one in DECISIONS.values()):
        raise Refusal(int(call.fact("return_closed_code")))
    found = fitting(case["return_type"], case["return_status"], name, call.version)
    if found is None:
        raise Refusal(int(call.fact("decision_misfit_code")))
    return found, case


def _offer(call: Call, case: Doc, given: dict[str, Any], name: str) -> None:
    """Part of the money: more than nothing, less than all, in the order's currency."""
    order = call.market.books.need("order", call.shop.id, case["order_id"])
    currency = order["payment"]["currency"]
    if case.get("buyer_rejected_partial_refund"):
        raise Refusal(int(call.fact("decision_misfit_code")), "The buyer has refused an offer.")
    try:
        amount = Decimal(str(given.get(name)))
    except InvalidOperation as error:
        raise Refusal(36009010, f"{name} is not an amount.") from error
    whole = Decimal(case["refund_amount"]["refund_total"])
    if not (amount.is_finite() and 0 < amount < whole) or given.get("currency") != currency:
        raise Refusal(36009010, "The offer must be a part of the amount, in its currency.")
    case["seller_proposed_return_type"] = "PARTIAL_REFUND"
    case["buyer_rejected_partial_refund"] = False
    case["partial_refund"] = {"currency": currency, "amount": str(amount)}
    case[UNTOLD] = case.get(UNTOLD, {}) | {
        "before_offer": case["return_status"],
        "whole": case["refund_amount"],
    }
    case["refund_amount"] = amounts.of_part(order, str(amount))
