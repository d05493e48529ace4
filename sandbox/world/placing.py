"""Orders of believable shape, from a seed: how many of what, to whom, shipped by whom, paid how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING

from sandbox import life, shapes, shops
from sandbox.aftersales.replacing import new_order_id
from sandbox.api import Shop
from sandbox.fulfilment.carriers import SEA
from sandbox.kinds import UNTOLD, Doc
from sandbox.shapes import Item
from sandbox.world import goods, people

if TYPE_CHECKING:
    from sandbox.market import Market

DAY = 86400


@dataclass(frozen=True)
class Shape:
    """`often` against the others; `units` and `goods` at most; `more` goes into the order."""

    often: int
    units: int = 1
    goods: int = 1
    only: tuple[str, ...] = ()
    more: Mapping[str, object] | None = None


BY_SELLER = {"shipping_type": "SELLER"}
#: By name, as the verb `place` takes them.
SHAPES: Mapping[str, Shape] = {
    "plain": Shape(30),
    "units": Shape(14, units=4),
    "lines": Shape(16, units=2, goods=4),
    "seller": Shape(10, units=2, goods=2, more=BY_SELLER),
    "cod": Shape(12, units=2, only=SEA, more={"is_cod": True}),
    "pre_order": Shape(4, only=("US",), more={"order_type": "PRE_ORDER"}),
    "sample": Shape(3, more={"is_sample_order": True}),
    "platform": Shape(3, more={"fulfillment_type": "FULFILLMENT_BY_TIKTOK"}),
}


def shapes_of(region: str) -> list[str]:
    return [name for name, one in SHAPES.items() if not one.only or region in one.only]


def place(market: Market, shop: str, random: Random, shape: str = "") -> Doc:
    """A new order that is not paid yet, in the books. Raises LookupError for no such shape."""
    where = shops.shop(market.books, shop)
    names = shapes_of(where.region)
    often = [SHAPES[name].often for name in names]
    chosen = SHAPES[shape or random.choices(names, often)[0]]
    now = market.clock.now()
    order = shapes.order(
        where,
        new_order_id(market),
        now,
        _items(where.region, chosen, random),
        status="UNPAID",
        address=people.recipient(where.region, random),
        buyer=f"buyer{random.randint(1, 400)}",
        shipping_fee=goods.SHIPPING_FEE.get(where.region, "3.50"),
        **dict(chosen.more or {}),  # type: ignore[arg-type]
    )
    _finish(order, where, random)
    life.save_order(market, shop, order)
    market.books.note("placed", shop, now, order_id=order["id"])
    return order


def _items(region: str, shape: Shape, random: Random) -> list[Item]:
    offered = goods.of(region)
    count = min(random.randint(min(2, shape.goods), shape.goods), len(offered))
    scale = goods.SCALE.get(region, 1)
    return [
        replace(
            one,
            price=str(Decimal(one.price) * scale),
            quantity=random.randint(2 if shape.goods == 1 < shape.units else 1, shape.units),
        )
        for one in random.sample(offered, count)
    ]


def _finish(order: Doc, shop: Shop, random: Random) -> None:
    """What depends on more than the shape."""
    if shop.warehouses:
        order["warehouse_id"] = random.choice(shop.warehouses)["id"]
    for line in order["line_items"]:
        line["warehouse_id"] = order["warehouse_id"]
    if random.random() < 0.12:
        order["buyer_message"] = random.choice(goods.MESSAGES)
    order["payment_method_name"] = _paid_with(order, shop.region, random)
    if order["order_type"] == "PRE_ORDER":
        order["release_date"] = order["create_time"] + random.randint(3, 20) * DAY
    if shop.region in SEA:
        order["fulfillment_priority_level"] = 600
    if order["is_sample_order"]:
        _free(order)
    elif rate := goods.TAX_RATE.get(shop.region):
        _taxed(order, Decimal(rate))


def _paid_with(order: Doc, region: str, random: Random) -> str:
    if order["is_cod"]:
        return "Cash on delivery"
    return random.choice(goods.PAYMENTS.get(region, goods.SEA_PAYMENTS))


def _free(order: Doc) -> None:
    payment = order["payment"]
    order["payment"] = {
        name: value if name == "currency" else "0" for name, value in payment.items()
    }
    for line in order["line_items"]:
        line |= {"original_price": "0", "sale_price": "0"}


def _taxed(order: Doc, rate: Decimal) -> None:
    whole = Decimal(0)
    for line in order["line_items"]:
        tax = (Decimal(line["sale_price"]) * rate).quantize(Decimal("0.01"))
        line["item_tax"] = [
            {"tax_type": "SALES_TAX", "tax_amount": str(tax), "tax_rate": str(rate)}
        ]
        whole += tax
    payment = order["payment"]
    payment["tax"] = payment["product_tax"] = str(whole)
    payment["total_amount"] = str(Decimal(payment["total_amount"]) + whole)


def untold(order: Doc) -> Doc:
    """What the marketplace keeps to itself about an order."""
    known: Doc = order.setdefault(UNTOLD, {})
    return known
