"""Selection: ranges, pages, all that match; it outlives paging, Back and a reload; and the bulk bar
takes a verb through its run to the end. The pure part is held against a model, step by step.
"""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk
from tests.browser.test_access import violations


def picked(page: Page) -> list[str]:
    rows = page.locator(".row:has(.pick:checked)")
    return [str(key) for key in rows.evaluate_all("rows => rows.map(row => row.dataset.pk)")]


def pick(page: Page, place: int, **given: Any) -> None:
    page.locator(".pick").nth(place).click(**given)


def bar(page: Page) -> str:
    expect(page.locator("#bulk")).not_to_have_attribute("aria-busy", "true")
    return page.locator("#bulk").inner_text()


def test_a_range_also_across_the_drawer(signed_in: Page) -> None:
    pick(signed_in, 1)
    signed_in.locator(".row .open").nth(3).click()
    expect(signed_in.get_by_role("dialog", name="Order")).to_be_visible()
    signed_in.keyboard.press("Escape")
    pick(signed_in, 4, modifiers=["Shift"])
    keys = signed_in.locator(".row").evaluate_all("rows => rows.map(row => row.dataset.pk)")
    assert picked(signed_in) == keys[1:5]
    expect(signed_in.locator("[data-bulk-count]")).to_have_text("4 selected")
    expect(signed_in.locator("#live")).to_have_text("4 selected")
    signed_in.keyboard.press("Escape")
    assert picked(signed_in) == []
    expect(signed_in.locator("#bulk")).to_be_empty()


def test_it_outlives_paging_back_a_reload_and_the_change_of_view(signed_in: Page) -> None:
    signed_in.goto(signed_in.url + "&per_page=20")
    pick(signed_in, 0)
    pick(signed_in, 2)
    first = picked(signed_in)
    signed_in.get_by_role("link", name="Next page").click()
    expect(signed_in).to_have_url(re.compile("after="))
    expect(signed_in.locator("[data-bulk-count]")).to_have_text("2 selected")
    assert picked(signed_in) == []
    pick(signed_in, 1)
    expect(signed_in.locator("[data-bulk-count]")).to_have_text("3 selected")
    signed_in.reload()
    expect(signed_in.locator(".pick").nth(1)).to_be_checked()
    signed_in.go_back()
    expect(signed_in.locator(".pick").nth(0)).to_be_checked()
    assert picked(signed_in) == first
    signed_in.get_by_role("button", name="Card view").click()
    expect(signed_in.locator("article.row .pick").nth(2)).to_be_checked()
    assert picked(signed_in) == first
    signed_in.get_by_role("button", name="List view").click()
    expect(signed_in.locator("tr.row .pick").nth(2)).to_be_checked()
    signed_in.locator('[data-tab="shipped"]').click()
    expect(signed_in).to_have_url(re.compile("tab=shipped"))
    expect(signed_in.locator("#bulk")).to_be_empty()
    signed_in.go_back()
    expect(signed_in.locator("[data-bulk-count]")).to_have_text("3 selected")


def test_the_page_then_all_that_match_and_one_less(signed_in: Page) -> None:
    whole = signed_in.locator("#pick-page")
    pick(signed_in, 0)
    assert whole.evaluate("box => box.indeterminate")
    whole.click()
    assert len(picked(signed_in)) == signed_in.locator(".row").count()
    count = int(signed_in.locator("#desk").get_attribute("data-count") or 0)
    signed_in.get_by_role("button", name=f"Select all {count:,} that match").click()
    expect(signed_in.locator("[data-bulk-count]")).to_contain_text(f"{count:,} selected")
    assert f"{count:,}" in bar(signed_in)
    pick(signed_in, 0)
    left = signed_in.locator(".row").count() - 1
    expect(signed_in.locator("[data-bulk-count]")).to_have_text(f"{left} selected")
    expect(signed_in.locator("#live")).to_contain_text("No longer all that match")


def test_all_of_a_changed_number_is_refused_with_the_new_one(signed_in: Page) -> None:
    pick(signed_in, 0)
    count = int(signed_in.locator("#desk").get_attribute("data-count") or 0)
    signed_in.evaluate(
        "count => { document.getElementById('desk').dataset.count = count }", count - 1
    )
    signed_in.locator("[data-bulk-all]").click()
    expect(signed_in.locator("[data-bulk-count]")).to_contain_text(f"{count - 1:,} selected")
    bar(signed_in)
    signed_in.locator("[data-bulk-verb=flag]").click()
    before = signed_in.locator(".row .flag-green").count()
    form = signed_in.locator("#panel .run-form")
    form.locator("[name=colour][value=green]").check()
    form.locator("button[type=submit]").click()
    expect(form.get_by_role("alert")).to_contain_text(f"{count:,}")
    expect(form.locator("[name=count]")).to_have_value(str(count))
    signed_in.keyboard.press("Escape")
    expect(signed_in.locator(".row .flag-green")).to_have_count(before)


def test_each_verb_of_the_bar_runs_to_its_end(signed_in: Page, desk: Desk) -> None:
    signed_in.goto(f"{desk.url}/orders/?stage=awaiting_shipment&sort=-created&held=no")
    for place in range(3):
        pick(signed_in, place)
    wishes = (
        ("note", "[name=text]", "Fragile, double wrap"),
        ("flag", "[name=colour][value=purple]", None),
        ("hold", "[name=reason]", "Stock check"),
        ("release", None, None),
    )
    for verb, field, words in wishes:
        signed_in.locator(f"[data-bulk-verb={verb}]:not([aria-disabled])").click()
        form = signed_in.locator(f"#panel .run-form[data-verb={verb}]")
        if field and words:
            form.locator(field).fill(words)
        elif field:
            form.locator(field).check()
        form.locator("button[type=submit]").click()
        expect(signed_in.locator("#panel")).to_be_hidden()
        card = signed_in.locator("#run-card [data-state=done]")
        expect(card).to_contain_text("3 of 3", timeout=20_000)
        signed_in.locator("#run-card").evaluate("card => card.replaceChildren()")
        assert len(picked(signed_in)) == 3
    expect(signed_in.locator(".row.is-picked .flag-purple")).to_have_count(3, timeout=10_000)
    signed_in.goto(f"{desk.url}/runs/")
    signed_in.locator('main a[href^="/runs/"]').first.click()
    expect(signed_in.locator("#run-body")).to_have_attribute("data-state", "done")
    assert violations(signed_in) == []


# --- the pure part -----------------------------------------------------------------------------

PAGES = (list("abcdefg"), list("hijkl"))
KEYS = st.integers(0, 6)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("toggle"), KEYS),
        st.tuples(st.just("range"), KEYS),
        st.tuples(st.just("wholePage"), st.booleans()),
        st.tuples(st.just("everything"), st.integers(1, 50)),
        st.tuples(st.just("blank"), st.none()),
        st.tuples(st.just("turn"), st.none()),
    ),
    max_size=30,
)
PLAY = """async ([address, pages, steps]) => {
  const pure = await import(address);
  let [chosen, at] = [pure.blank(), 0];
  return steps.map(([verb, with_]) => {
    const keys = pages[at];
    if (verb === "turn") at = 1 - at;
    else if (verb === "blank") chosen = pure.blank();
    else if (verb === "everything") chosen = pure.everything(with_);
    else if (verb === "wholePage") chosen = pure.wholePage(chosen, keys, with_);
    else chosen = pure[verb](chosen, keys, keys[with_ % keys.length]);
    return [pure.size(chosen), pages.flat().filter((key) => pure.has(chosen, key)).join("")];
  });
}"""


class Model:
    """The same in the plainest words."""

    def __init__(self) -> None:
        self.on: set[str] = set()
        self.all = 0
        self.anchor: str | None = None
        self.at = 0

    def step(self, verb: str, value: Any) -> tuple[int, str]:
        page = PAGES[self.at]
        if verb == "turn":
            self.at = 1 - self.at
        elif verb == "blank" or (verb == "wholePage" and self.all and not value):
            self.on, self.all, self.anchor = set(), 0, None
        elif verb == "everything":
            self.on, self.all, self.anchor = set(), value, None
        elif verb == "wholePage" and not self.all:
            self.on = self.on | set(page) if value else self.on - set(page)
            self.anchor = None
        elif verb in ("toggle", "range"):
            self._pick(verb, page, page[value % len(page)])
        every = [key for keys in PAGES for key in keys]
        shown = every if self.all else [key for key in every if key in self.on]
        return self.all or len(self.on), "".join(shown)

    def _pick(self, verb: str, page: list[str], key: str) -> None:
        is_on = not (self.all or key in self.on)
        if self.all:
            self.on, self.all = set(page), 0
        reached = [key]
        if verb == "range" and self.anchor in page:
            first, last = sorted((page.index(str(self.anchor)), page.index(key)))
            reached = page[first : last + 1]
        else:
            self.anchor = key
        self.on = self.on | set(reached) if is_on else self.on - set(reached)


def test_selection_does_as_its_model(signed_in: Page) -> None:
    address = signed_in.locator('script[src*="selection"]').evaluate("script => script.src")

    @settings(max_examples=150, deadline=None)
    @given(STEPS)
    def play(steps: list[tuple[str, Any]]) -> None:
        model = Model()
        expected = [list(model.step(verb, value)) for verb, value in steps]
        assert signed_in.evaluate(PLAY, [address, PAGES, steps]) == expected

    play()
