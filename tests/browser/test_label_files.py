"""Seller Center's own label PDFs in a browser: dropped, read, matched; the rest is said by hand."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk
from tests.browser.test_access import violations
from tests.export_file import export
from tests.uploads import label_pdf as pdf


@pytest.fixture
def waiting(desk: Desk, own_shops: None, tmp_path: Path) -> list[str]:
    """Platform orders of a shop fed by files."""
    desk.run("shop", "add", "Parcels", "--region", "US", "--timezone", "UTC")
    path = tmp_path / "orders.csv"
    path.write_bytes(export(datetime.now(UTC) - timedelta(minutes=5), orders=60))
    desk.run("import", str(path), "--shop", "parcels")
    rows = csv.DictReader(io.StringIO(path.read_text("utf-8-sig")))
    found = [
        row["Order ID"].strip()
        for row in rows
        if row["Order Substatus"] == "Awaiting shipment"
        and row["Fulfillment Type"] == "Shipped via platform"
        and not row["Cancelation/Return Type"]
    ]
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_from_the_pdf_to_labels(
    signed_in: Page, desk: Desk, waiting: list[str], tmp_path: Path, scheme: Any
) -> None:
    page = signed_in
    page.emulate_media(color_scheme=scheme)
    parcels = [pdf.parcel(at, orders=(waiting[at],)) for at in range(3)]
    path = tmp_path / "labels.pdf"
    path.write_bytes(
        pdf.joined([pdf.pages(parcels[:2], pdf.BOTH), pdf.scanned(pdf.written("A smudged label"))])
    )
    page.goto(f"{desk.url}/orders/{waiting[2]}/")
    page.get_by_role("link", name="Drop its PDF here").click()
    page.get_by_label("Label PDFs, one or several").set_input_files(path)
    assert violations(page) == []
    page.get_by_role("button", name="Send the labels").click()
    expect(page.get_by_role("heading", name="4 of 5 pages matched, 1 not")).to_be_visible(
        timeout=30_000
    )
    assert violations(page) == []
    with page.context.expect_page() as picture:
        page.get_by_role("link", name="Show page 5").click()
    expect(picture.value.locator("img")).to_be_visible()
    picture.value.close()
    number = page.get_by_label("Order, package or tracking number of page 5")
    number.fill("0000000")
    page.get_by_role("button", name="It is this one").click()
    expect(page.get_by_role("alert")).to_contain_text("Parcels has nothing under 0000000")
    assert violations(page) == []
    number.fill(waiting[2])
    page.get_by_role("button", name="It is this one").click()
    expect(page.get_by_text("No page of this file is unmatched")).to_be_visible()
    page.locator('[data-pages="matched"]').click()
    expect(page.locator("tr[data-page]")).to_have_count(5)
    assert violations(page) == []
    page.set_viewport_size({"width": 1024, "height": 768})
    assert page.evaluate("document.documentElement.scrollWidth") <= 1024
    page.goto(f"{desk.url}/orders/{waiting[0]}/")
    page.get_by_role("button", name="Mark as shipped").click()
    expect(page.get_by_text("is marked as shipped here.")).to_be_visible()
    assert violations(page) == []
