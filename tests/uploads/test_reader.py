"""Files of shipments read row by row, whatever a spreadsheet program did to them."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from shipboard.channels.file import UnreadableFile
from shipboard.channels.file.tracking import MAX_ROWS, ShipmentRow, read_shipments
from shipboard.channels.file.tracking_columns import LONG, SHORT
from tests.uploads.conftest import (
    PAYLOADS,
    Write,
    long_row,
    number,
    order_id,
    short_row,
    table,
)

TEMPLATES = ("tracking-upload-template.xlsx", "tracking-upload-template-short.xlsx")
ZEROS = "00012345678905"


def unreadable(path: Path) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read_shipments(path)
    said = str(caught.value)
    assert said.endswith((".", "”.")), said
    assert "order export" not in said
    return said


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_marketplaces_templates_are_known_and_empty(name: str) -> None:
    assert "no row below" in unreadable(PAYLOADS / name)


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_both_layouts_give_the_same_rows(write: Write, kind: str) -> None:
    long = read_shipments(write([long_row(1, ZEROS, group="G1")], kind=kind))
    short = read_shipments(write([short_row(1, ZEROS, group="G1")], kind=kind, layout="short"))
    assert long.rows == short.rows
    assert long.rows == (ShipmentRow(3, order_id(1), ZEROS, "UPS", group="G1"),)
    assert long.header_row == 2


def test_all_columns_of_the_long_layout(write: Write) -> None:
    row = long_row(7, number(7), sku="1729", quantity="2", service="Ground")
    (read,) = read_shipments(write([row])).rows
    assert read == ShipmentRow(
        3, order_id(7), number(7), "UPS", service="Ground", sku_id="1729", quantity=2
    )


def test_the_marketplaces_order_exports_can_be_filled_in() -> None:
    us = read_shipments(PAYLOADS / "orders-us.csv")
    assert (len(us.rows), us.rows[0].number, us.header_row) == (67, 3, 1)
    assert us.rows[0].tracking == "9400021895786863113026"
    assert not any(row.fault for row in us.rows)
    sea = read_shipments(PAYLOADS / "orders-sea.xlsx")
    assert (len(sea.rows), sea.sheet) == (62, "OrderSKUList")
    assert sea.rows[0].carrier == "J&T Express"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_csv_in_what_spreadsheets_write(tmp_path: Path, delimiter: str, encoding: str) -> None:
    lines = [SHORT, [order_id(1), ZEROS, "Giao Hàng Nhanh", "N/A"]]
    text = "\r\n".join(delimiter.join(line) for line in lines)
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    path = tmp_path / "file.csv"
    path.write_bytes((mark + text).encode(encoding))
    (row,) = read_shipments(path).rows
    assert (row.number, row.order_id, row.tracking) == (2, order_id(1), ZEROS)
    assert row.carrier == "Giao Hàng Nhanh"


def test_the_sheet_is_found_wherever_it_stands(tmp_path: Path, write: Write) -> None:
    path = write([long_row(1, number(1))])
    book = load_workbook(path)
    book.move_sheet("Shipping info", -3)
    book["Shipping info"].title = "Sheet 9"
    book.save(path)
    read = read_shipments(path)
    # The example has the header too and is none of ours.
    assert (read.sheet, len(read.rows)) == ("Sheet 9", 1)


def test_two_sheets_with_shipments_are_not_guessed_between(write: Write) -> None:
    path = write([long_row(1, number(1))])
    book = load_workbook(path)
    book["Shipping info"].title = "Monday"
    book.copy_worksheet(book["Monday"]).title = "Tuesday"
    book.save(path)
    assert "“Monday”, “Tuesday”" in unreadable(path)


def test_numbers_in_cells_are_warned_of_and_damaged_ones_refused(tmp_path: Path) -> None:
    rows = [
        SHORT,
        [order_id(1), 123456789012, "UPS", "N/A"],
        [576000000000000123, number(2), "UPS", "N/A"],
        [order_id(3), 9400111899223100000001, "USPS", "N/A"],
        ["5.76E+17", number(4), "UPS", "N/A"],
        [order_id(5), 12.5, "UPS", "N/A"],
    ]
    first, *damaged = read_shipments(table(rows, tmp_path / "x.xlsx")).rows
    assert first.tracking == "123456789012"
    assert not first.fault
    assert "zeros at its front" in first.warning
    for row in damaged:
        assert "a spreadsheet program changed it" in row.fault, row


def test_a_column_of_rounded_numbers_is_seen(tmp_path: Path) -> None:
    rows = [SHORT, *([order_id(at), f"94001118992231{at}0000000", "USPS", ""] for at in (1, 2))]
    for row in read_shipments(table(rows, tmp_path / "x.xlsx")).rows:
        assert "changed it" in row.fault


@pytest.mark.parametrize("given", ["0", "-1", "1.5", "two", "1e3"])
def test_a_quantity_that_is_none_is_refused(write: Write, given: str) -> None:
    (row,) = read_shipments(write([long_row(1, number(1), sku="1", quantity=given)])).rows
    assert "The quantity reads" in row.fault


def test_the_description_row_and_blank_rows_are_no_shipments(tmp_path: Path) -> None:
    rows = [
        SHORT,
        ["Platform unique order ID.", "The tracking number.", "", ""],
        ["", "", "", ""],
        [order_id(1), number(1), "UPS", "N/A"],
    ]
    (row,) = read_shipments(table(rows, tmp_path / "x.xlsx")).rows
    assert row.number == 4


def test_guards_against_formulas_come_off(tmp_path: Path) -> None:
    rows = [SHORT, [order_id(1), "'=1+1", "'@SUM", "N/A"]]
    (row,) = read_shipments(table(rows, tmp_path / "x.xlsx")).rows
    assert (row.tracking, row.carrier) == ("=1+1", "@SUM")


def test_ten_thousand_rows_and_not_one_more(tmp_path: Path) -> None:
    lines = [",".join(SHORT)] + [f"{order_id(at)},{number(at)},UPS," for at in range(MAX_ROWS + 1)]
    path = tmp_path / "file.csv"
    path.write_text("\n".join(lines[:-1]))
    assert len(read_shipments(path).rows) == MAX_ROWS
    path.write_text("\n".join(lines))
    assert "more than 10,000 rows" in unreadable(path)


def test_what_is_no_file_of_shipments(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for content, word in (
        (b"", "empty"),
        (b"%PDF-1.7", "a PDF document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel format"),
        (b"PK\x03\x04nothing", "damaged"),
        (b"name,town\nMai,Hanoi\n", "is a header"),
        (b"\xff\xfe\x00\xd8\x00\xd8", "UTF-16"),
        (b"Order ID,Tracking ID\n1,\xff\n", "UTF-8"),
        (b'Order ID,Tracking ID\n1,"2\n', "quotation mark"),
        (b"x" * (21 * 1024**2), "at most 20 MB"),
    ):
        path.write_bytes(content)
        assert word in unreadable(path), content[:20]


def test_the_reason_and_what_helps_are_both_said(tmp_path: Path, write: Write) -> None:
    path = tmp_path / "file"
    for codec in ("utf-32", "utf-32-be"):
        path.write_bytes("\ufeffOrder ID,Tracking ID\n".encode(codec))
        said = unreadable(path)
        assert said == "The file is not UTF-8 but UTF-32 text. Save the file as “CSV UTF-8”."
    path.write_bytes(b"x" * (20 * 1024**2 + 1))
    assert unreadable(path).startswith("The file is 21 MB, and at most 20 MB can be read.")
    book = write([long_row(1, number(1))])
    with zipfile.ZipFile(book) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            part = source.read(name)
            if name.startswith("xl/worksheets/"):
                part = b"<!DOCTYPE x [<!ENTITY a 'a'>]>" + part[part.index(b"<worksheet") :]
            target.writestr(name, part)
    said = unreadable(path)
    assert "declares a document type, which no spreadsheet has" in said
    assert said.endswith("Fill in a template from Upload, and choose that file.")


def test_formulas_that_nobody_worked_out_are_told(tmp_path: Path) -> None:
    rows = [
        LONG,
        ["=A9", "", "", number(1), "UPS", "", ""],
        [order_id(2), "=A9", "", number(2), "UPS", "", ""],
        [order_id(3), "", "", "=A9", "", "", ""],
        [order_id(4), "", "", number(4), "UPS", "", ""],
    ]
    *wrong, good = read_shipments(table(rows, tmp_path / "x.xlsx")).rows
    for row, title in zip(wrong, ("order ID", "SKU ID", "tracking number"), strict=True):
        assert row.fault.startswith(f"The {title} is a formula without a value. ")
    assert (good.order_id, good.fault) == (order_id(4), "")


def test_a_formula_whose_value_is_blank_is_blank(tmp_path: Path) -> None:
    rows = [LONG, [order_id(1), "=A9", "", number(1), "UPS", "", ""]]
    path, worked_out = table(rows, tmp_path / "x.xlsx"), tmp_path / "y.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(worked_out, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b'<c r="B2">', b'<c r="B2" t="str">'))
    assert b't="str"' in zipfile.ZipFile(worked_out).read("xl/worksheets/sheet1.xml")
    (row,) = read_shipments(worked_out).rows
    assert (row.sku_id, row.fault) == ("", "")


@pytest.mark.parametrize("name", ["Tracking ID", "Order ID", "tracking  id"])
def test_a_column_that_stands_twice_is_not_guessed_between(tmp_path: Path, name: str) -> None:
    path = tmp_path / "file.csv"
    path.write_text(f"Order ID,Tracking ID,{name}\n{order_id(1)},{number(1)},{number(2)}\n")
    assert "more than once" in unreadable(path)


def test_ids_that_a_program_kept_as_text_are_read(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    one, two, three = order_id(1), order_id(2), order_id(3)
    lines = [
        f"'{one},'{ZEROS},UPS",
        f'="{two}",="{ZEROS}",UPS',
        f'"=""{three}""","=""{ZEROS}""",UPS',
        f'{one},="5.76E+17",UPS',
    ]
    path.write_text("\n".join(["Order ID,Tracking ID,Carrier", *lines]))
    *good, rounded = read_shipments(path).rows
    assert [row.order_id for row in good] == [one, two, three]
    assert {(row.tracking, row.fault) for row in good} == {(ZEROS, "")}
    assert "changed it" in rounded.fault


def test_a_bomb_is_not_unpacked(tmp_path: Path, write: Write) -> None:
    path = write([long_row(1, number(1))])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/media/big.bin", b"\0" * (120 * 1024**2))
    said = unreadable(path)
    assert "packed more than" in said or "unpacks to" in said


SEEDS = [
    *((PAYLOADS / name).read_bytes() for name in (*TEMPLATES, "orders-sea.xlsx")),
    (PAYLOADS / "orders-us.csv").read_bytes()[:4000],
    "\n".join([",".join(LONG), ",".join(long_row(1, "1Z"))]).encode("utf-16"),
]


@given(data=st.data(), seed=st.sampled_from(SEEDS))
def test_no_bytes_bring_a_trace(
    data: st.DataObject, seed: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(content) - 1))
        cut = data.draw(st.integers(0, 40))
        content[at : at + cut] = data.draw(st.binary(max_size=40))
        if not content:
            break
    path = tmp_path_factory.getbasetemp() / "mutated"
    path.write_bytes(bytes(content))
    with suppress(UnreadableFile):
        assert read_shipments(path).rows


CELLS = st.one_of(
    st.text(max_size=20),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["N/A", "5.76E+17", "=1+1", "'", "\t", "576000000000000001"]),
)


@given(cells=st.lists(st.lists(CELLS, min_size=7, max_size=9), max_size=12))
def test_any_cells_leave_the_good_row_as_it_is(
    cells: list[list[object]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    rows = [
        [ILLEGAL_CHARACTERS_RE.sub("", each) if isinstance(each, str) else each for each in row]
        for row in cells
    ]
    good = long_row(1, ZEROS)
    path = table([LONG, good, *rows], tmp_path_factory.getbasetemp() / "cells.xlsx")
    first, *others = read_shipments(path).rows
    assert first == ShipmentRow(2, order_id(1), ZEROS, "UPS")
    assert len(others) <= len(rows)
    for row in others:
        assert row.fault or row.order_id.isdigit()


def test_a_workbook_in_memory_is_told_by_its_bytes(write: Write, tmp_path: Path) -> None:
    path = tmp_path / "named.csv"
    path.write_bytes(io.BytesIO(write([long_row(1, number(1))]).read_bytes()).getvalue())
    assert len(read_shipments(path).rows) == 1
