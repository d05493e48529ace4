"""Marked as shipped, where nobody can be told: recorded, undone, confirmed by what imports show."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from shipboard.accounts.access import Access, NotAllowed
from shipboard.channels.contract import CaseFact, CaseKind, Shipping, Stage
from shipboard.channels.models import Shop
from shipboard.fulfilment import outbox, recorded, runner, runs
from shipboard.fulfilment.allowed import Verb, allowed, why_not
from shipboard.fulfilment.applies import applies
from shipboard.fulfilment.marking import mark_shipped
from shipboard.fulfilment.models import RunRow
from shipboard.fulfilment.refusals import CannotShip, DecisionNeeded, Taken, TooLate
from shipboard.fulfilment.selection import Selection
from shipboard.fulfilment.wishes import Wishes
from shipboard.ingest.apply import Source, apply
from shipboard.orders.attempts import Attempt, ClaimedUnit
from shipboard.orders.holds import place_hold
from shipboard.orders.models import Event, Order
from shipboard.orders.overlays import Stale
from shipboard.orders.parts import with_parts
from tests import make
from tests.fulfilment.conftest import MAI

pytestmark = pytest.mark.django_db
LATER = make.NOW + make.HOUR
State = Attempt.State


@pytest.fixture
def shop() -> Shop:
    return make.shop("Paper")


def tell(shop: Shop, order_id: str = "1", **given: Any) -> Order:
    lines = (make.line(quantity=2), make.line(sku_id="2", seller_sku="PLATE-01"))
    fact = make.order(order_id, **{"shipping": Shipping.PLATFORM, "lines": lines} | given)
    apply(shop, [fact], Source(by="import", now=given.get("as_of", make.NOW)))
    return Order.objects.get(shop=shop, order_id=order_id)


def mark(order: Order, **given: Any) -> Attempt:
    return mark_shipped(order, **{"access": MAI, "now": make.NOW, "wall": make.NOW} | given)


def fresh(order: Order, now: Any = make.NOW) -> Order:
    (found,) = with_parts(Order.objects.filter(pk=order.pk), now)
    return found


def ended(attempt: Attempt, now: Any = LATER) -> Attempt:
    recorded.confirm(now)
    attempt.refresh_from_db()
    return attempt


def test_it_is_recorded_and_claims_what_waits(shop: Shop) -> None:
    order = tell(shop)
    attempt = mark(order)
    assert (attempt.kind, attempt.state, attempt.by) == (Attempt.Kind.MARK, State.RECORDED, "mai")
    assert ClaimedUnit.objects.filter(attempt=attempt).count() == 3
    assert Event.objects.get(kind="marked_here").detail == {"attempt": attempt.pk}
    assert "mai has marked it as shipped here" in why_not(Verb.MARK_SHIPPED, fresh(order), make.NOW)
    with pytest.raises(CannotShip, match="marked it as shipped"):
        mark(order)
    assert ended(attempt).state == State.RECORDED


def test_the_same_form_twice_is_one(shop: Shop) -> None:
    order, key = tell(shop), uuid4()
    assert mark(order, key=key) == mark(order, key=key)
    assert Attempt.objects.count() == 1


def test_on_an_older_picture_nothing_is_done(shop: Shop) -> None:
    order = tell(shop)
    with pytest.raises(Stale):
        mark(order, seen=order.version + 1)
    assert not Attempt.objects.exists()


def test_it_goes_into_no_upload_file(shop: Shop) -> None:
    mark(tell(shop))
    assert not recorded.waiting(shop).exists()
    assert recorded.hand_over(shop, access=MAI, now=make.NOW) is None


def test_it_is_taken_back_until_an_import_tells(shop: Shop) -> None:
    order = tell(shop)
    first = mark(order)
    outbox.revoke(first, access=MAI, now=make.NOW)
    assert not ClaimedUnit.objects.exists()
    again = mark(order)
    tell(shop, stage=Stage.PENDING_COLLECTION, as_of=LATER)
    assert ended(again).state == State.DONE
    with pytest.raises(TooLate, match="shows it as shipped already"):
        outbox.revoke(again, access=MAI, now=LATER)
    kinds = Event.objects.filter(kind__startswith="mark").order_by("pk")
    assert list(kinds.values_list("kind", flat=True)) == [
        "marked_here",
        "marking_undone",
        "marked_here",
        "marked_shipped",
    ]


@pytest.mark.parametrize(
    ("stage", "state"),
    [
        (Stage.AWAITING_SHIPMENT, State.RECORDED),
        (Stage.PENDING_COLLECTION, State.DONE),
        (Stage.IN_TRANSIT, State.DONE),
        (Stage.DELIVERED, State.DONE),
        (Stage.CANCELED, State.REFUSED),
    ],
)
def test_what_the_next_import_makes_of_it(shop: Shop, stage: Stage, state: str) -> None:
    attempt = mark(tell(shop))
    tell(shop, stage=stage, as_of=LATER)
    found = ended(attempt)
    assert found.state == state
    assert ("Ask the carrier" in found.next_step) == (state == State.REFUSED)
    assert ClaimedUnit.objects.exists() == (state != State.REFUSED)


def test_an_order_whose_label_has_a_number_already_is_marked_whole(shop: Shop) -> None:
    order = tell(shop, parcels=(make.parcel(),), lines=(make.line(),))
    attempt = mark(order)
    assert ClaimedUnit.objects.filter(attempt=attempt).count() == 1
    assert ended(attempt, make.NOW).state == State.RECORDED


def test_what_must_not_go_is_not_marked(shop: Shop) -> None:
    asked = CaseFact(kind=CaseKind.CANCELLATION, case_id="C", is_open=True)
    with pytest.raises(DecisionNeeded):
        mark(tell(shop, "1", cases=(asked,)))
    held = tell(shop, "2")
    place_hold(held, reason="look", by="mai", now=make.NOW)
    with pytest.raises(CannotShip, match="held here"):
        mark(held)
    with pytest.raises(CannotShip, match="not paid"):
        mark(tell(shop, "3", stage=Stage.UNPAID))
    with pytest.raises(CannotShip, match="add its shipment information"):
        mark(tell(shop, "4", shipping=Shipping.SELLER))
    with pytest.raises(NotAllowed):
        mark(tell(shop, "5"), access=Access(by="leo", rights=frozenset()))


def test_where_the_label_says_it_there_is_no_second_step() -> None:
    order = tell(make.shop("Line", channel="tiktok"))
    reason = why_not(Verb.MARK_SHIPPED, fresh(order), make.NOW)
    assert reason == "Creating its label marks it as shipped; no second step is needed."
    with pytest.raises(CannotShip, match="no second step"):
        mark(order)


def test_offered_for_platform_orders_alone(shop: Shop) -> None:
    def offered(order: Order) -> bool:
        return Verb.MARK_SHIPPED in {each.verb for each in allowed(fresh(order), make.NOW)}

    assert offered(tell(shop, "1"))
    assert not offered(tell(shop, "2", shipping=Shipping.SELLER))


def test_many_at_once(shop: Shop) -> None:
    good = [tell(shop, f"{at}") for at in (1, 2)]
    seller = tell(shop, "3", shipping=Shipping.SELLER)
    mark(good[1])
    chosen = Order.objects.filter(applies(Verb.MARK_SHIPPED, make.NOW))
    assert list(chosen) == [good[0]]
    every = Order.objects.all()
    for order in with_parts(every, make.NOW):
        is_chosen = order.pk == good[0].pk
        assert (why_not(Verb.MARK_SHIPPED, order, make.NOW) == "") == is_chosen
    pks = tuple(sorted(each.pk for each in (*good, seller)))
    run = runs.begin(
        Selection(3, pks=pks), Verb.MARK_SHIPPED, Wishes(), key=uuid4(), access=MAI, now=make.NOW
    )
    runner.carry_on(run.pk, lambda: make.NOW)
    rows = RunRow.objects.filter(run=run).order_by("position")
    assert [row.outcome for row in rows] == ["done", "failed", "failed"]
    assert "the next import confirms it" in rows[0].reason
    assert Attempt.objects.filter(is_bulk=True, state=State.RECORDED).count() == 1


def test_lost_to_another_shipment(shop: Shop) -> None:
    order = tell(shop)
    first = mark(order)
    Attempt.objects.filter(pk=first.pk).update(is_part=True)
    with pytest.raises(Taken):
        mark(order)
