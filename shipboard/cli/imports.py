"""`shipboard import`: run an import at once and say what became of every order."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from shipboard.accounts import audit
from shipboard.accounts.access import COMMAND_LINE
from shipboard.channels.contract import Stage
from shipboard.channels.models import Shop
from shipboard.cli.orders import print_json
from shipboard.cli.refusals import Refused
from shipboard.ingest.imports import forget_file, open_import, run_import, summary
from shipboard.ingest.models import OrderImport
from shipboard.orders.models import OPEN_STAGES

MOST_SHOWN = 20


def run(file: Path, slug: str, complete_list: str | None, as_json: bool) -> int:
    """Exit code 0 when every order was taken, 3 when some were rejected. Raises Refused when the
    file could not be read at all; then nothing has changed."""
    shop = shop_named(slug)
    if shop.is_demo:
        raise Refused(f"{shop.name} is the demo; add a shop of your own: shipboard shop add NAME")
    stage = _stage(complete_list)
    if not file.is_file():
        raise Refused(f"{file} is not a file; check the path.")
    if not is_text(file.name):
        raise Refused("The file's name is not text in UTF-8; rename the file.")
    try:
        opened = open_import(
            shop, file.absolute(), file_name=file.name, by=COMMAND_LINE.by, complete_list=stage
        )
    except OSError as problem:
        raise Refused(f"{file} can't be read: {problem.strerror}.") from problem
    audit.note(COMMAND_LINE.by, "import_begun", shop.name, file=file.name)
    of = run_import(opened.pk, _told)
    forget_file(of)
    if of.state == OrderImport.State.UNREADABLE:
        raise Refused(of.problem)
    if as_json:
        print_json(summary(of))
    else:
        _say(of)
    return 3 if of.orders_rejected else 0


def is_text(name: str) -> bool:
    """Names from the command line may hold halves of characters, which no database takes."""
    return name.encode(errors="replace").decode() == name


def _told(rows: int) -> None:
    """Progress, for people who watch."""
    if sys.stderr.isatty():
        click.echo(f"\r{rows:,} rows read", nl=False, err=True)


def shop_named(slug: str) -> Shop:
    """Raises Refused when there is none."""
    slug = slug.encode(errors="replace").decode()
    try:
        return Shop.objects.get(slug=slug)
    except Shop.DoesNotExist:
        known = ", ".join(Shop.objects.order_by("slug").values_list("slug", flat=True))
        raise Refused(
            f"There is no shop {slug!r}; there are: {known}."
            if known
            else f"There is no shop {slug!r}; add it: shipboard shop add NAME --region US "
            "--timezone UTC"
        ) from None


def _stage(name: str | None) -> Stage | None:
    if name is None:
        return None
    if name not in OPEN_STAGES:
        raise Refused(
            f"--complete-list {name} is not the stage of open orders; those stages are "
            f"{', '.join(OPEN_STAGES)}."
        )
    return Stage(name)


def _say(of: OrderImport) -> None:
    click.echo(
        f"{of.rows:,} rows: {of.orders_created:,} orders new, {of.orders_updated:,} changed, "
        f"{of.orders_unchanged:,} as before, {of.orders_rejected:,} rejected."
    )
    rejected = of.rejected_rows.filter(is_named=True).order_by("row")
    for each in rejected[:MOST_SHOWN]:
        click.echo(f"Row {each.row}, order {each.order_id or '(no id)'}: {each.reason}", err=True)
    if of.orders_rejected > MOST_SHOWN:
        click.echo(
            f"... and {of.orders_rejected - MOST_SHOWN:,} more; --json lists them all, and the "
            "Uploads page has them as a file to mend.",
            err=True,
        )
    for warning in of.warnings:
        click.echo(f"Note: {warning}", err=True)
    if of.missing:
        click.echo(f"Held, missing from the complete list: {', '.join(of.missing)}", err=True)
