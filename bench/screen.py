"""How long it takes from a change at the marketplace until the row of an open page shows it: the
webhook, the worker's reading of the order, and the page's own asking every two seconds.
"""

from __future__ import annotations

import random
import shutil
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench.marketplace import SHOP, Marketplace, connect, marketplace
from bench.running import Web, web, worker
from bench.timing import Result

#: How often the page asks (static/modules/live.js), in seconds.
PACE = 2.0
#: So many orders can be placed at once, and one page has to show them all.
AT_MOST = 50
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
#: When each row was first seen in a newer version, in milliseconds of the machine's clock.
WATCH = """() => {
  window.seen = {};
  new MutationObserver(() => {
    for (const row of document.querySelectorAll(".row[data-order]")) {
      const { order, version } = row.dataset;
      const known = window.seen[order] ??= { version, at: 0 };
      if (known.version !== version && !known.at) known.at = Date.now();
    }
  }).observe(document.getElementById("desk"), { childList: true, subtree: true });
  document.getElementById("desk").append("");
}"""


def results(changes: int) -> list[Result]:
    """In an empty database."""
    from shipboard import clock
    from shipboard.channels import connecting
    from shipboard.ingest.sync import sync

    changes = min(changes, AT_MOST)
    cookie = _signed_in()
    with marketplace(1, is_still=False) as market, web() as server:
        line = connect(market)
        connecting.set_up_hooks(line, server.origin)
        if line.hooks_problem:
            raise SystemExit(line.hooks_problem)
        market.control("do/place", shop=SHOP, paid="no", count=changes)
        sync(line.shop, clock.now)
        unpaid = _unpaid(changes)  # before the browser, whose loop Django does not like
        with worker(), _page(server, cookie) as page:
            time.sleep(PACE)
            taken = [_change(market, page, order_id) for order_id in unpaid]
    median, slow = statistics.median(taken), statistics.quantiles(taken, n=20)[-1]
    return [
        Result(
            f"From a change at the marketplace to the row on an open page, {changes} changes: "
            f"95 % within {slow:.1f} s",
            f"{median:.2f} s at the median",
            f"half the pace of the page's asking: {PACE / 2:.1f} s",
            f"{median / (PACE / 2):.2f}",
        )
    ]


def _unpaid(most: int) -> list[str]:
    from shipboard.channels.contract import Stage
    from shipboard.orders.models import Order

    found = Order.objects.filter(stage=Stage.UNPAID).order_by("order_id")
    return list(found.values_list("order_id", flat=True)[:most])


def _change(market: Marketplace, page: Any, order_id: str) -> float:
    """Seconds until the row shows that its buyer has paid."""
    time.sleep(random.uniform(0, PACE))  # whenever it is, as seen from the page
    began = time.time() * 1000
    market.control("do/pay", shop=SHOP, order_id=order_id)
    page.wait_for_function("(id) => window.seen[id]?.at", arg=order_id, timeout=60_000)
    return (float(page.evaluate("(id) => window.seen[id].at", order_id)) - began) / 1000


@contextmanager
def _page(server: Web, cookie: tuple[str, str]) -> Iterator[Any]:
    """Manage Orders with every order, open in a browser."""
    from playwright.sync_api import sync_playwright

    name, value = cookie
    installed = next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed, args=FLAGS)
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": name, "value": value, "url": server.origin}])
        page = context.new_page()
        page.goto(f"{server.origin}/orders/?tab=all&per_page=100")
        page.wait_for_selector(".row[data-order]")
        page.evaluate(WATCH)
        yield page
        browser.close()


def _signed_in() -> tuple[str, str]:
    """Name and value of the cookie."""
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client

    from shipboard.accounts.models import User
    from shipboard.accounts.roles import Role

    call_command("collectstatic", interactive=False, verbosity=0)
    person = User.objects.create_user("mai@shop.example", "bench", role=Role.OWNER)
    client = Client(SERVER_NAME="localhost")
    client.force_login(person)
    name = settings.SESSION_COOKIE_NAME
    return name, client.cookies[name].value
