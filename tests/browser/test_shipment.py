"""Shipping one order in a browser, against the demo's marketplace: whole, in part, refused in its
field, on an order that has changed, taken back, and although its buyer asks to cancel.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Desk, sign_in
from tests.browser.test_access import violations
from tests.browser.test_together import set_flag

#: Those with the most time left: with a deadline near a shipment leaves at once.
SELLERS = "/orders/?tab=pending_shipping&shop=demo-northwind-us&shipping=seller&sort=-ship_by"
CANCELS = "/orders/?urgency=cancellation_requested&shop=demo-northwind-us&shipping=seller"
SOON = 20_000


def ups(number: int) -> str:
    """A number of UPS with its check digit."""
    body = f"999AA1{number:09}"
    digits = [int(sign) if sign.isdigit() else (ord(sign) - 63) % 10 for sign in body]
    total = sum(digit * (2 if at % 2 else 1) for at, digit in enumerate(digits))
    return f"1Z{body}{-total % 10}"


def waiting(page: Page, place: int) -> Locator:
    """A row that can be shipped, the same when it cannot any more."""
    link = page.locator(".row", has=page.locator(".ship-link")).nth(place)
    return page.locator(f'.row[data-order="{link.get_attribute("data-order")}"]')


def open_form(page: Page, row: Locator) -> Locator:
    row.locator(".ship-link").click()
    number = page.get_by_label("Tracking number", exact=True)
    expect(number).to_be_focused()
    return number


@pytest.fixture
def sellers(signed_in: Page, desk: Desk) -> Page:
    signed_in.goto(desk.url + SELLERS)
    return signed_in


@pytest.fixture
def other(browser: Browser, desk: Desk) -> Iterator[Page]:
    """Somebody else, on the same list."""
    page = browser.new_context().new_page()
    sign_in(page, desk)
    page.goto(desk.url + SELLERS)
    yield page
    page.context.close()


def test_one_order_goes_to_the_outbox_and_is_taken_back(sellers: Page) -> None:
    row = waiting(sellers, 0)
    open_form(sellers, row)
    sellers.keyboard.type(ups(1))
    expect(sellers.locator("#ship-check")).to_contain_text("Fits UPS.")
    expect(sellers.locator("#ship-carrier option:checked")).to_have_text("UPS")
    assert violations(sellers) == []
    sellers.keyboard.press("Enter")
    notice = sellers.locator("#ship-notice")
    expect(notice).to_contain_text(f"{ups(1)} goes to TikTok Shop in ")
    expect(sellers.locator("#panel")).to_be_hidden()
    expect(row).to_contain_text("In the outbox", timeout=SOON)
    expect(sellers.locator("#outbox-bar")).to_contain_text("shipment", timeout=SOON)
    shown = notice.locator("[data-countdown]").inner_text()
    expect(notice.locator("[data-countdown]")).not_to_have_text(shown)
    assert violations(sellers) == []
    notice.get_by_role("button", name="Undo").click()
    expect(notice).to_contain_text("is taken back; it goes nowhere.")
    expect(row.locator(".ship-link")).to_be_visible(timeout=SOON)


def test_a_refusal_stands_in_the_field_with_what_was_typed(sellers: Page) -> None:
    number = open_form(sellers, waiting(sellers, 1))
    number.fill("1Z#9")
    expect(sellers.locator("#ship-check")).to_contain_text("letters and digits only")
    number.press("Enter")
    expect(sellers.locator("#ship-number[aria-invalid]")).to_be_focused()
    expect(sellers.locator("#ship-number")).to_have_value("1Z#9")
    expect(sellers.locator("#panel")).to_contain_text("letters and digits only")
    assert violations(sellers) == []


def test_some_units_go_ahead_of_the_others(sellers: Page) -> None:
    row = sellers.locator(".row", has=sellers.locator(".ship-link")).filter(
        has=sellers.locator(".c-qty strong")
    )
    order_id = row.first.get_attribute("data-order")
    open_form(sellers, row.first).fill(ups(2))
    counts = sellers.locator(".ship-contents input")
    for place in range(counts.count()):
        counts.nth(place).fill("1" if place == 0 else "0")
    sellers.get_by_role("button", name="Ship", exact=True).click()
    expect(sellers.locator("#ship-notice")).to_contain_text(ups(2))
    row = sellers.locator(f'.row[data-order="{order_id}"]')
    expect(row).to_contain_text("In the outbox", timeout=SOON)
    expect(row.locator(".ship-link")).to_be_visible()
    sellers.goto(sellers.url.split("/orders/")[0] + str(row.locator(".id").get_attribute("href")))
    attempts = sellers.locator("#attempts")
    expect(attempts).to_contain_text("in part")
    attempts.get_by_role("button", name="Undo").click()
    expect(attempts).to_contain_text("Undone")


def test_an_order_that_has_changed_is_shown_as_it_is_and_sent_again(
    sellers: Page, other: Page
) -> None:
    row = waiting(sellers, 12)
    open_form(sellers, row).fill(ups(3))
    set_flag(other, str(row.get_attribute("data-order")), "green")
    sellers.get_by_role("button", name="Ship", exact=True).click()
    panel = sellers.locator("#panel")
    expect(panel.get_by_role("alert")).to_contain_text("has changed since you saw it")
    expect(panel).to_contain_text("The order as it is now")
    expect(sellers.locator("#ship-number")).to_have_value(ups(3))
    sellers.get_by_role("button", name="Ship", exact=True).click()
    expect(sellers.locator("#ship-notice")).to_contain_text("goes to TikTok Shop")
    sellers.locator("#ship-notice").get_by_role("button", name="Undo").click()
    expect(sellers.locator("#ship-notice")).to_contain_text("is taken back")


def test_shipping_against_the_buyers_request_is_a_choice_of_its_own(
    signed_in: Page, desk: Desk
) -> None:
    signed_in.goto(desk.url + CANCELS)
    row = signed_in.locator(".row").filter(has_text="Decision needed").first
    expect(row.locator(".ship-link")).to_have_count(0)
    row.locator(".id").click()
    expect(signed_in.locator(".detail")).to_contain_text("shipping it rejects the buyer's request")
    signed_in.locator("#do-ship_despite").click()
    expect(signed_in.locator("#ship-number")).to_be_focused()
    signed_in.keyboard.type(ups(4))
    expect(signed_in.locator("#ship-check")).to_contain_text("Fits UPS.")
    assert violations(signed_in) == []
    signed_in.get_by_role("button", name="Ship and reject the request").click()
    expect(signed_in.locator("#panel")).to_be_visible()  # nobody has said that it is meant
    signed_in.get_by_label("Ship it and reject the buyer's request").check()
    signed_in.get_by_role("button", name="Ship and reject the request").click()
    expect(signed_in.locator(".messages")).to_contain_text("goes to TikTok Shop in")
    attempts = signed_in.locator("#attempts")
    expect(attempts).to_contain_text("although the buyer asked to cancel")
    attempts.get_by_role("button", name="Undo").click()
    expect(signed_in.locator(".messages")).to_contain_text("goes nowhere")


def test_the_outbox_takes_back_what_is_chosen(sellers: Page, desk: Desk) -> None:
    for number in (5, 6):
        row = waiting(sellers, 15)
        open_form(sellers, row).fill(ups(number))
        expect(sellers.locator("#ship-check")).to_contain_text("Fits UPS.")
        sellers.keyboard.press("Enter")
        expect(row).to_contain_text("In the outbox", timeout=SOON)
    sellers.locator("#outbox-bar").get_by_role("link", name="See outbox").click()
    rows = sellers.locator(".outbox-table tbody tr")
    expect(rows.filter(has_text=ups(6))).to_have_count(1)
    assert violations(sellers) == []
    rows.filter(has_text=ups(5)).get_by_role("checkbox").check()
    sellers.get_by_role("button", name="Undo chosen").click()
    expect(sellers.locator(".messages")).to_contain_text("Taken back: 1 shipment")
    expect(rows.filter(has_text=ups(5))).to_have_count(0)
    sellers.once("dialog", lambda dialog: dialog.accept())
    sellers.get_by_role("button", name=re.compile("Undo all")).click()
    expect(sellers.locator("#outbox")).to_contain_text("Nothing waits to leave")


def test_without_scripts_one_order_is_shipped_and_taken_back(browser: Browser, desk: Desk) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    sign_in(page, desk)
    page.goto(desk.url + SELLERS)
    waiting(page, 20).locator(".ship-link").click()
    page.get_by_label("Tracking number", exact=True).fill(ups(8))
    page.get_by_role("button", name="Ship", exact=True).click()
    expect(page.locator(".messages")).to_contain_text("goes to TikTok Shop in")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#attempts")).to_contain_text("Undone")
    page.context.close()
