"""Splitting an order in a browser, against the demo's marketplace: from its page, by keyboard,
shown before it goes; light and dark.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk
from tests.browser.test_access import violations

PLATFORM = "/orders/?tab=pending_shipping&shop=demo-northwind-us&shipping=platform"
SOON = 15_000


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_order_is_split(signed_in: Page, desk: Desk, scheme: Any) -> None:
    page = signed_in
    page.emulate_media(color_scheme=scheme)
    page.goto(desk.url + f"{PLATFORM}&contents=multi_sku&sort=-ship_by")
    order = page.locator(".row").nth(0 if scheme == "light" else 1).get_attribute("data-order")
    page.goto(f"{desk.url}/orders/{order}/")
    page.locator("#do-repack").press("Enter")
    dialog = page.get_by_role("dialog", name="Split or combine")
    expect(dialog).to_be_visible()
    rows = dialog.locator("tbody tr")
    last = rows.nth(rows.count() - 1).locator("input")
    if last.nth(0).get_attribute("type") == "radio":
        last.nth(1).check()
    else:
        units = last.nth(0).input_value()
        last.nth(0).fill("0")
        last.nth(1).fill(units)
    dialog.get_by_role("button", name="Preview the split").press("Enter")
    expect(dialog.get_by_role("status")).to_contain_text("2 packages:")
    assert violations(page) == []
    dialog.get_by_role("button", name=re.compile("Split into 2 packages")).press("Enter")
    expect(page.locator("#attempts")).to_contain_text("split or combine", timeout=SOON)
    for _ in range(30):
        if page.locator("#attempts").get_by_text("Accepted").count():
            break
        page.wait_for_timeout(1000)
        page.reload()
    expect(page.locator("#attempts")).to_contain_text("Accepted")
    for _ in range(30):  # its packages are read again a moment later
        if page.locator(".parcels > li[data-travel]").count() == 2:
            break
        page.wait_for_timeout(1000)
        page.reload()
    expect(page.locator(".parcels > li[data-travel]")).to_have_count(2)
    assert violations(page) == []
