"""Orders of a connected demo shop that show what may become of labels: some are rejected until
somebody mends them, some have a label from the marketplace, some travel in parts or together. The
seller's note says which is which.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from shipboard.channels.contract import OrderFact, ParcelContent, ParcelFact, Shipping, Stage
from shipboard.demo.orders import Maker

#: What orders of one buyer to one address have in common.
SHARED = ("buyer_username", "recipient", "warehouse", "delivery_option", "delivery_option_type")
LONG_STREET = (
    "Riverside Gardens, Building 14, Staircase C, Third Floor, Flat 27, behind the Old Mill"
)
BAD_POSTCODE = "Demo: the label is rejected for the postal code until the buyer edits the address."
LONG_ADDRESS = "Demo: the label is rejected since the address is too long."
TOO_BIG = "Demo: the label is rejected as too big until the size is 40 cm at most, or it is split."
CARRIER_FAILS = "Demo: the carrier fails once over this label, then takes it."
BOUGHT = "Demo: the label of this order was bought at the marketplace."


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What the sandbox is told to reject a label with: a code, and how often (0: until mended)."""

    code: int
    times: int = 0


OBSTACLES: Mapping[str, Obstacle] = {
    BAD_POSTCODE: Obstacle(11021010),
    TOO_BIG: Obstacle(11021019),
    CARRIER_FAILS: Obstacle(21042067, times=1),
}


def label_orders(make: Maker, numbers: Iterator[int]) -> Iterator[OrderFact]:
    """None where there is no marketplace that makes labels."""
    if not make.market.remote_id:
        return

    def waits(note: str, **said: Any) -> OrderFact:
        return _by_platform(make, next(numbers), Stage.AWAITING_SHIPMENT, seller_note=note, **said)

    bad = waits(BAD_POSTCODE)
    yield replace(bad, recipient={**bad.recipient, "postal_code": "972"})
    long = waits(LONG_ADDRESS)
    yield replace(long, recipient={**long.recipient, "address": LONG_STREET})
    goods = make.market.goods
    lines = (make.line(goods[4], quantity=2), make.line(goods[5]))
    too_big = waits(TOO_BIG, lines=lines)
    yield too_big
    yield waits(CARRIER_FAILS)
    yield _by_platform(make, next(numbers), Stage.PENDING_COLLECTION, seller_note=BOUGHT)
    if make.market.has_package_at_payment:
        yield _in_two(make, next(numbers))
        yield from _for_one_buyer(make, numbers)
    else:
        # One edit of the size mends both.
        yield waits(TOO_BIG, lines=(make.line(goods[4]),), warehouse=too_big.warehouse)


def obstacles(facts: Iterable[OrderFact]) -> Iterator[tuple[str, Obstacle]]:
    """By order id, those that the sandbox has to be told of."""
    for fact in facts:
        if obstacle := OBSTACLES.get(fact.seller_note):
            yield fact.order_id, obstacle


def _by_platform(make: Maker, number: int, stage: Stage, **said: Any) -> OrderFact:
    return make.order(number, stage, ago=4, shipping=Shipping.PLATFORM, **said)


def _in_two(make: Maker, number: int) -> OrderFact:
    """Split already: two packages wait."""
    goods = make.market.goods
    lines = (make.line(goods[2]), make.line(goods[3]))
    parcels = tuple(
        ParcelFact(
            package_id=f"1155{make.market.number}{number * 10 + place:014}",
            contents=(ParcelContent(place, 1),),
        )
        for place in (0, 1)
    )
    return _by_platform(make, number, Stage.AWAITING_SHIPMENT, lines=lines, parcels=parcels)


def _for_one_buyer(make: Maker, numbers: Iterator[int]) -> Iterator[OrderFact]:
    """Three orders to one address, which may travel together."""
    first = _by_platform(make, next(numbers), Stage.AWAITING_SHIPMENT)
    yield first
    for _ in range(2):
        other = _by_platform(make, next(numbers), Stage.AWAITING_SHIPMENT)
        yield replace(other, **{name: getattr(first, name) for name in SHARED})
