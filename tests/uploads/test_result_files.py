"""The file back with its results, the failed rows alone, and the template there and back."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from openpyxl import load_workbook

from shipboard.channels.contract import Stage
from shipboard.channels.file.tracking import read_shipments
from shipboard.channels.file.tracking_columns import LONG, SHORT
from shipboard.channels.models import Shop
from shipboard.exports.layouts import Format
from shipboard.fulfilment.shipping import ShipWish, ask_to_ship
from shipboard.orders.attempts import Attempt
from shipboard.uploads import result_files
from shipboard.uploads.models import ShipmentUpload
from shipboard.uploads.result_files import to_mend, with_results
from shipboard.uploads.template import Template, template
from shipboard.uploads.uploads import take
from tests import make
from tests.uploads.conftest import (
    MAI,
    MUG,
    PLATE,
    Send,
    Write,
    long_row,
    number,
    order_id,
    place,
    short_row,
    two_skus,
)
from tests.uploads.test_uploads import go

NEW = ("Shipboard result", "Reason")


def sheet(content: bytes, name: str = "Shipping info") -> list[list[Any]]:
    book = load_workbook(io.BytesIO(content))
    return [[cell.value for cell in row] for row in book[name].iter_rows()]


def lines(content: bytes) -> list[list[str]]:
    text = content.decode("utf-8-sig")
    return [[cell.strip("\t") for cell in row] for row in csv.reader(io.StringIO(text))]


def again(shop: Shop, content: bytes, tmp_path: Path, kind: str = "xlsx") -> ShipmentUpload:
    path = tmp_path / f"again.{kind}"
    path.write_bytes(content)
    return take(shop, path, file_name=path.name, key=uuid4(), access=MAI, now=make.NOW)


def test_the_workbook_comes_back_with_two_columns_more(shop: Shop, send: Send) -> None:
    place(shop, 1)
    upload = send([long_row(1, number(1)), long_row(9, number(9))])
    preview = sheet(with_results(upload))
    assert [row[-2:] for row in preview[2:]] == [
        ["Good", None],
        ["Refused", "Northwind has no order with this ID."],
    ]
    done = with_results(go(upload))
    rows = sheet(done)
    assert tuple(rows[1]) == (*LONG, *NEW)
    assert rows[2][:4] == [order_id(1), None, None, number(1)]
    assert rows[2][-2] == "Recorded"
    kept = load_workbook(io.BytesIO(done))
    assert kept.sheetnames[:3] == ["How to use it", "Data definitions", "Example of shipment"]
    assert kept["Example of shipment"]["A3"].value == "576000000000000001"


def test_csv_comes_back_as_csv(shop: Shop, send: Send) -> None:
    place(shop, 1)
    upload = send([short_row(1, number(1)), short_row(9, "=1+1")], kind="csv", layout="short")
    content = with_results(go(upload))
    rows = lines(content)
    assert tuple(rows[1]) == (*SHORT, *NEW)
    assert rows[2][:5] == [order_id(1), number(1), "UPS", "N/A", "Recorded"]
    assert rows[3][1] == "'=1+1"
    assert f"{order_id(1)}\t" in content.decode()


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_the_failed_rows_alone_are_mended_and_sent_again(
    shop: Shop, send: Send, tmp_path: Path, kind: str
) -> None:
    for at in range(1, 5):
        place(shop, at)
    rows = [long_row(at, number(at) if at % 2 else "bad number!") for at in range(1, 5)]
    content = to_mend(go(send(rows, kind=kind)))
    mended = tmp_path / f"mended.{kind}"
    if kind == "csv":
        wrong = lines(content)
        assert [row[0] for row in wrong[2:]] == [order_id(2), order_id(4)]
        with mended.open("w", newline="") as file:
            for at, row in enumerate(wrong):
                row[3:4] = [number(50 + at)] if at > 1 else row[3:4]
                csv.writer(file).writerow(row)
    else:
        book = load_workbook(io.BytesIO(content))
        page = book["Shipping info"]
        assert [page.cell(row=row, column=1).value for row in (3, 4)] == [order_id(2), order_id(4)]
        assert page.max_row == 4
        for row in (3, 4):
            assert "letters and digits" in page.cell(row=row, column=9).value
            page.cell(row=row, column=4).value = number(50 + row)
        book.save(mended)
    upload = again(shop, mended.read_bytes(), tmp_path, kind)
    assert (upload.rows, upload.good) == (2, 2)
    # The columns of before are written over, not added again.
    assert len(read_shipments(mended).columns.results) == 2
    table = (lines if kind == "csv" else sheet)(with_results(go(upload)))
    assert tuple(table[1]) == (*LONG, *NEW)
    assert {row[7] for row in table[2:]} == {"Recorded"}


def test_a_workbook_that_the_library_refuses_still_comes_back(
    shop: Shop, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(file: io.BytesIO) -> None:
        raise KeyError("theme")

    place(shop, 1)
    upload = send([long_row(1, number(1)), long_row(9, "x")])
    monkeypatch.setattr(result_files, "load_workbook", broken)
    rows = sheet(with_results(upload))
    assert rows[1][:9] == [*LONG, *NEW]
    assert rows[2][3] == number(1)
    assert len(sheet(to_mend(upload))) == 3


def test_a_formula_of_a_row_to_mend_is_what_it_came_to(
    shop: Shop, tmp_path: Path, write: Write
) -> None:
    path, worked_out = write([long_row(1, number(1)), long_row(2, "=H4")]), tmp_path / "y.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(worked_out, "w") as target:
        for name in source.namelist():
            part = re.sub(
                rb"(<c r=\"D4\"[^>]*)>(<f>H4</f>)<v ?/?>(</v>)?",
                rb'\1 t="str">\2<v>bad number!</v>',
                source.read(name),
            )
            target.writestr(name, part)
    upload = again(shop, worked_out.read_bytes(), tmp_path)
    assert upload.refused == 2  # the shop has no such orders
    page = load_workbook(io.BytesIO(to_mend(upload)))["Shipping info"]
    assert [page["D3"].value, page["D4"].value] == [number(1), "bad number!"]
    assert load_workbook(io.BytesIO(with_results(upload)))["Shipping info"]["D4"].value == "=H4"


def test_a_cell_far_out_takes_no_longer(shop: Shop, tmp_path: Path, write: Write) -> None:
    book = load_workbook(write([long_row(1, "bad number!")]))
    book["Shipping info"]["ALL1048576"] = "far"  # the last column that is read
    path = tmp_path / "less.xlsx"
    book.save(path)
    upload = again(shop, path.read_bytes(), tmp_path)
    rows = load_workbook(io.BytesIO(to_mend(upload)))["Shipping info"]
    assert (rows.max_row, rows["D3"].value) == (3, "bad number!")


def filled(shop: Shop, layout: str, kind: str) -> list[list[Any]]:
    content = template(shop, Template(layout), Format(kind), make.NOW).content
    return lines(content) if kind == "csv" else sheet(content)


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.parametrize("layout", ["long", "short"])
def test_the_template_has_the_orders_that_wait(shop: Shop, layout: str, kind: str) -> None:
    place(shop, 1)
    place(shop, 2, created_at=make.NOW - timedelta(hours=30))
    place(shop, 3, stage=Stage.CANCELED)
    place(make.shop("Other"), 4)
    rows = filled(shop, layout, kind)
    assert rows[0][0] == "Please fill in from row 3"
    assert tuple(rows[1]) == (LONG if layout == "long" else SHORT)
    assert [row[0] for row in rows[2:]] == [order_id(2), order_id(1)]  # the soonest due first
    assert rows[2][-1] == "N/A"
    assert not any(rows[2][1:-1])


def test_what_is_left_of_an_order_is_named_by_sku(shop: Shop) -> None:
    order = place(shop, 1, lines=two_skus())
    wish = ShipWish(tracking_number=number(1), carrier="UPS", contents={0: 1})
    ask_to_ship(order, wish, access=MAI, now=make.NOW, wall=make.NOW)
    assert template(shop, Template.LONG, Format.CSV, make.NOW).rows == 2
    rows = filled(shop, "long", "csv")[2:]
    assert {tuple(row[:3]) for row in rows} == {
        (order_id(1), MUG, "1"),
        (order_id(1), PLATE, "1"),
    }


def test_a_template_without_orders_has_its_header(shop: Shop) -> None:
    assert filled(shop, "long", "csv")[1:] == [list(LONG)]


def test_a_sku_is_no_formula(shop: Shop) -> None:
    hostile = make.line(sku_id="=HYPERLINK(1)", quantity=2)
    order = place(shop, 1, lines=(hostile,))
    wish = ShipWish(tracking_number=number(1), carrier="UPS", contents={0: 1})
    ask_to_ship(order, wish, access=MAI, now=make.NOW, wall=make.NOW)
    content = template(shop, Template.LONG, Format.XLSX, make.NOW).content
    cell = load_workbook(io.BytesIO(content))["Shipping info"]["B3"]
    assert (cell.value, cell.data_type) == ("'=HYPERLINK(1)", "s")


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.parametrize("layout", ["long", "short"])
def test_template_out_filled_in_sent_and_back(
    shop: Shop, tmp_path: Path, layout: str, kind: str
) -> None:
    for at in range(1, 6):
        place(shop, at)
    content = template(shop, Template(layout), Format(kind), make.NOW).content
    path = tmp_path / f"filled.{kind}"
    column = 3 if layout == "long" else 1
    if kind == "csv":
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        for at, row in enumerate(rows[2:], 1):
            row[column] = number(at)
        with path.open("w", newline="", encoding="utf-8-sig") as file:
            csv.writer(file, delimiter=";").writerows(rows)
    else:
        book = load_workbook(io.BytesIO(content))
        for at in range(1, 6):
            book["Shipping info"].cell(row=at + 2, column=column + 1).value = number(at)
        book.save(path)
    upload = again(shop, path.read_bytes(), tmp_path, kind)
    assert (upload.rows, upload.good + upload.warned, upload.orders) == (5, 5, 5)
    back = with_results(go(upload))
    table = lines(back) if kind == "csv" else sheet(back)
    assert {row[-2] for row in table[2:]} == {"Recorded"}
    assert Attempt.objects.count() == 5
