"""One label in a browser, against the demo's marketplace: the dialog by keyboard alone, prices that
come by themselves, and the label's page until its file is here, in light and dark.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk
from tests.browser.test_access import violations

PLATFORM = "/orders/?tab=pending_shipping&shop=demo-northwind-us&shipping=platform&sort=-ship_by"
SOON = 15_000


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_label_is_created_by_keyboard(signed_in: Page, desk: Desk, scheme: Any) -> None:
    page = signed_in
    page.emulate_media(color_scheme=scheme)
    page.goto(desk.url + PLATFORM)
    row = page.locator(".row", has=page.locator(".label-link")).first
    number = row.get_attribute("data-order")
    row.locator(".id").focus()
    page.keyboard.press("l")
    expect(page.get_by_label("Weight", exact=True)).to_be_focused()
    page.get_by_label("Weight", exact=True).fill("12")
    for side in ("Length", "Width", "Height"):
        page.get_by_label(side, exact=True).fill("6")
    page.keyboard.press("Tab")
    expect(page.locator(".label-services input:checked")).to_have_count(1, timeout=SOON)
    assert violations(page) == []
    page.get_by_role("button", name="Create the label").press("Enter")
    expect(page.locator("#panel")).not_to_be_visible(timeout=SOON)
    notice = page.locator("#ship-notice")
    expect(notice).to_contain_text("Its shipping label is being created")
    expect(notice).to_contain_text(number or "no order")
    page.locator("#ship-notice a").click()
    expect(page.locator('#label-body [data-label-state="created"]')).to_be_visible(timeout=2 * SOON)
    assert violations(page) == []


def test_the_page_of_an_order_shows_its_label_once_it_is_made(signed_in: Page, desk: Desk) -> None:
    page = signed_in
    page.goto(desk.url + PLATFORM)
    page.locator(".row", has=page.locator(".label-link")).first.locator(".id").click()
    page.locator("#do-create_label").click()
    page.get_by_label("Weight", exact=True).fill("12")
    for side in ("Length", "Width", "Height"):
        page.get_by_label(side, exact=True).fill("6")
    page.keyboard.press("Tab")
    expect(page.locator(".label-services input:checked")).to_have_count(1, timeout=SOON)
    page.get_by_role("button", name="Create the label").click()
    expect(page.locator(".messages")).to_contain_text("it shows here once it is made")
    expect(page.locator("#labels")).to_contain_text("Not printed", timeout=3 * SOON)
    expect(page.locator("main > .head .badge")).to_have_text("Pending collection")
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    expect(page.locator("#live")).to_contain_text("This order has changed")


SLOT = """() => document.querySelector("main").insertAdjacentHTML("beforeend", `<form>
  <input type="radio" name="handover" value="" checked><input type="radio" name="handover"
  value="pickup"><select id="label-slot"><option value="">Any</option><option value="1">One</option>
  </select></form>`)"""
STATE = """() => {
  const place = document.querySelector(".order-facts dd");
  place.insertAdjacentHTML("beforeend", `<span class="label-state"><span class="badge badge-small">
    Rejected Shipping Label</span><span class="sub label-stale">The order was canceled after its
    label was made. Pull the parcel.</span></span>`);
  const inside = [...place.querySelectorAll(".label-state, .badge, .label-stale")];
  return inside.filter((each) => each.scrollHeight > each.clientHeight + 1
    || each.getBoundingClientRect().right > place.getBoundingClientRect().right + 1)
    .map((each) => each.className);
}"""


def test_a_pick_up_time_chooses_pick_up(signed_in: Page) -> None:
    signed_in.evaluate(SLOT)
    signed_in.locator("#label-slot").select_option("1")
    expect(signed_in.locator("[name=handover][value=pickup]")).to_be_checked()


def test_a_label_s_words_stay_within_their_card(signed_in: Page) -> None:
    signed_in.set_viewport_size({"width": 1024, "height": 768})
    signed_in.goto(signed_in.url + "&view=card")
    assert signed_in.evaluate(STATE) == []
