"""Two people at once: what one does, the other sees in place, with nothing lost under the hands;
who comes second is told so in words; and a page that cannot ask says that it is not live.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Desk, sign_in
from tests.export_file import export

SOON = 20_000  # the page asks every two seconds; a busy machine may take its time


@pytest.fixture
def other(browser: Browser, desk: Desk) -> Iterator[Page]:
    """Somebody else at another desk."""
    page = browser.new_context().new_page()
    sign_in(page, desk)
    yield page
    page.context.close()


def open_drawer(page: Page, number: str) -> None:
    page.locator(f'[data-order="{number}"] .open').click()
    expect(page.locator("#drawer .drawer-head")).to_contain_text(number)


def set_flag(page: Page, number: str, colour: str) -> None:
    open_drawer(page, number)
    page.locator("#flag summary").click()
    page.locator(f"#flag [name=colour][value={colour}]").check()
    page.get_by_role("button", name="Set the flag").click()
    expect(page.locator(f"#flag > p .flag-{colour}")).to_be_visible()
    page.keyboard.press("Escape")


def number_of(page: Page, place: int) -> str:
    return str(page.locator(".row").nth(place).get_attribute("data-order"))


def test_a_change_comes_in_place_and_keeps_focus_and_selection(
    signed_in: Page, other: Page
) -> None:
    number = number_of(signed_in, 4)
    row = signed_in.locator(f'[data-order="{number}"]')
    row.locator(".pick").click()
    row.locator(".copy").focus()
    version = row.get_attribute("data-version")
    set_flag(other, number, "orange")
    expect(row.locator(".flag-orange")).to_be_visible(timeout=SOON)
    assert row.get_attribute("data-version") != version
    expect(row.locator(".copy")).to_be_focused()
    expect(row.locator(".pick")).to_be_checked()
    expect(row).to_have_class(re.compile("is-picked"))
    expect(signed_in.locator("[data-bulk-count]")).to_have_text("1 selected")
    assert number_of(signed_in, 4) == number


def test_an_open_drawer_says_that_it_is_old(signed_in: Page, other: Page) -> None:
    number = number_of(signed_in, 5)
    open_drawer(signed_in, number)
    set_flag(other, number, "blue")
    changed = signed_in.locator("#drawer .changed")
    expect(changed).to_contain_text("Changed meanwhile", timeout=SOON)
    expect(signed_in.locator("#drawer #flag > p .flag-blue")).to_have_count(0)
    changed.get_by_role("button", name="Reload").click()
    expect(signed_in.locator("#drawer #flag > p .flag-blue")).to_be_visible()
    expect(changed).to_have_count(0)
    signed_in.keyboard.press("Escape")
    expect(signed_in.locator(f'[data-order="{number}"] .open')).to_be_focused()


def test_who_releases_second_is_told_who_was_first(
    signed_in: Page, other: Page, desk: Desk
) -> None:
    signed_in.goto(f"{desk.url}/orders/?stage=awaiting_shipment&held=no&sort=-created")
    number = number_of(signed_in, 1)
    open_drawer(signed_in, number)
    signed_in.locator("#hold summary").click()
    signed_in.locator("#hold [name=reason]").fill("Stock check")
    signed_in.locator("#hold button[type=submit]").click()
    release = signed_in.get_by_role("button", name="Release")
    expect(release).to_be_visible()
    other.goto(f"{desk.url}/orders/?q={number}")
    open_drawer(other, number)
    other.get_by_role("button", name="Release").click()
    expect(other.locator("#drawer #hold summary")).to_contain_text("Hold here")
    release.click()
    alert = signed_in.locator("#drawer .message")
    expect(alert).to_contain_text(re.compile("released|changed", re.I))
    expect(signed_in.locator("#drawer #hold summary")).to_contain_text("Hold here")


def test_the_page_of_an_order_keeps_up_but_not_under_anybody_s_hands(
    signed_in: Page, other: Page
) -> None:
    number = number_of(signed_in, 6)
    page_of = f"{signed_in.url.split('?')[0]}{number}/"
    signed_in.goto(page_of)
    why = signed_in.get_by_role("link", name="Why it is where it is")
    why.focus()
    set_flag(other, number, "orange")
    flag, changed = signed_in.locator("#flag > p"), signed_in.locator("main > .changed")
    expect(flag.locator(".flag-orange")).to_be_visible(timeout=SOON)
    expect(why).to_be_focused()
    note = signed_in.locator("#notes textarea")
    note.fill("Half a note")
    signed_in.locator("h1").click()
    set_flag(other, number, "blue")
    expect(changed).to_contain_text("Changed meanwhile", timeout=SOON)
    expect(note).to_have_value("Half a note")
    expect(flag.locator(".flag-orange")).to_be_visible()
    note.fill("")
    note.blur()
    expect(flag.locator(".flag-blue")).to_be_visible(timeout=SOON)
    expect(changed).to_have_count(0)


@pytest.mark.usefixtures("own_shops")
def test_a_new_order_is_announced_and_shown_on_demand(
    signed_in: Page, desk: Desk, tmp_path: Path
) -> None:
    desk.run("shop", "add", "Live shop", "--region", "US", "--timezone", "UTC")
    now = datetime.now(UTC)
    file = tmp_path / "export.csv"
    lines = export(now, orders=60, seed=3).splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:41]))
    desk.run("import", str(file), "--shop", "live-shop")
    signed_in.goto(f"{desk.url}/orders/?shop=live-shop")
    before = int(signed_in.locator("#desk").get_attribute("data-count") or 0)
    file.write_bytes(b"".join(lines))
    desk.run("import", str(file), "--shop", "live-shop")
    announced = signed_in.locator("#announce")
    expect(announced).to_contain_text(re.compile(r"\d+ new orders match\."), timeout=SOON)
    added = int(re.findall(r"\d+", announced.inner_text())[0])
    expect(signed_in.locator("#found")).to_have_text(f"Found {before + added} orders")
    assert signed_in.locator('[data-tab="all"]').get_attribute("data-count") == str(before + added)
    announced.get_by_role("link", name="Show").click()
    expect(signed_in.locator(".row").nth(before)).to_be_attached()
    expect(announced).to_be_empty()


def test_a_page_that_cannot_ask_says_so_and_recovers(signed_in: Page) -> None:
    signed_in.route("**/orders/changes/**", lambda route: route.abort())
    expect(signed_in.locator("#not-live")).to_contain_text("Not live since", timeout=15_000)
    signed_in.unroute("**/orders/changes/**")
    signed_in.evaluate("dispatchEvent(new Event('online'))")
    expect(signed_in.locator("#not-live")).to_be_empty(timeout=SOON)


def test_an_ended_sign_in_is_said_with_a_way_back(signed_in: Page) -> None:
    signed_in.context.clear_cookies()
    said = signed_in.locator("#not-live")
    expect(said).to_contain_text("your sign-in has ended", timeout=SOON)
    expect(said.get_by_role("link", name="Sign in again")).to_have_attribute(
        "href", re.compile(r"^/login/\?next=%2Forders")
    )


def test_a_hidden_page_does_not_ask(signed_in: Page) -> None:
    asked: list[str] = []
    signed_in.on("request", lambda request: asked.append(request.url))
    signed_in.evaluate(
        "Object.defineProperty(document, 'hidden', { value: true, configurable: true })"
    )
    signed_in.wait_for_timeout(2_500)  # one question may be under way
    asked.clear()
    signed_in.wait_for_timeout(4_500)
    assert not [url for url in asked if "changes" in url]
    with signed_in.expect_request("**/orders/changes/**", timeout=SOON):
        signed_in.evaluate(
            "Object.defineProperty(document, 'hidden', { value: false });"
            "document.dispatchEvent(new Event('visibilitychange'))"
        )
