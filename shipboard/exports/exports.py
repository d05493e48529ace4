"""An export is a durable thing: asked for once, written whole or not at all, kept for seven days,
handed out to those who may see what is in it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from procrastinate.contrib.django import app

from shipboard.accounts import audit
from shipboard.accounts.access import Access, NotAllowed
from shipboard.accounts.roles import Right
from shipboard.exports import vault
from shipboard.exports.models import Asked, Export
from shipboard.exports.write import Wanted, plan
from shipboard.fulfilment.selection import Selection
from shipboard.orders.filters import parse
from shipboard.orders.overlays import Refused
from shipboard.orders.queries import visible_shops

#: Name of the job (tasks.py) that writes an export.
JOB = "write_export"
LIVE = (Export.State.WAITING, Export.State.RUNNING)
KEPT = timedelta(days=7)


class NothingToExport(Refused):
    """No order is matched or chosen."""


class NotOffered(Refused):
    """The file is not there, or not any more."""


class NothingToRetry(Refused):
    """It has not failed."""


def begin(wanted: Wanted, *, key: UUID, access: Access, now: datetime) -> Export:
    """Put an export in the queue; the same `key` again gives the first one. Raises BadFilter,
    NotAllowed, NothingToExport and exports.write.TooMany."""
    if wanted.unmasked:
        access.need(Right.SEE_BUYERS)
    if first := seen_by(access).filter(key=key).first():
        return first
    planned = plan(wanted, access, now)
    if not planned.orders:
        raise NothingToExport("No order matches now, so no file is made.")
    selection = Selection(planned.orders, wanted.selection.pks, wanted.selection.filter)
    made = Export(
        key=key,
        by=access.by,
        person_id=access.person_id,
        chosen=list(selection.pks) if selection.filter is None else None,
        words=selection.words(),
        orders=planned.orders,
        rows_planned=planned.rows,
        asked_at=now,
        query=selection.filter.query() if selection.filter else "",
        layout=wanted.layout,
        columns=list(wanted.columns),
        format=wanted.format,
        with_description=wanted.with_description,
        unmasked=wanted.unmasked,
    )
    try:
        with transaction.atomic():
            made.save(force_insert=True)
            audit.note(access.by, "export_begun", f"export {made.pk}", **_said(made))
            enqueue(made.pk)
    except IntegrityError:
        # The same form, sent twice: the other was first.
        if first := seen_by(access).filter(key=key).first():
            return first
        raise NotOffered(
            "This form was sent by somebody else already. Reload the page, and export again."
        ) from None
    return made


def _said(export: Export) -> dict[str, object]:
    return {"orders": export.orders, "layout": export.layout, "personal_data": export.unmasked}


def enqueue(pk: int) -> None:
    """Through Django's connection: the job is there when, and only when, the export is."""
    app.configure_task(JOB, queue="exports").defer(export_pk=pk)


def wanted_of(asked: Asked, chosen: list[int] | None = None, expected: int = 0) -> Wanted:
    """What `asked` says, for exports.write; `chosen` are keys of orders in place of its query.
    Raises BadFilter when the query is not understood any more."""
    selection = (
        Selection(expected, filter=parse(asked.query))
        if chosen is None
        else Selection(len(chosen), pks=tuple(chosen))
    )
    return Wanted(
        selection=selection,
        layout=asked.layout,
        format=asked.format,
        columns=tuple(asked.columns),
        with_description=asked.with_description,
        unmasked=asked.unmasked,
    )


def seen_by(access: Access) -> QuerySet[Export]:
    """Exports that the actor may look at: owners all, others their own."""
    if access.may(Right.OWN):
        return Export.objects.all()
    return Export.objects.filter(person=access.person_id or 0)


def cancel(export: Export, *, access: Access, now: datetime) -> None:
    """It ends at once while it waits, and within a second or two while it is written."""
    waiting = Export.objects.filter(pk=export.pk, state=Export.State.WAITING)
    if waiting.update(state=Export.State.CANCELED, cancel_asked_at=now, finished_at=now):
        audit.note(access.by, "export_canceled", f"export {export.pk}")
        return
    running = Export.objects.filter(pk=export.pk, state=Export.State.RUNNING)
    if running.filter(cancel_asked_at=None).update(cancel_asked_at=now):
        audit.note(access.by, "export_canceled", f"export {export.pk}")


@transaction.atomic
def retry(export: Export, *, access: Access, now: datetime) -> None:
    """Write what failed or was canceled once more, as whoever asked for it. Raises NothingToRetry,
    and NotOffered once what was chosen is forgotten."""
    ended = Export.objects.select_for_update().get(pk=export.pk)
    if ended.state not in (Export.State.FAILED, Export.State.CANCELED):
        raise NothingToRetry("It has not failed, so there is nothing to try again.")
    if ended.chosen == []:
        raise NotOffered("Which orders were chosen is not kept any more; choose them again.")
    Export.objects.filter(pk=ended.pk).update(
        state=Export.State.WAITING,
        problem="",
        attempts=0,
        rows=0,
        asked_at=now,
        finished_at=None,
        cancel_asked_at=None,
        noticed_at=None,
    )
    audit.note(access.by, "export_retried", f"export {ended.pk}")
    enqueue(ended.pk)


def is_offered(export: Export, now: datetime) -> bool:
    """Whether there is a file to take at `now`, whatever a worker has tidied up or not."""
    try:
        check_offered(export, now)
    except (NotOffered, vault.Damaged):
        return False
    return True


def check_offered(export: Export, now: datetime) -> None:
    """As far as the file is known without opening it. Raises NotOffered and vault.Damaged."""
    expires_at = export.expires_at
    if export.state != Export.State.DONE or expires_at is None:
        raise NotOffered("There is no file of it.")
    if expires_at <= now:
        raise NotOffered(
            "The file is not kept any more; files go after 7 days. Export the orders again."
        )
    vault.check(export.key, export.size)


def take(export: Export, *, access: Access, now: datetime) -> vault.Opened:
    """The plain file, noted as taken. Raises NotOffered, NotAllowed, vault.Unopenable."""
    check_may_take(export, access)
    check_offered(export, now)
    opened = vault.unseal(export.key)
    with transaction.atomic():
        row = Export.objects.select_for_update().get(pk=export.pk)
        row.downloads.append({"by": access.by, "at": now.isoformat()})
        row.noticed_at = row.noticed_at or now
        row.save(update_fields=["downloads", "noticed_at"])
        audit.note(access.by, "export_taken", f"export {export.pk}", **_said(export))
    return opened


def check_may_take(export: Export, access: Access) -> None:
    """By what the actor may see now, not then. Raises NotAllowed."""
    if export.person_id != access.person_id:
        access.need(Right.OWN)
    if export.unmasked:
        access.need(Right.SEE_BUYERS)
    seen = set(visible_shops(access).values_list("pk", flat=True))
    if not seen.issuperset(export.shop_ids):
        raise NotAllowed(
            "This file holds orders of a shop that is not open to you any more. Export the orders "
            "again: the new file holds those that you see."
        )


def purge(now: datetime) -> None:
    """Delete the files that nobody may take any more: expired, of a shop that was taken away, or
    left behind by a kill; and which orders were chosen for exports that are over."""
    shops = set(visible_shops(Access(by="purge")).values_list("pk", flat=True))
    lasting = Q(state=Export.State.DONE, expires_at__gt=now)
    for export in Export.objects.filter(lasting).only("pk", "shop_ids"):
        if not shops.issuperset(export.shop_ids):
            Export.objects.filter(pk=export.pk).update(expires_at=now)
    # Files first: what is written from here on belongs to an export that is seen as live below.
    there = vault.stored()
    kept = Export.objects.filter(lasting | Q(state__in=LIVE), key__in=there)
    for key in there - set(kept.values_list("key", flat=True)):
        vault.discard(key)
    over = Export.objects.exclude(state__in=LIVE).filter(asked_at__lt=now - KEPT)
    over.exclude(chosen=None).exclude(chosen=[]).update(chosen=[])
