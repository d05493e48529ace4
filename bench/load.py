"""The real web server under a small load of ours: eight connections, each of which asks again as
soon as it is answered."""

from __future__ import annotations

import http.client
import os
import socket
import statistics
import subprocess
import sys
import threading
import time

from django.conf import settings
from django.test import Client

from bench.timing import ROUNDS, Result

CONNECTIONS = 8
SECONDS = float(ROUNDS)


def load(address: str, client: Client, alone: float) -> Result:
    """Requests a second of `shipboard web`, signed in as `client`, against what its two processes
    would answer if each took as long as `alone` (milliseconds, in process)."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    command = [sys.executable, "-m", "shipboard", "web", "--port", str(port)]
    server = subprocess.Popen(command, stdout=sys.stderr, env=os.environ.copy())
    try:
        _wait(port)
        _ask(port, address, cookie, 1.0)
        times = _ask(port, address, cookie, SECONDS)
    finally:
        server.terminate()
        server.wait()
    rate = len(times) / SECONDS
    p50, p95 = statistics.median(times), statistics.quantiles(times, n=20)[-1]
    ideal = 2 * 1000 / alone
    return Result(
        f"`{address}` from two server processes, {CONNECTIONS} connections: p50 {p50:.0f} ms, "
        f"p95 {p95:.0f} ms",
        f"{rate:.0f} requests/s",
        f"two processes, in process: {ideal:.0f} requests/s",
        f"{ideal / rate:.2f}",
    )


def _wait(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("The web server did not come up.")


def _ask(port: int, address: str, cookie: str, seconds: float) -> list[float]:
    """Milliseconds of each answer."""
    times: list[float] = []
    wrong: list[int] = []
    until = time.perf_counter() + seconds

    def one() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while (started := time.perf_counter()) < until:
            connection.request("GET", address, headers={"Cookie": cookie})
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                wrong.append(answer.status)
                return
            times.append((time.perf_counter() - started) * 1000)
        connection.close()

    threads = [threading.Thread(target=one) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise SystemExit(f"The web server answered {wrong[0]}.")
    return times
