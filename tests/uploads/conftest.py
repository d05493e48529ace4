"""Shops with orders that wait, and files of shipments for them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from openpyxl import Workbook, load_workbook

from shipboard.accounts.access import Access
from shipboard.channels.contract import Shipping
from shipboard.channels.file.tracking_columns import LONG, SHORT
from shipboard.channels.models import Shop
from shipboard.ingest.apply import Source, apply
from shipboard.orders.models import Order
from shipboard.uploads.models import ShipmentUpload
from shipboard.uploads.uploads import take
from tests import make

MAI = Access(by="mai")
PAYLOADS = Path(__file__).parent.parent / "payloads"
MUG, PLATE = "1729000000000000001", "1729000000000000002"


def number(at: int) -> str:
    """A UPS tracking number with a right check digit, another one for each `at`."""
    body = f"999AA1{at:09d}"
    values = [int(sign) if sign.isdigit() else (ord(sign) - 63) % 10 for sign in body]
    total = sum(value * (2 if place % 2 else 1) for place, value in enumerate(values))
    return f"1Z{body}{-total % 10}"


def order_id(at: int) -> str:
    return f"57600000{at:010d}"


def place(shop: Shop, at: int, **given: Any) -> Order:
    values = {"shipping": Shipping.SELLER, "buyer_username": f"buyer_{at}"}
    fact = make.order(order_id(at), **values | given)
    apply(shop, [fact], Source(by="tests", now=make.NOW))
    return Order.objects.get(shop=shop, order_id=order_id(at))


def two_skus() -> tuple[Any, ...]:
    return (
        make.line(quantity=2),
        make.line(sku_id=PLATE, seller_sku="PLATE-01", product_name="Plate", quantity=1),
    )


def long_row(at: int, tracking: str, carrier: str = "UPS", **given: str) -> list[str]:
    keys = ("sku", "quantity")
    sku, quantity = (given.get(key, "") for key in keys)
    group, service = given.get("group", "N/A"), given.get("service", "")
    return [order_id(at), sku, quantity, tracking, carrier, service, group]


def short_row(at: int, tracking: str, carrier: str = "UPS", group: str = "N/A") -> list[str]:
    return [order_id(at), tracking, carrier, group]


Rows = Sequence[Sequence[object]]
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A file of these rows: the marketplace's own template filled in, or CSV in its layout."""

    def written(rows: Rows, *, kind: str = "xlsx", layout: str = "long") -> Path:
        path = tmp_path / f"{uuid4().hex}.{kind}"
        if kind == "csv":
            stream = io.StringIO()
            writer = csv.writer(stream)
            writer.writerows([["Please fill in from row 3"], LONG if layout == "long" else SHORT])
            writer.writerows(rows)
            path.write_text(stream.getvalue(), encoding="utf-8-sig")
            return path
        name = f"tracking-upload-template{'-short' if layout == 'short' else ''}.xlsx"
        book = load_workbook(PAYLOADS / name)
        for row in rows:
            book["Shipping info"].append(list(row))
        book.save(path)
        return path

    return written


def table(rows: Rows, path: Path, sheet: str = "Sheet1") -> Path:
    book = Workbook()
    book.worksheets[0].title = sheet
    for row in rows:
        book.worksheets[0].append(list(row))
    book.save(path)
    return path


@pytest.fixture
def shop(db: None) -> Shop:
    return make.shop()


Send = Callable[..., ShipmentUpload]


@pytest.fixture
def send(shop: Shop, write: Write) -> Send:
    """Send a file of these rows as Mai; judged, not begun."""

    def sent(rows: Rows, key: UUID | None = None, of: Shop | None = None, **how: str) -> Any:
        path = write(rows, **how)
        return take(
            of or shop, path, file_name=path.name, key=key or uuid4(), access=MAI, now=make.NOW
        )

    return sent
