"""A seller answers a buyer's request to cancel, or cancels an order or lines of it himself."""

from __future__ import annotations

from typing import Any

from sandbox import pictures
from sandbox.aftersales import cancelling, cases, may, reasons, requests
from sandbox.aftersales.once import once
from sandbox.aftersales.searching import SCOPE, VERSIONS
from sandbox.api import Call, Refusal, operation
from sandbox.kinds import Doc

PATH = "/return_refund/{version}/cancellations"


@operation("approve_cancellation", "POST", f"{PATH}/{{cancel_id}}/approve", scope=SCOPE)
def approve_cancellation(call: Call) -> Doc:
    def decide() -> None:
        case = _open(call)
        order = call.market.books.need("order", call.shop.id, case["order_id"])
        if not requests.lines_left(case, order):
            raise Refusal(int(call.fact("cancel_refused_code")))
        requests.approve(call.market, call.shop.id, case, "SELLER")

    return once(call, call.path["cancel_id"], decide)


@operation("reject_cancellation", "POST", f"{PATH}/{{cancel_id}}/reject", scope=SCOPE)
def reject_cancellation(call: Call) -> Doc:
    """In the US shipping is what rejects."""

    def decide() -> None:
        case = _open(call)
        reason = str(call.need("reject_reason"))
        if call.shop.region == "US" and not call.on("us_rejects_by_call"):
            raise Refusal(int(call.fact("cancel_refused_code")), "Ship the order to reject.")
        if reason not in {one["name"] for one in reasons.rejects("CANCEL")}:
            raise Refusal(int(call.fact("reject_reason_code")))
        pictures.shown(call)
        comment = str(call.body.get("comment") or "")
        requests.reject(call.market, call.shop.id, case, reason, comment)

    return once(call, call.path["cancel_id"], decide)


def _open(call: Call) -> Doc:
    """The request of the path, if it waits for the seller. Raises Refusal."""
    case = call.market.books.get(cases.CANCELLATION, call.shop.id, call.path["cancel_id"])
    if case is None:
        raise Refusal(36009010, "The cancellation does not exist.")
    if case["cancel_status"] != cancelling.PENDING or case.get("role") != "BUYER":
        raise Refusal(int(call.fact("case_closed_code")))
    return case


@operation("cancel_order", "POST", PATH, scope=SCOPE, versions=VERSIONS)
def cancel_order(call: Call) -> Doc:
    """The whole order, or lines of it where the market has that. 202602 knows order_line_list."""
    market, shop = call.market, call.shop
    id, reason = str(call.need("order_id")), str(call.need("cancel_reason"))
    order = market.books.get("order", shop.id, id)
    if order is None:
        raise Refusal(36009010, "The order does not exist.")
    if order["status"] == "CANCELLED":
        raise Refusal(int(call.fact("order_cancelled_code")))
    possible = may.lines_open_to(market, shop.id, shop.region, order, reasons.SELLER, may.CANCEL)
    lines = _chosen(call, order, possible)
    _check_reason(call, order, lines, reason)
    if len(lines) < len(possible):
        _check_part(call, reason)
    if call.on("seller_cancel_closes_request"):
        requests.close_all(market, shop.id, order, "SELLER")
    elif cases.open_cases(market, shop.id, id, cases.CANCELLATION):
        raise Refusal(int(call.fact("case_locked_code")))
    ids = [line["id"] for line in lines]
    case = cancelling.cancel(market, shop.id, order, ids, reasons.SELLER, reason)
    return {"cancel_id": case["cancel_id"], "cancel_status": case["cancel_status"]}


def _chosen(call: Call, order: Doc, possible: list[Doc]) -> list[Doc]:
    """The lines that the body names, or all that are possible. Raises Refusal."""
    named = [str(id) for id in call.body.get("order_line_item_ids") or ()]
    listed = call.body.get("order_line_list") or [] if call.version == "202602" else []
    if named and listed:
        raise Refusal(36009010, "Either order_line_item_ids or order_line_list.")
    ids = named or [str(one.get("order_line_item_id") or "") for one in listed]
    if unknown := set(ids) - {line["id"] for line in order["line_items"]}:
        raise Refusal(36009010, f"{len(unknown)} of the lines are not of this order.")
    if not possible or set(ids) - {line["id"] for line in possible}:
        raise Refusal(int(call.fact("cancel_refused_code")), _why(call, order))
    if ids:
        return [line for line in possible if line["id"] in ids]
    skus = call.body.get("skus") or []
    return _of_skus(skus, possible) if skus else possible


def _why(call: Call, order: Doc) -> str:
    market, shop = call.market, call.shop
    who, what = reasons.SELLER, may.CANCEL
    whys = (
        may.why_not(market, shop.id, shop.region, order, line, who, what)
        for line in order["line_items"]
    )
    return next(filter(None, whys), "The order cannot be cancelled now.")


def _of_skus(skus: list[dict[str, Any]], possible: list[Doc]) -> list[Doc]:
    """So many units of each SKU. Raises Refusal."""
    found: list[Doc] = []
    for one in skus:
        units = [line for line in possible if line["sku_id"] == str(one.get("sku_id"))]
        wanted = one.get("quantity")
        if not isinstance(wanted, int) or not 1 <= wanted <= len(units):
            raise Refusal(36009010, "There are not so many units of a SKU.")
        found += units[:wanted]
    return found


def _check_reason(call: Call, order: Doc, lines: list[Doc], reason: str) -> None:
    stages = may.stages_of(order, lines)
    fitting = reasons.cancels(reasons.SELLER, call.shop.region, stages)
    if reason not in {one.name for one in fitting}:
        raise Refusal(int(call.fact("cancel_reason_code")))


def _check_part(call: Call, reason: str) -> None:
    """Raises Refusal unless single lines may be cancelled here, for this reason."""
    if call.shop.region not in call.fact("line_cancel_markets"):
        raise Refusal(int(call.fact("cancel_refused_code")), "Only the whole order is cancelled.")
    if reasons.OUT_OF_STOCK not in reason:
        raise Refusal(int(call.fact("cancel_reason_code")), "Single lines: out of stock only.")
