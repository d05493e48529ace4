"""Mark Package As Shipped: the seller has sent some lines by himself, under a number he gives.
Lines that go at different times become packages of their own.
"""

from __future__ import annotations

from typing import Any

from sandbox.api import Call, Refusal, operation
from sandbox.fulfilment import arranging, births, numbers
from sandbox.fulfilment.asked import check_can_ship, check_lane, check_market, lines_of, order_of
from sandbox.fulfilment.buying import tag
from sandbox.fulfilment.given import line_ids, tables, texts
from sandbox.kinds import UNTOLD, Doc

PATH = "/fulfillment/{version}/orders/{order_id}/packages"
BASIC = "seller.fulfillment.basic"


@operation("mark_package_shipped", "POST", PATH, scope=BASIC)
def mark_package_shipped(call: Call) -> Doc:
    """202309: one number."""
    return _mark(call, texts(call.body.get("order_line_item_ids")), [call.body])


@operation("mark_package_shipped", "POST", PATH, scope=BASIC, versions=("202610",))
def mark_package_shipped_with_numbers(call: Call) -> Doc:
    """202610: a list of numbers; more than one only for sellers who are allowed to."""
    return _mark(call, line_ids(call.body.get("order_line_list")), given_numbers(call))


def given_numbers(call: Call) -> list[dict[str, Any]]:
    """The `shipping_info_list` of the newer bodies. Raises Refusal."""
    given = tables(call.need("shipping_info_list"))
    if len(given) > 1 and not call.on("many_numbers"):
        raise Refusal(36009010, "Several tracking numbers are not open to this seller.")
    return given


def _mark(call: Call, ids: list[str], given: list[dict[str, Any]]) -> Doc:
    check_market(call, "mark_shipped_markets")
    order = order_of(call, call.path["order_id"])
    check_lane(call, order, "SELLER")
    lines = _lines(call, order, ids)
    checked = [numbers.check(call, [order], one) for one in given]
    number, carrier, _ = checked[0]
    package = births.take(call.market, call.shop.id, [order], [line["id"] for line in lines])
    if len(lines) < len(lines_of(order, None)):
        package["split_and_combine_tag"] = "SPLIT"
        tag([order], "SPLIT")
    if others := [other for other, _, _ in checked[1:]]:
        package.setdefault(UNTOLD, {})["further_numbers"] = others
    arranging.hand_over(call, package, number, carrier, [order])
    warning = " ".join(words for _, _, words in checked if words)
    return {
        "order_id": order["id"],
        "order_line_item_ids": [line["id"] for line in lines],
        "package_id": package["package_id"],
    } | ({"warning": {"message": warning}} if warning else {})


def _lines(call: Call, order: Doc, ids: list[str]) -> list[Doc]:
    """The lines that go out now: those named, or all that have not gone. Raises Refusal."""
    lines = lines_of(order, ids)
    check_can_ship(call, order, lines)
    new = [line for line in lines if line["display_status"] == "AWAITING_SHIPMENT"]
    if not new or (ids and len(new) < len(lines)):
        raise Refusal(int(call.fact("already_shipped_code")))
    return new
