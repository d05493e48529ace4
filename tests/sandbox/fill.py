"""Fills a shop with orders."""

from __future__ import annotations

from sandbox import shops
from sandbox.kinds import Doc
from sandbox.life import save_order
from sandbox.market import Market
from sandbox.shapes import Item, order

MAY = 1_790_000_000


def place(market: Market, shop: str, count: int, **more: object) -> list[Doc]:
    """So many orders, a minute apart, of two SKUs; `more` as `shapes.order` takes it. They are of
    long ago and stay as they are: time does not pass by itself.
    """
    market.facts.set("time_passes", False)
    where = shops.shop(market.books, shop)
    made = [
        order(
            where,
            str(576_000_000_000_000_000 + market.books.number("test order")),
            MAY + 60 * number,
            [Item("MUG-01", quantity=2), Item("MUG-02", "24.50")],
            **more,  # type: ignore[arg-type]
        )
        for number in range(count)
    ]
    with market.books.change():
        for doc in made:
            save_order(market, shop, doc)
    return made
