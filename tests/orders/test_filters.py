"""The query string: what it means, what it refuses, and that it comes back unchanged."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipboard.channels.contract import CaseKind, OrderType, Shipping, Stage
from shipboard.orders.cards import Card
from shipboard.orders.filters import (
    PER_PAGE,
    READERS,
    BadFilter,
    CanceledBy,
    Contents,
    FlagChoice,
    Has,
    Held,
    OrderFilter,
    Packages,
    Sort,
    SortKey,
    parse,
)
from shipboard.orders.stages import STAGES_OF, Tab

words = (
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
    .map(str.strip)
    .filter(bool)
)
many_words = st.lists(words, max_size=3, unique=True).map(tuple)
days = st.dates(date(1990, 1, 1), date(2990, 1, 1))


def some(of: Any) -> st.SearchStrategy[Any]:
    return st.lists(
        st.sampled_from([each for each in of if each.value]), max_size=3, unique=True
    ).map(tuple)


def one(of: Any) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), st.sampled_from(list(of)))


def ends() -> st.SearchStrategy[tuple[date | None, date | None]]:
    return st.tuples(st.one_of(st.none(), days), st.one_of(st.none(), days)).map(
        lambda two: two if None in two else (min(two), max(two))  # type: ignore[type-var]
    )


@st.composite
def filters(draw: st.DrawFn) -> OrderFilter:
    tab = draw(st.sampled_from(list(Tab)))
    stages = draw(some(STAGES_OF.get(tab, tuple(Stage))))
    between = {name: draw(ends()) for name in ("created", "paid", "ship_by")}
    return OrderFilter(
        tab=tab,
        stage=stages,
        urgency=draw(one(Card)),
        q=draw(many_words),
        shop=draw(many_words),
        shipping=draw(some(Shipping)),
        carrier=draw(many_words),
        warehouse=draw(many_words),
        delivery_option=draw(many_words),
        order_type=draw(some(OrderType)),
        contents=draw(one(Contents)),
        packages=draw(one(Packages)),
        has=draw(some(Has)),
        held=draw(one(Held)),
        flag=draw(some(FlagChoice)),
        canceled_by=draw(some(CanceledBy)),
        case=draw(some(CaseKind)),
        currency=draw(st.sampled_from([(), ("USD",), ("THB", "USD")])),
        sort=draw(st.one_of(st.none(), st.builds(Sort, st.sampled_from(SortKey), st.booleans()))),
        per_page=draw(st.sampled_from(PER_PAGE)),
        after=draw(st.sampled_from(["", "abc~def"])),
        **{f"{name}_from": first for name, (first, _) in between.items()},
        **{f"{name}_to": last for name, (_, last) in between.items()},
    )


@given(filters())
def test_a_filter_comes_back_from_its_query_string(filter_: OrderFilter) -> None:
    assert parse(filter_.query(after=filter_.after)) == filter_
    assert parse(filter_.query()).after == ""


@given(st.text(max_size=80))
def test_any_text_is_a_filter_or_refused_in_words(text: str) -> None:
    read_or_refused(text)


@given(st.lists(st.tuples(st.sampled_from(list(READERS)), st.text(max_size=12)), max_size=4))
def test_any_value_is_read_or_refused_by_name(pairs: list[tuple[str, str]]) -> None:
    said = read_or_refused(pairs)
    names = {name.removesuffix("_from") for name, _ in pairs}
    assert not said or any(name in said for name in names)


def read_or_refused(query: str | list[tuple[str, str]]) -> str:
    """Blank when the query is a filter, else what the refusal says; nothing else may happen."""
    try:
        parse(query)
    except BadFilter as problem:
        return str(problem) or "nothing"
    return ""


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {}),
        ("tab=pending_shipping", {"tab": Tab.PENDING_SHIPPING}),
        ("tab=", {}),
        ("tab=shipped&tab=shipped", {"tab": Tab.SHIPPED}),
        ("stage=in_transit&stage=in_transit", {"stage": (Stage.IN_TRANSIT,)}),
        ("tab=shipped&stage=unpaid", {"stage": (Stage.UNPAID,)}),
        ("tab=shipped&stage=in_transit&stage=unpaid", {"stage": (Stage.IN_TRANSIT, Stage.UNPAID)}),
        ("q=a,b&q=c", {"q": ("a", "b", "c")}),
        ('q="a&q=b"', {"q": ('"a', 'b"')}),
        ("currency=usd", {"currency": ("USD",)}),
        ("sort=-total", {"sort": Sort(SortKey.TOTAL, descending=True)}),
        ("per_page=100", {"per_page": 100}),
        ("created_from=2026-11-01", {"created_from": date(2026, 11, 1)}),
        ("carrier=USPS&carrier=&carrier=DHL", {"carrier": ("USPS", "DHL")}),
    ],
)
def test_what_a_query_string_means(query: str, expected: dict[str, Any]) -> None:
    assert parse(query) == OrderFilter(**expected)


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("tabb=shipped", "'tabb' is not a filter"),
        ("Tab=shipped", "'Tab' is not a filter"),
        ("tab=shiped", "tab=shiped is not known"),
        ("tab=shipped&tab=all", "tab can be given once"),
        ("stage=shipped", "stage=shipped is not known"),
        ("shipping=pigeon", "shipping=pigeon is not known; shipping can be seller, platform"),
        ("held=maybe", "held=maybe is not known; held can be yes, no, due"),
        ("held=yes&held=no", "held can be given once"),
        ("flag=pink", "flag=pink is not known; flag can be red, orange"),
        ("case=divorce", "case=divorce"),
        ("has=everything", "has=everything"),
        ("packages=three", "packages=three"),
        ("canceled_by=me", "canceled_by=me"),
        ("currency=dollars", "currency=dollars is not a currency"),
        ("sort=price", "sort=price is not known"),
        ("sort=--total", "sort=--total"),
        ("per_page=10", "per_page=10 is not offered"),
        ("view=tiles", "view=tiles"),
        ("created_from=11/01/2026", "created_from=11/01/2026 is not a day"),
        ("created_from=2026-02-30", "created_from=2026-02-30 is not a day"),
        ("created_from=0001-01-01", "created_from=0001-01-01 is not a day"),
        ("created_to=9999-12-31", "created_to=9999-12-31 is not a day"),
        ("paid_from=2026-11-02&paid_to=2026-11-01", "paid_from=2026-11-02 is after"),
        ("q=a%00b", "q holds a character that no order can hold"),
    ],
)
def test_what_is_refused_and_how(query: str, named: str) -> None:
    with pytest.raises(BadFilter) as refused:
        parse(query)
    assert named in str(refused.value)


def test_half_characters_of_a_command_line_are_refused() -> None:
    with pytest.raises(BadFilter, match="q holds a character"):
        parse([("q", "\udc80")])


def test_too_many_values_are_refused() -> None:
    with pytest.raises(BadFilter, match="1,001 values"):
        parse([("q", ",".join(map(str, range(1001))))])


def test_each_tab_has_its_sort() -> None:
    assert OrderFilter(tab=Tab.PENDING_SHIPPING).sorting == Sort(SortKey.SHIP_BY)
    assert OrderFilter(tab=Tab.SHIPPED).sorting == Sort(SortKey.CREATED, descending=True)


def test_only_panel_and_search_narrow() -> None:
    assert not parse("tab=shipped&stage=in_transit&sort=paid&per_page=20").is_narrowed()
    assert parse("held=no").is_narrowed()
    assert parse("q=x").is_narrowed()
