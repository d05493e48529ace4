"""`shipboard export`: a file of the orders that the page shows for a query string."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import click

from shipboard.cli.orders import in_desk, print_json

DESCRIPTION = "With the row under the header that explains the columns (layout tiktok)."


@click.command("export")
@click.argument("query", default="")
@click.option(
    "--layout", default="tiktok", show_default=True, help="tiktok, orders, lines, parcels."
)
@click.option("--format", "format_", default="csv", show_default=True, help="csv or xlsx.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File to write.")
@click.option("--columns", default="", help="Only these columns of ours, by key: a,b,c.")
@click.option("--with-description", is_flag=True, help=DESCRIPTION)
@click.option("--unmasked", is_flag=True, help="Show names, phones and addresses; this is logged.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@in_desk
def export(
    query: str,
    layout: str,
    format_: str,
    out: Path,
    columns: str,
    with_description: bool,
    unmasked: bool,
    as_json: bool,
) -> None:
    """Export orders by a query string, such as 'tab=pending_shipping', as CSV or XLSX."""
    from shipboard import clock
    from shipboard.accounts import audit
    from shipboard.accounts.access import COMMAND_LINE
    from shipboard.exports.write import Wanted, write
    from shipboard.fulfilment.selection import Selection
    from shipboard.orders.filters import parse

    wanted = Wanted(
        selection=Selection(0, filter=parse(query.removeprefix("?"))),
        layout=layout,
        format=format_,
        columns=tuple(key.strip() for key in columns.split(",") if key.strip()),
        with_description=with_description,
        unmasked=unmasked,
    )
    with whole_or_none(out) as file:
        if unmasked:
            audit.note(COMMAND_LINE.by, "export_unmasked", layout=layout, format=format_)
        written = write(wanted, COMMAND_LINE, clock.now(), file, told, lambda: False)
    if as_json:
        print_json({"orders": written.orders, "rows": written.rows, "sha256": written.sha256})
    else:
        click.echo(f"{written.orders:,} orders, {written.rows:,} rows: {out}")


def told(rows: int) -> None:
    """Progress, for people who watch."""
    if sys.stderr.isatty():
        click.echo(f"\r{rows:,} rows written", nl=False, err=True)


@contextmanager
def whole_or_none(path: Path) -> Iterator[BinaryIO]:
    """A file that is at `path` once it is whole, readable by its owner alone; never half of one.
    Raises Refused where none can be written."""
    from shipboard.cli.refusals import Refused

    try:
        if path.is_dir():
            raise Refused(f"{path} is a folder; name a file in it.")
        if path.exists() and not path.is_file():
            raise Refused(f"{path} is not a plain file; name another.")
        place, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", dir=path.parent)
    except OSError as problem:
        raise Refused(
            f"{path} can't be written: {problem.strerror}. Name a file in a folder of yours."
        ) from problem
    half = Path(name)
    try:
        with os.fdopen(place, "wb") as file:
            yield cast(BinaryIO, file)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    except OSError as problem:
        raise Refused(
            f"{path} can't be written: {problem.strerror}. Make room, then try again."
        ) from problem
    finally:
        half.unlink(missing_ok=True)
