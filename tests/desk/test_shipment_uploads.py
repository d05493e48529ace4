"""Shipments from a file, on screen: the preview, beginning it, the files, who may."""

from __future__ import annotations

import io
import re
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from shipboard import tasks
from shipboard.channels.models import Shop
from shipboard.fulfilment.models import Run, RunRow
from shipboard.uploads.models import ShipmentUpload
from shipboard.uploads.uploads import purge
from tests import make
from tests.uploads.conftest import Write, long_row, number, order_id, place, write

__all__ = ["write"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(db: None) -> Shop:
    shop = make.shop()
    for at in (1, 2):
        place(shop, at)
    return shop


def post(desk: Client, shop: Shop, content: bytes, name: str = "monday.xlsx") -> object:
    file = SimpleUploadedFile(name, content)
    return desk.post("/uploads/shipments/", {"shop": shop.slug, "file": file, "key": str(uuid4())})


@pytest.fixture
def upload(desk: Client, shop: Shop, write: Write) -> ShipmentUpload:
    rows = [
        long_row(1, number(1)),
        long_row(2, number(2), carrier="FedEx"),
        long_row(9, number(9)),
    ]
    response = post(desk, shop, write(rows).read_bytes())
    assert response.status_code == 302, response.content.decode()  # type: ignore[attr-defined]
    return ShipmentUpload.objects.get()


def chips(page: str) -> dict[str, int]:
    found = re.findall(r'data-result="(\w+)" data-count="(\d+)"', page)
    return {name: int(count) for name, count in found}


def rows(page: str) -> list[str]:
    return re.findall(r'<tr data-row="\d+" data-result="(\w+)"', page)


def test_a_file_is_previewed_begun_and_done(desk: Client, upload: ShipmentUpload) -> None:
    url = f"/uploads/shipments/{upload.pk}/"
    page = desk.get(url).content.decode()
    assert chips(page) == {"all": 3, "good": 1, "warned": 1, "refused": 1, "unchanged": 0}
    assert rows(page) == ["good", "warned", "refused"]
    assert "Ship 2 orders" in page
    assert "the 1 refused stay behind" in page
    assert rows(desk.get(f"{url}?result=refused").content.decode()) == ["refused"]
    assert Run.objects.count() == 0
    begun = desk.post(f"{url}begin/")
    assert begun["Location"] == url
    polled = desk.get(url, headers={"HX-Target": "upload-body"})
    assert polled.status_code == 200
    assert b"every 1s" in polled.content
    assert chips(polled.content.decode()) == {"all": 3, "waiting": 2, "refused": 1}
    tasks.carry_on_run(Run.objects.get().pk)
    polled = desk.get(url, headers={"HX-Target": "upload-body"})
    assert polled.status_code == 286
    assert chips(polled.content.decode()) == {"all": 3, "recorded": 2, "refused": 1}
    assert b"every 1s" not in polled.content
    desk.post(f"{url}begin/")
    assert Run.objects.count() == 1


def test_what_is_being_sent_has_not_gone_through(desk: Client, upload: ShipmentUpload) -> None:
    url = f"/uploads/shipments/{upload.pk}/"
    desk.post(f"{url}begin/")
    assert "0 of 2 rows gone through" in desk.get(url).content.decode()
    first, second = RunRow.objects.order_by("position")
    RunRow.objects.filter(pk=first.pk).update(outcome=RunRow.Outcome.SENDING)
    assert "0 of 2 rows gone through" in desk.get(url).content.decode()
    RunRow.objects.filter(pk=second.pk).update(outcome=RunRow.Outcome.SKIPPED)
    page = desk.get(url).content.decode()
    assert "1 of 2 rows gone through" in page
    assert chips(page) == {"all": 3, "sending": 1, "refused": 1, "unchanged": 1}


def test_a_template_that_is_sent_as_it_came(desk: Client, shop: Shop, write: Write) -> None:
    post(desk, shop, write([long_row(at, "", carrier="") for at in (1, 2)]).read_bytes())
    url = f"/uploads/shipments/{ShipmentUpload.objects.get().pk}/"
    page = desk.get(url).content.decode()
    assert rows(page) == ["left_out", "left_out"]
    assert chips(page)["left_out"] == 2
    assert "Left out" in page
    assert rows(desk.get(f"{url}?result=left_out").content.decode()) == ["left_out", "left_out"]
    assert rows(desk.get(f"{url}?result=unchanged").content.decode()) == []


@pytest.mark.parametrize("key", ["", "nonsense"])
def test_a_damaged_form_is_told_so(desk: Client, shop: Shop, write: Write, key: str) -> None:
    file = SimpleUploadedFile("monday.xlsx", write([long_row(1, number(1))]).read_bytes())
    given = {"shop": shop.slug, "file": file, "key": key}
    response = desk.post("/uploads/shipments/", given)
    assert response.status_code == 422
    assert "The form did not arrive whole." in response.content.decode()


def test_a_shop_with_nul_is_refused_with_a_sentence(desk: Client, shop: Shop) -> None:
    page = desk.get("/uploads/shipments/template/?shop=a%00")
    assert page.status_code == 400
    assert "NUL" in page.content.decode()
    assert desk.get("/uploads/shipments/?shop=a%00").status_code == 200
    file = SimpleUploadedFile("monday.csv", b"Order ID,Tracking ID")
    given = {"shop": "a\0", "file": file, "key": str(uuid4())}
    assert desk.post("/uploads/shipments/", given).status_code == 422


def test_a_file_that_is_too_big_is_told_its_size(desk: Client, shop: Shop) -> None:
    response = post(desk, shop, b"x" * (23 * 1024**2))
    assert "The file is 23 MB, and at most 20 MB" in response.content.decode()  # type: ignore[attr-defined]


def test_both_files_can_be_taken(desk: Client, upload: ShipmentUpload) -> None:
    result = desk.get(f"/uploads/shipments/{upload.pk}/result/")
    assert "monday_result.xlsx" in result["Content-Disposition"]
    sheet = load_workbook(io.BytesIO(result.content))["Shipping info"]
    assert [sheet.cell(row=row, column=8).value for row in range(2, 6)] == [
        "Shipboard result",
        "Good",
        "With a warning",
        "Refused",
    ]
    failed = desk.get(f"/uploads/shipments/{upload.pk}/failed/")
    sheet = load_workbook(io.BytesIO(failed.content))["Shipping info"]
    assert [sheet["A3"].value, sheet["A4"].value] == [order_id(9), None]


def test_history_and_what_is_not_kept(desk: Client, upload: ShipmentUpload) -> None:
    page = desk.get("/uploads/shipments/").content.decode()
    assert "monday.xlsx" in page
    assert "Not begun" in page
    purge(make.NOW + 40 * 24 * make.HOUR)
    page = desk.get(f"/uploads/shipments/{upload.pk}/").content.decode()
    assert "were kept for 30 days" in page
    assert "Ship 2 orders" not in page
    assert desk.get(f"/uploads/shipments/{upload.pk}/result/").status_code == 410
    assert "Not kept any more" in desk.get("/uploads/shipments/").content.decode()


def test_a_bad_file_is_refused_in_its_field(desk: Client, shop: Shop) -> None:
    for content, word in ((b"", "0 bytes"), (b"%PDF-1", "a PDF"), (b"a,b\n1,2", "is a header")):
        response = post(desk, shop, content)
        assert response.status_code == 422  # type: ignore[attr-defined]
        assert word in response.content.decode()  # type: ignore[attr-defined]
    assert ShipmentUpload.objects.count() == 0


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.parametrize("layout", ["long", "short"])
def test_the_template_is_taken_for_one_shop(
    desk: Client, shop: Shop, layout: str, kind: str
) -> None:
    make.shop("Other")
    url = f"/uploads/shipments/template/?layout={layout}&format={kind}"
    assert desk.get(url).status_code == 400
    answer = desk.get(f"{url}&shop={shop.slug}")
    assert answer.status_code == 200
    assert f"shipments_northwind_2026-11-22.{kind}" in answer["Content-Disposition"]
    assert desk.get(f"{url}&shop=nowhere").status_code == 400
    assert desk.get("/uploads/shipments/template/?layout=wide").status_code == 400


def test_the_dialog_opens_from_manage_orders(desk: Client, shop: Shop) -> None:
    page = desk.get("/orders/").content.decode()
    assert 'href="/uploads/shipments/"' in page
    dialog = desk.get("/uploads/shipments/", headers={"HX-Target": "panel-body"}).content.decode()
    assert "<html" not in dialog
    assert 'id="panel-title"' in dialog
    assert "No file yet" in desk.get("/uploads/shipments/").content.decode()


def test_rows_are_paged(desk: Client, shop: Shop, write: Write) -> None:
    post(desk, shop, write([long_row(at, number(at)) for at in range(1, 131)]).read_bytes())
    url = f"/uploads/shipments/{ShipmentUpload.objects.get().pk}/"
    first = desk.get(url).content.decode()
    assert len(rows(first)) == 100
    assert "after=102" in first
    assert len(rows(desk.get(f"{url}?after=102").content.decode())) == 30
