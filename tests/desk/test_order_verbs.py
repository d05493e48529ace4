"""Notes, flag and hold on the order's page and in its drawer, for those who may work."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from django.test import Client

from shipboard.accounts.models import User
from shipboard.accounts.roles import Role
from shipboard.channels.contract import Stage
from shipboard.ingest.apply import Source, apply
from shipboard.orders.models import Event, Flag, Hold, Note, Order
from tests import make

pytestmark = pytest.mark.django_db
PATH = "/orders/576000000000000001/"
DRAWER = {"HX-Request": "true", "HX-Target": "drawer-body"}


@pytest.fixture
def order(db: None) -> Order:
    apply(make.shop(timezone="Asia/Bangkok"), [make.order()], Source(by="tests", now=make.NOW))
    return Order.objects.get()


def test_a_note_is_added_shown_and_removed(desk: Client, order: Order) -> None:
    page = desk.post(f"{PATH}note/", {"text": "Two mugs, <b>one</b> box"}, follow=True)
    assert "Two mugs, &lt;b&gt;one&lt;/b&gt; box" in page.content.decode()
    note = Note.objects.get()
    assert (note.by, note.order_id) == ("mai@shop.example", order.pk)
    assert desk.post(f"{PATH}note/{note.pk}/remove/").status_code == 302
    assert desk.post(f"{PATH}note/{note.pk}/remove/").status_code == 409
    assert desk.post(f"{PATH}note/999/remove/").status_code == 409
    assert "Two mugs" not in desk.get(PATH).content.decode()


def test_a_hold_is_placed_in_the_shops_zone(desk: Client, order: Order) -> None:
    given = {"reason": "Recount", "until": "2026-11-23T09:00", "remind_at": "2026-11-23T08:00"}
    assert desk.post(f"{PATH}hold/", given | {"seen": order.version}).status_code == 302
    hold = Hold.objects.get()
    assert hold.until == datetime(2026, 11, 23, 2, tzinfo=UTC)
    assert hold.remind_at == datetime(2026, 11, 23, 1, tzinfo=UTC)
    page = desk.get(PATH).content.decode()
    assert "Held here by mai@shop.example" in page
    assert "On hold" not in page
    assert "Mon 23 Nov 09:00 UTC+7" in page


def test_what_the_carrier_has_is_not_held_by_a_form_from_before(desk: Client) -> None:
    fact = make.order(stage=Stage.IN_TRANSIT)
    apply(make.shop(), [fact], Source(by="tests", now=make.NOW))
    answer = desk.post(f"{PATH}hold/", {"reason": "Recount"})
    assert answer.status_code == 409
    assert "A hold would stop nothing" in answer.content.decode()
    assert not Hold.objects.exists()


def test_what_cannot_be_taken_comes_back_as_it_was_typed(desk: Client, order: Order) -> None:
    given = {"reason": "Recount them", "until": "2020-01-01T00:00", "seen": order.version}
    answer = desk.post(f"{PATH}hold/", given)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "A hold must end later than now" in page
    assert 'value="Recount them"' in page
    assert 'value="2020-01-01T00:00"' in page
    assert desk.post(f"{PATH}hold/", given | {"until": "soon"}).status_code == 422
    assert desk.post(f"{PATH}flag/", {"colour": "pink"}).status_code == 422
    assert desk.post(f"{PATH}flag/", {"colour": "red", "seen": "x"}).status_code == 422
    assert desk.post(f"{PATH}flag/", {"colour": "red"}).status_code == 422
    assert desk.post(f"{PATH}note/", {"text": " "}).status_code == 422
    assert (Hold.objects.count(), Flag.objects.count(), Note.objects.count()) == (0, 0, 0)


def test_a_stale_form_is_refused_with_the_fresh_order(desk: Client, order: Order) -> None:
    seen = order.version
    desk.post(f"{PATH}flag/", {"colour": "red", "seen": seen})
    answer = desk.post(f"{PATH}hold/", {"reason": "Recount", "seen": seen}, headers=DRAWER)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "has changed since you saw it" in page
    assert 'value="Recount"' in page
    assert f'name="seen" value="{seen + 1}"' in page
    assert "HX-Trigger" not in answer
    assert not Hold.objects.exists()


def test_the_drawer_fills_itself_again_and_tells_the_list(desk: Client, order: Order) -> None:
    given = {"colour": "green", "seen": order.version}
    answer = desk.post(f"{PATH}flag/", given, headers=DRAWER)
    assert answer.status_code == 200
    assert json.loads(answer["HX-Trigger"]) == {"order-changed": {"pk": order.pk}}
    page = answer.content.decode()
    assert "<html" not in page
    assert "is flagged green now" in page
    assert Flag.objects.get().colour == "green"


def test_who_only_looks_gets_no_form_and_no_way(order: Order) -> None:
    viewer = User.objects.create_user("eye@shop.example", "a long password", role=Role.VIEWER)
    client = Client()
    client.force_login(viewer)
    page = client.get(PATH).content.decode()
    assert not [verb for verb in ("note/", "flag/", "hold/") if f"{PATH}{verb}" in page]
    for verb in ("note/", "flag/", "hold/", "release/", "note/1/remove/"):
        answer = client.post(PATH + verb, {"text": "x", "reason": "x", "colour": "red"})
        assert answer.status_code == 403, verb
    assert Event.objects.filter(by="eye@shop.example").count() == 0
    assert client.get(f"{PATH}note/").status_code in (403, 405)
