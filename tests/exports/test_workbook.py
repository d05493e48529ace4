"""Thousands of rows as other programs read them, cell by cell against the database."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from shipboard.channels.contract import ParcelContent
from shipboard.channels.models import Shop
from shipboard.exports.layouts import marketplace_layout
from shipboard.exports.xlsx_file import XlsxFile
from shipboard.ingest.apply import Source, apply
from tests import make, soak
from tests.exports.files import exported, wanted

pytestmark = pytest.mark.django_db(transaction=True)

ORDERS = 2_500 if soak.FACTOR == 1 else 200_000
#: As Bangkok's clocks show it.
PAID = datetime.fromisoformat("2026-11-22T09:00")
MOMENT = timedelta(milliseconds=1)
NAMES = ("Ana & Co <x>", "=1+1", "_x0041_ b", "a\nb", "เซรั่ม", "tab\\t", "\\N", "O'Neil")


@pytest.fixture
def shop() -> Shop:
    """Orders made from one by PostgreSQL, so that the test has time for the file."""
    shop = make.shop("Bangkok", region="TH", timezone="Asia/Bangkok", currency="THB")
    fact = make.order(
        currency="THB",
        parcels=(make.parcel(contents=(ParcelContent(0, 1),)),),
        recipient={"name": "Ana", "phone": "+66 2 555 0102", "state": "Bangkok"},
        charges={"taxes": Decimal("1.20")},
    )
    apply(shop, [fact], Source(by="tests", now=make.NOW))
    with connection.cursor() as cursor:
        cursor.execute("analyze")  # the planner knows of one order, as just before an import
        for table, changes in (
            (
                "order",
                {"id": "id + n", "order_id": "order_id::bigint + n", "digest": "int8send(n)"},
            ),
            ("line", {"id": "id + n", "order_id": "order_id + n"}),
            ("parcel_content", {"id": "id + n", "order_id": "order_id + n"}),
        ):
            _copy(cursor, table, changes)
        cursor.execute(
            """update "order" set total = id %% 997 / 4.0, created_at = created_at
               - id * interval '61 seconds', buyer_message = (%s::text[])[1 + id %% 8],
               warehouse = case when id %% 3 = 0 then '' else '007' end""",
            [list(NAMES)],
        )
    return shop


def _copy(cursor: object, table: str, changes: dict[str, str]) -> None:
    cursor.execute(  # type: ignore[attr-defined]
        "select column_name from information_schema.columns where table_name = %s", [table]
    )
    names = [name for (name,) in cursor.fetchall()]  # type: ignore[attr-defined]
    values = ", ".join(changes.get(name, f'"{name}"') for name in names)
    listed = ", ".join(f'"{name}"' for name in names)
    cursor.execute(  # type: ignore[attr-defined]
        f'insert into "{table}" ({listed}) overriding system value select {values} from "{table}", '
        f"generate_series(1, {ORDERS - 1}) as n"
    )


def stored() -> Iterator[tuple[str, float, datetime, str, str]]:
    """What some columns must show, newest first: straight from the tables."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select order_id, total::float8, created_at at time zone 'Asia/Bangkok',
               buyer_message, warehouse from "order" order by created_at desc, order_id desc"""
        )
        yield from cursor.fetchall()


def check(rows: Iterable[tuple[object, ...]]) -> None:
    """Header and rows of the file as a program read them."""
    lines = iter(rows)
    header = [str(cell) for cell in next(lines)]
    at = {name: place for place, name in enumerate(header)}
    named = ("Order ID", "Order Amount", "Created Time", "Buyer Message", "Warehouse Name")
    count = 0
    for cells, (order_id, total, created, message, warehouse) in zip(lines, stored(), strict=True):
        shown = [cells[at[name]] for name in named]
        assert shown[0] == order_id
        assert isinstance(shown[1], int | float)
        assert float(shown[1]) == total
        assert abs(instant(shown[2]) - created) < MOMENT
        assert plain(shown[3]) == ("'" + message if message.startswith("=") else message)
        assert (shown[4] or "") == warehouse
        assert cells[at["Package ID"]] == "1150000000000000001"
        assert cells[at["Province"]] == "Bangkok"
        assert cells[at["Phone #"]] == "'+** * *** **02"
        assert cells[at["Quantity"]] == 1
        assert cells[at["Taxes"]] == 1.2
        assert abs(instant(cells[at["Paid Time"]]) - PAID) < MOMENT
        assert not cells[at["Seller Note"]]
        count += 1
    assert count == ORDERS


def instant(cell: object) -> datetime:
    """calamine shows midnight as the day alone."""
    if isinstance(cell, date) and not isinstance(cell, datetime):
        return datetime.combine(cell, time.min)
    assert isinstance(cell, datetime)
    return cell


def plain(cell: object) -> str:
    """openpyxl leaves the format's escapes as they are; Excel and calamine undo them."""
    return (
        re.sub(r"_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), str(cell), count=1)
        if "_x005F_" in str(cell)
        else str(cell)
    )


def test_a_workbook_is_what_the_database_holds_cell_by_cell(shop: Shop, tmp_path: Path) -> None:
    content, written = exported(wanted(format="xlsx"))
    assert written.rows == ORDERS
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert book.sheet_names == ["OrderSKUList"]
    check(tuple(row) for row in book.get_sheet_by_index(0).to_python(skip_empty_area=False))
    sheet = load_workbook(io.BytesIO(content), read_only=True)["OrderSKUList"]
    check(sheet.iter_rows(values_only=True))
    if soak.FACTOR > 1 and (office := shutil.which("soffice")):
        check_in_office(office, content, tmp_path)


def check_in_office(office: str, content: bytes, folder: Path) -> None:
    """LibreOffice opens it and finds every order."""
    file = folder / "orders.xlsx"
    file.write_bytes(content)
    home = f"-env:UserInstallation=file://{folder}/profile"
    command = [office, home, "--headless", "--convert-to", "csv", "--outdir", folder, file]
    subprocess.run(command, check=True, timeout=1800, capture_output=True)
    with (folder / "orders.csv").open(encoding="utf-8", newline="") as text:
        found = [row[0] for row in csv.reader(text)]
    assert found[1:] == [order_id for order_id, *_ in stored()]


def test_the_header_is_bold_frozen_and_has_filters() -> None:
    make.shop()
    content, _ = exported(wanted(format="xlsx", with_description=True))
    sheet = load_workbook(io.BytesIO(content))["OrderSKUList"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:BE2"
    assert all(cell.font.b for cell in sheet[1])
    assert sheet.column_dimensions["A"].width == 22
    assert sheet["A2"].value == "Platform unique order ID."
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None


def test_a_cell_holds_no_more_than_excel_takes_and_nothing_that_xml_may_not() -> None:
    shop = make.shop()
    layout = marketplace_layout([shop], with_description=False)
    out = io.BytesIO()
    file = XlsxFile(out, layout.columns, 1)
    cells = [b""] * len(layout.columns)
    cells[7], cells[8] = "&é".encode() * 40_000, b"a\\\x1fb\x01\xc2\x85\xef\xbf\xbfc\\\\n\\n"
    file.add(b"\x1f".join([b"", *cells]) + b"\n")
    file.end()
    sheet = load_workbook(io.BytesIO(out.getvalue()))["OrderSKUList"]
    assert sheet["H2"].value == ("&é" * 40_000)[:32_767]
    assert sheet["I2"].value == "abc\\n\n"
