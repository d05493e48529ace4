"""What was exported in the marketplace's layout and read again is the same orders, so exporting
them once more gives the same cells.
"""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shipboard.channels.models import Shop
from shipboard.orders.models import Item, Order
from tests import make, soak
from tests.channels.files import PAYLOADS, csv_file
from tests.exports.files import csv_cells, exported, imported, wanted

pytestmark = pytest.mark.django_db(transaction=True)

NUMBER = itertools.count(1)


@pytest.fixture(autouse=True)
def fixed_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIPBOARD_NOW", "2026-11-22T12:00:00+00:00")


def us(name: str, **given: str) -> Shop:
    return make.shop(name, **given)


def thailand(name: str, **given: str) -> Shop:
    return make.shop(name, region="TH", timezone="Asia/Bangkok", currency="THB", **given)


def check_round_trip(
    shop: Callable[[str], Shop], file: Path, format_: str, **how: bool
) -> tuple[Shop, Shop]:
    """`file` into one shop, its export into another: what the two export is the same."""
    number = next(NUMBER)
    one, two = shop(f"One {number}"), shop(f"Two {number}")
    imported(one, file)
    content, written = exported(wanted(f"shop={one.slug}", unmasked=True, format=format_, **how))
    copy = file.parent / f"copy-{number}.{format_}"
    copy.write_bytes(content)
    assert imported(two, copy).rows == written.rows
    first, second = (csv_cells(wanted(f"shop={each.slug}", unmasked=True)) for each in (one, two))
    assert first == second
    assert len(first) == written.rows + 1
    return one, two


@pytest.mark.parametrize("explained", [False, True])
@pytest.mark.parametrize("format_", ["csv", "xlsx"])
@pytest.mark.parametrize(("sample", "shop"), [("orders-us.csv", us), ("orders-sea.xlsx", thailand)])
def test_a_sample_survives_export_and_import(
    sample: str, shop: Callable[[str], Shop], format_: str, explained: bool, tmp_path: Path
) -> None:
    file = tmp_path / sample
    file.write_bytes((PAYLOADS / sample).read_bytes())
    one, two = check_round_trip(shop, file, format_, with_description=explained)
    told = ("order_id", "stage", "status_words", "order_type", "shipping", "total", "currency")
    told += ("created_at", "paid_at", "arranged_at", "collected_at", "delivered_at", "ship_by")
    told += ("canceled_by", "recipient", "units", "skus", "is_split", "seller_note", "carrier")
    first, second = (
        list(Order.objects.filter(shop=shop).order_by("order_id").values_list(*told))
        for shop in (one, two)
    )
    assert first == second
    names = [
        set(Item.objects.filter(shop=shop).values_list("product_name", flat=True))
        for shop in (one, two)
    ]
    assert names[0] == names[1]
    assert '=HYPERLINK("http://x","deal")' in names[1]


def test_the_us_sample_comes_out_as_it_went_in(tmp_path: Path) -> None:
    """But for order, for the first of values that differ between rows, and for guards."""
    shop = us("One")
    imported(shop, PAYLOADS / "orders-us.csv")
    header, *rows = csv_cells(wanted("", unmasked=True))
    with (PAYLOADS / "orders-us.csv").open(encoding="utf-8-sig", newline="") as file:
        wanted_header, _, *wanted_rows = csv.reader(file)
    assert header == wanted_header
    differ = {"Buyer Message", "Buyer Username", "Recipient", "Phone #", "Fulfillment Type"}
    loose = {"Product Name", *differ}
    places = [at for at, name in enumerate(header) if name not in loose]

    def plain(rows: list[list[str]]) -> list[tuple[str, ...]]:
        return sorted(tuple(_short(row[at]) for at in places) for row in rows)

    assert plain(rows) == plain(wanted_rows)


def _short(cell: str) -> str:
    """The sample writes 74.8 here and 52.80 there."""
    return cell.rstrip("0").rstrip(".") if re.fullmatch(r"[0-9]+[.][0-9]+", cell) else cell


# A row of an order: anything that people write, and what spreadsheets take for their own.
NASTY = st.sampled_from(
    (
        *("=1+1", "+66 2", "-5", "-", "@x", "'=1", "''-2", "\t=a", "＝1", "a\nb", "\n=c", '"q"'),
        *("x,y", "007", "5764" * 5, "_x0041_", "<b>&amp;</b>", "\\N", "\\.", "a\\nb", "", "N/A"),
        *("*", "\x07=1"),
    )
)
WORDS = st.one_of(
    NASTY,
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00\r"), max_size=12),
)
MONEY = st.decimals(0, 9999, places=2).map(str)
TEXTS = (
    "Seller SKU,Product Name,Variation,Product Category,Warehouse Name,Delivery Option,"
    "Delivery Option Type,Buyer Message,Buyer Username,Recipient,Phone #,State,City,Zipcode,"
    "Detail Address,Payment Method,Seller Note,Cancel Reason,Shipping Information,"
    "Cancelation/Return Type,Fulfillment Type,Normal or Pre-order"
).split(",")
OF_A_LINE = {"Seller SKU", "Product Name", "Variation", "Product Category"}
STATUSES = st.sampled_from(
    (
        *(("To ship", "Awaiting shipment"), ("To ship", ""), ("To ship", "Partially shipped")),
        *(("Shipped", "In transit"), ("Completed", "Completed"), ("Unpaid", "On hold")),
        *(("", "Canceled"), ("Mystery", "Riddle"), ("", "")),
    )
)


@st.composite
def order_rows(draw: st.DrawFn, order_id: str) -> list[dict[str, object]]:
    """The rows of one order: up to three SKUs, each in up to two parcels or in none."""
    status, substatus = draw(STATUSES)
    common: dict[str, object] = {
        "Order ID": f"{order_id}\t",
        "Order Status": status,
        "Order Substatus": substatus,
        "Order Amount": draw(MONEY),
        "Taxes": draw(MONEY),
        "RTS Time": draw(st.sampled_from(["", "11/20/2026 11:00:00 AM\t"])),
        "Weight(kg)": draw(st.sampled_from(["", "0.300", "1.25"])),
        **{name: draw(WORDS) for name in TEXTS if name not in OF_A_LINE},
    }
    rows: list[dict[str, object]] = []
    for sku in range(draw(st.integers(1, 3))):
        price = draw(st.integers(1, 99))
        line = {name: draw(WORDS) for name in TEXTS if name in OF_A_LINE}
        for parcel in draw(st.sampled_from([[""], ["A"], ["B"], ["B", "A"], ["A", ""]])):
            units = draw(st.integers(1, 3))
            rows.append(
                common
                | line
                | {
                    "SKU ID": f"17290000000000000{sku}1\t",
                    "Quantity": str(units),
                    "SKU Unit Original Price": f"{price}.50",
                    "SKU Subtotal Before Discount": str(units * price + units * 0.5),
                    "SKU Seller Discount": draw(MONEY),
                    "SKU Subtotal After Discount": draw(MONEY),
                    "Package ID": f"{order_id}{ord(parcel)}\t" if parcel else "",
                    "Tracking ID": f"T{parcel}{order_id}" if parcel else "",
                    "Shipping Provider Name": draw(WORDS),
                }
            )
    return rows


@given(data=st.data(), format_=st.sampled_from(["csv", "xlsx"]))
@settings(
    max_examples=soak.examples(12),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_orders_survive_export_and_import(
    data: st.DataObject, format_: str, tmp_path: Path
) -> None:
    count = data.draw(st.integers(1, 4))
    rows = [
        row
        for number in range(count)
        for row in data.draw(order_rows(f"57600000000000{number:04}"))
    ]
    check_round_trip(us, csv_file(tmp_path, *rows), format_)
