"""What may be asked for or decided now, with the reasons that fit: the menus of a client."""

from __future__ import annotations

from itertools import groupby

from sandbox.aftersales import cancelling, cases, may, reasons
from sandbox.aftersales.decisions import ASKABLE, fitting
from sandbox.aftersales.searching import SCOPE, VERSIONS
from sandbox.api import Call, Refusal, operation
from sandbox.kinds import Doc

ROOT = "/return_refund/{version}"
ON_REQUESTS = ("APPROVE_REQUEST_CANCEL", "REJECT_REQUEST_CANCEL")


@operation(
    "aftersale_eligibility",
    "GET",
    f"{ROOT}/orders/{{order_id}}/aftersale_eligibility",
    scope=SCOPE,
    versions=VERSIONS,
)
def aftersale_eligibility(call: Call) -> Doc:
    order = call.market.books.get("order", call.shop.id, call.path["order_id"])
    if order is None:
        raise Refusal(36009010, "The order does not exist.")
    user = call.query.get("initiate_aftersale_user") or call.fact("eligibility_user")
    if user not in (reasons.BUYER, reasons.SELLER):
        raise Refusal(36009010, "initiate_aftersale_user must be BUYER or SELLER.")
    asked = call.many("request_types") or list(may.ASKED)
    if unknown := set(asked) - set(may.ASKED):
        raise Refusal(36009010, f"There is no request type {sorted(unknown)[0]}.")
    lines = sorted(order["line_items"], key=lambda line: str(line["sku_id"]))
    return {
        "sku_eligibility": [
            {
                "sku_id": sku,
                "line_item_eligibility": [
                    entry
                    for what in asked
                    for entry in _entries(call, order, units, str(user), what)
                ],
            }
            for sku, units in (
                (sku, list(some)) for sku, some in groupby(lines, lambda line: line["sku_id"])
            )
        ]
    }


def _entries(call: Call, order: Doc, lines: list[Doc], user: str, what: str) -> list[Doc]:
    """One for the lines that may, one for each reason why others may not."""
    by_why: dict[str, list[Doc]] = {}
    for line in lines:
        shop = call.shop
        why = may.why_not(call.market, shop.id, shop.region, order, line, user, what)
        by_why.setdefault(why, []).append(line)
    return [_entry(call, order, some, user, what, why) for why, some in sorted(by_why.items())]


def _entry(call: Call, order: Doc, lines: list[Doc], user: str, what: str, why: str) -> Doc:
    ids = [line["id"] for line in lines]
    entry: Doc = {"request_type": what, "order_line_items_ids": ids, "eligible": not why}
    if why:
        entry |= {"ineligible_code": call.fact("cancel_refused_code"), "ineligible_reason": why}
    if call.version == "202602":
        entry["order_line_list"] = [{"order_line_item_id": id} for id in ids]
        if not why:
            entry["available_reason_names"] = _names(call, order, lines, user, what)
    return entry


def _names(call: Call, order: Doc, lines: list[Doc], user: str, what: str) -> list[str]:
    if what == may.CANCEL:
        stages = may.stages_of(order, lines)
        return [one.name for one in reasons.cancels(user, call.shop.region, stages)]
    group = reasons.BUYER_REFUNDS if what == may.REFUND else reasons.BUYER_RETURNS
    return [name for name, _ in group]


@operation("reject_reasons", "GET", f"{ROOT}/reject_reasons", scope=SCOPE)
def reject_reasons(call: Call) -> Doc:
    """The reasons for whatever may be rejected now; none when nothing may."""
    return {
        "reasons": [
            reason
            for name in ASKABLE
            if _may(call, name)
            for reason in reasons.rejects(_group(name))
        ]
    }


@operation(
    "decision_eligibility",
    "GET",
    f"{ROOT}/decision_eligibility",
    scope=SCOPE,
    versions=("202601",),
)
def decision_eligibility(call: Call) -> Doc:
    asked = call.many("check_decisions") or list(ASKABLE)
    if unknown := set(asked) - set(ASKABLE):
        raise Refusal(36009010, f"There is no decision {sorted(unknown)[0]}.")
    return {"decisions": [_decision(call, name) for name in asked]}


def _decision(call: Call, name: str) -> Doc:
    if not _may(call, name):
        fact = "case_closed_code" if name in ON_REQUESTS else "decision_misfit_code"
        by_shipping = name == ON_REQUESTS[1] and call.shop.region == "US"
        why = "Ship the order to reject." if by_shipping else "The case does not wait for this."
        return {
            "decision": name,
            "eligible": False,
            "ineligible_code": call.fact(fact),
            "ineligible_reason": why,
        }
    told = reasons.rejects(_group(name))
    more = {"available_reject_reasons": told} if name.startswith("REJECT") else {}
    return {"decision": name, "eligible": True} | more


def _group(name: str) -> str:
    return "CANCEL" if name == "REJECT_REQUEST_CANCEL" else name


def _may(call: Call, name: str) -> bool:
    """Whether the case of the query may be decided so now. Raises Refusal."""
    id = call.query.get("return_or_cancel_id", "")
    if not id:
        raise Refusal(36009022, "return_or_cancel_id is missing.")
    books, shop = call.market.books, call.shop
    if found := books.get(cases.CANCELLATION, shop.id, id):
        waits = found["cancel_status"] == cancelling.PENDING and found.get("role") == "BUYER"
        by_call = shop.region != "US" or call.on("us_rejects_by_call")
        return waits and (name == ON_REQUESTS[0] or (name == ON_REQUESTS[1] and by_call))
    case = books.get(cases.RETURN, shop.id, id)
    if case is None:
        raise Refusal(36009010, "The case does not exist.")
    if case.get("arbitration_status") == "IN_PROGRESS":
        return False
    return fitting(case["return_type"], case["return_status"], name) is not None
