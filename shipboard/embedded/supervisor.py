"""`shipboard up`: the database, the demo's sandbox, migrations, then web and worker, kept running
until Ctrl-C, and stopped in the reverse order. It touches only processes that it started itself.
"""

from __future__ import annotations

import contextlib
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from shipboard.embedded import sandbox
from shipboard.embedded.errors import EmbeddedError
from shipboard.embedded.keeper import Keeper, become_keeper
from shipboard.embedded.lifeline import Lifeline
from shipboard.embedded.place import Say
from shipboard.embedded.ports import address, answers, claim_port
from shipboard.embedded.service import OURSELVES, Pauses, Service
from shipboard.embedded.signals import ENDING, handling

TICK = 0.2
WEB_PATIENCE = 12.0  # seconds to finish requests
WORKER_PATIENCE = 25.0  # seconds to finish jobs; those cut short are taken up again later
SANDBOX_PATIENCE = 5.0


class ToldToEnd(Exception):
    """A signal arrived while we were waiting for something."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What `shipboard up` was asked for; `port_exactly` when the user named the port.

    `program` is what understands `migrate`, `web`, `worker` and `sandbox`.
    """

    home: Path
    host: str
    port: int
    port_exactly: bool
    demo: bool
    program: tuple[str, ...] = OURSELVES


class Supervisor:
    def __init__(self, wishes: Wishes, say: Say) -> None:
        self.wishes = wishes
        self.say = say
        self.ending = threading.Event()
        self.hurry = threading.Event()
        self.pauses = Pauses()
        self.database_due = 0.0
        self.sandbox: Service | None = None

    def run(self) -> None:
        """Everything, until a signal. Raises EmbeddedError when it cannot come up."""
        with self._signals(), contextlib.suppress(ToldToEnd), contextlib.ExitStack() as running:
            keeper = become_keeper(self.wishes.home, self.say, self.check)
            running.callback(keeper.stop, self.hurry)
            url = self._open(keeper, running)
            lines = self._set_up(keeper, running, url)
            # A password shown once must be shown, even when we are told to end before the web
            # server answers.
            running.callback(self._say_all, lines)
            services = self._start_services(running)
            running.callback(self.say, "Stopping.")
            self._keep(keeper, services, url, lines)

    def check(self) -> None:
        if self.ending.is_set():
            raise ToldToEnd

    def _open(self, keeper: Keeper, running: contextlib.ExitStack) -> str:
        """The port is ours from here on, and a second `up` can name it. Returns our address."""
        wishes = self.wishes
        claim = claim_port(wishes.host, wishes.port, exactly=wishes.port_exactly)
        running.callback(claim.release)
        if claim.port != wishes.port:
            self.say(f"Port {wishes.port} is taken by another program; using {claim.port}.")
        self.port = claim.port
        url = address(wishes.host, claim.port)
        keeper.announce(url)
        return url

    def _set_up(self, keeper: Keeper, running: contextlib.ExitStack, url: str) -> list[str]:
        """Database, migrations, first accounts and the demo; returns what the user must be told."""
        self.environment = {
            "SHIPBOARD_HOME": str(self.wishes.home),
            "SHIPBOARD_DATABASE_URL": keeper.start(),
        }
        self.lifeline = Lifeline()
        running.callback(self.lifeline.cut)
        arguments = ["migrate", "--prepare"]
        if self.wishes.demo:
            arguments += ["--demo", "--sandbox", self._start_sandbox(running, url), "--desk", url]
        step = self._service("set-up", *arguments)
        running.callback(step.stop, WEB_PATIENCE)
        child = step.start(capture=True)
        while True:
            self.check()
            with contextlib.suppress(subprocess.TimeoutExpired):
                output, _ = child.communicate(timeout=TICK)
                break
            if self.sandbox:
                self.sandbox.keep_running(self.say)
        if child.returncode == sandbox.UNUSED and self.sandbox:
            self.sandbox.stop(SANDBOX_PATIENCE)
            self.sandbox = None
        elif child.returncode != 0:
            raise EmbeddedError(
                "The database could not be prepared; the reason is above. Nothing was started."
            )
        return output.splitlines()

    def _start_sandbox(self, running: contextlib.ExitStack, desk: str) -> str:
        """The marketplace of the demo, which comes up while the database is prepared. Returns its
        address."""
        claim = claim_port(sandbox.HOST, sandbox.PORT, exactly=False)
        running.callback(claim.release)
        home = self.wishes.home
        sandbox.make_folder(home, claim.port)
        service = self._service("sandbox", *sandbox.arguments(home, claim.port, desk))
        running.callback(service.stop, SANDBOX_PATIENCE)
        service.start()
        self.sandbox = service
        return address(sandbox.HOST, claim.port)

    def _start_services(self, running: contextlib.ExitStack) -> list[Service]:
        worker = self._service("worker", "worker")
        web = self._service(
            "web server", "web", "--host", self.wishes.host, "--port", str(self.port)
        )
        for service, patience in ((worker, WORKER_PATIENCE), (web, WEB_PATIENCE)):
            self.check()
            running.callback(service.stop, patience)
            service.start()
        return [web, worker, *([self.sandbox] if self.sandbox else [])]

    def _service(self, name: str, *arguments: str) -> Service:
        command = (*self.wishes.program, *arguments)
        return Service(name, command, self.environment, self.lifeline)

    def _keep(self, keeper: Keeper, services: list[Service], url: str, lines: list[str]) -> None:
        announced = False
        while not self.ending.wait(TICK):
            if not keeper.tend():
                self._restart_database(keeper)
            for service in services:
                service.keep_running(self.say)
            if not announced and answers(url):
                announced = True
                self.say(f"Shipboard is ready: {url}")
                self._say_all(lines)
                self.say("Press Ctrl-C to stop.")

    def _say_all(self, lines: list[str]) -> None:
        """Each line once, however often this is called."""
        while lines:
            self.say(lines.pop(0))

    def _restart_database(self, keeper: Keeper) -> None:
        if time.monotonic() < self.database_due:
            return
        self.say("The database ended unexpectedly; starting it again.")
        try:
            keeper.restart()
            self.pauses.note_start()
            self.say("The database is up again.")
        except EmbeddedError as problem:
            pause = self.pauses.next()
            self.database_due = time.monotonic() + pause
            self.say(f"{problem} Trying again in {pause:.0f} s.")

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        """The first signal ends us in good order, a second one only shortens the waiting."""

        def end(number: int, frame: FrameType | None) -> None:
            if self.ending.is_set():
                self.hurry.set()
            self.ending.set()

        with handling(end, *ENDING):
            yield


def run_alone(name: str, arguments: list[str], environment: dict[str, str], say: Say) -> int:
    """One part by hand (`shipboard web`): a child beside a database that this process keeps.

    Until it ends or a signal tells us to; returns its exit code, 0 after a signal.
    """
    ending = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        ending.set()

    lifeline = Lifeline()
    service = Service(name, (*OURSELVES, *arguments), environment, lifeline)
    with handling(end, *ENDING):
        try:
            service.start()
            while not ending.wait(TICK):
                if (code := service.ended()) is not None:
                    return code
            return 0
        finally:
            service.stop(WORKER_PATIENCE)
            lifeline.cut()
