"""The thread that sends webhooks when they are due and lets time pass in the market, while the
sandbox runs as a process. Tests call `hooks.deliver_due()` and `market.tick()` themselves.
"""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.market import Market

PAUSE = 0.1
TICK = 1.0
HANDS = 16
logger = logging.getLogger(__name__)


def start(market: Market) -> threading.Thread:
    """Runs until the process ends."""
    thread = threading.Thread(target=_run, args=(market,), name="courier", daemon=True)
    thread.start()
    return thread


def _run(market: Market) -> None:
    ticked = 0.0
    with ThreadPoolExecutor(HANDS, thread_name_prefix="webhook") as hands:
        while True:
            try:
                for done in [
                    hands.submit(market.hooks.deliver, shop, hook)
                    for shop, hook in market.hooks.waiting()
                ]:
                    done.result()
                if time.monotonic() - ticked >= TICK:
                    ticked = time.monotonic()
                    market.tick()
            except Exception:
                logger.exception("the sandbox's time stumbled; it goes on")
            time.sleep(PAUSE)
