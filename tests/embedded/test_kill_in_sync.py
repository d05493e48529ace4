"""The whole desk, with polls and webhooks, while its worker and its database are killed in the
middle of what they do; in the end it has what the marketplace has, and every webhook it took.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from random import Random

import httpx
import psycopg

from shipboard.embedded.orphans import server_on
from shipboard.embedded.sockets import url
from tests.embedded.conftest import GENEROUS, Program, children, eventually, place_of
from tests.embedded.test_sync_killed import PROGRAM, SHOP, Marketplace, marketplace, run, settings
from tests.embedded.test_up import free_port, ready
from tests.embedded.test_whole import Shipboard, shipboard
from tests.soak import FACTOR, SEED

__all__ = ["marketplace", "shipboard"]

KEY = "a key of the desk's own"
#: A worker that was killed is given up when nothing was heard of it for half a minute.
GIVE_UP = "update procrastinate_workers set last_heartbeat = last_heartbeat - interval '1 minute'"
#: And what it had claimed is claimed anew after two minutes.
CLAIM_AGAIN = "update hook set retry_at = null where state = 'new'"
LIVELY = 600  # things a minute


def ask(database: str, question: str) -> int:
    """A number; -1 while the database is away."""
    try:
        with psycopg.connect(database, connect_timeout=5) as connection:
            row = connection.execute(question).fetchone()
            return int(row[0]) if row else 0
    except psycopg.OperationalError:
        return -1


def calls(database: str) -> int:
    return ask(database, "select coalesce(max(id), 0) from call_record")


def in_mid_sync(database: str, random: Random) -> None:
    """Waits until so many more calls were made, and a moment."""
    eventually(lambda: calls(database) >= 0)
    many = calls(database) + random.randint(1, 12)
    ends = time.monotonic() + GENEROUS
    while calls(database) < many:
        assert time.monotonic() < ends, "the desk does not read any more"
        time.sleep(0.02)
    time.sleep(random.random() / 20)


def kill_worker(up: Program, home: Path, database: str) -> None:
    (worker,) = (pid for words, pid in children(up.pid).items() if words.endswith("worker"))
    os.kill(worker, signal.SIGKILL)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(GIVE_UP)


def kill_database(up: Program, home: Path, database: str) -> None:
    server = server_on(place_of(home).data)
    assert server is not None
    os.kill(server, signal.SIGKILL)


@contextmanager
def hurrying(desk: dict[str, str]) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-m", PROGRAM, "hurry"], env=desk)
    try:
        yield
        assert process.poll() is None
    finally:
        process.kill()
        process.wait(GENEROUS)


def hooks(marketplace: Marketplace) -> list[dict[str, object]]:
    address = f"{marketplace.origin}/control/api/documents/hook"
    found: list[dict[str, object]] = httpx.get(address, timeout=GENEROUS).json()["documents"]
    return found


def test_nothing_is_lost_whatever_is_killed(
    migrated: Path, home: Path, shipboard: Shipboard, marketplace: Marketplace
) -> None:
    random = Random(SEED)
    up = shipboard("up", "--port", str(free_port()), SHIPBOARD_SECRET_KEY=KEY)
    address, database = ready(up), url(place_of(home))
    desk = settings(database, home)
    run(desk, PROGRAM, "connect", marketplace.code, marketplace.origin, f"{address}/hooks/tiktok/")
    marketplace.do("pace", pace=0.01)
    marketplace.do("do/place", shop=SHOP, count=150, seed=SEED)
    marketplace.do("do/live", shop=SHOP, rate=LIVELY, seed=SEED)
    kills: list[Callable[[Program, Path, str], None]] = [kill_worker, kill_database, kill_worker]
    with hurrying(desk):
        for kill in kills * FACTOR:
            in_mid_sync(database, random)
            kill(up, home, database)
        in_mid_sync(database, random)
        marketplace.do("do/live", shop=SHOP, rate=0)
        eventually(lambda: all(each["state"] != "waiting" for each in hooks(marketplace)))
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(CLAIM_AGAIN)
        eventually(lambda: ask(database, "select count(*) from hook where state = 'new'") == 0)
    answered = {
        sha256(str(each["text"]).encode()).digest()
        for each in hooks(marketplace)
        if each["state"] == "sent"
    }
    with psycopg.connect(database) as connection:
        rows = connection.execute("select sha256, state from hook").fetchall()
    assert answered
    assert answered <= {bytes(digest) for digest, _ in rows}
    assert {state for _, state in rows} == {"done"}
    assert run(desk, PROGRAM, "rest") == "() ()"
    marketplace.stop()
    assert run(desk, PROGRAM, "compare", str(marketplace.state)) == ""
