"""The channel's questions as calls, and the answers as records."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shipboard import clock
from shipboard.channels.case_contract import CaseStep
from shipboard.channels.contract import (
    CaseFact,
    CaseKind,
    Channel,
    ChannelFailure,
    Document,
    FailureKind,
    Shipping,
    Stream,
    WarehouseFact,
)
from shipboard.channels.models import Shop, Warehouse
from shipboard.channels.tiktok.channel import TikTokChannel
from tests import make
from tests.channels.tiktok.payloads import AT, HOUR, ID, NOW, FakeClient, at, order

pytestmark = pytest.mark.django_db
UNKNOWN = ChannelFailure(FailureKind.FINAL, operation="x", sentence="No.", code="36009010")
DENIED = ChannelFailure(FailureKind.AUTH, operation="x", sentence="No.", code="105002")
CASE = {"order_id": ID, "cancel_id": "C1", "cancel_status": "CANCELLATION_REQUEST_PENDING"}


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def shop() -> Shop:
    return make.shop(channel="tiktok")


def opened(shop: Shop, **answers: Any) -> tuple[Channel, FakeClient]:
    client = FakeClient(**answers)
    return TikTokChannel(shop, client), client  # type: ignore[arg-type]


def orders_page(*payloads: Any, **more: Any) -> dict[str, Any]:
    return {"orders": list(payloads)} | more


def test_changed_orders(shop: Shop) -> None:
    bad = order(id="5770", create_time=None)
    page = orders_page(order(), bad, next_page_token="t2", total_count=250)
    channel, client = opened(shop, search_orders=[page, orders_page()])
    told = channel.changed_orders(Stream.ORDERS, at(0), at(HOUR) + timedelta(milliseconds=400))
    assert [one.fact.order_id for one in told.heard] == [ID]
    assert told.heard[0].fact.as_of == NOW
    assert [(one.order_id, one.reason) for one in told.unheard] == [
        ("5770", "The order has no create_time.")
    ]
    assert (told.next_page, told.total, told.reached) == ("t2", 250, at(120))
    last = channel.changed_orders(Stream.CANCEL_REQUESTS, at(0), at(HOUR), "t2")
    assert (last.heard, last.next_page, last.total, last.reached) == ((), "", None, None)
    window = {"update_time_ge": AT, "update_time_lt": AT + HOUR + 1}
    common = {"page_size": 100, "sort_field": "update_time", "sort_order": "ASC"}
    assert client.asked == [
        ("search_orders", {**common, **window, "page_token": None}),
        (
            "search_orders",
            {**common, **window, "page_token": "t2", "is_buyer_request_cancel": True},
        ),
    ]


@pytest.mark.parametrize(
    ("times", "reached"),
    [([5, 5, 9], 9), ([5, 9, 7], None), ([5, None], None), ([5, "x"], None), ([], None)],
)
def test_how_far_a_page_reaches(shop: Shop, times: list[Any], reached: int | None) -> None:
    payloads = [
        order(id=str(5_000 + n), update_time=AT + one if isinstance(one, int) else one)
        for n, one in enumerate(times)
    ]
    channel, _ = opened(shop, search_orders=[orders_page(*payloads)])
    told = channel.changed_orders(Stream.ORDERS, at(0), at(HOUR))
    assert told.reached == (None if reached is None else at(reached))


def test_an_entry_that_is_no_object_has_no_time(shop: Shop) -> None:
    channel, _ = opened(shop, search_orders=[orders_page(order(), "?")])
    told = channel.changed_orders(Stream.ORDERS, at(0), at(HOUR))
    assert (len(told.heard), len(told.unheard), told.reached) == (1, 1, None)


def test_an_answer_that_is_no_page_is_a_failure(shop: Shop) -> None:
    channel, _ = opened(shop, search_orders=[{"orders": "none"}, {"orders": None}])
    with pytest.raises(ChannelFailure, match="orders is not a list"):
        channel.changed_orders(Stream.ORDERS, at(0), at(HOUR))
    assert channel.changed_orders(Stream.ORDERS, at(0), at(HOUR)).heard == ()


def test_changed_cases(shop: Shop) -> None:
    returned = {"order_id": ID, "return_id": "R1", "update_time": AT + 5}
    channel, client = opened(
        shop,
        search_cancellations=[{"cancellations": [CASE, {"order_id": ID}], "next_page_token": "n"}],
        search_returns=[{"return_orders": [returned]}],
    )
    told = channel.changed_cases(Stream.CANCELLATIONS, at(0), at(HOUR))
    case = CaseFact(
        kind=CaseKind.CANCELLATION,
        case_id="C1",
        is_open=True,
        step=CaseStep.CANCEL,
        status=CASE["cancel_status"],
    )
    assert told.cases == ((ID, case),)
    assert [one.reason for one in told.unheard] == ["The case has no cancel_id."]
    assert (told.next_page, told.reached) == ("n", None)
    told = channel.changed_cases(Stream.RETURNS, at(0), at(HOUR), "t")
    assert (told.cases[0][1].case_id, told.reached) == ("R1", at(5))
    assert client.asked[1] == (
        "search_returns",
        {
            "page_size": 50,
            "page_token": "t",
            "sort_field": "update_time",
            "sort_order": "ASC",
            "update_time_ge": AT,
            "update_time_lt": AT + HOUR + 1,
        },
    )


def test_all_cancellations_of_many_orders(shop: Shop) -> None:
    ids = [str(5_000 + n) for n in range(60)]
    pages = [
        {"cancellations": [{**CASE, "order_id": ids[0]}], "next_page_token": "n"},
        {"cancellations": [{**CASE, "order_id": ids[1]}]},
        {"cancellations": [{**CASE, "order_id": ids[55]}]},
    ]
    channel, client = opened(shop, search_cancellations=pages)
    told = channel.cases_of([*ids, ids[0]])
    assert [order_id for order_id, _ in told.cases] == [ids[0], ids[1], ids[55]]
    assert told.next_page == ""
    assert [asked["order_ids"] for _, asked in client.asked] == [ids[:50], ids[:50], ids[50:]]
    assert [asked["page_token"] for _, asked in client.asked] == [None, "n", None]


def test_pages_without_an_end_are_a_failure(shop: Shop) -> None:
    endless = [{"cancellations": [], "next_page_token": "n"}] * 30
    channel, _ = opened(shop, search_cancellations=endless)
    with pytest.raises(ChannelFailure, match="no end"):
        channel.cases_of([ID])


def test_orders_with_their_cases(shop: Shop) -> None:
    asks = order(is_buyer_request_cancel=True)
    channel, client = opened(shop, order_detail=[orders_page(asks), orders_page(asks)])
    case = CaseFact(kind=CaseKind.CANCELLATION, case_id="C1", is_open=True)
    told = channel.orders([ID], {ID: [case]})
    assert told.heard[0].fact.cases == (case,)
    assert channel.orders([ID]).heard[0].fact.cases[0].case_id == ""
    assert client.asked[0] == ("order_detail", {"ids": [ID]})


def test_fifty_orders_a_call(shop: Shop) -> None:
    ids = [str(5_000 + n) for n in range(101)]
    channel, client = opened(shop, order_detail=[orders_page()] * 3)
    assert channel.orders(ids).heard == ()
    assert [len(asked["ids"]) for _, asked in client.asked] == [50, 50, 1]


def test_an_order_that_is_not_known_is_absent(shop: Shop) -> None:
    answers = [UNKNOWN, orders_page(order()), UNKNOWN]
    channel, client = opened(shop, order_detail=answers)
    told = channel.orders([ID, "5999"])
    assert [one.fact.order_id for one in told.heard] == [ID]
    assert [asked["ids"] for _, asked in client.asked] == [[ID, "5999"], [ID], ["5999"]]
    channel, _ = opened(shop, order_detail=[UNKNOWN])
    assert channel.orders(["5999"]).heard == ()


def test_when_every_order_is_refused_it_is_not_the_orders(shop: Shop) -> None:
    channel, _ = opened(shop, order_detail=[UNKNOWN] * 11)
    with pytest.raises(ChannelFailure):
        channel.orders([str(5_000 + n) for n in range(10)])


def test_other_failures_are_passed_on(shop: Shop) -> None:
    channel, _ = opened(shop, order_detail=[DENIED, UNKNOWN, DENIED], search_orders=[DENIED])
    with pytest.raises(ChannelFailure):
        channel.orders([ID, "5999"])
    with pytest.raises(ChannelFailure):
        channel.orders([ID, "5999"])
    with pytest.raises(ChannelFailure):
        channel.changed_orders(Stream.ORDERS, at(0), at(HOUR))


def test_warehouses_each_by_a_name_of_its_own(shop: Shop) -> None:
    rows = [
        {"id": "7301", "name": "Main", "type": "SALES_WAREHOUSE", "address": {"region_code": "US"}},
        {"id": "7302", "name": "Main", "type": "SALES_WAREHOUSE", "address": {"region": "China"}},
        {"id": "7303", "name": "Main", "type": "RETURN_WAREHOUSE"},
        {"id": "7304", "name": None, "address": {"region_code": "UK"}},
        {"id": "7305", "name": "York", "address": {"region": "United Kingdom"}},
        {"name": "Nowhere"},
    ]
    channel, _ = opened(shop, warehouses=[{"warehouses": rows}, {"warehouses": [{"id": {}}]}, {}])
    assert channel.warehouses() == (
        WarehouseFact(remote_id="7301", name="Main (7301)", country="US"),
        WarehouseFact(remote_id="7302", name="Main (7302)"),
        WarehouseFact(remote_id="7304", name="7304", country="GB"),
        WarehouseFact(remote_id="7305", name="York", country="GB"),
    )
    with pytest.raises(ChannelFailure, match="id is not an id"):
        channel.warehouses()
    assert channel.warehouses() == ()


def test_orders_carry_the_names_of_warehouses(shop: Shop) -> None:
    Warehouse.objects.create(shop=shop, name="Portland", remote_id="7300000000000000001")
    channel, _ = opened(shop, order_detail=[orders_page(order())])
    assert channel.orders([ID]).heard[0].fact.warehouse == "Portland"


@pytest.mark.parametrize(
    ("status", "finer", "is_arranged", "is_arranging"),
    [
        ("TO_FULFILL", "STOCKING", False, False),
        ("TO_FULFILL", "RTSING", False, True),
        ("PROCESSING", "RTSING", False, True),
        ("PROCESSING", None, True, False),
        ("TO_FULFILL", "RTS", True, False),
        ("COMPLETED", "DELIVERED", True, False),
        ("CANCELLED", "CANCELLED", False, False),
        (None, None, False, False),
    ],
)
def test_a_package(
    shop: Shop, status: str | None, finer: str | None, is_arranged: bool, is_arranging: bool
) -> None:
    answer = {
        "package_id": "1151",
        "package_status": status,
        "package_sub_status": finer,
        "orders": [{"id": ID}],
        "tracking_number": "T1",
    }
    channel, client = opened(shop, package_detail=[answer])
    told = channel.package("1151")
    assert (told.is_arranged, told.is_arranging) == (is_arranged, is_arranging)
    assert (told.order_ids, told.tracking_number) == ((ID,), "T1")
    assert client.asked == [("package_detail", {"package_id": "1151"})]


def test_a_package_without_an_id_is_a_failure(shop: Shop) -> None:
    channel, _ = opened(shop, package_detail=[{}])
    with pytest.raises(ChannelFailure, match="no package_id"):
        channel.package("1151")


def test_documents(shop: Shop) -> None:
    url = "https://files.example.com/1"
    answer = {"doc_url": url, "tracking_number": "T1"}
    channel, client = opened(shop, shipping_document=[answer, answer, {"doc_url": ""}])
    client.files[url] = b"%PDF-1.4 label"
    assert channel.document("1151") == Document(
        content=b"%PDF-1.4 label", media_type="application/pdf", tracking_number="T1"
    )
    client.files[url] = b"<html>Gone</html>"
    with pytest.raises(ChannelFailure, match="no PDF"):
        channel.document("1151")
    with pytest.raises(ChannelFailure) as raised:
        channel.document("1151")
    assert raised.value.kind is FailureKind.NOT_READY
    asked = {"package_id": "1151", "document_type": "SHIPPING_LABEL"}
    assert client.asked[0] == ("shipping_document", asked)


def test_capabilities_follow_the_shops_region(shop: Shop) -> None:
    channel, _ = opened(shop)
    assert channel.capabilities(Shipping.PLATFORM).rate_quotes
    assert not channel.capabilities(Shipping.SELLER).platform_label
