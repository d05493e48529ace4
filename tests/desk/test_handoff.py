"""Handing over on screen: the file that is taken, once and again, and what became of it."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from shipboard.accounts.access import Access
from shipboard.accounts.models import AuditEntry, User
from shipboard.accounts.roles import Role
from shipboard.channels.contract import CaseFact, CaseKind, ParcelContent, Shipping, Stage
from shipboard.channels.file.tracking_columns import LONG, SHORT
from shipboard.channels.models import Shop
from shipboard.fulfilment import recorded
from shipboard.fulfilment.shipping import ShipWish, ask_to_ship
from shipboard.ingest.apply import Source, apply
from shipboard.orders.attempts import Attempt
from shipboard.orders.models import Order
from tests import make

pytestmark = pytest.mark.django_db
UPS, USPS = "1Z999AA10123456784", "9400111899223100000001"
LATER = make.NOW + make.HOUR


@pytest.fixture
def shop() -> Shop:
    return make.shop("Paper")


def tell(shop: Shop, order_id: str, **given: Any) -> Order:
    lines = (make.line(quantity=2),)
    fact = make.order(order_id, **{"shipping": Shipping.SELLER, "lines": lines} | given)
    apply(shop, [fact], Source(by="import", now=make.NOW))
    return Order.objects.get(shop=shop, order_id=order_id)


def record(shop: Shop, order_id: str, number: str = UPS, carrier: str = "UPS", **w: Any) -> Attempt:
    wish = ShipWish(tracking_number=number, carrier=carrier, **w)
    mai = Access(by="mai@shop.example")
    return ask_to_ship(tell(shop, order_id), wish, access=mai, now=make.NOW, wall=make.NOW)


def take(desk: Client, layout: str = "long", kind: str = "xlsx") -> str:
    """The address of the file that the page fetches then."""
    said = desk.post("/handoff/paper/take/", {"layout": layout, "format": kind}, follow=True)
    page = said.content.decode()
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page)
    return found[1].replace("&amp;", "&") if found else ""


def rows(content: bytes) -> list[list[str]]:
    sheet = load_workbook(io.BytesIO(content))["Shipping info"]
    return [[str(cell.value or "") for cell in row] for row in sheet]


def test_an_empty_page_says_what_it_is_for(desk: Client) -> None:
    assert "No shop fed by files" in desk.get("/handoff/").content.decode()
    make.shop("Paper")
    page = desk.get("/handoff/").content.decode()
    assert "Nothing to hand over" in page
    assert "http-equiv" not in page


def test_the_file_is_the_marketplaces_own_template(desk: Client, shop: Shop) -> None:
    record(shop, "1", service="Ground", group="7")
    record(shop, "2", USPS, "USPS", contents={0: 1})
    page = desk.get("/handoff/").content.decode()
    assert 'data-recorded="2"' in page
    assert "1 × 1729000000000000001" in page
    response = desk.get(take(desk))
    assert response["Content-Disposition"].startswith("attachment; filename=")
    first, header, *given = rows(response.content)
    assert first[0] == "Please fill in from row 3"
    assert header == list(LONG)
    assert given == [
        ["1", "", "", UPS, "UPS", "Ground", "7"],
        ["2", "1729000000000000001", "1", USPS, "USPS", "", "N/A"],
    ]
    assert 'data-recorded="0"' in desk.get("/handoff/").content.decode()
    assert AuditEntry.objects.get(kind="handed_over").detail == {"shipments": 2}
    assert AuditEntry.objects.filter(kind="handoff_taken").count() == 1


def test_twice_takes_nothing_new_and_the_last_file_comes_again(desk: Client, shop: Shop) -> None:
    record(shop, "1")
    address = take(desk, kind="csv")
    first = desk.get(address).content
    assert take(desk) == ""
    page = desk.get("/handoff/").content.decode()
    assert 'data-open="1"' in page
    [again] = re.findall(r'href="(/handoff/paper/\d+/\?format=csv)"', page)
    assert desk.get(again).content == first
    _, header, row = csv.reader(io.StringIO(first.decode("utf-8-sig")))
    assert header == list(LONG)
    assert row[3] == UPS


def test_the_short_layout_leaves_orders_in_parts_for_the_long_one(desk: Client, shop: Shop) -> None:
    record(shop, "1")
    record(shop, "2", USPS, "USPS", contents={0: 1})
    short = take(desk, "short")
    _, header, *given = rows(desk.get(short).content)
    assert header == list(SHORT)
    assert given == [["1", UPS, "UPS", "N/A"]]
    in_parts = take(desk)
    assert len(rows(desk.get(in_parts).content)) == 3
    refused = desk.get(in_parts.replace("layout=long", "layout=short"))
    assert refused.status_code == 400
    assert "Take the long one" in refused.content.decode()


def test_what_stays_says_why_and_what_waits_can_be_undone(desk: Client, shop: Shop) -> None:
    attempt = record(shop, "1")
    case = CaseFact(kind=CaseKind.CANCELLATION, case_id="C", is_open=True)
    tell(shop, "1", cases=(case,), as_of=LATER)
    assert "Stays" in desk.get("/handoff/").content.decode()
    assert take(desk) == ""
    said = desk.post(f"/attempts/{attempt.pk}/undo/?shop=paper", {"from": "handoff"})
    assert said["Location"] == "/handoff/"
    attempt.refresh_from_db()
    assert attempt.state == Attempt.State.REVOKED


def test_the_history_says_what_imports_confirmed(desk: Client, shop: Shop) -> None:
    for number, name in ((UPS, "UPS"), (USPS, "USPS")):
        record(shop, name, number, name)
    take(desk)
    parcel = make.parcel(tracking_number=UPS, contents=(ParcelContent(0, 2),))
    tell(shop, "UPS", stage=Stage.IN_TRANSIT, parcels=(parcel,), as_of=LATER)
    tell(shop, "USPS", stage=Stage.CANCELED, as_of=LATER)
    recorded.confirm(LATER)
    page = desk.get("/handoff/").content.decode()
    [file] = re.findall(r"<tr data-file.*?</tr>", page, re.DOTALL)
    assert re.findall(r'<td class="num[^"]*">(\d+)</td>', file) == ["2", "1", "1", "0"]
    assert "mai@shop.example" in file
    [order_page] = [desk.get("/orders/UPS/?shop=paper").content.decode()]
    assert "handed over" in order_page


def test_it_is_found_from_the_outbox_and_from_the_order(desk: Client, shop: Shop) -> None:
    record(shop, "1")
    for page in ("/outbox/", "/orders/1/?shop=paper"):
        assert 'href="/handoff/"' in desk.get(page).content.decode()


def test_nothing_of_a_buyer_is_in_it(desk: Client, shop: Shop) -> None:
    record(shop, "1")
    Order.objects.update(recipient={"name": "Dana Whitfield"}, buyer_username="dana_w")
    content = desk.get(take(desk, kind="csv")).content.decode()
    assert "Dana" not in content
    assert "dana_w" not in content


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/handoff/paper/1/?format=pdf", 400),
        ("/handoff/paper/1/?layout=wide", 400),
        ("/handoff/paper/999999999999999999/", 404),
        ("/handoff/nobody/1/", 404),
    ],
)
def test_what_is_not_there(desk: Client, shop: Shop, path: str, status: int) -> None:
    assert desk.get(path).status_code == status


def test_a_shop_that_is_connected_has_no_file(desk: Client) -> None:
    make.shop("Line", channel="tiktok")
    assert desk.post("/handoff/line/take/").status_code == 404


def test_a_packer_takes_it_and_a_viewer_does_not(shop: Shop) -> None:
    record(shop, "1")
    for role, status in ((Role.VIEWER, 403), (Role.PACKER, 302)):
        client = Client()
        client.force_login(User.objects.create_user(f"{role}@shop.example", "x", role=role))
        assert client.post("/handoff/paper/take/").status_code == status


def test_the_number_of_queries_does_not_grow_with_what_waits(desk: Client, shop: Shop) -> None:
    counts = []
    for many in (1, 6):
        for number in range(many):
            record(shop, f"{many}-{number}")
        with CaptureQueriesContext(connection) as queries:
            desk.get("/handoff/")
        counts.append(len(queries))
    assert counts[0] == counts[1]
