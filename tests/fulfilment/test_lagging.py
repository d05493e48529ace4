"""What the marketplace's lists still tell as it was before a cancellation is not shipped, labelled
or handed over meanwhile.
"""

from __future__ import annotations

import pytest

from shipboard.channels.case_contract import CaseStep
from shipboard.channels.contract import Shipping, Stage
from shipboard.desk.attempts import row_state
from shipboard.fulfilment.allowed import GRANTED, Verb, why_not
from shipboard.fulfilment.answer_wishes import stored
from shipboard.fulfilment.applies import applies
from shipboard.fulfilment.last_look import is_being_canceled
from shipboard.fulfilment.refusals import CannotCancel, CannotShip
from shipboard.orders.attempts import SETTLES, Attempt, ClaimedUnit
from shipboard.orders.labels import Label
from shipboard.orders.models import Case, Order
from shipboard.orders.staleness import with_staleness
from tests import make
from tests.fulfilment.deciding_desk import APPROVE, Desk

State = Attempt.State


@pytest.fixture
def desk(deciding_desk: Desk) -> Desk:
    make.Shop.objects.update(region="US")
    deciding_desk.shop.refresh_from_db()
    return deciding_desk


def can_ship(desk: Desk, order_id: str = "1") -> bool:
    """SQL says what Python says."""
    now = desk.clock.now
    reason = why_not(Verb.ADD_SHIPMENT, desk.order(order_id), now)
    found = Order.objects.filter(applies(Verb.ADD_SHIPMENT, now), order_id=order_id)
    assert found.exists() == (reason == "")
    return reason == ""


def stale(desk: Desk, label: Label) -> str:
    labels = with_staleness(Label.objects.filter(pk=label.pk), desk.clock.now)
    return str(labels.get().stale)


def test_an_order_that_lags_behind_its_cancellation_goes_nowhere(desk: Desk) -> None:
    """And is not canceled twice."""
    label = make.label(desk.order())
    desk.cancel()
    desk.work()
    Case.objects.all().delete()
    Order.objects.update(stage=Stage.PENDING_COLLECTION, as_of=desk.clock.now)
    assert stale(desk, label) == "canceling"
    Order.objects.update(stage=Stage.AWAITING_SHIPMENT)
    assert not can_ship(desk)
    with pytest.raises(CannotCancel, match="the marketplace has taken it"):
        desk.cancel()
    assert not Order.objects.filter(applies(Verb.CANCEL, desk.clock.now)).exists()
    desk.clock.pass_(minutes=10)
    assert can_ship(desk)
    Order.objects.update(stage=Stage.PENDING_COLLECTION)
    assert stale(desk, label) == ""


def test_units_that_are_canceled_elsewhere_hold_the_rest_up(desk: Desk) -> None:
    """Those that are canceled from here are claimed."""
    desk.channel.place_order("2", units=3)
    desk.read()
    desk.cancel("2", "2-1")
    desk.work()
    Case.objects.filter(by="seller").update(changed_at=desk.clock.now)
    assert can_ship(desk, "2")
    assert row_state(desk.order("2"), Stage.AWAITING_SHIPMENT) is None
    for units in (["2-1", "2-2"], []):
        Case.objects.filter(by="seller").update(unit_ids=units)
        assert not can_ship(desk, "2")
        assert why_not(Verb.ADD_SHIPMENT, desk.order("2"), desk.clock.now) == GRANTED
    desk.clock.pass_(minutes=10)
    assert can_ship(desk, "2")


def test_a_packed_label_is_kept_back_until_the_order_shows_what_was_canceled(desk: Desk) -> None:
    """One that is made afterwards is of the rest."""
    desk.channel.place_order("2", units=3)
    desk.read()
    packed = make.label(desk.order("2"))
    desk.cancel("2", "2-1")
    desk.work()
    Order.objects.update(stage=Stage.PENDING_COLLECTION)
    later = make.label(desk.order("2"), asked_at=desk.clock.now)
    assert (stale(desk, packed), stale(desk, later)) == ("canceling", "")
    Label.objects.filter(pk=packed.pk).update(cleared_at=desk.clock.now)
    assert stale(desk, packed) == ""
    Label.objects.filter(pk=packed.pk).update(cleared_at=None)
    desk.clock.pass_(minutes=10)
    assert stale(desk, packed) == ""


@pytest.mark.parametrize("shipping", [Shipping.SELLER, Shipping.PLATFORM])
def test_what_was_approved_is_not_shipped_although_the_buyer_asks(
    desk: Desk, shipping: Shipping
) -> None:
    """Where a shipment rejects a request, and both lists still show this one."""
    desk.asked()
    attempt = desk.ask(despite_request=True)
    Attempt.objects.filter(pk=attempt.pk).update(state=State.REVOKED)
    ClaimedUnit.objects.all().delete()
    Order.objects.update(shipping=shipping)
    assert why_not(Verb.SHIP_DESPITE, desk.order(), desk.clock.now) == ""
    assert not is_being_canceled(attempt.pk, desk.clock.now)
    Attempt.objects.create(
        kind=Attempt.Kind.ANSWER,
        state=State.DONE,
        shop=desk.shop,
        order=desk.order(),
        case=desk.case(),
        by="an",
        asks=stored(APPROVE) | {"step": CaseStep.CANCEL.value},
        asked_at=desk.clock.now,
        due_at=desk.clock.now,
        ended_at=desk.clock.now,
    )
    Order.objects.update(as_of=desk.clock.now)
    order, now = desk.order(), desk.clock.now
    assert "answered it already" in why_not(Verb.SHIP_DESPITE, order, now)
    assert is_being_canceled(attempt.pk, now)
    if shipping is Shipping.SELLER:
        with pytest.raises(CannotShip, match="answered it already"):
            desk.ask(despite_request=True)
    later = now + SETTLES
    assert why_not(Verb.SHIP_DESPITE, order, later) == ""
    assert not is_being_canceled(attempt.pk, later)
