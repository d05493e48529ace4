"""Packing slips: what is in each parcel, large enough to be read at a bench, with the codes by
which parcel and order are found again.
"""

from __future__ import annotations

from collections.abc import Iterable

from shipboard.printing.pdf_file import PdfFile
from shipboard.printing.records import Paper, Printed, Slip, SlipLine
from shipboard.printing.sheets import Sheets

_CODE_HEIGHT = 28.0
#: Lines of a name that are printed; SKU and variant are printed whole.
_MOST_NAME = 4


def slips_pdf(slips: Iterable[Slip], paper: Paper) -> Printed:
    """One slip after the other, each on sheets of its own."""
    file = PdfFile()
    pages = tuple(_slip(file, slip, paper) for slip in slips)
    return Printed(file.written(), pages)


def _slip(file: PdfFile, slip: Slip, paper: Paper) -> int:
    sheets = Sheets(file, paper, f"Packing slip of {_named(slip)}, continued", slip.region)
    _head(sheets, slip)
    _codes(sheets, slip)
    _facts(sheets, slip)
    _lines(sheets, slip)
    _messages(sheets, slip)
    return sheets.close()


def _named(slip: Slip) -> str:
    if slip.order_ids:
        return f"order {slip.order_ids[0]}"
    return f"parcel {slip.package_id or slip.tracking_number}"


def _head(sheets: Sheets, slip: Slip) -> None:
    stack = sheets.lines(slip.stack, sheets.inner / 3, is_bold=True, most=1, scale=1.3)[0]
    room = sheets.inner * (2 / 3 if slip.stack else 1) - sheets.size
    shop = sheets.lines(slip.shop or "Packing slip", room, is_bold=True, most=1, scale=1.3)[0]
    sheets.put(sheets.left, shop, 1.3)
    sheets.put_right(sheets.right, stack, 1.3)
    sheets.gap(1.75 * sheets.size)
    sheets.rule()
    sheets.gap(0.5 * sheets.size)


def _codes(sheets: Sheets, slip: Slip) -> None:
    """Bars of the tracking number and of the first order, side by side where both fit."""
    texts = [text for text in (slip.tracking_number, *slip.order_ids[:1]) if text]
    half = sheets.inner / 2
    is_side_by_side = len(texts) == 2 and all(
        0 < sheets.code_width(text, half) < half for text in texts
    )
    for place, text in enumerate(texts):
        width = sheets.code_width(text, half if is_side_by_side else sheets.inner)
        if not width:
            continue
        sheets.need(_CODE_HEIGHT)
        sheets.code(
            text, sheets.left + (half * place if is_side_by_side else 0), width, _CODE_HEIGHT
        )
        if not is_side_by_side or place:
            sheets.gap(_CODE_HEIGHT + 0.5 * sheets.size)


def _facts(sheets: Sheets, slip: Slip) -> None:
    if slip.tracking_number or slip.carrier:
        told = (slip.carrier, slip.tracking_number)
        sheets.text(" ".join(part for part in told if part), is_bold=True)
    if slip.order_ids:
        word = "Order" if len(slip.order_ids) == 1 else f"{len(slip.order_ids)} orders"
        sheets.text(f"{word} {', '.join(slip.order_ids)}", is_bold=True)
    if slip.package_id:
        sheets.text(f"Parcel {slip.package_id}")
    if slip.ship_by:
        sheets.text(f"Ship by {slip.ship_by}", is_bold=True)
    for line in slip.recipient:
        sheets.text(line)
    if slip.is_gift:
        sheets.text("GIFT", 1.2, is_bold=True)
    sheets.gap(0.4 * sheets.size)


def _lines(sheets: Sheets, slip: Slip) -> None:
    units = sum(line.quantity for line in slip.lines)
    sheets.repeat(lambda: _line_head(sheets))
    for line in slip.lines:
        _line(sheets, line)
    sheets.no_more_heads()
    sheets.need(1.5 * sheets.size)
    sheets.text(f"{_many(units, 'unit')} in {_many(len(slip.lines), 'line')}", is_bold=True)


def _line_head(sheets: Sheets) -> None:
    sheets.put(sheets.left, sheets.lines("Qty", sheets.inner)[0], 0.9)
    sheets.put(sheets.left + _indent(sheets), sheets.lines("Item", sheets.inner)[0], 0.9)
    sheets.gap(1.4 * sheets.size)
    sheets.rule()
    sheets.gap(0.4 * sheets.size)


def _line(sheets: Sheets, line: SlipLine) -> None:
    """Quantity, name, SKU and variant; more than one unit is set large, as it is easily missed."""
    indent = _indent(sheets)
    room = sheets.inner - indent
    scale = 1.5 if line.quantity != 1 else 1.1
    named = sheets.lines(line.name, room, most=_MOST_NAME)
    coded = sheets.lines(" · ".join(filter(None, (line.code, line.variant))), room, is_bold=True)
    sheets.need(1.4 * sheets.size * min(len(coded) + len(named), 8))
    sheets.put_fitting(sheets.left, str(line.quantity), indent - 2, scale)
    for each in (*coded, *named):
        sheets.need(1.4 * sheets.size)
        sheets.put(sheets.left + indent, each)
        sheets.gap(1.4 * sheets.size)
    sheets.gap(0.4 * sheets.size)


def _indent(sheets: Sheets) -> float:
    return 3.2 * sheets.size


def _messages(sheets: Sheets, slip: Slip) -> None:
    for title, texts in (("Message from the buyer", (slip.buyer_message,)), ("Notes", slip.notes)):
        told = [text for text in texts if text.strip()]
        if not told:
            continue
        sheets.gap(0.5 * sheets.size)
        sheets.need(3 * sheets.size)
        sheets.rule(0.4)
        sheets.gap(0.4 * sheets.size)
        sheets.text(title, 0.9, is_bold=True)
        for text in told:
            sheets.text(text)


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
