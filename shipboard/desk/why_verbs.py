"""Why something cannot be done with an order now: the sentence that refuses it, with the instants
and the accounts it rests on.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from shipboard.channels.contract import Shipping, Stage
from shipboard.channels.registry import capabilities
from shipboard.desk.why import Accounts, Moment, Source, Why, moments
from shipboard.desk.why_badges import RULES, STAGES
from shipboard.fulfilment.allowed import Action, Verb, asks_to_cancel
from shipboard.fulfilment.correcting import correctable_until, shipped_at, why_not_correct
from shipboard.orders.holds import hold_of
from shipboard.orders.models import Order, Parcel
from shipboard.orders.stages import CANCELED_BY_CLOCK, TAB_OF, Tab, is_presumed, stage_now

#: What moves parcels: in the order in which allowed.py refuses them.
SHIPPING = (
    Verb.ADD_SHIPMENT,
    Verb.SHIP_DESPITE,
    Verb.CREATE_LABEL,
    Verb.REPACK,
    Verb.MARK_SHIPPED,
)
HERE = "What is asked for here has its units until it comes to an end, so that nothing goes twice."
TAKES = "Shipboard offers what the marketplace takes from here for such orders of this market."

#: The rule, the instants that it goes by, and who said so.
Ground = tuple[str, tuple[Moment, ...], tuple[Source, ...]]


def of_verbs(
    order: Order, actions: Iterable[Action], accounts: Accounts, now: datetime
) -> list[Why]:
    """One for each verb that is refused now. `order` with its parts."""
    refused = (each for each in actions if each.why_not and each.verb != Verb.RELEASE)
    return [_of_verb(each, order, accounts, now) for each in refused]


def of_corrections(order: Order, accounts: Accounts, now: datetime) -> list[Why]:
    """One for each parcel of the order (with its parts) whose number takes no correction now, where
    the marketplace takes any at all."""
    if capabilities(order.shop, Shipping(order.shipping)).tracking_edit is None:
        return []
    parcels = {each.parcel_id: each.parcel for each in order.contents.all()}
    numbered = [each for each in parcels.values() if each.tracking_number]
    told = ((each, why_not_correct(order, each, now)) for each in numbered)
    return [_of_correction(each, said, order, accounts, now) for each, said in told if said]


def _of_correction(
    parcel: Parcel, said: str, order: Order, accounts: Accounts, now: datetime
) -> Why:
    if stage_now(order, now) == Stage.CLOSED:
        rule, seen, sources = _of_stage(order, Stage.CLOSED, accounts)
    else:
        until = ("Corrections end", correctable_until(order, parcel))
        seen = moments(("Shipped", shipped_at(order, parcel)), until, deadlines=["Corrections end"])
        rule, sources = TAKES, (accounts.said(order), Source(_what_it_can(order)))
    title = f"Correct tracking number {parcel.tracking_number}"
    return Why(f"correct-{parcel.pk}", title, rule, said, seen, sources)


def _of_verb(action: Action, order: Order, accounts: Accounts, now: datetime) -> Why:
    rule, seen, sources = _ground(action.verb, order, accounts, now)
    key = f"verb-{action.verb.value}"
    return Why(key, action.label, rule, action.why_not, seen, sources)


def _ground(verb: Verb, order: Order, accounts: Accounts, now: datetime) -> Ground:
    """What the refusal rests on."""
    stage = stage_now(order, now)
    if verb in SHIPPING and stage != Stage.CLOSED:
        return _of_shipping(verb, order, stage, accounts, now)
    if verb == Verb.HOLD and (found := _of_hold(order, now)):
        return found
    if verb in (Verb.ANSWER_CANCELLATION, Verb.ANSWER_RETURN, Verb.CANCEL):
        if found := _of_attempt(order):
            return found
        if verb == Verb.CANCEL and stage in CANCELED_BY_CLOCK and asks_to_cancel(order):
            return _of_request(order, accounts)
        if stage in (*CANCELED_BY_CLOCK, Stage.ON_HOLD, Stage.DELIVERED):
            return TAKES, (), (accounts.said(order), Source(_what_it_can(order)))
    return _of_stage(order, stage, accounts)


def _of_shipping(
    verb: Verb, order: Order, stage: Stage, accounts: Accounts, now: datetime
) -> Ground:
    if order.is_platform_fulfilled:
        return TAKES, (), (accounts.said(order, "is_platform_fulfilled"),)
    if found := _of_hold(order, now):
        return found
    if TAB_OF[stage] != Tab.PENDING_SHIPPING:
        return _of_stage(order, stage, accounts)
    if found := _of_attempt(order):
        return found
    if asks_to_cancel(order) and verb != Verb.SHIP_DESPITE:
        return _of_request(order, accounts)
    if is_presumed(order, now):
        seen = moments(("Paid", order.paid_at), ("Hold over by the clock", order.hold_ends_at))
        return RULES["presumed"], seen, (accounts.said(order),)
    return TAKES, (), (accounts.said(order, "shipping"), Source(_what_it_can(order)))


def _of_attempt(order: Order) -> Ground | None:
    """What is under way already."""
    found = [each for each in order.attempts.all() if each.is_news_of(order)]
    if not found:
        return None
    last = found[-1]
    seen = moments(("Asked for", last.asked_at), ("Ended", last.ended_at))
    return HERE, seen, (Source(f"{last.by}, here", last.asked_at),)


def _of_hold(order: Order, now: datetime) -> Ground | None:
    hold = hold_of(order, now)
    if hold is None:
        return None
    seen = moments(("Held since", hold.placed_at), ("Until", hold.until), deadlines=["Until"])
    return RULES["held"], seen, (Source(f"{hold.by}, here", hold.placed_at),)


def _of_stage(order: Order, stage: Stage, accounts: Accounts) -> Ground:
    seen = moments(
        ("Paid", order.paid_at),
        ("Hold ends", order.hold_ends_at if stage == Stage.ON_HOLD else None),
        ("Arranged", order.arranged_at),
        ("Collected", order.collected_at),
        ("Delivered", order.delivered_at),
        ("After-sales window over", order.closes_at if stage == Stage.CLOSED else None),
        ("Canceled", order.canceled_at),
        deadlines=["Hold ends"],
    )
    sources = [accounts.said(order)]
    if stage == Stage.CLOSED and order.stage != Stage.CLOSED:
        shop = order.shop
        rule = f"the rules of {shop.name}: {shop.after_sales_days} days after delivery"
        is_channels = order.closes_at == order.channel_closes_at
        sources = [
            accounts.said(order, "closes_at") if is_channels else Source(rule),
            accounts.said(order, "delivered_at"),
        ]
    return STAGES[stage], seen, tuple(sources)


def _of_request(order: Order, accounts: Accounts) -> Ground:
    for case in order.cases.all():
        if case.is_open and case.kind == "cancellation":
            seen = moments(
                ("Asked", case.requested_at),
                ("Answer by", case.respond_by),
                deadlines=["Answer by"],
            )
            said = accounts.said(order, f"cases.{case.kind}.{case.case_id}")
            return RULES["decision"], seen, (said,)
    return RULES["decision"], (), (accounts.said(order),)


def _what_it_can(order: Order) -> str:
    way = {"seller": "seller shipping", "platform": "platform shipping"}.get(
        order.shipping, "orders that say no way of shipping"
    )
    return (
        f"what {order.shop.get_channel_display()} lets be done from here in {order.shop.region} "
        f"for {way}"
    )
