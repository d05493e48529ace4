"""Importing from the page: queued, run once, every row accounted for, bytes gone afterwards."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from shipboard import tasks
from shipboard.channels.models import Shop
from shipboard.ingest.imports import open_import, resume_imports, run_import
from shipboard.ingest.models import OrderImport
from shipboard.orders.models import Hold, Order
from tests import make
from tests.export_file import export

pytestmark = pytest.mark.django_db


def send(desk: Client, shop: Shop, content: bytes, **given: str) -> OrderImport:
    file = SimpleUploadedFile("orders.csv", content)
    response = desk.post("/uploads/", {"shop": shop.slug, "file": file, **given})
    assert response.status_code == 302, response.content.decode()
    return OrderImport.objects.latest("pk")


def run(of: OrderImport) -> OrderImport:
    tasks.import_orders(of.pk)
    of.refresh_from_db()
    return of


def test_a_file_becomes_orders_and_its_bytes_go(desk: Client) -> None:
    of = send(desk, make.shop(), export(make.NOW, orders=30))
    page = desk.get(f"/uploads/{of.pk}/").content.decode()
    assert "Waiting to be read" in page
    assert 'hx-trigger="every 1s"' in page
    kept = Path(of.path)
    assert kept.stat().st_mode & 0o777 == 0o600
    of = run(of)
    assert (of.state, of.orders_created, Order.objects.count()) == ("done", 30, 30)
    assert not kept.exists()
    polled = desk.get(f"/uploads/{of.pk}/", headers={"HX-Target": "outcome"})
    assert polled.status_code == 286
    assert b"hx-trigger" not in polled.content


def test_the_same_upload_twice_changes_nothing(desk: Client) -> None:
    shop = make.shop()
    run(send(desk, shop, export(make.NOW, orders=12)))
    again = run(send(desk, shop, export(make.NOW, orders=12)))
    assert (again.orders_created, again.orders_updated, again.orders_unchanged) == (0, 0, 12)
    run_import(again.pk)
    assert Order.objects.count() == 12


def test_a_job_run_twice_counts_once(desk: Client) -> None:
    of = send(desk, make.shop(), export(make.NOW, orders=12))
    run(of)
    assert run(of).orders_created == 12


def test_a_file_that_is_none_says_so_and_changes_nothing(desk: Client) -> None:
    of = run(send(desk, make.shop(), b"%PDF-1.7 not orders"))
    page = desk.get(f"/uploads/{of.pk}/").content.decode()
    assert "nothing was changed" in page
    assert "PDF" in page
    assert Order.objects.count() == 0


def test_bad_rows_are_named_and_come_back_as_a_file(desk: Client) -> None:
    lines = export(make.NOW, orders=6).decode("utf-8-sig").splitlines()
    header, *rows = csv.reader(lines)
    rows[0][header.index("Created Time")] = "yesterday"
    rows[0][header.index("Buyer Message")] = "=HYPERLINK(1)"
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    of = run(send(desk, make.shop(), text.getvalue().encode()))
    assert (of.orders_rejected, of.orders_created) == (1, 5)
    page = desk.get(f"/uploads/{of.pk}/").content.decode()
    assert '<td class="num">2</td>' in page
    response = desk.get(f"/uploads/{of.pk}/rejected.csv")
    back = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    got_header, *got = csv.reader(io.StringIO(back))
    assert got_header == [*header, "Why it was rejected"]
    assert got[0][header.index("Order ID")].strip() == rows[0][0].strip()
    assert got[0][header.index("Buyer Message")] == "'=HYPERLINK(1)"
    assert "yesterday" in got[0][-1]


def test_the_rejected_file_can_be_mended_and_sent_again(desk: Client) -> None:
    shop = make.shop()
    lines = export(make.NOW, orders=4).decode("utf-8-sig").splitlines()
    header, *rows = csv.reader(lines)
    good = rows[0][header.index("Quantity")]
    rows[0][header.index("Quantity")] = "0"
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    of = run(send(desk, shop, text.getvalue().encode()))
    response = desk.get(f"/uploads/{of.pk}/rejected.csv")
    back = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    got_header, *got = csv.reader(io.StringIO(back))
    got[0][header.index("Quantity")] = good
    text = io.StringIO()
    csv.writer(text).writerows([got_header, *got])
    mended = run(send(desk, shop, text.getvalue().encode()))
    assert (mended.orders_created, mended.orders_rejected) == (1, 0)
    assert Order.objects.count() == 4


def test_a_complete_list_holds_what_it_lacks_until_it_is_seen_again(desk: Client) -> None:
    shop = make.shop()
    run(send(desk, shop, export(make.NOW, orders=100)))
    waiting = Order.objects.filter(stage="awaiting_shipment").order_by("order_id")
    gone = waiting[0].order_id
    lines = export(make.NOW, orders=100).decode("utf-8-sig").splitlines(keepends=True)
    less = "".join(line for line in lines if not line.startswith(gone)).encode()
    of = run(send(desk, shop, less, complete_list="awaiting_shipment"))
    assert gone in of.missing
    hold = Hold.objects.get(order__order_id=gone)
    assert "complete list" in hold.reason
    assert "held=yes" in desk.get(f"/uploads/{of.pk}/").content.decode()


def test_a_form_without_a_file_says_what_is_missing(desk: Client) -> None:
    shop = make.shop()
    response = desk.post("/uploads/", {"shop": shop.slug})
    assert response.status_code == 422
    assert "Choose the file" in response.content.decode()
    assert OrderImport.objects.count() == 0


def test_the_copy_can_go_round_twice_and_holds_no_formula(desk: Client) -> None:
    shop = make.shop()
    header, row, *_ = csv.reader(export(make.NOW, orders=1).decode("utf-8-sig").splitlines())
    row[header.index("Quantity")] = "0"
    row[header.index("Buyer Message")] = "\n=1+1"
    row[header.index("Seller Note")] = "+84 912 345 678"
    header[header.index("Shipping Information")] = "=1+1"
    content = [header, row]
    for _ in range(3):
        text = io.StringIO()
        csv.writer(text).writerows(content)
        of = run(send(desk, shop, text.getvalue().encode()))
        assert of.orders_rejected == 1, of.problem
        response = desk.get(f"/uploads/{of.pk}/rejected.csv")
        back = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
        content = list(csv.reader(io.StringIO(back, newline="")))
        assert content[0].count("Why it was rejected") == 1
        assert not [cell for line in content for cell in line if cell.strip().startswith("=")]
    content[1][header.index("Quantity")] = "1"
    text = io.StringIO()
    csv.writer(text).writerows(content)
    run(send(desk, shop, text.getvalue().encode()))
    order = Order.objects.get()
    assert order.buyer_message == "=1+1"
    assert order.seller_note == "+84 912 345 678"
    assert "Why it was rejected" not in order.extra
    assert "mai@shop.example" in desk.get(f"/uploads/{of.pk}/").content.decode()


def test_a_file_name_in_any_script_comes_back(desk: Client) -> None:
    file = SimpleUploadedFile("ออเดอร์.csv", export(make.NOW, orders=1))
    desk.post("/uploads/", {"shop": make.shop().slug, "file": file})
    response = desk.get(f"/uploads/{OrderImport.objects.get().pk}/rejected.csv")
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''rejected-")


def test_an_import_whose_job_was_lost_goes_on(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = send(desk, make.shop(), export(make.NOW, orders=12))
    kept = Path(of.path)
    OrderImport.objects.update(state="running", attempts=1)
    resume_imports()
    of.refresh_from_db()
    assert of.state == "running"  # it may only just have begun
    monkeypatch.setenv("SHIPBOARD_NOW", "2026-11-22T12:05:00+00:00")
    resume_imports()
    of.refresh_from_db()
    assert (of.state, of.orders_created, of.path) == ("done", 12, "")
    assert not kept.exists()


def test_what_a_command_line_or_many_tries_left_behind_is_said_to_be_stopped(
    desk: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shop = make.shop()
    file = tmp_path / "orders.csv"
    file.write_bytes(export(make.NOW, orders=1))
    open_import(shop, file, file_name="orders.csv", by="command line", complete_list=None)
    tried = send(desk, shop, export(make.NOW, orders=2))
    OrderImport.objects.filter(pk=tried.pk).update(attempts=10)
    monkeypatch.setenv("SHIPBOARD_NOW", "2026-11-22T12:05:00+00:00")
    resume_imports()
    assert set(OrderImport.objects.values_list("state", "path")) == {("stopped", "")}
    assert file.exists()
    assert "Import the file again" in desk.get(f"/uploads/{tried.pk}/").content.decode()


def test_a_file_that_breaks_off_is_no_complete_list(desk: Client) -> None:
    shop = make.shop()
    whole = export(make.NOW, orders=100)
    run(send(desk, shop, whole))
    of = run(
        send(
            desk,
            shop,
            whole[: whole.rindex(b"\r\n", 0, -400) + 40],
            complete_list="awaiting_shipment",
        )
    )
    assert of.missing == []
    assert "cannot serve as a complete list" in str(of.warnings)
    assert Hold.objects.count() == 0


def test_an_import_that_dies_after_its_last_batch_counts_nothing_twice(desk: Client) -> None:
    """Killed when every order was taken, before it could say so; also with rejected rows."""
    header, *rows = csv.reader(export(make.NOW, orders=8).decode("utf-8-sig").splitlines())
    rows[0][header.index("Quantity")] = "0"
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    of = send(desk, make.shop(), text.getvalue().encode())
    run_import(of.pk)
    OrderImport.objects.update(state="running", finished_at=None)
    again = run_import(of.pk)
    assert (again.state, again.orders_done) == ("done", 8)
    assert (again.orders_created, again.orders_unchanged, again.orders_rejected) == (7, 0, 1)


def test_files_that_wait_go_with_their_shop(desk: Client) -> None:
    shop = make.shop()
    kept = Path(send(desk, shop, export(make.NOW, orders=1)).path)
    desk.post(f"/shops/{shop.slug}/remove/", {"slug": shop.slug})
    assert not kept.exists()
    assert OrderImport.objects.count() == 0
