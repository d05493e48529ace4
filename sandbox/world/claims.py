"""Verbs of returns: buyers ask, withdraw, answer, dispute and send back; the platform rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import shops
from sandbox.aftersales import may, reasons, returns
from sandbox.aftersales.cases import RETURN
from sandbox.aftersales.decisions import OFFERED, SHIPPED, TO_SHIP
from sandbox.aftersales.reasons import BUYER
from sandbox.kinds import Doc
from sandbox.verbs import verb
from sandbox.world import claiming, evidence
from sandbox.world.buyers import ONE, is_yes
from sandbox.world.chance import draw, some

if TYPE_CHECKING:
    from sandbox.market import Market

CASE = ("return_id", *ONE)
ASKS = (*ONE, "whole")


@verb("ask_refund", "The buyer asks for money back. whole: all that is possible.", ASKS)
def ask_refund(market: Market, shop: str, given: Doc) -> Doc:
    return _ask(market, shop, given, may.REFUND, reasons.BUYER_REFUNDS)


@verb("ask_return", "The buyer wants to send back, for money. whole: all of it.", ASKS)
def ask_return(market: Market, shop: str, given: Doc) -> Doc:
    return _ask(market, shop, given, may.RETURN, reasons.BUYER_RETURNS)


@verb("ask_replacement", "The buyer wants another one. whole: all of it.", ASKS)
def ask_replacement(market: Market, shop: str, given: Doc) -> Doc:
    return _ask(market, shop, given, may.REPLACEMENT, reasons.BUYER_RETURNS)


def _ask(
    market: Market, shop: str, given: Doc, what: str, known: tuple[tuple[str, str], ...]
) -> Doc:
    region = shops.shop(market.books, shop).region
    stages = ("AWAITING_COLLECTION", "IN_TRANSIT", "DELIVERED")

    def lines_of(order: Doc) -> list[Doc]:
        return may.lines_open_to(market, shop, region, order, BUYER, what)

    order = some(market, shop, "order", given, stages, lambda one: bool(lines_of(one)))
    random, lines = draw(market, given), lines_of(order)
    usual = "yes" if random.random() < 0.5 else "no"
    if not is_yes(given, "whole", usual):
        lines = lines[:1]
    reason = random.choice(known)[0]
    shown = evidence.of(reason, random)
    case = returns.ask(market, shop, order, lines, what, reason, shown)
    return _told(case)


@verb("withdraw_return", "The buyer withdraws a return.", CASE)
def withdraw_return(market: Market, shop: str, given: Doc) -> Doc:
    case = some(market, shop, RETURN, given, claiming.WITHDRAWABLE)
    claiming.withdraw(market, shop, case)
    return _told(case)


@verb("ship_back", "The buyer sends back what he may.", CASE)
def ship_back(market: Market, shop: str, given: Doc) -> Doc:
    case = some(market, shop, RETURN, given, (TO_SHIP,))
    claiming.ship_back(market, shop, case)
    return _told(case)


@verb("return_arrives", "What was sent back is with the seller.", CASE)
def return_arrives(market: Market, shop: str, given: Doc) -> Doc:
    case = some(market, shop, RETURN, given, (SHIPPED,), returns.is_on_its_way)
    returns.arrive(market, shop, case)
    return _told(case)


@verb("answer_offer", "The buyer takes a part of the money (takes: yes), or not.", (*CASE, "takes"))
def answer_offer(market: Market, shop: str, given: Doc) -> Doc:
    case = some(market, shop, RETURN, given, (OFFERED,))
    claiming.answer_offer(market, shop, case, takes=is_yes(given, "takes"))
    return _told(case)


@verb("dispute", "The buyer disputes a rejection; the platform looks at it.", CASE)
def dispute(market: Market, shop: str, given: Doc) -> Doc:
    def is_open(case: Doc) -> bool:
        return not case.get("arbitration_status")

    case = some(market, shop, RETURN, given, claiming.DISPUTABLE, is_open)
    claiming.dispute(market, shop, case)
    return _told(case)


@verb("rule", "The platform rules on a dispute, for: buyer or seller.", (*CASE, "for"))
def rule(market: Market, shop: str, given: Doc) -> Doc:
    def is_disputed(case: Doc) -> bool:
        return bool(case.get("arbitration_status") == "IN_PROGRESS")

    case = some(market, shop, RETURN, given, claiming.DISPUTABLE, is_disputed)
    claiming.rule(market, shop, case, for_buyer=given.get("for") != "seller")
    return _told(case)


def _told(case: Doc) -> Doc:
    return {
        "return_id": case["return_id"],
        "order_id": case["order_id"],
        "status": case["return_status"],
    }
