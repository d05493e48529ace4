"""Columns, header, description row, delimiters and what happens to columns nobody knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from shipboard.channels.contract import ShopFacts
from shipboard.channels.file import UnreadableFile, read_orders

from .files import (
    HEADER,
    ID,
    NOW,
    ORDINARY,
    OTHER_ID,
    OTHER_SKU,
    US,
    csv_text,
    raw_file,
    read,
    read_csv,
    read_xlsx,
    xlsx_file,
)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
def test_delimiters_and_byte_order_mark(tmp_path: Path, delimiter: str, start: bytes) -> None:
    text = csv_text([{"Product Name": 'Clock, 12"; "oak"'}], delimiter=delimiter)
    fact = read(raw_file(tmp_path, start + text.encode())).fact
    assert fact.lines[0].item.product_name == 'Clock, 12"; "oak"'


def test_columns_in_any_order_and_spelling(tmp_path: Path) -> None:
    names = list(reversed(HEADER))
    text = csv_text([{}], names)
    plain = read_csv(tmp_path, {}).fact
    for old, new in (("Order ID", " ORDER  id "), ("Cancelation/Return", "Cancellation/Return")):
        text = text.replace(old, new, 1)
    assert read(raw_file(tmp_path, text.encode())).fact == plain


def test_a_small_set_of_columns_is_enough(tmp_path: Path) -> None:
    names = ["Order ID", "Order Status", "Created Time", "Quantity", "Seller SKU"]
    fact = read_csv(tmp_path, {}, names=names).fact
    assert (fact.lines[0].item.seller_sku, fact.total, fact.lines[0].unit_price) == (
        "RC-110",
        None,
        None,
    )


@pytest.mark.parametrize(
    ("gone", "named"),
    [
        (["Order ID"], "Order ID"),
        (["Created Time", "Quantity"], "Created Time and Quantity"),
        (["SKU ID", "Seller SKU"], "SKU ID or Seller SKU"),
    ],
)
def test_missing_columns_are_named(tmp_path: Path, gone: list[str], named: str) -> None:
    names = [name for name in HEADER if name not in gone]
    with pytest.raises(UnreadableFile, match=f"no column {named}"):
        read_csv(tmp_path, {}, names=names)


def test_a_repeated_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="twice"):
        read_csv(tmp_path, {}, names=[*HEADER, "order  ID"])


def test_a_header_below_blank_lines_and_a_title(tmp_path: Path) -> None:
    text = '"Orders of November"\r\n\r\n' + csv_text([{}], description=True)
    result = read(raw_file(tmp_path, text.encode()))
    assert result.accepted[0].row == 5
    assert result.rows == 1


def test_no_header_at_all(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="None of the first 10 rows"):
        read(raw_file(tmp_path, b"a,b,c\r\n1,2,3\r\n"))


def test_the_description_row_is_left_out(tmp_path: Path) -> None:
    result = read_csv(tmp_path, {}, description=True)
    assert (result.rows, result.accepted[0].row, result.ids) == (1, 3, [ID])


@pytest.mark.parametrize(
    "changes", [{"Order ID": "TOTAL"}, {"Order ID": "broken"}, {"Order ID": "", "Quantity": "x"}]
)
def test_a_real_row_under_the_header_is_never_left_out(
    tmp_path: Path, changes: dict[str, object]
) -> None:
    assert read_csv(tmp_path, changes).rejection.row == 2


def test_unknown_columns_are_kept_where_they_belong(tmp_path: Path) -> None:
    first = {"Gift Card": "yes", "Shelf": "A1", "Empty": ""}
    result = read_csv(tmp_path, first, {**first, **OTHER_SKU, "Shelf": "B2"})
    fact = result.fact
    assert fact.extra["Gift Card"] == "yes"
    assert "Shelf" not in fact.extra
    assert "Empty" not in fact.extra
    assert [line.extra["Shelf"] for line in fact.lines] == ["A1", "B2"]
    assert "Gift Card" not in fact.lines[0].extra


@pytest.mark.parametrize(
    ("place", "recipient"),
    [
        (
            {
                "Region": "NCR",
                "Province": "Metro Manila",
                "Municipality": "Makati",
                "Barangay": "Poblacion",
            },
            {"state": "Metro Manila", "city": "Makati", "subdistrict": "Poblacion"},
        ),
        (
            {
                "Province": "Jawa Barat",
                "Regency and City": "Bandung",
                "Districts": "Coblong",
                "Villages": "Dago",
            },
            {
                "state": "Jawa Barat",
                "city": "Bandung",
                "district": "Coblong",
                "subdistrict": "Dago",
            },
        ),
        (
            {"Province": "Hà Nội", "District": "Ba Đình", "Commune": "Điện Biên"},
            {"state": "Hà Nội", "district": "Ba Đình", "subdistrict": "Điện Biên"},
        ),
    ],
)
def test_regional_addresses(
    tmp_path: Path, place: dict[str, object], recipient: dict[str, str]
) -> None:
    names = [name for name in HEADER if name not in ("State", "City", "Zipcode")] + list(place)
    fact = read_csv(tmp_path, dict(place), names=names).fact
    assert {key: fact.recipient.get(key) for key in recipient} == recipient
    if "Region" in place:
        assert fact.extra["Region"] == "NCR"


def test_indonesian_fees(tmp_path: Path) -> None:
    fees = {
        "Distance Shipping Fee": "1000",
        "Buyer Service Fee": "2000",
        "Handling Fee": "3000",
        "Shipping Insurance": "400",
        "Item Insurance": "500",
    }
    shop = ShopFacts(region="ID", timezone="Asia/Jakarta", currency="IDR")
    charges = read_csv(
        tmp_path, {**fees, "Created Time": "20/11/2026 10:00:00", "Paid Time": ""}, shop=shop
    ).fact.charges
    assert {
        key: int(charges[key]) for key in charges if key.split("_")[-1] in ("insurance", "fee")
    } == {
        "distance_shipping_fee": 1000,
        "buyer_service_fee": 2000,
        "handling_fee": 3000,
        "shipping_insurance": 400,
        "item_insurance": 500,
    }


def test_rows_are_counted_as_a_spreadsheet_shows_them(tmp_path: Path) -> None:
    text = csv_text([{"Variation": "two\r\nlines"}, {"Order ID": OTHER_ID, "Quantity": "0"}])
    result = read(raw_file(tmp_path, text.replace("\r\n", "\n\n\r\n", 1).encode()))
    assert result.rejection.row == 5  # header, blank line twice, one order of two lines


def test_short_rows_are_padded_and_long_ones_rejected(tmp_path: Path) -> None:
    text = csv_text([{}, {"Order ID": OTHER_ID}])
    lines = text.split("\r\n")
    lines[1] = lines[1].rstrip(",")
    lines[2] += ",,surplus"
    result = read(raw_file(tmp_path, "\r\n".join(lines).encode()))
    assert [entry.fact.order_id for entry in result.accepted] == [ID]
    assert "59 cells and the header 57" in result.rejection.reason
    assert len(result.rejection.rows[0][1]) == 59


def test_an_order_that_the_file_breaks_off_in(tmp_path: Path) -> None:
    text = csv_text([{}, {"Order ID": OTHER_ID}]).rstrip("\r\n,")
    result = read(raw_file(tmp_path, text.encode()))
    assert result.rejection.order_id == OTHER_ID
    assert "ends in the middle" in result.rejection.reason
    assert result.ids == [ID, OTHER_ID]


def test_rejected_rows_can_be_copied_with_the_header(tmp_path: Path) -> None:
    result = read_csv(tmp_path, {"Quantity": "0"}, {**OTHER_SKU})
    assert result.header == tuple(HEADER)
    assert [number for number, _ in result.rejection.rows] == [2, 3]
    copy = dict(zip(result.header, result.rejection.rows[0][1], strict=True))
    assert copy["Order ID"] == f"{ID}\t"
    assert copy["Quantity"] == "0"
    assert copy["Recipient"] == ORDINARY["Recipient"]


def test_a_header_without_orders(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no orders"):
        read_csv(tmp_path)


def test_progress_is_heard_every_five_thousand_rows(tmp_path: Path) -> None:
    heard: list[int] = []
    rows = [{"Order ID": f"5768564038457{number:05d}"} for number in range(10_001)]
    path = raw_file(tmp_path, csv_text(rows).encode())
    with read_orders(path, US, now=NOW, progress=heard.append) as export:
        assert export.rows == 10_001
    assert heard == [5_000, 10_000]


def test_sheets_are_chosen_by_name_then_by_header(tmp_path: Path) -> None:
    assert read_xlsx(tmp_path, {}, sheet="anything").fact.order_id == ID
    from openpyxl import load_workbook

    path = xlsx_file(tmp_path, {}, sheet="Mine")
    book = load_workbook(path)
    book.create_sheet("Notes", 0)["A1"] = "hello"
    book.save(path)
    assert read(path).fact.order_id == ID
    page = book.create_sheet("orderskulist")
    page.append(HEADER)
    book.save(path)
    with pytest.raises(UnreadableFile, match="no orders"):
        read(path)
    book.remove(page)
    book.remove(book["Mine"])
    book.create_sheet("More")["A1"] = "hello"
    book.save(path)
    with pytest.raises(
        UnreadableFile, match=r"no sheet “OrderSKUList”, and no sheet with the header"
    ):
        read(path)
