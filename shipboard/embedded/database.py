"""One door to a home's database for every command: use the server that is up, or be its owner
for a while: start it, work, stop it when nobody else needs it any more.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import psycopg
from psycopg.conninfo import conninfo_to_dict

from shipboard.embedded.errors import EmbeddedError, told
from shipboard.embedded.locks import Check, FileLock
from shipboard.embedded.place import Place, Say, find_or_choose_place, home_directory
from shipboard.embedded.server import Server
from shipboard.embedded.signals import ENDING, handling
from shipboard.embedded.sockets import DATABASE, connect, url

ORPHANS_GUESTS = 30.0  # seconds for commands that still use a server whose owner was killed


def to_stderr(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def go_on() -> None:
    """The check of a caller who never wants to stop waiting."""


@contextlib.contextmanager
def connected(say: Say = to_stderr) -> Iterator[str]:
    """SHIPBOARD_DATABASE_URL is set inside: to what the user gave, or to the home's database."""
    if given := os.environ.get("SHIPBOARD_DATABASE_URL"):
        check_url(given)
        yield given
        return
    with database(home_directory(), say=say) as address:
        os.environ["SHIPBOARD_DATABASE_URL"] = address
        try:
            yield address
        finally:
            del os.environ["SHIPBOARD_DATABASE_URL"]


def check_url(given: str) -> None:
    """Raises EmbeddedError, which never repeats the URL (it may hold a password), when it is none
    or nothing answers there."""
    try:
        scheme, separator, _ = given.partition("://")
        if separator and scheme not in ("postgresql", "postgres"):
            raise psycopg.ProgrammingError
        conninfo_to_dict(given)
    except psycopg.ProgrammingError:
        raise EmbeddedError(
            "SHIPBOARD_DATABASE_URL is not the URL of a PostgreSQL; write "
            "postgresql://user:password@host:5432/database."
        ) from None
    try:
        psycopg.connect(given, connect_timeout=10).close()
    except psycopg.Error as problem:
        reason = str(problem).strip().splitlines()[0] if str(problem).strip() else "no reason given"
        raise EmbeddedError(
            f"The database of SHIPBOARD_DATABASE_URL does not answer ({reason}). Start it, or put "
            "the URL right."
        ) from problem


@contextlib.contextmanager
def one_at_a_time(address: str) -> Iterator[None]:
    """Only one process at a time is inside, among all that use this database: for migrations.

    The lock is the server's, so it also holds between machines, and ends with its connection.
    """
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(hashtext('shipboard migrations'))")
        yield


@contextlib.contextmanager
def database(home: Path, say: Say = to_stderr) -> Iterator[str]:
    """The URL of the home's running database, for as long as the block lasts.

    Raises EmbeddedError, in one sentence, when it cannot be had.
    """
    place = find_or_choose_place(home, say)
    told_at = time.monotonic()
    while True:
        if owner := Owner.try_become(place, say, go_on):
            with owner.as_command() as address:
                yield address
            return
        if guest := _join(place):
            with guest:
                yield url(place, DATABASE)
            return
        if time.monotonic() - told_at > 5:
            told_at = time.monotonic()
            say("Waiting for the database, which another shipboard command starts or stops.")
        time.sleep(0.05)


def _join(place: Place) -> FileLock | None:
    """A guest's shared lock on a server that answers; None when it is starting or stopping.

    While it is held, an owner that is a command does not stop the server.
    """
    users = open_lock(place.users_lock)
    with contextlib.suppress(psycopg.Error):
        ready = read_owner(place).get("state") == "ready"
        if ready and users.try_take(shared=True):
            connect(place, DATABASE).close()
            return users
    users.release()
    return None


def read_owner(place: Place) -> dict[str, object]:
    """What the owner (or the last one) wrote about itself; for people, it decides nothing."""
    with open_lock(place.owner_lock) as lock:
        return lock.read()


def open_lock(path: Path) -> FileLock:
    try:
        return FileLock(path)
    except OSError as problem:
        raise told("use the database's lock", problem, path) from problem


class Owner:
    """Whoever holds the owner's lock, and with it the right to start and stop the server."""

    def __init__(self, place: Place, lock: FileLock, say: Say, check: Check) -> None:
        self.place = place
        self.lock = lock
        self.say = say
        self.check = check
        self.users = open_lock(place.users_lock)
        self.server = Server(place, say, check)
        self.about: dict[str, object] = {"kind": "command"}

    @classmethod
    def try_become(cls, place: Place, say: Say, check: Check, **about: object) -> Owner | None:
        lock = open_lock(place.owner_lock)
        if not lock.try_take():
            lock.release()
            return None
        owner = cls(place, lock, say, check)
        owner.about.update(about)
        owner.tell("starting")
        return owner

    def tell(self, state: str) -> None:
        """Write down what the owner is, for people and for commands that wait for it."""
        try:
            self.lock.write({"pid": os.getpid(), "state": state, **self.about})
        except OSError as problem:
            raise told("write the database's lock", problem, self.lock.path) from problem

    def start(self) -> None:
        """Start the server. Guests of a killed owner's server get a moment to finish first."""
        if not self.users.try_take():
            self.say("Other shipboard commands still use the database; waiting for them.")
            self.users.take(within=ORPHANS_GUESTS, check=self.check)
        self.server.start()
        self.users.let_go()
        self.tell("ready")

    def restart(self) -> None:
        """Start the server again after it died; its guests have lost their connections anyway."""
        self.server.start()
        self.tell("ready")

    def stop(self, *, within: float, hurry: threading.Event) -> None:
        """Stop the server once its guests are done, and let go of the lock.

        Guests have `within` seconds, and no longer than until `hurry` is set. Where they have all
        the time they need, newcomers may join them: nobody waits for a stranger's long command.
        """
        with contextlib.ExitStack() as closing:
            closing.callback(self.lock.release)
            closing.callback(self._tell_if_possible, "gone")
            # Held until the server is gone: whoever comes then starts anew.
            closing.callback(self.users.release)
            closing.callback(self.server.stop)
            if within < float("inf"):
                self._tell_if_possible("closing")
            if not self.users.take(within=min(1.0, within)):
                self.say("Waiting for other shipboard commands to finish with the database.")
                self.users.take(within=within, unless=hurry.is_set)

    def _tell_if_possible(self, state: str) -> None:
        with contextlib.suppress(EmbeddedError):
            self.tell(state)

    @contextlib.contextmanager
    def as_command(self) -> Iterator[str]:
        """Own the server for one command; being told to end stops the server all the same."""
        with _ending_raises():
            try:
                self.start()
                yield url(self.place, DATABASE)
            finally:
                with _ending_noted() as told:
                    self.stop(within=float("inf"), hurry=told)


@contextlib.contextmanager
def _ending_raises() -> Iterator[None]:
    """SIGTERM and SIGHUP end the command the way Ctrl-C does: through its `finally` blocks."""

    def end(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    with handling(end, signal.SIGTERM, signal.SIGHUP):
        yield


@contextlib.contextmanager
def _ending_noted() -> Iterator[threading.Event]:
    """A second Ctrl-C must not leave the server behind: it only ends the wait for others."""
    told = threading.Event()

    def note(number: int, frame: FrameType | None) -> None:
        told.set()

    with handling(note, *ENDING):
        yield told
