"""A rule that answers is written, seen for what it would have done, turned on and off again: light
and dark, with no accessibility violation, and without scripts too.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Desk
from tests.browser.test_access import violations

SHOP = "demo-northwind-us"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_rule_is_turned_on_after_its_dry_run(signed_in: Page, desk: Desk, scheme: Any) -> None:
    page, name = signed_in, f"Soon after, {scheme}"
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{desk.url}/settings/rules/")
    page.locator("#rule-shop").select_option(SHOP)
    page.get_by_role("button", name="Add a rule").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Better price available").check()
    page.get_by_label("Order total at most").fill("20")
    assert violations(page) == []
    page.get_by_role("button", name="Save, and see what it would do").click()
    expect(page.get_by_role("heading", name=f"{name}: what it would do")).to_be_visible()
    expect(page.get_by_text("the orders are canceled and the buyers refunded")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name=f"Turn on {name}").click()
    row = page.locator("tr[data-rule]").filter(has_text=name)
    expect(row.locator(".badge")).to_have_text("On")
    assert violations(page) == []
    row.get_by_role("button", name="Turn off").click()
    expect(row.locator(".badge")).to_have_text("Off")
    row.get_by_role("link", name="Change").click()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name=f"Remove {name}").click()
    expect(page.get_by_text(f"{name} is gone")).to_be_visible()


def test_the_rules_are_steered_without_scripts(
    signed_in: Page, browser: Browser, desk: Desk
) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(desk.kept)
    page = context.new_page()
    page.goto(f"{desk.url}/settings/rules/")
    page.locator("tr[data-rule]").get_by_role("link", name="Try and turn on").first.click()
    page.locator("#turn-on").click()
    expect(page.locator("tr[data-rule] .badge", has_text="On")).to_have_count(1)
    page.get_by_role("button", name="Turn off").click()
    expect(page.locator("tr[data-rule] .badge", has_text="On")).to_have_count(0)
    context.close()
