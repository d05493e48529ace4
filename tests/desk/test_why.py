"""Why is it here: every badge, clock, card and refusal of an order says its rule, its instants and
who said so; on one page, and one by one for the popover.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shipboard.channels.contract import (
    PARCEL_TROUBLE,
    CaseFact,
    CaseKind,
    Deadlines,
    OrderFact,
    OrderType,
    ParcelContent,
    Shipping,
    Stage,
    StageSource,
)
from shipboard.channels.models import Shop
from shipboard.desk.order_detail import actions_of
from shipboard.desk.rows import row_of
from shipboard.desk.why import Accounts, accounts_of
from shipboard.desk.why_badges import of_badges
from shipboard.desk.why_cards import of_cards
from shipboard.desk.why_page import explained
from shipboard.desk.why_verbs import of_verbs
from shipboard.ingest.apply import Source, apply
from shipboard.ingest.models import OrderImport
from shipboard.orders.cards import Card, cards_of
from shipboard.orders.flags import set_flag
from shipboard.orders.holds import place_hold
from shipboard.orders.models import Colour, Order
from shipboard.orders.notes import add_note
from shipboard.orders.parts import with_parts
from tests import make

pytestmark = pytest.mark.django_db
SOURCE = Source(by="tests", now=make.NOW)
ID = "576000000000000001"
WHY = f"/orders/{ID}/why/?shop=northwind"
HOUR, DAY = make.HOUR, timedelta(days=1)


def stored(shop: Shop | None = None, **given: Any) -> Order:
    apply(shop or make.shop(), [make.order(**given)], SOURCE)
    return read()


def read(order_id: str = ID) -> Order:
    (order,) = with_parts(Order.objects.filter(order_id=order_id), make.NOW)
    return order


def one(desk: Client, key: str) -> str:
    answer = desk.get(f"{WHY}&of={key}", headers={"HX-Target": "why-shown"})
    assert answer.status_code == 200, key
    return text(answer.content.decode())


def text(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page))).replace(" .", ".")


#: Orders that between them have every badge a row can have.
ODD: tuple[dict[str, Any], ...] = (
    {
        "stage": Stage.ON_HOLD,
        "paid_at": make.NOW - 3 * HOUR,
        "is_cod": False,
        "buyer_message": "Please wrap it",
        "seller_note": "Fragile",
    },
    {
        "stage": Stage.PENDING_COLLECTION,
        "arranged_at": make.NOW - 5 * HOUR,
        "deadlines": Deadlines(collect_by=make.NOW - HOUR, auto_cancel_at=make.NOW + HOUR),
        "extra": {PARCEL_TROUBLE: "damaged"},
        "parcels": (make.parcel(), make.parcel(package_id="2", tracking_number="9405511899")),
    },
    {
        "stage": Stage.AWAITING_SHIPMENT,
        "stage_source": StageSource.DERIVED,
        "shipping": Shipping.SELLER,
        "is_cod": True,
        "order_type": OrderType.PRE_ORDER,
        "lines": (make.line(unit_price=Decimal(0)),),
        "deadlines": Deadlines(ship_by=make.NOW - HOUR, auto_cancel_at=make.NOW + 5 * DAY),
        "cases": (
            CaseFact(
                kind=CaseKind.CANCELLATION,
                case_id="41",
                is_open=True,
                reason="Found it cheaper",
                requested_at=make.NOW - HOUR,
                respond_by=make.NOW + 23 * HOUR,
            ),
        ),
    },
    {
        "stage": Stage.DELIVERED,
        "delivered_at": make.NOW - 2 * DAY,
        "cases": (
            CaseFact(kind=CaseKind.RETURN, case_id="7", is_open=True, respond_by=make.NOW + DAY),
        ),
    },
    {
        "stage": Stage.AWAITING_SHIPMENT,
        "created_at": make.NOW - 90 * HOUR,
        "as_of": make.NOW - 80 * HOUR,
    },
)
#: What these have; together with the keys that carry a number.
KINDS = {
    "presumed",
    "presumed-canceled",
    "held",
    "combined",
    "trouble",
    "decision",
    "uncollected",
    "derived",
    "cod",
    "type",
    "split",
    "gift",
    "message",
    "seller-note",
    "notes",
    "case",
}


def every_kind() -> list[Order]:
    shop = make.shop()
    shared = make.parcel(package_id="77", tracking_number="", contents=(ParcelContent(0, 1),))
    facts: list[OrderFact] = [
        make.order(str(number), **given) for number, given in enumerate(ODD, 1)
    ]
    facts += [make.order(each, parcels=(shared,)) for each in ("8", "9")]
    apply(shop, facts, SOURCE)
    held = read("8")
    place_hold(held, reason="Ask first", by="mai", now=make.NOW, remind_at=make.NOW + HOUR)
    add_note(held, text="Blue box", by="linh", now=make.NOW)
    set_flag(held, Colour.RED, by="mai", now=make.NOW)
    return with_parts(Order.objects.order_by("pk"), make.NOW)


def test_every_badge_of_every_row_is_explained() -> None:
    seen = set()
    for order in every_kind():
        row = row_of(order, make.NOW)
        whys = {each.key: each for each in of_badges(order, row, accounts_of(order), make.NOW)}
        for mark in row.marks:
            seen.add(re.sub(r"-\d+$", "", mark.key))
            assert whys[mark.key].rule, mark.key
            assert whys[mark.key].sources, mark.key
        clocks = [each for each in (row.clock, row.auto_cancel, row.answer) if each]
        keys = {why.key for part in explained(order, make.NOW) for why in part.whys}
        assert {each.key for each in clocks} <= keys
    assert seen == KINDS


def test_everything_that_asks_on_a_page_gets_an_answer(desk: Client) -> None:
    """Whatever a list, a card, a page or a drawer links to has its explanation, with its source."""
    orders = every_kind()
    known = {
        (order.order_id, why.key): why
        for order in orders
        for part in explained(order, make.NOW)
        for why in part.whys
    }
    paths = ["/orders/?tab=all", "/orders/?tab=all&view=card"]
    paths += [f"/orders/{order.order_id}/?shop=northwind" for order in orders]
    pages = [desk.get(path).content.decode() for path in paths]
    pages.append(desk.get(paths[-1], headers={"HX-Target": "drawer-body"}).content.decode())
    asked = {
        (address[1], unescape(address[2]))
        for page in pages
        for address in re.finditer(
            r'data-asks="/orders/(\w+)/why/\?shop=northwind&amp;of=([^"]+)"', page
        )
    }
    assert len(asked) > 60
    for each in asked:
        assert known[each].rule, each
        assert known[each].sources, each
    assert not [page for page in pages if page.count("data-asks") != page.count("why-link")]


def test_without_a_script_a_link_leads_to_the_page_of_all_of_them(desk: Client) -> None:
    stored(deadlines=Deadlines(ship_by=make.NOW - HOUR, auto_cancel_at=make.NOW + HOUR))
    page = desk.get("/orders/?tab=all").content.decode()
    assert f'href="{WHY.replace("&", "&amp;")}&amp;of=stage#why-stage"' in page
    answer = desk.get(f"{WHY}&of=stage")
    page = answer.content.decode()
    for key in ("stage", "clock-ship_by", "card-overdue", "card-ship_24h", "verb-cancel"):
        assert f'id="why-{key}"' in page
    said = text(page)
    assert (
        "It counts once in each of 2 cards of the board: Auto-cancel within 24 hours, Overdue."
        in (said)
    )
    assert "Not under Ship within 24 hours" in said
    assert "its ship-by is past" in said


def test_an_explanation_that_is_over_says_so(desk: Client) -> None:
    stored()
    gone = desk.get(f"{WHY}&of=held", headers={"HX-Target": "why-shown"})
    assert gone.status_code == 404
    assert "not said of it any more" in gone.content.decode()
    page = desk.get(f"{WHY}&of=held")
    assert page.status_code == 200
    assert "not said of it any more" in text(page.content.decode())


@pytest.mark.parametrize("given", ODD)
def test_the_cards_of_an_order_are_the_boards(given: dict[str, Any]) -> None:
    order = stored(**given)
    on = cards_of(order.pk, make.NOW)
    whys = of_cards(order, on, Accounts(), make.NOW)
    assert [each.key for each in whys] == [f"card-{card.value}" for card in Card]
    assert {each.key for each in whys if each.is_so} == {f"card-{card.value}" for card in on}
    assert all(each.because and each.rule for each in whys)


def test_the_source_is_the_account_that_said_it_and_its_instant(desk: Client) -> None:
    """The stage from the newest file, the message from an older one."""
    shop = make.shop(timezone="Asia/Ho_Chi_Minh")
    older, newer = make.NOW - 5 * HOUR, make.NOW - HOUR
    apply(shop, [make.order(as_of=older, buyer_message="Gift wrap")], SOURCE)
    apply(shop, [make.order(as_of=newer)], SOURCE)
    for at, name in ((older, "monday.csv"), (newer, "tuesday.xlsx")):
        OrderImport.objects.create(
            shop=shop, by="mai", file_name=name, size=1, as_of=at, queued_at=at, state="done"
        )
    assert "the imported file tuesday.xlsx, as of Sun 22 Nov 18:00 UTC+7" in one(desk, "stage")
    assert "the imported file monday.csv, as of Sun 22 Nov 14:00 UTC+7" in one(desk, "message")


def test_a_deadline_names_the_rule_of_the_shop_or_the_channel() -> None:
    ours = stored()
    (rule, said) = Accounts().deadline(ours, "ship_by")
    assert rule.who == "the rules of Northwind: flat hours from the order's creation"
    assert said.as_of == make.NOW
    theirs = stored(ours.shop, as_of=make.NOW + HOUR, deadlines=Deadlines(ship_by=make.NOW))
    (said,) = Accounts("TikTok Shop").deadline(theirs, "ship_by")
    assert (said.who, said.as_of) == ("TikTok Shop", make.NOW + HOUR)


@pytest.mark.parametrize(
    ("given", "verb", "said", "moment"),
    [
        ({"stage": Stage.UNPAID, "paid_at": None}, "add_shipment", "has not paid", None),
        ({"stage": Stage.ON_HOLD, "paid_at": make.NOW}, "add_shipment", "On hold", "Hold ends"),
        ({"stage": Stage.ON_HOLD}, "add_shipment", "over by the clock", "Hold over by the clock"),
        (
            {"stage": Stage.IN_TRANSIT, "collected_at": make.NOW},
            "add_shipment",
            "on its way",
            "Collected",
        ),
        (
            {"stage": Stage.DELIVERED, "delivered_at": make.NOW - 20 * DAY},
            "add_shipment",
            "after-sales window is over",
            "After-sales window over",
        ),
        ({"cases": ODD[2]["cases"]}, "add_shipment", "asks to cancel", "Answer by"),
        ({"is_platform_fulfilled": True}, "add_shipment", "own warehouse", None),
    ],
)
def test_a_refusal_says_what_it_rests_on(
    given: dict[str, Any], verb: str, said: str, moment: str | None
) -> None:
    order = stored(shipping=Shipping.SELLER, **given)
    whys = of_verbs(order, actions_of(order, make.NOW), Accounts(), make.NOW)
    (found,) = [each for each in whys if each.key == f"verb-{verb}"]
    assert said in found.because
    assert found.sources
    assert moment is None or moment in {each.label for each in found.moments}


def test_a_hold_of_ours_is_what_its_refusal_rests_on(desk: Client) -> None:
    order = stored(shipping=Shipping.SELLER)
    place_hold(order, reason="Wait", by="mai", now=make.NOW - HOUR, until=make.NOW + HOUR)
    said = one(desk, "verb-add_shipment")
    assert "release the hold first" in said
    assert "Held since Sun 22 Nov 11:00 UTC (1 h ago)" in said
    assert "Until Sun 22 Nov 13:00 UTC ( 1h 0m left)" in said
    assert "Source: mai, here" in said


def test_a_shop_fed_by_files_presumes_and_no_screen_states_it(desk: Client) -> None:
    late = {"created_at": make.NOW - 90 * HOUR, "as_of": make.NOW - 80 * HOUR}
    stored(**late)
    for path in ("/orders/?tab=pending_shipping", f"/orders/{ID}/", WHY):
        said = text(desk.get(path).content.decode())
        assert "resumed auto-canceled" in said, path
        assert "was canceled" not in said, path
        assert "The order is canceled" not in said, path
    board = desk.get("/orders/?tab=canceled").content.decode()
    assert 'data-tab="canceled" data-count="0"' in board
    assert 'data-tab="pending_shipping" data-count="1"' in board
    said = one(desk, "presumed-canceled")
    assert "presumed and no fact" in said
    assert "Automatic cancellation Sun 22 Nov" not in said
    # Newer news that still shows it ends the presumption.
    stored_again = make.order(created_at=late["created_at"], as_of=make.NOW - HOUR)
    apply(Shop.objects.get(), [stored_again], SOURCE)
    said = text(desk.get(f"/orders/{ID}/").content.decode())
    assert "resumed auto-canceled" not in said
    assert "passed, and the channel still shows the order" in said


def test_a_connected_shop_never_presumes(desk: Client) -> None:
    shop = make.shop(channel="tiktok", remote_id="1")
    stored(shop, created_at=make.NOW - 90 * HOUR, as_of=make.NOW - 80 * HOUR)
    for path in ("/orders/?tab=all", f"/orders/{ID}/", WHY):
        assert "resumed auto-canceled" not in desk.get(path).content.decode()


def test_a_case_has_its_clock_on_the_row_and_the_page(desk: Client) -> None:
    stored(**ODD[2])
    row = row_of(read(), make.NOW)
    assert row.answer
    assert row.answer.at == make.NOW + 23 * HOUR
    page = text(desk.get("/orders/?tab=all").content.decode())
    assert "Answer by" in page
    assert "23h 0m" in page
    page = text(desk.get(f"/orders/{ID}/").content.decode())
    assert "Answer the cancellation Mon 23 Nov 11:00 UTC ( 23h 0m )" in page
    assert "No answer by then: approved automatically" in page


def test_the_board_says_its_clock_and_how_cards_overlap(desk: Client) -> None:
    stored()
    said = text(desk.get("/orders/?tab=all").content.decode())
    assert "An order counts in every card whose rule it meets" in said
    assert "Counted at 22 Nov 12:00 UTC; the 24 hours end 23 Nov 12:00 UTC." in said


def test_explaining_takes_as_many_queries_whatever_there_is_to_explain(desk: Client) -> None:
    shop = make.shop()
    apply(shop, [make.order("1"), make.order("2", **ODD[2])], SOURCE)
    taken = []
    for order_id in ("1", "2"):
        with CaptureQueriesContext(connection) as queries:
            path = f"/orders/{order_id}/why/?of=stage"
            desk.get(path, headers={"HX-Target": "why-shown"})
        taken.append(len(queries))
    assert taken[0] == taken[1] <= 24


def test_what_is_unknown_is_a_sentence_too() -> None:
    shop = make.shop(dispatch_hours=None, auto_cancel_hours=None)
    order = stored(shop)
    whys = {each.key: each for each in of_cards(order, frozenset(), Accounts(), make.NOW)}
    assert "is not known" in whys["card-overdue"].because
    parts = {part.title: part for part in explained(order, make.NOW)}
    assert parts["Clocks"].whys == []
    assert parts["Clocks"].none
    assert isinstance(order.as_of, datetime)
