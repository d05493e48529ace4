"""Exports that are asked for by themselves, daily or weekly: each time exactly once, the latest one
also when the desk was off at it, and always with what their owner may see then.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from shipboard.accounts import audit
from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right
from shipboard.channels.shops import known_zone
from shipboard.exports import delivery
from shipboard.exports.exports import enqueue, wanted_of
from shipboard.exports.models import Export, ExportSchedule
from shipboard.exports.times import latest_slot, next_slot, within
from shipboard.exports.write import plan
from shipboard.fulfilment.selection import Selection
from shipboard.orders.filters import BadFilter, parse
from shipboard.orders.overlays import Refused
from shipboard.orders.values import is_storable

LONGEST_NAME = 60
#: So many schedules one person may keep.
MOST = 20


class ScheduleRefused(Refused):
    """It cannot be scheduled so; the message says why."""


def schedule_export(schedule: ExportSchedule, *, access: Access, now: datetime) -> ExportSchedule:
    """Keep a schedule that was filled in but not saved; it begins with its first time after `now`.
    Raises ScheduleRefused, delivery.FolderRefused, BadShop, and what exports.write.plan raises of
    a file that could not be written today."""
    schedule.name = " ".join(schedule.name.split())
    if not schedule.name or len(schedule.name) > LONGEST_NAME or not is_storable(schedule.name):
        raise ScheduleRefused(f"Give it a name of up to {LONGEST_NAME} letters.")
    known_zone(schedule.timezone)
    _check_days(schedule)
    if schedule.unmasked:
        access.need(Right.SEE_BUYERS)
    if schedule.folder:
        delivery.checked(schedule.folder)
        if schedule.unmasked:
            raise ScheduleRefused(
                "A file with personal data is not put into a folder, where it would lie plain and "
                "for good. Mask it, or keep it under Exports."
            )
    whole = Selection(0, filter=within(parse(schedule.query), schedule, now))
    plan(replace(wanted_of(schedule), selection=whole), access, now)
    if ExportSchedule.objects.filter(person=access.person_id).count() >= MOST:
        raise ScheduleRefused(f"You have {MOST} schedules, which is the most; remove one first.")
    schedule.person_id = access.person_id or 0
    schedule.counts_from = now
    with transaction.atomic():
        schedule.save(force_insert=True)
        audit.note(access.by, "schedule_made", schedule.name, personal_data=schedule.unmasked)
    return schedule


def _check_days(schedule: ExportSchedule) -> None:
    filter_ = parse(schedule.query)
    of = schedule.period_of
    if schedule.period and (getattr(filter_, f"{of}_from") or getattr(filter_, f"{of}_to")):
        raise ScheduleRefused(
            f"The filter names days on which orders were {schedule.get_period_of_display()}, and "
            "so does the period. Take one of them out."
        )


def seen_by(access: Access) -> QuerySet[ExportSchedule]:
    """Schedules that the actor may look at and end: owners all, others their own."""
    if access.may(Right.OWN):
        return ExportSchedule.objects.all()
    return ExportSchedule.objects.filter(person=access.person_id or 0)


def pause(schedule: ExportSchedule, *, access: Access) -> None:
    if ExportSchedule.objects.filter(pk=schedule.pk, is_paused=False).update(is_paused=True):
        audit.note(access.by, "schedule_paused", schedule.name)


def resume(schedule: ExportSchedule, *, access: Access, now: datetime) -> None:
    """Go on with the first time after `now`. Raises ScheduleRefused while its owner is closed."""
    if not schedule.person.is_active:
        raise ScheduleRefused(f"The account of {schedule.person} is closed; make one of your own.")
    paused = ExportSchedule.objects.filter(pk=schedule.pk, is_paused=True)
    if paused.update(is_paused=False, problem="", counts_from=now):
        audit.note(access.by, "schedule_resumed", schedule.name)


def remove(schedule: ExportSchedule, *, access: Access) -> None:
    """The exports that it made stay until they expire."""
    schedule.delete()
    audit.note(access.by, "schedule_removed", schedule.name)


def next_run(schedule: ExportSchedule, now: datetime) -> datetime | None:
    """None while it is paused."""
    if schedule.is_paused:
        return None
    after = max(now, schedule.counts_from)
    return next_slot(schedule.at, schedule.weekday, ZoneInfo(schedule.timezone), after)


def run_due(now: datetime) -> list[Export]:
    """Ask for what is due at `now`: of each schedule the latest time that has passed, unless it was
    asked for already. Safe to be called by many at once."""
    made = []
    for schedule in ExportSchedule.objects.filter(is_paused=False).order_by("pk"):
        slot = latest_slot(schedule.at, schedule.weekday, ZoneInfo(schedule.timezone), now)
        is_done = Export.objects.filter(schedule=schedule, slot__gte=slot).exists()
        if slot > schedule.counts_from and not is_done and (export := _ask(schedule, slot, now)):
            made.append(export)
    return made


def _ask(schedule: ExportSchedule, slot: datetime, now: datetime) -> Export | None:
    """None when another worker was first, or the owner's account is closed."""
    person = schedule.person
    if not person.is_active:
        why = f"Paused: the account of {person.email} is closed."
        ExportSchedule.objects.filter(pk=schedule.pk).update(is_paused=True, problem=why)
        return None
    try:
        query = within(parse(schedule.query), schedule, slot).query()
        problem = ""
    except BadFilter as unknown:
        query, problem = schedule.query, str(unknown)
    export = Export(
        key=uuid4(),
        by=person.email,
        person=person,
        schedule=schedule,
        slot=slot,
        words=schedule.name,
        asked_at=now,
        query=query,
        layout=schedule.layout,
        columns=schedule.columns,
        format=schedule.format,
        with_description=schedule.with_description,
        unmasked=schedule.unmasked,
        changed_only=schedule.changed_only,
        state=Export.State.FAILED if problem else Export.State.WAITING,
        problem=problem,
        finished_at=now if problem else None,
        noticed_at=now,
    )
    try:
        with transaction.atomic():
            export.save(force_insert=True)
            if not problem:
                _note(export, schedule)
                enqueue(export.pk)
    except IntegrityError:
        return None
    return export


def _note(export: Export, schedule: ExportSchedule) -> None:
    """How many orders it is to have is not known before it is written."""
    audit.note(
        export.by,
        "export_scheduled",
        f"export {export.pk}",
        layout=export.layout,
        personal_data=export.unmasked,
        schedule=schedule.name,
    )
