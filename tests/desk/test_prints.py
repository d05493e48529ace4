"""The screens of printing: choosing, the file and its end, the history, files that are personal,
and the scan station.
"""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shipboard.accounts.models import AuditEntry, User
from shipboard.accounts.roles import Role
from shipboard.channels.contract import Stage
from shipboard.channels.models import Shop
from shipboard.fulfilment.allowed import Verb
from shipboard.fulfilment.models import Run, RunRow
from shipboard.orders.attempts import Attempt
from shipboard.orders.labels import Label, PrintFile
from shipboard.orders.models import Event, Hold, Order
from tests import make
from tests.fulfilment.label_stock import cancel_units, label, number, pages_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(db: None) -> Shop:
    return make.shop()


def fields(*labels: Label, **given: Any) -> dict[str, Any]:
    chosen = ",".join(str(each.pk) for each in labels)
    return {"labels": chosen, "key": uuid4(), "content": "labels", "sorting": "given"} | given


def send(client: Client, *labels: Label, **given: Any) -> PrintFile:
    said = client.post("/labels/print/", fields(*labels, **given))
    assert said.status_code == 302, said.content.decode()
    pk = re.fullmatch(r"/labels/prints/(\d+)/\?dialog=1", said["Location"])
    assert pk
    return PrintFile.objects.get(pk=pk[1])


def text(client: Client, path: str, **headers: Any) -> str:
    said = client.get(path, **headers)
    assert said.status_code in (200, 286), said.status_code
    return said.content.decode()


def hold(of: Label) -> None:
    order = Order.objects.get(labels__label=of)
    Hold.objects.create(order=order, reason="look", by="an", placed_at=make.NOW)


def run_of(owner: User, *labels: Label, **given: Any) -> Run:
    values = {"verb": Verb.CREATE_LABEL.value, "by": owner.email, "person": owner}
    values |= {"rows": len(labels), "begun_at": make.NOW, "key": uuid4()}
    run = Run.objects.create(**values | given)
    for place, each in enumerate(labels, 1):
        order = Order.objects.get(labels__label=each)
        attempt = Attempt.objects.create(
            kind=Attempt.Kind.LABEL,
            state=Attempt.State.DONE,
            shop=each.shop,
            order=order,
            label=each,
            by=owner.email,
            asked_at=make.NOW,
            due_at=make.NOW,
        )
        RunRow.objects.create(
            run=run,
            position=place,
            order=order,
            number=order.order_id,
            shop_name=each.shop.name,
            outcome=RunRow.Outcome.DONE,
            attempt=attempt,
        )
    return run


def test_the_choice_says_what_is_left_out_and_what_was_printed(desk: Client, shop: Shop) -> None:
    good, held, old = label(shop, 1), label(shop, 2), label(shop, 3)
    send(desk, old)
    hold(held)
    page = text(desk, f"/labels/print/?labels={good.pk},{held.pk},{old.pk}")
    assert "1 to print, 2 left out" in page
    assert "The order is held here." in page
    assert "Printed before: 2026-11-22 12:00 UTC by mai@shop.example" in page
    assert "Reason to print again" in page
    assert "Print 1 label<" in page
    assert 'name="reason"' not in text(desk, f"/labels/print/?labels={good.pk}")


def test_orders_are_printed_by_their_labels(desk: Client, shop: Shop) -> None:
    one, gone = label(shop, 1), label(shop, 2)
    Label.objects.filter(pk=gone.pk).update(state=Label.State.VOIDED)
    orders = ",".join(str(pk) for pk in Order.objects.order_by("pk").values_list("pk", flat=True))
    assert "1 label chosen" in text(desk, f"/labels/print/?orders={orders}")
    said = desk.post("/labels/print/", fields(orders=orders, labels=""))
    assert said.status_code == 302
    assert PrintFile.objects.get().items.get().label_id == one.pk


def test_only_what_is_ticked_is_printed_once_more_and_counted(desk: Client, shop: Shop) -> None:
    jammed, fine, new = (label(shop, at) for at in (1, 2, 3))
    send(desk, jammed, fine)
    chosen = f"labels={jammed.pk},{fine.pk},{new.pk}&content=labels&reason=It+jammed"
    page = text(desk, f"/labels/print/?{chosen}&again={fine.pk}")
    assert "1 to print, 2 left out" in page  # no link ticks anything
    assert not re.search(r'name="again"[^>]* checked', page)
    moved = text(
        desk,
        f"/labels/print/?{chosen}&again={jammed.pk}",
        headers={"HX-Request": "true", "HX-Target": "print-plan"},
    )
    assert "2 to print, 1 of them once more, 1 left out" in moved
    assert "Print 2 labels, 1 of them once more" in moved
    ticked = fields(jammed, fine, new, again=jammed.pk)
    counted = desk.post("/labels/print/", ticked | {"do": "count"})
    assert "Print 2 labels, 1 of them once more" in counted.content.decode()
    unsaid = desk.post("/labels/print/", ticked)
    assert unsaid.status_code == 409
    assert "Say why" in unsaid.content.decode()
    file = send(desk, jammed, fine, new, again=jammed.pk, reason="It jammed")
    assert dict(file.items.values_list("label", "reason")) == {jammed.pk: "It jammed", new.pk: ""}


@pytest.mark.parametrize("counted", ["labels,1,0", "slips,2,1", "labels,2,0"])
def test_a_button_never_prints_more_than_it_says(desk: Client, shop: Shop, counted: str) -> None:
    old, new = label(shop, 1), label(shop, 2)
    send(desk, old)
    given = fields(old, new, again=old.pk, reason="It jammed", counted=counted)
    said = desk.post("/labels/print/", given)
    assert said.status_code == 409
    assert "Print 2 labels, 1 of them once more. Press to do so." in said.content.decode()
    send(desk, old, new, again=old.pk, reason="It jammed", counted="labels,2,1")


def test_a_cover_is_chosen_and_a_single_label_has_none(desk: Client, shop: Shop) -> None:
    one, two, three = (label(shop, at) for at in (1, 2, 3))
    with_cover = 'name="cover" value="on" checked'
    pair = f"/labels/print/?labels={one.pk},{two.pk}"
    assert with_cover not in text(desk, f"/labels/print/?labels={one.pk}")
    assert with_cover in text(desk, pair)
    alone = send(desk, one)
    assert len(pages_of(desk.get(f"/labels/prints/{alone.pk}/file.pdf").content)) == 1
    assert with_cover in text(desk, pair)  # one label says nothing of stacks
    send(desk, two, three)
    assert with_cover not in text(desk, pair)


def test_pages_of_ours_fit_the_printers_of_the_country(desk: Client) -> None:
    for region, size in (("US", "4x6"), ("GB", "A6")):
        one = label(make.shop(f"Shop {region}", region=region, channel="tiktok"), 1)
        page = text(desk, f"/labels/print/?labels={one.pk}")
        assert f'<option value="{size}" selected>' in page
        assert "gives them in A6 or A5" in page


def test_nothing_to_print_is_said_on_the_form(desk: Client, shop: Shop) -> None:
    one = label(shop, 1)
    send(desk, one)
    said = desk.post("/labels/print/", fields(one))
    assert said.status_code == 409
    assert "Nothing was printed." in said.content.decode()
    assert desk.post("/labels/print/", {"labels": one.pk}).status_code == 400
    again = send(desk, one, reason="It was lost", again=one.pk)
    assert again.items.get().reason == "It was lost"


def test_the_last_choice_is_remembered_and_the_shop_says_the_first(
    desk: Client, shop: Shop
) -> None:
    Shop.objects.update(label_size="4x6")
    one, two = label(shop, 1), label(shop, 2)
    assert '<option value="4x6" selected>' in text(desk, f"/labels/print/?labels={one.pk}")
    send(desk, one, size="A5", sorting="ship_by", reversed="on")
    page = text(desk, f"/labels/print/?labels={two.pk}")
    for wanted in (
        'value="A5" selected',
        'value="ship_by" selected',
        'name="reversed" value="on" checked',
    ):
        assert wanted in page
    assert 'name="pick_list" value="on" checked' not in page


def test_what_became_of_a_print_is_told_on_its_page(desk: Client, shop: Shop) -> None:
    labels = [label(shop, at) for at in (1, 2, 3)]
    file = send(desk, *labels)
    page = text(desk, f"/labels/prints/{file.pk}/?dialog=1")
    assert f'data-file="/labels/prints/{file.pk}/file.pdf"' in page
    assert "data-file" not in text(desk, f"/labels/prints/{file.pk}/")
    wrong = desk.post(f"/labels/prints/{file.pk}/", {"came_out": "up_to", "last": "9"})
    assert wrong.status_code == 409
    assert "There is no label 9 in this file" in wrong.content.decode()
    assert desk.post(f"/labels/prints/{file.pk}/", {"came_out": "some"}).status_code == 400
    desk.post(f"/labels/prints/{file.pk}/", {"came_out": "up_to", "last": number(2)})
    assert list(Label.objects.order_by("pk").values_list("label_print", flat=True)) == [
        "confirmed",
        "confirmed",
        "no",
    ]
    page = text(desk, f"/labels/prints/{file.pk}/?dialog=1")
    assert "mai@shop.example said so" in page
    assert "data-file" not in page
    late = desk.post(f"/labels/prints/{file.pk}/", {"came_out": "all"})
    assert late.status_code == 409
    assert "said already" in late.content.decode()


def test_files_are_personal_and_every_opening_is_noted(desk: Client, shop: Shop) -> None:
    one = label(shop, 1)
    file = send(desk, one)
    said = desk.get(f"/labels/prints/{file.pk}/file.pdf")
    assert said["Content-Type"] == "application/pdf"
    assert said["Cache-Control"] == "no-store"
    assert said["X-Frame-Options"] == "SAMEORIGIN"
    assert said["Content-Security-Policy"] == "frame-ancestors 'self'"
    assert number(1) in pages_of(said.content)[-1][1]
    assert AuditEntry.objects.filter(kind="print_opened", by="mai@shop.example").count() == 1
    assert "Labels" in text(desk, "/labels/prints/")


def test_a_confirmed_file_opens_with_a_reason_only(desk: Client, shop: Shop) -> None:
    file = send(desk, label(shop, 1))
    path = f"/labels/prints/{file.pk}/"
    assert "Reason to open it" not in text(desk, path)
    desk.post(path, {"came_out": "all"})
    assert "Reason to open it" in text(desk, path)
    assert desk.get(f"{path}file.pdf")["Location"] == f"{path}#open-again"
    assert desk.post(f"{path}file.pdf", {"reason": " "}).status_code == 400
    assert not AuditEntry.objects.filter(kind__in=("print_opened", "print_reopened"))
    said = desk.post(f"{path}file.pdf", {"reason": "It tore"})
    assert said["Content-Type"] == "application/pdf"
    assert AuditEntry.objects.get(kind="print_reopened").detail["reason"] == "It tore"


def test_prints_that_await_a_word_are_said_and_found(desk: Client, shop: Shop) -> None:
    one, two = send(desk, label(shop, 1)), send(desk, label(shop, 2))
    send(desk, label(shop, 3), content="pick_list")
    for path in ("/labels/prints/", "/labels/"):
        assert "2 prints await your word" in text(desk, path)
    assert "2 labels sent, waiting for your word" in text(desk, "/labels/?tab=printed")
    desk.post(f"/labels/prints/{one.pk}/", {"came_out": "all"})
    page = text(desk, "/labels/prints/?waiting=yes")
    assert "1 print awaits your word" in page
    assert re.findall(r'data-print="(\d+)"', page) == [str(two.pk)]


def test_what_was_printed_is_found(desk: Client, shop: Shop, monkeypatch: Any) -> None:
    first, second = send(desk, label(shop, 1)), send(desk, label(shop, 2))
    for q, wanted in (
        (number(1).lower(), [first]),
        ("5760000002", [second]),
        ("mai@shop", [second, first]),
        ("nobody", []),
    ):
        found = re.findall(r'data-print="(\d+)"', text(desk, f"/labels/prints/?q={q}"))
        assert found == [str(each.pk) for each in wanted], q
    monkeypatch.setattr("shipboard.desk.print_files.LIST_SHOWN", 1)
    older = re.search(r'rel="next" href="([^"]+)"', text(desk, "/labels/prints/?q=mai"))
    assert older
    assert f'data-print="{first.pk}"' in text(desk, older[1].replace("&amp;", "&"))


def test_other_shops_labels_and_prints_are_not_there(desk: Client, shop: Shop) -> None:
    one = label(shop, 1)
    file = send(desk, one)
    person = User.objects.create_user(
        "an@shop.example", "a long password", role=Role.PACKER, sees_all_shops=False
    )
    person.shops.add(make.shop("Other"))
    client = Client()
    client.force_login(person)
    for path in (f"{file.pk}/", f"{file.pk}/file.pdf"):
        assert client.get(f"/labels/prints/{path}").status_code == 404
    assert f'data-print="{file.pk}"' not in text(client, "/labels/prints/")
    assert "0 labels chosen" in text(client, f"/labels/print/?labels={one.pk}")
    assert "No label of your shops" in text(client, f"/labels/scan/?code={number(1)}")
    Label.objects.all().delete()
    assert "No label of your shops" in text(client, "/labels/scan/?code=5760000001")


def test_a_run_is_waited_for_and_then_printed_by_itself(
    desk: Client, owner: User, shop: Shop
) -> None:
    done, coming, bad = label(shop, 1), label(shop, 2, is_created=False), label(shop, 3)
    Label.objects.filter(pk=bad.pk).update(
        state=Label.State.REJECTED, reason="Too heavy.", next_step="Choose another service."
    )
    run = run_of(owner, done, coming, bad, prints_at_once=True)
    path = f"/labels/print/?run={run.pk}"
    page = text(desk, path)
    for told in (
        "2 of 3 labels have come out",
        "Too heavy.",
        "Choose another service.",
        "Print the 1 that is ready",
    ):
        assert told in page
    assert "data-opens-itself" not in page
    polled = desk.get(path, headers={"HX-Request": "true", "HX-Target": "print-run"})
    assert polled.status_code == 200
    Label.objects.filter(pk=coming.pk).update(state=Label.State.CREATED)
    polled = desk.get(path, headers={"HX-Request": "true", "HX-Target": "print-run"})
    assert polled.status_code == 286
    assert "data-opens-itself" in polled.content.decode()
    desk.post("/labels/print/", fields(run=run.pk, labels=""))
    assert "data-opens-itself" not in text(desk, path)


def test_only_the_one_who_asked_has_a_run_printed_by_itself(
    desk: Client, owner: User, shop: Shop
) -> None:
    other = User.objects.create_user("an@shop.example", "a long password", role=Role.OWNER)
    theirs = run_of(other, label(shop, 1), prints_at_once=True)
    later = run_of(owner, label(shop, 2))
    for run in (theirs, later):
        assert "data-opens-itself" not in text(desk, f"/labels/print/?run={run.pk}")
    assert desk.get("/labels/print/?run=999999").status_code == 404


def test_a_packer_prints_the_labels_of_a_managers_run(owner: User, shop: Shop) -> None:
    run = run_of(owner, label(shop, 1))
    mixed = run_of(owner, label(shop, 2), label(make.shop("Other"), 3))
    person = User.objects.create_user(
        "an@shop.example", "a long password", role=Role.PACKER, sees_all_shops=False
    )
    person.shops.add(shop)
    client = Client()
    client.force_login(person)
    page = text(client, f"/labels/print/?run={run.pk}")
    assert "Print 1 label<" in page
    assert "data-left=" not in page  # what desk.js takes for an instant
    assert client.get(f"/labels/print/?run={mixed.pk}").status_code == 404


@pytest.mark.parametrize(
    ("change", "word", "sentence"),
    [
        ({}, "OK", "It may be handed over."),
        ({"stage": Stage.CANCELED}, "STOP", "Pull the parcel."),
        ({"collected_at": make.NOW, "stage": Stage.IN_TRANSIT}, "STOP", "handed over already"),
    ],
)
def test_the_scan_station_says_what_may_go(
    desk: Client, shop: Shop, change: dict[str, Any], word: str, sentence: str
) -> None:
    one = label(shop, 1)
    Order.objects.update(**change)
    for code in (number(1), number(1).lower(), one.package_id):
        page = text(desk, f"/labels/scan/?code={code}")
        assert f'data-said="{word}"' in page
        assert sentence in page


def test_the_scan_station_says_what_to_take_out(desk: Client, shop: Shop) -> None:
    one = label(shop, 1, skus={"MUG-01": 2})
    cancel_units(one, "MUG-01", had=2, canceled=1)
    page = text(desk, f"/labels/scan/?code={number(1)}")
    assert 'data-said="STOP"' in page
    assert "Take 1 x MUG-01 out of the parcel." in page


def test_what_is_taken_out_is_said_on_the_page_of_its_label(desk: Client, shop: Shop) -> None:
    one, other = label(shop, 1, skus={"MUG-01": 3}), label(shop, 2)
    cancel_units(one, "MUG-01", had=3, canceled=1)
    path = f"/labels/{one.pk}/cleared/"
    assert f'action="{path}"' in text(desk, f"/labels/{one.pk}/")
    assert "cleared/" not in text(desk, f"/labels/{other.pk}/")
    for given in ({"units": 1}, {"units": 2, "sure": "yes"}, {"units": "x", "sure": "yes"}):
        desk.post(path, given)
        assert 'data-said="STOP"' in text(desk, f"/labels/scan/?code={number(1)}")
    desk.post(f"/labels/{other.pk}/cleared/", {"units": 0, "sure": "yes"})
    other.refresh_from_db()
    assert other.cleared_at is None
    desk.post(path, {"units": 1, "sure": "yes"})
    scanned = text(desk, f"/labels/scan/?code={number(1)}")
    assert 'data-said="OK"' in scanned
    assert "1 x MUG-01 must not be in it: mai@shop.example said" in scanned
    assert "1 x MUG-01 is taken out" in text(desk, f"/labels/{one.pk}/")
    assert Event.objects.filter(kind="label_cleared", by="mai@shop.example").count() == 1
    send(desk, one)


def test_canceled_units_are_said_to_be_out_where_it_is_printed(desk: Client, shop: Shop) -> None:
    one = label(shop, 1, skus={"MUG-01": 2})
    cancel_units(one, "MUG-01", had=2, canceled=1)
    page = text(desk, f"/labels/print/?labels={one.pk}")
    assert "0 to print, 1 left out" in page
    assert f'name="cleared" value="{one.pk}-1"' in page
    assert desk.post("/labels/print/", fields(one)).status_code == 409
    assert desk.post("/labels/print/", fields(one, cleared=f"{one.pk}-2")).status_code == 409
    assert send(desk, one, cleared=f"{one.pk}-1").items.get().label_id == one.pk


def test_the_scan_station_takes_order_numbers(desk: Client, shop: Shop) -> None:
    one = label(shop, 1)
    path = "/labels/scan/?code=5760000001"
    assert 'data-said="OK"' in text(desk, path)
    second = label(shop, 2)
    second.inside.update(order=Order.objects.get(labels__label=one))
    page = text(desk, path)
    assert 'data-said="WHICH?"' in page
    for at in (1, 2):
        assert f'href="/labels/scan/?code={number(at)}"' in page
    Label.objects.filter(pk=one.pk).update(state=Label.State.VOIDED)
    assert 'data-said="OK"' in text(desk, path)
    Label.objects.update(state=Label.State.VOIDED)
    assert "No label was made here for order 5760000001." in text(desk, path)


@pytest.mark.parametrize("code", ["nothing", "%00", "1" * 300, "]C1", "%F0%9F%92%A9"])
def test_any_code_gets_an_answer(desk: Client, shop: Shop, code: str) -> None:
    label(shop, 1)
    assert 'data-said="OK"' not in text(desk, f"/labels/scan/?code={code}")


def test_the_scan_station_confirms_up_to_what_was_scanned(desk: Client, shop: Shop) -> None:
    one, two = label(shop, 1), label(shop, 2)
    file = send(desk, one, two)
    page = text(desk, f"/labels/scan/?code={number(1)}", headers={"HX-Request": "true"})
    assert "<html" not in page
    assert f'action="/labels/prints/{file.pk}/"' in page
    assert "confirm up to number 1 of 2" in page


def test_pages_take_as_many_queries_for_many_labels(desk: Client, shop: Shop) -> None:
    labels = [label(shop, at) for at in range(1, 11)]
    counts = []
    for some in (labels[:1], labels[1:]):
        file = send(desk, *some)
        counted = []
        for path in (
            f"/labels/print/?labels={','.join(str(each.pk) for each in some)}",
            f"/labels/prints/{file.pk}/",
        ):
            with CaptureQueriesContext(connection) as queries:
                desk.get(path)
            counted.append(len(queries))
        counts.append(counted)
    assert counts[0] == counts[1]
