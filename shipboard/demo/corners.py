"""What is rare but must be seen: every mark, every card and every edge that the everyday orders
may lack on a given day. Each shop has them all, but for cash on delivery where it is not usual, and
stages worked out from times, which only files have.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import count

from shipboard.channels.contract import (
    Deadlines,
    ItemFact,
    LineFact,
    OrderFact,
    OrderType,
    Stage,
    StageSource,
)
from shipboard.demo.cases import CANCELED, SHAPES, canceled, shaped
from shipboard.demo.everyday import at_the_platform, cash_on_delivery
from shipboard.demo.goods import LONG_NAME, RIGHT_TO_LEFT
from shipboard.demo.labels import label_orders
from shipboard.demo.life import hours
from shipboard.demo.orders import Maker

AWAITING, COLLECTION = Stage.AWAITING_SHIPMENT, Stage.PENDING_COLLECTION
DAY = 24.0
#: What orders of one parcel have in common.
SHARED = (
    "buyer_username",
    "recipient",
    "carrier",
    "warehouse",
    "shipping",
    "delivery_option",
    "delivery_option_type",
)


def corners(make: Maker) -> list[OrderFact]:
    """Numbered from 0."""
    numbers = count()
    return [
        fact
        for group in (_clocks, _types, _contents, _endings, _cases, _words, _parcels, label_orders)
        for fact in group(make, numbers)
    ]


def _clocks(make: Maker, numbers: Iterator[int]) -> Iterator[OrderFact]:
    """Deadlines just ahead and just missed, holds and windows about to end."""
    now = make.now

    def waits(ago: float, ship_by: timedelta, cancel: timedelta) -> OrderFact:
        deadlines = Deadlines(ship_by=now + ship_by, auto_cancel_at=now + cancel)
        return make.order(next(numbers), AWAITING, ago=ago, deadlines=deadlines)

    yield waits(47, timedelta(minutes=5), hours(70))
    yield waits(46, timedelta(minutes=42), hours(71))
    yield waits(40, hours(7), hours(80))
    yield waits(49, -timedelta(minutes=12), hours(69))
    yield waits(50, -hours(1.5), hours(66))
    yield waits(6 * DAY, -hours(4 * DAY), hours(9))
    yield waits(7 * DAY, -hours(5 * DAY), hours(2))
    yield waits(3 * DAY, -hours(26), hours(21))
    missed = Deadlines(ship_by=now - hours(30), collect_by=now - hours(3))
    yield make.order(next(numbers), COLLECTION, ago=9, deadlines=missed)
    last = Deadlines(collect_by=now + hours(6), auto_cancel_at=now + hours(18))
    yield make.order(next(numbers), COLLECTION, ago=12, deadlines=last)
    slow = Deadlines(deliver_by=now - hours(8), auto_cancel_at=now + hours(20))
    yield make.order(next(numbers), Stage.IN_TRANSIT, ago=190, deadlines=slow)
    yield make.order(next(numbers), Stage.UNPAID, ago=0.03)
    yield make.order(next(numbers), Stage.ON_HOLD, ago=0.93)
    yield make.order(next(numbers), Stage.ON_HOLD, ago=1.6)
    yield make.order(next(numbers), Stage.DELIVERED, ago=14 * DAY - 0.15)
    yield make.order(next(numbers), Stage.DELIVERED, ago=15 * DAY)
    yield make.order(next(numbers), Stage.CLOSED, ago=400 * DAY)


def _types(make: Maker, numbers: Iterator[int]) -> Iterator[OrderFact]:
    now = make.now
    yield make.order(
        next(numbers),
        Stage.ON_HOLD,
        ago=5 * DAY,
        order_type=OrderType.PRE_ORDER,
        release_at=now + hours(9 * DAY),
        deadlines=Deadlines(ship_by=now + hours(10 * DAY), auto_cancel_at=now + hours(15 * DAY)),
    )
    for kind, days in (
        (OrderType.PRE_ORDER, 1),
        (OrderType.MADE_TO_ORDER, 9),
        (OrderType.BACK_ORDER, 6),
    ):
        ahead = Deadlines(
            ship_by=now + hours(days * DAY - 3), auto_cancel_at=now + hours((days + 4) * DAY)
        )
        yield make.order(next(numbers), AWAITING, ago=60, order_type=kind, deadlines=ahead)
    free = make.line(make.market.goods[0], unit_price=Decimal(0))
    yield _unpriced(
        make.order(next(numbers), AWAITING, ago=8, order_type=OrderType.SAMPLE, lines=(free,))
    )
    yield make.order(next(numbers), AWAITING, ago=10, **at_the_platform(make))
    if make.market.has_cod:
        for stage in (AWAITING, COLLECTION, Stage.DELIVERED):
            fact = make.order(next(numbers), stage, ago=6)
            yield replace(fact, **cash_on_delivery(fact))


def _unpriced(fact: OrderFact) -> OrderFact:
    """A sample costs the buyer nothing at all."""
    return replace(fact, total=Decimal(0), charges={})


def _contents(make: Maker, numbers: Iterator[int]) -> Iterator[OrderFact]:
    """Orders that are hard on a row's layout."""
    goods = make.market.goods

    def of(*lines: LineFact) -> OrderFact:
        return make.order(next(numbers), AWAITING, ago=5, lines=lines)

    def named(name: str) -> OrderFact:
        return of(make.line(goods[0], item=replace(goods[0].item, product_name=name)))

    yield of(*(make.line(good) for good in goods[:12]))
    yield of(make.line(goods[1], quantity=40, percent=10))
    yield named(LONG_NAME)
    yield named(RIGHT_TO_LEFT)
    yield of(make.line(goods[2], item=ItemFact(sku_id=goods[2].item.sku_id)))
    yield of(make.line(goods[3]), make.line(goods[4], unit_price=Decimal(0)))
    for position in (0, 1):
        yield make.order(
            next(numbers),
            AWAITING,
            ago=3 + position,
            buyer_message=make.market.messages[position],
            seller_note=make.market.notes[position],
        )


def _endings(make: Maker, numbers: Iterator[int]) -> Iterator[OrderFact]:
    for by in CANCELED:
        number = next(numbers)
        fact = make.order(number, Stage.CANCELED, ago=20, canceled_by=by)
        yield replace(fact, **canceled(make, number, fact))


def _cases(make: Maker, numbers: Iterator[int]) -> Iterator[OrderFact]:
    """Cases that wait for an answer, for somebody else, and for nothing any more."""
    for shape in SHAPES:
        number = next(numbers)
        yield make.order(number, shape.stage, ago=shape.ago, cases=(shaped(make, number, shape),))


def _words(make: Maker, numbers: Iterator[int]) -> Iterator[OrderFact]:
    """Status words that nobody here knows. In a file the stage may follow from the times; over the
    API it is not made up."""
    if not make.market.remote_id:
        derived = StageSource.DERIVED
        for stage, words in ((COLLECTION, "HANDOVER_PLANNED"), (Stage.IN_TRANSIT, "AT_LOCKER")):
            yield make.order(next(numbers), stage, ago=7, status_words=words, stage_source=derived)
    for words in ("RISK_REVIEW", "PAYMENT_RECHECK"):
        yield make.order(next(numbers), Stage.UNKNOWN, ago=7, status_words=words)


def _parcels(make: Maker, numbers: Iterator[int]) -> Iterator[OrderFact]:
    """Orders that travel in parts, and orders of one buyer that travel together."""
    goods = make.market.goods
    two = (make.line(goods[5], quantity=2), make.line(goods[6]))
    yield make.order(next(numbers), Stage.PARTIALLY_SHIPPED, ago=20, lines=two)
    for stage in (COLLECTION, Stage.IN_TRANSIT):
        yield make.order(next(numbers), stage, ago=15, lines=two, is_split=True)
    for stage, ago in ((COLLECTION, 4.0), (Stage.IN_TRANSIT, 28.0), (Stage.DELIVERED, 90.0)):
        first = make.order(next(numbers), stage, ago=ago, lines=(make.line(goods[7]),))
        yield first
        for good in goods[8:10]:
            fact = make.order(next(numbers), stage, ago=ago, lines=(make.line(good),))
            yield _together(fact, first)


def _together(fact: OrderFact, first: OrderFact) -> OrderFact:
    """`fact` as another order of the same buyer in the parcel of `first`."""
    return replace(
        fact,
        parcels=tuple(
            replace(parcel, contents=fact.parcels[0].contents) for parcel in first.parcels
        ),
        **{name: getattr(first, name) for name in SHARED},
    )
