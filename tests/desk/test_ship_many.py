"""Shipping many: what a paste says, what the grid leaves out, what is said while it is typed into,
and that one form is one run.
"""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from shipboard.accounts.models import User
from shipboard.accounts.roles import Role
from shipboard.channels.contract import CaseFact, CaseKind, Shipping, Stage
from shipboard.channels.models import Carrier, Shop
from shipboard.desk.ship_paste import ONE_ONLY, pasted
from shipboard.fulfilment.models import Run, RunRow
from shipboard.ingest.apply import Source, apply
from shipboard.orders.models import Order
from tests import make
from tests.ingest.fake_channel import connected_shop

pytestmark = pytest.mark.django_db
#: Of USPS, with right check digits.
USPS = ("9400111899223100000000", "9400111899223100000017", "9400111899223100000024")
UPS = "1Z999AA10123456784"
#: Queries of opening the grid, and of a check, whatever is in it.
OPENED, CHECKED = 13, 13


@pytest.fixture
def shop(db: None) -> Shop:
    return make.shop()


def take(shop: Shop, *order_ids: str, **given: Any) -> list[int]:
    values = {"shipping": Shipping.SELLER} | given
    apply(
        shop,
        [make.order(each, **{"buyer_username": f"b{each}", **values}) for each in order_ids],
        Source(by="tests", now=make.NOW),
    )
    found = dict(Order.objects.filter(shop=shop).values_list("order_id", "pk"))
    return [found[each] for each in order_ids]


def grid(pks: list[int], *numbers: str, **given: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {"order": pks, "key": uuid4()}
    fields |= {f"number-{pk}": number for pk, number in zip(pks, numbers, strict=False)}
    return fields | given


def page_of(client: Client, path: str, fields: dict[str, Any]) -> str:
    return client.post(path, fields).content.decode()


def verdict(client: Client, fields: dict[str, Any], pk: int) -> dict[str, Any]:
    return dict(client.post("/ship/check/", fields).json()[str(pk)])


# --- pasting ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        (
            "576001\t9400 1118 99\n576002\t1Z9",
            [("576001", "9400 1118 99", ""), ("576002", "1Z9", "")],
        ),
        ("576001,9400,USPS", [("576001", "9400", "USPS")]),
        ("576001;9400", [("576001", "9400", "")]),
        ("576001   9400 11", [("576001", "9400 11", "")]),
        ("Order\tNumber\n576001\t00940", [("576001", "00940", "")]),
        ("Tracking ID\tx\tOrder ID\n9400\ty\t576001", [("576001", "9400", "")]),
        ('\'576001\t"9400"\r\n\r\n', [("576001", "9400", "")]),
    ],
)
def test_what_a_paste_says(text: str, pairs: list[tuple[str, str, str]]) -> None:
    read = pasted(text)
    assert [(each.order_id, each.tracking_number, each.carrier) for each in read.pairs] == pairs
    assert not read.problems


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("9400111899223100000001", 1, ONE_ONLY),
        ("576001\t9400\n\t9401", 2, ONE_ONLY),
        ("5.76E+17\t9400", 1, "rounded this number"),
        ("576001\t9.4E+21", 1, "rounded this number"),
        ("576001\ta1\tb\tc", 1, "more than three columns"),
        ("576001\t9400\n576001\t9400", 2, "repeats line 1"),
        ("576001\t9400\n576001\t9401", 1, "Lines 1, 2 give this order different numbers"),
    ],
)
def test_what_is_not_taken_is_listed(text: str, line: int, said: str) -> None:
    (problem, *_) = pasted(text).problems
    assert problem.line == line
    assert said in problem.sentence


def test_what_is_too_long_is_not_read() -> None:
    long = f"576001\t{'9,' * 1_000}"
    read = pasted(f"{long}\n576002\t9401")
    assert [each.order_id for each in read.pairs] == ["576002"]
    (problem,) = read.problems
    assert (problem.line, "longer than 2,000 signs" in problem.sentence) == (1, True)
    assert len(problem.text) < 100
    read = pasted("576001\t9400\n" * 90_000)
    assert not read.pairs
    assert "none of it is read" in read.problems[0].sentence


def test_what_cannot_be_kept_is_left_away(desk: Client, shop: Shop) -> None:
    (one,) = take(shop, "576001")
    told = desk.post("/ship/paste/", {"text": "576\x00001\t94\x0000\tUS\0PS"}).json()
    assert [(each["pk"], each["number"], each["carrier"]) for each in told["pairs"]] == [
        (one, "9400", "USPS")
    ]
    fields = grid([one], f"{UPS}\0", carrier_all="U\0PS")
    assert verdict(desk, fields, one)["kind"] == "good"
    assert desk.post("/ship/check/", {"order": "9" * 5_000}).json() == {}
    assert desk.post("/ship/send/", fields).status_code == 302
    assert RunRow.objects.get().wish["tracking_number"] == UPS


def test_an_order_with_two_numbers_gets_none() -> None:
    read = pasted("576001\t9400\n576002\t9402\n576001\t9401")
    assert [each.order_id for each in read.pairs] == ["576002"]
    assert [each.line for each in read.problems] == [1, 3]


@given(st.text(alphabet="5769\tA,; \n\x00é", max_size=200))
def test_every_line_is_a_pair_or_a_problem(text: str) -> None:
    read = pasted(text)
    lines = [each.line for each in (*read.pairs, *read.problems)]
    assert len(lines) == len(set(lines))
    for at, line in enumerate(text.splitlines(), 1):
        if any(char.isdigit() for char in line):
            assert at in lines


def test_a_paste_finds_orders_of_ones_own_shops(desk: Client, shop: Shop) -> None:
    one, two = take(shop, "576001", "576002")
    take(shop, "576003", stage=Stage.CANCELED)
    text = "576001\t9400\tusps\n576002\t9401\tSnail\n576003\t9402\n576999\t9403"
    told = desk.post("/ship/paste/", {"text": text}).json()
    assert [(each["pk"], each["order"], each["carrier"]) for each in told["pairs"]] == [
        (one, "576001", "USPS"),
        (two, "576002", ""),
    ]
    said = {each["line"]: each["sentence"] for each in told["problems"]}
    assert said.keys() == {2, 3, 4}
    assert "'Snail' is no carrier" in said[2]
    assert said[3] == "The order is canceled."
    assert "None of your shops has an order with this ID" in said[4]


def test_without_scripts_the_text_fills_the_rows(desk: Client, shop: Shop) -> None:
    one, two = take(shop, "576001", "576002")
    text = f"576001\t{USPS[0]}\n576002\t{USPS[1]}\n5760\t1"
    page = page_of(desk, "/ship/", grid([one], UPS, text=text))
    assert f'name="number-{one}" value="{USPS[0]}"' in page
    assert f'name="number-{two}" value="{USPS[1]}"' in page
    assert f"It takes the place of {UPS}" in page
    assert "None of your shops" in page
    page = page_of(desk, "/ship/", {"text": "<script>alert(1)</script>\t9400"})
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page


# --- the grid --------------------------------------------------------------------------------


def test_a_selection_opens_the_grid(desk: Client, shop: Shop) -> None:
    late, soon = take(shop, "576001"), take(shop, "576002", created_at=make.NOW - 30 * make.HOUR)
    asks = take(
        shop,
        "576003",
        cases=(CaseFact(kind=CaseKind.CANCELLATION, is_open=True),),
    )
    page = page_of(desk, "/ship/", {"orders": ",".join(map(str, (*late, *soon, *asks)))})
    assert re.findall(r'<tr id="ship-(\d+)"', page)[0] == str(soon[0])
    assert page.count('class="mono ship-number"') == 2
    assert "Decision needed" in page
    assert "the buyer asks to cancel" in page
    assert page_of(desk, "/ship/", {"query": "tab=all", "count": "3"}).count("<tr id=") == 3
    refused = desk.post("/ship/", {"query": "tabb=x", "count": "3"})
    assert (refused.status_code, b"tabb" in refused.content) == (400, True)
    assert "No order here yet" in desk.get("/ship/").content.decode()


def test_more_than_fit_are_sent_to_a_file(
    desk: Client, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shipboard.desk.ship_grid.MOST", 2)
    monkeypatch.setattr("shipboard.desk.ship_many.MOST", 2)
    take(shop, "576001", "576002", "576003")
    page = page_of(desk, "/ship/", {"query": "tab=all", "count": "3"})
    assert page.count('<tr id="ship-') == 2
    assert "3 orders are chosen; the 2 most urgent" in page
    assert "/uploads/shipments/" in page


def test_rows_are_added_by_order_id(desk: Client, shop: Shop) -> None:
    (one,) = take(shop, "576001")
    take(make.shop("Other"), "576002")
    take(shop, "576002")
    told = desk.get("/ship/rows/?orders=576001,]C1576001,576002,nope").json()
    assert told["pks"] == {"576001": one, "]C1576001": one}
    assert told["rows"].count("<tr id=") == 1
    assert "Two of your shops" in told["unknown"]["576002"]
    assert "None of your shops" in told["unknown"]["nope"]
    many = ",".join(map(str, range(51)))
    assert desk.get(f"/ship/rows/?orders={many}").status_code == 400


@pytest.mark.parametrize("many", [3, 60])
def test_the_grid_takes_as_many_queries_for_many_orders(
    desk: Client, shop: Shop, many: int
) -> None:
    pks = take(shop, *(f"5760{at:03}" for at in range(many)))
    with CaptureQueriesContext(connection) as opened:
        desk.post("/ship/", {"orders": ",".join(map(str, pks))})
    numbers = [f"94001118992231{at:08}" for at in range(50)]
    with CaptureQueriesContext(connection) as checked:
        desk.post("/ship/check/", grid(pks[:50], *numbers))
    assert (len(opened), len(checked)) == (OPENED, CHECKED)


# --- checks ----------------------------------------------------------------------------------


def test_what_is_said_while_it_is_typed(desk: Client, shop: Shop) -> None:
    one, two, three = take(shop, "576000000000000001", "576000000000000002", "576000000000000003")
    said = verdict(desk, grid([one], f"42090001{USPS[0]}"), one)
    assert said["number"] == USPS[0]
    assert said["carrier"] == "USPS"
    said = verdict(desk, grid([one], "576000000000000002"), one)
    assert (said["kind"], "is the ID of an order" in said["sentence"]) == ("refused", True)
    assert verdict(desk, grid([one], "94#00"), one)["kind"] == "refused"
    assert verdict(desk, grid([one], "QQQQQ"), one)["kind"] == "open"
    said = verdict(desk, grid([one], "QQQQQ", carrier_all="UPS"), one)
    assert (said["kind"], said["carrier"]) == ("warned", "UPS")
    same = desk.post("/ship/check/", grid([one, two, three], USPS[0], USPS[0], USPS[1])).json()
    assert [same[str(pk)]["kind"] == "refused" for pk in (one, two, three)] == [True, True, False]
    assert "different buyers" in same[str(one)]["sentence"]
    assert desk.post("/ship/check/", grid([one], " ")).json() == {}
    assert desk.post("/ship/check/", grid(list(range(1, 52)))).status_code == 400


def test_one_buyers_orders_may_share_a_number(desk: Client, shop: Shop) -> None:
    one, two = take(shop, "576001", "576002", buyer_username="ann")
    said = desk.post("/ship/check/", grid([one, two], UPS, UPS)).json()
    assert {each["kind"] for each in said.values()} == {"warned"}
    assert "Order 576002 has this number too." in said[str(one)]["sentence"]


def test_orders_in_one_package_go_under_one_number(desk: Client) -> None:
    """Where the marketplace ships packages, one wish takes along all that are in it; an order that
    is in two packages has no place in the grid."""
    shop = connected_shop(region="TH", dispatch_hours=None, auto_cancel_hours=None)
    Carrier.objects.create(shop=shop, remote_id="7", name="UPS", as_of=make.NOW)
    waits = make.parcel(tracking_number="")
    one, two = take(shop, "576001", "576002", parcels=(waits,), buyer_username="ann")
    apart = make.parcel(package_id="1150000000000000002", tracking_number="")
    apart_too = make.parcel(package_id="1150000000000000003", tracking_number="")
    (split,) = take(shop, "576003", parcels=(apart, apart_too))
    page = page_of(desk, "/ship/", {"orders": f"{one},{two},{split}"})
    assert "In one package with 576002" in page
    assert "split into 2 packages" in page
    said = desk.post("/ship/check/", grid([one, two], UPS, "1Z999AA10000000116")).json()
    assert {each["kind"] for each in said.values()} == {"refused"}
    assert "give both the same number" in said[str(one)]["sentence"]
    said = desk.post("/ship/check/", grid([one, two], UPS, UPS)).json()
    assert {each["kind"] for each in said.values()} == {"good"}
    Order.objects.filter(pk=two).update(buyer_username="a**")
    said = desk.post("/ship/check/", grid([one, two], UPS, UPS)).json()
    assert {each["kind"] for each in said.values()} == {"good"}, "the marketplace put them together"
    answer = desk.post("/ship/send/", grid([one, two], UPS, UPS))
    assert (answer.status_code, Run.objects.get().rows) == (302, 1)
    assert RunRow.objects.get().wish["carrier_id"] == "7"


# --- sending ---------------------------------------------------------------------------------


def test_what_can_go_goes_and_the_rest_stays(desk: Client, shop: Shop) -> None:
    good, bad, empty = take(shop, "576001", "576002", "576003")
    answer = desk.post("/ship/send/", grid([good, bad, empty], UPS, "94#00"))
    page = answer.content.decode()
    run = Run.objects.get()
    assert (answer.status_code, run.rows, run.verb) == (200, 1, "add_shipment")
    row = RunRow.objects.get()
    assert (row.order_id, row.wish["tracking_number"], row.wish["carrier"]) == (good, UPS, "UPS")
    assert f"/runs/{run.pk}/" in page
    assert re.findall(r'<tr id="ship-(\d+)"', page) == [str(bad), str(empty)]
    assert 'value="94#00"' in page
    assert "letters and digits only" in page


def test_all_gone_leads_to_the_run_and_twice_is_once(desk: Client, shop: Shop) -> None:
    one, two = take(shop, "576001", "576002")
    fields = grid([one, two], USPS[0], UPS)
    answers = [desk.post("/ship/send/", fields) for _ in range(2)]
    run = Run.objects.get()
    assert {(each.status_code, each["Location"]) for each in answers} == {(302, f"/runs/{run.pk}/")}
    assert RunRow.objects.count() == 2


def test_what_was_changed_after_sending_is_not_swallowed(desk: Client, shop: Shop) -> None:
    """Back to the form, which has been a run already, another number, and sent again."""
    one, two = take(shop, "576001", "576002")
    fields = grid([one, two], UPS)
    desk.post("/ship/send/", fields)
    answer = desk.post("/ship/send/", fields | {f"number-{two}": USPS[0]})
    page = answer.content.decode()
    assert (answer.status_code, Run.objects.count()) == (200, 1)
    assert f'name="number-{two}" value="{USPS[0]}"' in page
    assert f'value="{fields["key"]}"' not in page
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key
    desk.post("/ship/send/", grid([two], USPS[0], key=key[1]))
    assert RunRow.objects.filter(order=two).count() == 1


def test_nothing_that_can_go_begins_nothing(desk: Client, shop: Shop) -> None:
    (one,) = take(shop, "576001")
    for fields in (grid([one], ""), grid([one], "94#00"), grid([one], UPS, key="x"), {}):
        assert desk.post("/ship/send/", fields).status_code == 422
    take(shop, "576001", stage=Stage.CANCELED, as_of=make.NOW + make.HOUR)
    answer = desk.post("/ship/send/", grid([one], UPS))
    assert (answer.status_code, b"The order is canceled." in answer.content) == (422, True)
    assert not Run.objects.exists()


def test_orders_of_other_shops_are_neither_seen_nor_shipped(shop: Shop) -> None:
    (one,) = take(shop, "576001")
    bo = User.objects.create_user(
        "bo@shop.example", "a long password", role=Role.PACKER, sees_all_shops=False
    )
    client = Client()
    client.force_login(bo)
    for path in ("/ship/", "/ship/check/", "/ship/send/", "/ship/paste/"):
        fields = grid([one], UPS, text=f"576001\t{UPS}")
        assert "Northwind" not in page_of(client, path, fields), path
    assert client.get("/ship/rows/?orders=576001").json()["pks"] == {}
    assert not Run.objects.exists()
