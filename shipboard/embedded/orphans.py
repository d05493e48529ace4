"""A server that outlived its owner (`kill -9`), and files that outlived their server.
Nothing is ever signalled because of a pid in a file: only the process that the kernel names as
the listener on our own socket, held by a pidfd so that its number cannot change hands meanwhile.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from pathlib import Path

import psycopg

from shipboard.embedded.errors import EmbeddedError
from shipboard.embedded.locks import Check
from shipboard.embedded.place import Place, Say
from shipboard.embedded.sockets import NAME, connect, listener, socket_directory

PATIENCE = 60.0  # seconds for a fast shutdown, which writes a checkpoint
SILENT = 30.0  # seconds for a server that holds the data and does not answer (starting, ending)


def clear_the_way(place: Place, say: Say, check: Check) -> None:
    """Make sure that no server runs on the place's data, ending an orphan of ours.

    The caller holds the owner's lock. Raises EmbeddedError when a server holds the data that is
    not certainly ours to end.
    """
    silent_since = reported = time.monotonic()
    while True:
        check()
        if (pid := listener(place)) is not None:
            _end_orphan(place, pid, say, check)
            silent_since = time.monotonic()
        holder = server_on(place.data)
        if holder is None:
            break
        now = time.monotonic()
        if now - reported > 5:
            reported = now
            say(f"Waiting for a PostgreSQL (process {holder}) that still holds the data.")
        if now - silent_since > SILENT:
            raise EmbeddedError(
                f"A PostgreSQL (process {holder}) holds {place.data} and does not answer; end it "
                f"by hand (kill -INT {holder}) and try again."
            )
        time.sleep(0.1)
    _set_stale_files_aside(place, say)


def _end_orphan(place: Place, pid: int, say: Say, check: Check) -> None:
    """Shut down the server that listens on our socket, once it is certain that it is ours."""
    _wait_until_it_names_our_data(place, pid, say, check)
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        # With the handle open the number cannot be reused; so what holds now, holds at the signal.
        if listener(place) != pid or not works_in(pid, place.data) or _ended(handle, 0):
            return
        say("A database server of this home is still running without its owner; restarting it.")
        for number, patience in ((signal.SIGINT, PATIENCE), (signal.SIGQUIT, PATIENCE)):
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(handle, number)
            if _ended(handle, patience):
                return
        raise EmbeddedError(
            f"The database server of this home (process {pid}) does not stop; end it by hand and "
            "try again."
        )
    finally:
        os.close(handle)


def _wait_until_it_names_our_data(place: Place, pid: int, say: Say, check: Check) -> None:
    """Returns when the server has said that it serves our data, or has gone.

    A server in crash recovery answers nobody for as long as that takes. One that is full, or ends,
    never answers: then the kernel's word (its socket, its directory) has to do.
    """
    began = reported = time.monotonic()
    while listener(place) == pid:
        check()
        try:
            with connect(place) as connection:
                row = connection.execute("show data_directory").fetchone()
        except psycopg.Error as problem:
            waited = time.monotonic() - began
            ours = works_in(pid, place.data)
            if ours and waited > 5 and "starting up" not in str(problem):
                return
            if not ours and waited > SILENT:
                raise EmbeddedError(
                    f"Process {pid} listens on this home's socket in {socket_directory(place)} and "
                    "is not its database; see what it is, end it by hand, and try again."
                ) from problem
            if time.monotonic() - reported > 5:
                reported = time.monotonic()
                say(f"Waiting for the server that is still running here ({waited:.0f} s).")
            time.sleep(0.2)
            continue
        if row and _same(Path(str(row[0])), place.data):
            return
        raise EmbeddedError(
            f"Another database server, serving {row and row[0]}, answers on this home's socket in "
            f"{socket_directory(place)}; stop it and try again."
        )


def server_on(data: Path) -> int | None:
    """The pid of a live process named postgres that works in `data`, as far as we may look."""
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        with contextlib.suppress(OSError):
            name = Path("/proc", entry, "comm").read_text().strip()
            if name == "postgres" and works_in(int(entry), data):
                return int(entry)
    return None


def works_in(pid: int, data: Path) -> bool:
    """Is `data` the working directory of this process? PostgreSQL always works in its data.

    Where the kernel does not show us that (root without CAP_SYS_PTRACE, as in containers), its
    command line, which everybody may read, has to name the directory.
    """
    try:
        return _same(Path(f"/proc/{pid}/cwd"), data)
    except PermissionError:
        with contextlib.suppress(OSError):
            return os.fsencode(data) in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        pass  # gone meanwhile, or a zombie: it holds nothing any more
    return False


def _same(one: Path, other: Path) -> bool:
    found, wanted = one.stat(), other.stat()
    return (found.st_dev, found.st_ino) == (wanted.st_dev, wanted.st_ino)


def _ended(handle: int, within: float) -> bool:
    watched = select.poll()
    watched.register(handle, select.POLLIN)
    return bool(watched.poll(int(within * 1000)))


def _set_stale_files_aside(place: Place, say: Say) -> None:
    """No server is alive, so a pid file that would stop PostgreSQL from starting is stale.

    A well-formed one with a dead pid is left: PostgreSQL checks more about it than we do.
    """
    pid_file = place.data / "postmaster.pid"
    if (verdict := stale(pid_file)) is not None:
        say(f"Setting aside a pid file that {verdict}.")
        pid_file.replace(pid_file.with_name("postmaster.pid.stale"))
    directory = socket_directory(place)
    for left in (directory / NAME, directory / f"{NAME}.lock"):
        with contextlib.suppress(FileNotFoundError, PermissionError):
            left.unlink()


def stale(pid_file: Path) -> str | None:
    """Why a pid file without its server would keep PostgreSQL from starting; None: it would not."""
    try:
        with open(os.open(pid_file, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            first = file.read(4096).split(b"\n", 1)[0].strip()
    except FileNotFoundError:
        return None
    except OSError:
        return "cannot be read"
    if not first.isdigit() or not 0 < int(first) < 2**31:
        return "is damaged"
    if Path("/proc", str(int(first))).exists():
        return f"names process {int(first)}, which is not this home's database"
    return None
