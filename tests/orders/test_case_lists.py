"""Which tab a case is in, in which order it is listed, paging, search, and the counts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shipboard.channels.case_contract import CaseStep
from shipboard.channels.contract import Stage
from shipboard.channels.models import Shop
from shipboard.orders.attempts import Attempt
from shipboard.orders.case_filters import CaseFilter, CaseTab, parse
from shipboard.orders.case_lists import (
    answerers,
    case_listing,
    cases_of,
    in_case_tab,
    of_shops,
    reasons,
    tab_counts,
)
from shipboard.orders.filters import BadFilter
from shipboard.orders.models import Case, Order
from tests import make

pytestmark = pytest.mark.django_db
NOW, HOUR = make.NOW, make.HOUR


@pytest.fixture
def shop() -> Shop:
    return make.shop(channel=Shop.Channel.TIKTOK)


def order(shop: Shop, number: int, **given: Any) -> Order:
    made = make.row(shop, str(number), **given)
    made.save()
    return made


def case(of: Order, **given: Any) -> Case:
    values: dict[str, Any] = {
        "kind": "cancellation",
        "case_id": f"4{of.order_id}",
        "is_open": True,
        "step": "cancel",
        "respond_by": NOW + HOUR,
        "changed_at": NOW,
    }
    return Case.objects.create(order=of, **values | given)


def answer(of: Case, **given: Any) -> Attempt:
    values: dict[str, Any] = {
        "kind": "answer",
        "state": "waiting",
        "shop": of.order.shop,
        "order": of.order,
        "case": of,
        "by": "mai",
        "asked_at": NOW,
        "due_at": NOW,
    }
    return Attempt.objects.create(**values | given)


def tab_of(one: Case) -> CaseTab:
    [tab] = [
        tab for tab in CaseTab if Case.objects.filter(in_case_tab(tab, NOW), pk=one.pk).exists()
    ]
    return tab


def ids(filter_: CaseFilter, shops: list[Shop]) -> list[str]:
    return [each.case_id for each in case_listing(filter_, NOW, shops).cases]


@pytest.mark.parametrize(
    ("of_order", "of_case", "tab"),
    [
        ({}, {}, CaseTab.TO_ANSWER),
        ({}, {"respond_by": None}, CaseTab.TO_ANSWER),
        ({}, {"respond_by": NOW - HOUR}, CaseTab.TO_ANSWER),
        ({"stage": Stage.DELIVERED}, {"kind": "return", "step": "return"}, CaseTab.TO_ANSWER),
        # Approves itself within the buyer's free hour.
        ({"stage": Stage.ON_HOLD, "hold_ends_at": NOW + HOUR}, {}, CaseTab.UNDER_WAY),
        ({"stage": Stage.ON_HOLD, "hold_ends_at": NOW - HOUR}, {}, CaseTab.TO_ANSWER),
        ({"is_platform_fulfilled": True}, {}, CaseTab.TO_ANSWER),
        ({}, {"is_open": False, "status": "BUYER_SHIPPED_ITEM"}, CaseTab.UNDER_WAY),
        ({}, {"is_open": False, "dispute": "in_progress"}, CaseTab.UNDER_WAY),
        ({}, {"is_open": False, "dispute": "support_buyer"}, CaseTab.DECIDED),
        ({}, {"is_open": False}, CaseTab.DECIDED),
        ({"stage": Stage.CANCELED}, {}, CaseTab.DECIDED),
        ({"stage": Stage.CLOSED}, {"kind": "refund"}, CaseTab.DECIDED),
    ],
)
def test_every_case_is_in_one_tab(
    shop: Shop, of_order: dict[str, Any], of_case: dict[str, Any], tab: CaseTab
) -> None:
    assert tab_of(case(order(shop, 1, **of_order), **of_case)) is tab
    assert tab_counts([shop], NOW) == {each: int(each is tab) for each in CaseTab}


@pytest.mark.parametrize(
    ("given", "tab"),
    [
        ({"state": "waiting"}, CaseTab.UNDER_WAY),
        ({"state": "unknown"}, CaseTab.UNDER_WAY),
        ({"state": "done", "ended_at": NOW + HOUR}, CaseTab.UNDER_WAY),
        ({"state": "done", "ended_at": NOW - HOUR}, CaseTab.TO_ANSWER),
        ({"state": "refused"}, CaseTab.TO_ANSWER),
        ({"state": "revoked"}, CaseTab.TO_ANSWER),
    ],
)
def test_an_answer_on_its_way_takes_it_from_the_list(
    shop: Shop, given: dict[str, Any], tab: CaseTab
) -> None:
    one = case(order(shop, 1))
    answer(one, **given)
    assert tab_of(one) is tab


def test_soonest_first_without_deadline_last_and_decided_newest_first(shop: Shop) -> None:
    for number, hours in enumerate((5, None, 1, None, -2)):
        by = None if hours is None else NOW + hours * HOUR
        case(order(shop, number), case_id=f"c{number}", respond_by=by)
        at = None if hours is None else NOW - hours * HOUR
        case(
            order(shop, 10 + number),
            case_id=f"d{number}",
            is_open=False,
            changed_at=at,
        )
    assert ids(CaseFilter(), [shop]) == ["c4", "c2", "c0", "c1", "c3"]
    assert ids(CaseFilter(tab=CaseTab.DECIDED), [shop]) == ["d4", "d2", "d0", "d3", "d1"]


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    hours=st.lists(st.none() | st.integers(-3, 3), max_size=45),
    tab=st.sampled_from([CaseTab.TO_ANSWER, CaseTab.DECIDED]),
)
def test_pages_forth_and_back_show_each_case_once(
    db: None, hours: list[int | None], tab: CaseTab
) -> None:
    Shop.objects.all().delete()
    shop = make.shop()
    is_open = tab is CaseTab.TO_ANSWER
    orders = Order.objects.bulk_create(make.row(shop, str(n)) for n in range(len(hours)))
    instants: list[datetime | None] = [
        None if each is None else NOW + timedelta(hours=each) for each in hours
    ]
    Case.objects.bulk_create(
        Case(order=of, kind="refund", is_open=is_open, respond_by=at, changed_at=at)
        for of, at in zip(orders, instants, strict=True)
    )
    filter_ = CaseFilter(tab=tab, per_page=20)
    pages, cursors, after = [], [], ""
    while True:
        found = case_listing(CaseFilter(tab=tab, per_page=20, after=after), NOW, [shop])
        pages.append([each.pk for each in found.cases])
        cursors.append(found.before)
        if not (after := found.after):
            break
    sign = 1 if is_open else -1

    def place(each: Case) -> tuple[bool, float, int]:
        at = each.respond_by if is_open else each.changed_at
        return at is None, sign * at.timestamp() if at else 0, sign * each.pk

    expected = [each.pk for each in sorted(Case.objects.all(), key=place)]
    assert [pk for page in pages for pk in page] == expected
    for before, page in zip(cursors[1:], pages, strict=False):
        back = case_listing(
            CaseFilter(tab=tab, per_page=filter_.per_page, before=before), NOW, [shop]
        )
        assert [each.pk for each in back.cases] == page


def test_filters(shop: Shop) -> None:
    case(order(shop, 1), case_id="a", reason="Changed my mind")
    case(order(shop, 2), case_id="b", kind="return", step="package", reason="Broken")
    # The channel says only that it waits: its kind tells for what.
    case(order(shop, 3), case_id="c", kind="refund", step="", reason="Broken")
    late = case(order(shop, 4), case_id="d", is_open=False)
    answer(late, state="done", ended_at=NOW - HOUR, by="lin")
    assert ids(parse([("kind", "return"), ("kind", "refund")]), [shop]) == ["b", "c"]
    assert ids(parse([("step", "refund")]), [shop]) == ["c"]
    assert ids(parse([("step", "package")]), [shop]) == ["b"]
    assert ids(parse([("reason", "Broken")]), [shop]) == ["b", "c"]
    assert ids(parse([("tab", "decided"), ("answered_by", "lin")]), [shop]) == ["d"]
    assert ids(parse([("tab", "decided"), ("answered_by", "mai")]), [shop]) == []
    assert reasons([shop], CaseTab.TO_ANSWER, NOW) == ["Broken", "Changed my mind"]
    assert answerers([shop]) == ["lin"]


def test_a_search_by_order_or_case_number_says_where_else(shop: Shop) -> None:
    case(order(shop, 11), case_id="4011")
    case(order(shop, 12), case_id="4012", is_open=False)
    assert ids(CaseFilter(q=("11",)), [shop]) == ["4011"]
    assert ids(CaseFilter(q=("4011",)), [shop]) == ["4011"]
    found = case_listing(CaseFilter(q=("4012", "nope")), NOW, [shop])
    assert (found.count, found.elsewhere) == (0, {CaseTab.DECIDED: 1})
    assert found.not_found == ("nope",)
    filter_ = parse([("q", "11 4012 not there"), ("q", '"1 2"')])
    assert filter_.q == ("11", "4012", "not", "there", "1", "2")
    assert case_listing(filter_, NOW, [shop]).not_found == ("not", "there", "1", "2")


def test_other_shops_are_not_counted_nor_found(shop: Shop) -> None:
    other = make.shop("Other")
    case(order(other, 1), case_id="theirs")
    assert ids(CaseFilter(), [shop]) == []
    assert ids(CaseFilter(q=("theirs",)), [shop]) == []
    assert not any(tab_counts([shop], NOW).values())
    with pytest.raises(BadFilter):
        case_listing(CaseFilter(shop=("other",)), NOW, [shop])


def test_the_shop_is_kept_with_the_case(shop: Shop) -> None:
    one = case(order(shop, 1))
    assert list(of_shops([shop])) == [one]
    assert Case.objects.values_list("shop", flat=True).get() == shop.pk


@pytest.mark.parametrize(
    "query",
    [
        [("tabs", "decided")],
        [("tab", "over")],
        [("kind", "exchange")],
        [("step", "wait")],
        [("q", "a\x00b")],
        [("after", "x"), ("before", "y")],
    ],
)
def test_what_is_not_understood_is_refused(query: list[tuple[str, str]]) -> None:
    with pytest.raises(BadFilter):
        parse(query)


def test_a_filter_reads_its_own_query_and_a_step_opens_to_answer() -> None:
    filter_ = CaseFilter(kind=(), step=(CaseStep.RETURN,), reason=("a & b",), q=("1", "2"))
    assert parse(parse_qsl(filter_.query())) == filter_
    assert parse([("tab", "decided"), ("step", "cancel")]).tab is CaseTab.TO_ANSWER
    with pytest.raises(BadFilter):
        case_listing(CaseFilter(after="nonsense"), NOW, [])


@pytest.mark.parametrize("many", [1, 3, 50])
def test_queries_are_constant(shop: Shop, many: int) -> None:
    for number in range(many):
        answer(case(order(shop, number)), state="refused")
    with CaptureQueriesContext(connection) as asked:
        found = case_listing(CaseFilter(), NOW, [shop])
    assert len(found.cases) == many
    assert len(asked) <= 14
    assert len(cases_of([found.cases[0].pk], NOW)) == 1
