"""Writing exports: one writer each; after a kill anywhere the half file goes, and it begins anew.

The file appears under its name once it is whole, and the export is done only after that: so what
is offered is always whole, wherever the writer died.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime

from django.db import connection, connections, transaction
from django.db.models import QuerySet
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from shipboard.accounts.access import Access, NotAllowed, access_of
from shipboard.accounts.models import User
from shipboard.accounts.roles import Right
from shipboard.exports import delivery, vault
from shipboard.exports.changed import Bookmark, Look, changed_since, one_instant
from shipboard.exports.exports import JOB, KEPT, LIVE, wanted_of
from shipboard.exports.models import Export
from shipboard.exports.write import Canceled, TooMany, Wanted, plan, write
from shipboard.fulfilment.selection import Selection
from shipboard.orders.filters import BadFilter, parse
from shipboard.orders.models import Order
from shipboard.orders.overlays import Refused
from shipboard.orders.queries import shops_in_view

#: First key of the advisory locks that keep an export from being written twice at once.
EXPORT_LOCK = 5_1005
MOST_ATTEMPTS = 5
#: So often, in seconds, a writer says how far it is and hears whether to stop.
PACE = 0.5
BROKE = "Something broke here while the file was written; try again."

#: Their messages are sentences for the person.
SAID = (BadFilter, NotAllowed, Refused, TooMany, vault.Unopenable)
Clock = Callable[[], datetime]
logger = logging.getLogger(__name__)


def carry_on(pk: int, clock: Clock) -> None:
    """Write an export that waits, or write it anew after a kill, unless another writer does.
    `clock` gives the present instant (UTC)."""
    with _alone(pk) as is_ours:
        export = Export.objects.filter(pk=pk, state__in=LIVE).first()
        if is_ours and export is not None:
            _carry_on(export, clock)


def resume() -> None:
    """Put every export back in the queue that nobody writes and that is not in the queue."""
    for pk in Export.objects.filter(state__in=LIVE).order_by("pk").values_list("pk", flat=True):
        if not _is_written(pk):
            try:
                job = app.configure_task(JOB, queue="exports", queueing_lock=f"export {pk}")
                job.defer(export_pk=pk)
            except AlreadyEnqueued:
                continue


@contextmanager
def _alone(pk: int) -> Iterator[bool]:
    """Whether nobody else writes this export; a killed writer's lock goes with its connection."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s, %s)", [EXPORT_LOCK, pk])
        (is_ours,) = cursor.fetchone() or (False,)
        try:
            yield is_ours
        finally:
            if is_ours and connection.connection and not connection.connection.closed:
                cursor.execute("select pg_advisory_unlock(%s, %s)", [EXPORT_LOCK, pk])


def _is_written(pk: int) -> bool:
    """Asked without taking the lock, which would send a writer away that comes meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists (select from pg_locks where locktype = 'advisory' and classid = %s"
            " and objid = %s and objsubid = 2 and granted and database ="
            " (select oid from pg_database where datname = current_database()))",
            [EXPORT_LOCK, pk],
        )
        (is_held,) = cursor.fetchone()
    return bool(is_held)


def _carry_on(export: Export, clock: Clock) -> None:
    if export.cancel_asked_at:
        _end(export, Export.State.CANCELED, clock())
    elif export.attempts >= MOST_ATTEMPTS:
        why = f"It was cut short {export.attempts} times and is not begun again by itself."
        _end(export, Export.State.FAILED, clock(), why)
    else:
        _try(export, clock)


def _try(export: Export, clock: Clock) -> None:
    """One attempt, which ends the export one way or the other, unless the database goes."""
    export.attempts += 1
    export.state, export.started_at, export.rows = Export.State.RUNNING, clock(), 0
    export.size, export.sha256 = 0, ""
    export.save(update_fields=["attempts", "state", "started_at", "rows"])
    try:
        _write(export, clock)
    except Canceled:
        _end(export, Export.State.CANCELED, clock())
    except SAID as problem:
        _end(export, Export.State.FAILED, clock(), str(problem))
    except OSError as problem:
        why = f"The file could not be written ({problem.strerror}). Mend that, then try again."
        _end(export, Export.State.FAILED, clock(), why)
    except Exception as problem:
        if connection.connection is None or connection.connection.closed:
            raise  # the database has gone; whoever goes on writes the file anew
        # Without its message, which may hold what stands in an order.
        where = "".join(traceback.format_tb(problem.__traceback__))
        logger.error("Export %s: %s\n%s", export.pk, type(problem).__name__, where)
        _end(export, Export.State.FAILED, clock(), BROKE)


def _write(export: Export, clock: Clock) -> None:
    access = _access(export)
    if export.unmasked:
        access.need(Right.SEE_BUYERS)
    if export.changed_only:
        export.chosen = _find_changed(export, access, clock())
    wanted = wanted_of(export, export.chosen, export.orders)
    planned = plan(wanted, access, clock())
    export.orders, export.rows_planned = planned.orders, planned.rows
    export.shop_ids = _shops(wanted, access, clock())
    if export.schedule_id:
        export.words = _words(export, wanted)
    export.save(update_fields=["orders", "rows_planned", "shop_ids", "words", "chosen", "bookmark"])
    if not planned.orders:
        vault.discard(export.key)
        _end(export, Export.State.DONE, clock())
        return
    with vault.sealed(export.key) as out, closing(_Teller(export.pk)) as teller:
        written = write(wanted, access, clock(), out, teller.told, teller.is_canceled)
    export.orders, export.rows, export.sha256 = written.orders, written.rows, written.sha256
    export.size = vault.size_of(export.key)
    with delivery.staged(export) as put:
        _end(export, Export.State.DONE, clock(), written.warning, put)


def _access(export: Export) -> Access:
    """As whoever asked, with what they may see now. Raises NotAllowed."""
    person = User.objects.filter(pk=export.person_id or 0, is_active=True).first()
    if person is None:
        raise NotAllowed(f"The account of {export.by} is closed, so nothing is exported for it.")
    return access_of(person)


def _find_changed(export: Export, access: Access, now: datetime) -> list[int]:
    """Keys of the orders that changed since the schedule's last export; the next bookmark is left
    in `export`. What changes while the file is written is in it, and in the next one again."""
    if export.schedule_id is None:
        raise Refused("Its schedule was removed, so what changed since is not known.")

    def orders(query: str, at: datetime) -> QuerySet[Order]:
        return Selection(0, filter=parse(query)).orders(access, at).order_by()

    shops = [shop.pk for shop in shops_in_view(parse(export.query), access)]
    with one_instant():
        keys, following = changed_since(Look(export.query, shops, now, orders), _bookmark(export))
    export.bookmark = following.stored()
    return keys


def _bookmark(export: Export) -> Bookmark | None:
    """Where the changes of its own time begin, though a later time may be done already: what was
    done last of those before it."""
    before = Export.objects.filter(schedule=export.schedule_id, slot__lt=export.slot)
    done = before.filter(state=Export.State.DONE).exclude(bookmark=None)
    last = done.order_by("-finished_at", "-slot").values_list("bookmark", flat=True).first()
    return Bookmark.read(last)


def _words(export: Export, wanted: Wanted) -> str:
    if not export.changed_only:
        return Selection(export.orders, (), wanted.selection.filter).words()
    many = f"{export.orders:,} order{'' if export.orders == 1 else 's'}"
    return f"{many}, changed since the export before"


def _shops(wanted: Wanted, access: Access, now: datetime) -> list[int]:
    """Keys of the shops that may come into the file."""
    if wanted.selection.filter is not None:
        return sorted(shop.pk for shop in shops_in_view(wanted.selection.filter, access))
    orders = wanted.selection.orders(access, now).order_by()
    return sorted(orders.values_list("shop", flat=True).distinct())


def _end(
    export: Export,
    state: Export.State,
    now: datetime,
    problem: str = "",
    put: Callable[[], None] = lambda: None,
) -> None:
    """The last step. What was canceled a moment before it is done is canceled; only what is done
    and has a file keeps one. `put` delivers it in the same step, while nobody can cancel it."""
    export.state, export.finished_at, export.problem = state, now, problem
    export.expires_at = now + KEPT if state == Export.State.DONE and export.size else None
    if export.expires_at is None:  # a kill may have come between `put` and the end of its step
        delivery.withdraw(export)
    running = Export.objects.filter(pk=export.pk, state__in=LIVE)
    if state == Export.State.DONE:
        running = running.filter(cancel_asked_at=None)
    fields = "state finished_at problem expires_at orders rows sha256 size".split()
    with transaction.atomic():
        is_ended = running.update(**{name: getattr(export, name) for name in fields})
        if is_ended and state == Export.State.DONE:
            put()
    if is_ended and export.expires_at is None:
        vault.discard(export.key)
    elif not is_ended and state == Export.State.DONE:
        _end(export, Export.State.CANCELED, now)


class _Teller:
    """Says how far a writer is and hears whether to stop, by a connection of its own: the writer's
    is within a transaction that only reads, and sees nothing new."""

    def __init__(self, pk: int) -> None:
        self.pk = pk
        self.connection = connections["default"].copy()
        self.rows = 0
        self.stops = False
        self.said_at = float("-inf")

    def told(self, rows: int) -> None:
        self.rows = rows
        self._say()

    def is_canceled(self) -> bool:
        self._say()
        return self.stops

    def close(self) -> None:
        self.connection.close()

    def _say(self) -> None:
        if time.monotonic() - self.said_at < PACE:
            return
        with self.connection.cursor() as cursor:
            cursor.execute(
                "update export set rows = %s where id = %s and state = 'running'"
                " returning cancel_asked_at is not null",
                [self.rows, self.pk],
            )
            found = cursor.fetchone()
        self.stops = found is None or found[0]
        self.said_at = time.monotonic()
