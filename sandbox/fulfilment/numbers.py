"""Tracking numbers that sellers give: which are refused, and which are taken with a warning."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sandbox.api import Call, Refusal
from sandbox.fulfilment.carriers import POSTS, Carrier, by_id, guess
from sandbox.fulfilment.given import text
from sandbox.kinds import UNTOLD, Doc

SHORTEST, LONGEST = 6, 40
#: A kind of document: a tracking number, and the packages that were given it.
USED = "used_number"


def check(
    call: Call, orders: Sequence[Doc], given: dict[str, Any], package_id: str = ""
) -> tuple[str, Carrier, str]:
    """The number and its carrier as given, and a warning or nothing. Raises Refusal.

    `package_id` is the package whose number is being changed: what it used itself does not count.
    """
    number = text(given.get("tracking_number")).strip()
    provider = text(given.get("shipping_provider_id"))
    if not number or not provider:
        raise Refusal(36009022, "tracking_number and shipping_provider_id are needed.")
    hyphen = "-" if call.on("hyphens_in_numbers") else ""
    if not re.fullmatch(rf"[A-Za-z0-9{hyphen}]+", number):
        raise Refusal(21004012, "The tracking number has special characters.")
    carrier = by_id(provider)
    if carrier is None or not SHORTEST <= len(number) <= LONGEST:
        raise Refusal(21011022, "The tracking number or the provider is not valid.")
    if call.shop.region not in carrier.regions:
        raise _not_offered(call, "This provider does not serve this delivery option.")
    _barred(call, carrier)
    warning = _fits(call, number, carrier)
    _unused(call, orders, number, package_id)
    return number, carrier, warning


def _not_offered(call: Call, words: str) -> Refusal:
    return Refusal(int(call.fact("carrier_not_offered_code")), words)


def _barred(call: Call, carrier: Carrier) -> None:
    """In the US the post's labels are the platform's to sell. Raises Refusal."""
    if call.shop.region != "US" or carrier.id not in POSTS:
        return
    abroad = call.shop.seller_type == "CROSS_BORDER"
    if call.on("union_post_barred" if abroad else "union_post_barred_for_all"):
        raise _not_offered(call, "Labels of the post must be bought on the platform.")


def _fits(call: Call, number: str, carrier: Carrier) -> str:
    """A warning, or nothing when the number looks like the carrier's. Raises Refusal."""
    if call.on("number_check_times_out"):
        return "The tracking number could not be checked in time."
    others = [one for one in guess(number) if call.shop.region in one.regions]
    if carrier in others:
        if len(others) > 1 and call.fact("number_of_several_carriers") == "warned":
            return f"This number may be one of {' or '.join(one.name for one in others)}."
        return ""
    if others:
        if call.shop.region == "US" and call.on("us_takes_misfitting_numbers"):
            return f"This number looks like one of {others[0].name}."
        raise Refusal(21004015, f"This number looks like one of {others[0].name}.")
    if call.fact("number_of_no_carrier") == "refused":
        raise Refusal(11028006, "No carrier has such numbers.")
    return "This number looks like none of the carriers we know."


def _unused(call: Call, orders: Sequence[Doc], number: str, package_id: str) -> None:
    """One number may serve some orders of one recipient. Raises Refusal."""
    users = [
        one
        for one in users_of(call, number)
        if one["package_id"] != package_id and one["package_status"] != "CANCELLED"
    ]
    theirs = {order["id"] for one in users for order in one["orders"]}
    mine = {order["id"] for order in orders}
    if theirs & mine:
        raise Refusal(21011025, "The order has this tracking number already.")
    if len(theirs | mine) > call.fact("orders_per_number"):
        raise Refusal(21011026, "Too many orders have this tracking number.")
    places = {_place(call.market.books.need("order", call.shop.id, id)) for id in theirs}
    if places | {_place(order) for order in orders} != {_place(orders[0])}:
        used = int(call.fact("used_number_code"))
        raise Refusal(used, "Another recipient's order has this tracking number.")


def use(call: Call, number: str, package_id: str) -> None:
    """Remembers which package goes under a number, so that the number is found at once."""
    known = call.market.books.get(USED, call.shop.id, number) or {"id": number, "packages": []}
    if package_id not in known["packages"]:
        known["packages"].append(package_id)
    call.market.books.put(USED, call.shop.id, known)


def users_of(call: Call, number: str) -> list[Doc]:
    """The packages that go under a number now."""
    known = call.market.books.get(USED, call.shop.id, number) or {"packages": []}
    found = [call.market.books.need("package", call.shop.id, id) for id in known["packages"]]
    return [one for one in found if one["tracking_number"] == number]


def _place(order: Doc) -> tuple[str, str]:
    address = order[UNTOLD]["address"]
    return address["name"], address["full_address"]
