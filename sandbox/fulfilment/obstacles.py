"""Why a label of a certain order, or of a certain SKU, is rejected, and what mends it: laid by a
verb, with any code, and looked at by every call that arranges a parcel.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sandbox.api import Call, Refusal
from sandbox.errors import ERRORS
from sandbox.fulfilment.given import table
from sandbox.fulfilment.parcel import Measured, services
from sandbox.kinds import UNTOLD, Doc
from sandbox.verbs import CannotDo, verb

if TYPE_CHECKING:
    from sandbox.market import Market

OBSTACLE = "obstacle"
ADDRESS, SMALLER, LIGHTER, FEWER, SERVICE, SLOT, TIMES = (
    "address",
    "smaller",
    "lighter",
    "fewer",
    "service",
    "slot",
    "times",
)
#: What mends a rejection with a code; any other is over after some tries.
MENDS: dict[int, str] = {
    int(code): mend
    for mend, codes in (
        (ADDRESS, "11021010 11021012 11021013 11021023 11021024 21014009 21021010"),
        (SMALLER, "11021014 11021017 11021019 11021020 11021022"),
        (LIGHTER, "11021015 11021016"),
        (FEWER, "11021018 11006013 11006014 21011048"),
        (SERVICE, "11021009 21011037 21004008 11003011 21022032"),
        (SLOT, "21011053 21011054 21004017"),
    )
    for code in codes.split()
}
#: What the question for services is refused for too; it uses up no tries.
ASKED = (ADDRESS, SMALLER, LIGHTER, FEWER)
#: The longest side (centimetres) and the weight (grams) that will do unless another is named.
USUAL = {SMALLER: 40, LIGHTER: 1000}


def lay(
    market: Market,
    shop: str,
    code: int,
    *,
    order_id: str = "",
    sku: str = "",
    times: int = 0,
    most: int = 0,
) -> Doc:
    """Labels of the order, or of what holds the SKU (its id or the seller's name of it), are
    rejected with `code` until it is mended; with `times` only so often, whatever is mended. `most`:
    centimetres or grams that will do. Raises CannotDo."""
    if code not in ERRORS:
        raise CannotDo(f"There is no code {code}.")
    if not order_id and not sku:
        raise CannotDo("Name an order or a SKU.")
    mend = TIMES if times else MENDS.get(code, TIMES)
    address = None
    if order_id:
        address = market.books.need("order", shop, order_id)[UNTOLD]["address"]
    doc = {
        "id": str(market.books.number(OBSTACLE)),
        "order_id": order_id,
        "sku": sku,
        "code": code,
        "mend": mend,
        "times": times or 1,
        "most": most or USUAL.get(mend, 0),
        "address": address,
    }
    market.books.put(OBSTACLE, shop, doc)
    return doc


def check(call: Call, orders: Sequence[Doc], lines: Sequence[Doc], measured: Measured) -> None:
    """Raises Refusal with the code of the first obstacle that is not mended by this very call."""
    is_question = call.operation.name == "shipping_services"
    for one in call.market.books.find(OBSTACLE, call.shop.id):
        order = next((order for order in orders if _is_of(one, order, lines)), None)
        if order is None or (is_question and one["mend"] not in ASKED):
            continue
        if _is_mended(call, one, order, lines, measured):
            continue
        if not is_question:
            call.market.faults.count(_name(one))
        raise Refusal(one["code"])


def _is_of(one: Doc, order: Doc, lines: Sequence[Doc]) -> bool:
    if one["order_id"]:
        return bool(one["order_id"] == order["id"])
    mine = {line["id"] for line in order["line_items"]}
    return any(
        line["id"] in mine and one["sku"] in (line["sku_id"], line.get("seller_sku"))
        for line in lines
    )


def _is_mended(call: Call, one: Doc, order: Doc, lines: Sequence[Doc], measured: Measured) -> bool:
    live = [line for line in order["line_items"] if line["display_status"] != "CANCELLED"]
    is_part = len(lines) < len(live)
    match one["mend"]:
        case "address" if one["address"] is None:
            return bool(order.get("has_updated_recipient_address"))
        case "address":
            return bool(order[UNTOLD]["address"] != one["address"])
        case "smaller":
            return is_part or (bool(measured.sides) and measured.sides[0] <= one["most"])
        case "lighter":
            return is_part or measured.grams <= one["most"]
        case "fewer":
            return is_part
        case "service":
            usual = services(call.shop.region)[0].id
            return call.body.get("shipping_service_id") not in (None, "", usual)
        case "slot":
            slot = table(call.body.get("pickup_slot"))
            return bool(slot) or call.body.get("handover_method") == "DROP_OFF"
        case _:
            return call.market.faults.struck().get(_name(one), 0) >= int(one["times"])


def _name(one: Doc) -> str:
    """What the tries of it are counted under; what a refused call writes is not kept."""
    return f"obstacle {one['id']}"


@verb(
    "reject_label",
    "Labels of an order, or of what holds a SKU, are rejected with a code until that is mended: "
    "the address changed, the parcel smaller (most: cm) or lighter (most: grams), split, another "
    "service, a slot; else, or with times, so many times.",
    ("order_id", "sku", "code", "times", "most"),
)
def reject_label(market: Market, shop: str, given: Doc) -> Doc:
    laid = lay(
        market,
        shop,
        int(given.get("code") or 0),
        order_id=str(given.get("order_id") or ""),
        sku=str(given.get("sku") or ""),
        times=int(given.get("times") or 0),
        most=int(given.get("most") or 0),
    )
    return {name: laid[name] for name in ("order_id", "sku", "code", "mend")}


@verb(
    "mend_label",
    "Labels of an order or of a SKU are not rejected any more; of neither: all.",
    ("order_id", "sku"),
)
def mend_label(market: Market, shop: str, given: Doc) -> Doc:
    wanted = {name: str(given[name]) for name in ("order_id", "sku") if given.get(name)}
    found = [
        one
        for one in market.books.find(OBSTACLE, shop)
        if all(one[name] == value for name, value in wanted.items())
    ]
    for one in found:
        market.books.remove(OBSTACLE, shop, one["id"])
    return {"mended": len(found)}
