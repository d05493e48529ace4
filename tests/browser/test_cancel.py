"""Canceling orders in a browser, against the demo's marketplace: one from its row by keyboard, a
part from the dialog, several from the bulk bar; said before, taken back while it waits; light and
dark, and on a low screen.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Desk
from tests.browser.test_access import violations
from tests.browser.test_prints import labels_of

LIST = "/orders/?tab=pending_shipping&shop=demo-northwind-us&shipping=seller&sort=-ship_by"


def opened(page: Page, row: Locator) -> Locator:
    """The dialog over the list; the marketplace has said what it takes."""
    row.locator(".cancel-link").press("Enter")
    dialog = page.get_by_role("dialog", name="Cancel the order")
    expect(dialog.get_by_role("radio", name=re.compile("Out of stock"))).not_to_have_count(0)
    return dialog


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_orders_are_canceled(signed_in: Page, desk: Desk, scheme: Any) -> None:
    page = signed_in
    page.emulate_media(color_scheme=scheme)
    page.goto(desk.url + LIST + "&contents=multi_sku")
    row = page.locator("tr.row:has(.cancel-link)").first
    order = row.get_attribute("data-order")
    dialog = opened(page, row)
    assert violations(page) == []
    # A part, which only some reasons fit; then taken back while it waits.
    dialog.get_by_role("radio", name=re.compile("Some units")).check()
    dialog.get_by_role("spinbutton").first.fill("1")
    dialog.get_by_role("radio", name=re.compile("^Out of stock")).check()
    assert violations(page) == []
    dialog.get_by_role("button", name="Cancel the order").press("Enter")
    notice = page.locator("#ship-notice")
    expect(notice).to_contain_text("Out of stock” goes to TikTok Shop")
    assert violations(page) == []
    notice.get_by_role("button", name=re.compile("Undo")).press("Enter")
    expect(notice).to_contain_text("taken back")
    # The whole of it, from its own page.
    page.goto(f"{desk.url}/orders/{order}/")
    page.locator("#do-cancel").press("Enter")
    dialog = page.get_by_role("dialog", name="Cancel the order")
    dialog.get_by_role("radio", name=re.compile("buyer asked")).check()
    dialog.get_by_role("button", name="Cancel the order").press("Enter")
    expect(page.locator("#attempts")).to_contain_text("In the outbox")
    expect(page.locator("body")).to_contain_text("that waits in the outbox and can be undone there")
    assert violations(page) == []
    # Several at once.
    page.goto(desk.url + LIST)
    rows = page.locator("tr.row:has(.cancel-link)")
    for place in range(3):
        rows.nth(place).locator(".pick").check()
    page.locator("[data-bulk-verb=cancel]").click()
    expect(page.get_by_role("heading", name="Cancel 3 orders")).to_be_visible()
    expect(page.locator(".cancel-rate")).to_contain_text("With these 3")
    assert violations(page) == []
    page.get_by_role("radio", name=re.compile("buyer asked")).check()
    page.get_by_role("button", name="Cancel 3 orders").press("Enter")
    expect(page.locator("#run-body")).to_contain_text(re.compile("in the outbox or being sent"))
    assert violations(page) == []


def test_its_buttons_are_in_reach_on_a_low_screen(signed_in: Page, desk: Desk) -> None:
    page = signed_in
    order = labels_of(desk, 1)[0]["order"]
    page.set_viewport_size({"width": 1024, "height": 600})
    page.goto(f"{desk.url}/orders/{order}/")
    page.locator("#do-cancel").press("Enter")
    dialog = page.get_by_role("dialog", name="Cancel the order")
    expect(dialog.get_by_role("button", name="Cancel the order")).to_be_in_viewport(ratio=1)
    expect(dialog.get_by_role("button", name="Close")).to_be_in_viewport(ratio=1)
    # What is reached by keyboard is not hidden behind the foot.
    last = dialog.locator(".cancel-effects a").last
    last.focus()
    behind = """(link) => link.getBoundingClientRect().bottom
      > link.closest('form').querySelector('.panel-foot').getBoundingClientRect().top"""
    assert not last.evaluate(behind)
