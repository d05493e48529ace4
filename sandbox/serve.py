"""The sandbox as a process: one market on disk, its seed, its apps, its courier, and granian to
serve it. What the command was given reaches the serving process through the environment.
"""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox import courier, shops
from sandbox.market import Market
from sandbox.record import Record
from sandbox.seed import seed

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

GIVEN = "SANDBOX_GIVEN"
THREADS = 64


def serve(port: int, given: dict[str, str]) -> None:
    """Serves on 127.0.0.1 until told to stop. `given`: state, seed, apps (a JSON list),
    record, latency.
    """
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    os.environ[GIVEN] = json.dumps(given)
    Granian(
        "sandbox.serve:application",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        backpressure=THREADS,
        websockets=False,
        log_level=LogLevels.error,
        log_access=False,
        workers_kill_timeout=3,
    ).serve(target_loader=load)


def load(target: str) -> WSGIApplication:
    """Called in the serving process."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    given = json.loads(os.environ[GIVEN])
    market = open_market(given)
    courier.start(market)
    asked = (os.getppid(), int(given.get("with_parent") or 0))
    threading.Thread(target=_end_with, args=asked, daemon=True).start()
    return market.app.wsgi_app


def open_market(given: dict[str, str]) -> Market:
    """The market of a state folder, seeded and with its apps."""
    market = Market(Path(given["state"]))
    if given.get("record"):
        market.record = Record(Path(given["record"]))
    market.latency.set(int(given.get("latency") or 0))
    for key, secret, redirect in json.loads(given.get("apps") or "[]"):
        shops.add_app(market.books, key, secret, redirect)
    if given.get("seed"):
        with Path(given["seed"]).open(encoding="utf-8") as lines:
            seed(market, lines)
    return market


def _end_with(command: int, starter: int) -> None:
    """Ends this process when the command that it belongs to was killed, and the command when the
    process that started it (0: never mind) is gone.
    """
    while os.getppid() == command:
        time.sleep(0.3)
        try:
            os.kill(starter, 0)
        except ProcessLookupError:
            os.kill(command, signal.SIGTERM)
            return
    os._exit(0)
