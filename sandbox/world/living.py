"""A life of its own: one plausible thing at a time, drawn from a seed; and, when it is switched on,
a few of them every minute.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from sandbox import shops, verbs
from sandbox.kinds import Doc
from sandbox.market import tick
from sandbox.verbs import CannotDo, verb

if TYPE_CHECKING:
    from sandbox.market import Market

LIFE = "life"
#: After a pause of the process it does not catch up on more than this.
MOST_AT_ONCE = 10
#: How often each verb happens, against the others, and with which fields.
EVENTS: tuple[tuple[float, str, Doc], ...] = (
    (26, "place", {}),
    (8, "place", {"paid": "no"}),
    (8, "pay", {}),
    (3, "buyer_cancels", {"status": "UNPAID"}),
    (3, "buyer_cancels", {"status": "ON_HOLD"}),
    (5, "buyer_cancels", {"status": "AWAITING_SHIPMENT"}),
    (1, "buyer_cancels", {"status": "AWAITING_COLLECTION"}),
    (2, "buyer_withdraws", {}),
    (3, "change_address", {}),
    (4, "platform_ships", {}),
    (18, "collect", {}),
    (6, "scan", {}),
    (15, "deliver", {}),
    (1, "lose", {}),
    (1, "damage", {}),
    (1, "bring_back", {}),
    (3, "ask_refund", {}),
    (4, "ask_return", {}),
    (2, "ask_replacement", {}),
    (1, "withdraw_return", {}),
    (4, "ship_back", {}),
    (4, "return_arrives", {}),
    (2, "answer_offer", {"takes": "yes"}),
    (1, "answer_offer", {"takes": "no"}),
    (2, "dispute", {}),
    (1, "rule", {"for": "buyer"}),
    (1, "rule", {"for": "seller"}),
    (0.5, "step_back", {}),
)


@dataclass(frozen=True)
class Event:
    """What was done, in which shop, with what, and what came of it."""

    verb: str
    shop: str
    given: Doc
    came: Doc


def step(market: Market, random: Random, shop: str = "") -> Event:
    """One thing that can happen now, in `shop` or any. The same books and the same chance give the
    same. Raises CannotDo only where there is no shop.
    """
    places = [shop] if shop else sorted(one.id for one in shops.everyone(market.books))
    if not places:
        raise CannotDo("There is no shop.")
    where = random.choice(places)
    for name, fields in _order_of(random):
        given = fields | {"seed": str(random.getrandbits(48) + 1)}
        try:
            return Event(name, where, given, verbs.do(market, name, where, given))
        except CannotDo:
            continue
    raise CannotDo("Nothing can happen.")


def _order_of(random: Random) -> Iterator[tuple[str, Doc]]:
    """The events as they are tried: what is often comes first more often."""
    left = list(EVENTS)
    while left:
        one = random.choices(left, [event[0] for event in left])[0]
        left.remove(one)
        yield one[1], one[2]


def live(market: Market, seed: int, rate: float) -> None:
    """Switches the life on: `rate` things a minute of real time; 0 switches it off."""
    if rate <= 0:
        market.books.remove(LIFE, "", LIFE)
        return
    doc = {"id": LIFE, "seed": seed, "rate": rate, "done": 0, "next": market.clock.real()}
    market.books.put(LIFE, "", doc)


@verb("live", "The world lives by itself: so many things a minute (rate; 0: no).", ("rate", "seed"))
def switch(market: Market, shop: str, given: Doc) -> Doc:
    rate = float(given.get("rate") or 0)
    live(market, int(given.get("seed") or 1), rate)
    return {"rate": rate}


@tick
def go_on(market: Market) -> None:
    """What the life has to do by now. Its chance is that of its seed and of how often it acted."""
    now = market.clock.real()
    found = market.books.get(LIFE, "", LIFE)
    if found is None or found["next"] > now:
        return
    with market.books.change():
        doc = market.books.get(LIFE, "", LIFE)
        if doc is None:
            return
        for _ in range(MOST_AT_ONCE):
            if doc["next"] > now:
                break
            doc["done"] += 1
            random = Random(doc["seed"] * 1_000_003 + doc["done"])  # noqa: S311
            step(market, random)
            doc["next"] += random.expovariate(doc["rate"] / 60)
        doc["next"] = max(doc["next"], now)
        market.books.put(LIFE, "", doc)


@verb("anything", "Something that can happen happens.", ("seed",))
def anything(market: Market, shop: str, given: Doc) -> Doc:
    seed = int(given.get("seed") or market.books.number("chance"))
    done = step(market, Random(seed), shop)  # noqa: S311
    return {"done": done.verb} | done.came
