"""Connecting a shop in a browser, over real HTTP, at a marketplace that is a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Desk, free_port
from tests.browser.test_access import violations

ROOT = Path(__file__).parents[2]
SHOPS = (("7495000000000000001", "Harbor Goods", "US"), ("7495000000000000002", "Baan Craft", "TH"))


@pytest.fixture
def marketplace(desk: Desk, tmp_path: Path) -> Iterator[str]:
    """Its address; one seller has both shops."""
    seed = tmp_path / "seed.jsonl"
    entries = [{"shop": {"id": i, "name": n, "region": r, "seller": "s1"}} for i, n, r in SHOPS]
    seed.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    port = free_port()
    app = f"bkey:bsecret:{desk.url}/shops/tiktok/callback/"
    command = ["--port", str(port), "--state", str(tmp_path / "state"), "--seed", str(seed)]
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", *command, "--app", app],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait(url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{url}/control/", trust_env=False).status_code < 500:
                return
        time.sleep(0.2)
    raise AssertionError("The sandbox did not come up.")


def enter_app(page: Page, marketplace: str) -> None:
    page.get_by_label("App key").fill("bkey")
    page.get_by_label("App secret").fill("bsecret")
    page.get_by_label("What you call this app").fill("Harbor's app")
    page.get_by_text("Other hosts").click()
    page.get_by_label("API host").fill(marketplace)
    page.get_by_label("Host that gives tokens").fill(marketplace)
    page.get_by_label("Page to authorise on").fill(f"{marketplace}/open/authorize")
    page.get_by_role("button", name="Store and test").click()


def check(page: Page) -> None:
    """Light and dark, wide and narrow: no violation, no sideways scrolling."""
    scheme: Any
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in (1280, 1024):
            page.set_viewport_size({"width": width, "height": 900})
            assert violations(page) == [], (page.url, scheme, width)
            over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert over <= 0, (page.url, width)


@pytest.mark.usefixtures("own_shops")
def test_from_the_shops_page_to_a_connected_shop(
    signed_in: Page, desk: Desk, marketplace: str
) -> None:
    page = signed_in
    page.goto(f"{desk.url}/shops/")
    page.get_by_role("link", name="Connect TikTok Shop").click()
    expect(page.get_by_text(f"{desk.url}/shops/tiktok/callback/")).to_be_visible()
    check(page)
    page.get_by_role("link", name="I have a key and a secret").click()
    expect(page.get_by_label("App key")).to_be_visible()
    check(page)
    enter_app(page, marketplace)
    # Host, clock, key, secret, and webhooks on one machine.
    expect(page.locator(".check-good")).to_have_count(5)
    check(page)
    page.get_by_role("link", name="Go to TikTok Shop").click()
    page.wait_for_url(f"{marketplace}/open/authorize?**")
    page.get_by_role("button", name="Refuse").click()
    expect(page.get_by_role("heading", name="Nothing was connected")).to_be_visible()
    check(page)
    page.get_by_role("link", name="Test the app and try again").click()
    page.get_by_role("link", name="Go to TikTok Shop").click()
    page.get_by_role("button", name="Authorise").click()
    page.wait_for_url(f"{desk.url}/shops/tiktok/grants/*/")
    check(page)
    page.get_by_label("Connect Baan Craft").uncheck()
    page.get_by_role("button", name="Connect", exact=True).click()
    page.wait_for_url("**/shops/harbor-goods/connection/")
    expect(page.locator(".line-on")).to_have_text("Connected")
    check(page)
    page.get_by_role("button", name="Pause").click()
    expect(page.locator(".line-paused")).to_be_visible()
    page.get_by_role("link", name="Disconnect Harbor Goods").click()
    disconnect = page.get_by_role("button", name="Disconnect Harbor Goods")
    expect(disconnect).to_be_visible()
    check(page)
    disconnect.click()
    expect(page.locator(".line-off")).to_be_visible()
    check(page)
    page.goto(f"{desk.url}/shops/")
    expect(page.get_by_text("TikTok Shop: Disconnected")).to_be_visible()


@pytest.mark.usefixtures("own_shops")
def test_without_javascript(browser: Browser, desk: Desk, marketplace: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{desk.url}/login/?next=/shops/tiktok/app/")
    page.get_by_label("Email").fill(desk.email)
    page.get_by_label("Password").fill(desk.password)
    page.get_by_role("button", name="Sign in").click()
    enter_app(page, marketplace)
    page.get_by_role("link", name="Go to TikTok Shop").click()
    page.get_by_role("button", name="Authorise").click()
    page.get_by_label("Connect Harbor Goods").uncheck()
    page.get_by_role("button", name="Connect", exact=True).click()
    page.wait_for_url("**/shops/baan-craft/connection/")
    page.get_by_role("link", name="Authorise again").click()
    page.get_by_role("link", name="Go to TikTok Shop").click()
    page.get_by_role("button", name="Authorise").click()
    expect(page.get_by_text("The access of Baan Craft is renewed.")).to_be_visible()
    context.close()
