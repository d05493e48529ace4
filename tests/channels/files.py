"""Small order exports for tests: rows as dicts of changes to an ordinary order, written as CSV or
XLSX, and read back as a whole.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from openpyxl import Workbook

from bench.order_files import header
from shipboard.channels.contract import OrderFact, ShopFacts
from shipboard.channels.file import AcceptedOrder, RejectedOrder, read_orders

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
US = ShopFacts(region="US", timezone="UTC", currency="USD")
TH = ShopFacts(region="TH", timezone="Asia/Bangkok", currency="THB")
PAYLOADS = Path(__file__).parent.parent / "payloads"
HEADER = header("us")
ID = "576856403845718259"
OTHER_ID = "576992905654770831"
ORDINARY = {
    "Order ID": f"{ID}\t",
    "Order Status": "To ship",
    "Order Substatus": "Awaiting shipment",
    "Normal or Pre-order": "Normal",
    "SKU ID": "1729000000005408677\t",
    "Seller SKU": "RC-110",
    "Product Name": "Raincoat",
    "Variation": "Green",
    "Quantity": "1",
    "Sku Quantity of return": "0",
    "SKU Unit Original Price": "20.00",
    "SKU Subtotal Before Discount": "20.00",
    "SKU Platform Discount": "0",
    "SKU Seller Discount": "2.00",
    "SKU Subtotal After Discount": "18.00",
    "Order Amount": "21.00",
    "Order Refund Amount": "0",
    "Created Time": "11/20/2026 10:00:00 AM\t",
    "Paid Time": "11/20/2026 10:01:00 AM\t",
    "Fulfillment Type": "Shipped by seller",
    "Payment Method": "Visa",
    "Recipient": "Ana Souza",
    "Phone #": "(+1)2025550102",
    "Detail Address": "12 Main St",
    "Weight(kg)": "0.300",
}
OTHER_SKU = {"SKU ID": "1729000000003120086\t", "Seller SKU": "ORG-B3"}
SEA_TIMES = {"Created Time": "20/11/2026 10:00:00\t", "Paid Time": "20/11/2026 10:01:00\t"}
Cells = dict[str, object]


@dataclass
class Result:
    """What came out of a file."""

    header: tuple[str, ...]
    rows: int
    as_of: datetime
    ids: list[str]
    has_damaged_ids: bool
    accepted: list[AcceptedOrder]
    rejected: list[RejectedOrder]
    warnings: list[str]

    @property
    def fact(self) -> OrderFact:
        """The only order, which was taken."""
        assert not self.rejected, self.rejected
        (entry,) = self.accepted
        return entry.fact

    @property
    def rejection(self) -> RejectedOrder:
        """The only rejection."""
        (entry,) = self.rejected
        return entry


def read(path: Path, shop: ShopFacts = US, now: datetime = NOW) -> Result:
    with read_orders(path, shop, now=now) as export:
        entries = list(export.orders())
        return Result(
            header=export.header,
            rows=export.rows,
            as_of=export.as_of,
            ids=list(export.order_ids),
            has_damaged_ids=export.has_damaged_ids,
            accepted=[entry for entry in entries if isinstance(entry, AcceptedOrder)],
            rejected=[entry for entry in entries if isinstance(entry, RejectedOrder)],
            warnings=export.warnings,
        )


def cells(changes: Cells, names: Sequence[str]) -> list[object]:
    row = {**ORDINARY, **changes}
    return [row.get(name, "") for name in names]


def names_for(rows: Sequence[Cells]) -> list[str]:
    """The US header, and what else the rows name."""
    extra = [name for row in rows for name in row if name not in HEADER]
    return [*HEADER, *dict.fromkeys(extra)]


def csv_text(
    rows: Sequence[Cells],
    names: Sequence[str] | None = None,
    *,
    delimiter: str = ",",
    description: bool = False,
) -> str:
    names = names or names_for(rows)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(names)
    if description:
        writer.writerow(
            ["Platform unique order ID.", *(f"{name} of the order." for name in names[1:])]
        )
    writer.writerows(cells(row, names) for row in rows)
    return out.getvalue()


def csv_file(folder: Path, *rows: Cells, names: Sequence[str] | None = None, **how: object) -> Path:
    return raw_file(folder, csv_text(rows, names, **how).encode())  # type: ignore[arg-type]


def raw_file(folder: Path, content: bytes, name: str = "orders.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def xlsx_file(
    folder: Path, *rows: Cells, sheet: str = "OrderSKUList", names: Sequence[str] | None = None
) -> Path:
    """A workbook as a spreadsheet program saves it: shared strings, real numbers and dates."""
    names = names or names_for(rows)
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    page.append(list(names))
    for row in rows:
        page.append([None if cell == "" else cell for cell in cells(row, names)])
    path = folder / "orders.xlsx"
    book.save(path)
    return path


def read_csv(folder: Path, *rows: Cells, shop: ShopFacts = US, **how: object) -> Result:
    return read(csv_file(folder, *rows, **how), shop)


def read_xlsx(folder: Path, *rows: Cells, shop: ShopFacts = US, **how: object) -> Result:
    return read(xlsx_file(folder, *rows, **how), shop)  # type: ignore[arg-type]


def edited_workbook(folder: Path, part: str, old: bytes, new: bytes, path: Path) -> Path:
    """`path` with `old` replaced in one of its parts."""
    target = folder / "edited.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for info in source.infolist():
            content = source.read(info)
            if info.filename == part:
                assert old in content
                content = content.replace(old, new, 1)
            out.writestr(info.filename, content)
    return target
