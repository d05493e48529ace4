"""The outbox: what waits and why, taking back one, some or all, and the bar over the list."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shipboard import clock
from shipboard.accounts.models import AuditEntry, User
from shipboard.accounts.roles import Role
from shipboard.channels.case_contract import Answer, Decision
from shipboard.channels.models import Shop
from shipboard.desk.outbox import Bar, bar_of
from shipboard.fulfilment.answer_wishes import stored
from shipboard.fulfilment.cancel_wishes import CancelWish
from shipboard.ingest.apply import Source, apply
from shipboard.orders.attempts import Attempt, Sending
from shipboard.orders.models import Event, Order
from tests import make

pytestmark = pytest.mark.django_db


def text(page: str) -> str:
    return re.sub(r" (?=[.,;])", "", re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


def put(shop: Shop, number: int, **given: Any) -> Attempt:
    """A shipment of a new order in the outbox, to leave in a hundred seconds."""
    order_id = f"57600000000000{number:04}"
    apply(shop, [make.order(order_id)], Source(by="tests", now=make.NOW))
    values: dict[str, Any] = {
        "kind": "ship",
        "state": "waiting",
        "shop": shop,
        "order": Order.objects.get(order_id=order_id),
        "tracking_number": f"NUMBER{number}",
        "carrier": "USPS",
        "by": "tam",
        "asked_at": make.NOW,
        "due_at": clock.wall() + timedelta(seconds=100),
    }
    return Attempt.objects.create(**values | given)


@pytest.fixture
def shop(db: None) -> Shop:
    return make.shop(channel="tiktok")


def test_an_empty_outbox_says_what_it_is_for(desk: Client, shop: Shop) -> None:
    page = desk.get("/outbox/").content.decode()
    assert "Nothing waits to leave" in page
    assert "one correction of a tracking number at most" in page


def test_it_shows_shop_by_shop_what_waits_and_why(desk: Client, shop: Shop) -> None:
    other = make.shop("Harbor", channel="tiktok")
    waits, calls = put(shop, 1), put(shop, 2, state="calling")
    asks = put(other, 3, state="unknown", reason="Nobody knows whether it arrived.")
    for number, state in enumerate(("done", "refused", "revoked", "recorded"), start=4):
        put(shop, number, state=state)
    Sending.objects.create(
        shop=other,
        blocked_at=make.NOW - timedelta(minutes=2),
        reason="TikTok Shop does not answer.",
        try_at=clock.wall() + timedelta(seconds=40),
    )
    page = desk.get("/outbox/").content.decode()
    assert re.findall(r'data-attempt="(\d+)"', page) == [
        str(each.pk) for each in (asks, waits, calls)
    ]
    said = text(page)
    assert "1 waits, the first leaves in 1:" in said
    assert "1 being sent" in said
    assert "1 being asked for" in said
    assert "Nobody knows whether it arrived." in said
    assert "Waiting for TikTok Shop since Sun 22 Nov 11:58 UTC" in said
    assert "TikTok Shop does not answer. Next try Sun 22 Nov 12:00 UTC." in said
    assert "1 shipment of shops fed by files is recorded" in said


def test_what_is_chosen_is_taken_back_and_nothing_else(desk: Client, shop: Shop) -> None:
    first, second, third = put(shop, 1), put(shop, 2), put(shop, 3)
    gone = put(shop, 4, state="calling")
    given = {"attempt": [str(first.pk), str(third.pk), str(gone.pk), "x", "9" * 30]}
    page = desk.post("/outbox/undo/", given, follow=True).content.decode()
    assert "Taken back: 2 shipments (orders 576000000000000001, 576000000000000003)." in page
    states = Attempt.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["revoked", "waiting", "revoked", "calling"]
    assert Event.objects.filter(kind="shipment_undone", by="mai@shop.example").count() == 2
    assert AuditEntry.objects.get(kind="shipments_undone").detail == {"shipments": 2}
    again = desk.post("/outbox/undo/", given, follow=True).content.decode()
    assert "nothing that was chosen still waits" in again
    assert Attempt.objects.get(pk=second.pk).state == "waiting"


def test_all_of_a_shop_or_all_there_is(desk: Client, shop: Shop) -> None:
    other = make.shop("Harbor", channel="tiktok")
    put(shop, 1), put(shop, 2), put(other, 3)
    desk.post("/outbox/undo/", {"all": "yes", "shop": "northwind"})
    assert Attempt.objects.filter(state="waiting").get().shop == other
    desk.post("/outbox/undo/", {"all": "yes"})
    assert not Attempt.objects.filter(state="waiting").exists()


def test_the_shops_of_others_are_out_of_reach(shop: Shop, db: None) -> None:
    mine = make.shop("Harbor", channel="tiktok")
    theirs, own = put(shop, 1), put(mine, 2)
    packer = User.objects.create_user(
        "tam@shop.example", "a long password", role=Role.PACKER, sees_all_shops=False
    )
    packer.shops.add(mine)
    client = Client()
    client.force_login(packer)
    page = client.get("/outbox/").content.decode()
    assert own.tracking_number in page
    assert theirs.tracking_number not in page
    assert client.post(f"/attempts/{theirs.pk}/undo/").status_code == 404
    client.post("/outbox/undo/", {"all": "yes"})
    client.post("/outbox/undo/", {"attempt": [str(theirs.pk)]})
    assert Attempt.objects.get(pk=theirs.pk).state == "waiting"
    assert Attempt.objects.get(pk=own.pk).state == "revoked"


def test_the_bar_counts_with_one_query(shop: Shop) -> None:
    put(shop, 1, due_at=clock.wall() + timedelta(seconds=30)), put(shop, 2)
    put(shop, 3, state="calling"), put(shop, 4, state="done")
    wall = clock.wall()
    with CaptureQueriesContext(connection) as asked:
        bar = bar_of([shop], wall)
    assert len(asked) == 1
    assert (bar.waiting, bar.leaving, bar.seconds in (28, 29), bar.marketplace) == (2, 1, True, "")
    Sending.objects.create(shop=shop, blocked_at=make.NOW)
    assert bar_of([shop], wall).marketplace == "TikTok Shop"
    assert bar_of([], wall) == Bar()


def test_the_bar_comes_with_the_rail_and_with_the_live_refresh(desk: Client, shop: Shop) -> None:
    over = {"HX-Request": "true", "HX-Current-URL": "http://x/orders/?tab=all"}
    rail = desk.get("/orders/views/", headers=over).content.decode()
    assert 'aria-label="Outbox" hidden' in rail
    assert "outbox-bar" not in desk.get("/orders/views/").content.decode()
    page = desk.get("/orders/?tab=all").content.decode()
    token = re.search(r'data-changes="([^"]+)"', page)
    assert token
    put(shop, 1), put(shop, 2)
    for address in ("/orders/views/", f"/orders/changes/?tab=all&token={token[1]}&rows="):
        said = text(desk.get(address, headers=over).content.decode())
        assert "2 shipments leave in 1:" in said
        assert "Undo all" in said


def test_who_only_looks_is_offered_no_undo(shop: Shop) -> None:
    put(shop, 1)
    viewer = User.objects.create_user("lee@shop.example", "a long password", role=Role.VIEWER)
    client = Client()
    client.force_login(viewer)
    page = client.get("/outbox/").content.decode()
    assert "NUMBER1" in page
    assert "Undo" not in text(page)
    assert client.post("/outbox/undo/", {"all": "yes"}).status_code == 403


def test_what_came_back_refused_is_told_until_it_was_looked_at(desk: Client, owner: User) -> None:
    put(
        make.shop(),
        1,
        state="refused",
        person=owner,
        ended_at=make.NOW,
        reason="The number is used.",
        next_step="Give another.",
    )
    news = text(desk.get("/runs/news/").content.decode())
    assert (
        "Not shipped: 576000000000000001 under NUMBER1. The number is used. Give another." in news
    )
    page = text(desk.get("/outbox/").content.decode())
    assert "Refused, last 24 hours" in page
    assert "The number is used. Give another." in page
    assert "Not shipped" not in desk.get("/runs/news/").content.decode()


def decisions(shop: Shop) -> tuple[Attempt, Attempt]:
    """An offer to a buyer and the cancellation of two units, in the outbox."""
    offer = Answer(decision=Decision.OFFER_PART, amount=Decimal(5), currency="USD")
    wish = CancelWish(reason="stock", reason_text="Out of stock", unit_ids=("1", "2"))
    said = {"tracking_number": "", "carrier": "", "is_part": True}
    return (
        put(shop, 1, kind="answer", asks=stored(offer), **said),
        put(shop, 2, kind="cancel", asks=wish.stored(), **said),
    )


def test_decisions_are_called_what_they_are(desk: Client, shop: Shop) -> None:
    answer, _ = decisions(shop)
    put(shop, 3, kind="cancel", tracking_number="")
    bar = bar_of([shop], clock.wall())
    assert bar.waiting_words == "1 answer and 2 cancellations"
    page = text(desk.get("/outbox/").content.decode())
    assert "Offer a part of the money: $5.00" in page
    assert "Cancel 2 units: Out of stock" in page
    chosen = {"attempt": [str(answer.pk)]}
    page = desk.post("/outbox/undo/", chosen, follow=True).content.decode()
    assert "Taken back: 1 answer (order 576000000000000001)." in page
    page = desk.post("/outbox/undo/", {"all": "yes"}, follow=True).content.decode()
    assert "Taken back: 2 cancellations (orders 576000000000000002, 576000000000000003)." in page
    Attempt.objects.update(state="calling")
    bar = bar_of([shop], clock.wall())
    assert (bar.waiting_words, bar.leaving_words) == ("", "1 answer and 2 cancellations")


def test_the_one_taken_back_names_its_order(desk: Client, shop: Shop) -> None:
    _, cancel = decisions(shop)
    said = desk.post(f"/attempts/{cancel.pk}/undo/", {"from": "outbox"}, follow=True)
    assert (
        "Taken back: “Cancel 2 units: Out of stock” of order 576000000000000002 goes nowhere."
        in said.content.decode()
    )


def test_the_order_says_what_was_decided(desk: Client, shop: Shop) -> None:
    answer, cancel = decisions(shop)
    for attempt, kind in ((answer, "answer_asked"), (cancel, "cancel_refused")):
        Event.objects.create(
            order=attempt.order, kind=kind, by="tam", at=make.NOW, detail={"attempt": attempt.pk}
        )
    page = text(desk.get("/orders/576000000000000001/").content.decode())
    assert "From here In the outbox Offer a part of the money: $5.00 Goes to" in page
    assert re.search("request given .* Offer a part of the money", page)
    Attempt.objects.filter(pk=cancel.pk).update(state="refused", reason="It has left.")
    page = text(desk.get("/orders/576000000000000002/").content.decode())
    assert "Cancel 2 units: Out of stock · in part" in page
    assert "Cancel 2 units: Out of stock; It has left." in page
