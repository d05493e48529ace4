"""Fills a sandbox marketplace that is not running with orders, and moves each of them on. It knows
nothing of the desk, and runs as a process of its own:

    python -m bench.stock fill|move STATE --orders N
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator
from pathlib import Path

from sandbox import shops
from sandbox.api import Shop
from sandbox.kinds import Doc
from sandbox.market import Market
from sandbox.shapes import DAY, Item, order
from sandbox.shapes_package import mark_lines, package

SHOP = "7495000000000000007"
KEY, SECRET = "benchkey", "only for benchmarks"
REDIRECT = "http://127.0.0.1/back"
#: An order passes through these; a quarter of all stand at each but the last.
STEPS = ("AWAITING_SHIPMENT", "AWAITING_COLLECTION", "IN_TRANSIT", "DELIVERED", "COMPLETED")
#: The instant that reaching each sets.
TIMES = dict(zip(STEPS[1:4], ("rts_time", "collection_time", "delivery_time"), strict=True))
PARCELS = {"IN_TRANSIT": "FULFILLING", "DELIVERED": "COMPLETED", "COMPLETED": "COMPLETED"}
SKUS = [
    Item(
        f"SKU-{number:04d}",
        f"{5 + number % 80}.90",
        1,
        f"Enamel mug number {number // 3}, 350 ml, dishwasher safe",
        ("Blue", "Green", "Red")[number % 3],
    )
    for number in range(500)
]
NAMES = ("Anna Berg", "Minh Nguyen", "Somchai Chaiya", "Maria Lopez", "Wei Zhang", "Jonas Okafor")
DISTRICTS = (
    ("L0", "Country", "United States"),
    ("L1", "State", "California"),
    ("L2", "County", "Alameda"),
    ("L3", "City", "Oakland"),
)
BATCH = 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("fill", "move"))
    parser.add_argument("state", type=Path)
    parser.add_argument("--orders", type=int, required=True)
    given = parser.parse_args()
    market = Market(given.state)
    if given.what == "fill":
        fill(market, given.orders)
    else:
        move(market, given.orders)
    market.close()


def fill(market: Market, orders: int) -> None:
    """A shop of so many orders, last changed from sixty days to two days ago."""
    warehouse = {"id": f"9{SHOP[1:]}", "name": "Main", "region": "US"}
    given = {"id": SHOP, "name": "Harbour Mugs", "region": "US", "warehouses": [warehouse]}
    shop = shops.add_shop(market.books, given)
    shops.add_app(market.books, KEY, SECRET, REDIRECT)
    chance, now = random.Random(1), int(time.time())
    _put(
        market,
        (
            _order(shop, number, now - 60 * DAY + number * 58 * DAY // orders, chance)
            for number in range(orders)
        ),
    )


def move(market: Market, orders: int) -> None:
    """Each order a step on, all within the last day."""
    chance, begin = random.Random(2), int(time.time()) - DAY
    shop, places = shops.shop(market.books, SHOP), list(range(orders))
    chance.shuffle(places)
    _put(
        market,
        (
            _moved(market, shop, number, begin + place * (DAY - 60) // orders)
            for place, number in enumerate(places)
        ),
    )


def _put(market: Market, docs: Iterator[Doc]) -> None:
    is_left = True
    while is_left:
        with market.books.change():
            for _ in range(BATCH):
                if (doc := next(docs, None)) is None:
                    is_left = False
                    break
                market.books.put("order", SHOP, doc)


def order_id(number: int) -> str:
    return f"5769{number:014d}"


def _order(shop: Shop, number: int, changed: int, chance: random.Random) -> Doc:
    """1.75 lines, one parcel once it has one."""
    status = STEPS[number % 4]
    at = changed - chance.randrange(1, 5) * DAY // 2
    doc = order(
        shop,
        order_id(number),
        at,
        chance.sample(SKUS, chance.choice((1, 1, 2, 3))),
        status=status,
        buyer=f"buyer{number:07d}",
        address=_address(number, chance),
    )
    if status != STEPS[0]:
        _send(shop, doc, number, at + 3600)
    steps = STEPS[1 : 1 + number % 4]
    for step, name in enumerate(steps, 1):
        doc[TIMES[name]] = at + (changed - at) * step // len(steps)
    doc["update_time"] = changed
    return doc


def _moved(market: Market, shop: Shop, number: int, at: int) -> Doc:
    doc = market.books.need("order", SHOP, order_id(number))
    status = STEPS[STEPS.index(doc["status"]) + 1]
    doc |= {"status": status, "update_time": at}
    if name := TIMES.get(status):
        doc[name] = at
    for line in doc["line_items"]:
        line["display_status"] = status
        line["package_status"] = PARCELS.get(status, "")
    if status == STEPS[1]:
        _send(shop, doc, number, at)
    return doc


def _send(shop: Shop, doc: Doc, number: int, at: int) -> None:
    told = {"tracking_number": f"94001118992231{number:08d}", "shipping_provider_name": "USPS"}
    box = package(
        shop,
        f"1152{number:014d}",
        at,
        [doc],
        status=PARCELS.get(doc["status"], "PROCESSING"),
        shipping_provider_id="7117858858072016686",
        **told,
    )
    mark_lines(box, [doc])
    for line in doc["line_items"]:
        line["rts_time"] = at


def _address(number: int, chance: random.Random) -> Doc:
    first, _, last = (name := chance.choice(NAMES)).partition(" ")
    street = f"{number % 999} Harbour Street"
    postal_code = f"9{number % 10_000:04d}"
    return {
        "name": name,
        "first_name": first,
        "last_name": last,
        "phone_number": f"(+1)555{number:07d}",
        "address_line1": street,
        "address_detail": street,
        "postal_code": postal_code,
        "full_address": f"{street}, Oakland, CA {postal_code}",
        "district_info": [
            {"address_level": level, "address_level_name": called, "address_name": place}
            for level, called, place in DISTRICTS
        ],
    }


if __name__ == "__main__":
    main()
