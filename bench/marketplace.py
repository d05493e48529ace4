"""A sandbox marketplace as a process, and the desk's shop that is connected to it."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import tempfile
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.running import free_port, wait_for

if TYPE_CHECKING:
    from shipboard.channels.models import Connection

#: As bench/stock.py has it.
SHOP = "7495000000000000007"
KEY, SECRET = "benchkey", "only for benchmarks"
REDIRECT = "http://127.0.0.1/back"
#: A time for its world in which no order has been placed yet.
STILL = "2020-01-01T00:00:00+00:00"


class Marketplace:
    """On a free port, with its books in `state`. `is_still`: nothing becomes due there."""

    def __init__(self, state: Path, orders: int, *, is_still: bool) -> None:
        self.state, self.orders, self.is_still = state, orders, is_still
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self._stock("fill")
        self._start()

    def move(self) -> None:
        """Each order a step on. The marketplace is away meanwhile."""
        self.stop()
        self._stock("move")
        self._start()

    def control(self, path: str, **given: object) -> dict[str, Any]:
        """A post to its control page. Raises SystemExit with its words when it refuses."""
        return self._asked("POST", path, json.dumps(given))

    def told(self, path: str) -> dict[str, Any]:
        """What its control page knows. Raises SystemExit with its words when it refuses."""
        return self._asked("GET", path, None)

    def _asked(self, method: str, path: str, body: str | None) -> dict[str, Any]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Content-Type": "application/json"}
        line.request(method, f"/control/api/{path}", body, headers)
        answer = line.getresponse()
        told: dict[str, Any] = json.loads(answer.read())
        line.close()
        if answer.status != 200:
            raise SystemExit(f"The sandbox refused {path}: {told}")
        return told

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()

    def _stock(self, what: str) -> None:
        command = [sys.executable, "-m", "bench.stock", what, str(self.state)]
        subprocess.run([*command, "--orders", str(self.orders)], check=True)

    def _start(self) -> None:
        command = [sys.executable, "-m", "sandbox", "--port", str(self.port)]
        command += ["--state", str(self.state), "--with-parent"]
        environment = os.environ | ({"SHIPBOARD_NOW": STILL} if self.is_still else {})
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
        wait_for(self.port)
        # What is measured is not how long the limit makes one wait.
        self.control("fact", key="calls_per_second", value="0")


@contextmanager
def marketplace(orders: int, *, is_still: bool = True) -> Iterator[Marketplace]:
    with tempfile.TemporaryDirectory(prefix="shipboard-bench-market-") as folder:
        market = Marketplace(Path(folder), orders, is_still=is_still)
        try:
            yield market
        finally:
            market.stop()


def connect(market: Marketplace) -> Connection:
    """The desk's only shop, let in by its seller through the marketplace's own pages."""
    from django.core.cache import cache
    from django.core.management import call_command

    from shipboard import clock
    from shipboard.channels import connecting
    from shipboard.channels.shops import Rules
    from shipboard.channels.tiktok import oauth

    call_command("createcachetable", verbosity=0)
    cache.clear()
    given = connecting.AppGiven(
        key=KEY, secret=SECRET, api_host=market.origin, auth_host=market.origin
    )
    app = connecting.keep_app(given, clock.now())
    grant = oauth.exchange(app, _code(market))
    (remote,) = oauth.shops(grant)
    return connecting.connect(
        grant,
        remote,
        name=remote.name,
        timezone="UTC",
        rules=Rules(sla="us-standard"),
        presets={"us-standard"},
        by="bench",
        now=clock.now(),
    )


def _code(market: Marketplace) -> str:
    """What the seller's browser brings back."""
    line = http.client.HTTPConnection("127.0.0.1", market.port, timeout=10)
    form = urllib.parse.urlencode({"answer": "agree", "shop": SHOP})
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    line.request("POST", f"/open/authorize?service_id={KEY}&state=bench", form, headers)
    place = line.getresponse().headers["Location"]
    line.close()
    return urllib.parse.parse_qs(urllib.parse.urlsplit(place).query)["code"][0]
