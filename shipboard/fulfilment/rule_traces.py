"""What was ever done with orders, read for rules that answer: labels and prints, shipments and
labels asked for, holds, disputes. A constant number of queries, whatever the number of orders.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain

from django.db.models import Q

from shipboard.fulfilment.answer_rules import Ground, Known, Trace, WhyNot
from shipboard.orders.attempts import Attempt, ClaimedUnit
from shipboard.orders.labels import Label, LabelOrder
from shipboard.orders.models import Case, Hold, Order, ParcelContent

Found = Iterator[tuple[int, Trace]]

#: Attempts that ship an order, change its packages, or cancel it.
MOVES = (
    Attempt.Kind.SHIP,
    Attempt.Kind.LABEL,
    Attempt.Kind.MARK,
    Attempt.Kind.REPACK,
    Attempt.Kind.CANCEL,
)
CAME_TO_NOTHING = (Attempt.State.REFUSED, Attempt.State.REVOKED)
LABELLED = WhyNot(Ground.MADE, "A shipping label of it was made or asked for.")
PRINTED = WhyNot(Ground.MADE, "A label or packing slip of it went to a printer.")
NUMBERED = WhyNot(Ground.MADE, "One of its parcels has a tracking number.")


def known_of(orders: Sequence[Order]) -> dict[int, Known]:
    """By the orders' keys; the orders come with their shop. Seven queries."""
    pks = [order.pk for order in orders]
    traces: dict[int, list[Trace]] = defaultdict(list)
    for pk, trace in chain(_of_labels(pks), _of_attempts(pks), _of_holds(pks), _of_parcels(orders)):
        traces[pk].append(trace)
    cases = Case.objects.filter(order__in=pks).exclude(dispute="")
    disputed = set(cases.values_list("order_id", flat=True))
    answers = Attempt.objects.filter(order__in=pks, kind=Attempt.Kind.ANSWER)
    answered = set(answers.filter(state=Attempt.State.DONE).values_list("order_id", flat=True))
    return {
        each.pk: Known(each, (*traces[each.pk],), each.pk in disputed, each.pk in answered)
        for each in orders
    }


def _of_labels(pks: Sequence[int]) -> Found:
    for inside in LabelOrder.objects.filter(order__in=pks).select_related("label"):
        label = inside.label
        is_printed = label.is_printed or label.slip_print != Label.Print.NO or label.printed_at
        if is_printed:
            yield inside.order_id, Trace(label.printed_at or label.asked_at, PRINTED)
        yield inside.order_id, Trace(label.asked_at, LABELLED, _label_over_at(label))


def _label_over_at(label: Label) -> datetime | None:
    """When a label came to nothing before it was made; None: it is, or was, a label."""
    if label.arranged_at or label.stored_at:
        return None
    if label.state == Label.State.REJECTED:
        return label.rejected_at or label.asked_at
    return label.voided_at if label.state == Label.State.VOIDED else None


def _of_attempts(pks: Sequence[int]) -> Found:
    """Those of the orders, and those of others that have units of theirs in a parcel."""
    claimed: dict[int, set[int]] = defaultdict(set)
    for unit in ClaimedUnit.objects.filter(order__in=pks):
        claimed[unit.attempt_id].add(unit.order_id)
    of_them = Q(order__in=pks) | Q(pk__in=claimed)
    for attempt in Attempt.objects.filter(of_them, kind__in=MOVES):
        is_over = attempt.state in CAME_TO_NOTHING or attempt.kind == Attempt.Kind.REPACK
        over_at = attempt.ended_at if is_over else None
        why = WhyNot(Ground.MADE, f"{_asked(attempt)} by {attempt.by}.")
        trace = Trace(attempt.asked_at, why, over_at)
        for pk in {attempt.order_id, *claimed[attempt.pk]}:
            yield pk, trace


def _asked(attempt: Attempt) -> str:
    match attempt.kind:
        case Attempt.Kind.LABEL:
            return "Its shipping label was asked for"
        case Attempt.Kind.REPACK:
            return "Another way of packing it was asked for"
        case Attempt.Kind.CANCEL:
            return "It is being canceled"
    return "Its shipment was asked for"


def _of_holds(pks: Sequence[int]) -> Found:
    for hold in Hold.objects.filter(order__in=pks):
        ends = [at for at in (hold.released_at, hold.until) if at]
        why = WhyNot(Ground.HELD, f"{hold.by} held it here, so that somebody looks at it.")
        yield hold.order_id, Trace(hold.placed_at, why, min(ends, default=None))


def _of_parcels(orders: Sequence[Order]) -> Found:
    """Parcels that have a number, which only the marketplace may have told of."""
    by_pk = {order.pk: order for order in orders}
    inside = ParcelContent.objects.filter(order__in=by_pk, is_current=True)
    numbered = inside.exclude(parcel__tracking_number="").select_related("parcel")
    for content in numbered:
        since = by_pk[content.order_id].arranged_at or content.parcel.as_of
        yield content.order_id, Trace(since, NUMBERED)
