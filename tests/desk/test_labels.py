"""Shipping Labels on screen: tabs and rows, what a rejected label says, and the buttons."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shipboard.accounts.models import User
from shipboard.accounts.roles import Role
from shipboard.channels.contract import CaseFact, CaseKind, Shipping, Stage
from shipboard.channels.models import Shop
from shipboard.ingest.apply import Source, apply
from shipboard.orders.attempts import Attempt
from shipboard.orders.holds import place_hold
from shipboard.orders.labels import Label
from shipboard.orders.models import Order
from tests import make

pytestmark = pytest.mark.django_db
State = Label.State
SOURCE = Source(by="tests", now=make.NOW)


@pytest.fixture
def shop() -> Shop:
    return make.shop(channel=Shop.Channel.TIKTOK)


def place(shop: Shop, number: int, **given: Any) -> Order:
    """An order with one mug."""
    fact = make.order(str(number), **{"shipping": Shipping.PLATFORM} | given)
    apply(shop, [fact], SOURCE)
    return Order.objects.get(shop=shop, order_id=str(number))


def page(desk: Client, query: str = "") -> str:
    answer = desk.get(f"/labels/?{query}")
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def tabs(html: str) -> dict[str, int]:
    found = re.findall(r'data-tab="(\w+)" data-count="(\d+)"', html)
    return {name: int(count) for name, count in found}


def test_tabs_with_counts(desk: Client, shop: Shop) -> None:
    place(shop, 1)
    for number, state in enumerate(State.values, start=10):
        make.label(place(shop, number), state=state, rejection="oversized")
    make.label(place(shop, 30), label_print="sent")
    assert tabs(page(desk)) == {
        "to_create": 2,
        "creating": 3,
        "created": 1,
        "printed": 1,
        "rejected": 1,
        "voided": 1,
    }


def test_a_row_says_what_is_known(desk: Client, shop: Shop) -> None:
    make.label(
        place(shop, 1),
        package_id="115001",
        tracking_number="9400A",
        carrier="USPS",
        service="Ground",
        price="4.1500",
        currency="USD",
        weight_grams=850,
        length_cm="30",
        width_cm="20",
        height_cm="10.5",
        handover="pickup",
        slot_starts_at=make.NOW,
        label_print="sent",
        prints=2,
        printed_at=make.NOW,
        printed_by="lee",
    )
    html = page(desk, "tab=printed")
    for word in (
        "115001",
        "9400A",
        "USPS",
        "Ground",
        "$4.15",
        "1 lb 14 oz · 11.8 × 7.9 × 4.1 in",
        "MUG-01</bdi> × 1",
        "Pick-up",
        "Sent 2 times, last",
        "Waits for your word",
        "by lee",
        "Reprint",
    ):
        assert word in html, word


def test_a_rejected_label_says_why_and_what_to_do(desk: Client, shop: Shop) -> None:
    make.label(
        place(shop, 1),
        state=State.REJECTED,
        arranged_at=None,
        rejection="buyer_address",
        reason="The postal code is not valid.",
        words="Invalid zip",
        code="11021010",
        request_id="2026A",
    )
    html = page(desk, "reason=buyer_address")
    for word in (
        "Buyer address issue",
        "The postal code is not valid.",
        'The platform says: “<span dir="auto">Invalid zip</span>”',
        "11021010",
        "2026A",
        "Ask the buyer to edit the address",
        "the carrier cannot deliver order 1 to its address",
        "Unable to deliver to buyer address",
        "Re-create Shipping Labels",
    ):
        assert word in html, word
    Shop.objects.update(region="TH")
    assert "Unable to deliver to buyer address" not in page(desk, "reason=buyer_address")


def test_a_group_is_mended_at_once(desk: Client, shop: Shop) -> None:
    heavy = [make.label(place(shop, n), state=State.REJECTED, rejection="overweight") for n in "12"]
    make.label(place(shop, 3), state=State.REJECTED, rejection="print_failure")
    html = page(desk, "tab=rejected")
    assert 'data-reason="overweight" data-count="2"' in html
    assert f'name="labels" value="{heavy[0].pk},{heavy[1].pk}"' in html
    assert "Set weight and size of all 2" in html
    assert 'id="fetch-print_failure"' in html
    assert 'id="fix-print_failure"' not in html
    assert "print_failure" not in re.findall(
        r'data-reason="(\w+)"', page(desk, "reason=overweight")
    )


def test_an_unknown_code_is_shown_with_its_request(desk: Client, shop: Shop) -> None:
    make.label(
        place(shop, 1), state=State.REJECTED, rejection="unknown", code="99", request_id="R7"
    )
    html = page(desk, "tab=rejected")
    assert 'Code 99, request <span class="mono">R7</span>' in html
    assert "Other reason" in html


def test_a_stale_label_says_what_to_do(desk: Client, shop: Shop) -> None:
    make.label(place(shop, 1, stage=Stage.CANCELED))
    assert "The order was canceled after its label was made. Pull the parcel." in page(
        desk, "tab=created&stale=yes"
    )


def test_labels_are_put_out_of_use_and_back(desk: Client, shop: Shop) -> None:
    first, second = (make.label(place(shop, number)) for number in range(2))
    answer = desk.post(
        "/labels/void/",
        {"labels": [f"{first.pk}", f"{second.pk}"], "reason": "torn", "back": "tab=created"},
        follow=True,
    )
    assert answer.redirect_chain == [("/labels/?tab=created", 302)]
    html = answer.content.decode()
    assert "2 labels put out of use. Destroy what was printed. 2 of them are paid for" in html
    assert set(Label.objects.values_list("state", flat=True)) == {"voided"}
    assert "Do not use: torn" in page(desk, "tab=voided")
    answer = desk.post("/labels/void/", {"labels": f"{first.pk},{second.pk}", "undo": "yes"})
    assert set(Label.objects.values_list("state", flat=True)) == {"created"}


def test_what_cannot_be_put_out_of_use_is_said(desk: Client, shop: Shop) -> None:
    label = make.label(place(shop, 1), state=State.UNKNOWN, arranged_at=None)
    answer = desk.post("/labels/void/", {"labels": label.pk}, follow=True)
    assert "1 label left as before. Its creation is under way" in answer.content.decode()
    assert "Choose labels first." in desk.post("/labels/void/", follow=True).content.decode()


def test_a_file_is_fetched_again(desk: Client, shop: Shop) -> None:
    label = make.label(place(shop, 1), state=State.DELAYED, stored_at=None)
    created = make.label(place(shop, 2))
    answer = desk.post("/labels/fetch/", {"labels": [label.pk, created.pk]}, follow=True)
    assert "1 label asked for again" in answer.content.decode()
    label.refresh_from_db()
    assert label.state == State.CREATING
    assert label.fetch_at


def test_chosen_labels_go_to_where_they_are_printed(desk: Client) -> None:
    answer = desk.post("/labels/chosen/", {"labels": ["7", "9", "x", "7"]})
    assert answer["Location"] == "/labels/print/?labels=7,9"
    assert desk.post("/labels/chosen/")["Location"] == "/labels/?"


def test_the_page_is_drawn_again_only_when_something_changed(desk: Client, shop: Shop) -> None:
    label = make.label(place(shop, 1))
    (seen,) = re.findall(r"seen=(\w+)", page(desk, "tab=created"))
    assert desk.get(f"/labels/?tab=created&seen={seen}").status_code == 204
    Label.objects.filter(pk=label.pk).update(label_print="sent")
    assert desk.get(f"/labels/?tab=created&seen={seen}").status_code == 200


def test_the_head_of_manage_orders_counts_rejected_labels(desk: Client, shop: Shop) -> None:
    place(shop, 2)
    assert "Rejected" not in desk.get("/labels/badge/").content.decode()
    make.label(place(shop, 1), state=State.REJECTED)
    badge = desk.get("/labels/badge/").content.decode()
    assert 'data-rejected="1"' in badge
    assert 'hx-get="/labels/badge/"' in desk.get("/orders/").content.decode()
    assert "/labels/?tab=rejected" in desk.get("/orders/?urgency=logistics_issue").content.decode()


def test_a_query_that_is_not_understood_is_refused(desk: Client, shop: Shop) -> None:
    answer = desk.get("/labels/?tab=gone")
    assert answer.status_code == 400
    assert "tab=gone is not known" in answer.content.decode()


def test_a_collected_label_says_so(desk: Client, shop: Shop) -> None:
    make.label(place(shop, 1, stage=Stage.IN_TRANSIT))
    html = page(desk, "tab=created")
    assert html.count("data-collected") == 1
    assert "1 collected already, not counted as to print" in html
    assert tabs(html)["created"] == 0
    make.label(place(shop, 2, stage=Stage.IN_TRANSIT), label_print="sent")
    assert "data-collected" not in page(desk, "tab=printed")


def test_a_search_leads_to_the_tab_where_it_hits(desk: Client, shop: Shop) -> None:
    make.label(place(shop, 1))
    html = page(desk, "tab=voided&q=1")
    assert '<a href="/labels/?tab=created&q=1">Created and not printed (1)</a>' in html


def test_columns_are_named_whoever_looks(desk: Client, shop: Shop) -> None:
    """Their widths go by name: without the boxes no other column takes the place of the first."""
    make.label(place(shop, 1))
    looker = Client()
    looker.force_login(
        User.objects.create_user("lee@shop.example", "a long password", role=Role.VIEWER)
    )
    heads = r'<th scope="col" class="(l-\w+)">'
    kinds = ["l-order", "l-due", "l-items", "l-carrier", "l-size", "l-status", "l-made"]
    assert re.findall(heads, page(looker, "tab=created")) == kinds
    assert re.findall(heads, page(desk, "tab=created")) == ["l-pick", *kinds]
    styles = Path(finders.find("shipboard.css") or "").read_text()
    assert not re.findall(r"\.label-table [^{},]*nth-child", styles)


def test_who_only_looks_has_no_buttons(shop: Shop) -> None:
    make.label(place(shop, 1), state=State.REJECTED, rejection="oversized")
    looker = Client()
    looker.force_login(
        User.objects.create_user("lee@shop.example", "a long password", role=Role.VIEWER)
    )
    html = page(looker, "tab=rejected")
    assert "Products are oversized" in html
    assert "/labels/void/" not in html
    assert "/labels/batch/" not in html


def test_more_labels_cost_no_more_queries(desk: Client, shop: Shop) -> None:
    counted = []
    for number in range(12):
        make.label(place(shop, number), state=State.REJECTED, rejection="oversized")
        if number in (0, 11):
            with CaptureQueriesContext(connection) as captured:
                page(desk, "tab=rejected")
            counted.append(len(captured))
    assert counted[0] == counted[1] <= 18


def test_an_order_that_waits_says_how_many_of_its_buyer_could_travel_along(
    desk: Client, shop: Shop
) -> None:
    Shop.objects.filter(pk=shop.pk).update(region="TH")
    given = {"buyer_username": "Alma", "recipient": {"city": "Bangkok"}, "warehouse": "North"}
    for number in (1, 2, 3):
        place(shop, number, **given)
    place(shop, 4, **given | {"recipient": {"city": "Elsewhere"}})
    place(shop, 5, **given | {"buyer_username": "Bo"})
    make.label(place(shop, 6, **given))
    html = page(desk, "tab=to_create")
    assert html.count("2 other orders of this buyer") == 3
    assert html.count("of this buyer") == 3
    assert 'href="/orders/1/repack/?shop=northwind"' in html


ASKED = CaseFact(kind=CaseKind.CANCELLATION, case_id="41", is_open=True, reason="Too late")


def cancel(order: Order) -> None:
    """As a person cancels it; that waits in the outbox."""
    Attempt.objects.create(
        key=uuid4(),
        shop=order.shop,
        order=order,
        kind=Attempt.Kind.CANCEL,
        state=Attempt.State.WAITING,
        by="Mai",
        asked_at=make.NOW,
        due_at=make.NOW,
    )


def signs(html: str) -> dict[str, list[str]]:
    """Marks and badges of each order that waits for its label."""
    found = {}
    for order, row in re.findall(r'<tr data-order="(\w+)"(.*?)</tr>', html, re.S):
        links = re.findall(r'<a class="[^"]*why-link"[^>]*>(.*?)</a>', row, re.S)
        said = [re.sub(r"<span class=.visually-hidden.>.*?</span>|<[^>]*>", "", a) for a in links]
        found[order] = [each.strip() for each in said]
    return found


def explained(desk: Client, html: str) -> list[str]:
    """What each sign leads to."""
    links = re.findall(r'class="[^"]*why-link" href="[^"]*" data-asks="([^"]*)"', html)
    popover = {"HX-Request": "true", "HX-Target": "why-shown"}
    answers = [desk.get(link, headers=popover) for link in links]
    assert {answer.status_code for answer in answers} == {200}
    return [unescape(answer.content.decode()) for answer in answers]


def test_what_keeps_a_label_from_being_created_shows(desk: Client, shop: Shop) -> None:
    Shop.objects.filter(pk=shop.pk).update(region="TH")
    place(shop, 1)
    place(shop, 2, cases=(ASKED,))
    held = place(shop, 3)
    place_hold(held, reason="Stain", by="Lee", now=make.NOW)
    kept = make.parcel(package_id="P5", tracking_number="")
    place(shop, 4, parcels=(kept,))
    place(shop, 5, parcels=(kept,), cases=(ASKED,))
    cancel(place(shop, 6))
    granted = replace(ASKED, is_open=False, is_granted=True, changed_at=make.NOW)
    place(shop, 7, cases=(granted,))
    html = page(desk, "tab=to_create&sort=asked")
    assert signs(html) == {
        "1": [],
        "2": ["No label now", "Cancel asked"],
        "3": ["No label now", "Held here"],
        "4": ["No label now", "Combined with 1"],
        "5": ["No label now", "Combined with 1", "Cancel asked"],
        "6": ["No label now", "Cancel: in outbox"],
        "7": ["No label now"],
    }
    assert "It is combined with order 5: Decision needed: the buyer asks to cancel." in html
    assert "Mai cancels it; that waits in the outbox and can be undone there." in html
    told = explained(desk, html)
    assert any("no run, file or scan ships the order" in each for each in told)


def test_where_no_label_is_ever_created_only_what_is_of_the_order_shows(desk: Client) -> None:
    by_file = make.shop()
    place(by_file, 1)
    place_hold(place(by_file, 2), reason="Stain", by="Lee", now=make.NOW)
    assert signs(page(desk, "tab=to_create&sort=asked")) == {"1": [], "2": ["Held here"]}


def test_a_batch_says_why_it_leaves_them_out(desk: Client, shop: Shop) -> None:
    orders = [place(shop, 1), place(shop, 2, cases=(ASKED,)), place(shop, 3), place(shop, 4)]
    cancel(orders[2])
    place_hold(orders[3], reason="Stain", by="Lee", now=make.NOW)
    chosen = {"orders": [str(each.pk) for each in orders]}
    html = unescape(desk.post("/labels/batch/", chosen).content.decode())
    assert "Left out: 3" in html
    for words in (
        "Decision needed: the buyer asks to cancel.",
        "Mai cancels it; that waits in the outbox and can be undone there.",
        "The order is held here; release the hold first.",
        "Go on with 1 parcel<",
    ):
        assert words in html, words


def test_more_orders_to_create_labels_of_cost_no_more_queries(desk: Client, shop: Shop) -> None:
    counted = []
    for number in range(12):
        parcel = make.parcel(package_id=f"P{number}", tracking_number="")
        place(shop, number, cases=(ASKED,) if number % 2 else (), parcels=(parcel,))
        if number in (1, 11):
            with CaptureQueriesContext(connection) as captured:
                page(desk, "tab=to_create")
            counted.append(len(captured))
    assert counted[0] == counted[1] <= 25


def test_canceled_units_are_not_to_be_shipped(desk: Client, shop: Shop) -> None:
    line = make.line(quantity=2, extra={"canceled_units": "1"})
    place(shop, 1, lines=(line,))
    html = page(desk, "tab=to_create")
    assert "<bdi>MUG-01</bdi> × 1<" in html
    assert "1 of 2 canceled" in html
