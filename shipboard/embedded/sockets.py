"""The server's Unix socket: where it is, who listens on it according to the kernel, and the URL
under which clients reach it. There is no TCP; a private directory is the access control.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
import stat
import struct
import tempfile
from pathlib import Path
from urllib.parse import quote

import psycopg

from shipboard.embedded.errors import EmbeddedError
from shipboard.embedded.place import Place

PORT = 5432  # only a part of the socket's name
NAME = f".s.PGSQL.{PORT}"
# sockaddr_un.sun_path is 108 bytes with its final zero; PostgreSQL also keeps `<name>.lock`.
PATH_LIMIT = 107
DATABASE = ROLE = "shipboard"


def socket_directory(place: Place) -> Path:
    """Beside the data; when a socket cannot have that path, a directory of the same account and
    the same data under the system's temporary directory, always the same one."""
    beside = place.directory / "socket"
    # To clients a comma separates hosts, and there is no way to escape it.
    if len(os.fsencode(beside / NAME)) <= PATH_LIMIT and "," not in str(beside):
        return beside
    key = hashlib.sha256(os.fsencode(place.data.resolve())).hexdigest()[:16]
    # Not $XDG_RUNTIME_DIR: it differs between a login and cron, and is emptied at log-out.
    # PostgreSQL touches its socket every hour, so that cleaners of /tmp leave it alone.
    shared = Path("/tmp")  # noqa: S108
    base = shared if os.access(shared, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())
    return base / f"shipboard-{place.account.uid}-{key}"


def make_socket_directory(place: Place) -> Path:
    """The socket directory, created if needed, and certainly private to the account.

    Raises EmbeddedError when somebody else put something in its place.
    """
    directory = socket_directory(place)
    with contextlib.suppress(FileExistsError):
        directory.mkdir(mode=0o700)
    if place.account.switch and directory.lstat().st_uid == os.geteuid():
        # Ours: made just now, or by an earlier start that was killed at this point.
        os.chown(directory, place.account.uid, place.account.gid, follow_symlinks=False)
    if not is_private(place, directory):
        raise EmbeddedError(
            f"{directory} is not a directory that belongs to {place.account.name} alone, so the "
            "database's socket cannot be there; remove it and try again."
        )
    return directory


def remove_socket_directory(place: Place) -> None:
    """Leave nothing in the system's temporary directory once the server has stopped."""
    directory = socket_directory(place)
    if directory.parent != place.directory:
        with contextlib.suppress(OSError):
            directory.rmdir()


def is_private(place: Place, directory: Path) -> bool:
    """A real directory (no symlink) of this account that nobody else may enter."""
    try:
        found = directory.lstat()
    except OSError:
        return False
    return (
        stat.S_ISDIR(found.st_mode)
        and found.st_uid == place.account.uid
        and not found.st_mode & 0o077
    )


def url(place: Place, database: str = DATABASE) -> str:
    """A libpq URL. The port is spelled out, or PGPORT of the environment would decide it."""
    directory = quote(str(socket_directory(place)), safe="")
    return f"postgresql://{ROLE}@/{database}?host={directory}&port={PORT}"


def connect(place: Place, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
    """Connect to whatever answers on our socket; raises psycopg.Error when nothing does."""
    return psycopg.connect(url(place, database), autocommit=True, connect_timeout=5)


def listener(place: Place) -> int | None:
    """The pid of the process that listens on our socket, from the kernel; None when none does.

    Raises EmbeddedError when the listener lives outside this container, where it has no pid.
    """
    directory = socket_directory(place)
    if not is_private(place, directory):
        return None
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(5)
        try:
            client.connect(str(directory / NAME))
        except (FileNotFoundError, ConnectionError):
            return None
        except TimeoutError as problem:
            raise EmbeddedError(
                f"Something listens on {directory / NAME} and takes no connection; "
                "see which process that is, end it, and try again."
            ) from problem
        size = struct.calcsize("3i")
        pid, _, _ = struct.unpack(
            "3i", client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
        )
    if pid == 0:
        raise EmbeddedError(
            "The database of this home is being run from another container; stop it there first."
        )
    return int(pid)
