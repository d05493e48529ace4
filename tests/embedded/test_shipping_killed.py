"""Two hundred shipments while the worker that sends them is killed, and the database too: in the
end each has gone once, and the desk knows of each.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import httpx
import psycopg

from shipboard.embedded.sockets import url
from tests.embedded.conftest import GENEROUS, Program, eventually, place_of
from tests.embedded.test_kill_in_sync import KEY, ask, kill_database, kill_worker
from tests.embedded.test_sync_killed import PROGRAM, SHOP, Marketplace, marketplace, run, settings
from tests.embedded.test_up import free_port, ready
from tests.embedded.test_whole import Shipboard, shipboard
from tests.soak import SEED

__all__ = ["marketplace", "shipboard"]

SHIPPING = "tests.shipping_proofs.program"
SHIPMENTS = 200
KILLS: tuple[Callable[[Program, Path, str], None], ...] = (kill_worker, kill_database, kill_worker)
DONE = "select count(*) from attempt where state = 'done'"
#: What a killed sender had claimed is sent again after 75 seconds: more than its calls live.
GRACE_IS_OVER = """update attempt set claimed_at = claimed_at - interval '75 seconds',
due_at = due_at - interval '75 seconds'
where state = 'unknown' and claimed_at between now() - interval '75 seconds'
  and now() - interval '5 seconds'"""


def told(marketplace: Marketplace, what: str) -> list[dict[str, Any]]:
    answer = httpx.get(f"{marketplace.origin}/control/api/{what}", timeout=GENEROUS)
    found: list[dict[str, Any]] = answer.json()["shipments"]
    return found


def is_done(database: str) -> bool:
    try:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(GRACE_IS_OVER)
    except psycopg.OperationalError:
        return False
    return ask(database, "select count(*) from run where state <> 'done'") == 0


def test_each_goes_once_whatever_is_killed(
    migrated: Path, home: Path, shipboard: Shipboard, marketplace: Marketplace
) -> None:
    random = Random(SEED)
    up = shipboard("up", "--port", str(free_port()), SHIPBOARD_SECRET_KEY=KEY)
    ready(up)
    database = url(place_of(home))
    desk = settings(database, home)
    run(desk, PROGRAM, "connect", marketplace.code, marketplace.origin)
    marketplace.do("fact", key="on_hold_exists", value="False")
    marketplace.do("do/place", shop=SHOP, shape="seller", count=SHIPMENTS, seed=SEED)
    marketplace.do("latency", milliseconds=100)
    assert run(desk, SHIPPING, "begin") == str(SHIPMENTS)
    hurry = subprocess.Popen([sys.executable, "-m", SHIPPING, "hurry"], env=desk)
    try:
        for number, kill in enumerate(KILLS, 1):
            many = number * SHIPMENTS // 5 + random.randint(0, 20)
            eventually(lambda many=many: ask(database, DONE) >= many)  # type: ignore[misc]
            kill(up, home, database)
            eventually(lambda: ask(database, DONE) >= 0)
        eventually(lambda: is_done(database), 2 * GENEROUS)
    finally:
        hurry.kill()
        hurry.wait(GENEROUS)
    assert ask(database, "select count(*) from run_row where outcome = 'done'") == SHIPMENTS
    assert ask(database, DONE) == SHIPMENTS
    assert told(marketplace, "double_shipments") == []
    sent = {one["tracking_number"] for one in told(marketplace, "shipments")}
    with psycopg.connect(database) as connection:
        numbers = connection.execute("select tracking_number from attempt").fetchall()
    assert (len(sent), sent) == (SHIPMENTS, {number for (number,) in numbers})
