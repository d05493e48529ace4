"""A worker is killed in the middle of what it reads, again and again, while the marketplace lives
on; in the end the desk has what the marketplace has.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import httpx
import psycopg
import pytest

from sandbox import shops, tokens
from sandbox.market import Market
from tests.embedded.conftest import GENEROUS, Start, environment, eventually
from tests.embedded.test_up import free_port
from tests.soak import SEED, examples

pytestmark = pytest.mark.usefixtures("migrated")
SHOP = "7495000000000000001"
KILLS = examples(1)
PROGRAM = "tests.channel_proofs.program"


class Marketplace:
    """The sandbox as a process."""

    def __init__(self, folder: Path) -> None:
        self.state = folder / "sandbox"
        self.origin = f"http://127.0.0.1:{free_port()}"
        market = Market(self.state)
        store = {"id": "9495000000000000001", "name": "Main store", "region": "TH"}
        given = {"id": SHOP, "name": "Northwind", "region": "TH", "warehouses": [store]}
        shops.add_shop(market.books, given)
        shops.add_app(market.books, "key1", "secret1", "https://desk.example/back")
        app = shops.app(market.books, "key1")
        assert app is not None
        self.code = tokens.give_code(market, app, SHOP)
        market.close()
        port = self.origin.rpartition(":")[2]
        command = [sys.executable, "-m", "sandbox", "--port", port, "--state", str(self.state)]
        self.process = subprocess.Popen(
            [*command, "--with-parent"], env=environment(), stdout=subprocess.DEVNULL
        )
        eventually(self._answers)
        self.do("fact", key="label_seconds", value=0)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.origin}/control/api/state").status_code == 200
        except httpx.TransportError:
            return False

    def do(self, act: str, **given: object) -> None:
        answer = httpx.post(f"{self.origin}/control/api/{act}", json=given, timeout=GENEROUS)
        assert answer.status_code == 200, answer.text

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(GENEROUS)


@pytest.fixture
def marketplace(base: Path) -> Iterator[Marketplace]:
    made = Marketplace(base)
    yield made
    if made.process.poll() is None:
        made.stop()


def settings(database: str, home: Path) -> dict[str, str]:
    return environment(
        SHIPBOARD_HOME=str(home),
        SHIPBOARD_DATABASE_URL=database,
        SHIPBOARD_SECRET_KEY="a key of the desk's own",
        DJANGO_SETTINGS_MODULE="shipboard.settings",
    )


def run(desk: dict[str, str], *words: str) -> str:
    command = [sys.executable, "-m", *words]
    done = subprocess.run(
        command, env=desk, timeout=GENEROUS, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def killed_after(desk: dict[str, str], database: psycopg.Connection, calls: int) -> None:
    """A process that reads, ended by kill -9 once it has made so many calls."""
    before = made_calls(database)
    reader = subprocess.Popen([sys.executable, "-m", PROGRAM, "read"], env=desk)
    try:
        ends = time.monotonic() + GENEROUS
        while made_calls(database) < before + calls:
            assert reader.poll() is None, "it ended by itself"
            assert time.monotonic() < ends
            time.sleep(0.002)
    finally:
        os.kill(reader.pid, signal.SIGKILL)
        reader.wait(GENEROUS)


def made_calls(database: psycopg.Connection) -> int:
    row = database.execute("select count(*) from call_record").fetchone()
    assert row is not None
    return int(row[0])


def test_a_worker_that_is_killed_loses_nothing(
    home: Path, start: Start, marketplace: Marketplace
) -> None:
    random = Random(SEED)
    url = start("hold", home).wait_for("postgresql:")
    desk = settings(url, home)
    run(desk, PROGRAM, "connect", marketplace.code, marketplace.origin)
    marketplace.do("do/place", shop=SHOP, count=450, seed=SEED)
    marketplace.do("do/live", shop=SHOP, rate=1200, seed=SEED)
    with psycopg.connect(url, autocommit=True) as database:
        for _ in range(KILLS):
            killed_after(desk, database, random.randint(1, 14))
    marketplace.do("do/live", shop=SHOP, rate=0)
    assert run(desk, PROGRAM, "rest") == "() ()"
    marketplace.stop()
    assert run(desk, PROGRAM, "compare", str(marketplace.state)) == ""
