"""What a label's state is called, the same for the tabs of Shipping Labels, the filter `label`,
badges and programs; and which orders have a label in it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q

from shipboard.channels.contract import Shipping, Stage
from shipboard.orders.labels import LIVE, Label, LabelOrder, labelled
from shipboard.orders.models import OPEN_STAGES, Order, ParcelContent
from shipboard.orders.stages import TAB_OF, Tab, in_tab, stage_now
from shipboard.orders.staleness import BEFORE_COLLECTION, stale_code

#: A label whose outcome is not known for so long asks for a person.
ASKED_TOO_LONG = timedelta(minutes=10)


class LabelState(StrEnum):
    NONE = "none"
    CREATING = "creating"
    CREATED = "created"
    PRINTED = "printed"
    REJECTED = "rejected"
    DELAYED = "delayed"
    UNKNOWN = "unknown"
    STALE = "stale"
    VOIDED = "voided"


class Printed(StrEnum):
    YES = "yes"
    NO = "no"


WORDS: Mapping[LabelState, str] = {
    LabelState.NONE: "To create",
    LabelState.CREATING: "Creating",
    LabelState.CREATED: "Created and not printed",
    LabelState.PRINTED: "Printed",
    LabelState.REJECTED: "Rejected",
    LabelState.DELAYED: "Delayed",
    LabelState.UNKNOWN: "Being asked for",
    LabelState.STALE: "Stale",
    LabelState.VOIDED: "Voided",
}
#: Of several labels of an order the one that asks for a person first.
PRESSING = (
    LabelState.REJECTED,
    LabelState.UNKNOWN,
    LabelState.DELAYED,
    LabelState.CREATING,
    LabelState.CREATED,
    LabelState.PRINTED,
)
#: States that ask for a person, at once or after a while.
TROUBLED = (Label.State.REJECTED, Label.State.DELAYED, Label.State.UNKNOWN)
#: The marketplace counts a label's purchase as shipped, and the carrier has not taken all of it.
ARRANGED = (Stage.PARTIALLY_SHIPPED, Stage.PENDING_COLLECTION)
#: The carrier has not taken the parcel yet.
UNCOLLECTED = tuple(each for each in OPEN_STAGES if each != Stage.IN_TRANSIT)


def state_of(label: Label) -> LabelState:
    """What the label counts as, staleness aside."""
    if label.state == Label.State.CREATED and label.is_printed:
        return LabelState.PRINTED
    return LabelState(label.state)


def label_word(order: Order, labels: Iterable[Label], now: datetime) -> str:
    """The state of an order's labels in one word: a LabelState, blank where it needs none."""
    states = {state_of(label) for label in labels}
    for state in PRESSING:
        if state in states:
            return state
    is_ours = order.shipping == Shipping.PLATFORM and not order.is_platform_fulfilled
    if is_ours and TAB_OF[stage_now(order, now)] == Tab.PENDING_SHIPPING:
        return LabelState.NONE
    return LabelState.VOIDED if states else ""


def label_words(orders: Collection[Order], now: datetime) -> dict[int, str]:
    """`label_word` of each, by the order's key. One query."""
    labels: dict[int, list[Label]] = {order.pk: [] for order in orders}
    for each in LabelOrder.objects.filter(order__in=labels).select_related("label"):
        labels[each.order_id].append(each.label)
    return {order.pk: label_word(order, labels[order.pk], now) for order in orders}


def in_state(state: LabelState, of: str = "") -> Q:
    """Labels in a state other than none and stale; `of` leads to them, such as `label__`."""
    unprinted = Q(**{f"{of}label_print": Label.Print.NO})
    match state:
        case LabelState.CREATED:
            return Q(**{f"{of}state": Label.State.CREATED}) & unprinted
        case LabelState.PRINTED:
            return Q(**{f"{of}state": Label.State.CREATED}) & ~unprinted
    return Q(**{f"{of}state": state.value})


def with_label(states: Collection[LabelState], now: datetime) -> Q:
    """Orders with a label in one of these states."""
    return reduce(or_, (_with_label(state, now) for state in states))


def _with_label(state: LabelState, now: datetime) -> Q:
    match state:
        case LabelState.NONE:
            return to_create(now)
        case LabelState.STALE:
            of_order = Label.objects.filter(inside__order=OuterRef("pk"), state__in=LIVE)
            stale = Exists(of_order.alias(stale=stale_code(now)).exclude(stale=""))
            # What has left can be kept back no more; said first, for few orders are so.
            return Q(stage__in=BEFORE_COLLECTION, collected_at=None) & Q(stale)
    return labelled(in_state(state, "label__"))


def with_printed(choice: Printed) -> Q:
    """Orders with a label that is here and was, or was not, sent to a printer."""
    state = LabelState.PRINTED if choice is Printed.YES else LabelState.CREATED
    return labelled(in_state(state, "label__"))


def to_create(now: datetime) -> Q:
    """Orders that wait for a label of the platform: they have none that counts, or one of their
    packages has none."""
    counts = ~Q(label__state=Label.State.VOIDED)
    has_label = LabelOrder.objects.filter(
        counts, order=OuterRef("order"), label__package_id=OuterRef("parcel__package_id")
    )
    bare = ParcelContent.objects.filter(
        ~Q(parcel__package_id=""),
        ~Exists(has_label),
        order=OuterRef("pk"),
        is_current=True,
        parcel__tracking_number="",
    )
    waits = Q(shipping=Shipping.PLATFORM, is_platform_fulfilled=False)
    return in_tab(Tab.PENDING_SHIPPING, now) & waits & (~labelled(counts) | Q(Exists(bare)))


def without_use() -> Q:
    """Orders that the marketplace counts as arranged, with a label that is voided here and has no
    other in its place."""
    of_package = Q(label__package_id=OuterRef("label__package_id")) & ~Q(label__package_id="")
    others = LabelOrder.objects.filter(
        of_package | Q(label__gt=OuterRef("label")), order=OuterRef("order")
    ).exclude(label__state=Label.State.VOIDED)
    wanted = Q(label__state=Label.State.VOIDED, label__arranged_at__isnull=False)
    return Q(stage__in=ARRANGED) & labelled(wanted & Q(~Exists(others)))


def in_trouble(now: datetime) -> Q:
    """Orders not collected yet whose label was rejected, is delayed, or is being asked for for more
    than ten minutes. A rejection of which nothing was bought is over once the order is shipped."""
    is_over = Q(label__arranged_at=None, order__stage=Stage.PENDING_COLLECTION)
    asked_too_long = Q(label__state=Label.State.UNKNOWN) & Q(
        label__asked_at__lt=now - ASKED_TOO_LONG
    )
    # The first half repeats the condition of the index label_trouble.
    trouble = Q(label__state__in=TROUBLED) & (
        Q(label__state=Label.State.REJECTED) & ~is_over
        | Q(label__state=Label.State.DELAYED)
        | asked_too_long
    )
    return Q(stage__in=UNCOLLECTED) & labelled(trouble)
