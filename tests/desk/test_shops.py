"""Shops: adding one from the page, and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from shipboard.accounts.models import AuditEntry
from shipboard.channels.contract import CaseFact, CaseKind, Deadlines, Stage
from shipboard.channels.models import Shop
from shipboard.ingest.apply import Source, apply
from shipboard.orders.holds import place_hold
from shipboard.orders.models import Order
from shipboard.orders.stages import stage_now
from tests import make

pytestmark = pytest.mark.django_db
GOOD = {
    "name": "Kite & Co",
    "region": "TH",
    "timezone": "Asia/Bangkok",
    "sla": "flat",
    "dispatch_hours": "24",
    "after_sales_days": "14",
}


def test_a_shop_is_added_with_its_rule(desk: Client) -> None:
    assert desk.post("/shops/", GOOD)["Location"] == "/uploads/?shop=kite-co"
    shop = Shop.objects.get()
    assert (shop.currency, shop.dispatch_hours, shop.sla) == ("THB", 24, "")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"timezone": "Bangkok"}, "is not a time zone"),
        ({"name": " "}, "This field is required"),
        ({"dispatch_hours": "0"}, "Hours are between"),
        ({"after_sales_days": "-1"}, "After-sales days are between"),
        ({"region": "XX"}, "Select a valid choice"),
    ],
)
def test_a_bad_shop_is_refused_in_words(desk: Client, changed: dict[str, str], said: str) -> None:
    response = desk.post("/shops/", GOOD | changed)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert Shop.objects.count() == 0


def test_a_name_is_taken_once(desk: Client) -> None:
    make.shop("Kite & Co", slug="kite-co")
    assert "already" in desk.post("/shops/", GOOD).content.decode()


def test_new_rules_move_the_deadlines_of_open_orders(desk: Client) -> None:
    shop = make.shop()
    delivered = make.NOW - timedelta(days=5)
    said = Deadlines(ship_by=make.NOW)
    facts = [
        make.order("1"),
        make.order("2", deadlines=said),
        make.order("3", stage=Stage.DELIVERED, delivered_at=delivered),
    ]
    apply(shop, facts, Source(by="tests", now=make.NOW))
    changed = {"sla": "flat", "dispatch_hours": "24", "after_sales_days": "3"}
    assert desk.post(f"/shops/{shop.slug}/", changed).status_code == 302
    orders = {order.order_id: order for order in Order.objects.all()}
    assert orders["1"].ship_by == orders["1"].created_at + timedelta(hours=24)
    assert orders["1"].auto_cancel_at is None
    assert orders["2"].ship_by == make.NOW
    assert orders["3"].closes_at == delivered + timedelta(days=3)
    assert stage_now(orders["3"], make.NOW) == Stage.CLOSED
    changed = {"sla": "us-standard", "dispatch_hours": "24", "after_sales_days": "14"}
    assert desk.post(f"/shops/{shop.slug}/", changed).status_code == 302
    shop.refresh_from_db()
    assert (shop.sla, shop.dispatch_hours) == ("us-standard", None)


def test_a_shop_is_removed_whole_and_only_when_its_name_is_typed(desk: Client) -> None:
    shop, other = make.shop(), make.shop("Other")
    source = Source(by="tests", now=make.NOW)
    case = CaseFact(kind=CaseKind.RETURN, is_open=True)
    for each in (shop, other):
        apply(each, [make.order(parcels=(make.parcel(),), cases=(case,))], source)
    place_hold(Order.objects.get(shop=shop), reason="x", by="mai", now=make.NOW)
    desk.post(f"/shops/{shop.slug}/remove/", {"slug": "something else"})
    assert Shop.objects.count() == 2
    desk.post(f"/shops/{shop.slug}/remove/", {"slug": shop.slug})
    assert [each.slug for each in Shop.objects.all()] == ["other"]
    assert Order.objects.get().shop == other


def test_how_shipments_leave_is_set_and_noted(desk: Client) -> None:
    shop = make.shop(channel="tiktok")
    assert 'value="120"' in desk.get("/shops/northwind/").content.decode()
    given = {"undo_seconds": "0", "in_flight": "20"}
    assert desk.post("/shops/northwind/shipping/", given)["Location"] == "/shops/northwind/"
    shop.refresh_from_db()
    assert (shop.undo_seconds, shop.in_flight) == (0, 20)
    assert shop.dispatch_hours == 48
    entry = AuditEntry.objects.get(kind="sending_set")
    assert (entry.subject, entry.detail) == (shop.name, {"undo_seconds": 0, "in_flight": 20})
    page = desk.get("/settings/audit/").content.decode()
    assert "an undo window of 0 s and 20 calls at once" in page


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"undo_seconds": "3601"}, "The undo window is between 0 and 3600 seconds; 3601 was given"),
        ({"undo_seconds": "-1"}, "The undo window is between 0 and 3600 seconds"),
        ({"undo_seconds": "99999999999999999999"}, "The undo window is between"),
        ({"undo_seconds": "soon"}, "Enter a whole number"),
        ({"in_flight": "0"}, "Calls at once are between 1 and 20; 0 was given"),
        ({"in_flight": "21"}, "Calls at once are between 1 and 20"),
        ({"in_flight": ""}, "This field is required"),
    ],
)
def test_a_bad_setting_is_refused_in_words(
    desk: Client, changed: dict[str, str], said: str
) -> None:
    shop = make.shop()
    given = {"undo_seconds": "60", "in_flight": "5"} | changed
    response = desk.post("/shops/northwind/shipping/", given)
    assert response.status_code == 422
    assert said in response.content.decode()
    shop.refresh_from_db()
    assert (shop.undo_seconds, shop.in_flight) == (120, 10)
