"""Labels for many in a browser, against the demo's marketplace: a mixed selection refused and
offered as several, one edit for all, prices that come by themselves, the run, and printing.
"""

from __future__ import annotations

import re
from typing import Literal

from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk
from tests.browser.test_access import violations

LIST = "/orders/?tab=pending_shipping&shop=demo-northwind-us&shipping=platform&sort=-ship_by"
SOON = 30_000


def no_violations(page: Page) -> None:
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == [], scheme


def test_from_a_mixed_selection_to_the_printer(signed_in: Page, desk: Desk) -> None:
    page = signed_in
    page.goto(f"{desk.url}{LIST}&view=list&per_page=100")
    page.locator("#pick-page").check()
    button = page.locator("[data-bulk-verb=create_label]")
    expect(button).to_contain_text("create a shipping label")
    button.click()
    expect(page.get_by_role("alert")).to_contain_text("cannot be one batch")
    no_violations(page)
    lots = page.locator(".lot")
    assert lots.count() > 1
    lots.last.get_by_role("button", name="Go on with").first.click()
    expect(page).to_have_url(re.compile(r"/labels/batch/\d+/$"))
    parcels = page.locator(".batch-table tbody tr").count()
    # Some may have a size that another test gave their item; never all of them.
    expect(page.locator("#confirm-batch")).not_to_contain_text(f"Create {parcels} shipping labels")
    page.locator("#many-weight").fill("12")
    page.locator("#many-sides").fill("6 x 6 x 6")
    page.locator("#set-all").click()
    total = page.locator(".batch-total")
    expect(page.locator('#batch-live[data-state="ready"]')).to_be_visible(timeout=SOON)
    expect(total).to_contain_text(re.compile(rf"\$[\d.]+ for \d+ of {parcels} parcels"))
    ready = page.locator("tr:has(.verdict-good):has(select)")
    assert ready.count()
    # All but one are left out: the others are for other tests.
    page.locator("#mark-all").check()
    ready.last.locator(".mark-row").uncheck()
    expect(page.locator("[data-marked]")).to_have_text(f"{parcels - 1} marked")
    page.get_by_role("button", name="Leave out the marked").click()
    expect(page.locator(".batch-left")).to_contain_text(f"{parcels - 1} left out")
    no_violations(page)
    page.set_viewport_size({"width": 1024, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Create 1 shipping label").dblclick()
    expect(page).to_have_url(re.compile(r"/runs/\d+/"))
    expect(page.locator(".run-cost")).to_contain_text("1 bought", timeout=SOON)
    expect(page.locator(".run-cost")).to_contain_text("$")
    no_violations(page)
    expect(page.locator(".run-cost")).to_contain_text("1 file here", timeout=SOON)
    page.get_by_role("link", name="Print 1 label").click()
    expect(page).to_have_url(re.compile(r"/labels/print/\?run=\d+"))
    expect(page.get_by_role("heading", name="1 to print")).to_be_visible()
