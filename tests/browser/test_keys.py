"""The keyboard: every key of the help does what it says, can be switched off, and a scanner's burst
is searched, never obeyed.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

SCAN = """keys => {
  const press = (key) => (document.activeElement ?? document.body).dispatchEvent(
    new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  for (const key of keys) press(key);
  press("Enter");
}"""


def row(page: Page, place: int) -> Locator:
    return page.locator(".row").nth(place)


def press(page: Page, *keys: str) -> None:
    """As fast as a hand."""
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_timeout(110)


#: Two keys of a hand, which a page that is busy meanwhile hears in one go.
SLOW_PAGE = """keys => { for (const key of keys) {
  document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  const until = performance.now() + 45;
  while (performance.now() < until);
} }"""


def picked(page: Page) -> Locator:
    return page.locator(".row.is-picked")


def test_keys_act_in_their_order_on_a_slow_page(signed_in: Page) -> None:
    signed_in.evaluate(SLOW_PAGE, ["j", "ArrowDown"])
    expect(row(signed_in, 1).locator(".id")).to_be_focused()


def test_moving_and_selecting(signed_in: Page) -> None:
    press(signed_in, "j", "j", "k", "ArrowDown", "ArrowDown")
    expect(row(signed_in, 2).locator(".id")).to_be_focused()
    press(signed_in, "x")
    expect(row(signed_in, 2).locator(".pick")).to_be_checked()
    press(signed_in, "Shift+J", "Shift+ArrowDown")
    expect(picked(signed_in)).to_have_count(3)
    press(signed_in, "Shift+K")
    expect(picked(signed_in)).to_have_count(2)
    press(signed_in, "Space")
    expect(picked(signed_in)).to_have_count(1)
    press(signed_in, "a")
    expect(picked(signed_in)).to_have_count(signed_in.locator(".row").count())
    press(signed_in, "Escape")
    expect(picked(signed_in)).to_have_count(0)


def test_opening_and_closing(signed_in: Page) -> None:
    drawer = signed_in.get_by_role("dialog", name="Order")
    number = row(signed_in, 0).get_attribute("data-order") or ""
    for key in ("o", "Enter"):
        press(signed_in, "j", "k", key)
        expect(drawer).to_contain_text(number)
        press(signed_in, "Escape")
        expect(drawer).to_be_hidden()
    row(signed_in, 0).locator(".id").focus()
    press(signed_in, "p")
    expect(signed_in).to_have_url(re.compile(rf"/orders/{number}/"))


@pytest.mark.parametrize(
    ("key", "title"),
    [("f", "Filter"), ("c", "Columns"), ("?", "Keyboard")],
)
def test_dialogs(signed_in: Page, key: str, title: str) -> None:
    press(signed_in, key)
    heading = signed_in.locator("#panel-title")
    expect(heading).to_contain_text(title)
    press(signed_in, "j", "a")
    assert picked(signed_in).count() == 0
    press(signed_in, "Escape")
    expect(heading).to_be_hidden()


@pytest.mark.parametrize(("key", "verb"), [("n", "note"), ("g", "flag"), ("h", "hold")])
def test_verbs_for_the_order_in_focus_and_for_the_selection(
    signed_in: Page, key: str, verb: str
) -> None:
    press(signed_in, "j", key)
    form = signed_in.locator(f"#panel .run-form[data-verb={verb}]")
    expect(form.locator("[name=orders]")).to_have_value(
        row(signed_in, 0).get_attribute("data-pk") or ""
    )
    press(signed_in, "Escape")
    press(signed_in, "x", "j", "x", key)
    expect(form.locator("[name=orders]")).to_have_value(re.compile(r"^\d+,\d+$"))


def test_a_label_from_the_order_s_own_page(signed_in: Page) -> None:
    query = "tab=pending_shipping&label=none&shop=demo-northwind-us&shipping=platform"
    signed_in.goto(signed_in.url.split("?")[0] + "?" + query)
    row(signed_in, 0).locator(".id").click()
    expect(signed_in.locator("#do-create_label")).to_be_visible()
    press(signed_in, "l")
    expect(signed_in.locator("#panel .label-form")).to_be_visible()


def test_an_order_that_cannot_be_shipped_says_why(signed_in: Page) -> None:
    press(signed_in, "s")
    expect(signed_in.locator(".toast")).to_contain_text("Select orders")
    signed_in.goto(signed_in.url.split("?")[0] + "?urgency=cancellation_requested")
    for key in ("s", "l"):
        press(signed_in, "j", key)
        expect(signed_in.locator(".toast")).to_contain_text("the buyer asks to cancel")
        signed_in.locator(".toast").evaluate("toast => toast.remove()")


def test_release_and_nothing_chosen(signed_in: Page) -> None:
    press(signed_in, "r")
    expect(signed_in.locator(".toast")).to_contain_text("Select orders")
    press(signed_in, "j", "r")
    expect(signed_in.locator("#panel .run-form[data-verb=release]")).to_be_visible()


def test_pages_tabs_views_search_and_theme(signed_in: Page) -> None:
    press(signed_in, "]")
    expect(signed_in).to_have_url(re.compile("after="))
    press(signed_in, "[")
    expect(signed_in).not_to_have_url(re.compile("after="))
    press(signed_in, "v")
    expect(signed_in.locator("article.row").first).to_be_visible()
    press(signed_in, "j", "ArrowRight", "x")
    expect(row(signed_in, 1).locator(".pick")).to_be_checked()
    press(signed_in, "v")
    expect(signed_in.locator("tr.row").first).to_be_visible()
    press(signed_in, "4")
    expect(signed_in).to_have_url(re.compile("tab=shipped"))
    press(signed_in, "t")
    expect(signed_in.locator("html")).to_have_attribute("data-theme", re.compile("light|dark"))
    press(signed_in, "/")
    expect(signed_in.locator("#q")).to_be_focused()
    press(signed_in, "x", "?")
    expect(signed_in.locator("#q")).to_have_value("x?")


def test_single_keys_can_be_switched_off(signed_in: Page) -> None:
    press(signed_in, "?")
    signed_in.get_by_label("Switch the single keys off").check()
    press(signed_in, "Escape")
    press(signed_in, "a", "f", "3")
    assert picked(signed_in).count() == 0
    expect(signed_in.locator("#panel")).to_be_hidden()
    signed_in.reload()
    row(signed_in, 0).locator(".id").focus()
    press(signed_in, "j", "ArrowDown", "Space")
    expect(row(signed_in, 1).locator(".pick")).to_be_checked()
    signed_in.get_by_role("link", name="Keyboard").click()
    signed_in.get_by_label("Switch the single keys off").uncheck()
    press(signed_in, "Escape")
    press(signed_in, "Escape", "a")
    expect(picked(signed_in).nth(1)).to_be_visible()


def test_a_scan_is_searched_and_never_obeyed(signed_in: Page) -> None:
    row(signed_in, 0).locator(".open").focus()
    theme = signed_in.locator("html").get_attribute("data-theme")
    signed_in.evaluate(SCAN, [*"athn4fx2"])
    expect(signed_in).to_have_url(re.compile("q=athn4fx2"))
    expect(signed_in.locator("#q")).to_have_value("athn4fx2")
    signed_in.wait_for_timeout(200)
    assert picked(signed_in).count() == 0
    assert signed_in.locator("html").get_attribute("data-theme") == theme
    expect(signed_in.locator("dialog[open]")).to_have_count(0)


def test_a_scan_into_an_open_dialog_presses_nothing(signed_in: Page) -> None:
    row(signed_in, 0).locator(".open").click()
    expect(signed_in.get_by_role("dialog", name="Order")).to_be_visible()
    signed_in.locator("#drawer [data-closes]").focus()
    signed_in.evaluate(SCAN, [*"9400112"])
    expect(signed_in.locator(".toast")).to_contain_text("scan again")
    expect(signed_in.get_by_role("dialog", name="Order")).to_be_visible()
