"""Asking for a label: the order is looked at, its units are claimed, and the purchase is put in the
outbox, all in one transaction. Nothing is called here (sending.py does that).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import MD5, Cast

from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right
from shipboard.channels.contract import Shipping
from shipboard.channels.registry import capabilities
from shipboard.fulfilment import queueing
from shipboard.fulfilment.allowed import Verb
from shipboard.fulfilment.claiming import Target, claim, lock_together, target_of
from shipboard.fulfilment.label_wishes import LabelWish, check_slot
from shipboard.fulfilment.limits import why_too_big
from shipboard.fulfilment.measures import remember
from shipboard.fulfilment.refusals import BadShipment, CannotShip, Taken
from shipboard.fulfilment.shipping import check_can_ship, sent_before
from shipboard.fulfilment.units import Unit
from shipboard.orders.attempts import Attempt
from shipboard.orders.events import record
from shipboard.orders.labels import Label, LabelOrder
from shipboard.orders.models import Line, Order
from shipboard.orders.overlays import touch
from shipboard.orders.parts import to_decide

TAKEN_BACK = "The marketplace had taken the shipment back, and its label is created anew."
SUPERSEDED = "A label of other contents was asked for instead."


def ask_to_label(
    order: Order,
    wish: LabelWish,
    *,
    access: Access,
    now: datetime,
    wall: datetime,
    seen: int | None = None,
    key: UUID | None = None,
    is_bulk: bool = False,
) -> Attempt:
    """Have the platform arrange a parcel and make its label; it goes at once. The attempt's `label`
    says what becomes of it; a label of the same parcel that was rejected is created again. `now` is
    the desk's clock, `wall` real time; `seen` the order's version that the person saw; the same
    `key` again gives the first attempt. `is_bulk`: within a transaction of a run, which has the
    outbox looked at for all its rows. Raises CannotShip, DecisionNeeded, BadShipment, Taken, Stale,
    Gone and NotAllowed; nothing is done then."""
    access.need(Right.WORK)
    try:
        with transaction.atomic(savepoint=not is_bulk):
            return _ask(order, wish, access, now, wall, seen, key, is_bulk)
    except IntegrityError:
        raise Taken(
            f"A label of order {order.order_id} was asked for by somebody else a moment earlier. "
            "Look at it as it is now."
        ) from None


def _ask(
    given: Order,
    wish: LabelWish,
    access: Access,
    now: datetime,
    wall: datetime,
    seen: int | None,
    key: UUID | None,
    is_bulk: bool,
) -> Attempt:
    can = capabilities(given.shop, Shipping.PLATFORM)
    if can.whole_packages:
        lock_together(given)
    if key and (first := sent_before(given, key, access, lambda it: it.label_id is not None)):
        return first
    touch(given, now=now, seen=seen)
    (order,) = to_decide(Order.objects.filter(pk=given.pk), now)
    if order.shipping != Shipping.PLATFORM:
        raise CannotShip("The platform makes no label for this order; the seller ships it.")
    check_can_ship(order, now, verb=Verb.CREATE_LABEL, despite_request=wish.despite_request)
    if too_big := why_too_big(order, wish.size):
        raise BadShipment("weight", too_big)
    if wish.slot:
        check_slot(wish.slot, now)
    target = target_of(order, wish.contents, wish.package_id, can, Verb.CREATE_LABEL, now)
    wish = replace(wish, package_id=target.package_id)
    label = _label(order, wish, target, access.by, now)
    attempt = Attempt.objects.create(
        kind=Attempt.Kind.LABEL,
        state=Attempt.State.WAITING,
        key=key,
        shop=order.shop,
        order=order,
        label=label,
        package_id=target.package_id,
        asks=wish.stored(),
        service=wish.service,
        is_part=target.is_part,
        despite_request=wish.despite_request,
        by=access.by,
        person_id=access.person_id,
        is_bulk=is_bulk,
        asked_at=now,
        due_at=wall,
    )
    claim(attempt, target.units)
    for each, _ in target.units:
        record(each, "label_asked", by=access.by, at=now, attempt=attempt.pk)
    _remember(order, wish, target, access.by, now)
    if not is_bulk:
        queueing.queue(queueing.SEND, order.shop_id, wall, wall)
    return attempt


def _label(order: Order, wish: LabelWish, target: Target, by: str, now: datetime) -> Label:
    """The parcel's label, being created: the rejected one of the same parcel, else a new one."""
    rejected = _rejected(target)
    label = next((each for each in rejected if _is_same(each, target)), None)
    others = [each.pk for each in rejected if each is not label]
    _put_away(Label.objects.filter(pk__in=others), SUPERSEDED, by, now)
    _put_away(_taken_back(target), TAKEN_BACK, by, now)
    label = label or Label(shop=order.shop, by=by)
    label.state, label.package_id = Label.State.CREATING, target.package_id
    label.service, label.price, label.currency = wish.service, wish.price, wish.currency
    label.weight_grams = wish.size.weight_grams
    label.length_cm, label.width_cm = wish.size.length_cm, wish.size.width_cm
    label.height_cm = wish.size.height_cm
    label.handover = wish.handover
    label.slot_starts_at, label.slot_ends_at = wish.slot or (None, None)
    label.warehouse, label.by, label.asked_at = order.warehouse, by, now
    label.rejection = label.reason = label.next_step = label.code = ""
    label.words = label.request_id = ""
    label.rejected_at = label.arranged_at = label.stored_at = None
    label.save()
    put_inside(label, target.units)
    return label


def _remember(order: Order, wish: LabelWish, target: Target, by: str, now: datetime) -> None:
    """What the parcel weighs and measures, for the next one like it."""
    if wish.size.weight_grams is None or len(target.units) != 1:
        return
    ((_, units),) = target.units
    lines = Line.objects.filter(order=order).select_related("item")
    remember(order, lines, Counter(each.line for each in units), wish.size, by=by, now=now)


def _rejected(target: Target) -> list[Label]:
    """Labels of these orders that came to nothing and of which nothing was bought."""
    found = Label.objects.filter(
        inside__order__in=[order.pk for order, _ in target.units],
        state=Label.State.REJECTED,
        arranged_at=None,
    )
    return list(found.distinct().order_by("pk").prefetch_related("inside"))


def _taken_back(target: Target) -> QuerySet[Label]:
    """Labels that were bought of units which wait again: of the package, or of a purchase whose
    claims were given back."""
    bought = Label.objects.filter(
        inside__order__in=[order.pk for order, _ in target.units], arranged_at__isnull=False
    )
    given_back = Q(attempts__isnull=False, attempts__units__isnull=True)
    same = Q(package_id=target.package_id) if target.package_id else given_back
    found = bought.exclude(state=Label.State.VOIDED).filter(same).values("pk")
    return Label.objects.filter(pk__in=found).exclude(attempts__units__isnull=False)


def _put_away(labels: QuerySet[Label], reason: str, by: str, now: datetime) -> None:
    labels.update(
        state=Label.State.VOIDED,
        voided_at=now,
        voided_by=by,
        void_reason=reason,
        fetch_at=None,
    )


def _is_same(label: Label, target: Target) -> bool:
    if label.package_id and target.package_id:
        return label.package_id == target.package_id
    held = {each.order_id: each.contents for each in label.inside.all()}
    wanted = {order.pk: _contents(units) for order, units in target.units}
    return held == wanted


def _contents(units: Sequence[Unit]) -> dict[str, int]:
    """Units by line position, as JSON keeps them."""
    return dict(Counter(str(unit.line) for unit in units))


def put_inside(label: Label, units: Sequence[tuple[Order, Sequence[Unit]]]) -> None:
    """The parcel's orders as they are now, with the address that the label carries."""
    pks = [order.pk for order, _ in units]
    with_address = Order.objects.filter(pk__in=pks).exclude(recipient={})
    address = MD5(Cast("recipient", TextField()))
    addresses = dict(with_address.annotate(address=address).values_list("pk", "address"))
    LabelOrder.objects.filter(label=label).delete()
    LabelOrder.objects.bulk_create(
        LabelOrder(
            label=label,
            order=order,
            units=len(of_order),
            contents=_contents(of_order),
            address=addresses.get(order.pk, ""),
        )
        for order, of_order in units
    )
