"""What the clock alone brings: a hold ends, what is late is cancelled, silence approves, money goes
back, the time to ask for anything is over, addresses are masked. Every call lets it happen first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox import life, shops
from sandbox.aftersales import cancelling, cases, requests
from sandbox.aftersales.cases import CANCELLATION, RETURN
from sandbox.api import Shop
from sandbox.books import dump
from sandbox.kinds import Doc, kind_of
from sandbox.market import tick
from sandbox.schema import MOMENT
from sandbox.world import claiming, steps

if TYPE_CHECKING:
    from sandbox.market import Market

DAY, HOUR, MINUTE = 86400, 3600, 60
#: One thing may lead to the next at once when the clock has leapt.
ROUNDS = 12
#: So many in one go.
AT_ONCE = 500
NEVER = 10**12

Happens = Callable[["Market", str, Doc], bool]


@dataclass(frozen=True)
class Rule:
    """Documents of a kind at one of these statuses, so many seconds after their moment."""

    kind: str
    statuses: tuple[str, ...]
    waits: Callable[[Market, Shop], int]
    happens: Happens


def at_once(market: Market, shop: Shop) -> int:
    return 0


def _unpaid(market: Market, shop: Shop) -> int:
    key = "unpaid_hours_uk" if shop.region == "GB" else "unpaid_hours"
    return int(market.facts.value(key)) * HOUR


def _held(market: Market, shop: Shop) -> int:
    return int(market.facts.value("hold_minutes")) * MINUTE


def _window(market: Market, shop: Shop) -> int:
    return int(market.facts.value("after_sales_days")) * DAY


def _masked(market: Market, shop: Shop) -> int:
    return life.MASK_DAYS * DAY if shop.region == "US" else NEVER


def overdue(market: Market, shop: str, order: Doc) -> bool:
    """The platform cancels the lines that are late."""
    mine = order["fulfillment_type"] == "FULFILLMENT_BY_SELLER"
    stage = "AWAITING_SHIPMENT" if order["status"] == "PARTIALLY_SHIPPING" else order["status"]
    ids = [line["id"] for line in order["line_items"] if line["display_status"] == stage]
    if not ids or not mine:
        return False
    requests.close_all(market, shop, order, "SYSTEM")
    reason = LATE[stage]
    cancelling.cancel(market, shop, order, ids, "SYSTEM", reason)
    return True


LATE = {
    "UNPAID": "system_cancel_payment_overdue",
    "AWAITING_SHIPMENT": "system_cancel_shipping_overdue",
    "AWAITING_COLLECTION": "system_cancel_collection_overdue",
    "IN_TRANSIT": "system_cancel_delivery_overdue",
}


def _released(market: Market, shop: str, order: Doc) -> bool:
    steps.release(market, shop, order)
    return True


def _completed(market: Market, shop: str, order: Doc) -> bool:
    """Not while a case is open."""
    if cases.open_cases(market, shop, order["id"], RETURN):
        return False
    steps.complete(market, shop, order)
    return True


def _mask(market: Market, shop: str, order: Doc) -> bool:
    steps.mask(market, shop, order)
    return True


def _silent(market: Market, shop: str, case: Doc) -> bool:
    """The seller did not answer a request to cancel: it is approved, if anything can be stopped."""
    order = market.books.need("order", shop, case["order_id"])
    if requests.lines_left(case, order):
        requests.approve(market, shop, case, "SYSTEM")
    else:
        requests.close(market, shop, case, "cancel_closed", "SYSTEM")
    return True


def _paid_back(market: Market, shop: str, case: Doc) -> bool:
    cancelling.pay_back(market, shop, case)
    return True


RULES = (
    Rule("order", ("UNPAID",), _unpaid, overdue),
    Rule("order", ("ON_HOLD",), _held, _released),
    Rule(CANCELLATION, (cancelling.PENDING,), at_once, _silent),
    Rule(CANCELLATION, (cancelling.SUCCESS,), at_once, _paid_back),
    Rule(RETURN, claiming.WAITING, at_once, claiming.silence),
    Rule("order", ("PARTIALLY_SHIPPING", *tuple(LATE)[1:]), at_once, overdue),
    Rule("order", ("DELIVERED",), _window, _completed),
    Rule("order", ("COMPLETED",), _masked, _mask),
)


#: What is due of a JSON list of [rule, kind, shop, status, until], the first first.
DUE = f"""
SELECT wanted.value ->> 0, shop, documents.id FROM json_each(?) AS wanted
  CROSS JOIN documents INDEXED BY by_moment
WHERE kind = wanted.value ->> 1 AND shop = wanted.value ->> 2 AND status = wanted.value ->> 3
  AND {MOMENT} > 0 AND {MOMENT} <= wanted.value ->> 4
ORDER BY {MOMENT}, documents.id LIMIT ?"""  # noqa: S608


@tick
def pass_time(market: Market) -> None:
    """Lets everything happen that is due."""
    if not market.facts.on("time_passes"):
        return
    for _ in range(ROUNDS):
        due = market.books.rows(DUE, (dump(_wanted(market)), AT_ONCE))
        if not sum(_happens(market, shop, RULES[rule], id) for rule, shop, id in due):
            return


def _wanted(market: Market) -> list[tuple[int, str, str, str, int]]:
    now = market.clock.now()
    places = shops.everyone(market.books)
    return [
        (number, rule.kind, shop.id, status, now - rule.waits(market, shop))
        for number, rule in enumerate(RULES)
        for shop in places
        for status in rule.statuses
    ]


def _happens(market: Market, shop: str, rule: Rule, id: str) -> bool:
    """Once, whoever looks first."""
    with market.books.change():
        doc = market.books.get(rule.kind, shop, id)
        if doc is None or doc[kind_of(rule.kind).status] not in rule.statuses:
            return False
        return rule.happens(market, shop, doc)
