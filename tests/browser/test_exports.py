"""Exporting in a browser: the dialog, its progress, the notice and the file; by keyboard, without
scripts, and with no accessibility violation.
"""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser.conftest import Desk
from tests.browser.test_access import violations


def table(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def opened(page: Page) -> Locator:
    page.locator("#export-button").click()
    dialog = page.get_by_role("dialog", name="Export orders")
    expect(dialog).to_be_visible()
    return dialog


def test_from_the_page_to_the_file(signed_in: Page, desk: Desk) -> None:
    listed = json.loads(desk.run("orders", "tab=pending_shipping", "--json", "--limit", "9999"))
    dialog = opened(signed_in)
    button = dialog.get_by_role("button", name=f"Export {listed['count']:,} orders")
    expect(button).to_be_enabled()
    rows = dialog.locator("[data-rows]")
    before = rows.get_attribute("data-rows")
    dialog.get_by_label("One row per line").check()
    expect(rows).not_to_have_attribute("data-rows", before or "")
    dialog.get_by_role("radio", name="One row per order", exact=True).check()
    expect(rows).to_have_attribute("data-rows", str(listed["count"]))
    button.click()
    panel = signed_in.get_by_role("dialog", name="Export")
    expect(panel.get_by_text(re.compile(r"^Ready: "))).to_be_visible(timeout=30_000)
    with signed_in.expect_download() as download:
        panel.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename.startswith("orders-")
    lines = table(Path(download.value.path()))
    at = lines[0].index("Order ID")
    asked = sorted(order["order_id"] for order in listed["orders"])
    assert sorted(line[at] for line in lines[1:]) == asked


def test_the_keyboard_keeps_its_place(signed_in: Page, desk: Desk) -> None:
    """Through what comes anew: another status, the outcome that moves."""
    signed_in.goto(f"{desk.url}/orders/?tab=all")
    dialog = opened(signed_in)
    for name in ("One row per line", "Excel (XLSX)"):
        with signed_in.expect_response("**/exports/new/"):
            dialog.get_by_role("radio", name=name).press("Space")
    with signed_in.expect_response("**/exports/new/?*"):
        dialog.get_by_role("link", name="Pending shipping").press("Enter")
    for name in ("One row per line", "Excel (XLSX)"):
        expect(dialog.get_by_role("radio", name=name)).to_be_checked()
    expect(dialog.get_by_role("heading", name="Export orders")).to_be_focused()
    schedule = dialog.get_by_role("link", name="Schedule it")
    expect(schedule).to_have_attribute("href", re.compile("layout=lines&format=xlsx$"))
    polls = re.compile(r"/exports/\d+/$")
    signed_in.route(polls, half_written)
    dialog.get_by_role("button", name=re.compile("^Export .* orders?$")).press("Enter")
    outcome = signed_in.locator("#panel-body #export-outcome")
    expect(outcome).to_be_focused()
    cancel = outcome.get_by_role("button", name="Cancel the export")
    cancel.focus()
    expect(outcome.get_by_text("1 of 2 rows written")).to_be_visible()
    expect(cancel).to_be_focused()
    signed_in.unroute(polls)
    expect(outcome.get_by_text(re.compile(r"^Ready: "))).to_be_visible(timeout=30_000)
    expect(outcome.get_by_role("link", name="Download")).to_be_focused()


def half_written(route: Route) -> None:
    """As the desk answers while a file is being written, which here is over in a moment."""
    where = "#export-moving"
    route.fulfill(
        headers={"HX-Retarget": where, "HX-Reselect": where, "Content-Type": "text/html"},
        body='<section><div id="export-moving"><h2>1 of 2 rows written</h2></div></section>',
    )


def test_a_notice_tells_wherever_one_is(signed_in: Page, desk: Desk) -> None:
    dialog = opened(signed_in)
    dialog.get_by_role("button", name=re.compile("^Export ")).click()
    expect(signed_in.locator("#export-outcome")).to_be_visible()
    signed_in.goto(f"{desk.url}/shops/")
    notice = signed_in.locator("#export-notice .notice").first
    expect(notice).to_contain_text("Your export is ready", timeout=30_000)
    notice.get_by_role("button", name="Put this notice away").click()
    expect(signed_in.locator("#export-notice .notice")).to_have_count(0)


def test_a_selection_is_exported(signed_in: Page) -> None:
    for n in range(3):
        signed_in.locator(".pick").nth(n).check()
    bar = signed_in.get_by_role("region", name="Selected orders")
    bar.get_by_role("button", name="Export").click()
    dialog = signed_in.get_by_role("dialog", name="Export orders")
    dialog.get_by_role("button", name="Export 3 orders").click()
    panel = signed_in.get_by_role("dialog", name="Export")
    expect(panel.get_by_text("Ready: 3 orders")).to_be_visible(timeout=30_000)


def test_own_columns_by_keyboard(signed_in: Page) -> None:
    dialog = opened(signed_in)
    dialog.get_by_role("button", name="Choose columns").press("Enter")
    columns = signed_in.get_by_role("dialog", name=re.compile("^Columns of the file"))
    expect(columns).to_be_visible()
    columns.get_by_role("button", name="Clear all").press("Enter")
    expect(columns.locator(".places :checked")).to_have_count(0)
    expect(columns.get_by_role("button", name="Clear all")).to_be_focused()
    for name in ("Order ID", "Currency", "Order amount"):
        columns.get_by_label(name, exact=True).press("Space")
    columns.get_by_role("button", name="Move Order amount up").press("Enter")
    moved = columns.get_by_role("button", name="Move Order amount up, now number 2")
    expect(moved).to_be_focused()
    columns.get_by_label("Currency", exact=True).press("Space")
    columns.get_by_label("Keep them as").fill("Two")
    columns.get_by_label("Keep them as").press("Enter")
    expect(signed_in.get_by_role("radio", name="Two")).to_be_checked()
    signed_in.get_by_role("button", name=re.compile("^Export .* orders?$")).press("Enter")
    panel = signed_in.get_by_role("dialog", name="Export")
    expect(panel.get_by_text(re.compile(r"^Ready: "))).to_be_visible(timeout=30_000)
    with signed_in.expect_download() as download:
        panel.get_by_role("link", name="Download").click()
    assert table(Path(download.value.path()))[0] == ["Order ID", "Order amount"]


def test_own_columns_by_mouse(signed_in: Page) -> None:
    opened(signed_in).get_by_role("button", name="Choose columns").click()
    columns = signed_in.locator("#export-columns")
    rows = columns.locator(".places > li")
    expect(rows.first).to_contain_text("Shop")
    second, third = rows.nth(1).inner_text(), rows.nth(2).inner_text()
    rows.nth(2).drag_to(rows.nth(0), target_position={"x": 60, "y": 2})
    expect(rows.nth(0)).to_contain_text(third.split("\n")[0])
    expect(rows.nth(2)).to_contain_text(second.split("\n")[0])
    columns.get_by_role("button", name="Move Shop up, now number 2").click()
    expect(rows.nth(0)).to_contain_text("Shop")
    expect(rows.nth(1)).to_contain_text(third.split("\n")[0])


def test_everything_without_scripts(browser: Browser, signed_in: Page, desk: Desk) -> None:
    plain = browser.new_context(
        java_script_enabled=False, storage_state=signed_in.context.storage_state()
    )
    page = plain.new_page()
    page.goto(f"{desk.url}/orders/?tab=pending_shipping")
    page.locator("#export-button").click()
    page.get_by_label("One row per line").check()
    page.get_by_role("button", name="Count again").click()
    expect(page.get_by_label("One row per line")).to_be_checked()
    page.get_by_role("button", name="Choose columns").click()
    page.get_by_role("button", name="Clear all").click()
    page.get_by_label("Quantity", exact=True).check()
    page.get_by_label("Order ID", exact=True).check()
    page.get_by_role("button", name="Move Quantity up").click()
    expect(page.locator(".places li").first).to_contain_text("Quantity")
    page.get_by_label("Keep them as").fill("Few")
    page.get_by_label("Keep them as").press("Enter")
    expect(page.get_by_role("radio", name="Few")).to_be_checked()
    page.get_by_label("One row per line").check()
    page.get_by_role("button", name=re.compile("^Export .* orders?$")).click()
    expect(page.get_by_text(re.compile(r"^Ready: "))).to_be_visible(timeout=30_000)
    page.get_by_role("link", name="Back to Exports").click()
    expect(page.locator("tr[data-export]").first).to_contain_text("Pending shipping")
    page.get_by_role("link", name="Schedule an export").click()
    page.get_by_label("Name", exact=True).fill("Mornings")
    page.get_by_role("button", name="Schedule it").click()
    schedule = page.locator("tr[data-schedule]", has_text="Mornings")
    schedule.get_by_role("button", name="Pause").click()
    expect(schedule).to_contain_text("Paused")
    schedule.get_by_role("button", name="Remove").click()
    expect(schedule).to_have_count(0)
    plain.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_violations(signed_in: Page, desk: Desk, scheme: Any) -> None:
    signed_in.emulate_media(color_scheme=scheme)
    signed_in.set_viewport_size({"width": 1024, "height": 800})
    for path in ("/exports/", "/exports/new/", "/exports/schedules/new/?tab=canceled"):
        signed_in.goto(desk.url + path)
        assert violations(signed_in) == [], path
        wide = "document.documentElement.scrollWidth > innerWidth"
        assert not signed_in.evaluate(wide), path
    signed_in.goto(f"{desk.url}/orders/")
    dialog = opened(signed_in)
    assert violations(signed_in) == [], "dialog"
    dialog.get_by_role("button", name="Choose columns").click()
    expect(signed_in.locator("#export-columns")).to_be_visible()
    assert violations(signed_in) == [], "columns"
    signed_in.get_by_role("button", name="Clear all").click()
    signed_in.get_by_label("Order amount").check()
    assert violations(signed_in) == [], "few columns"
    signed_in.get_by_role("button", name="Back").click()
    signed_in.get_by_role("button", name=re.compile("^Export .* orders?$")).click()
    expect(signed_in.get_by_text(re.compile(r"^Ready: "))).to_be_visible(timeout=30_000)
    assert violations(signed_in) == [], "outcome"
