"""What people asked a marketplace to do with an order, one row from the asking to the outcome, and
the units that such a row lays claim to. Written only by fulfilment.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q
from django.db.models.functions import Upper

from shipboard.accounts.models import User
from shipboard.channels.case_contract import Decision
from shipboard.channels.contract import CaseKind
from shipboard.channels.models import Shop
from shipboard.orders.models import Case, Order, Parcel


class Attempt(models.Model):
    """A shipment, the correction of one, a label, another way of packing, the answer to a case, or
    a cancellation. Its life:

    waiting -> calling -> done | refused | waiting (nothing was done, later again) | unknown
    unknown -> done | refused | waiting, by asking the marketplace
    waiting -> unknown, where an earlier call of a cancellation may have done it
    waiting -> revoked (undone, or its run was canceled)
    recorded -> done | revoked, for shops that nobody can call
    """

    class Kind(models.TextChoices):
        SHIP = "ship", "Shipment"
        CORRECT = "correct", "Correction of the tracking number"
        #: The platform is asked to arrange a parcel, which buys its label.
        LABEL = "label", "Shipping label"
        #: An order split, orders combined or taken apart again.
        REPACK = "repack", "Split or combine"
        #: Handed to the carrier, where nothing else says so.
        MARK = "mark", "Mark as shipped"
        #: A decision on a cancellation, return, refund or replacement.
        ANSWER = "answer", "Answer to a case"
        #: The seller cancels the order, or units of it.
        CANCEL = "cancel", "Cancellation"

    class State(models.TextChoices):
        #: In the outbox: it goes at `due_at`, and can be undone until then.
        WAITING = "waiting", "Waiting to go"
        #: Claimed by a sender; the call may have left.
        CALLING = "calling", "Being sent"
        #: The call's outcome is not known; asked at `due_at`, never repeated before.
        UNKNOWN = "unknown", "Being asked for"
        #: Kept for a shop that nobody can call; the seller hands it over in a file.
        RECORDED = "recorded", "Recorded"
        DONE = "done", "Accepted"
        REFUSED = "refused", "Refused"
        REVOKED = "revoked", "Undone"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    state = models.CharField(max_length=8, choices=State.choices)
    #: What the form carried: the same form sent twice is one attempt.
    key = models.UUIDField(unique=True, null=True)
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, db_index=False)
    order = models.ForeignKey(
        Order, on_delete=models.CASCADE, related_name="attempts", db_index=False
    )
    #: The parcel that is corrected.
    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, null=True, related_name="+")
    #: The channel's package: which is shipped where there is one, else which it became.
    package_id = models.TextField(blank=True)

    #: Of a label the number that the platform gave, once it has.
    tracking_number = models.TextField(blank=True)
    #: The label that is to be made.
    label = models.ForeignKey("Label", on_delete=models.CASCADE, null=True, related_name="attempts")
    #: The case that is answered.
    case = models.ForeignKey(Case, on_delete=models.SET_NULL, null=True, related_name="attempts")
    #: What else the call says, as its kind keeps it (fulfilment/*_wishes.py).
    asks = models.JSONField(null=True)
    #: As the channel names it, and by its own id (blank for shops fed by file).
    carrier = models.TextField(blank=True)
    carrier_id = models.TextField(blank=True)
    service = models.TextField(blank=True)
    #: Some units of the order only; those claimed.
    is_part = models.BooleanField(default=False)
    #: Somebody chose to ship although the buyer asks to cancel.
    despite_request = models.BooleanField(default=False)
    #: Parcels of several orders under one number (a file's group), by the person's own word.
    group = models.TextField(blank=True)

    by = models.TextField()
    person = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    #: Whether it came with a run; single ones go first.
    is_bulk = models.BooleanField(default=False)
    asked_at = models.DateTimeField()
    #: When to act next: send, or ask what became of it. The desk's clock.
    due_at = models.DateTimeField()
    #: When the present or last call was claimed, and how many were: an answer names its claim.
    claimed_at = models.DateTimeField(null=True)
    calls = models.SmallIntegerField(default=0)
    #: How many of these were made, or may have been.
    tries = models.SmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    #: In the template that was taken for a shop fed by file.
    handed_over_at = models.DateTimeField(null=True)

    #: Why it waits, or was refused, in a sentence; and what to do. No personal data.
    reason = models.TextField(blank=True)
    next_step = models.TextField(blank=True)
    #: The channel's own code and words, its id of the call, and what it warned of.
    code = models.TextField(blank=True)
    words = models.TextField(blank=True)
    request_id = models.TextField(blank=True)
    warning = models.TextField(blank=True)

    class Meta:
        db_table = "attempt"
        indexes = [
            models.Index("order", "id", name="attempt_by_order"),
            models.Index(Upper("tracking_number"), name="attempt_tracking"),
            # What a sender looks for, shop by shop.
            models.Index(
                "shop",
                "due_at",
                name="attempt_live",
                condition=Q(state__in=("waiting", "calling", "unknown")),
            ),
            models.Index("shop", "id", name="attempt_recorded", condition=Q(state="recorded")),
            models.Index(
                "shop",
                "handed_over_at",
                name="attempt_handed_over",
                condition=Q(handed_over_at__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                "parcel",
                name="attempt_one_correction",
                condition=Q(kind="correct", state__in=("waiting", "calling", "unknown")),
            ),
            models.UniqueConstraint(
                "case",
                name="attempt_one_answer",
                condition=Q(kind="answer", state__in=("waiting", "calling", "unknown")),
            ),
            models.UniqueConstraint(
                "order",
                name="attempt_one_cancel",
                condition=Q(kind="cancel", state__in=("waiting", "calling", "unknown")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.tracking_number or self.package_id}: {self.state}"

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    def is_news_of(self, order: Order) -> bool:
        """Whether it says more of its order than the facts do; the same rule as `under_way`."""
        if self.state == self.State.DONE:
            return self.ended_at is not None and self.ended_at > order.as_of
        return self.is_live

    def may_not_show(self, now: datetime) -> bool:
        """Whether it was taken so short a time ago that the marketplace may not show it yet."""
        if self.state != self.State.DONE or self.ended_at is None:
            return False
        return self.ended_at > now - SETTLES


#: It may still change something.
LIVE = (
    Attempt.State.WAITING,
    Attempt.State.CALLING,
    Attempt.State.UNKNOWN,
    Attempt.State.RECORDED,
)
#: It was begun and nobody can take it back.
LEFT = (Attempt.State.CALLING, Attempt.State.UNKNOWN)


def under_way() -> Q:
    """Attempts that say more of their order than its facts do: live ones, and those that the
    channel has accepted since the facts were read."""
    is_news = Q(state=Attempt.State.DONE, ended_at__gt=F("order__as_of"))
    return Q(state__in=LIVE) | is_news


#: So long after a decision the marketplace may still tell of its order or case as they were before.
SETTLES = timedelta(minutes=10)


def granted(now: datetime) -> Q:
    """Of a Case: a cancellation that was decided for so short a time ago that its order may not
    show it yet. Units that the seller canceled from here are claimed; the rest need not wait."""
    lately = Q(kind=CaseKind.CANCELLATION, is_granted=True, changed_at__gt=now - SETTLES)
    units = Func(OuterRef("unit_ids"), function="to_jsonb", output_field=models.JSONField())
    from_here = Attempt.objects.filter(
        order=OuterRef("order"),
        kind=Attempt.Kind.CANCEL,
        state=Attempt.State.DONE,
        is_part=True,
        asks__unit_ids__contains=units,
    )
    return lately & ~(Q(by="seller") & ~Q(unit_ids=[]) & Q(Exists(from_here)))


def cancels(now: datetime) -> Q:
    """Attempts that cancel their order, or units of it: the seller's own cancellation, and the
    approval of a buyer's request. Under way, or taken so short a time ago that the order may be
    told of as it was before; the rest of what was canceled in part need not wait. Its parcels go
    nowhere meanwhile."""
    ours = Q(kind=Attempt.Kind.CANCEL)
    approval = Q(kind=Attempt.Kind.ANSWER, asks__decision=Decision.APPROVE_CANCEL.value)
    lately = Q(state=Attempt.State.DONE, ended_at__gt=now - SETTLES)
    unshown = ours & Q(is_part=False) | approval & Q(case__is_open=True)
    return under_way() & (ours | approval) | lately & unshown


def telling() -> Q:
    """Attempts that their order shows: those under way, its last one when it was refused or taken
    with a warning, and those that decide on what may be done with it still."""
    later = Attempt.objects.filter(order=OuterRef("order"), pk__gt=OuterRef("pk"))
    ended = Q(state=Attempt.State.REFUSED) | Q(state=Attempt.State.DONE) & ~Q(warning="")
    # The case may be told of as it was before.
    answered = Q(kind=Attempt.Kind.ANSWER, state=Attempt.State.DONE, case__is_open=True)
    # And the order too.
    canceled = Q(kind=Attempt.Kind.CANCEL, state=Attempt.State.DONE)
    return under_way() | answered | canceled | ended & ~Q(Exists(later))


class ClaimedUnit(models.Model):
    """One unit of an order in one shipment. The database lets no other shipment have it: not from
    a second click, tab, person, file or worker. Given back when the shipment comes to nothing."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="+", db_index=False)
    #: The channel's id of the unit; without one the SKU and a number, such as `SKU-1#2`.
    unit = models.TextField()
    #: Position of the order's line.
    line = models.SmallIntegerField()
    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="units")

    class Meta:
        db_table = "claimed_unit"
        constraints = [models.UniqueConstraint("order", "unit", name="claimed_unit_once")]

    def __str__(self) -> str:
        return self.unit


class Sending(models.Model):
    """What keeps a shop's outbox from going out: nobody can reach the marketplace, or it refuses
    the desk. No row, or no `blocked_at`: nothing does."""

    shop = models.OneToOneField(Shop, on_delete=models.CASCADE, primary_key=True)
    blocked_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)
    next_step = models.TextField(blank=True)
    try_at = models.DateTimeField(null=True)
    failures = models.IntegerField(default=0)

    class Meta:
        db_table = "sending"

    def __str__(self) -> str:
        return self.reason
