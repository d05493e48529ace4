"""A pytest plugin, loaded before Django's settings: a PostgreSQL of the test run's own, unless
SHIPBOARD_DATABASE_URL names one (whose role may create databases). Where several processes share
the tests (`pytest -n 2`), the first starts it; each has a home and a test database of its own.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg

from shipboard.embedded.database import database

RUNNING = contextlib.ExitStack()
#: Tables live for a test; statistics and order in the heap are what the test makes them.
CARELESS = (
    "fsync = off",
    "synchronous_commit = off",
    "full_page_writes = off",
    "wal_compression = off",
    "checkpoint_timeout = '1h'",
    "autovacuum = off",
)


def begin() -> None:
    # Tests start many programs; each would compile the whole desk anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    if part := os.environ.get("PYTEST_XDIST_WORKER"):
        home = Path(os.environ["SHIPBOARD_HOME"], part)
        home.mkdir()
    else:
        home = Path(tempfile.mkdtemp(prefix="shipboard-tests-"))
        home.chmod(0o711)  # the account that runs PostgreSQL for root must get in
        RUNNING.callback(shutil.rmtree, home, ignore_errors=True)
    (home / "static").mkdir()  # whitenoise warns where it finds none
    os.environ["SHIPBOARD_HOME"] = str(home)
    os.environ.pop("SHIPBOARD_NOW", None)
    os.environ["SHIPBOARD_SECRET_KEY"] = "only for tests"
    if "SHIPBOARD_DATABASE_URL" not in os.environ:
        os.environ["SHIPBOARD_DATABASE_URL"] = RUNNING.enter_context(careless(home / "database"))


@contextlib.contextmanager
def careless(home: Path) -> Iterator[str]:
    """The URL of a server that does not wait for the disk: its data are gone after the tests."""
    with database(home, say=lambda _: None) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            for setting in CARELESS:
                connection.execute(f"alter system set {setting}")
            connection.execute("select pg_reload_conf()")
        yield url


begin()
atexit.register(RUNNING.close)
