"""The list fits a screen of 1280 pixels with nothing essential cut, and says so where it does not
fit; and the notices above it come and go with the live refresh.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

SOON = 20_000
CUT = """() => [...document.querySelectorAll(
  '.orders :is(th, .c-order .id, .c-order .sub, .c-ship .name, .c-ship .sub, .c-total, .badge)'
)].filter((each) => each.offsetParent && each.scrollWidth > each.clientWidth + 1)
  .map((each) => each.textContent.trim())"""
SIDEWAYS = "(box) => box.scrollWidth - box.clientWidth"


@pytest.mark.parametrize("tab", ["pending_shipping", "shipped", "canceled"])
def test_nothing_essential_is_cut_at_1280(signed_in: Page, tab: str) -> None:
    signed_in.set_viewport_size({"width": 1280, "height": 800})
    signed_in.goto(re.sub(r"tab=\w+", f"tab={tab}", signed_in.url))
    assert signed_in.evaluate(CUT) == []
    assert signed_in.locator(".orders-box").evaluate(SIDEWAYS) == 0
    expect(signed_in.locator(".scroll-hint")).to_be_hidden()


def test_at_1024_the_table_scrolls_in_its_box_and_says_so(signed_in: Page) -> None:
    signed_in.set_viewport_size({"width": 1024, "height": 800})
    assert signed_in.evaluate(CUT) == []
    assert signed_in.locator(".orders-box").evaluate(SIDEWAYS) > 0
    assert signed_in.evaluate("document.documentElement.scrollWidth") <= 1024
    expect(signed_in.locator(".scroll-hint")).to_be_visible()


def test_a_notice_comes_with_the_live_refresh_and_is_said(signed_in: Page) -> None:
    bar = signed_in.locator("#notice-bar")
    standing = bar.locator(".told").count()
    told = '<p class="told told-severe"><span><strong>Problem:</strong> It is old.</span></p>'

    def answer(route: Route) -> None:
        token = signed_in.locator("#desk").get_attribute("data-changes")
        route.fulfill(
            content_type="text/html",
            body=f'<div id="changes" data-changes="{token}" data-count="1" data-found="Found 1">'
            f'<div class="ages"></div><aside class="notice-bar" id="notice-bar">{told}</aside>'
            '<p id="outbox-news" data-count="0"></p><div id="news"></div></div>'
            '<template id="fresh"></template>',
        )

    signed_in.route("**/orders/changes/**", answer)
    expect(bar).to_contain_text("It is old.", timeout=SOON)
    expect(signed_in.locator("#live")).to_contain_text("It is old.")
    signed_in.unroute("**/orders/changes/**")
    signed_in.reload()
    expect(bar.locator(".told")).to_have_count(standing)
