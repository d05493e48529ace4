"""Why is it here, in a browser: by keyboard, with a pointer, in a drawer, and without a script."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Desk
from tests.browser.test_access import violations

FIRST = "tr.row .c-status .why-link"


def test_an_explanation_opens_by_keyboard_and_pointer(signed_in: Page, desk: Desk) -> None:
    signed_in.goto(f"{desk.url}/orders/?tab=pending_shipping&view=list")
    shown = signed_in.locator("#why-shown")
    link = signed_in.locator(FIRST).first
    signed_in.locator("tr.row .id").first.focus()
    for _ in range(12):  # as Tab goes, the explanation of what has the focus opens
        signed_in.keyboard.press("Tab")
        if link.evaluate("each => each === document.activeElement"):
            break
    expect(shown).to_be_visible()
    expect(shown).to_contain_text("Rule")
    expect(shown).to_contain_text(re.compile(r"Source: .+, as of "))
    expect(link).to_have_attribute("aria-describedby", "why-shown")
    for scheme in ("light", "dark"):
        signed_in.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert violations(signed_in) == [], scheme
    signed_in.keyboard.press("Tab")
    expect(shown.get_by_role("link")).to_be_focused()
    signed_in.keyboard.press("Escape")
    expect(shown).to_be_hidden()
    expect(link).to_be_focused()
    signed_in.wait_for_timeout(400)  # and the focus that came back does not open it again
    expect(shown).to_be_hidden()
    clock = signed_in.locator("tr.row .c-clock .why-link").first
    clock.locator(".left").hover()
    expect(shown).to_be_visible()
    shown.hover()
    signed_in.wait_for_timeout(400)
    expect(shown).to_be_visible()
    # The page moves under a hand that rests, and the row is replaced: it stays, beside its link.
    signed_in.locator("h1").evaluate("each => each.style.marginBlockEnd = '400px'")
    signed_in.wait_for_timeout(400)
    clock.evaluate(
        "each => { each.replaceWith(each.cloneNode(true));"
        " document.dispatchEvent(new CustomEvent('desk-changed')); }"
    )
    signed_in.wait_for_timeout(400)
    expect(shown).to_be_visible()
    expect(clock).to_have_attribute("aria-describedby", "why-shown")
    beside = "each => each.getBoundingClientRect()"
    at, stands = clock.evaluate(beside), shown.evaluate(beside)
    assert min(abs(stands["top"] - at["bottom"]), abs(at["top"] - stands["bottom"])) < 12
    signed_in.locator("h1").hover()
    expect(shown).to_be_hidden()
    signed_in.locator("h1").evaluate("each => each.style.marginBlockEnd = ''")
    # In a drawer, over which nothing else can be used.
    signed_in.locator("tr.row .open").first.click()
    drawer = signed_in.get_by_role("dialog", name="Order")
    drawer.locator(".why-word").first.click()
    expect(shown).to_be_visible()
    shown.get_by_role("link").click()
    expect(signed_in.locator("h1")).to_contain_text("is where it is")
    for scheme in ("light", "dark"):
        signed_in.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert violations(signed_in) == [], scheme
    signed_in.set_viewport_size({"width": 1024, "height": 768})
    assert signed_in.evaluate("document.documentElement.scrollWidth") <= 1024


def test_without_a_script_it_is_a_page(browser: Browser, desk: Desk) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{desk.url}/login/")
    page.get_by_label("Email").fill(desk.email)
    page.get_by_label("Password").fill(desk.password)
    page.get_by_role("button", name="Sign in").click()
    page.locator(FIRST).first.click()
    expect(page.get_by_role("heading", name="On the to-do board")).to_be_visible()
    expect(page.locator("#why-stage.is-asked")).to_contain_text("Source")
    expect(page.locator(".whys [id^=why-card-]")).to_have_count(6)
    page.context.close()
