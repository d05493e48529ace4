"""The marketplace's template, filled with the orders that wait or with the shipments that were
recorded: its own header rows, in both layouts, XLSX or CSV. Nothing of the buyer is in it.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import F
from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from shipboard.channels.file.mended import guarded, guarded_text
from shipboard.channels.file.sheets import TEMPLATE_SHEET
from shipboard.channels.file.tracking import MAX_ROWS
from shipboard.channels.file.tracking_columns import LONG, SHORT
from shipboard.channels.models import Shop
from shipboard.channels.providers import offered
from shipboard.exports.layouts import Format
from shipboard.fulfilment.allowed import Verb
from shipboard.fulfilment.applies import applies
from shipboard.fulfilment.recorded import Shipment
from shipboard.orders.models import Order
from shipboard.uploads.judging import CHUNK
from shipboard.uploads.parcels import held
from shipboard.uploads.pictures import Picture, pictures

NO_GROUP = "N/A"
NOTE = "Please fill in from row 3"
GUIDE = (
    "Fill in the sheet Shipping info from row 3 on. Do not change the header row.",
    "Keep ids and tracking numbers as text, so that no digit and no leading zero is lost.",
    "Rows that you leave without a tracking number stay behind.",
)
#: What the marketplace's own template says of its columns.
MEANINGS = {
    "Order ID": "The order to ship; text, 18 digits",
    "SKU ID(optional)": "Only this SKU of the order",
    "Quantity(optional)": "Units of that SKU in this parcel",
    "Tracking ID": "The carrier's tracking number",
    "Shipping Provider Name": "Exactly as in the carrier list",
    "Shipping Service(optional)": "",
    "Auto Combine Group ID": "N/A, or one value for orders that travel in one parcel",
}
WIDTHS = {"Order ID": 24, "SKU ID(optional)": 24, "Tracking ID": 30}


class Template(StrEnum):
    LONG = "long"
    SHORT = "short"


HEADERS = {Template.LONG: LONG, Template.SHORT: SHORT}


@dataclass(frozen=True, slots=True)
class Filled:
    """A template: its bytes, and how many rows it has below the header."""

    content: bytes
    rows: int


def template(shop: Shop, layout: Template, format_: Format, now: datetime) -> Filled:
    """Filled with the shop's orders that can be shipped at `now`, the soonest due first, up to
    10,000 rows. The short layout has no place for orders in several packages: they are left out."""
    return _filled(shop, layout, format_, _rows(shop, layout, now))


def recorded_template(
    shop: Shop, layout: Template, format_: Format, shipments: Iterable[Shipment]
) -> Filled:
    """Filled with shipments whole: a row for each, or for each SKU of those in parts, which the
    short layout has no place for."""
    return _filled(shop, layout, format_, (row for each in shipments for row in _recorded(each)))


def _recorded(shipment: Shipment) -> list[dict[str, str]]:
    attempt = shipment.attempt
    row = {
        "Order ID": attempt.order.order_id,
        "Tracking ID": attempt.tracking_number,
        "Shipping Provider Name": attempt.carrier,
        "Shipping Service(optional)": attempt.service,
        "Auto Combine Group ID": attempt.group or NO_GROUP,
    }
    parts = [_of_sku(sku, count) for sku, count in shipment.contents]
    return [row | part for part in parts or [{}]]


def _filled(
    shop: Shop, layout: Template, format_: Format, given: Iterable[Mapping[str, str]]
) -> Filled:
    header = HEADERS[layout]
    rows = [[row.get(name, "") for name in header] for row in given]
    if format_ == Format.CSV:
        return Filled(_csv(header, rows), len(rows))
    return Filled(_workbook(header, rows, _carriers(shop)), len(rows))


def _rows(shop: Shop, layout: Template, now: datetime) -> Iterator[dict[str, str]]:
    waiting = Order.objects.filter(applies(Verb.ADD_SHIPMENT, now), shop=shop)
    due = waiting.order_by(F("ship_by").asc(nulls_last=True), "created_at", "pk")
    ids = list(due.values_list("order_id", flat=True)[:MAX_ROWS])
    count = 0
    for start in range(0, len(ids), CHUNK):
        some = ids[start : start + CHUNK]
        found = pictures(shop, some, now)
        for order_id in filter(found.__contains__, some):
            for row in _of_order(found[order_id], layout):
                count += 1
                if count > MAX_ROWS:
                    return
                yield {"Order ID": order_id, "Auto Combine Group ID": NO_GROUP} | row


def _of_order(picture: Picture, layout: Template) -> list[dict[str, str]]:
    """One row for what travels whole; a row for each SKU of each parcel for what does not."""
    if not picture.free:
        return []
    packages = held(picture) if picture.can.whole_packages else {}
    is_split = len(packages) > 1
    if layout == Template.SHORT:
        return [] if is_split else [{}]
    if is_split:
        return [row for contents in packages.values() for row in _of_contents(picture, contents)]
    units = sum(line.quantity for line in picture.lines)
    if len(picture.free) < units and (picture.can.part_shipments or not picture.can.ships):
        return _of_contents(picture, Counter(unit.line for unit in picture.free))
    return [{}]


def _of_contents(picture: Picture, contents: dict[int, int]) -> list[dict[str, str]]:
    skus = {line.position: line.item.sku_id or line.item.seller_sku for line in picture.lines}
    counted = Counter[str]()
    for line, count in contents.items():
        counted[skus.get(line, "")] += count
    return [_of_sku(sku, count) for sku, count in counted.items()]


def _of_sku(sku: str, count: int) -> dict[str, str]:
    return {"SKU ID(optional)": sku, "Quantity(optional)": str(count)}


def _carriers(shop: Shop) -> list[str]:
    return list(dict.fromkeys(each.name for each in offered(shop, "")))


def _csv(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    stream = io.StringIO()
    stream.write("\ufeff")
    writer = csv.writer(stream)
    writer.writerow([NOTE] + [""] * (len(header) - 1))
    writer.writerow(header)
    writer.writerows([guarded(value) for value in row] for row in rows)
    return stream.getvalue().encode()


def _workbook(
    header: Sequence[str], rows: Sequence[Sequence[str]], carriers: Sequence[str]
) -> bytes:
    book = Workbook()
    del book[book.sheetnames[0]]
    _table(book, "How to use it", [(line,) for line in GUIDE])
    _table(book, "Data definitions", [("Column", "Meaning"), *_meanings(header)])
    _table(book, "Carriers", [(name,) for name in carriers] or [("",)])
    sheet = _table(book, TEMPLATE_SHEET, [(NOTE,), header, *rows])
    book.active = sheet
    for at, name in enumerate(header, 1):
        sheet.column_dimensions[get_column_letter(at)].width = WIDTHS.get(name, 20)
    sheet.freeze_panes = "A3"
    _offer(sheet, header, carriers)
    # Empty cells too: what is typed into them stays as it was typed.
    at = header.index("Tracking ID") + 1
    for row in range(3, len(rows) + 3):
        sheet.cell(row=row, column=at).number_format = "@"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _meanings(header: Sequence[str]) -> list[tuple[str, str]]:
    return [(name, MEANINGS[name]) for name in header]


def _table(book: Workbook, title: str, rows: Sequence[Sequence[str]]) -> Worksheet:
    sheet: Worksheet = book.create_sheet(title)
    for at, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            if value:
                _text(sheet, at, column, value)
    return sheet


def _text(sheet: Worksheet, row: int, column: int, value: str) -> None:
    cell = sheet.cell(row=row, column=column)
    cell.value, cell.number_format = guarded_text(value), "@"


def _offer(sheet: Worksheet, header: Sequence[str], carriers: Sequence[str]) -> None:
    """A list of the carriers to choose from, in their column."""
    if not carriers:
        return
    rule = DataValidation("list", formula1=f"=Carriers!$A$1:$A${len(carriers)}", allow_blank=True)
    rule.showErrorMessage = False
    letter = get_column_letter(header.index("Shipping Provider Name") + 1)
    rule.add(f"{letter}3:{letter}{MAX_ROWS + 2}")
    sheet.add_data_validation(rule)
