"""Django for a command: the database is found or started first, since settings name it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from shipboard.embedded.database import connected, one_at_a_time
from shipboard.embedded.errors import EmbeddedError
from shipboard.embedded.place import home_directory


@contextmanager
def desk() -> Iterator[None]:
    """Django is set up and its tables are current inside. Ends the program with a sentence and
    exit 2 when the database can't be had."""
    if not os.environ.get("SHIPBOARD_DATABASE_URL") and not home_directory().exists():
        click.echo(
            f"There was no desk in {home_directory()} yet; it is made now. For another one, set "
            "SHIPBOARD_HOME or change the folder.",
            err=True,
        )
    try:
        with connected() as url:
            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shipboard.settings")
            import django
            from django.db import connections

            django.setup()
            from django.db import OperationalError

            try:
                _migrate_if_behind(url)
                yield
            except OperationalError as problem:
                raise EmbeddedError(
                    f"The database does not answer ({str(problem).splitlines()[0]}); "
                    "run `shipboard doctor`."
                ) from problem
            finally:
                connections.close_all()
    except EmbeddedError as problem:
        click.echo(str(problem), err=True)
        sys.exit(2)


def _migrate_if_behind(url: str) -> None:
    """A command on a fresh home makes the tables itself; several at once take turns."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    def is_behind() -> bool:
        executor = MigrationExecutor(connection)
        return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))

    if not is_behind():
        return
    with one_at_a_time(url):
        if is_behind():
            call_command("migrate", verbosity=0, interactive=False)
            call_command("createcachetable", verbosity=0)
