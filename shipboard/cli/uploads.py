"""`shipboard upload-tracking`: read a file of shipments, take what can be taken, and say what
became of every row.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import click

from shipboard import clock
from shipboard.accounts.access import COMMAND_LINE
from shipboard.channels.file import UnreadableFile
from shipboard.channels.models import Shop
from shipboard.cli.imports import MOST_SHOWN, is_text, shop_named
from shipboard.cli.orders import print_json
from shipboard.cli.refusals import Refused
from shipboard.fulfilment import runner
from shipboard.fulfilment.models import Run, RunRow
from shipboard.uploads.models import ShipmentUpload, UploadRow
from shipboard.uploads.results import ACCEPTED, TO_MEND, Result, rows_of
from shipboard.uploads.uploads import begin, take

#: So long another worker may take for the rows that it took from us.
PATIENCE = 600.0


def run(file: Path, slug: str, as_json: bool) -> int:
    """Exit code 0 when every row was taken, 3 when some were refused. Raises Refused when the file
    could not be read at all; then nothing has changed."""
    shop = shop_named(slug)
    if not file.is_file():
        raise Refused(f"{file} is not a file; check the path.")
    if not is_text(file.name):
        raise Refused("The file's name is not text in UTF-8; rename the file.")
    try:
        upload = take(
            shop, file, file_name=file.name, key=uuid4(), access=COMMAND_LINE, now=clock.now()
        )
    except OSError as problem:
        raise Refused(f"{file} can't be read: {problem.strerror}.") from problem
    except UnreadableFile as problem:
        raise Refused(str(problem)) from None
    if upload.orders:
        _carry_on(begin(upload, access=COMMAND_LINE, now=clock.now()))
        upload.refresh_from_db()
    summary = _summary(upload)
    if as_json:
        print_json(summary)
    else:
        _say(summary)
    _tell_when(shop, upload)
    return 3 if summary["refused"] else 0


def _carry_on(of: Run) -> None:
    """Until every row is in the outbox, recorded or refused, by us or by whoever was first."""
    patience = time.monotonic() + PATIENCE
    while RunRow.objects.filter(run=of, outcome=RunRow.Outcome.WAITING).exists():
        runner.carry_on(of.pk, clock.now)
        of.refresh_from_db()
        if of.state == Run.State.PAUSED or time.monotonic() > patience:
            return
        time.sleep(0.1)


def _summary(upload: ShipmentUpload) -> dict[str, Any]:
    """The contract's object; accepted, unchanged and refused add up to the rows."""
    rows = list(rows_of(upload))
    taken = [row for row in rows if row.result in ACCEPTED]
    refused = [_told(row) for row in rows if row.result in TO_MEND]
    unchanged = (Result.UNCHANGED, Result.LEFT_OUT, Result.UNDONE)
    return {
        "rows": upload.rows,
        "accepted": len(taken),
        "unchanged": sum(row.result in unchanged for row in rows),
        "warned": [
            _told(row, row.reason) for row in taken if row.verdict == UploadRow.Verdict.WARNED
        ],
        "refused": refused,
    }


def _told(row: Any, reason: str = "") -> dict[str, object]:
    return {"row": row.row, "order_id": row.order_id, "reason": reason or row.why}


def _say(summary: dict[str, Any]) -> None:
    click.echo(
        f"{summary['rows']:,} rows: {summary['accepted']:,} accepted, {summary['unchanged']:,} as "
        f"before, {len(summary['refused']):,} refused."
    )
    for what in ("refused", "warned"):
        for each in summary[what][:MOST_SHOWN]:
            name = each["order_id"] or "(no id)"
            note = "" if what == "refused" else "Note: "
            click.echo(f"{note}Row {each['row']}, order {name}: {each['reason']}", err=True)
        if len(summary[what]) > MOST_SHOWN:
            click.echo(
                f"... and {len(summary[what]) - MOST_SHOWN:,} more; --json lists them all, and the "
                "Uploads page has them as a file to mend.",
                err=True,
            )


def _tell_when(shop: Shop, upload: ShipmentUpload) -> None:
    """How what was accepted gets to the marketplace."""
    results = {row.result for row in rows_of(upload)}
    if Result.RECORDED in results:
        click.echo(
            f"{shop.name} is fed by files: the shipments are recorded here and go to the "
            "marketplace with the template that you take from the desk.",
            err=True,
        )
    if Result.SENDING in results:
        seconds = shop.undo_seconds
        click.echo(
            f"They leave for the marketplace by the worker (`shipboard up` or `shipboard worker`), "
            f"{f'after {seconds} seconds in the outbox' if seconds else 'at once'}; orders with a "
            "deadline near go at once.",
            err=True,
        )
