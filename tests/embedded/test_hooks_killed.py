"""Webhooks in a burst while web server and database are killed: every 200 has its row."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from shipboard.embedded.orphans import server_on
from shipboard.embedded.sockets import url
from shipboard.embedded.supervisor import answers
from tests.embedded.conftest import GENEROUS, children, environment, eventually, place_of
from tests.embedded.test_up import free_port, ready
from tests.embedded.test_whole import Shipboard, family, shipboard
from tests.ingest.hooks import SECRET, URL, body, signed

__all__ = ["shipboard"]

pytestmark = pytest.mark.usefixtures("migrated")
BURST = 400
AT_ONCE = 8
KEY = "a key of the desk's own"
#: An app and a shop; run as a program, for settings are of a process.
CONNECT = f"""
import django; django.setup()
from shipboard import clock
from shipboard.channels import sealed
from shipboard.channels.models import App
from shipboard.channels.shops import Rules, add_shop
app = App(channel="tiktok", key="key", name="Ours", added_at=clock.now())
sealed.set_app_secret(app, {SECRET!r})
app.save()
add_shop("Northwind", region="US", timezone="UTC", rules=Rules(), presets=set(),
         channel="tiktok", remote_id="7495Northwind")
"""


def connect(database: str, home: Path) -> None:
    subprocess.run(
        [sys.executable, "-c", CONNECT],
        env=environment(
            SHIPBOARD_HOME=str(home),
            SHIPBOARD_DATABASE_URL=database,
            SHIPBOARD_SECRET_KEY=KEY,
            DJANGO_SETTINGS_MODULE="shipboard.settings",
        ),
        timeout=GENEROUS,
        check=True,
    )


def send(address: str, sent: bytes) -> int:
    """The HTTP status; 0 where no answer came."""
    asked = http.client.HTTPConnection(urlsplit(address).netloc, timeout=GENEROUS)
    try:
        asked.request("POST", URL, sent, signed(sent) | {"content-type": "application/json"})
        return asked.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        asked.close()


def web_of(pid: int) -> list[int]:
    (web,) = (child for words, child in children(pid).items() if " web " in words)
    return family(web)


def test_every_200_has_a_row_whatever_is_killed(home: Path, shipboard: Shipboard) -> None:
    up = shipboard("up", "--port", str(free_port()), SHIPBOARD_SECRET_KEY=KEY)
    address = ready(up)
    database = url(place_of(home))
    connect(database, home)
    assert send(address, body("1", id="first")) == 200
    answered: dict[str, int] = {}
    done = threading.Semaphore(0)

    def deliver(number: int) -> None:
        """As a marketplace does: once more where the answer was no 200."""
        name = f"n{number}"
        for _ in range(200):
            answered[name] = send(address, body(str(number), id=name))
            done.release()
            if answered[name] == 200:
                return
            eventually(lambda: answers(address))

    with ThreadPoolExecutor(AT_ONCE) as senders:
        all_sent = senders.map(deliver, range(BURST))
        for _ in range(BURST // 3):
            done.acquire()
        for pid in web_of(up.pid):
            os.kill(pid, signal.SIGKILL)
        for _ in range(BURST // 3):
            done.acquire()
        server = server_on(place_of(home).data)
        assert server is not None
        os.kill(server, signal.SIGKILL)
        list(all_sent)
    assert set(answered.values()) == {200}
    with psycopg.connect(database) as connection:
        rows = connection.execute("select key, state, repeats from hook").fetchall()
    assert {key for key, _, _ in rows} == {f"7495Northwind {n}" for n in [*answered, "first"]}
    assert len(rows) == BURST + 1
