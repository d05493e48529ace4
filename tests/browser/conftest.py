"""A whole desk, started as a user starts it, and a browser: Debian's Chromium where it is there,
else Playwright's own.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

SIGN_IN = re.compile(r"Demo sign-in: (\S+) / (\S+)")
#: As in scripts/browser.sh.
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: Milliseconds: two desks and two browsers may share two busy cores.
expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    installed = next(filter(None, map(shutil.which, BROWSERS)), None)
    found = {"executable_path": installed} if installed else {}
    return {**browser_type_launch_args, **found, "args": FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_context_args,
        "viewport": {"width": 1440, "height": 900},
        "reduced_motion": "reduce",
        "permissions": ["clipboard-read", "clipboard-write"],
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Desk:
    """A running desk: its address, its demo sign-in, and the command line on the same home."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.url = f"http://127.0.0.1:{free_port()}"
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("SHIPBOARD_")}
        # The demo's world stands still, or the page would change under a test.
        self.env = inherited | {"SHIPBOARD_HOME": str(home), "SHIPBOARD_DEMO_PACE": "0"}
        self.log = home.parent / "up.log"
        port = self.url.rsplit(":", 1)[1]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "shipboard", "up", "--demo", "--port", port],
                env=self.env,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        with contextlib.ExitStack() as otherwise:
            otherwise.callback(self.process.terminate)
            self.email, self.password = self._wait()
            otherwise.pop_all()
        #: The cookies of a sign-in, kept from test to test: none until the first.
        self.kept: list[Any] = []

    def _wait(self) -> tuple[str, str]:
        deadline = time.monotonic() + 240
        while time.monotonic() < deadline and self.process.poll() is None:
            said = self.log.read_text()
            match = SIGN_IN.search(said)
            if match and self.url in said:
                return match[1], match[2]
            time.sleep(0.2)
        raise AssertionError(f"The desk did not come up:\n{self.log.read_text()}")

    def run(self, *arguments: str) -> str:
        command = [sys.executable, "-m", "shipboard", *arguments]
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, check=True)
        return done.stdout

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(60) == 0, self.log.read_text()


@pytest.fixture(scope="session")
def desk() -> Iterator[Desk]:
    folder = Path(tempfile.mkdtemp(prefix="shipboard-desk-"))
    folder.chmod(0o711)  # the account that runs PostgreSQL for root must get in
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        running = Desk(folder / "home")
        stack.callback(running.stop)
        yield running


@pytest.fixture
def own_shops(desk: Desk) -> Iterator[None]:
    """For a test that adds shops: beside them the demo is not in view, so they go afterwards."""
    yield
    for shop in json.loads(desk.run("shop", "list", "--json"))["shops"]:
        if not shop["slug"].startswith("demo-"):
            desk.run("shop", "remove", shop["slug"], "--yes")


@pytest.fixture
def signed_in(desk: Desk, page: Page) -> Iterator[Page]:
    """A page that is signed in; script errors and refused content fail the test."""
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "console",
        lambda message: (
            problems.append(message.text) if "Content Security Policy" in message.text else None
        ),
    )
    page.context.add_cookies(desk.kept)
    page.goto(f"{desk.url}/orders/?tab=pending_shipping")
    if "/login/" in page.url:
        sign_in(page, desk)
        desk.kept = page.context.cookies()
    yield page
    assert problems == []


def sign_in(page: Page, desk: Desk) -> None:
    """Through the form."""
    page.goto(f"{desk.url}/login/")
    page.get_by_label("Email").fill(desk.email)
    page.get_by_label("Password").fill(desk.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/orders/?tab=pending_shipping")
