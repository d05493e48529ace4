"""What became of each row of a file, asked live: of the preview until it is begun, then of the run
and of the shipment that the row became.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from django.db.models import Case, CharField, Count, F, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Coalesce, NullIf

from shipboard.fulfilment.finishing import CALLED_OFF
from shipboard.fulfilment.models import RunRow
from shipboard.fulfilment.pausing import NOT_BEGUN
from shipboard.orders.attempts import Attempt
from shipboard.uploads.models import ShipmentUpload, UploadRow

Verdict = UploadRow.Verdict
Outcome = RunRow.Outcome
GONE = "The order was gone when the file was begun."


class Result(StrEnum):
    #: Before it is begun.
    GOOD = "good"
    WARNED = "warned"
    #: After.
    WAITING = "waiting"
    SENDING = "sending"
    SHIPPED = "shipped"
    RECORDED = "recorded"
    UNDONE = "undone"
    #: The run was called off before it had left.
    NOT_BEGUN = "not_begun"
    FAILED = "failed"
    #: Both.
    REFUSED = "refused"
    UNCHANGED = "unchanged"
    #: Nothing is filled in; its verdict is UNCHANGED.
    LEFT_OUT = "left_out"


LABELS = {
    Result.GOOD: "Good",
    Result.WARNED: "With a warning",
    Result.WAITING: "Waiting",
    Result.SENDING: "In the outbox",
    Result.SHIPPED: "Shipped",
    Result.RECORDED: "Recorded",
    Result.UNDONE: "Undone",
    Result.NOT_BEGUN: "Not begun",
    Result.FAILED: "Failed",
    Result.REFUSED: "Refused",
    Result.UNCHANGED: "Unchanged",
    Result.LEFT_OUT: "Left out",
}
#: Rows that a person has to look at; they make the file to mend.
TO_MEND = (Result.REFUSED, Result.FAILED, Result.NOT_BEGUN)
#: What a person began and has not been undone.
ACCEPTED = (Result.WAITING, Result.SENDING, Result.SHIPPED, Result.RECORDED)

#: What is unchanged has a number, but for rows where nothing is filled in.
LEFT_OUT = When(verdict=Verdict.UNCHANGED, tracking="", then=Value(Result.LEFT_OUT.value))


def rows_of(upload: ShipmentUpload) -> QuerySet[Any]:
    """Rows in the file's order, each with `result` (a Result) and `why` (a sentence or blank)."""
    rows = UploadRow.objects.filter(upload=upload).order_by("row")
    if upload.run_id is None:
        return rows.annotate(
            result=Case(LEFT_OUT, default=F("verdict"), output_field=CharField()),
            why=Coalesce("reason", Value(""), output_field=TextField()),
        )
    return rows.annotate(result=_result(), why=_why())


def _result() -> Case:
    outcome, state = "run_row__outcome", "run_row__attempt__state"
    reason = "run_row__reason__startswith"
    called_off = Q(**{reason: NOT_BEGUN}) | Q(**{reason: CALLED_OFF})
    whens = [
        LEFT_OUT,
        When(verdict__in=(Verdict.REFUSED, Verdict.UNCHANGED), then=F("verdict")),
        When(run_row=None, then=Value(Result.REFUSED.value)),
        When(**{outcome: Outcome.WAITING}, then=Value(Result.WAITING.value)),
        When(**{outcome: Outcome.SENDING}, then=Value(Result.SENDING.value)),
        When(**{outcome: Outcome.FAILED}, then=Value(Result.FAILED.value)),
        When(called_off, **{outcome: Outcome.SKIPPED}, then=Value(Result.NOT_BEGUN.value)),
        # A recorded shipment is done as far as a run goes.
        When(**{state: Attempt.State.RECORDED}, then=Value(Result.RECORDED.value)),
        When(**{state: Attempt.State.REVOKED}, then=Value(Result.UNDONE.value)),
        When(**{outcome: Outcome.DONE}, then=Value(Result.SHIPPED.value)),
    ]
    return Case(*whens, default=Value(Result.UNCHANGED.value), output_field=CharField())


def _why() -> Case:
    stayed = Q(verdict__in=(Verdict.REFUSED, Verdict.UNCHANGED))
    return Case(
        When(stayed, then=F("reason")),
        When(run_row=None, then=Value(GONE)),
        # The run says it last; until then what the preview warned of stands.
        default=Coalesce(NullIf("run_row__reason", Value("")), F("reason")),
        output_field=TextField(),
    )


def counts_of(upload: ShipmentUpload) -> dict[Result, int]:
    """How many rows have each result; they add up to the file's rows. Those of a file that is not
    kept any more are the preview's."""
    if upload.purged_at:
        return {Result(verdict.value): getattr(upload, verdict.value) for verdict in Verdict}
    rows = rows_of(upload).order_by().values_list("result").annotate(Count("pk"))
    return {Result(result): count for result, count in rows}
