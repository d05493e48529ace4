"""The bulk preview and the single order agree: `applies` in SQL is `allowed` in Python."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shipboard.channels.contract import CaseKind, Shipping, Stage
from shipboard.fulfilment.allowed import Verb, allowed, why_not
from shipboard.fulfilment.applies import applies
from shipboard.orders.models import Case, Hold, Order
from shipboard.orders.parts import with_parts
from tests import make
from tests.soak import examples

pytestmark = pytest.mark.django_db
instants = st.integers(0, 3).map(lambda hours: make.NOW + hours * make.HOUR)
maybe = st.one_of(st.none(), instants)


@settings(max_examples=examples(50))
@given(
    stage=st.sampled_from(Stage),
    shipping=st.sampled_from(Shipping),
    hold_ends_at=maybe,
    closes_at=maybe,
    hold=st.one_of(st.none(), st.tuples(maybe, maybe)),
    case=st.one_of(st.none(), st.sampled_from(CaseKind)),
    now=instants,
    tick=st.integers(-1, 1),
)
def test_every_order_at_every_instant(  # type: ignore[no-untyped-def]
    stage, shipping, hold_ends_at, closes_at, hold, case, now, tick
) -> None:
    now += timedelta(microseconds=tick)
    Order.objects.all().delete()
    make.Shop.objects.all().delete()
    row = make.row(
        make.shop(), stage=stage, shipping=shipping, hold_ends_at=hold_ends_at, closes_at=closes_at
    )
    row.save()
    if hold:
        until, released_at = hold
        Hold.objects.create(
            order=row,
            reason="x",
            by="mai",
            placed_at=make.NOW,
            until=until,
            released_at=released_at,
        )
    if case:
        Case.objects.create(order=row, kind=case, is_open=True)
    (order,) = with_parts(Order.objects.all(), now)
    actions = {action.verb: action for action in allowed(order, now)}
    for verb in Verb:
        is_possible = verb in actions and actions[verb].is_possible
        assert Order.objects.filter(applies(verb, now)).exists() == is_possible, verb
        if verb in actions:
            assert actions[verb].why_not == why_not(verb, order, now)
    is_held = actions[Verb.RELEASE].is_possible
    if is_held:
        shipping_verbs = (Verb.ADD_SHIPMENT, Verb.CREATE_LABEL, Verb.HOLD)
        assert not any(actions[v].is_possible for v in shipping_verbs if v in actions)
