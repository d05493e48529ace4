"""Takes the pictures of docs/shipping-labels.md on a demo desk of its own:

.venv/bin/python -m scripts.pictures
"""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.conftest import BROWSERS, FLAGS, Desk, sign_in

DOCS = Path(__file__).parent.parent / "docs"
SOON = 120_000
#: Batches by a word of their names: one that asks for sizes, and others with labels to be rejected.
SIZED, OTHERS = "Oakland", ("Newark", "กรุงเทพฯ")


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="shipboard-pictures-"))
    folder.chmod(0o711)  # the account that runs PostgreSQL for root must get in
    desk = Desk(folder / "home")
    try:
        with sync_playwright() as playwright:
            installed = next(filter(None, map(shutil.which, BROWSERS)), None)
            browser = playwright.chromium.launch(executable_path=installed, args=FLAGS)
            size = {"width": 1440, "height": 900}
            page = browser.new_page(viewport=size, reduced_motion="reduce")
            page.set_default_timeout(SOON)
            sign_in(page, desk)
            take(page, desk.url)
            browser.close()
    finally:
        desk.stop()
        shutil.rmtree(folder, ignore_errors=True)


def take(page: Page, desk: str) -> None:
    page.goto(f"{desk}/labels/?per_page=100")
    page.locator("#pick-labels").check()
    page.locator("#create-labels").click()
    page.locator(".lot", has_text=SIZED).get_by_role("button", name="Go on with").click()
    page.locator("#many-weight").fill("12")
    page.locator("#many-sides").fill("9 x 6 x 4")
    page.locator("#set-all").click()
    expect(page.get_by_text("parcels changed")).to_be_visible()
    page.goto(page.url)  # without what was just said
    expect(page.locator('#batch-live[data-state="ready"]')).to_be_visible(timeout=SOON)
    picture(page, "label-batch")
    create(page)
    run = page.url.rstrip("/").rpartition("/")[2]
    for name in OTHERS:
        page.goto(f"{desk}/labels/batch/")
        page.get_by_role("link", name=re.compile(name)).first.click()
        expect(page.locator(".batch-table")).to_be_visible()
        if page.locator("#many-weight").count():
            page.locator("#many-weight").fill("20")
            page.locator("#many-sides").fill("18 x 12 x 10")
            page.locator("#set-all").click()
        create(page)
    page.goto(f"{desk}/labels/print/?run={run}")
    picture(page, "label-print")
    page.goto(f"{desk}/labels/?tab=created")
    for place in (1, 2):
        page.locator(".pick-label").nth(place).check()
    picture(page, "labels")
    page.goto(f"{desk}/labels/?tab=rejected")
    page.locator("button.why").first.hover(force=True)  # what it opens may lie over it
    expect(page.locator(".why-text:popover-open")).to_be_visible()
    picture(page, "label-rejection")


def create(page: Page) -> None:
    """Creates the labels of the batch that is shown, and waits for them."""
    page.get_by_role("button", name=re.compile(r"^Create \d+ shipping label")).click()
    page.wait_for_url(re.compile(r"/runs/\d+/$"))
    expect(page.locator(".run-cost")).to_contain_text(
        re.compile(r"([1-9]\d*) bought, \1 files? here\. Cost"), timeout=SOON
    )


def picture(page: Page, name: str) -> None:
    page.screenshot(path=DOCS / f"{name}.png")


if __name__ == "__main__":
    main()
