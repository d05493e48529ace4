"""Any text in a workbook's cell, as other programs read it; and text that is too long for one."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from shipboard.exports.columns import Column, Kind
from shipboard.exports.xlsx_file import MOST_CHARACTERS, XlsxFile
from shipboard.ingest.apply import Source, apply
from shipboard.orders.models import Order
from tests import make
from tests.exports.files import exported, table, wanted

#: What is neither cleaned away at ingest nor no text at all.
SIGNS = st.characters(
    exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff", include_characters="\r\n\t"
)
NASTY = st.text(st.sampled_from(" \r\n\t_x005FD0aé😀&<\\"), max_size=30)
TEXTS = st.lists(st.one_of(NASTY, st.text(SIGNS, max_size=12)), min_size=1, max_size=12)


def workbook(*texts: str) -> tuple[bytes, XlsxFile]:
    """A row of `texts` as COPY sends them, after an order's number."""
    columns = [Column(f"c{at}", f"Text {at}", "") for at in range(len(texts))]
    out = io.BytesIO()
    file = XlsxFile(out, [Column("order_id", "Order ID", "", Kind.ID), *columns], 1)
    escapes = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    cells = [text.translate(str.maketrans(escapes)) for text in ("", "57600001", *texts)]
    file.add("\x1f".join(cells).encode() + b"\n")
    file.end()
    return out.getvalue(), file


def read(content: bytes) -> tuple[list[str], list[str]]:
    """The row's texts as calamine has them, and as openpyxl does with Excel's escapes undone."""
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    calamine = sheet.to_python(skip_empty_area=False)[1][1:]
    rows = load_workbook(io.BytesIO(content))["OrderSKUList"].iter_rows(2, 2, 2, values_only=True)
    openpyxl = [unescaped(cell or "") for cell in next(rows)]
    return [str(cell) for cell in calamine], openpyxl


def unescaped(cell: str) -> str:
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), cell)


@given(texts=TEXTS)
@example(
    texts=["a\rb", "\r", " ", " a", "a ", "\na", "a\t", "a\r\n", "a\r\nb", "_x000D_", "_x005F_"]
)
@example(texts=[" first", "b"])
@example(texts=["b", "last "])
def test_any_text_is_read_as_it_was(texts: list[str]) -> None:
    content, file = workbook(*texts)
    assert read(content) == (texts, texts)
    assert (file.shortened, file.warning) == (0, "")


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize(
    "text",
    [
        "a" * MOST_CHARACTERS,
        "é" * MOST_CHARACTERS,
        "😀" * (MOST_CHARACTERS // 2) + "a",
        "_x005F_" * (MOST_CHARACTERS // 7) + "&" * (MOST_CHARACTERS % 7),
        "&\r\n" * (MOST_CHARACTERS // 3) + "\t",
    ],
)
def test_as_much_as_excel_takes_is_left_alone(text: str) -> None:
    assert units(text) == MOST_CHARACTERS
    content, file = workbook(text)
    assert read(content) == ([text], [text])
    assert file.shortened == 0


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a" * (MOST_CHARACTERS + 1), MOST_CHARACTERS),
        ("😀" * 20_000, MOST_CHARACTERS - 1),
        ("a" + "😀" * 20_000, MOST_CHARACTERS),
        ("_x005F_" * 5_000, MOST_CHARACTERS),
        ("ab_x0041_" * 4_000, MOST_CHARACTERS),
        ("&<\r\n" * 9_000, MOST_CHARACTERS),
    ],
)
def test_what_is_too_long_is_shortened_between_characters_and_counted(text: str, kept: int) -> None:
    content, file = workbook("short", text, text)
    long = text.encode("utf-16-le")[: 2 * kept].decode("utf-16-le")
    shown = ["short", long, long]
    assert read(content) == (shown, shown)
    assert file.shortened == 2
    assert file.warning == (
        "2 cells were shortened to the 32,767 characters that Excel takes; the first is “Text 1” "
        "of order 57600001 in row 2. A CSV file has them whole."
    )


@pytest.mark.django_db(transaction=True)
def test_an_export_says_what_excel_has_no_room_for_and_csv_has_it_whole() -> None:
    apply(make.shop(), [make.order("57600001")], Source(by="tests", now=make.NOW))
    message = "é😀" * 20_000
    Order.objects.update(buyer_message=message)
    what = {"layout": "orders", "columns": ("shop", "buyer_message")}
    _, written = exported(wanted(format="xlsx", **what))
    assert written.shortened == 1
    assert written.warning.startswith("1 cell was shortened to the 32,767 characters")
    assert "the first is “Buyer message” in row 2." in written.warning
    _, plain = exported(wanted(**what))
    assert (plain.shortened, plain.warning) == (0, "")
    assert table(wanted(**what))[0]["Buyer message"] == message
