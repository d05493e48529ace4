"""Every screen, light and dark, wide and at 1024 px: no accessibility violation, no sideways
scrolling; and everything can be read without JavaScript.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Desk, sign_in

SCREENS = (
    "/orders/?tab=pending_shipping",
    "/orders/?tab=completed&view=list",
    "/orders/?q=nothing-like-this",
    "/orders/?tab=all&shipping=seller&has=buyer_message",
    "/orders/?stagee=x",
    "/uploads/",
    "/uploads/1/",
    "/shops/",
    "/orders/filter/?tab=all",
    "/keys/",
    "/runs/",
    "/ship/",
    "/outbox/",
    "/labels/print/",
    "/labels/prints/",
    "/labels/scan/",
    "/labels/",
    "/labels/batch/",
    "/labels/files/",
    "/labels/?tab=rejected",
    "/handoff/",
    "/settings/",
    "/settings/boxes/",
    "/settings/rules/",
    "/settings/rules/log/",
    "/settings/people/",
    "/settings/notices/",
    "/hooks/",
    "/shops/demo-northwind-us/",
    "/shops/demo-northwind-us/health/",
    "/shops/demo-northwind-us/calls/",
    "/shops/demo-northwind-uk/health/",
    "/cases/",
    "/cases/?tab=decided",
    "/metrics/",
    "/metrics/orders/?shop=demo-northwind-us",
    "/metrics/against/?of=canceled&days=14",
    "/nowhere/",
)

#: Of what is wrong, every place; of what is right, none is asked for, which takes half the time.
ONLY_WRONG = {"resultTypes": ["violations"]}


def violations(page: Page) -> list[dict[str, Any]]:
    found = Axe().run(page, options=ONLY_WRONG).response["violations"]
    return [
        {"id": each["id"], "nodes": [node["html"][:160] for node in each["nodes"][:4]]}
        for each in found
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_violations(signed_in: Page, desk: Desk, scheme: Any) -> None:
    signed_in.emulate_media(color_scheme=scheme)
    for path in SCREENS:
        signed_in.goto(desk.url + path)
        assert violations(signed_in) == [], path
    signed_in.goto(desk.url + SCREENS[0])
    signed_in.locator("tr.row .id").first.click()
    signed_in.wait_for_selector(".detail")
    assert violations(signed_in) == [], "details"
    signed_in.goto(desk.url + SCREENS[0])
    signed_in.locator("tr.row .c-total").first.click()
    expect(signed_in.get_by_role("dialog", name="Order")).to_be_visible()
    assert violations(signed_in) == [], "drawer"
    signed_in.keyboard.press("Escape")
    signed_in.keyboard.press("f")
    expect(signed_in.get_by_role("dialog", name="Filter")).to_be_visible()
    assert violations(signed_in) == [], "filter"


#: Keys that open something over the list, and what then is to be seen.
SURFACES = (
    ("c", "#panel-title"),
    ("?", "#keys-off"),
    ("n", "#panel .run-form"),
    ("g", "#panel .run-form"),
    ("h", "#panel .run-form"),
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_violations_with_a_selection_and_what_opens_over_it(
    signed_in: Page, desk: Desk, scheme: Any
) -> None:
    signed_in.emulate_media(color_scheme=scheme)
    for view in ("card", "list"):
        signed_in.goto(f"{desk.url}/orders/?tab=pending_shipping&view={view}")
        for place in (0, 2):
            signed_in.locator(".pick").nth(place).check()
        expect(signed_in.locator("[data-bulk-verb=note]")).to_be_visible()
        signed_in.locator("#announce").evaluate(
            "place => { place.innerHTML = '3 new orders match. <a href=\"#\">Show</a>' }"
        )
        assert violations(signed_in) == [], view
    for key, surface in SURFACES:
        signed_in.keyboard.press(key)
        expect(signed_in.locator(surface)).to_be_visible()
        assert violations(signed_in) == [], key
        signed_in.keyboard.press("Escape")
        expect(signed_in.locator(surface)).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_sign_in_has_no_violations(page: Page, desk: Desk, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{desk.url}/login/")
    assert violations(page) == []


@pytest.mark.parametrize("width", [1024, 1440])
def test_no_page_scrolls_sideways(signed_in: Page, desk: Desk, width: int) -> None:
    signed_in.set_viewport_size({"width": width, "height": 768})
    for path in SCREENS:
        signed_in.goto(desk.url + path)
        assert signed_in.evaluate("document.documentElement.scrollWidth") <= width, path


def test_everything_on_the_list_is_reached_by_tab(signed_in: Page) -> None:
    reached = set()
    for _ in range(120):
        signed_in.keyboard.press("Tab")
        reached.add(
            signed_in.evaluate(
                "(({dataset: d, id, className: c}) => d.card || d.tab || id || c)"
                "(document.activeElement)"
            )
        )
    assert {"overdue", "shipped", "q", "filter-button", "sort", "id", "open"} <= reached


def test_every_page_can_be_read_without_javascript(browser: Browser, desk: Desk) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    sign_in(page, desk)
    expect(page.locator("tr.row").first).to_be_visible()
    page.locator('[data-tab="shipped"]').click()
    expect(page).to_have_url(re.compile("tab=shipped"))
    page.locator("#filter-button").click()
    page.get_by_label("Seller shipping").check()
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".pill")).to_have_count(1)
    page.locator("tr.row .id").first.click()
    page.get_by_role("button", name="Show name and address").click()
    expect(page.locator("#buyer")).to_contain_text("Shown in full")
    page.context.close()
