"""Two desks on one shop, one of them begun from a copy of the other's database: the access of each
turns over under the other. Each goes on or says that the shop is to be connected again, and neither
loses an order.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import psycopg
import pytest

from shipboard.embedded.sockets import url
from tests.embedded.conftest import GENEROUS, Start, place_of
from tests.embedded.test_sync_killed import PROGRAM, SHOP, Marketplace, marketplace, run, settings
from tests.soak import SEED, examples

__all__ = ["marketplace"]

pytestmark = pytest.mark.usefixtures("migrated")
TURNS = examples(2)
SAYS_SO = "onnect the shop again."


class Desk:
    """A process that obeys."""

    def __init__(self, desk: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", PROGRAM, "obey"],
            env=desk,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def tell(self, *words: str) -> str:
        assert self.process.stdin
        assert self.process.stdout
        print(json.dumps(words), file=self.process.stdin, flush=True)
        told: str = json.loads(self.process.stdout.readline())
        return told

    def stop(self) -> None:
        self.process.communicate(timeout=GENEROUS)


@pytest.fixture
def open_desk() -> Iterator[Callable[[dict[str, str]], Desk]]:
    opened: list[Desk] = []

    def begin(desk: dict[str, str]) -> Desk:
        opened.append(Desk(desk))
        return opened[-1]

    yield begin
    for each in opened:
        each.stop()


def code(marketplace: Marketplace) -> str:
    """What a seller's browser brings back."""
    page = f"{marketplace.origin}/open/authorize?service_id=key1&state=s"
    answer = httpx.post(page, data={"answer": "agree", "shop": SHOP}, timeout=GENEROUS)
    return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]


def test_two_desks_on_one_shop(
    home: Path, start: Start, marketplace: Marketplace, open_desk: Callable[..., Desk]
) -> None:
    database = start("hold", home).wait_for("postgresql:")
    first, second = settings(database, home), settings(url(place_of(home), "second"), home)
    marketplace.do("do/place", shop=SHOP, count=60, seed=SEED)
    run(first, PROGRAM, "connect", marketplace.code, marketplace.origin)
    with psycopg.connect(url(place_of(home), "postgres"), autocommit=True) as connection:
        connection.execute("create database second template shipboard")
    marketplace.do("do/live", shop=SHOP, rate=600, seed=SEED)
    one, two = open_desk(first), open_desk(second)
    assert one.tell("sync") == ""
    assert two.tell("sync") == "", "a copy has the same access, for a while"

    marketplace.do("fault", fault="token_expired", operation="search_orders", times=1)
    assert one.tell("sync") == ""
    assert SAYS_SO in two.tell("sync")
    for _ in range(TURNS):
        for desk, other in ((two, one), (one, two)):
            desk.tell("again", code(marketplace))
            assert desk.tell("sync") == ""
            assert SAYS_SO in other.tell("sync")
    marketplace.do("do/live", shop=SHOP, rate=0)
    for desk in (one, two):
        desk.tell("again", code(marketplace))
        assert desk.tell("rest") == "() ()"
    marketplace.stop()
    assert [desk.tell("compare", str(marketplace.state)) for desk in (one, two)] == ["", ""]
