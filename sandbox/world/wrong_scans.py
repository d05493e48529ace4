"""Verbs of carriers whose scans do not fit the order: the marketplace marks such orders afterwards,
with a timestamp issue or an address issue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import life
from sandbox.fulfilment import scans
from sandbox.kinds import UNTOLD, Doc
from sandbox.shapes_package import FULFILLING, PROCESSING
from sandbox.shops import shop as shop_of
from sandbox.verbs import CannotDo, verb
from sandbox.world.carriers import COLLECTED, FIELDS, OUT, told
from sandbox.world.chance import draw, some
from sandbox.world.people import PLACES, US

if TYPE_CHECKING:
    from sandbox.market import Market

HOUR = 3600
#: More than a day older than the order is told of as an issue.
EARLY_HOURS = 30


@verb(
    "scan_early",
    "A scan that is older than the order: the timestamp issue.",
    (*FIELDS, "hours"),
)
def scan_early(market: Market, shop: str, given: Doc) -> Doc:
    package = some(market, shop, "package", given, (PROCESSING, FULFILLING))
    placed = int(life.order(market, shop, package["orders"][0]["id"])["create_time"])
    at = placed - int(given.get("hours") or EARLY_HOURS) * HOUR
    scans.add(package, at, "Picked up.", COLLECTED)
    market.books.put("package", shop, package)
    return told(package) | {"at": at}


@verb(
    "scan_elsewhere",
    "The carrier takes a package to another post code: the address issue.",
    FIELDS,
)
def scan_elsewhere(market: Market, shop: str, given: Doc) -> Doc:
    package = some(market, shop, "package", given, (PROCESSING, FULFILLING))
    address = life.order(market, shop, package["orders"][0]["id"])[UNTOLD]["address"]
    places = PLACES.get(shop_of(market.books, shop).region, US)
    others = [one for one in places if one.postal_code != address["postal_code"]]
    if not others:
        raise CannotDo("The sandbox knows no other place in this market.")
    place = draw(market, given).choice(others)
    names = ", ".join(name for _, name in reversed(place.parts))
    where = f"{names} {place.postal_code}"
    package.setdefault(UNTOLD, {})["elsewhere"] = where
    scans.add(package, market.clock.now(), f"Out for delivery, {where}.", OUT)
    market.books.put("package", shop, package)
    return told(package) | {"where": where}
