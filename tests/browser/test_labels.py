"""Shipping Labels in a browser: what is chosen survives the page's drawing itself anew, and the
filter of failed creation leads to the rejected ones; long tracking numbers are whole.
"""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk
from tests.browser.test_prints import labels_of


def test_choosing_orders_to_label(signed_in: Page, desk: Desk) -> None:
    signed_in.goto(f"{desk.url}/labels/?per_page=20")
    said = signed_in.locator("[data-picked]")
    expect(said).to_have_text("Choose orders above")
    boxes = signed_in.locator(".pick-label")
    boxes.nth(1).check()
    expect(said).to_have_text("1 chosen")
    # Another state than the one that the page was drawn for, so that it draws itself anew at once.
    drawn = signed_in.locator("#labels").get_attribute("hx-get") or ""
    signed_in.evaluate(
        "([where]) => htmx.ajax('GET', where, {source: '#labels', target: '#labels', "
        "select: '#labels', swap: 'outerHTML'})",
        [drawn.rsplit("seen=", 1)[0] + "seen=none"],
    )
    signed_in.wait_for_function("!document.querySelector('.htmx-request')")
    expect(boxes.nth(1)).to_be_checked()
    expect(said).to_have_text("1 chosen")
    signed_in.locator("#pick-labels").check()
    many = boxes.count()
    expect(said).to_have_text(f"{many} chosen")
    with signed_in.expect_request("**/labels/batch/") as asked:
        signed_in.locator("#create-labels").click()
    assert (asked.value.post_data or "").count("%2C") == many - 1


def test_the_filter_of_failed_creation(signed_in: Page, desk: Desk) -> None:
    signed_in.goto(f"{desk.url}/labels/")
    signed_in.locator("#label-filter summary").press("Enter")
    signed_in.get_by_label("Products are oversized").check()
    signed_in.get_by_role("button", name="Apply").press("Enter")
    expect(signed_in.locator(".tab[aria-current]")).to_contain_text("Rejected")
    expect(signed_in.locator(".pill")).to_contain_text("Failed creation: Products are oversized")


def test_a_long_tracking_number_is_read_and_copied(signed_in: Page, desk: Desk) -> None:
    labels_of(desk, 1)
    signed_in.set_viewport_size({"width": 1280, "height": 800})
    signed_in.goto(f"{desk.url}/labels/?tab=created")
    hint = signed_in.locator(".scroll-hint")
    expect(hint).to_be_hidden()
    number = signed_in.locator(".label-table .mono:has(.copy)").first
    number.evaluate("(at) => { at.firstChild.data = '9200000000000000021534 '; }")
    assert number.evaluate("(at) => at.scrollWidth <= at.clientWidth")
    signed_in.set_viewport_size({"width": 1024, "height": 800})
    expect(hint).to_be_visible()
