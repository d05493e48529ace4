"""The age of a shop's data grows on an open page by the server's own rule, in words and colour."""

from __future__ import annotations

import re

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Desk

AGE = """<div class="ages"><a class="age age-fresh" href="/shops/x/health/" data-since="{since}"
 data-amber="300" data-red="900" data-amber-words="getting old" data-red-words="out of date"
 ><bdi>Northwind</bdi>: <span class="age-ago">just now</span><span class="age-words"></span></a>
</div>"""


def test_it_grows_old_by_the_browsers_clock(signed_in: Page, desk: Desk) -> None:
    def told(route: Route) -> None:
        answer = route.fetch()
        html = answer.text()
        now = re.search(r'data-now="([^"]+)"', html)
        assert now
        aged = re.sub(
            r'<div class="ages">.*?</div>', AGE.format(since=now[1]), html, count=1, flags=re.S
        )
        route.fulfill(response=answer, body=aged)

    signed_in.route("**/orders/?tab=all", told)
    signed_in.route("**/orders/changes/**", lambda route: route.fulfill(status=204))
    signed_in.clock.install()
    signed_in.goto(f"{desk.url}/orders/?tab=all")
    age = signed_in.locator("#desk .age")
    for minutes, level, words in (
        (1, "fresh", "Northwind: 1 min ago"),
        (4, "amber", "Northwind: 5 min ago, getting old"),
        (10, "red", "Northwind: 15 min ago, out of date"),
        (46, "red", "Northwind: 1 h ago, out of date"),
    ):
        signed_in.clock.fast_forward(minutes * 60_000 + 1_000)
        expect(age).to_have_text(words)
        expect(age).to_have_class(f"age age-{level}")
