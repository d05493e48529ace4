"""A seller's cancellation from the asking to its end, whatever happens to its call."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from uuid import uuid4

import pytest

from shipboard.channels.contract import (
    CaseFact,
    CaseKind,
    CasesPage,
    FailureKind,
    Outcome,
    Shipping,
    Stage,
    Stream,
)
from shipboard.fulfilment import pausing
from shipboard.fulfilment.allowed import Verb, allowed, why_not
from shipboard.fulfilment.applies import applies
from shipboard.fulfilment.models import RunRow
from shipboard.fulfilment.refusals import BadCancel, CannotCancel, CannotShip, Taken
from shipboard.fulfilment.runs import begin_each
from shipboard.fulfilment.settling import AGAIN, GRACE
from shipboard.orders.attempts import SETTLES, Attempt, ClaimedUnit, Sending
from shipboard.orders.models import Event, Order
from tests import make
from tests.fulfilment.conftest import MAI
from tests.fulfilment.deciding_desk import OUT_OF_STOCK, CancelWish, Desk
from tests.fulfilment.shipping_channel import lost
from tests.ingest.fake_channel import failure

State = Attempt.State


@pytest.fixture
def desk(deciding_desk: Desk) -> Desk:
    make.Shop.objects.update(region="US")
    return deciding_desk


def lose_the_first(desk: Desk, when: str = "after") -> None:
    def lose(at: str, number: int) -> None:
        if at == when and number == 1:
            raise lost()

    desk.channel.hears = lose


def settle(desk: Desk) -> None:
    """Until no list lags behind any more, and a moment longer."""
    desk.work(seconds=SETTLES.total_seconds())
    desk.work(seconds=1)


def test_a_cancellation_waits_leaves_and_is_taken(desk: Desk) -> None:
    attempt = desk.cancel()
    assert attempt.state == State.WAITING
    assert ClaimedUnit.objects.get().unit == "1-0"
    desk.work()
    assert desk.channel.canceled == [("1", ())]
    attempt.refresh_from_db()
    assert attempt.state == State.DONE
    assert desk.order().stage == Stage.CANCELED
    kinds = set(Event.objects.filter(order=attempt.order).values_list("kind", flat=True))
    assert {"cancel_asked", "order_canceled"} <= kinds


def test_nobody_ships_what_is_being_canceled(desk: Desk) -> None:
    desk.cancel()
    with pytest.raises(CannotShip, match="mai cancels it; that waits in the outbox"):
        desk.ask()
    desk.work()
    assert desk.channel.shipped == []


def test_nobody_cancels_what_is_being_shipped(desk: Desk) -> None:
    desk.ask()
    with pytest.raises(CannotCancel, match="mai ships it already"):
        desk.cancel()
    desk.work()
    assert desk.channel.canceled == []


def test_the_database_lets_one_of_two_have_the_unit(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.ask()
    monkeypatch.setattr("shipboard.fulfilment.canceling.why_not", lambda *given: "")
    with pytest.raises(Taken):
        desk.cancel()


def test_units_are_canceled_and_the_rest_is_shipped(desk: Desk) -> None:
    desk.channel.place_order("2", units=3)
    desk.read()
    attempt = desk.cancel("2", "2-1")
    assert attempt.is_part
    with pytest.raises(CannotShip, match="cancels part of it"):
        desk.ask("2")
    desk.work()
    assert desk.channel.canceled == [("2", ("2-1",))]
    desk.read()
    desk.ask("2")
    desk.work()
    assert desk.channel.shipped[0][:2] == ("2", ("2-0", "2-2"))


@pytest.mark.parametrize("units", [(), ("2-1",)], ids=["whole", "part"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_answer_is_settled_by_asking(desk: Desk, when: str, units: tuple[str, ...]) -> None:
    desk.channel.place_order("2", units=3)
    desk.read()
    attempt = desk.cancel("2", *units)

    def lose(at: str, number: int) -> None:
        if at == when and number == 1:
            raise lost()

    desk.channel.hears = lose
    desk.work()
    attempt.refresh_from_db()
    assert attempt.state == State.UNKNOWN
    settle(desk)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.calls) == (State.DONE, 2 if when == "before" else 1)
    assert desk.channel.canceled == [("2", units)]


@pytest.mark.parametrize("is_told", [True, False])
def test_an_order_that_tells_before_its_list_is_not_refused(desk: Desk, is_told: bool) -> None:
    attempt = desk.cancel()
    desk.channel.lags = ["lists"]
    lose_the_first(desk)
    desk.work()
    desk.work(seconds=1)
    attempt.refresh_from_db()
    assert (desk.order().stage, attempt.state) == (Stage.CANCELED, State.UNKNOWN)
    if is_told:
        desk.channel.lags = ()
        desk.work(seconds=GRACE.total_seconds())
    else:
        settle(desk)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.calls) == (State.DONE, 1)


def test_nothing_is_canceled_again_while_orders_and_lists_may_lag(desk: Desk) -> None:
    desk.channel.place_order("2", units=3)
    desk.read()
    attempt = desk.cancel("2", "2-1")
    desk.channel.lags = ["orders"]
    lose_the_first(desk)
    desk.work()
    for _ in range(7):
        desk.work(seconds=GRACE.total_seconds())
    attempt.refresh_from_db()
    assert (attempt.state, attempt.calls) == (State.UNKNOWN, 1)
    desk.channel.tell_canceled("2", ["2-1"])
    desk.work(seconds=GRACE.total_seconds())
    attempt.refresh_from_db()
    assert (attempt.state, attempt.calls) == (State.DONE, 1)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_refusal_of_the_second_call_sets_no_unit_free(desk: Desk, when: str) -> None:
    """It may mean that the first one took effect, and nothing tells of it yet."""
    desk.channel.place_order("2", units=3)
    desk.read()
    attempt = desk.cancel("2", "2-1")
    desk.channel.lags = ["orders"]

    def refuse(at: str, number: int) -> None:
        if at == when and number == 1:
            raise lost()
        if at == "before" and number == 2:
            raise failure(FailureKind.FINAL, code="25001001", sentence="It is too late for that.")

    desk.channel.hears = refuse
    desk.work()
    settle(desk)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.calls) == (State.UNKNOWN, 2)
    assert "too late" in attempt.reason
    desk.work(seconds=GRACE.total_seconds())
    assert ClaimedUnit.objects.filter(attempt=attempt).count() == 1
    with pytest.raises(CannotShip, match="cancels part of it"):
        desk.ask("2")
    if when == "after":
        desk.channel.tell_canceled("2", ["2-1"])
    settle(desk)
    attempt.refresh_from_db()
    if when == "after":
        assert (attempt.state, attempt.calls) == (State.DONE, 2)
    else:
        assert (attempt.state, attempt.calls) == (State.REFUSED, 2)
        assert (attempt.code, "too late" in attempt.reason) == ("25001001", True)
        assert not ClaimedUnit.objects.exists()


def test_what_stops_a_second_call_may_be_the_first_ones_doing(desk: Desk) -> None:
    """The order told of it only when the outbox had been closed for a while."""
    attempt = desk.cancel()
    desk.channel.lags = ["orders"]
    lose_the_first(desk)
    desk.work()
    Attempt.objects.filter(pk=attempt.pk).update(
        state=State.WAITING, claimed_at=desk.clock.now - SETTLES
    )
    desk.channel.tell_canceled("1")
    desk.work()
    attempt.refresh_from_db()
    assert attempt.state == State.UNKNOWN
    desk.work()
    attempt.refresh_from_db()
    assert (attempt.state, attempt.calls) == (State.DONE, 1)


def test_an_order_of_which_nothing_is_told_keeps_no_other_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for order_id in "234":
        desk.channel.place_order(order_id)
    desk.read()
    silent, other = desk.cancel("2"), desk.cancel("3")
    cases_of, is_silent = desk.channel.cases_of, True

    def refuses(order_ids: Sequence[str], stream: Stream = Stream.CANCELLATIONS) -> CasesPage:
        if "2" in order_ids and is_silent:
            raise failure(FailureKind.FINAL, sentence="That order is not known.")
        return cases_of(order_ids, stream)

    def lose(at: str, number: int) -> None:
        if at == "after":
            raise lost()

    monkeypatch.setattr(desk.channel, "cases_of", refuses)
    desk.channel.hears = lose
    desk.work()
    desk.channel.hears = lambda at, number: None
    shipped = desk.ask("4")
    desk.work()
    for each, state in ((silent, State.UNKNOWN), (other, State.DONE), (shipped, State.DONE)):
        each.refresh_from_db()
        assert each.state == state
    assert not Sending.objects.exclude(blocked_at=None).exists()
    is_silent = False
    desk.work(seconds=AGAIN.total_seconds())
    silent.refresh_from_db()
    assert (silent.state, silent.calls) == (State.DONE, 1)


def test_a_call_that_is_late_may_still_cancel_what_waits_for_the_carrier(desk: Desk) -> None:
    desk.channel.change("1", Stage.PENDING_COLLECTION)
    desk.clock.pass_(seconds=1)
    desk.read()
    attempt = desk.cancel()

    def lose(at: str, number: int) -> None:
        raise lost()

    desk.channel.hears = lose
    desk.work()
    # The buyer asks too, so that it would not be sent again.
    desk.channel.ask_to_cancel("1")
    desk.work(seconds=20)
    attempt.refresh_from_db()
    assert attempt.state == State.UNKNOWN
    desk.channel.hears = lambda at, number: None
    desk.channel.cancel("1", reason=OUT_OF_STOCK)
    desk.work(seconds=GRACE.total_seconds())
    attempt.refresh_from_db()
    assert attempt.state == State.DONE


def test_an_earlier_cancellation_that_came_to_nothing_is_not_this_one(desk: Desk) -> None:
    desk.channel.place_order("2", units=2)
    desk.read()
    attempt = desk.cancel("2", "2-1")
    desk.channel.cases["OLD"] = (
        "2",
        CaseFact(
            kind=CaseKind.CANCELLATION,
            case_id="OLD",
            is_open=False,
            by="seller",
            unit_ids=("2-1",),
        ),
        desk.clock.now,
    )

    def lose(at: str, number: int) -> None:
        if number == 1:
            raise lost()

    desk.channel.hears = lose
    desk.work()
    assert desk.channel.canceled == []
    settle(desk)
    attempt.refresh_from_db()
    assert (attempt.state, desk.channel.canceled) == (State.DONE, [("2", ("2-1",))])


def test_cases_of_many_are_asked_for_at_once(desk: Desk) -> None:
    for order_id in "23":
        desk.channel.place_order(order_id)
    desk.read()
    attempts = [desk.cancel(order_id) for order_id in "23"]

    def lose(at: str, number: int) -> None:
        if at == "after":
            raise lost()

    desk.channel.hears = lose
    desk.work()
    desk.channel.calls.clear()
    desk.work(seconds=GRACE.total_seconds())
    asked = [call[1] for call in desk.channel.calls if call[0] == "cases_of"]
    assert {tuple(sorted(ids)) for ids in asked} == {("2", "3")}
    states = Attempt.objects.filter(pk__in=[each.pk for each in attempts])
    assert set(states.values_list("state", flat=True)) == {State.DONE}


def test_what_is_left_of_an_order_that_had_gone_in_part(desk: Desk) -> None:
    """It is canceled, and the order is delivered all the same."""
    desk.channel.place_order("2", units=2)
    desk.read()
    attempt = desk.cancel("2")

    def lose(at: str, number: int) -> None:
        if at == "after":
            desk.channel.change("2", Stage.DELIVERED, canceled_by="")
            order_id, case, told_at = desk.channel.cases["S1"]
            case = replace(case, unit_ids=("2-0", "2-1"))
            desk.channel.cases["S1"] = (order_id, case, told_at)
            raise lost()

    desk.channel.hears = lose
    desk.work()
    desk.work(seconds=GRACE.total_seconds())
    attempt.refresh_from_db()
    assert attempt.state == State.DONE


def test_an_order_that_the_buyer_canceled_first_is_not_the_sellers(desk: Desk) -> None:
    attempt = desk.cancel()
    desk.channel.change("1", Stage.CANCELED, canceled_by="buyer")
    desk.work()
    attempt.refresh_from_db()
    assert (attempt.state, desk.channel.canceled) == (State.REFUSED, [])
    assert "already, by the buyer" in attempt.reason
    assert not ClaimedUnit.objects.exists()


def test_a_buyers_request_that_comes_first_stops_it(desk: Desk) -> None:
    """What the buyer asked for does not count against the seller."""
    attempt = desk.cancel()
    desk.channel.ask_to_cancel("1")
    desk.work()
    attempt.refresh_from_db()
    assert attempt.state == State.REFUSED
    assert "approve that instead" in attempt.reason


def test_what_was_shipped_in_seller_center_meanwhile_is_not_canceled(desk: Desk) -> None:
    attempt = desk.cancel()
    desk.channel.change("1", Stage.IN_TRANSIT)
    desk.work()
    attempt.refresh_from_db()
    assert (attempt.state, desk.channel.canceled) == (State.REFUSED, [])


def test_canceled_at_the_very_same_moment_counts_as_done_by_whom_it_was(desk: Desk) -> None:
    attempt = desk.cancel()

    def cancels(at: str, number: int) -> None:
        if at == "before":
            desk.channel.change("1", Stage.CANCELED, canceled_by="system")
            raise failure(FailureKind.ALREADY_DONE, outcome=Outcome.DONE, code="25001010")

    desk.channel.hears = cancels
    desk.work()
    desk.work(seconds=GRACE.total_seconds())
    attempt.refresh_from_db()
    assert attempt.state == State.REFUSED
    assert "by the system" in attempt.reason


def test_a_form_sent_twice_is_one_cancellation(desk: Desk) -> None:
    key = uuid4()
    assert desk.cancel(key=key).pk == desk.cancel(key=key).pk
    with pytest.raises(CannotCancel, match="cancels it"):
        desk.cancel()


def test_a_reason_is_needed_and_units_must_be_there(desk: Desk) -> None:
    with pytest.raises(BadCancel, match="reason"):
        desk.cancel(reason="")
    with pytest.raises(BadCancel, match="not in the order"):
        desk.cancel("1", "nowhere")
    make.Shop.objects.update(region="TH")
    with pytest.raises(BadCancel, match="as a whole"):
        desk.cancel("1", "1-0")
    assert not Attempt.objects.exists()


def test_a_run_cancels_many_once_each(desk: Desk) -> None:
    desk.channel.place_order("2")
    desk.channel.place_order("3", stage=Stage.DELIVERED)
    desk.read()
    wish = CancelWish(reason=OUT_OF_STOCK).stored()
    pks = Order.objects.order_by("order_id").values_list("pk", flat=True)
    run = begin_each(
        [(pk, wish) for pk in pks],
        Verb.CANCEL,
        key=uuid4(),
        access=MAI,
        now=desk.clock.now,
        chosen="some",
    )
    desk.carry_on(run)
    desk.work()
    outcomes = list(run.each.order_by("position").values_list("outcome", "reason"))
    assert [outcome for outcome, _ in outcomes] == ["done", "done", "failed"]
    assert "delivered already" in outcomes[2][1]
    assert sorted(desk.channel.canceled) == [("1", ()), ("2", ())]


@pytest.mark.parametrize("stage", [Stage.PENDING_COLLECTION, Stage.AWAITING_SHIPMENT])
def test_a_run_cancels_orders_as_they_were_when_it_was_begun(desk: Desk, stage: Stage) -> None:
    """What is packed since would be canceled without a word of its parcel."""
    Order.objects.update(stage=Stage.ON_HOLD)
    order = desk.order()
    wish = CancelWish(reason=OUT_OF_STOCK).stored() | {"stage": order.stage}
    run = begin_each(
        [(order.pk, wish)], Verb.CANCEL, key=uuid4(), access=MAI, now=desk.clock.now, chosen="some"
    )
    pausing.pause(run, access=MAI)
    desk.clock.pass_(seconds=1)
    desk.channel.change("1", stage)
    desk.read()
    pausing.go_on(run, access=MAI, wall=desk.clock.now)
    desk.carry_on(run)
    desk.work()
    row, is_packed = run.each.get(), stage is Stage.PENDING_COLLECTION
    assert row.outcome == (RunRow.Outcome.FAILED if is_packed else RunRow.Outcome.DONE)
    assert ("is Pending collection now" in row.reason) == is_packed
    assert bool(desk.channel.canceled) != is_packed


@pytest.mark.parametrize("region", ["US", "TH", "GB"])
def test_where_a_seller_may_cancel(desk: Desk, region: str) -> None:
    """SQL says what Python says, and the verb is named with the reason where it is not possible."""
    make.Shop.objects.update(region=region)
    now = desk.clock.now
    for stage, shipping in itertools.product(Stage, Shipping):
        Order.objects.update(stage=stage, shipping=shipping)
        order = desk.order()
        reason = why_not(Verb.CANCEL, order, now)
        assert {each.verb: each.why_not for each in allowed(order, now)}[Verb.CANCEL] == reason
        assert Order.objects.filter(applies(Verb.CANCEL, now)).exists() == (reason == "")
        early = stage in (Stage.ON_HOLD, Stage.AWAITING_SHIPMENT, Stage.PARTIALLY_SHIPPED)
        arranged = stage == Stage.PENDING_COLLECTION and region == "US"
        assert shipping == Shipping.UNSAID or (reason == "") == (early or arranged)
