"""Labels that must not be used: taken out of print and hand-over here, with who and why, and back
again while nothing else has changed. The marketplace is not called: no channel takes a label back,
so what was paid for it comes back only there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from shipboard.accounts import audit
from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right
from shipboard.fulfilment import queueing
from shipboard.orders.events import record
from shipboard.orders.labels import Label
from shipboard.orders.models import Order
from shipboard.orders.overlays import words

#: How `void_reason` begins when a person said so; only that can be undone.
DO_NOT_USE = "Do not use"
LONGEST_REASON = 200
UNDER_WAY = "Its creation is under way; wait for its outcome."
OVER = "It is voided already."
NOT_OURS = "It was not a person who said that it must not be used."
REPLACED = "Another label of its parcel exists by now."
State = Label.State


@dataclass(frozen=True)
class Ended:
    """What became of some labels: those done, and why others were left as they were."""

    done: tuple[int, ...]
    left: tuple[tuple[Label, str], ...]
    #: Of those done that were paid for.
    paid: int = 0


def why_not_void(label: Label) -> str:
    """Why a label cannot be put out of use now, a sentence; blank when it can."""
    if label.state == State.VOIDED:
        return OVER
    is_calling = label.state in (State.CREATING, State.UNKNOWN) and label.arranged_at is None
    return UNDER_WAY if is_calling else ""


def void(pks: Iterable[int], reason: str, *, access: Access, now: datetime) -> Ended:
    """Put these labels out of use: they are never printed. Their parcels stay arranged at the
    marketplace, so that no second label is bought for them. `reason` may be blank. Raises
    NotAllowed, and BadWords for a reason that cannot be kept; nothing is done then."""
    access.need(Right.WORK)
    why = f"{DO_NOT_USE}."
    if reason.strip():
        why = f"{DO_NOT_USE}: {words(reason, LONGEST_REASON, 'the reason')}"
    done, left = [], []
    for pk in pks:
        with transaction.atomic():
            label = _locked(pk, access)
            if label is None:
                continue
            if problem := why_not_void(label):
                left.append((label, problem))
                continue
            label.state, label.fetch_at = State.VOIDED, None
            label.voided_at, label.voided_by, label.void_reason = now, access.by, why
            label.save()
            _tell(label, "label_voided", access.by, now)
            done.append(label)
    if done:
        audit.note(access.by, "labels_voided", labels=len(done))
    paid = sum(label.arranged_at is not None for label in done)
    return Ended(tuple(label.pk for label in done), tuple(left), paid)


def restore(pks: Iterable[int], *, access: Access, now: datetime, wall: datetime) -> Ended:
    """Take that back, while nothing else has changed. `wall`: real time, for a file that is then
    asked for again. Raises NotAllowed."""
    access.need(Right.WORK)
    done, left = [], []
    for pk in pks:
        with transaction.atomic():
            label = _locked(pk, access)
            if label is None:
                continue
            if problem := why_not_restore(label):
                left.append((label, problem))
                continue
            _put_back(label, wall)
            _tell(label, "label_restored", access.by, now)
            done.append(label)
    if done:
        audit.note(access.by, "labels_restored", labels=len(done))
    return Ended(tuple(label.pk for label in done), tuple(left))


def why_not_restore(label: Label) -> str:
    """Why a label cannot be put back into use, a sentence; blank when it can."""
    if label.state != State.VOIDED or not label.void_reason.startswith(DO_NOT_USE):
        return NOT_OURS
    of_package = Q(shop=label.shop_id, package_id=label.package_id) & ~Q(package_id="")
    of_orders = Q(package_id="") | Q(pk__gt=label.pk)
    orders = list(label.inside.values_list("order", flat=True))
    others = Label.objects.exclude(pk=label.pk).exclude(state=State.VOIDED)
    others = others.filter(of_package | of_orders & Q(inside__order__in=orders))
    return REPLACED if others.exists() else ""


def _put_back(label: Label, wall: datetime) -> None:
    """Where it was: its file here, rejected, or its file still to be fetched."""
    if label.stored_at:
        label.state = State.CREATED
    elif label.rejected_at:
        label.state = State.REJECTED
    else:
        label.state, label.fetch_at, label.fetching_since = State.CREATING, wall, wall
        label.fetches = 0
        queueing.queue(queueing.FETCH, label.shop_id, wall, wall)
    label.voided_at, label.voided_by, label.void_reason = None, "", ""
    label.save()


def _locked(pk: int, access: Access) -> Label | None:
    """The label, once its orders are locked too; None where it is not of the actor's shops."""
    orders = Order.objects.filter(labels__label=pk).order_by("pk")
    list(orders.select_for_update(of=("self",)).values_list("pk", flat=True))
    label = Label.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    return label if label and access.allows(label.shop_id) else None


def _tell(label: Label, kind: str, by: str, now: datetime) -> None:
    inside = list(label.inside.select_related("order"))
    for each in inside:
        record(each.order, kind, by=by, at=now, label=label.pk)
    orders = Order.objects.filter(pk__in=[each.order_id for each in inside])
    orders.update(version=F("version") + 1, changed_at=now)
