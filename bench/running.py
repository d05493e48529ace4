"""The desk's own processes beside the benchmark, on its database: the web server and the worker."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Web:
    """`shipboard web` on a free port."""

    def __init__(self) -> None:
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        self.process = _shipboard("web", "--port", str(self.port))
        wait_for(self.port)

    def kill(self) -> None:
        """`kill -9` of every process of it."""
        for pid in (self.process.pid, *descendants(self.process.pid)):
            os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


@contextmanager
def web() -> Iterator[Web]:
    running = Web()
    try:
        yield running
    finally:
        running.stop()


@contextmanager
def worker() -> Iterator[None]:
    process = _shipboard("worker")
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait_for(port: int) -> None:
    """Until something answers there; raises SystemExit after a minute."""
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"Nothing answers on port {port}.")


def processor(pid: int) -> float:
    """Seconds of processor that a process has used, as far as /proc tells; else 0."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def descendants(pid: int) -> list[int]:
    """Processes below this one, as far as /proc tells."""
    below = [child for child, parent in _parents() if parent == pid]
    return below + [each for child in below for each in descendants(child)]


def _parents() -> Iterator[tuple[int, int]]:
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            parent = re.search(r"^PPid:\s+(\d+)$", status.read_text(), re.MULTILINE)
        except OSError:
            continue
        if parent:
            yield int(status.parent.name), int(parent[1])


def _shipboard(*arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "shipboard", *arguments]
    return subprocess.Popen(command, stdout=sys.stderr)
