"""What `shipboard doctor` can say about a home without changing anything in it: no file is
created, no server started, nothing copied. One finding per question, each with what to do.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import psycopg

from shipboard.embedded import sandbox
from shipboard.embedded.account import account_to_lend
from shipboard.embedded.binaries import reachable_version
from shipboard.embedded.errors import EmbeddedError
from shipboard.embedded.keeper import read_quietly
from shipboard.embedded.orphans import server_on, stale
from shipboard.embedded.place import Place, recorded_place
from shipboard.embedded.ports import answers, claim_port
from shipboard.embedded.sockets import DATABASE, listener, url

ENOUGH = 1024**3  # bytes free on the disk
QUIET = 60.0  # seconds without a word from any worker


class Verdict(StrEnum):
    OK = "ok"
    NOTE = "note"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    verdict: Verdict
    subject: str
    said: str

    def line(self) -> str:
        return f"{self.verdict:<8} {self.subject}: {self.said}"


def ok(subject: str, said: str) -> Finding:
    return Finding(Verdict.OK, subject, said)


def note(subject: str, said: str) -> Finding:
    return Finding(Verdict.NOTE, subject, said)


def problem(subject: str, said: str) -> Finding:
    return Finding(Verdict.PROBLEM, subject, said)


def examine_machine(home: Path) -> list[Finding]:
    """Python, the home directory and the disk it is on."""
    return [_python(sys.version_info[:3]), _home(home), _disk(home)]


def _python(version: tuple[int, int, int]) -> Finding:
    shown = ".".join(str(part) for part in version)
    if version < (3, 11, 0):
        return problem("Python", f"{shown} is too old; install Python 3.11 or later")
    return ok("Python", shown)


def _home(home: Path) -> Finding:
    if not home.exists():
        parent = _existing(home)
        if os.access(parent, os.W_OK | os.X_OK):
            return ok("home", f"{home} does not exist yet; the first start creates it")
        return problem("home", f"{home} cannot be created in {parent}; set SHIPBOARD_HOME")
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        return problem("home", f"{home} is not writable for this account; change its owner")
    mode = home.stat().st_mode & 0o777
    # Others may at most pass through (root lets the database's account do that).
    if mode & 0o066:
        return problem("home", f"{home} is open to others (mode {mode:o}); run chmod go-rw on it")
    return ok("home", f"{home} (mode {mode:o})")


def _disk(home: Path) -> Finding:
    free = shutil.disk_usage(_existing(home)).free
    said = f"{free / 1024**3:.1f} GB free"
    if free < ENOUGH:
        return problem("disk", f"{said} where the home is; free some space")
    return ok("disk", said)


def _existing(path: Path) -> Path:
    return next(step for step in (path, *path.parents) if step.exists())


def examine_embedded(home: Path) -> tuple[list[Finding], str | None]:
    """The embedded database; also its URL when a server answers."""
    subject = "database"
    try:
        place = recorded_place(home)
        subject = "programs"
        account = place.account if place else account_to_lend()
        findings = [ok("programs", reachable_version(account))]
    except EmbeddedError as trouble:
        return [problem(subject, str(trouble))], None
    if place is None:
        return [*findings, ok("database", "none yet; `shipboard up` creates it")], None
    return _examine_server(place, findings)


def _examine_server(place: Place, findings: list[Finding]) -> tuple[list[Finding], str | None]:
    try:
        answering = listener(place)
    except EmbeddedError as trouble:
        return [*findings, problem("database", str(trouble))], None
    owned = is_held(place.owner_lock)
    findings.append(ok("data", f"{place.data}, run by {place.account.name}"))
    if answering and owned:
        about = read_quietly(place.owner_lock)
        findings.append(ok("database", f"running, kept by process {about.get('pid')}"))
        if about.get("kind") == "up":
            findings.append(_web(str(about.get("address", ""))))
    elif answering:
        findings.append(
            problem("database", "running without its owner; the next `shipboard up` restarts it")
        )
    elif owned:
        findings.append(note("database", "another shipboard command is starting or stopping it"))
    elif (pid := server_on(place.data)) is not None:
        findings.append(
            problem("database", f"process {pid} holds the data and does not answer; end it by hand")
        )
    else:
        findings.append(ok("database", "not running; `shipboard up` starts it"))
        if verdict := stale(place.data / "postmaster.pid"):
            findings.append(
                problem("pid file", f"it {verdict}; the next `shipboard up` sets it aside")
            )
    return findings, url(place, DATABASE) if answering else None


def _web(address: str) -> Finding:
    if answers(address):
        return ok("web", f"answers at {address}")
    return problem("web", f"does not answer at {address}; see what `shipboard up` printed")


def examine_port(host: str, port: int) -> Finding:
    """The port that `shipboard up` would use; asked only while nothing is up."""
    try:
        claim_port(host, port, exactly=True).release()
    except EmbeddedError:
        return note("port", f"{port} is taken; `shipboard up` will use the next free one")
    return ok("port", f"{port} is free")


def examine_sandbox(home: Path) -> list[Finding]:
    """The demo's marketplace; nothing where none runs."""
    running = sandbox.running(home)
    return [ok("sandbox", f"answers at {running}/control/")] if running else []


def examine_connection(address: str, *, up: bool) -> list[Finding]:
    """The server behind a URL: version, and whether a worker reported lately (when one should)."""
    try:
        with psycopg.connect(address, autocommit=True, connect_timeout=5) as connection:
            major = connection.info.server_version // 10000
            version = connection.info.parameter_status("server_version") or str(major)
            if major < 14:
                first = problem("server", f"PostgreSQL {version} is too old; use 14 or later")
            else:
                first = ok("server", f"PostgreSQL {version} answers")
            return [first, *([_worker(connection)] if up else [])]
    except psycopg.Error as trouble:
        why = str(trouble).strip().splitlines()[-1:]
        return [problem("server", f"no connection ({' '.join(why)}); check that it is running")]


def _worker(connection: psycopg.Connection[tuple[object, ...]]) -> Finding:
    query = (
        "select extract(epoch from now() - max(last_heartbeat))::float8 from procrastinate_workers"
    )
    try:
        row = connection.execute(query).fetchone()
    except psycopg.errors.UndefinedTable:
        return problem("worker", "the database is not prepared; run `shipboard migrate`")
    age = row[0] if row else None
    if not isinstance(age, float):
        return problem("worker", "none is running; start `shipboard up` or `shipboard worker`")
    if age > QUIET:
        return problem("worker", f"silent for {age:.0f} s; start it again")
    return ok("worker", f"reported {max(age, 0):.0f} s ago")


def is_held(path: Path) -> bool:
    """Does any process hold this lock? Asked without creating the file."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False
