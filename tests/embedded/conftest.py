"""Directories that the account running PostgreSQL can reach, and processes that are always ended,
each by the id we started it with.
"""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from shipboard.embedded.database import database
from shipboard.embedded.errors import EmbeddedError
from shipboard.embedded.orphans import server_on
from shipboard.embedded.place import Place, recorded_place
from shipboard.embedded.sockets import listener, socket_directory

PROGRAMS = Path(__file__).with_name("programs.py")
REPOSITORY = PROGRAMS.parents[2]
IS_ROOT = os.geteuid() == 0
GENEROUS = 120.0  # seconds: only a broken run waits so long


def roomy() -> str | None:
    """In memory where that is possible: a cluster for every test is much for a busy disk."""
    with contextlib.suppress(OSError):
        found = os.statvfs("/dev/shm")
        free = found.f_bavail * found.f_frsize
        if free > 2**30 and not found.f_flag & os.ST_NOEXEC and os.access("/dev/shm", os.W_OK):
            return "/dev/shm"
    return None


@pytest.fixture
def base() -> Iterator[Path]:
    """A directory of this test that every account can enter (pytest's own are closed)."""
    directory = Path(tempfile.mkdtemp(prefix="shipboard test ", dir=roomy()))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def home(base: Path) -> Iterator[Path]:
    """A home that does not exist yet. Whatever a failing test leaves in it is stopped."""
    directory = base / "home"
    yield directory
    with contextlib.suppress(EmbeddedError):
        if place := recorded_place(directory):
            stop_what_is_left(directory, place)
            fallback = socket_directory(place)
            for left in (fallback, place.directory):
                if base not in left.parents:
                    shutil.rmtree(left, ignore_errors=True)


@pytest.fixture(scope="session")
def template() -> Iterator[Path]:
    """A home whose database exists, made once: most tests are not about the first start."""
    directory = Path(tempfile.mkdtemp(prefix="shipboard-test-template-", dir=roomy()))
    directory.chmod(0o755)
    with database(directory / "home", lambda sentence: None):
        pass
    yield directory / "home"
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def settled(template: Path, home: Path) -> Path:
    """`home`, with a database that has been started and stopped before."""
    subprocess.run(["cp", "-a", template, home], check=True)
    return home


@pytest.fixture(scope="session")
def template_with_tables(template: Path) -> Iterator[Path]:
    """The same with the desk's tables, made once: making them takes longer than many a test."""
    directory = Path(tempfile.mkdtemp(prefix="shipboard-test-tables-", dir=roomy()))
    directory.chmod(0o755)
    subprocess.run(["cp", "-a", template, directory / "home"], check=True)
    command = [sys.executable, "-m", "shipboard", "migrate"]
    here = environment(SHIPBOARD_HOME=str(directory / "home"))
    subprocess.run(command, env=here, timeout=GENEROUS, check=True)
    yield directory / "home"
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def migrated(template_with_tables: Path, home: Path) -> Path:
    """`home`, with a database that has the desk's tables."""
    subprocess.run(["cp", "-a", template_with_tables, home], check=True)
    return home


def stop_what_is_left(directory: Path, place: Place) -> None:
    if listener(place) is not None:
        subprocess.run(
            [sys.executable, PROGRAMS, "hold", directory],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env=environment(),
            timeout=GENEROUS,
            check=False,
        )


def environment(**more: str) -> dict[str, str]:
    """Ours, without what would lead a program to another home or database."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("SHIPBOARD_")}
    paths = [str(REPOSITORY), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**kept, "PYTHONPATH": os.pathsep.join(paths), **more}


class Program:
    """One started process; its lines on stdout and stderr as they come."""

    def __init__(self, command: list[str], **more: str) -> None:
        self.lines: list[str] = []
        self._new: queue.Queue[str | None] = queue.Queue()
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment(**more),
            start_new_session=True,
        )
        self.pid = self.process.pid
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._new.put(line.rstrip("\n"))
        self._new.put(None)

    def wait_for(self, words: str, within: float = GENEROUS) -> str:
        """The next line that contains `words`."""
        deadline = time.monotonic() + within
        while True:
            try:
                line = self._new.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no {words!r} within {within} s in {self.lines}") from None
            assert line is not None, f"ended without {words!r}: {self.lines}"
            self.lines.append(line)
            if words in line:
                return line

    def release(self) -> None:
        """Tell a holder to finish."""
        assert self.process.stdin
        self.process.stdin.close()

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        """kill -9: nothing of it can clean up."""
        self.process.kill()
        self.process.wait(GENEROUS)

    def exit_code(self, within: float = GENEROUS) -> int:
        """Wait for the end; all its output is in `lines` afterwards."""
        code = self.process.wait(within)
        while (line := self._new.get(timeout=GENEROUS)) is not None:
            self.lines.append(line)
        return code

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(GENEROUS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(GENEROUS)
        for stream in (self.process.stdin, self.process.stdout):
            if stream:
                with contextlib.suppress(OSError):
                    stream.close() if stream is self.process.stdin else None
        self._reader.join(5)
        if self.process.stdout and not self._reader.is_alive():
            self.process.stdout.close()


Start = Callable[..., Program]


@pytest.fixture
def start(home: Path) -> Iterator[Start]:
    """`start("hold", home)` starts one of programs.py; everything started is ended after."""
    started: list[Program] = []

    def begin(*arguments: str | Path, **more: str) -> Program:
        words = [str(argument) for argument in arguments]
        program = Program([sys.executable, str(PROGRAMS), *words], **more)
        started.append(program)
        return program

    yield begin
    for program in reversed(started):
        program.close()


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process that has nothing to do with us and must survive whatever we do."""
    process = subprocess.Popen(["sleep", "600"])
    yield process
    assert process.poll() is None, "a process that was not ours was ended"
    process.terminate()
    process.wait()


def place_of(home: Path) -> Place:
    place = recorded_place(home)
    assert place is not None
    return place


def remember(url: str, word: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("create table if not exists kept (word text)")
        connection.execute("insert into kept values (%s)", [word])


def remembered(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("select word from kept order by word")]


def eventually(question: Callable[[], object], within: float = GENEROUS) -> None:
    deadline = time.monotonic() + within
    while not question():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.05)


def nothing_runs(place: Place) -> bool:
    return listener(place) is None and server_on(place.data) is None


def is_alive(pid: int) -> bool:
    """A process that runs: not gone, and not merely waiting to be reaped."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def children(pid: int) -> dict[str, int]:
    """The children of one process: the last words of their command line, and their pids."""
    found = {}
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            if int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == pid:
                words = (entry / "cmdline").read_bytes().decode().replace("\0", " ")
                found[words.strip()] = int(entry.name)
    return found
