"""To which orders a verb applies now, asked in SQL: the rule of allowed.py for many at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform

from shipboard.channels.case_contract import IN_DISPUTE, CaseStep
from shipboard.channels.contract import Shipping, Stage
from shipboard.channels.models import Shop
from shipboard.channels.registry import capabilities
from shipboard.fulfilment.allowed import ANSWERED, CANCELABLE, HOLDABLE, WHOLE, Verb
from shipboard.fulfilment.case_rules import PACKS
from shipboard.orders.attempts import LIVE, SETTLES, Attempt, cancels, under_way
from shipboard.orders.canceling import is_asked_for, is_canceling
from shipboard.orders.holds import held
from shipboard.orders.models import Case
from shipboard.orders.stages import in_stage

NOTHING = Q(pk__in=[])


def applies(verb: Verb, now: datetime, shops: Iterable[Shop] | None = None) -> Q:
    """Orders for which `allowed` says at `now` that the verb is possible. `shops`: all of them,
    where somebody has read them; else they are read."""
    shops = Shop.objects.all() if shops is None else shops
    match verb:
        case Verb.NOTE | Verb.FLAG:
            return Q()
        case Verb.HOLD:
            return reduce(or_, (in_stage(stage, now) for stage in HOLDABLE)) & ~held(now)
        case Verb.RELEASE:
            return held(now)
        case Verb.ADD_SHIPMENT:
            return _can_ship(now, shops, _ships)
        case Verb.CREATE_LABEL:
            return _can_ship(now, shops, _labels)
        case Verb.MARK_SHIPPED:
            return _can_ship(now, shops, _marks)
        case Verb.CANCEL:
            return _can_cancel(now, shops)
        case Verb.ANSWER_CANCELLATION | Verb.ANSWER_RETURN:
            return _can_answer(verb, now, shops)
    return NOTHING  # not done to many by this version


def _can_ship(now: datetime, shops: Iterable[Shop], way: Callable[[Shop], Q]) -> Q:
    """Not those that the clock alone presumes to be paid for good, nor those under way."""
    waits = Q(stage__in=(Stage.AWAITING_SHIPMENT, Stage.PARTIALLY_SHIPPED))
    whole = Attempt.objects.filter(under_way(), order=OuterRef("pk"), kind__in=WHOLE, is_part=False)
    ways = reduce(or_, (way(shop) for shop in shops), NOTHING)
    return (
        waits
        & ways
        & Q(is_platform_fulfilled=False)
        & ~held(now)
        & ~is_asked_for()
        & ~Q(Exists(whole))
        & ~is_canceling(now)
    )


def _can_cancel(now: datetime, shops: Iterable[Shop]) -> Q:
    ways = reduce(or_, (_cancels(shop, now) for shop in shops), NOTHING)
    news = Attempt.objects.filter(cancels(now), order=OuterRef("pk"), kind=Attempt.Kind.CANCEL)
    free = Q(is_platform_fulfilled=False) & ~is_asked_for() & ~Q(Exists(news))
    return ways & free & ~_is_packing()


def _is_packing() -> Q:
    """Orders with a shipment, label or other packing that is not settled."""
    live = Attempt.objects.filter(order=OuterRef("pk"), kind__in=PACKS, state__in=LIVE)
    return Q(Exists(live))


def _cancels(shop: Shop, now: datetime) -> Q:
    """Orders of a shop at the stages at which its seller may cancel them from here."""
    ways = []
    for way in Shipping:
        can = capabilities(shop, way)
        if can.connects and can.cancels:
            arranged = (Stage.PENDING_COLLECTION,) if can.cancels_arranged else ()
            stages = (in_stage(stage, now) for stage in (*CANCELABLE, *arranged))
            ways.append(Q(shipping=way) & reduce(or_, stages))
    return Q(shop=shop.pk) & reduce(or_, ways) if ways else NOTHING


def _can_answer(verb: Verb, now: datetime, shops: Iterable[Shop]) -> Q:
    """Orders with an open case that can be answered."""
    answered = Attempt.objects.filter(
        under_way(), kind=Attempt.Kind.ANSWER, case=OuterRef("pk"), order=OuterRef("order")
    )
    cases = Case.objects.filter(order=OuterRef("pk"), is_open=True, kind__in=ANSWERED[verb])
    cases = cases.exclude(Exists(answered)).exclude(Exists(_answered_lately(now)))
    cases = cases.exclude(dispute=IN_DISPUTE).exclude(case_id="").exclude(step=CaseStep.OTHER)
    found = reduce(or_, (_answers(shop, verb) for shop in shops), NOTHING) & Q(Exists(cases))
    found &= ~in_stage(Stage.CLOSED, now)
    if verb is Verb.ANSWER_CANCELLATION:
        found &= ~Q(stage=Stage.CANCELED) & ~_is_packing()
    return found


def _answered_lately(now: datetime) -> QuerySet[Attempt]:
    """Of a case: answers after which it may still be told of as it was before."""
    lately = Attempt.objects.filter(
        kind=Attempt.Kind.ANSWER,
        state=Attempt.State.DONE,
        case=OuterRef("pk"),
        ended_at__gt=now - SETTLES,
    )
    lately = lately.filter(Q(case__changed_at=None) | Q(case__changed_at__lte=F("ended_at")))
    step = KeyTextTransform("step", "asks")
    return lately.annotate(asked=step).filter(Q(asked=OuterRef("step")) | Q(case__step=""))


def _answers(shop: Shop, verb: Verb) -> Q:
    ways = [
        way
        for way in Shipping
        if (can := capabilities(shop, way)).connects
        and (can.answers or verb is Verb.ANSWER_CANCELLATION)
    ]
    return Q(shop=shop.pk, shipping__in=ways) if ways else NOTHING


def _ships(shop: Shop) -> Q:
    """Orders of a shop whose way of shipping is the seller's to arrange from here."""
    ways = [
        way
        for way in (Shipping.SELLER, Shipping.UNSAID)
        if (can := capabilities(shop, way)).ships or not can.connects
    ]
    return Q(shop=shop.pk, shipping__in=ways) if ways else NOTHING


def _labels(shop: Shop) -> Q:
    """Orders of a shop whose labels the platform makes from here."""
    makes = capabilities(shop, Shipping.PLATFORM).platform_label
    return Q(shop=shop.pk, shipping=Shipping.PLATFORM) if makes else NOTHING


def _marks(shop: Shop) -> Q:
    """Orders of a shop whose labels the platform makes, and which nobody can call."""
    connects = capabilities(shop, Shipping.PLATFORM).connects
    return NOTHING if connects else Q(shop=shop.pk, shipping=Shipping.PLATFORM)
