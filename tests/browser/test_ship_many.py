"""Shipping many of the demo's connected shop: by hand, by pasting, with a barcode reader; what is
refused stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Desk, sign_in

LIST = "/orders/?tab=pending_shipping&shipping=seller&shop=demo-northwind-us&per_page=100"
PASTE = """text => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  (document.activeElement ?? document.body).dispatchEvent(
    new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""
SCAN = """([code, end]) => {
  const target = document.activeElement ?? document.body;
  for (const key of [...code, end]) {
    const isFree = target.dispatchEvent(
      new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    if (isFree && key.length === 1 && target.matches("input")) target.value += key;
  }
}"""


def ups(serial: int) -> str:
    """A tracking number with its check digit (1Z, shipper, service, serial)."""
    bare = f"999AA1{serial:09d}"
    values = [int(sign) if sign.isdigit() else (ord(sign) - 63) % 10 for sign in bare]
    total = sum(values[0::2]) + 2 * sum(values[1::2])
    return f"1Z{bare}{-total % 10}"


def scan(page: Page, code: str, end: str = "Enter") -> None:
    page.wait_for_timeout(350)  # a code that comes right after other signs is asked for again
    page.evaluate(SCAN, [code, end])


def paste(page: Page, text: str) -> None:
    page.evaluate(PASTE, text)


def field(page: Page, order_id: str) -> Locator:
    return page.get_by_label(f"Tracking number of order {order_id}")


def verdict(page: Page, order_id: str) -> Locator:
    return page.locator(f'tr[data-order="{order_id}"] .ship-verdict')


@pytest.fixture
def waiting(signed_in: Page, desk: Desk) -> Iterator[list[str]]:
    """Orders that wait, the least urgent first: other tests look at the most urgent ones. What was
    shipped is taken back."""
    signed_in.goto(desk.url + LIST)
    links = signed_in.locator("tr.row:has(.ship-link)")
    found = links.evaluate_all("rows => rows.map(row => row.dataset.order)")
    yield [str(each) for each in reversed(found)]
    signed_in.once("dialog", lambda dialog: dialog.accept())
    signed_in.goto(f"{desk.url}/outbox/")
    takes_back = signed_in.locator("#undo-all-demo-northwind-us")
    if takes_back.count():
        takes_back.click()
        expect(takes_back).to_have_count(0)


@pytest.fixture
def empty(signed_in: Page, desk: Desk, waiting: list[str]) -> Page:
    signed_in.goto(f"{desk.url}/ship/")
    return signed_in


def test_many_from_the_list_by_hand(signed_in: Page, waiting: list[str]) -> None:
    chosen = waiting[:3]
    for order_id in chosen:
        signed_in.get_by_label(f"Select order {order_id}").check()
    signed_in.get_by_role("button", name="Add Shipment Information 3").or_(
        signed_in.locator("[data-bulk-verb=add_shipment][data-applies='3']")
    ).first.click()
    expect(signed_in).to_have_url(re.compile(r"/ship/$"))
    expect(signed_in.locator("#ship-rows tr")).to_have_count(3)
    first = signed_in.locator(".ship-number").first
    first.focus()
    signed_in.keyboard.type(ups(11), delay=60)
    signed_in.keyboard.press("Enter")
    expect(signed_in.locator(".ship-number").nth(1)).to_be_focused()
    signed_in.keyboard.type("94#00", delay=60)
    signed_in.keyboard.press("Enter")
    signed_in.keyboard.type("QQ123456", delay=60)
    verdicts = signed_in.locator(".ship-verdict")
    expect(verdicts.nth(0)).to_contain_text("Fits UPS")
    expect(verdicts.nth(1)).to_contain_text("letters and digits only")
    expect(verdicts.nth(2)).to_contain_text("Choose the carrier")
    signed_in.get_by_label("Carrier for rows without one").select_option("OnTrac")
    expect(signed_in.locator(".ship-carrier").nth(2)).to_have_value(re.compile(r"."))
    expect(signed_in.locator("#live")).to_contain_text("refused")
    expect(signed_in.get_by_role("button", name="Ship 2 orders")).to_be_visible()
    signed_in.get_by_role("button", name="Ship 2 orders").click()
    expect(signed_in.locator("#ship-rows tr")).to_have_count(1)
    expect(signed_in.locator(".ship-number")).to_have_value("94#00")
    expect(signed_in.locator(".ship-verdict")).to_contain_text("letters and digits only")
    expect(signed_in.locator(".message-success")).to_contain_text("2 orders")
    signed_in.get_by_role("link", name="2 orders").click()
    expect(signed_in.locator("[data-outcome=sending]").first).to_be_visible()


def test_pasted_lines_find_their_orders(empty: Page, waiting: list[str]) -> None:
    one, two, three = waiting[3:6]
    lines = [
        "Order ID\tTracking\tCarrier",
        f"{one}\t{ups(21)}",
        f"{two}\t{ups(22)}\tups",
        f"{three}\t<img src=x onerror=alert(1)>",
        "1111\t2222",
        ups(23),
        f"{two}\t{ups(22)}",
    ]
    paste(empty, "\r\n".join(lines))
    expect(field(empty, one)).to_have_value(ups(21))
    expect(verdict(empty, two)).to_contain_text("Fits UPS")
    expect(field(empty, three)).to_have_value("<img src=x onerror=alert(1)>")
    expect(verdict(empty, three)).to_contain_text("Refused")
    assert empty.locator("img").count() == 0
    problems = empty.locator("#ship-problems tbody tr")
    expect(problems).to_have_count(3)
    expect(problems.nth(0)).to_contain_text("None of your shops")
    expect(problems.nth(1)).to_contain_text("put both on one line")
    expect(problems.nth(2)).to_contain_text("repeats line 3")
    expect(empty.locator("#h-problems")).to_be_focused()
    field(empty, one).focus()
    paste(empty, f"{one}\t{ups(24)}")
    expect(field(empty, one)).to_have_value(ups(24))
    expect(problems.nth(3)).to_contain_text(f"takes the place of {ups(21)}")
    empty.get_by_role("button", name="Put these away").click()
    expect(empty.locator("#ship-problems")).to_be_hidden()


def test_the_same_by_keyboard_and_field(empty: Page, waiting: list[str]) -> None:
    empty.locator("#ship-text").fill(f"{waiting[3]} {ups(25)}")
    empty.keyboard.press("Tab")
    empty.keyboard.press("Enter")
    expect(field(empty, waiting[3])).to_have_value(ups(25))
    expect(empty.locator("#ship-text")).to_have_value("")


def stutter(page: Page, code: str) -> None:
    """A scan with a pause within."""
    page.keyboard.type(code[:4])
    page.wait_for_timeout(80)
    page.evaluate(SCAN, [code[4:], "Enter"])


def test_a_reader_scans_in_pairs(empty: Page, waiting: list[str]) -> None:
    one, two = waiting[6:8]
    now, last = empty.locator("#scan-now"), empty.locator("#scan-last")
    scan(empty, ups(31))
    expect(now).to_contain_text("None of your shops has an order")
    scan(empty, one)
    expect(now).to_have_text(f"Order {one}: now its tracking number.")
    scan(empty, one)
    expect(now).to_have_text(f"Order {one} still waits for its tracking number.")
    empty.keyboard.press("Escape")
    expect(now).to_contain_text("is forgotten")
    stutter(empty, two)
    expect(now).to_contain_text("Read it again")
    scan(empty, two)
    expect(now).to_contain_text(f"Order {two}: now")
    scan(empty, one)
    expect(now).to_contain_text(f"That is order {one}, but order {two} still waits")
    scan(empty, "420900019400111899223100000024", "Tab")
    expect(last).to_contain_text(f"{two} → 9400111899223100000024")
    expect(field(empty, two)).to_have_value("9400111899223100000024")
    expect(now).to_have_text("Now the next order’s code.")


def test_a_scan_in_a_field_is_a_scan_and_typing_is_not(empty: Page, waiting: list[str]) -> None:
    one, two = waiting[6:8]
    paste(empty, f"{one}\t{ups(41)}\n{two}\t{ups(42)}")
    expect(verdict(empty, two)).to_contain_text("Fits UPS")
    field(empty, one).focus()
    scan(empty, two)
    expect(empty.locator("#scan-now")).to_have_text(f"Order {two}: now its tracking number.")
    expect(field(empty, one)).to_have_value(ups(41))
    scan(empty, ups(43))
    expect(field(empty, two)).to_have_value(ups(43))
    expect(field(empty, one)).to_have_value(ups(41))
    field(empty, one).focus()
    scan(empty, ups(44))
    expect(field(empty, one)).to_have_value(ups(44))
    field(empty, one).focus()
    stutter(empty, ups(45))
    expect(empty.locator("#scan-now")).to_contain_text("Read it again")
    expect(field(empty, one)).to_have_value(ups(44))
    expect(field(empty, one)).to_be_focused()
    field(empty, one).fill("")
    empty.keyboard.type("123456", delay=70)
    empty.keyboard.press("Enter")
    expect(field(empty, one)).to_have_value("123456")


def test_what_was_scanned_is_sent(empty: Page, waiting: list[str]) -> None:
    for serial, order_id in enumerate(waiting[8:10], 51):
        scan(empty, order_id)
        scan(empty, ups(serial))
    expect(empty.get_by_role("button", name="Ship 2 orders")).to_be_visible()
    empty.get_by_role("button", name="Ship 2 orders").dblclick()
    expect(empty).to_have_url(re.compile(r"/runs/\d+/"))
    expect(empty.locator("[data-outcome=sending]").first).to_be_visible()
    expect(empty.locator("tbody tr")).to_have_count(2)


def test_bursts_and_pairs(signed_in: Page) -> None:
    """The functions alone: at the edge of what a hand can do, and in every order."""
    told: Any = signed_in.evaluate(
        """async () => {
          const path = [...document.scripts].find((each) => each.src.includes("modules/keys"));
          const { feed, pair, quiet } = await import(path.src.replace(/keys[^/]*$/, "scan.js"));
          const read = (gap, keys) => keys.reduce(
            ([reader, at], key) => [feed(reader, key, at), at + gap], [quiet(), 100])[0];
          const code = (gap, text, end) => read(gap, [...text, end]).code;
          return {
            fast: code(34, "123456", "Enter"), tab: code(5, "123456", "Tab"),
            slow: code(35, "123456", "Enter"), short: code(5, "12345", "Enter"),
            shifted: read(5, ["1", "Shift", "Z", "2", "3", "4", "5", "Enter"]).code,
            held: feed(feed(quiet(), "a", 1), "a", 2, true).isBurst,
            paused: Object.fromEntries([1, 6, 16, 18].flatMap((pause) => [36, 299].map((gap) => {
              const keys = [..."577054205830000004", "Enter"];
              const [end] = keys.reduce(([reader, at], key, place) => {
                const next = at + (place === pause ? gap : 5);
                return [feed(reader, key, next), next];
              }, [quiet(), 100]);
              return [`${pause} ${gap}`, [end.code, end.isMisread]];
            }))),
            after: [301, 250].map((gap) => {
              const keys = [["9", 0]];
              [..."123456", "Enter"].forEach((key, at) => keys.push([key, gap + at * 5]));
              const end = keys.reduce((reader, [key, at]) => feed(reader, key, 100 + at), quiet());
              return [end.code, end.isMisread];
            }),
            typed: [..."94001118", "Enter"].reduce(
              ([reader, at], key, place) => [feed(reader, key, at), at + (place % 3 ? 90 : 20)],
              [quiet(), 100])[0].isMisread,
            pairs: [pair(null, null, "x"), pair(null, "a", "x"), pair("a", "a", "x"),
                    pair("a", "b", "x"), pair("a", null, "x")].map((each) => each.says),
          };
        }"""
    )
    assert told == {
        "fast": "123456",
        "tab": "123456",
        "slow": "",
        "short": "",
        "shifted": "1Z2345",
        "held": False,
        "paused": {f"{at} {gap}": ["", True] for at in (1, 6, 16, 18) for gap in (36, 299)},
        "after": [["123456", False], ["", True]],
        "typed": False,
        "pairs": ["unknown", "waits", "again", "other", "filled"],
    }


def test_without_scripts(browser: Browser, desk: Desk, waiting: list[str]) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    sign_in(page, desk)
    page.get_by_role("link", name="Scan or paste").click()
    page.locator("#ship-text").fill(f"{waiting[10]}\t{ups(61)}\n{waiting[11]}\t94#00")
    page.get_by_role("button", name="Fill in").click()
    expect(field(page, waiting[10])).to_have_value(ups(61))
    expect(verdict(page, waiting[11])).to_contain_text("letters and digits only")
    page.get_by_role("button", name="Ship", exact=True).click()
    expect(page.locator("#ship-rows tr")).to_have_count(1)
    expect(page.locator(".message-success")).to_contain_text("1 order")
    page.context.close()
