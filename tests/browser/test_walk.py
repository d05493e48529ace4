"""A seller's walk through the page: board, tabs, search, filter, sort, drawer, details, import."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk
from tests.export_file import export


def count_of(page: Page, selector: str) -> int:
    return int(page.locator(selector).get_attribute("data-count") or -1)


def test_tabs_and_cards_lead_to_as_many_orders_as_they_say(signed_in: Page) -> None:
    for kind, name in (("tab", "shipped"), ("tab", "canceled"), ("card", "overdue")):
        said = count_of(signed_in, f'[data-{kind}="{name}"]')
        signed_in.locator(f'[data-{kind}="{name}"]').click()
        expect(signed_in.locator("#found")).to_have_text(f"Found {said} orders")
        expect(signed_in).to_have_url(re.compile(name))
    signed_in.go_back()
    expect(signed_in.locator('[data-tab="canceled"]')).to_have_attribute("aria-current", "page")
    signed_in.reload()
    expect(signed_in.locator('[data-tab="canceled"]')).to_have_attribute("aria-current", "page")


def test_the_page_shows_what_the_command_line_lists(signed_in: Page, desk: Desk) -> None:
    for _ in range(5):  # an order's hour may end between the two
        listed = json.loads(desk.run("orders", "tab=pending_shipping", "--json"))
        signed_in.reload()
        on_page = signed_in.locator("tr.row").evaluate_all("rows => rows.map(r => r.dataset.order)")
        if count_of(signed_in, '[data-tab="pending_shipping"]') == listed["count"]:
            break
    assert on_page == [order["order_id"] for order in listed["orders"]]
    assert count_of(signed_in, '[data-tab="pending_shipping"]') == listed["count"]


def test_a_card_explains_itself_on_hover_and_on_focus(signed_in: Page) -> None:
    tip = signed_in.locator("#rule-overdue")
    expect(tip).to_be_hidden()
    signed_in.locator("#card-overdue").hover()
    expect(tip).to_be_visible()
    expect(tip).to_contain_text("Stocking timeout")
    signed_in.mouse.move(0, 0)
    expect(tip).to_be_hidden()
    signed_in.locator("#card-auto_cancel_24h").focus()
    signed_in.keyboard.press("Tab")
    expect(tip).to_be_visible()


def test_many_values_are_searched_at_once(signed_in: Page) -> None:
    first, second = (signed_in.locator("tr.row .id").nth(n).inner_text() for n in (0, 1))
    signed_in.keyboard.press("/")
    signed_in.keyboard.type(f"{first}, {second}, 999999999999")
    signed_in.keyboard.press("Enter")
    expect(signed_in.locator("#found")).to_have_text("Found 2 orders")
    expect(signed_in.locator(".not-found")).to_contain_text("999999999999")
    expect(signed_in.locator(".hits")).to_contain_text("Pending shipping (2)")
    signed_in.get_by_label("Remove filter: Search: 3 values").click()
    expect(signed_in.locator(".not-found")).to_have_count(0)


def test_the_filter_panel_applies_explains_and_resets(signed_in: Page) -> None:
    signed_in.keyboard.press("f")
    panel = signed_in.get_by_role("dialog", name="Filter")
    panel.get_by_label("Seller shipping").check()
    panel.get_by_label("Pending collection").check()
    panel.get_by_role("button", name="Apply").click()
    expect(signed_in.locator(".pill")).to_have_count(2)
    expect(signed_in.locator('[data-tab="all"]')).to_have_attribute("aria-current", "page")
    expect(signed_in.locator("tr.row").first).to_contain_text("Seller shipping")
    signed_in.get_by_role("link", name="Reset all").click()
    expect(signed_in.locator(".pill")).to_have_count(0)


def test_sort_by_total(signed_in: Page) -> None:
    signed_in.get_by_label("Sort By").select_option("-total")
    expect(signed_in).to_have_url(re.compile("sort=-total"))
    totals = signed_in.locator("td.c-total").all_inner_texts()
    amounts = [float(total.strip("$").replace(",", "")) for total in totals]
    assert amounts == sorted(amounts, reverse=True)


def test_the_row_opens_the_drawer_and_the_number_the_page(signed_in: Page) -> None:
    row = signed_in.locator("tr.row").first
    number = row.locator(".id").inner_text()
    row.locator(".c-total").click()
    drawer = signed_in.get_by_role("dialog", name="Order")
    expect(drawer).to_contain_text(number)
    drawer.get_by_role("button", name="Show name and address").click()
    expect(drawer).to_contain_text("Shown in full to")
    signed_in.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(row.locator(".open")).to_be_focused()
    row.locator(".id").click()
    expect(signed_in).to_have_url(re.compile(rf"/orders/{number}/"))
    expect(signed_in.get_by_role("heading", level=1)).to_contain_text(number)
    expect(signed_in.locator(".timeline")).to_contain_text("Recipient shown in full")


def test_keys_move_and_open(signed_in: Page) -> None:
    signed_in.keyboard.press("j")
    # One key at a time, as a hand does: two at once would be a scanner's.
    expect(signed_in.locator("tr.row").nth(0).locator(".id")).to_be_focused()
    signed_in.keyboard.press("j")
    expect(signed_in.locator("tr.row").nth(1).locator(".id")).to_be_focused()
    signed_in.keyboard.press("k")
    expect(signed_in.locator("tr.row").nth(0).locator(".id")).to_be_focused()
    signed_in.keyboard.press("o")
    expect(signed_in.get_by_role("dialog", name="Order")).to_be_visible()


def test_the_order_number_is_copied_whole(signed_in: Page) -> None:
    row = signed_in.locator("tr.row").first
    number = row.locator(".id").inner_text()
    row.locator(".copy").click()
    assert signed_in.evaluate("navigator.clipboard.readText()") == number
    expect(signed_in.locator(".toast")).to_have_text(f"Copied {number}")


def test_what_cannot_be_done_yet_says_why(signed_in: Page) -> None:
    signed_in.goto(signed_in.url.split("?")[0] + "?tab=completed")
    signed_in.locator("tr.row .id").first.click()
    signed_in.get_by_role("button", name="Cancel the order").click(force=True)
    expect(signed_in.locator(".toast")).to_contain_text(re.compile("delivered already|is over"))


def test_pages_follow_one_another(signed_in: Page) -> None:
    signed_in.locator('[data-tab="all"]').click()
    expect(signed_in).to_have_url(re.compile(r"/orders/$"))
    first = signed_in.locator("tr.row").first.get_attribute("data-order")
    signed_in.get_by_role("link", name="Next page").click()
    expect(signed_in).to_have_url(re.compile("after="))
    expect(signed_in.locator("tr.row").first).not_to_have_attribute("data-order", first or "")
    signed_in.get_by_role("link", name="First page").click()
    expect(signed_in.locator("tr.row").first).to_have_attribute("data-order", first or "")


@pytest.mark.usefixtures("own_shops")
def test_the_import_dialog_opens_over_the_list(signed_in: Page, desk: Desk) -> None:
    desk.run("shop", "add", "Dialog shop", "--region", "US", "--timezone", "UTC")
    signed_in.get_by_role("link", name="Import orders").click()
    dialog = signed_in.get_by_role("dialog", name="Import orders")
    expect(dialog.get_by_label("Order export (CSV or XLSX)")).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()


@pytest.mark.usefixtures("own_shops")
def test_a_seller_adds_a_shop_and_imports_an_export(
    signed_in: Page, desk: Desk, tmp_path: Path
) -> None:
    signed_in.get_by_role("link", name="Shops").click()
    signed_in.get_by_label("Name").fill("Harbour Goods")
    signed_in.get_by_label("Time zone").fill("UTC")
    signed_in.get_by_label("Ship within (hours)").fill("48")
    signed_in.get_by_role("button", name="Add shop").click()
    expect(signed_in.get_by_role("status").first).to_contain_text("Harbour Goods is here")
    file = tmp_path / "export.csv"
    from datetime import UTC, datetime

    good = export(datetime.now(UTC), orders=40, seed=11)
    file.write_bytes(good.replace(b"Home", b"Home", 1) + b"TOTAL,,,,\r\n")
    signed_in.get_by_label("Order export (CSV or XLSX)").set_input_files(file)
    expect(signed_in.get_by_label("Shop")).to_have_value("harbour-goods")
    signed_in.get_by_role("button", name="Import").click()
    expect(signed_in.locator("#outcome")).to_have_attribute("data-state", "done", timeout=30_000)
    expect(signed_in.locator(".tally")).to_contain_text("40 new")
    expect(signed_in.locator("#outcome")).to_contain_text("TOTAL")
    signed_in.get_by_role("link", name="See the orders").click()
    expect(signed_in).to_have_url(re.compile("shop=harbour-goods"))
    expect(signed_in.locator("tr.row").first).to_contain_text("Harbour")


def test_the_theme_is_kept(signed_in: Page) -> None:
    signed_in.get_by_role("button", name="Light / dark").click()
    chosen = signed_in.locator("html").get_attribute("data-theme")
    signed_in.reload()
    expect(signed_in.locator("html")).to_have_attribute("data-theme", chosen or "")
