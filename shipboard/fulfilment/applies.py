"""To which orders a verb applies now, asked in SQL: the rule of allowed.py for many at once."""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q

from shipboard.channels.contract import CaseKind, Shipping, Stage
from shipboard.channels.models import Shop
from shipboard.channels.registry import capabilities
from shipboard.fulfilment.allowed import HOLDABLE, Verb
from shipboard.orders.attempts import Attempt, under_way
from shipboard.orders.holds import held
from shipboard.orders.models import Case
from shipboard.orders.stages import in_stage

NOTHING = Q(pk__in=[])


def applies(verb: Verb, now: datetime) -> Q:
    """Orders for which `allowed` says at `now` that the verb is possible."""
    match verb:
        case Verb.NOTE | Verb.FLAG:
            return Q()
        case Verb.HOLD:
            return reduce(or_, (in_stage(stage, now) for stage in HOLDABLE)) & ~held(now)
        case Verb.RELEASE:
            return held(now)
        case Verb.ADD_SHIPMENT:
            return _can_ship(now)
    return NOTHING  # not done to many by this version


def _can_ship(now: datetime) -> Q:
    """Not those that the clock alone presumes to be paid for good, nor those under way."""
    waits = Q(stage__in=(Stage.AWAITING_SHIPMENT, Stage.PARTIALLY_SHIPPED))
    asked = Case.objects.filter(order=OuterRef("pk"), is_open=True, kind=CaseKind.CANCELLATION)
    whole = Attempt.objects.filter(
        under_way(), order=OuterRef("pk"), kind=Attempt.Kind.SHIP, is_part=False
    )
    ways = reduce(or_, (_ships(shop) for shop in Shop.objects.all()), NOTHING)
    return (
        waits
        & ways
        & Q(is_platform_fulfilled=False)
        & ~held(now)
        & ~Q(Exists(asked))
        & ~Q(Exists(whole))
    )


def _ships(shop: Shop) -> Q:
    """Orders of a shop whose way of shipping is the seller's to arrange from here."""
    ways = [
        way
        for way in (Shipping.SELLER, Shipping.UNSAID)
        if (can := capabilities(shop, way)).ships or not can.connects
    ]
    return Q(shop=shop.pk, shipping__in=ways) if ways else NOTHING
