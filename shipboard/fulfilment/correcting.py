"""Correcting the tracking number of what has been shipped: so often and for so long as the channel
lets it be done.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right
from shipboard.channels.contract import Shipping, Stage
from shipboard.channels.registry import capabilities
from shipboard.fulfilment import outbox, queueing
from shipboard.fulfilment.numbers import checked
from shipboard.fulfilment.refusals import BadShipment, CannotShip, Taken
from shipboard.fulfilment.shipping import of_number, sent_before
from shipboard.orders.attempts import LIVE, Attempt
from shipboard.orders.events import record
from shipboard.orders.models import Order, Parcel
from shipboard.orders.overlays import touch
from shipboard.orders.parts import with_parts
from shipboard.orders.stages import AFTER_WINDOW, stage_now

#: Until the carrier has delivered it there is a parcel to speak of.
CORRECTABLE = (Stage.PARTIALLY_SHIPPED, Stage.PENDING_COLLECTION, Stage.IN_TRANSIT)


def shipped_at(order: Order, parcel: Parcel) -> datetime | None:
    """When the parcel was shipped: by our own shipment, else what the channel says of the order."""
    ours = Attempt.objects.filter(
        order=order,
        kind=Attempt.Kind.SHIP,
        state=Attempt.State.DONE,
        tracking_number__in=[parcel.tracking_number, *parcel.former_ids],
    )
    first = ours.order_by("pk").first()
    return first.ended_at if first and first.ended_at else order.arranged_at


def correctable_until(order: Order, parcel: Parcel) -> datetime | None:
    """The end of the channel's window; None when nobody knows when it was shipped, or the channel
    corrects nothing."""
    edit = capabilities(order.shop, Shipping(order.shipping)).tracking_edit
    at = shipped_at(order, parcel)
    return at + timedelta(hours=edit[0]) if edit and at else None


def corrections(order: Order) -> int:
    """How many the channel has accepted from here; it counts them order by order."""
    done = Attempt.objects.filter(order=order, kind=Attempt.Kind.CORRECT, state=Attempt.State.DONE)
    return done.count()


def why_not_correct(
    order: Order, parcel: Parcel | None, now: datetime, *, but: Attempt | None = None
) -> str:
    """The sentence that says why the number of this parcel cannot be corrected now; blank: it can.
    `but`: an attempt that does not stand in its own way. `order` comes with its parts."""
    edit = capabilities(order.shop, Shipping(order.shipping)).tracking_edit
    if edit is None:
        return "The marketplace takes no correction of this order's tracking number from here."
    if parcel is None or not parcel.tracking_number:
        return "It has not been shipped; there is no tracking number to correct."
    if (stage := stage_now(order, now)) == Stage.CLOSED:
        return AFTER_WINDOW
    if stage not in CORRECTABLE:
        return "The order is past the point where its tracking number can be corrected."
    live = Attempt.objects.filter(parcel=parcel, kind=Attempt.Kind.CORRECT, state__in=LIVE)
    if other := next((each for each in live if but is None or each.pk != but.pk), None):
        return f"{other.by} corrects it already, to {other.tracking_number}."
    hours, times = edit
    until = correctable_until(order, parcel)
    if until and until <= now:
        return f"The {hours} hours in which the marketplace takes a correction are over."
    if corrections(order) >= times:
        return "It was corrected once already; the marketplace takes no second correction."
    return ""


def ask_to_correct(
    order: Order,
    parcel: Parcel,
    *,
    tracking_number: str,
    carrier: str = "",
    carrier_id: str = "",
    access: Access,
    now: datetime,
    wall: datetime,
    seen: int | None = None,
    key: UUID | None = None,
) -> Attempt:
    """Put a correction in the outbox. Raises CannotShip, BadShipment, Taken, Stale, Gone and
    NotAllowed; nothing is done then. The same `key` again gives the first attempt."""
    access.need(Right.WORK)
    try:
        with transaction.atomic():
            if key and (first := sent_before(order, key, access, of_number(tracking_number))):
                return first
            touch(order, now=now, seen=seen)
            (fresh,) = with_parts(Order.objects.filter(pk=order.pk), now)
            if reason := why_not_correct(fresh, parcel, now):
                raise CannotShip(reason)
            number = checked(fresh, tracking_number, carrier, carrier_id, now)
            if number.tracking_number.upper() == parcel.tracking_number.upper():
                raise BadShipment("tracking_number", "That is its tracking number already.")
            attempt = Attempt.objects.create(
                kind=Attempt.Kind.CORRECT,
                state=Attempt.State.WAITING,
                key=key,
                shop=fresh.shop,
                order=fresh,
                parcel=parcel,
                package_id=parcel.package_id,
                tracking_number=number.tracking_number,
                carrier=number.carrier,
                carrier_id=number.carrier_id,
                by=access.by,
                person_id=access.person_id,
                asked_at=now,
                due_at=outbox.due_at(fresh, now, wall),
                warning=number.warning,
            )
            record(fresh, "correction_asked", by=access.by, at=now, attempt=attempt.pk)
            queueing.queue(queueing.SEND, fresh.shop_id, attempt.due_at, wall)
            return attempt
    except IntegrityError:
        raise Taken("Somebody else corrects it at this very moment; look at it again.") from None
