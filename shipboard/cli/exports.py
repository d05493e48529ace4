"""`shipboard export`: a file of the orders that the page shows for a query string."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import click

from shipboard.cli.orders import in_desk, print_json

DESCRIPTION = "With the row under the header that explains the columns (layout tiktok)."


@click.command("export")
@click.argument("query", default="")
@click.option(
    "--layout",
    default="tiktok",
    show_default=True,
    help="tiktok, orders, lines, parcels; handoff, for carriers, with --unmasked.",
)
@click.option("--format", "format_", default="csv", show_default=True, help="csv or xlsx.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File to write.")
@click.option("--columns", help="Only these columns of ours, by key: a,b,c.")
@click.option("--with-description", is_flag=True, help=DESCRIPTION)
@click.option("--unmasked", is_flag=True, help="Show names, phones and addresses; this is logged.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@in_desk
def export(
    query: str,
    layout: str,
    format_: str,
    out: Path,
    columns: str | None,
    with_description: bool,
    unmasked: bool,
    as_json: bool,
) -> None:
    """Export orders by a query string, such as 'tab=pending_shipping', as CSV or XLSX."""
    from shipboard import clock
    from shipboard.accounts import audit
    from shipboard.accounts.access import COMMAND_LINE
    from shipboard.cli.whole_file import whole_or_none
    from shipboard.exports.write import Wanted, write
    from shipboard.fulfilment.selection import Selection
    from shipboard.orders.filters import parse

    check_fit(layout, with_description)
    wanted = Wanted(
        selection=Selection(0, filter=parse(query.removeprefix("?"))),
        layout=layout,
        format=format_,
        columns=chosen(columns),
        with_description=with_description,
        unmasked=unmasked,
    )
    with whole_or_none(out) as file:
        if unmasked:
            audit.note(COMMAND_LINE.by, "export_unmasked", layout=layout, format=format_)
        written = write(wanted, COMMAND_LINE, clock.now(), file, told, lambda: False)
    if as_json:
        print_json({name: value for name, value in asdict(written).items() if value != ""})
    else:
        click.echo(f"{written.orders:,} orders, {written.rows:,} rows: {out}")
    if written.warning:
        click.echo(written.warning, err=True)


def chosen(columns: str | None) -> tuple[str, ...]:
    """Keys of columns as given; none: all. Raises Refused where a key is missing."""
    from shipboard.cli.refusals import Refused

    if columns is None:
        return ()
    keys = tuple(key.strip() for key in columns.split(","))
    if not all(keys):
        raise Refused(
            f"--columns {columns!r} lacks a column; name them as a,b,c, or leave it out for all."
        )
    return keys


def check_fit(layout: str, with_description: bool) -> None:
    """Raises Refused for what `layout` cannot have, and BadLayout."""
    from shipboard.cli.refusals import Refused
    from shipboard.exports.layouts import Name, named

    if named(layout) != Name.TIKTOK and with_description:
        raise Refused(
            f"The layout {layout} has no row of descriptions; leave --with-description out, or "
            "take the layout tiktok."
        )


def told(rows: int) -> None:
    """Progress, for people who watch."""
    if sys.stderr.isatty():
        click.echo(f"\r{rows:,} rows written", nl=False, err=True)
