"""Order exports of any size for benchmarks: believable, invented, and the same for the same seed.

python -m bench.order_files orders.xlsx 200000 --seed 7 --layout sea
"""

from __future__ import annotations

import argparse
import csv
import random
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal
from xml.sax.saxutils import escape

Layout = Literal["us", "sea"]
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BEFORE_ADDRESS = (
    "Order ID,Order Status,Order Substatus,Cancelation/Return Type,Normal or Pre-order,SKU ID,"
    "Seller SKU,Product Name,Variation,Quantity,Sku Quantity of return,SKU Unit Original Price,"
    "SKU Subtotal Before Discount,SKU Platform Discount,SKU Seller Discount,"
    "SKU Subtotal After Discount,Shipping Fee After Discount,Original Shipping Fee,"
    "Shipping Fee Seller Discount,Shipping Fee Platform Discount,Payment platform discount,"
    "Retail Delivery Fee,Taxes,Order Amount,Order Refund Amount,Created Time,Paid Time,RTS Time,"
    "Shipped Time,Delivered Time,Cancelled Time,Cancel By,Cancel Reason,Fulfillment Type,"
    "Warehouse Name,Tracking ID,Delivery Option Type,Delivery Option,Shipping Provider Name,"
    "Buyer Message,Buyer Username,Recipient,Phone #,Country"
)
ADDRESS = {
    "us": "State,City,Zipcode,Detail Address,Additional address information,House Name or Number,"
    "Delivery Instruction,Payment Method,Weight(kg),Product Category,Package ID,Seller Note,"
    "Shipping Information",
    "sea": "Province,District,Commune,Detail Address,Additional address information,"
    "Payment Method,Weight(kg),Product Category,Package ID,Seller Note,Checked Status,"
    "Checked Marked by",
}
PRODUCTS = (
    ("Linen wide-leg trousers", "S / Sand", "LIN-S", "Womenswear"),
    ("Bamboo desk organiser", "3 tiers", "ORG-B3", "Home"),
    ("Ceramic pour-over dripper", "White, size 2", "DRP-W2", "Kitchenware"),
    ("เซรั่มวิตามินซี", "30 มล.", "SRM-TH", "Beauty"),
    ("Foldable phone stand, aluminium", "Silver", "STD-AL", "Phones"),
    ("竹制桌面收纳盒", "三层", "CN-ORG", "Home"),
    ("Kids' raincoat; hooded", "110 cm\nGreen", "RC-110", "Kids"),
    ('Wall clock 12" "Minimal"', "Oak", "CLK-12", "Home"),
)
NAMES = ("Ana Souza", "Nguyễn Thị Mai", "王小明", "Siti Aminah", "สมชาย ใจดี", "Pat O'Neil")
# stage: how many of a hundred orders, and the status words in English and Thai
STAGES = (
    (3, "unpaid", ("Unpaid", "Unpaid"), ("ค้างชำระ", "ค้างชำระ")),
    (3, "on_hold", ("Unpaid", "On hold"), ("On hold", "On hold")),
    (14, "awaiting", ("To ship", "Awaiting shipment"), ("ที่จะจัดส่ง", "รอจัดส่ง")),
    (6, "collection", ("To ship", "Awaiting collection"), ("ที่จะจัดส่ง", "รอเข้ารับ")),
    (14, "transit", ("Shipped", "In transit"), ("จัดส่งแล้ว", "อยู่ระหว่างการขนส่ง")),
    (10, "delivered", ("Shipped", "Delivered"), ("จัดส่งแล้ว", "จัดส่งสำเร็จ")),
    (42, "completed", ("Completed", "Completed"), ("เสร็จสมบูรณ์", "เสร็จสมบูรณ์")),
    (8, "canceled", ("Canceled", "Canceled"), ("ยกเลิกแล้ว", "ยกเลิกแล้ว")),
)
PROGRESS = {"awaiting": 0, "collection": 1, "transit": 2, "delivered": 3, "completed": 3}
AGE_IN_HOURS = {
    "unpaid": (0, 1),
    "on_hold": (0, 1),
    "awaiting": (2, 70),
    "collection": (24, 90),
    "transit": (72, 200),
    "delivered": (170, 330),
    "completed": (800, 4_000),
    "canceled": (100, 4_000),
}


def write_csv(path: Path | str, orders: int, seed: int, layout: Layout = "us") -> int:
    """Writes an export of `orders` orders as Seller Center does (UTF-8 with BOM, a description
    row, ids and times with a trailing tab); returns its data rows, about 1.6 for each order."""
    count = 0
    with Path(path).open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(header(layout))
        writer.writerow(_description(layout))
        for row in rows(orders, seed, layout):
            writer.writerow(row)
            count += 1
    return count


def write_xlsx(
    path: Path | str, orders: int, seed: int, layout: Layout = "sea", *, shared: bool = False
) -> int:
    """The same as a workbook: text in the cells as Seller Center writes it, or in one table of
    shared strings as spreadsheet programs do. Returns its data rows."""
    strings: dict[str, int] = {}
    count = -2
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as book:
        for name, content in _small_parts(shared).items():
            book.writestr(name, content)
        with book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(SHEET_START.encode())
            for number, row in enumerate(_all_rows(orders, seed, layout), 1):
                sheet.write(_row_xml(number, row, strings if shared else None).encode())
                count += 1
            sheet.write(b"</sheetData></worksheet>")
        if shared:
            with book.open("xl/sharedStrings.xml", "w", force_zip64=True) as part:
                part.write(f'<?xml version="1.0" encoding="UTF-8"?><sst xmlns="{MAIN}">'.encode())
                for text in strings:
                    part.write(f'<si><t xml:space="preserve">{escape(text)}</t></si>'.encode())
                part.write(b"</sst>")
    return count


def header(layout: Layout) -> list[str]:
    """The column names of a region's export; the US has one fee more."""
    names = f"{BEFORE_ADDRESS},{ADDRESS[layout]}".split(",")
    return [name for name in names if layout == "us" or name != "Retail Delivery Fee"]


def rows(orders: int, seed: int, layout: Layout) -> Iterator[list[str]]:
    """Data rows, newest order first as in the marketplace's list."""
    chance = random.Random(seed)
    weights = [share for share, *_ in STAGES]
    names = header(layout)
    for number in range(orders):
        _, stage, english, thai = chance.choices(STAGES, weights)[0]
        words = english if layout == "us" else thai
        for cells in _order(chance, number, stage, words, layout):
            yield [cells.get(name, "") for name in names]


def _order(
    chance: random.Random, number: int, stage: str, words: tuple[str, str], layout: Layout
) -> Iterator[dict[str, str]]:
    lines = chance.choices((1, 2, 3), (58, 30, 12))[0]
    common = {
        "Order ID": f"576{number:07d}{chance.randrange(10**8):08d}\t",
        "Order Status": words[0],
        "Order Substatus": words[1],
        "Normal or Pre-order": "Normal",
        "Shipping Fee After Discount": "3.00",
        "Original Shipping Fee": "5.00",
        "Shipping Fee Seller Discount": "2.00",
        "Shipping Fee Platform Discount": "0",
        "Payment platform discount": "0",
        "Retail Delivery Fee": "0",
        "Taxes": "1.20",
        "Order Refund Amount": "0",
        "Fulfillment Type": chance.choice(("Shipped by seller", "Shipped via platform")),
        "Warehouse Name": "Main",
        "Delivery Option Type": "Standard",
        "Delivery Option": "Standard shipping",
        "Shipping Provider Name": "USPS" if layout == "us" else "J&T Express",
        "Payment Method": "Visa" if chance.random() < 0.7 else "Cash on delivery",
        "Weight(kg)": f"{chance.randrange(100, 3_000) / 1000:.3f}",
        **_times(chance, stage, layout),
        **_buyer(chance, layout),
    }
    if stage == "canceled":
        common |= {
            "Cancelation/Return Type": "Cancel",
            "Cancel By": chance.choice(("Buyer", "System")),
        }
        common["Cancel Reason"] = "No longer needed"
    is_split = lines > 1 and stage in PROGRESS and chance.random() < 0.08
    parcels = [_parcel(chance, stage, layout) for _ in range(lines if is_split else 1)]
    goods = [_line(chance, product) for product in chance.sample(range(len(PRODUCTS)), lines)]
    total = sum(float(line["SKU Subtotal After Discount"]) for line in goods) + 4.20
    for index, line in enumerate(goods):
        yield {**common, **line, **parcels[index % len(parcels)], "Order Amount": f"{total:.2f}"}


def _line(chance: random.Random, product: int) -> dict[str, str]:
    name, variation, sku, category = PRODUCTS[product]
    quantity = chance.choices((1, 2, 3), (70, 20, 10))[0]
    cents = chance.randrange(500, 9_000)
    discount = cents * quantity // 10
    return {
        "SKU ID": f"17290000000{product * 1_210_013 + 3_120_086:08d}\t",
        "Seller SKU": sku,
        "Product Name": name,
        "Variation": variation,
        "Quantity": str(quantity),
        "Sku Quantity of return": "0",
        "SKU Unit Original Price": f"{cents / 100:.2f}",
        "SKU Subtotal Before Discount": f"{cents * quantity / 100:.2f}",
        "SKU Platform Discount": "0",
        "SKU Seller Discount": f"{discount / 100:.2f}",
        "SKU Subtotal After Discount": f"{(cents * quantity - discount) / 100:.2f}",
        "Product Category": category,
    }


def _parcel(chance: random.Random, stage: str, layout: Layout) -> dict[str, str]:
    if PROGRESS.get(stage, 0) < 1:
        return {}
    digits = chance.randrange(10**18)
    tracking = f"9400{digits:018d}" if layout == "us" else f"TH{digits % 10**12:012d}"
    return {"Tracking ID": tracking, "Package ID": f"115{chance.randrange(10**15):015d}\t"}


def _times(chance: random.Random, stage: str, layout: Layout) -> dict[str, str]:
    least, most = AGE_IN_HOURS[stage]
    created = NOW - timedelta(seconds=chance.randrange(least * 3600 + 120, most * 3600))
    times = {"Created Time": created}
    if stage != "unpaid":
        times["Paid Time"] = created + timedelta(minutes=1)
    names = ("RTS Time", "Shipped Time", "Delivered Time")[: PROGRESS.get(stage, 0)]
    for step, name in enumerate(names, 1):
        times[name] = created + (NOW - created) * step / 4
    if stage == "canceled":
        times["Cancelled Time"] = created + (NOW - created) / 3
    if layout == "us":
        return {name: f"{at:%m/%d/%Y %I:%M:%S %p}\t" for name, at in times.items()}
    local = timedelta(hours=7)
    return {name: f"{at + local:%d/%m/%Y %H:%M:%S}\t" for name, at in times.items()}


def _buyer(chance: random.Random, layout: Layout) -> dict[str, str]:
    number = chance.randrange(10**6)
    buyer = {
        "Buyer Message": chance.choice(("", "", "Gift wrap please", "+66 call first")),
        "Buyer Username": f"user{number:06d}",
        "Recipient": chance.choice(NAMES),
        "Phone #": f"(+1)202555{number % 10_000:04d}",
        "Detail Address": f"{number % 980 + 1} Main St, Apt {number % 37 + 1}",
    }
    if layout == "us":
        place = {
            "Country": "US",
            "State": "NY",
            "City": "New York",
            "Zipcode": f"{number % 9_000 + 500:05d}",
        }
    else:
        place = {"Country": "Thailand", "Province": "Bangkok", "District": "Watthana"}
        place["Commune"] = "Khlong Toei"
    return {**buyer, **place}


def _description(layout: Layout) -> list[str]:
    return ["Platform unique order ID.", *(f"{name} of the order." for name in header(layout)[1:])]


def _all_rows(orders: int, seed: int, layout: Layout) -> Iterator[list[str]]:
    yield header(layout)
    yield _description(layout)
    yield from rows(orders, seed, layout)


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
OOXML = "application/vnd.openxmlformats-officedocument.spreadsheetml"
SHEET_START = (
    f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{MAIN}">'
    '<dimension ref="A1:A1"/><sheetData>'
)


def _small_parts(shared: bool) -> dict[str, str]:
    parts = [("worksheet", "worksheets/sheet1.xml")]
    if shared:
        parts.append(("sharedStrings", "sharedStrings.xml"))
    links = "".join(
        f'<Relationship Id="rId{index}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for index, (kind, target) in enumerate(parts, 1)
    )
    overrides = "".join(
        f'<Override PartName="/xl/{target}" ContentType="{OOXML}.{kind}+xml"/>'
        for kind, target in parts
    )
    return {
        "[Content_Types].xml": (
            f'<Types xmlns="{TYPES}"><Default Extension="rels" ContentType='
            '"application/vnd.openxmlformats-package.relationships+xml"/><Override '
            f'PartName="/xl/workbook.xml" ContentType="{OOXML}.sheet.main+xml"/>{overrides}</Types>'
        ),
        "_rels/.rels": (
            f'<Relationships xmlns="{RELATIONS}"><Relationship Id="rId1" '
            f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": (
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="OrderSKUList" '
            'sheetId="1" r:id="rId1"/></sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELATIONS}">{links}</Relationships>',
    }


def _row_xml(number: int, row: list[str], strings: dict[str, int] | None) -> str:
    cells = []
    for column, value in enumerate(row):
        if not value:
            continue
        place = f"{_letters(column)}{number}"
        if strings is None:
            cells.append(f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>')
        else:
            index = strings.setdefault(value, len(strings))
            cells.append(f'<c r="{place}" t="s"><v>{index}</v></c>')
    return f'<row r="{number}">{"".join(cells)}</row>'


def _letters(column: int) -> str:
    high, low = divmod(column, 26)
    return (chr(64 + high) if high else "") + chr(65 + low)


def main() -> None:
    """Writes a file as the arguments say; its name's ending chooses the format."""
    parser = argparse.ArgumentParser(description="Write an invented order export.")
    parser.add_argument("path", type=Path)
    parser.add_argument("orders", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--layout", choices=("us", "sea"), default="us")
    parser.add_argument("--shared", action="store_true", help="XLSX with shared strings")
    given = parser.parse_args()
    if given.path.suffix == ".xlsx":
        count = write_xlsx(given.path, given.orders, given.seed, given.layout, shared=given.shared)
    else:
        count = write_csv(given.path, given.orders, given.seed, given.layout)
    print(f"{count:,} rows, {given.path.stat().st_size / 1024**2:,.1f} MB")


if __name__ == "__main__":
    main()
