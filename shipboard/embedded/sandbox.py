"""The sandbox marketplace beside the demo: where it is, where it keeps its books, and the app that
it knows the desk as. The supervisor starts it and the demo calls it; nobody else knows of it.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from shipboard.embedded.ports import address, answers

HOST = "127.0.0.1"
#: The first port that is tried.
PORT = 8790
#: The demo's app. Anybody may know it: all is made up, and the sandbox is for this machine only.
KEY = "demo-northwind"
SECRET = "made-up-for-the-demo"  # noqa: S105
CALLBACK = "/shops/tiktok/callback/"
#: Exit code of a set-up that needs no sandbox: the demo was taken away.
UNUSED = 64


def folder(home: Path) -> Path:
    """Where the demo's sandbox keeps its books."""
    return home / "sandbox"


def make_folder(home: Path, port: int) -> Path:
    """The folder, private, with a note of the port on which this home's sandbox listens."""
    books = folder(home)
    books.mkdir(mode=0o700, exist_ok=True)
    (books / "port").write_text(str(port))
    return books


def running(home: Path) -> str | None:
    """The address of this home's sandbox if it answers."""
    with contextlib.suppress(OSError, ValueError):
        url = address(HOST, int((folder(home) / "port").read_text()))
        return url if answers(url) else None
    return None


def arguments(home: Path, port: int, desk: str) -> tuple[str, ...]:
    """`shipboard sandbox` as the supervisor of a demo calls it; `desk` is the desk's address."""
    app = f"{KEY}:{SECRET}:{desk}{CALLBACK}"
    return ("sandbox", "--port", str(port), "--state", str(folder(home)), "--app", app)
