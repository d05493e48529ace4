"""One program that the supervisor keeps running: a child in a session of its own, restarted with
growing pauses when it dies, and ended together with whatever it started.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

from shipboard.embedded.lifeline import Lifeline
from shipboard.embedded.place import Say

LONGEST_PAUSE = 30.0
STEADY = 60.0  # seconds after which earlier failures are forgotten


class Pauses:
    """How long to wait before the next start: 1, 2, 4 ... 30 s, and 1 s again after good times."""

    def __init__(self) -> None:
        self.failures = 0
        self.started = 0.0

    def note_start(self) -> None:
        self.started = time.monotonic()

    def next(self) -> float:
        if time.monotonic() - self.started > STEADY:
            self.failures = 0
        self.failures += 1
        return min(LONGEST_PAUSE, 2.0 ** (self.failures - 1))


OURSELVES = (sys.executable, "-m", "shipboard")


class Service:
    """A command as a child. `name` is what people read; the lifeline ends it if we die."""

    def __init__(
        self, name: str, command: Sequence[str], environment: dict[str, str], lifeline: Lifeline
    ) -> None:
        self.name = name
        self.command = list(command)
        self.environment = environment
        self.lifeline = lifeline
        self.child: subprocess.Popen[str] | None = None
        self.pauses = Pauses()
        self.due: float | None = None

    def start(self, *, capture: bool = False) -> subprocess.Popen[str]:
        """Start the program; with `capture`, its stdout can be read from the result."""
        self.pauses.note_start()
        self.due = None
        self.child = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if capture else None,
            text=True,
            env={**os.environ, **self.environment, **self.lifeline.environment()},
            pass_fds=(self.lifeline.fd,),
            # Ctrl-C at the terminal is for the supervisor, which stops things in order.
            start_new_session=True,
        )
        return self.child

    def keep_running(self, say: Say) -> None:
        """Call it often: notices an end, says so, and starts the program again after a pause."""
        if self.due is not None:
            if time.monotonic() >= self.due:
                try:
                    self.start()
                except OSError as problem:
                    self._pause(f"could not be started ({problem.strerror})", say)
        elif (code := self.ended()) is not None:
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
            self._pause(f"ended unexpectedly ({how})", say)

    def _pause(self, what: str, say: Say) -> None:
        pause = self.pauses.next()
        self.due = time.monotonic() + pause
        say(f"The {self.name} {what}; starting it again in {pause:.0f} s.")

    def ended(self) -> int | None:
        """The exit code once the program has ended; also ends what it left running."""
        child = self.child
        if child is None:
            return None
        if child.returncode is None and self._is_zombie(child.pid):
            # While its leader is unreaped, the group's number cannot belong to anybody else.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
        return child.poll()

    @staticmethod
    def _is_zombie(pid: int) -> bool:
        try:
            return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        except ChildProcessError:
            return False

    def stop(self, patience: float) -> None:
        """Ask the program to end, and insist after `patience` seconds."""
        if self.child is None or self.ended() is not None:
            return
        self.child.terminate()
        if not self._ended_within(patience):
            # Still unreaped, so the number is certainly our child's.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.child.pid, signal.SIGKILL)
            self._ended_within(5.0)

    def _ended_within(self, patience: float) -> bool:
        deadline = time.monotonic() + patience
        while self.ended() is None:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True
