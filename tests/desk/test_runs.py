"""Runs on screen: chosen, counted, begun once, watched, tried again, and whose they are."""

from __future__ import annotations

import json
import re
from uuid import uuid4

import pytest
from django.test import Client

from shipboard import clock
from shipboard.accounts.models import User
from shipboard.accounts.roles import Role
from shipboard.channels.contract import CaseFact, CaseKind
from shipboard.channels.models import Shop
from shipboard.fulfilment import runner
from shipboard.fulfilment.models import Run, RunRow
from shipboard.ingest.apply import Source, apply
from shipboard.orders.holds import place_hold
from shipboard.orders.models import Order
from tests import make
from tests.fulfilment.conftest import stock

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true", "HX-Target": "panel-body"}


@pytest.fixture
def pks(db: None) -> list[int]:
    return stock(make.shop(), 3)


def client_of(role: Role, email: str) -> Client:
    client = Client()
    client.force_login(User.objects.create_user(email, "a long password", role=role))
    return client


def chosen(pks: list[int]) -> str:
    return ",".join(map(str, pks))


def begin(client: Client, verb: str = "flag", **given: object) -> object:
    fields = {"verb": verb, "key": uuid4(), "colour": "red"} | given
    return client.post("/runs/", fields)


def test_the_bulk_bar_says_to_how_many_each_verb_applies(desk: Client, pks: list[int]) -> None:
    place_hold(Order.objects.get(pk=pks[0]), reason="x", by="bo", now=make.NOW)
    page = desk.post("/orders/selection/", {"orders": chosen(pks)}).content.decode()
    applies = dict(re.findall(r'data-bulk-verb="(\w+)" data-applies="(\d)"', page))
    assert applies == {
        "add_shipment": "2",
        "note": "3",
        "flag": "3",
        "hold": "2",
        "release": "1",
    }
    assert "Add Shipment Information 2 of 3" in page
    assert "Hold 2 of 3" in page
    page = desk.post("/orders/selection/", {"query": "held=no", "count": "2"}).content.decode()
    assert "2 selected" in page
    assert 'data-why="None of them is held here."' in page
    refused = desk.post("/orders/selection/", {"query": "tabb=x", "count": "2"})
    assert (refused.status_code, b"tabb" in refused.content) == (400, True)


def test_the_bulk_bar_says_why_none_can_be_shipped(desk: Client, pks: list[int]) -> None:
    facts = [
        make.order(
            order.order_id,
            as_of=make.NOW + make.HOUR,
            cases=(CaseFact(kind=CaseKind.CANCELLATION, is_open=True),),
        )
        for order in Order.objects.filter(pk__in=pks[:2])
    ]
    apply(Shop.objects.get(), facts, Source(by="tests", now=make.NOW))
    why = "Decision needed: the buyer asks to cancel. Answer that in Seller Center first."

    def bar(of: list[int]) -> str:
        return desk.post("/orders/selection/", {"orders": chosen(of)}).content.decode()

    assert f'data-applies="0" aria-disabled="true" data-why="{why}"' in bar(pks[:2])
    assert f'data-stays="{why}"' in desk.get("/orders/").content.decode()
    place_hold(Order.objects.get(pk=pks[0]), reason="x", by="bo", now=make.NOW)
    assert 'data-why="None of them waits for you to ship it."' in bar(pks[:2])


def test_the_form_says_what_is_left_as_it_is(desk: Client, pks: list[int]) -> None:
    place_hold(Order.objects.get(pk=pks[0]), reason="x", by="bo", now=make.NOW)
    given = {"verb": "hold", "orders": chosen(pks)}
    page = desk.post("/runs/form/", given, headers=HTMX).content.decode()
    assert "Hold here: 2 of 3 orders" in page
    assert "1 is left as it is: held here already" in page
    assert "Times of UTC" in page
    assert desk.post("/runs/form/", given | {"verb": "ship"}).status_code == 400
    assert desk.post("/runs/form/", {"verb": "hold"}).status_code == 400


def test_a_run_from_the_form_to_its_end(desk: Client, pks: list[int]) -> None:
    answer = begin(desk, "hold", orders=chosen(pks), reason="Recount")
    run = Run.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/runs/{run.pk}/")
    watched = desk.get(f"/runs/{run.pk}/", headers={"HX-Target": "run-body"})
    assert (watched.status_code, b"every 1s" in watched.content) == (200, True)
    runner.carry_on(run.pk, clock.now)
    watched = desk.get(f"/runs/{run.pk}/", headers={"HX-Target": "run-body"})
    assert (watched.status_code, b"every 1s" in watched.content) == (286, False)
    page = desk.get(f"/runs/{run.pk}/").content.decode()
    assert 'data-outcome="done" data-count="3"' in page
    assert page.count('<tr data-outcome="done">') == 3
    assert "northwind-0" not in desk.get(f"/runs/{run.pk}/?outcome=failed").content.decode()
    assert "3 orders, chosen one by one" in desk.get("/runs/").content.decode()


def test_for_htmx_it_is_a_card_that_asks_until_it_is_done(desk: Client, pks: list[int]) -> None:
    given = {"verb": "flag", "key": uuid4(), "colour": "red", "orders": chosen(pks)}
    answer = desk.post("/runs/", given, headers=HTMX)
    run = Run.objects.get()
    assert (answer.status_code, answer["HX-Retarget"]) == (200, "#run-card")
    assert json.loads(answer["HX-Trigger"]) == {"run-begun": {"run": run.pk}}
    assert "Flag red: 0 of 3" in answer.content.decode()
    again = desk.post("/runs/", given, headers=HTMX)
    assert (again.status_code, Run.objects.count()) == (200, 1)
    runner.carry_on(run.pk, clock.now)
    card = desk.get(f"/runs/{run.pk}/", headers={"HX-Target": "run-card"})
    assert (card.status_code, b"every 1s" in card.content) == (286, False)


def test_when_the_count_has_changed_the_form_offers_the_new_one(
    desk: Client, pks: list[int]
) -> None:
    given = {"verb": "note", "key": uuid4(), "text": "Gift wrap", "query": "", "count": "2"}
    answer = desk.post("/runs/", given, headers=HTMX)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "2 orders were chosen, 3 match now. Nothing was begun." in page
    assert 'name="count" value="3"' in page
    assert "Gift wrap" in page
    assert "Note 3 orders" in page
    assert not Run.objects.exists()
    Order.objects.filter(pk=pks[0]).delete()
    answer = desk.post("/runs/", {**given, "query": "", "count": "2", "orders": ""}, headers=HTMX)
    assert answer.status_code == 400
    fields = {"verb": "note", "key": uuid4(), "text": "x", "orders": chosen(pks)}
    page = desk.post("/runs/", fields, headers=HTMX).content.decode()
    assert "3 orders were chosen, 2 match now" in page
    assert f'name="orders" value="{chosen(pks[1:])}"' in page


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"orders": "x"}, 400),
        ({"key": "not a key"}, 400),
        ({"verb": "cancel"}, 400),
        ({"colour": "pink"}, 422),
        ({"verb": "hold", "reason": ""}, 422),
        ({"verb": "hold", "reason": "x", "until": "2020-01-01T00:00"}, 422),
    ],
)
def test_what_is_refused(desk: Client, pks: list[int], given: dict[str, str], status: int) -> None:
    answer = begin(desk, **({"orders": chosen(pks)} | given))  # type: ignore[arg-type]
    assert (answer.status_code, Run.objects.count()) == (status, 0)


def test_failures_are_tried_again_from_the_page(desk: Client, pks: list[int]) -> None:
    begin(desk, orders=chosen(pks))
    run = Run.objects.get()
    runner.carry_on(run.pk, clock.now)
    assert "Retry the" not in desk.get(f"/runs/{run.pk}/").content.decode()
    RunRow.objects.filter(position=2).update(outcome=RunRow.Outcome.FAILED, reason="Broke.")
    assert "Retry the 1 that failed" in desk.get(f"/runs/{run.pk}/").content.decode()
    page = desk.post(f"/runs/{run.pk}/retry/", follow=True).content.decode()
    assert "1 row is tried again" in page
    runner.carry_on(run.pk, clock.now)
    assert "Nothing has failed" in desk.post(f"/runs/{run.pk}/retry/", follow=True).content.decode()


def test_whose_run_it_is(desk: Client, pks: list[int]) -> None:
    packer = client_of(Role.PACKER, "bo@shop.example")
    other = client_of(Role.PACKER, "lu@shop.example")
    viewer = client_of(Role.VIEWER, "eye@shop.example")
    manager = client_of(Role.MANAGER, "ann@shop.example")
    begin(packer, orders=chosen(pks))
    run = Run.objects.get()
    for client, status in ((packer, 200), (desk, 200), (manager, 200), (other, 404), (viewer, 404)):
        assert client.get(f"/runs/{run.pk}/").status_code == status
        assert (f"/runs/{run.pk}/" in client.get("/runs/").content.decode()) == (status == 200)
    assert begin(viewer, orders=chosen(pks)).status_code == 403
    bar = viewer.post("/orders/selection/", {"orders": chosen(pks)}).content.decode()
    assert re.findall(r'data-bulk-verb="(\w+)"', bar) == ["export"]
    for path in ("/runs/form/", f"/runs/{run.pk}/retry/"):
        assert viewer.post(path, {"verb": "flag", "orders": chosen(pks)}).status_code == 403
    assert Run.objects.count() == 1


def test_long_lists_come_in_pages(desk: Client) -> None:
    begin(desk, orders=chosen(stock(make.shop(), 101)))
    run = Run.objects.get()
    first = desk.get(f"/runs/{run.pk}/").content.decode()
    assert first.count("<tr data-outcome") == 100
    second = desk.get(f"/runs/{run.pk}/?outcome=&after=100").content.decode()
    assert second.count("<tr data-outcome") == 1


@pytest.mark.parametrize(
    "loss", [{"is_active": False}, {"sees_all_shops": False}, {"role": Role.VIEWER}]
)
def test_a_run_does_no_more_than_its_person_may_now(
    desk: Client, pks: list[int], loss: dict[str, object]
) -> None:
    begin(client_of(Role.MANAGER, "ann@shop.example"), orders=chosen(pks))
    User.objects.filter(email="ann@shop.example").update(**loss)
    runner.carry_on(Run.objects.get().pk, clock.now)
    rows = RunRow.objects.values_list("outcome", "reason")
    assert set(rows) == {("failed", "Whoever began this may not work on this order any more.")}
    assert not Order.objects.filter(flag__isnull=False).exists()


def test_the_form_of_somebody_else_begins_nothing_and_shows_nothing(
    desk: Client, pks: list[int]
) -> None:
    key = str(uuid4())
    packer = client_of(Role.PACKER, "bo@shop.example")
    begin(desk, orders=chosen(pks), key=key)
    answer = begin(packer, orders=chosen(pks), key=key)
    assert answer.status_code == 400
    assert "sent by somebody else already" in answer.content.decode()
    assert Run.objects.count() == 1
