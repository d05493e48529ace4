"""A pytest plugin, loaded before Django's settings: a PostgreSQL of the test run's own, unless
SHIPBOARD_DATABASE_URL names one (whose role may create databases).
"""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import tempfile
from pathlib import Path

from shipboard.embedded.database import database

RUNNING = contextlib.ExitStack()


def begin() -> None:
    home = Path(tempfile.mkdtemp(prefix="shipboard-tests-"))
    home.chmod(0o711)  # the account that runs PostgreSQL for root must get in
    RUNNING.callback(shutil.rmtree, home, ignore_errors=True)
    (home / "static").mkdir()  # whitenoise warns where it finds none
    os.environ["SHIPBOARD_HOME"] = str(home)
    os.environ.pop("SHIPBOARD_NOW", None)
    os.environ["SHIPBOARD_SECRET_KEY"] = "only for tests"
    if "SHIPBOARD_DATABASE_URL" not in os.environ:
        os.environ["SHIPBOARD_DATABASE_URL"] = RUNNING.enter_context(
            database(home / "database", say=lambda _: None)
        )


begin()
atexit.register(RUNNING.close)
