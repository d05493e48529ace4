"""The outbox: when what was asked for goes, what waits in it, and taking it back before it goes."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Min, Q, QuerySet

from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right
from shipboard.channels.models import Shop
from shipboard.fulfilment import queueing
from shipboard.fulfilment.finishing import Ending, finish
from shipboard.fulfilment.models import Run
from shipboard.fulfilment.refusals import TooLate
from shipboard.orders.attempts import LEFT, LIVE, Attempt, Sending
from shipboard.orders.models import Order
from shipboard.orders.overlays import touch

#: A deadline this near leaves no time to think again.
NEAR = timedelta(minutes=10)
#: Taken back in one transaction.
AT_ONCE = 200


def due_at(
    order: Order, now: datetime, wall: datetime, respond_by: datetime | None = None
) -> datetime:
    """When something about the order leaves (real time): after the shop's undo window, or at once
    when a deadline is near, of the order or (`respond_by`) of the answer itself."""
    window = timedelta(seconds=order.shop.undo_seconds)
    known = (order.ship_by, order.auto_cancel_at, respond_by)
    deadlines = [each for each in known if each and each > now]
    if deadlines and min(deadlines) - now < window + NEAR:
        return wall
    return wall + window


def queue_due(wall: datetime) -> None:
    """Each minute: every shop with something to send or to ask about, should a job be lost."""
    for shop_pk in due(wall).order_by().values_list("shop_id", flat=True).distinct():
        queueing.queue(queueing.SEND, shop_pk, wall, wall)


def due(wall: datetime) -> QuerySet[Attempt]:
    """What can be sent or asked about at `wall`; of paused runs nothing begins."""
    live = Attempt.objects.filter(state__in=(Attempt.State.WAITING, *LEFT), due_at__lte=wall)
    return live.exclude(Q(state=Attempt.State.WAITING) & Q(rows__run__state=Run.State.PAUSED))


def next_due(shop_pk: int) -> datetime | None:
    """When the shop's outbox has something to do next (real time)."""
    live = Attempt.objects.filter(shop=shop_pk, state__in=(Attempt.State.WAITING, *LEFT))
    live = live.exclude(Q(state=Attempt.State.WAITING) & Q(rows__run__state=Run.State.PAUSED))
    at: datetime | None = live.aggregate(at=Min("due_at"))["at"]
    sending = Sending.objects.filter(shop=shop_pk).first()
    return max(at, sending.try_at) if at and sending and sending.try_at else at


def waiting(shop_ids: frozenset[int] | None) -> QuerySet[Attempt]:
    """What is in the outbox of these shops (None: all), first to leave first."""
    live = Attempt.objects.filter(state__in=LIVE).select_related("shop", "order")
    if shop_ids is not None:
        live = live.filter(shop__in=shop_ids)
    return live.order_by("due_at", "pk")


@transaction.atomic
def revoke(attempt: Attempt, *, access: Access, now: datetime) -> Attempt:
    """Take back what has not left. Raises TooLate, with how far it is, and NotAllowed."""
    access.need(Right.WORK)
    touch(attempt.order, now=now)
    found = Attempt.objects.select_for_update().get(pk=attempt.pk)
    if found.state not in (Attempt.State.WAITING, Attempt.State.RECORDED):
        raise TooLate(_too_late(found))
    if found.handed_over_at:
        raise TooLate("It went with an upload file already; change it in Seller Center.")
    finish(
        [Ending(found.pk, Attempt.State.REVOKED, reason=f"{access.by} took it back.")],
        by=access.by,
        now=now,
    )
    found.refresh_from_db()
    return found


def revoke_all(attempts: QuerySet[Attempt], *, access: Access, now: datetime) -> int:
    """Take back those of `attempts` that still wait, some at a time; gives how many. Raises
    NotAllowed. What leaves meanwhile stays as it is."""
    access.need(Right.WORK)
    pks = list(attempts.filter(state=Attempt.State.WAITING).values_list("pk", flat=True))
    said, taken = f"{access.by} took it back.", 0
    for start in range(0, len(pks), AT_ONCE):
        endings = [
            Ending(pk, Attempt.State.REVOKED, reason=said) for pk in pks[start : start + AT_ONCE]
        ]
        taken += len(finish(endings, by=access.by, now=now))
    return taken


def _too_late(attempt: Attempt) -> str:
    match attempt.state:
        case Attempt.State.DONE if attempt.kind == Attempt.Kind.MARK:
            return "The marketplace shows it as shipped already."
        case Attempt.State.DONE if attempt.kind in (Attempt.Kind.ANSWER, Attempt.Kind.CANCEL):
            return "The marketplace has it already, and takes no decision back."
        case Attempt.State.DONE:
            return "The marketplace has it already; its tracking number can still be corrected."
        case Attempt.State.REVOKED:
            return attempt.reason or "It was taken back already."
        case Attempt.State.REFUSED:
            return "The marketplace refused it; there is nothing to take back."
    return "It has just left; what becomes of it shows here in a moment."


def shops_waiting() -> QuerySet[Shop]:
    """Shops with something in their outbox."""
    live = Attempt.objects.filter(state__in=(Attempt.State.WAITING, *LEFT))
    return Shop.objects.filter(pk__in=live.values("shop"))
