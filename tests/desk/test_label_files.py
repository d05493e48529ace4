"""Label files on screen: sending several, what became of each page, and the mark as shipped."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shipboard.accounts.models import AuditEntry, User
from shipboard.accounts.roles import Role
from shipboard.channels.models import Shop
from shipboard.orders.attempts import Attempt
from shipboard.orders.labels import Label
from shipboard.orders.models import Order
from shipboard.uploads import label_reading
from shipboard.uploads.models import LabelFile, LabelPage
from tests import make
from tests.uploads import label_pdf as pdf
from tests.uploads.test_label_files import place

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return make.shop()


def client(role: Role = Role.MANAGER) -> Client:
    person = User.objects.create_user(
        f"{role}@shop.example", "a long password", role=role, sees_all_shops=True
    )
    found = Client()
    found.force_login(person)
    return found


def send(by: Client, *contents: bytes, shop: str = "northwind", key: str = ""):  # type: ignore[no-untyped-def]
    files = [
        SimpleUploadedFile(f"labels-{at}.pdf", content, "application/pdf")
        for at, content in enumerate(contents, 1)
    ]
    given = {"shop": shop, "key": key or str(uuid4()), "files": files}
    return by.post("/labels/files/", given)


def read_all() -> None:
    for of in LabelFile.objects.filter(state="reading"):
        label_reading.carry_on(of.pk, lambda: make.NOW)


def test_several_at_once_and_the_history(shop: Shop) -> None:
    mai = client()
    place(shop, 1)
    response = send(mai, pdf.pages([pdf.parcel(1)]), pdf.written("Thank you!"))
    assert response.url == "/labels/files/"
    listed = mai.get("/labels/files/").content.decode()
    assert "Being read" in listed
    for name in ("labels-1.pdf", "labels-2.pdf"):
        assert f"{name} is taken and being read." in listed
    read_all()
    page = mai.get("/labels/files/").content.decode()
    assert "labels-1.pdf" in page
    assert "manager@shop.example" in page
    counts = LabelFile.objects.order_by("pk").values_list("state", "pages")
    assert list(counts) == [("done", 1), ("done", 1)]
    assert AuditEntry.objects.filter(kind="label_file_sent").count() == 2


def test_one_goes_to_its_page_and_twice_is_said(shop: Shop) -> None:
    mai, content = client(), pdf.written("Thank you!")
    first = send(mai, content)
    assert first.url == f"/labels/files/{LabelFile.objects.get().pk}/"
    again = send(mai, content)
    assert again.url == first.url
    assert "was sent before" in mai.get(again.url).content.decode()


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"shop": "other"}, "Choose the shop"),
        ({"key": "no key"}, "did not arrive whole"),
    ],
)
def test_a_form_that_is_not_whole(shop: Shop, given: dict[str, str], why: str) -> None:
    response = send(client(), pdf.written("x"), **given)
    assert response.status_code == 422
    assert why in response.content.decode()
    assert not LabelFile.objects.exists()


def test_what_is_wrong_with_one_does_not_keep_the_others(shop: Shop) -> None:
    response = send(client(), b"no pdf at all", pdf.written("x"))
    assert response.status_code == 422
    assert "labels-1.pdf is not a PDF" in response.content.decode()
    assert "labels-2.pdf is taken and being read." in response.content.decode()
    assert LabelFile.objects.count() == 1
    assert "Choose the PDFs" in send(client(Role.OWNER)).content.decode()


def test_each_page_with_its_parcel_or_the_reason(shop: Shop) -> None:
    mai = client()
    order = place(shop, 1)
    send(mai, pdf.joined([pdf.pages([pdf.parcel(1)]), pdf.written("Call 0812345678901")]))
    of = LabelFile.objects.get()
    waiting = mai.get(f"/labels/files/{of.pk}/")
    assert "Waiting to be read" in waiting.content.decode()
    read_all()
    page = mai.get(f"/labels/files/{of.pk}/").content.decode()
    assert "1 of 2 pages matched, 1 not" in page
    assert "Nothing on it is an order" in page
    assert "0812345678901" in page
    matched = mai.get(f"/labels/files/{of.pk}/?pages=matched").content.decode()
    assert pdf.tracking(1) in matched
    assert f"/orders/{order.order_id}/" in matched
    assert f"/labels/print/?labels={Label.objects.get().pk}" in matched
    part = mai.get(f"/labels/files/{of.pk}/", headers={"HX-Target": "label-file"})
    assert part.status_code == 286


def test_who_may_not_see_buyers_sees_no_number_and_no_page(shop: Shop) -> None:
    packer = client(Role.PACKER)
    send(packer, pdf.written("Call 0812345678901"))
    read_all()
    page = LabelPage.objects.get()
    assert "0812345678901" not in packer.get(f"/labels/files/{page.file_id}/").content.decode()
    picture = f"/labels/files/pages/{page.pk}/picture/"
    assert packer.get(picture).status_code == 403
    shown = client().get(picture)
    assert shown["Content-Type"] == "image/png"
    assert AuditEntry.objects.get(kind="label_page_shown").detail == {"page": 1}


def test_saying_whose_putting_away_and_bringing_back(shop: Shop) -> None:
    mai = client()
    order = place(shop, 1)
    send(mai, pdf.joined([pdf.written("one"), pdf.written("two")]))
    read_all()
    first, second = LabelPage.objects.order_by("number")
    address = f"/labels/files/pages/{first.pk}/"
    wrong = mai.post(address, {"do": "whose", "number": "nothing-1234"})
    assert wrong.status_code == 422
    assert "Northwind has nothing under nothing-1234" in wrong.content.decode()
    right = mai.post(address, {"do": "whose", "number": order.order_id}, follow=True)
    said = f"Page 1 is the label of order {order.order_id}, GX000000000001"
    assert said in right.content.decode()
    assert Label.objects.get().inside.get().order_id == order.pk
    away = f"/labels/files/pages/{second.pk}/"
    for do, state in (("away", "away"), ("back", "unmatched")):
        assert mai.post(away, {"do": do}).status_code == 302
        second.refresh_from_db()
        assert second.state == state
    assert mai.post(away, {"do": "burn"}).status_code == 400
    assert mai.post(address, {"do": "away"}).status_code == 422


def test_a_page_of_another_order_is_taken_only_when_said_twice(shop: Shop) -> None:
    mai = client()
    send(mai, pdf.pages([pdf.parcel(1)]))
    read_all()
    other, order = place(shop, 1), place(shop, 2)
    page = LabelPage.objects.get()
    address = f"/labels/files/pages/{page.pk}/"
    given = {"do": "whose", "number": order.order_id}
    warned = mai.post(address, given)
    assert warned.status_code == 422
    shown = warned.content.decode()
    assert f"names order {other.order_id}, and you gave order {order.order_id}" in shown
    assert not Label.objects.exists()
    assert 'name="sure" value="yes"' in shown
    mai.post(address, given | {"sure": "yes"})
    assert Label.objects.get().inside.get().order_id == order.pk


def test_matched_again_after_an_import(shop: Shop) -> None:
    mai = client()
    send(mai, pdf.pages([pdf.parcel(1)]))
    read_all()
    place(shop, 1)
    of = LabelFile.objects.get()
    mai.post(f"/labels/files/{of.pk}/match/")
    read_all()
    assert Label.objects.count() == 1
    said = mai.post(f"/labels/files/{of.pk}/match/", follow=True).content.decode()
    assert "No page of it waits" in said


def test_a_refused_file_says_why(shop: Shop) -> None:
    mai = client()
    send(mai, b"%PDF-1.7 garbage")
    read_all()
    page = mai.get(f"/labels/files/{LabelFile.objects.get().pk}/").content.decode()
    assert "The file was not taken" in page
    assert "damaged" in page


def test_the_history_asks_as_often_for_many_files(
    shop: Shop,
    django_assert_num_queries: Callable[..., object],
) -> None:
    mai = client()
    send(mai, pdf.written("0"))
    read_all()
    mai.get("/labels/files/")
    with CaptureQueriesContext(
        connection,
    ) as one:
        mai.get("/labels/files/")
    count = len(one)
    for at in range(1, 6):
        send(mai, pdf.written(f"{at}"))
    read_all()
    with django_assert_num_queries(count):
        mai.get("/labels/files/")


def test_the_order_says_what_is_missing_and_is_marked(shop: Shop) -> None:
    mai = client()
    order = place(shop, 1, packed=False)
    address = f"/orders/{order.order_id}/"
    page = mai.get(address).content.decode()
    assert f"/labels/files/?shop={shop.slug}" in page
    send(mai, pdf.pages([pdf.parcel(1)]))
    read_all()
    assert "the mark as shipped is missing" in mai.get(address).content.decode()
    order.refresh_from_db()
    marked = mai.post(f"{address}mark-shipped/", {"seen": str(order.version)}, follow=True)
    page = marked.content.decode()
    assert f"Order {order.order_id} is marked as shipped here." in page
    assert "Mark it in Seller Center too; the next import confirms it." in page
    assert "marked as shipped here; the next import confirms it" in page
    assert 'id="do-mark_shipped"' not in page
    attempt = Attempt.objects.get()
    assert f"/attempts/{attempt.pk}/undo/" in page
    mai.post(f"/attempts/{attempt.pk}/undo/")
    assert 'id="do-mark_shipped"' in mai.get(address).content.decode()


def test_marking_an_older_picture_is_refused_with_the_order_as_it_is(shop: Shop) -> None:
    order = place(shop, 1)
    mai = client()
    for given, status in (({"seen": "77"}, 409), ({"key": "no"}, 422)):
        response = mai.post(f"/orders/{order.order_id}/mark-shipped/", given)
        assert response.status_code == status
    assert not Attempt.objects.exists()


def test_many_are_marked_from_the_bar(shop: Shop) -> None:
    orders = [place(shop, at) for at in (1, 2)]
    mai = client()
    keys = ",".join(str(each.pk) for each in orders)
    assert (
        'data-bulk-verb="mark_shipped"'
        in mai.post("/orders/selection/", {"orders": keys}).content.decode()
    )
    form = mai.post("/runs/form/", {"orders": keys, "verb": "mark_shipped"}).content.decode()
    assert "Mark as shipped 2 orders" in form
    Order.objects.update(shipping="seller")
    bar = mai.post("/orders/selection/", {"orders": keys}).content.decode()
    assert "mark_shipped" not in bar
