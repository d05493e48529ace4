"""Writing down what became of attempts: the attempt, its claims, its order's history, and the row
of the run that it belongs to, together or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F

from shipboard.channels.contract import Arranged
from shipboard.fulfilment.label_ends import follow
from shipboard.fulfilment.models import Run, RunRow
from shipboard.orders.attempts import Attempt, ClaimedUnit
from shipboard.orders.models import Event, Order

State = Attempt.State
#: From where an attempt may come to a state.
FROM: dict[str, tuple[str, ...]] = {
    State.DONE: (State.WAITING, State.CALLING, State.UNKNOWN, State.RECORDED),
    State.REFUSED: (State.WAITING, State.CALLING, State.UNKNOWN, State.RECORDED),
    State.REVOKED: (State.WAITING, State.RECORDED),
    State.WAITING: (State.CALLING, State.UNKNOWN),
    State.UNKNOWN: (State.WAITING, State.CALLING, State.UNKNOWN),
}
FREED = (State.REFUSED, State.REVOKED)
ENDED = (State.DONE, *FREED)
#: What an end is called in the order's history, by the attempt's kind.
EVENTS = {
    Attempt.Kind.SHIP: {
        State.DONE: "shipment_accepted",
        State.REFUSED: "shipment_refused",
        State.REVOKED: "shipment_undone",
    },
    Attempt.Kind.CORRECT: {
        State.DONE: "tracking_corrected",
        State.REFUSED: "correction_refused",
        State.REVOKED: "correction_undone",
    },
    Attempt.Kind.LABEL: {
        State.DONE: "label_bought",
        State.REFUSED: "label_rejected",
        State.REVOKED: "label_undone",
    },
    Attempt.Kind.REPACK: {
        State.DONE: "repacked",
        State.REFUSED: "repacking_refused",
        State.REVOKED: "repacking_undone",
    },
    Attempt.Kind.MARK: {
        State.DONE: "marked_shipped",
        State.REFUSED: "marking_refused",
        State.REVOKED: "marking_undone",
    },
    Attempt.Kind.ANSWER: {
        State.DONE: "case_answered",
        State.REFUSED: "answer_refused",
        State.REVOKED: "answer_undone",
    },
    Attempt.Kind.CANCEL: {
        State.DONE: "order_canceled",
        State.REFUSED: "cancel_refused",
        State.REVOKED: "cancel_undone",
    },
}
ROWS = {
    State.DONE: RunRow.Outcome.DONE,
    State.REFUSED: RunRow.Outcome.FAILED,
    State.REVOKED: RunRow.Outcome.SKIPPED,
}


@dataclass(frozen=True, slots=True)
class Ending:
    """What an attempt comes to. Not an end: WAITING or UNKNOWN, again at `due_at` (real time).
    `calls`: the attempt's count of claims when this was learnt; an answer to an older call than the
    present one is dropped. None: whatever call it was. `tries`: calls made by now, None: as
    before. Of labels also what the platform arranged, or the group of its refusal."""

    pk: int
    state: str
    reason: str = ""
    next_step: str = ""
    code: str = ""
    words: str = ""
    request_id: str = ""
    warning: str = ""
    package_id: str = ""
    due_at: datetime | None = None
    calls: int | None = None
    tries: int | None = None
    arranged: Arranged | None = None
    rejection: str = ""


@transaction.atomic
def finish(endings: Sequence[Ending], *, by: str, now: datetime) -> list[Attempt]:
    """Write down what became of attempts; those that somebody else has brought to an end meanwhile
    stay as they are. Returns those that were written. Orders are taken before attempts, as
    everywhere."""
    said = {each.pk: each for each in endings}
    order_pks = set(Attempt.objects.filter(pk__in=said).values_list("order_id", flat=True))
    order_pks |= set(
        ClaimedUnit.objects.filter(attempt__in=said).values_list("order_id", flat=True)
    )
    # In one order, so that two of us never wait for each other.
    list(Order.objects.filter(pk__in=order_pks).order_by("pk").select_for_update().values("pk"))
    found = Attempt.objects.filter(pk__in=said).order_by("pk").select_for_update()
    off = _called_off(endings)
    written = [each for each in found if _take(each, said[each.pk], now, is_off=each.pk in off)]
    _store("attempt", FIELDS, written)
    concerned = _repacked(written)
    _give_back(written)
    follow([(each, said[each.pk]) for each in written if each.label_id], now)
    ended = [each for each in written if each.state in ENDED]
    _tell(ended, concerned, by, now)
    touched = {each.order_id for each in written} | order_pks
    Order.objects.filter(pk__in=touched).update(version=F("version") + 1, changed_at=now)
    _end_rows(written, now)
    return written


CALLED_OFF = "Not done: the rest of the run was called off before it had left."
TEXT, INSTANT, COUNT = "text", "timestamptz", "smallint"
#: Columns, with their types.
FIELDS = {
    **dict.fromkeys(("state", "reason", "next_step", "code", "words", "request_id"), TEXT),
    **dict.fromkeys(("warning", "package_id"), TEXT),
    **dict.fromkeys(("due_at", "ended_at"), INSTANT),
    "tries": COUNT,
}
ROW_FIELDS = {"outcome": TEXT, "reason": TEXT, "at": INSTANT}


def _store(table: str, fields: Mapping[str, str], rows: Sequence[Attempt | RunRow]) -> None:
    """As bulk_update, which takes far longer over fifty rows."""
    if not rows:
        return
    columns = ", ".join(f"{name} {kind}" for name, kind in fields.items())
    assigned = ", ".join(f"{name} = new.{name}" for name in fields)
    written = [{"id": each.pk, **{name: getattr(each, name) for name in fields}} for each in rows]
    with connection.cursor() as cursor:
        cursor.execute(
            f"update {table} set {assigned} "  # noqa: S608 - our own names
            f"from jsonb_to_recordset(%s::jsonb) as new (id bigint, {columns}) "
            f"where {table}.id = new.id",
            [json.dumps(written, default=str)],
        )


def _called_off(endings: Iterable[Ending]) -> set[int]:
    """Those that would wait again, though the rest of their run has been called off meanwhile."""
    again = [each.pk for each in endings if each.state == State.WAITING]
    if not again:
        return set()
    rows = RunRow.objects.filter(attempt__in=again).exclude(run__canceled_at=None)
    return {pk for pk in rows.values_list("attempt_id", flat=True) if pk}


def _take(attempt: Attempt, ending: Ending, now: datetime, *, is_off: bool) -> bool:
    if attempt.state not in FROM[ending.state]:
        return False
    is_of_older_call = ending.calls is not None and ending.calls != attempt.calls
    if is_of_older_call and ending.state != State.DONE:
        return False  # only its success would be news
    if is_off:
        ending = replace(ending, state=State.REVOKED, reason=CALLED_OFF, next_step="")
    attempt.state = ending.state
    attempt.reason, attempt.next_step = ending.reason, ending.next_step
    attempt.code, attempt.words = storable(ending.code), storable(ending.words)
    attempt.request_id = storable(ending.request_id)
    warnings = (attempt.warning, storable(ending.warning))
    attempt.warning = " ".join(dict.fromkeys(filter(None, warnings)))
    attempt.package_id = storable(ending.package_id) or attempt.package_id
    attempt.due_at = ending.due_at or attempt.due_at
    attempt.tries = attempt.tries if ending.tries is None else ending.tries
    attempt.ended_at = now if ending.state in ENDED else None
    return True


def storable(text: str) -> str:
    """What a marketplace says, without what PostgreSQL keeps in no text."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def _give_back(written: Sequence[Attempt]) -> None:
    freed = [each.pk for each in written if each.state in FREED or _is_repacked(each)]
    if freed:
        ClaimedUnit.objects.filter(attempt__in=freed).delete()


def _is_repacked(attempt: Attempt) -> bool:
    """What is packed anew waits to be shipped as before."""
    return attempt.kind == Attempt.Kind.REPACK and attempt.state == State.DONE


def _repacked(written: Sequence[Attempt]) -> Mapping[int, set[int]]:
    """The orders that an end of packing concerns, by the attempt's key."""
    found = {
        each.pk: {each.order_id}
        for each in written
        if each.kind == Attempt.Kind.REPACK and each.state in ENDED
    }
    if found:
        for claim in ClaimedUnit.objects.filter(attempt__in=found):
            found[claim.attempt_id].add(claim.order_id)
    return found


def _tell(
    ended: Sequence[Attempt], concerned: Mapping[int, set[int]], by: str, now: datetime
) -> None:
    Event.objects.bulk_create(
        Event(
            order_id=order_pk,
            at=now,
            kind=_event(each),
            by=by,
            detail={"attempt": each.pk, "code": each.code} if each.code else {"attempt": each.pk},
        )
        for each in ended
        for order_pk in sorted(concerned.get(each.pk, {each.order_id}))
    )


def _event(attempt: Attempt) -> str:
    return EVENTS[Attempt.Kind(attempt.kind)][State(attempt.state)]


def _end_rows(written: Sequence[Attempt], now: datetime) -> None:
    """The rows of runs that these attempts belong to, and the runs that are done with them."""
    by_pk = {each.pk: each for each in written}
    rows = list(
        RunRow.objects.filter(attempt__in=by_pk, outcome=RunRow.Outcome.SENDING).order_by("pk")
    )
    for row in rows:
        attempt = by_pk[row.attempt_id or 0]
        row.outcome = ROWS.get(State(attempt.state), RunRow.Outcome.SENDING)
        row.reason = " ".join(filter(None, (attempt.reason, attempt.next_step)))
        row.reason = row.reason or attempt.warning
        row.at = now
    _store("run_row", ROW_FIELDS, rows)
    for run_pk in sorted({row.run_id for row in rows if row.outcome != RunRow.Outcome.SENDING}):
        end_run(run_pk, now)


@transaction.atomic
def end_run(pk: int, now: datetime) -> bool:
    """Say that a run is done, if nothing of it waits or is under way; whether it is."""
    run = Run.objects.select_for_update().get(pk=pk)
    open_rows = RunRow.objects.filter(
        run=run, outcome__in=(RunRow.Outcome.WAITING, RunRow.Outcome.SENDING)
    )
    if open_rows.exists():
        return False
    Run.objects.filter(pk=pk).exclude(state=Run.State.DONE).update(
        state=Run.State.DONE, finished_at=now
    )
    return True
