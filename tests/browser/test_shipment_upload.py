"""Shipments from a file in a browser: the template, the preview, the run, the results; without
scripts too, and with no accessibility violation.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Desk
from tests.browser.test_access import violations
from tests.export_file import export
from tests.uploads.conftest import number


@pytest.fixture
def shop(desk: Desk, own_shops: None, tmp_path: Path) -> str:
    """A shop fed by a file, with orders that wait."""
    desk.run("shop", "add", "Parcels", "--region", "US", "--timezone", "UTC")
    path = tmp_path / "orders.csv"
    path.write_bytes(export(datetime.now(UTC) - timedelta(minutes=5), orders=60))
    desk.run("import", str(path), "--shop", "parcels")
    return "parcels"


def taken(page: Page, tmp_path: Path) -> Path:
    """The template in which three orders have numbers: one good, one doubtful, one bad."""
    with page.expect_download() as download:
        page.get_by_role("button", name="Take the template").click()
    assert download.value.suggested_filename.startswith("shipments_parcels")
    path = tmp_path / "filled.xlsx"
    download.value.save_as(path)
    book = load_workbook(path)
    sheet = book["Shipping info"]
    assert sheet.max_row > 5
    sheet.delete_rows(6, sheet.max_row)
    for row, (tracking, carrier) in enumerate(
        ((number(1), "UPS"), (number(2), "FedEx"), ("bad number!", "UPS")), 3
    ):
        sheet.cell(row=row, column=4).value = tracking
        sheet.cell(row=row, column=5).value = carrier
    book.save(path)
    return path


def test_from_the_template_to_the_results(
    signed_in: Page, desk: Desk, shop: str, tmp_path: Path
) -> None:
    signed_in.goto(f"{desk.url}/orders/?tab=pending_shipping&shop={shop}")
    signed_in.locator("#upload-button").click()
    dialog = signed_in.get_by_role("dialog", name="Upload shipments")
    expect(dialog).to_be_visible()
    assert violations(signed_in) == []
    path = taken(signed_in, tmp_path)
    dialog.get_by_label("Shipments (XLSX or CSV)").set_input_files(path)
    dialog.get_by_role("button", name="Check the file").click()
    expect(signed_in.get_by_role("heading", name="filled.xlsx")).to_be_visible()
    expect(signed_in.get_by_text("the 1 refused stay behind")).to_be_visible()
    assert violations(signed_in) == []
    signed_in.locator('.chip[data-result="refused"]').click()
    expect(signed_in.locator("tr[data-row]")).to_have_count(1)
    expect(signed_in.get_by_text("letters and digits only")).to_be_visible()
    signed_in.locator('.chip[data-result="all"]').click()
    signed_in.get_by_role("button", name="Ship 2 orders").click()
    expect(signed_in.get_by_role("heading", name="Done")).to_be_visible(timeout=30_000)
    expect(signed_in.locator('tr[data-result="recorded"]')).to_have_count(2)
    assert violations(signed_in) == []
    with signed_in.expect_download() as download:
        signed_in.get_by_role("link", name="The file with its results").click()
    sheet = load_workbook(io.BytesIO(download.value.path().read_bytes()))["Shipping info"]
    assert [sheet.cell(row=row, column=8).value for row in range(2, 6)] == [
        "Shipboard result",
        "Recorded",
        "Recorded",
        "Refused",
    ]
    with signed_in.expect_download() as download:
        signed_in.get_by_role("link", name="The 1 row to mend, alone").click()
    sheet = load_workbook(io.BytesIO(download.value.path().read_bytes()))["Shipping info"]
    assert (sheet["D3"].value, sheet.max_row) == ("bad number!", 3)
    signed_in.goto(f"{desk.url}/uploads/shipments/")
    expect(signed_in.get_by_role("link", name="filled.xlsx", exact=True)).to_be_visible()
    assert violations(signed_in) == []


def test_without_scripts(
    signed_in: Page, desk: Desk, shop: str, browser: Browser, tmp_path: Path
) -> None:
    state = signed_in.context.storage_state()
    context = browser.new_context(java_script_enabled=False, storage_state=state)
    page = context.new_page()
    page.goto(f"{desk.url}/orders/?tab=pending_shipping&shop={shop}")
    page.locator("#upload-button").click()
    expect(page.get_by_role("heading", name="Shipments from a file")).to_be_visible()
    path = taken(page, tmp_path)
    page.get_by_label("Shipments (XLSX or CSV)").set_input_files(path)
    page.get_by_role("button", name="Check the file").click()
    page.get_by_role("button", name="Ship 2 orders").click()
    expect(page.get_by_role("heading", name="Done")).to_be_visible(timeout=30_000)
    expect(page.locator('tr[data-result="recorded"]')).to_have_count(2)
    context.close()
