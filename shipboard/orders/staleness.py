"""Labels that no longer fit their parcel: asked of the facts as they are, at read time, so that no
job has to notice. The same codes in SQL (`stale_code`) and in words (`WORDS`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import (
    Case,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    TextField,
    Value,
    When,
)
from django.db.models.functions import MD5, Cast, Coalesce

from shipboard.channels.contract import Stage
from shipboard.orders.attempts import SETTLES, Attempt
from shipboard.orders.canceling import is_asked_for, is_canceling
from shipboard.orders.holds import live as live_holds
from shipboard.orders.labels import LIVE, Label, LabelOrder
from shipboard.orders.models import OPEN_STAGES, Hold, Line, Parcel, ParcelContent


class Stale(StrEnum):
    CANCELED = "canceled"
    TAKEN_BACK = "taken_back"
    CANCELING = "canceling"
    CANCEL_ASKED = "cancel_asked"
    HELD = "held"
    PARTLY_CANCELED = "partly_canceled"
    REPACKED = "repacked"
    RENUMBERED = "renumbered"
    READDRESSED = "readdressed"


#: What happened, and what to do with the parcel.
WORDS: Mapping[Stale, tuple[str, str]] = {
    Stale.CANCELED: ("The order was canceled after its label was made.", "Pull the parcel."),
    Stale.TAKEN_BACK: (
        "The marketplace took the shipment back; its order waits to be shipped again.",
        "Pull the parcel and create its label anew.",
    ),
    Stale.CANCELING: (
        "The order is being canceled.",
        "Keep the parcel back until the marketplace has answered.",
    ),
    Stale.CANCEL_ASKED: (
        "The buyer asks to cancel.",
        "Keep the parcel back until the request is answered.",
    ),
    Stale.HELD: ("The order is held here.", "Keep the parcel back until the hold is released."),
    Stale.PARTLY_CANCELED: (
        "Part of the order was canceled after its label was made.",
        "Take the canceled units out of the parcel, and say so on the label's page.",
    ),
    Stale.REPACKED: (
        "The order was split or combined after its label was made.",
        "Pull the parcel and create labels of the new packages.",
    ),
    Stale.RENUMBERED: (
        "The marketplace has shipped the parcel under another tracking number since.",
        "Pull the parcel and fetch its label again.",
    ),
    Stale.READDRESSED: (
        "The buyer's address changed after the label was made.",
        "Pull the parcel; this label goes to the old address. Put it out of use, and create "
        "one anew.",
    ),
}
#: A shipment that the channel accepted longer ago than this, and of which newer facts say that it
#: waits, has been taken back over there.
TAKEN_BACK_AFTER = timedelta(minutes=10)
#: After this its label is kept back, though nothing is bought anew yet.
SEEMS_TAKEN_BACK = timedelta(minutes=2)
#: The carrier has not taken it yet, or the order was canceled before it did.
BEFORE_COLLECTION = (*(each for each in OPEN_STAGES if each != Stage.IN_TRANSIT), Stage.CANCELED)


#: What an order in the parcel alone decides, the most urgent first.
FOUND = (
    Stale.CANCELED,
    Stale.TAKEN_BACK,
    Stale.CANCELING,
    Stale.CANCEL_ASKED,
    Stale.HELD,
)


def stale_code(now: datetime) -> Case:
    """Of a Label: the first of the codes that applies at `now`, or blank. PARTLY_CANCELED, the only
    one that a person's word takes away, comes after all that the word says nothing of."""
    inside = LabelOrder.objects.filter(label=OuterRef("pk"))
    return Case(
        When(~_can_be_stale(inside), then=Value("")),
        *(When(Exists(_found(inside, code, now)), then=Value(code.value)) for code in FOUND),
        When(Exists(_joined()), then=Value(Stale.REPACKED)),
        When(renumbered(), then=Value(Stale.RENUMBERED)),
        When(Exists(_readdressed(inside)), then=Value(Stale.READDRESSED)),
        When(Exists(_lessened(inside).filter(_has_canceled())), then=Value(Stale.PARTLY_CANCELED)),
        When(Exists(_canceled_since(inside, now)), then=Value(Stale.CANCELING)),
        When(Exists(_lessened(inside)), then=Value(Stale.REPACKED)),
        default=Value(""),
        output_field=TextField(),
    )


def with_staleness(labels: QuerySet[Label], now: datetime) -> QuerySet[Label]:
    """Each with `stale`, a code or blank."""
    return labels.annotate(stale=stale_code(now))


def _can_be_stale(inside: QuerySet[LabelOrder]) -> Q:
    here = inside.filter(order__stage__in=BEFORE_COLLECTION, order__collected_at=None)
    return Q(state__in=LIVE) & Q(Exists(here))


def _found(inside: QuerySet[LabelOrder], code: Stale, now: datetime) -> QuerySet[LabelOrder]:
    if code is Stale.CANCELED:
        return inside.filter(order__stage=Stage.CANCELED)
    if code is Stale.TAKEN_BACK:
        return inside.exclude(label__source=Label.Source.FILE).filter(
            order__stage__in=(Stage.ON_HOLD, Stage.AWAITING_SHIPMENT),
            order__as_of__gte=F("label__arranged_at") + SEEMS_TAKEN_BACK,
        )
    if code is Stale.CANCELING:
        return inside.filter(is_canceling(now, "order"))
    if code is Stale.HELD:
        return inside.filter(Exists(Hold.objects.filter(live_holds(now), order=OuterRef("order"))))
    return inside.filter(is_asked_for("order"))


def _canceled_since(inside: QuerySet[LabelOrder], now: datetime) -> QuerySet[LabelOrder]:
    """Orders of which the seller canceled units so short a time ago that they may not show it yet,
    after the label was asked for and, if it was, its parcel looked through."""
    canceled = Attempt.objects.filter(
        order=OuterRef("order"),
        kind=Attempt.Kind.CANCEL,
        state=Attempt.State.DONE,
        ended_at__gt=now - SETTLES,
        ended_at__gte=Coalesce(OuterRef("label__cleared_at"), OuterRef("label__asked_at")),
    )
    return inside.filter(Exists(canceled))


def _lessened(inside: QuerySet[LabelOrder]) -> QuerySet[LabelOrder]:
    """Orders of which not all units that the label was made for are in its parcel now."""
    contents = ParcelContent.objects.filter(
        parcel__package_id=OuterRef("label__package_id"),
        parcel__shop=OuterRef("label__shop"),
        order=OuterRef("order"),
    )
    counted = (
        contents.filter(is_current=True)
        .order_by()
        .values("parcel")
        .annotate(n=Sum("quantity"))
        .values("n")
    )
    now_inside = Coalesce(Subquery(counted, output_field=IntegerField()), 0)
    return (
        inside.exclude(label__package_id="")
        .filter(Exists(contents))
        .exclude(Exists(contents.filter(line=-1, is_current=True)))
        .annotate(now_inside=now_inside)
        .filter(now_inside__lt=F("units"))
    )


def _has_canceled() -> Q:
    canceled = Line.objects.filter(order=OuterRef("order"), extra__has_key="canceled_units")
    return Q(Exists(canceled))


def _joined() -> QuerySet[ParcelContent]:
    """What is in the parcel now of orders that the label knows nothing of."""
    known = LabelOrder.objects.filter(label=OuterRef(OuterRef("pk")), order=OuterRef("order"))
    return (
        ParcelContent.objects.filter(
            parcel__package_id=OuterRef("package_id"),
            parcel__shop=OuterRef("shop"),
            is_current=True,
        )
        .exclude(parcel__package_id="")
        .exclude(Exists(known))
    )


def renumbered() -> Q:
    """Labels whose package has another tracking number by the facts."""
    other = (
        Parcel.objects.filter(shop=OuterRef("shop"), package_id=OuterRef("package_id"))
        .exclude(tracking_number="")
        .exclude(tracking_number__iexact=OuterRef("tracking_number"))
    )
    return ~Q(package_id="") & ~Q(tracking_number="") & Q(Exists(other))


def with_readdressed(inside: QuerySet[LabelOrder]) -> QuerySet[LabelOrder]:
    """Each with `is_readdressed`: the buyer has changed the address since the label was asked."""
    return inside.annotate(is_readdressed=_has_other_address())


def _readdressed(inside: QuerySet[LabelOrder]) -> QuerySet[LabelOrder]:
    return inside.filter(_has_other_address())


def _has_other_address() -> Q:
    address = MD5(Cast("order__recipient", TextField()))
    return ~Q(address="") & ~Q(address=address)
