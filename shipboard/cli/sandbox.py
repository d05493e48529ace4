"""`shipboard sandbox`: the sandbox marketplace by itself. It is a program of its own, which this
one becomes; under `shipboard up --demo` the supervisor calls it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from shipboard.cli.run import in_a_sentence
from shipboard.embedded import EmbeddedError, home_directory, lifeline
from shipboard.embedded import sandbox as ours


@click.command()
@click.option("--port", default=ours.PORT, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of its books; by default the one of this home's demo.",
)
@click.option(
    "--seed",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON lines of shops, orders, packages and cases to begin with.",
)
@click.option(
    "--app",
    "apps",
    multiple=True,
    metavar="KEY:SECRET:REDIRECT",
    help="An app that its sellers can let in; may be repeated.",
)
@in_a_sentence
def sandbox(port: int, state: Path | None, seed: Path | None, apps: tuple[str, ...]) -> None:
    """Run a marketplace to try the desk against: it speaks the TikTok Shop API, on this machine."""
    is_supervised = lifeline.VARIABLE in os.environ
    home = home_directory()
    books = state or ours.folder(home)
    if not is_supervised and books.absolute() == ours.folder(home).absolute():
        if address := ours.running(home):
            raise EmbeddedError(
                f"The sandbox of this home is running at {address}; give another one a folder of "
                "its own with --state."
            )
        books = ours.make_folder(home, port)
    command = [sys.executable, "-m", "sandbox", "--port", str(port), "--state", str(books)]
    command += ["--seed", str(seed)] if seed else []
    command += [word for app in apps for word in ("--app", app)]
    if is_supervised:  # the desk itself tells where it is
        command.append("--with-parent")
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    os.execv(sys.executable, command)  # noqa: S606
