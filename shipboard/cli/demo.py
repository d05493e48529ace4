"""The command that brings the demo back."""

from __future__ import annotations

import click

from shipboard.cli.orders import in_desk


@click.command()
@in_desk
def demo() -> None:
    """Let `shipboard up --demo` make the demo shops again after they were taken away."""
    from shipboard.accounts.access import COMMAND_LINE
    from shipboard.ingest.demo_removal import allow_again, is_taken_away

    if is_taken_away():
        allow_again(by=COMMAND_LINE.by)
    click.echo("The next `shipboard up --demo` makes the demo shops and opens their sign-ins.")
