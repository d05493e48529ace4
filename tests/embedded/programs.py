"""Programs that the tests start as processes of their own: a command that holds the database, an
`up` whose web and worker need no Django, and the stand-ins for those two.
"""

from __future__ import annotations

import http.server
import os
import pwd
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import FrameType

from shipboard.embedded import EmbeddedError, database, server
from shipboard.embedded.account import account_of
from shipboard.embedded.binaries import find_binaries
from shipboard.embedded.lifeline import watch
from shipboard.embedded.sandbox import UNUSED
from shipboard.embedded.supervisor import Supervisor, Wishes

# The tests wait for a report; people get one every five seconds.
server.REPORT_EVERY = 1.0


def hold(home: str) -> None:
    """Own or join the database, say its URL, and keep it until stdin says something or ends."""
    with database(Path(home)) as url:
        print(url, flush=True)
        sys.stdin.readline()
    print("done", flush=True)


def hold_as(name: str, home: str) -> None:
    """The same as an ordinary user, started by root: everything is loaded while we still can."""
    entry = pwd.getpwnam(name)
    account = account_of(entry.pw_uid, entry.pw_gid)
    os.environ["SHIPBOARD_POSTGRES_BIN"] = str(find_binaries(account, print_err).directory)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)
    hold(home)


def print_err(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def up(home: str, port: str = "", *flags: str) -> None:
    """`shipboard up` with the stand-ins below instead of the Django part and the sandbox."""
    program = (sys.executable, str(Path(__file__)))
    demo = "--demo" in flags
    wishes = Wishes(Path(home), "127.0.0.1", int(port or 8000), bool(port), demo, program)
    Supervisor(wishes, lambda line: print(line, flush=True)).run()


def migrate(*flags: str) -> None:
    watch()
    print("Sign in with a stand-in password.")
    if "--sandbox" in flags:
        print(f"Sandbox: {flags[flags.index('--sandbox') + 1]}")
    if os.environ.get("DEMO_TAKEN_AWAY"):
        sys.exit(UNUSED)


def sandbox(*arguments: str) -> None:
    """Does nothing until it is ended."""
    watch()
    signal.sigwait({signal.SIGTERM})
    sys.exit(0)


def web(*arguments: str) -> None:
    """Answers on its port with 503, as the desk does while its worker is not yet up."""
    watch()
    given = dict(zip(arguments[::2], arguments[1::2], strict=True))

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(503)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(http.server.HTTPServer):
        allow_reuse_port = True

        def server_bind(self) -> None:
            # As granian does, and as Python's own server does since 3.11.
            import socket

            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            super().server_bind()

    server = Server((given["--host"], int(given["--port"])), Answer)

    def end(number: int, frame: FrameType | None) -> None:
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, end)
    server.serve_forever()


def worker() -> None:
    """Starts a child of its own, which must not outlive it."""
    watch()
    subprocess.Popen(["sleep", "600"])
    signal.sigwait({signal.SIGTERM})
    sys.exit(0)


if __name__ == "__main__":
    command, *rest = sys.argv[1:]
    try:
        globals()[command.replace("-", "_")](*rest)
    except EmbeddedError as problem:
        print(problem, file=sys.stderr, flush=True)
        sys.exit(2)
