"""Printing in a browser: from the choice to the print dialog, what came out, and the scan station
with a reader that types anywhere.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk
from tests.browser.test_access import violations
from tests.browser.test_ship_many import scan

#: In the place of the browser's dialog, which no test can close.
NOTE_PRINTS = """window.print = () => {
  const told = window.top.document.documentElement.dataset;
  told.printed = Number(told.printed ?? 0) + 1;
}"""

#: Chooses once more in the very moment that the first choice is answered.
CHOOSES_AGAIN = """choice => document.addEventListener("htmx:afterOnLoad", () => {
  const content = document.getElementById("print-content");
  content.value = choice;
  content.dispatchEvent(new Event("change", { bubbles: true }));
}, { once: true })"""


def labels_of(desk: Desk, many: int) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "tests.browser.seed_labels", str(many)]
    done = subprocess.run(command, env=desk.env, capture_output=True, text=True, check=True)
    made: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    assert len(made) == many
    return made


def test_from_the_choice_to_the_hand_over(signed_in: Page, desk: Desk) -> None:
    made = labels_of(desk, 3)
    signed_in.add_init_script(NOTE_PRINTS)
    signed_in.route(
        "**/file.pdf", lambda route: route.fulfill(body="<p>paper", content_type="text/html")
    )
    chosen = ",".join(str(each["pk"]) for each in made)
    signed_in.goto(f"{desk.url}/labels/print/?labels={chosen}")
    signed_in.get_by_label("Print", exact=True).select_option("slips")
    expect(signed_in.locator("#print-many")).to_have_text("Print 3 packing slips")
    signed_in.evaluate(CHOOSES_AGAIN, "labels")  # before the eye can have seen the answer
    signed_in.get_by_label("Print", exact=True).select_option("pick_list")
    signed_in.get_by_label("Sorted by").select_option("given")
    signed_in.get_by_role("button", name="Print 3 labels").click()
    expect(signed_in.locator("html")).to_have_attribute("data-printed", "1")
    expect(signed_in).to_have_url(f"{desk.url}/labels/prints/{_pk(signed_in)}/")
    signed_in.reload()  # prints nothing
    expect(signed_in.locator("#print-place")).to_have_count(0)
    for scheme in ("light", "dark"):
        signed_in.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert violations(signed_in) == [], scheme
    scan(signed_in, made[1]["number"])
    expect(signed_in.get_by_label("Only up to the last good one")).to_have_value(
        re.compile(made[1]["number"], re.IGNORECASE)
    )
    signed_in.get_by_role("button", name="Confirm up to it").click()
    expect(signed_in.get_by_text("2 labels printed. 1 label back to not printed")).to_be_visible()
    outcomes = signed_in.locator("[data-outcome]")
    assert [row.get_attribute("data-outcome") for row in outcomes.all()] == [
        "confirmed",
        "confirmed",
        "lost",
    ]

    signed_in.goto(f"{desk.url}/labels/print/?labels={chosen}")
    said = signed_in.locator("#print-many")
    expect(said).to_have_text("Print 1 label")
    signed_in.locator(".print-again").first.check()
    expect(said).to_have_text("Print 2 labels, 1 of them once more")
    signed_in.get_by_label("Print all of them once more").check()
    expect(said).to_have_text("Print 3 labels, 2 of them once more")
    expect(signed_in.locator("#h-plan")).to_have_text("3 to print, 2 of them once more")
    for scheme in ("light", "dark"):
        signed_in.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert violations(signed_in) == [], scheme

    signed_in.goto(f"{desk.url}/labels/scan/")
    signed_in.evaluate("document.activeElement.blur()")
    scan(signed_in, made[0]["number"])
    expect(signed_in.locator("[data-said=OK]")).to_be_visible()
    expect(signed_in.locator("#scan-code")).to_be_focused()
    for code, word in ((made[2]["number"], "OK"), ("GX999999999999", "STOP")):
        signed_in.keyboard.type(f"{code}\n")  # into the box, over the last one
        expect(signed_in.locator(f"[data-said={word}]")).to_contain_text(code, ignore_case=True)
    for scheme in ("light", "dark"):
        signed_in.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert violations(signed_in) == [], scheme


def _pk(page: Page) -> str:
    return page.url.split("/prints/")[1].split("/")[0]
