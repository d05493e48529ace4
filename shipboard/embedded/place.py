"""Where a home keeps its database: the home itself, and the directory that holds data, socket,
log and locks. Chosen once, when the home is new, and written down in the home.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from shipboard.embedded.account import Account, account_of, account_to_lend
from shipboard.embedded.errors import EmbeddedError, told
from shipboard.embedded.files import replace
from shipboard.embedded.locks import FileLock

Say = Callable[[str], None]

RECORD = "database.json"
# Only for root, when the account that runs PostgreSQL cannot reach the home.
SYSTEM_STATE = Path("/var/lib/shipboard")


@dataclass(frozen=True, slots=True)
class Place:
    """The directory of one database and who runs its server.

    The directory belongs to whoever created it; only `data` and `socket` belong to the account,
    so that a lent account cannot swap the files that root writes beside them.
    """

    directory: Path
    account: Account

    @property
    def data(self) -> Path:
        return self.directory / "data"

    @property
    def log(self) -> Path:
        return self.directory / "postgres.log"

    @property
    def settings(self) -> Path:
        return self.directory / "shipboard.conf"

    @property
    def owner_lock(self) -> Path:
        return self.directory / "owner.lock"

    @property
    def users_lock(self) -> Path:
        return self.directory / "users.lock"


def home_directory() -> Path:
    """SHIPBOARD_HOME, by default `.shipboard` in the working directory; absolute."""
    return Path(os.environ.get("SHIPBOARD_HOME") or ".shipboard").absolute()


def make_home(home: Path) -> None:
    """Create `home`, closed to everybody else, unless it exists.

    When root makes it, the group of the account that will run PostgreSQL may pass through it
    (mode 0710, nothing readable), so that the data can live inside.
    """
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            home.mkdir(mode=0o700)
        if os.geteuid() == 0 and home.stat().st_uid == 0 and not any(home.iterdir()):
            # Where that is not possible, the data will live outside.
            with contextlib.suppress(PermissionError):
                os.chown(home, -1, account_to_lend().gid)
                home.chmod(0o710)
    except OSError as problem:
        raise told("create the home directory", problem, home) from problem


def recorded_place(home: Path) -> Place | None:
    """The place that `home` wrote down, or None when it has none yet. Changes nothing.

    Raises EmbeddedError when the record or the place cannot be read.
    """
    record = home / RECORD
    try:
        written = json.loads(record.read_text())
        directory = home / str(written["directory"])
        owner = directory.stat()
    except FileNotFoundError as problem:
        if not record.exists():
            return None
        raise EmbeddedError(
            f"The database of this home was in {problem.filename}, which is gone; bring it back, "
            f"or delete {home} to begin afresh."
        ) from problem
    except OSError as problem:
        raise told("read where the database is", problem, record) from problem
    except (ValueError, KeyError, TypeError) as problem:
        raise EmbeddedError(
            f"{record} is damaged; restore it, or delete {home} to begin afresh."
        ) from problem
    with contextlib.suppress(FileNotFoundError):
        owner = (directory / "data").stat()
        return _checked(Place(directory, account_of(owner.st_uid, owner.st_gid)))
    uid, gid = int(written.get("uid", owner.st_uid)), int(written.get("gid", owner.st_gid))
    return _checked(Place(directory, account_of(uid, gid)))


def find_or_choose_place(home: Path, say: Say) -> Place:
    """The place of `home`; the first call chooses it, says where, and writes it down.

    Raises EmbeddedError in words when the home cannot be used.
    """
    if found := recorded_place(home):
        return found
    make_home(home)
    try:
        with FileLock(home / ".database.lock") as lock:
            lock.take()
            # Another process may have chosen while we waited.
            return recorded_place(home) or _choose(home, say)
    except OSError as problem:
        raise told("set up the database directory", problem, home) from problem


def _choose(home: Path, say: Say) -> Place:
    account = account_to_lend()
    place = _inside(home, account) or _in_system_state(home, account)
    inside = place.directory.parent == home
    written = {
        # Relative when inside, so that the home can be moved.
        "directory": place.directory.name if inside else str(place.directory),
        "uid": account.uid,
        "gid": account.gid,
    }
    replace(home / RECORD, json.dumps(written) + "\n")
    if account.switch:
        say(f"PostgreSQL runs as the account {account.name}; its data is in {place.directory}.")
    return place


def _inside(home: Path, account: Account) -> Place | None:
    """The place in the home itself, or None when the account cannot work there."""
    if account.switch and not account.can_enter(home):
        return None
    place = Place(home / "postgres", account)
    try:
        _furnish(place)
    except PermissionError:
        # A file system that cannot hand files to another account (some network and shared ones).
        if not account.switch:
            raise
        return None
    return place


def _in_system_state(home: Path, account: Account) -> Place:
    name = re.sub(r"[^a-z0-9]+", "-", home.parent.name.lower()).strip("-") or "home"
    directory = SYSTEM_STATE / f"{name[:40]}-{secrets.token_hex(4)}"
    SYSTEM_STATE.mkdir(mode=0o755, parents=True, exist_ok=True)
    if not account.can_enter(SYSTEM_STATE):
        raise EmbeddedError(
            f"The account {account.name}, which runs PostgreSQL, can reach neither {home} nor "
            f"{SYSTEM_STATE}; set SHIPBOARD_HOME to a directory that it can reach."
        )
    place = Place(directory, account)
    _furnish(place)
    return place


def _furnish(place: Place) -> None:
    place.directory.mkdir(mode=0o700, exist_ok=True)
    if place.account.switch:
        os.chown(place.directory, -1, place.account.gid)
        place.directory.chmod(0o710)


def _checked(place: Place) -> Place:
    if place.account.switch and os.geteuid() != 0:
        raise EmbeddedError(
            f"The database in {place.directory} belongs to the account {place.account.name}; "
            "run Shipboard as that account or as root, or choose another SHIPBOARD_HOME."
        )
    if place.account.uid == 0:
        raise EmbeddedError(
            f"The database in {place.directory} belongs to root, and PostgreSQL refuses to run as "
            "root; give its data directory back to the account that ran it."
        )
    return place
