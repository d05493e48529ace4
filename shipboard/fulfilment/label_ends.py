"""What the end of an attempt makes of its label, within the transaction that writes it down."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from shipboard.channels.contract import Arranged, Rejection
from shipboard.fulfilment import queueing
from shipboard.orders.attempts import Attempt
from shipboard.orders.labels import Label

State, Ends = Label.State, Attempt.State
TAKEN_BACK = "It was taken back before it had left."
FOUND_INSTEAD = "The same label was created here meanwhile."


class Said(Protocol):
    """What finishing.Ending tells of a label."""

    @property
    def arranged(self) -> Arranged | None: ...

    @property
    def rejection(self) -> str: ...


def follow(ended: Sequence[tuple[Attempt, Said]], now: datetime) -> None:
    """Bring the labels of these attempts, as they are written down now, to where they are; a file
    that is to be fetched is asked for at the attempt's `due_at` (real time)."""
    labels = (
        Label.objects.select_for_update()
        .order_by("pk")
        .in_bulk([attempt.label_id for attempt, _ in ended if attempt.label_id])
    )
    for attempt, said in ended:
        label = labels.get(attempt.label_id or 0)
        if label is None or label.state == State.VOIDED:
            continue
        label.reason, label.next_step = attempt.reason, attempt.next_step
        label.code, label.words = attempt.code, attempt.words
        label.request_id = attempt.request_id
        match attempt.state:
            case Ends.DONE:
                _arranged(label, attempt, said.arranged or Arranged(), now)
            case Ends.REFUSED:
                label.state, label.rejected_at = State.REJECTED, now
                label.rejection = said.rejection or Rejection.UNKNOWN
            case Ends.REVOKED:
                label.state, label.voided_at = State.VOIDED, now
                label.voided_by, label.void_reason = attempt.by, TAKEN_BACK
            case Ends.UNKNOWN:
                label.state = State.UNKNOWN
            case _:
                label.state = State.CREATING
        label.save()


def _arranged(label: Label, attempt: Attempt, said: Arranged, now: datetime) -> None:
    label.state, label.arranged_at = State.CREATING, now
    label.reason = label.next_step = label.code = label.words = ""
    label.tracking_number = said.tracking_number or label.tracking_number
    label.carrier, label.service = said.carrier or label.carrier, said.service or label.service
    if said.price is not None:
        label.price, label.currency = said.price, said.currency
    _name(label, attempt.package_id, now)
    label.fetch_at = label.fetching_since = attempt.due_at
    label.fetches = 0
    queueing.queue(queueing.FETCH, label.shop_id, attempt.due_at, attempt.due_at)


def _name(label: Label, package_id: str, now: datetime) -> None:
    """The package that the label is of; what was found of it at the marketplace gives way."""
    if not package_id or package_id == label.package_id:
        return
    others = Label.objects.filter(shop=label.shop_id, package_id=package_id).exclude(pk=label.pk)
    others.filter(source=Label.Source.FOUND).exclude(state=State.VOIDED).update(
        state=State.VOIDED, voided_at=now, void_reason=FOUND_INSTEAD, fetch_at=None
    )
    if not others.exclude(state=State.VOIDED).exists():
        label.package_id = package_id
