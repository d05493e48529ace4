"""Reading an order export into the desk: a durable row per file, taken in batches, resumable.
The unit is the order: a rejected one is kept with its rows and its reason, the others are taken.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, F, Max

from shipboard import clock
from shipboard.channels.contract import Stage
from shipboard.channels.file.errors import UnreadableFile
from shipboard.channels.file.reader import (
    AcceptedOrder,
    Export,
    RejectedOrder,
    read_orders,
)
from shipboard.channels.models import Shop
from shipboard.ingest.apply import Source, apply
from shipboard.ingest.complete_list import hold_missing
from shipboard.ingest.models import OrderImport, RejectedRow
from shipboard.ingest.statistics import refresh_statistics
from shipboard.orders.models import Order

BATCH = 1000
LIVE = (OrderImport.State.QUEUED, OrderImport.State.RUNNING)
#: A job that is well has begun by then.
PATIENCE = timedelta(seconds=30)
MOST_ATTEMPTS = 10
#: First key of the advisory locks that keep one import from being run twice at once.
IMPORT_LOCK = 5_1002


def quiet(rows: int) -> None:
    """Nobody watches."""


def open_import(
    shop: Shop, path: Path, *, file_name: str, by: str, complete_list: Stage | None
) -> OrderImport:
    """A waiting import of the file at `path` (read when run)."""
    return OrderImport.objects.create(
        shop=shop,
        by=by,
        file_name=file_name,
        path=str(path),
        size=path.stat().st_size,
        sha256=_sha256(path),
        complete_list=complete_list or "",
        queued_at=clock.now(),
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def run_import(pk: int, told: Callable[[int], None] = quiet) -> OrderImport:
    """Run an import, or go on where a killed run stopped. Running it again once it has ended
    changes nothing. The outcome is in the row it returns; it raises only what is our own fault.
    `told` hears how many rows have been read."""
    with _alone(pk) as is_ours:
        of = OrderImport.objects.select_related("shop").get(pk=pk)
        if is_ours and of.state in LIVE:
            _run(of, told)
        return of


@contextmanager
def _alone(pk: int) -> Iterator[bool]:
    """Whether nobody else runs this import; a killed runner's lock goes with its connection."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s, %s)", [IMPORT_LOCK, pk])
        (is_ours,) = cursor.fetchone() or (False,)
        try:
            yield is_ours
        finally:
            if is_ours:
                cursor.execute("select pg_advisory_unlock(%s, %s)", [IMPORT_LOCK, pk])


def _run(of: OrderImport, told: Callable[[int], None]) -> None:
    of.state = OrderImport.State.RUNNING
    of.started_at = of.started_at or clock.now()
    of.attempts += 1
    of.save(update_fields=["state", "started_at", "attempts"])

    def progress(rows: int) -> None:
        OrderImport.objects.filter(pk=of.pk).update(rows_read=rows)
        told(rows)

    try:
        with read_orders(
            Path(of.path), of.shop.facts(), now=clock.now(), progress=progress
        ) as export:
            _take(of, export)
    except UnreadableFile as problem:
        of.state, of.problem = OrderImport.State.UNREADABLE, str(problem)
    of.finished_at = clock.now()
    of.save()


def _take(of: OrderImport, export: Export) -> None:
    of.rows = of.rows_read = export.rows
    of.as_of = export.as_of
    of.header = list(export.header)
    of.orders = len(export.order_ids)
    of.save()
    source = Source(by=f"{of.by}, file {of.file_name}", now=clock.now())
    done_before = of.orders_done
    seen = 0
    for batch in _batches(export.orders()):
        seen += len(batch)
        if seen > done_before:
            _take_batch(of, batch, source)
    of.refresh_from_db()
    of.warnings = [*export.warnings, *_of_another_shop(of, export.order_ids)]
    if of.complete_list and export.has_damaged_ids:
        of.warnings.append(
            "Some order ids of this file are damaged, so it cannot serve as a complete list; "
            "nothing was held. Export the orders again and do not open the file in a spreadsheet."
        )
    elif of.complete_list:
        held, newer = hold_missing(
            of.shop, Stage(of.complete_list), set(export.order_ids), export.as_of, source
        )
        of.missing = held
        if newer:
            of.warnings.append(
                f"{newer:,} orders of that status are not in the list but were heard of later than "
                "it, so they were left alone. Export the list again to be sure."
            )
    if of.orders >= BATCH:
        refresh_statistics()
    of.state = OrderImport.State.DONE


def resume_imports() -> None:
    """Go on with imports that nobody runs any more, though their runner's job is gone: the
    database may have died under it. What a command line left behind, its file, is not ours to
    read again, and what failed again and again waits for a person: both are said to be stopped."""
    waiting = OrderImport.objects.filter(state__in=LIVE, queued_at__lt=clock.now() - PATIENCE)
    for of in waiting.order_by("pk"):
        is_ours = Path(of.path).parent == settings.UPLOADS and Path(of.path).exists()
        if is_ours and of.attempts < MOST_ATTEMPTS:
            forget_file(run_import(of.pk))
            continue
        with _alone(of.pk) as is_idle:
            if is_idle:
                _stop(of)


def _stop(of: OrderImport) -> None:
    of.refresh_from_db()
    if of.state in LIVE:
        of.state, of.finished_at = OrderImport.State.STOPPED, clock.now()
        of.problem = (
            f"It was stopped after {of.orders_done:,} of {of.orders:,} orders, which are taken. "
            "Import the file again; what is taken already stays as it is."
        )
        of.save(update_fields=["state", "finished_at", "problem"])
        forget_file(of)


def forget_file(of: OrderImport) -> None:
    """Let go of the file of an import that has ended. Our own copy is deleted, since it holds
    personal data; a file that a command line named stays where it is."""
    if of.finished_at and of.path:
        path = Path(of.path)
        if path.parent == settings.UPLOADS:
            path.unlink(missing_ok=True)
        OrderImport.objects.filter(pk=of.pk).update(path="")


def note_download(of: OrderImport, by: str) -> None:
    """Somebody took the rejected rows, with what they hold of buyers."""
    of.downloads = [*of.downloads, {"by": by, "at": clock.now().isoformat()}]
    of.save(update_fields=["downloads"])


def _of_another_shop(of: OrderImport, order_ids: Iterable[str]) -> list[str]:
    """A warning when another shop of the desk holds the same order ids: likely the wrong shop."""
    elsewhere = Order.objects.filter(order_id__in=list(order_ids)).exclude(shop=of.shop)
    known = elsewhere.aggregate(orders=Count("pk"), shop=Max("shop__name"))
    if not known["orders"]:
        return []
    return [
        f"{known['orders']:,} order ids of this file belong to {known['shop']} too. If the file is "
        f"of that shop, remove them here: `shipboard shop remove {of.shop.slug}` takes the whole "
        "shop away, and a new import brings back what is its own."
    ]


Entry: TypeAlias = AcceptedOrder | RejectedOrder


def _batches(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    batch: list[Entry] = []
    for entry in entries:
        batch.append(entry)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


@transaction.atomic
def _take_batch(of: OrderImport, batch: list[Entry], source: Source) -> None:
    """A batch and the note that it is done, together: after a kill it is not counted twice."""
    facts = [entry.fact for entry in batch if isinstance(entry, AcceptedOrder)]
    rejected = [entry for entry in batch if isinstance(entry, RejectedOrder)]
    applied = apply(of.shop, facts, source)
    RejectedRow.objects.bulk_create(
        RejectedRow(
            of=of,
            row=row,
            order_id=entry.order_id,
            reason=entry.reason,
            is_named=row == entry.row,
            cells=list(cells),
        )
        for entry in rejected
        for row, cells in entry.rows
    )
    OrderImport.objects.filter(pk=of.pk).update(
        orders_done=F("orders_done") + len(batch),
        orders_created=F("orders_created") + applied.created,
        orders_updated=F("orders_updated") + applied.updated,
        orders_unchanged=F("orders_unchanged") + applied.unchanged,
        orders_rejected=F("orders_rejected") + len(rejected),
    )


def summary(of: OrderImport) -> dict[str, object]:
    """What the command line prints with --json."""
    named = of.rejected_rows.filter(is_named=True).order_by("row")
    return {
        "rows": of.rows,
        "orders_created": of.orders_created,
        "orders_updated": of.orders_updated,
        "orders_unchanged": of.orders_unchanged,
        "warnings": of.warnings,
        "rejected": list(named.values("row", "order_id", "reason")),
        "missing": of.missing,
    }
