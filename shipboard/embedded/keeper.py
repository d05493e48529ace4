"""Who keeps the database while `shipboard up` runs: the owner of the embedded server, or, for a
database the user named, a mere lock on the home. Either way one `up` per home.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

from shipboard.embedded.database import Owner, open_lock, read_owner
from shipboard.embedded.errors import EmbeddedError
from shipboard.embedded.locks import Check, FileLock
from shipboard.embedded.place import Say, find_or_choose_place, make_home
from shipboard.embedded.server import bound_log
from shipboard.embedded.sockets import DATABASE, url

GUESTS = 5.0  # seconds that commands still using the database have when `up` is told to stop
T = TypeVar("T")


class Keeper(Protocol):
    """The database of one `up`, from before its start until after its stop."""

    def announce(self, address: str) -> None:
        """Let a second `up` tell its user where the first one is."""

    def start(self) -> str:
        """Bring the database up; returns its URL."""

    def tend(self) -> bool:
        """Call it often; False when the database has died and wants a `restart`."""

    def restart(self) -> None: ...

    def stop(self, hurry: threading.Event) -> None: ...


class EmbeddedKeeper:
    def __init__(self, owner: Owner) -> None:
        self.owner = owner

    def announce(self, address: str) -> None:
        self.owner.about["address"] = address
        self.owner.tell("starting")

    def start(self) -> str:
        self.owner.start()
        return url(self.owner.place, DATABASE)

    def tend(self) -> bool:
        with contextlib.suppress(OSError):  # a full disk, perhaps; the log can wait
            bound_log(self.owner.place.log)
        return self.owner.server.alive()

    def restart(self) -> None:
        self.owner.restart()

    def stop(self, hurry: threading.Event) -> None:
        self.owner.stop(within=GUESTS, hurry=hurry)


class GivenKeeper:
    """SHIPBOARD_DATABASE_URL is set: the server is somebody else's to run."""

    def __init__(self, lock: FileLock, given: str) -> None:
        self.lock = lock
        self.given = given
        self._tell("")

    def _tell(self, address: str) -> None:
        self.lock.write({"pid": os.getpid(), "kind": "up", "state": "ready", "address": address})

    def announce(self, address: str) -> None:
        self._tell(address)

    def start(self) -> str:
        return self.given

    def tend(self) -> bool:
        return True

    def restart(self) -> None:
        pass

    def stop(self, hurry: threading.Event) -> None:
        self.lock.release()


def become_keeper(home: Path, say: Say, check: Check) -> Keeper:
    """The keeper of this home's database.

    Waits for commands that own the database at the moment, saying so. Raises EmbeddedError when
    another `up` has it.
    """
    if given := os.environ.get("SHIPBOARD_DATABASE_URL"):
        make_home(home)
        return _become_given(home / "up.lock", given, say, check)
    place = find_or_choose_place(home, say)

    def try_owner() -> Owner | None:
        return Owner.try_become(place, say, check, kind="up")

    return EmbeddedKeeper(_wait(try_owner, lambda: read_owner(place), say, check))


def _become_given(path: Path, given: str, say: Say, check: Check) -> GivenKeeper:
    def try_lock() -> FileLock | None:
        lock = open_lock(path)
        if lock.try_take():
            return lock
        lock.release()
        return None

    def read() -> dict[str, object]:
        with open_lock(path) as lock:
            return lock.read()

    return GivenKeeper(_wait(try_lock, read, say, check), given)


def _wait(
    attempt: Callable[[], T | None], read: Callable[[], dict[str, object]], say: Say, check: Check
) -> T:
    seen = 0
    waiting = False
    while (taken := attempt()) is None:
        about = read()
        running = about.get("kind") == "up" and about.get("state") in ("starting", "ready")
        # What is written may be left from a killed `up` while a command takes the lock just now:
        # only what is still there a moment later counts.
        seen = seen + 1 if running else 0
        if seen >= 3:
            raise _already(about)
        if not running and not waiting:
            waiting = True
            say(
                f"Waiting for the shipboard command (process {about.get('pid')}) that is using the "
                "database of this home."
            )
        check()
        time.sleep(0.15)
    return taken


def read_quietly(path: Path) -> dict[str, object]:
    """What a lock's holder wrote, {} when there is no such file; creates nothing."""
    with contextlib.suppress(OSError, ValueError):
        about = json.loads(path.read_text())
        if isinstance(about, dict):
            return about
    return {}


def _already(about: dict[str, object]) -> EmbeddedError:
    where = about.get("address")
    if not where:
        return EmbeddedError(
            f"Shipboard is already starting for this home (process {about.get('pid')}); wait for "
            "its address there, or stop it first."
        )
    return EmbeddedError(
        f"Shipboard is already running for this home at {where}; open that address, or stop it "
        "first with Ctrl-C where it runs."
    )
