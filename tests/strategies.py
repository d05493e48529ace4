"""Random accounts of a few orders, small enough that collisions, ties and gaps are common."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from hypothesis import strategies as st

from shipboard.channels.contract import (
    CaseFact,
    CaseKind,
    Deadlines,
    ItemFact,
    LineFact,
    OrderFact,
    OrderType,
    ParcelContent,
    ParcelFact,
    Shipping,
    Stage,
    StageSource,
)
from tests import make

instants = st.integers(0, 4).map(lambda hours: make.NOW + timedelta(hours=hours))
maybe = st.one_of(st.none(), instants)
words = st.sampled_from(["", "", "Xin", "Anna", "X**", "A*"])
amounts = st.sampled_from([Decimal(0), Decimal("9.5"), Decimal("9.50"), Decimal("1E+1")])
money = st.one_of(st.none(), amounts)


def items(sku: str) -> st.SearchStrategy[ItemFact]:
    return st.builds(
        ItemFact,
        sku_id=st.just(sku),
        seller_sku=st.sampled_from(["", "MUG"]),
        product_id=st.just(""),
        product_name=words,
        sku_name=words,
    )


def lines(sku: str) -> st.SearchStrategy[LineFact]:
    return st.builds(
        LineFact,
        item=items(sku),
        quantity=st.integers(1, 2),
        returned=st.integers(0, 1),
        unit_price=money,
        total=money,
        unit_ids=st.sampled_from([(), ("u1",), ("u1", "u2")]),
        extra=st.sampled_from([{}, {"Size": "L"}, {"Size": "XL"}]),
    )


line_sets = st.lists(st.sampled_from(["a", "b", "a"]), max_size=3).flatmap(
    lambda skus: st.tuples(*(lines(sku) for sku in skus))
)
contents = st.lists(st.builds(ParcelContent, st.integers(0, 2), st.integers(1, 2)), max_size=2).map(
    tuple
)
parcels = st.builds(
    ParcelFact,
    package_id=st.sampled_from(["", "P1", "P2"]),
    tracking_number=st.sampled_from(["", "T1", "t1", "T2"]),
    carrier=st.sampled_from(["", "DHL", "USPS"]),
    weight_kg=st.sampled_from([None, Decimal("0.5"), Decimal("1.25")]),
    contents=contents,
    is_unsent=st.booleans(),
)
cases = st.builds(
    CaseFact,
    kind=st.sampled_from([CaseKind.CANCELLATION, CaseKind.RETURN]),
    case_id=st.sampled_from(["", "1"]),
    is_open=st.booleans(),
    reason=st.sampled_from(["", "Late", "Broken"]),
    amount=money,
    respond_by=maybe,
)
recipients = st.dictionaries(st.sampled_from(["name", "phone", "city"]), words, max_size=3)


def facts(order_ids: tuple[str, ...] = ("1",)) -> st.SearchStrategy[OrderFact]:
    return st.builds(
        OrderFact,
        order_id=st.sampled_from(order_ids),
        as_of=instants,
        stage=st.sampled_from(list(Stage)),
        stage_source=st.sampled_from(list(StageSource)),
        status_words=st.sampled_from(["", "To ship", "Shipped"]),
        order_type=st.sampled_from([OrderType.NORMAL, OrderType.PRE_ORDER]),
        shipping=st.sampled_from(list(Shipping)),
        is_cod=st.booleans(),
        currency=st.sampled_from(["", "USD", "THB"]),
        total=money,
        charges=st.dictionaries(st.sampled_from(["taxes", "refund"]), amounts, max_size=2),
        created_at=instants,
        paid_at=maybe,
        arranged_at=maybe,
        delivered_at=maybe,
        canceled_by=st.sampled_from(["", "buyer"]),
        release_at=maybe,
        closes_at=maybe,
        deadlines=st.builds(Deadlines, ship_by=maybe, auto_cancel_at=maybe),
        warehouse=st.sampled_from(["", "East", "**East**"]),
        buyer_username=words,
        recipient=recipients,
        lines=line_sets,
        parcels=st.lists(parcels, max_size=3).map(tuple),
        cases=st.lists(cases, max_size=2).map(tuple),
        names_all_cases=st.booleans(),
        tells_all=st.booleans(),
        extra=st.dictionaries(st.sampled_from(["Nick.name", "Tag"]), words, max_size=2),
    )
