"""One PostgreSQL server as our own child, in the foreground: started, awaited, reaped, stopped.
Ready means that a connection succeeded; starting may take as long as recovery takes.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psycopg
from psycopg import sql

from shipboard.embedded.binaries import find_binaries
from shipboard.embedded.cluster import ENVIRONMENT, ensure_cluster, meaningful_line
from shipboard.embedded.errors import EmbeddedError, told
from shipboard.embedded.files import open_beside
from shipboard.embedded.locks import Check
from shipboard.embedded.orphans import clear_the_way
from shipboard.embedded.place import Place, Say
from shipboard.embedded.sockets import (
    DATABASE,
    PORT,
    connect,
    make_socket_directory,
    remove_socket_directory,
)

LOG_LIMIT = 10 * 1024 * 1024  # bytes; one older file of the same size is kept
REPORT_EVERY = 5.0
STOP_PATIENCE = 60.0
READY = "ready to accept connections"
UNUSABLE = 30.0  # seconds in which a server that calls itself ready must take our connection
# Backends of a killed server take a moment to notice; PostgreSQL refuses to start until then.
LINGERING = "shared memory block"


class Server:
    """The server of one place. Only the holder of the owner's lock may make one."""

    def __init__(self, place: Place, say: Say, check: Check) -> None:
        self.place = place
        self.say = say
        self.check = check
        self.child: subprocess.Popen[bytes] | None = None
        self._log_from = 0

    def start(self) -> None:
        """Bring the server up, creating the cluster and the database if they do not exist.

        Returns when a connection succeeded. Raises EmbeddedError when it cannot start.
        """
        try:
            binaries = find_binaries(self.place.account, self.say)
            if self.place.data.exists():
                clear_the_way(self.place, self.say, self.check)
            ensure_cluster(self.place, binaries, self.say)
            for _ in range(20):
                self._spawn(binaries.postgres)
                if self._ready_or_lingering():
                    break
                time.sleep(0.5)
            self._ensure_database()
        except OSError as problem:
            self.stop()
            raise told("start the database", problem, self.place.directory) from problem
        except BaseException:
            self.stop()
            raise

    def _spawn(self, program: Path) -> None:
        sockets = make_socket_directory(self.place)
        bound_log(self.place.log)
        # Appending, so that cutting the file while the server writes is safe.
        with open(open_beside(self.place.log, os.O_WRONLY | os.O_APPEND), "ab") as log:
            self._log_from = log.tell()
            self.child = subprocess.Popen(
                [
                    *(str(program), "-D", str(self.place.data), "-p", str(PORT)),
                    *("-k", _listed(sockets)),
                    *("-c", f"config_file={self.place.settings}"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=ENVIRONMENT,
                # Ctrl-C at the terminal must not reach it before we have stopped its clients.
                start_new_session=True,
                **self.place.account.popen(),
            )

    def _ready_or_lingering(self) -> bool:
        """True when a connection succeeded, False when remains of a killed server are in the way.

        Raises EmbeddedError when the child ended for any other reason.
        """
        began = reported = time.monotonic()
        usable_by = began + UNUSABLE
        while True:
            if not self.alive():
                if LINGERING in self.log_since_start():
                    return False
                raise self._refusal()
            now = time.monotonic()
            try:
                connect(self.place).close()
                return True
            except psycopg.Error as problem:
                if READY not in self.log_since_start():
                    usable_by = now + UNUSABLE
                elif now > usable_by:
                    raise _unusable(self.place, problem) from problem
            self.check()
            if now - reported > REPORT_EVERY:
                reported = now
                self.say(f"The database is still starting ({now - began:.0f} s): {self._doing()}")
            time.sleep(0.05 if now - began < 2 else 0.5)

    def _ensure_database(self) -> None:
        if not self.alive():
            raise self._refusal()
        try:
            with connect(self.place) as connection:
                found = connection.execute(
                    "select 1 from pg_database where datname = %s", (DATABASE,)
                ).fetchone()
                if not found:
                    connection.execute(
                        sql.SQL("create database {}").format(sql.Identifier(DATABASE))
                    )
        except psycopg.Error as problem:
            raise _unusable(self.place, problem) from problem

    def alive(self) -> bool:
        """Is the server running? Reaps it when it has ended."""
        return self.child is not None and self.child.poll() is None

    def stop(self) -> None:
        """End our own server: a fast shutdown, and after a generous time an immediate one."""
        child = self.child
        if child is None or child.poll() is not None:
            return
        for number, patience in ((signal.SIGINT, STOP_PATIENCE), (signal.SIGQUIT, 10.0)):
            child.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(patience)
                remove_socket_directory(self.place)
                return
            self.say("The database server takes long to stop.")
        raise EmbeddedError(
            f"The database server (process {child.pid}) does not stop; see {self.place.log}."
        )

    def log_since_start(self) -> str:
        """What the server wrote since we started it, its last 64 KiB."""
        with contextlib.suppress(OSError), self.place.log.open("rb") as log:
            end = log.seek(0, os.SEEK_END)
            log.seek(max(min(self._log_from, end), end - 65536))
            return log.read().decode(errors="replace")
        return ""

    def _doing(self) -> str:
        lines = self.log_since_start().strip().splitlines()
        return lines[-1].rpartition("LOG:")[2].strip() if lines else "no word from it yet"

    def _refusal(self) -> EmbeddedError:
        why = meaningful_line(self.log_since_start())
        return EmbeddedError(f"The database did not start: {why} Its log is {self.place.log}.")


def bound_log(log: Path) -> None:
    """Keep the log within its limit, by moving what is there to `postgres.log.1` and cutting it.

    The server keeps writing to the same file, so this can be called at any time.
    """
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size <= LOG_LIMIT:
            return
        older = open_beside(log.with_name(f"{log.name}.1"), os.O_WRONLY | os.O_TRUNC)
        with open(older, "wb") as kept, log.open("rb") as full:
            full.seek(-LOG_LIMIT, os.SEEK_END)
            shutil.copyfileobj(full, kept)
        os.truncate(log, 0)


def _unusable(place: Place, problem: psycopg.Error) -> EmbeddedError:
    why = " ".join(str(problem).split())
    return EmbeddedError(
        f"The database server started but could not be used ({why}); see {place.log}."
    )


def _listed(directory: Path) -> str:
    """One entry of PostgreSQL's comma-separated list of directories."""
    return '"' + str(directory).replace('"', '""') + '"'
