"""Verbs of buyers before anything is sent: they place, pay, cancel, change their minds and move."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import shops
from sandbox.aftersales import cancelling, cases, may, reasons, requests
from sandbox.aftersales.reasons import BUYER
from sandbox.fulfilment.carriers import SEA
from sandbox.kinds import Doc
from sandbox.verbs import CannotDo, verb
from sandbox.world import people, placing, steps
from sandbox.world.chance import draw, some

if TYPE_CHECKING:
    from sandbox.market import Market

ONE = ("order_id", "seed")
NO = ("", "0", "no", "false", "none")
MOST = 500


def is_yes(given: Doc, name: str, usual: str = "yes") -> bool:
    """A field of a form, read as yes or no."""
    return str(given.get(name, usual)).lower() not in NO


@verb(
    "place",
    f"Somebody orders. shape: {', '.join(placing.SHAPES)}; paid: yes or no; count.",
    ("shape", "paid", "count", "seed"),
)
def place(market: Market, shop: str, given: Doc) -> Doc:
    shape = str(given.get("shape") or "")
    if shape and shape not in placing.SHAPES:
        raise CannotDo(f"There is no shape {shape}.")
    random, made = draw(market, given), []
    for _ in range(min(int(given.get("count") or 1), MOST)):
        order = placing.place(market, shop, random, shape)
        if order["is_cod"] or order["is_sample_order"] or is_yes(given, "paid"):
            steps.pay(market, shop, order)
        made.append(order)
    last = made[-1]
    return {"order_id": last["id"], "status": last["status"], "placed": len(made)}


@verb("pay", "The buyer pays.", ONE)
def pay(market: Market, shop: str, given: Doc) -> Doc:
    order = some(market, shop, "order", given, ("UNPAID",))
    steps.pay(market, shop, order)
    return {"order_id": order["id"], "status": order["status"]}


@verb(
    "buyer_cancels",
    "The buyer cancels what is unpaid or on hold; what awaits shipment he asks to cancel.",
    (*ONE, "reason"),
)
def buyer_cancels(market: Market, shop: str, given: Doc) -> Doc:
    region = shops.shop(market.books, shop).region

    def lines_of(order: Doc) -> list[Doc]:
        return may.lines_open_to(market, shop, region, order, BUYER, may.CANCEL)

    order = some(
        market, shop, "order", given, _stages(region, given), lambda one: bool(lines_of(one))
    )
    lines = lines_of(order)
    stages = may.stages_of(order, lines)
    known = [one.name for one in reasons.cancels(BUYER, region, stages)]
    reason = str(given.get("reason") or draw(market, given).choice(known))
    ids = [line["id"] for line in lines]
    if order["status"] in ("UNPAID", "ON_HOLD"):
        case = cancelling.cancel(market, shop, order, ids, BUYER, reason)
    else:
        case = requests.ask(market, shop, order, ids, reason)
    told = {"cancel_id": case["cancel_id"], "status": case["cancel_status"]}
    return {"order_id": order["id"]} | told


def _stages(region: str, given: Doc) -> tuple[str, ...]:
    """`given["status"]` narrows them, for a life that picks what it wants."""
    late = ("AWAITING_COLLECTION",) if region in SEA else ()
    stages = ("UNPAID", "ON_HOLD", "AWAITING_SHIPMENT", "PARTIALLY_SHIPPING", *late)
    wanted = given.get("status")
    return tuple(one for one in stages if one == wanted) if wanted else stages


@verb("buyer_withdraws", "The buyer does not want to cancel any more.", ("cancel_id", *ONE))
def buyer_withdraws(market: Market, shop: str, given: Doc) -> Doc:
    case = some(market, shop, cases.CANCELLATION, given, (cancelling.PENDING,))
    requests.withdraw(market, shop, case)
    return {"order_id": case["order_id"], "status": case["cancel_status"]}


@verb("change_address", "The buyer changes the address of what is not shipped.", ONE)
def change_address(market: Market, shop: str, given: Doc) -> Doc:
    stages = ("UNPAID", "ON_HOLD", "AWAITING_SHIPMENT")
    order = some(market, shop, "order", given, stages)
    region = shops.shop(market.books, shop).region
    steps.move_house(market, shop, order, people.recipient(region, draw(market, given)))
    return {"order_id": order["id"]}
