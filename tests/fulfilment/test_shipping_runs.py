"""Shipping many: each row comes to an end of its own, and the run can be held up and called off."""

from __future__ import annotations

import pytest

from shipboard.channels.contract import FailureKind, ShipTarget
from shipboard.fulfilment import pausing
from shipboard.fulfilment.blocking import of_run
from shipboard.fulfilment.finishing import Ending, finish
from shipboard.fulfilment.models import Run, RunRow
from shipboard.fulfilment.runs import NothingToRetry, retry_failed, tally
from shipboard.orders.attempts import Attempt, ClaimedUnit
from tests.fulfilment.conftest import MAI
from tests.fulfilment.shipping_channel import NUMBER
from tests.fulfilment.shipping_desk import Desk
from tests.ingest.fake_channel import failure

NUMBERS = {
    "1": NUMBER,
    "2": "9400111899223100000018",
    "3": "9400111899223100000025",
}
Outcome = RunRow.Outcome


@pytest.fixture
def run(desk: Desk) -> Run:
    """Three orders, all handed to the outbox."""
    for order_id in ("2", "3"):
        desk.channel.place_order(order_id)
    desk.read()
    return desk.carry_on(desk.begin(NUMBERS))


def counts(run: Run) -> dict[str, int]:
    return {outcome.value: count for outcome, count in tally(run).items() if count}


def test_a_run_is_done_when_its_shipments_are(desk: Desk, run: Run) -> None:
    assert (run.state, counts(run)) == (Run.State.RUNNING, {"sending": 3})
    desk.work()
    run.refresh_from_db()
    assert (run.state, counts(run)) == (Run.State.DONE, {"done": 3})
    assert run.finished_at == desk.clock.now
    assert len(desk.channel.shipped) == 3
    desk.carry_on(run)
    assert len(desk.channel.shipped) == 3


def test_one_refused_shipment_hides_none_of_the_others(desk: Desk, run: Run) -> None:
    def refuse(when: str, number: int) -> None:
        if when == "before" and number == 2:
            raise failure(FailureKind.NEEDS_FIX, sentence="Wrong number.", next_step="Mend it.")

    desk.channel.hears = refuse
    desk.work()
    run.refresh_from_db()
    assert (run.state, counts(run)) == (Run.State.DONE, {"done": 2, "failed": 1})
    assert run.each.get(outcome=Outcome.FAILED).reason == "Wrong number. Mend it."
    retry_failed(run, access=MAI)
    desk.carry_on(run)
    assert counts(run) == {"done": 2, "sending": 1}
    desk.work()
    assert counts(run) == {"done": 3}
    assert len(desk.channel.shipped) == 3


def test_an_order_whose_buyer_asks_to_cancel_is_left_out(desk: Desk) -> None:
    desk.channel.ask_to_cancel("1")
    desk.read()
    run = desk.carry_on(desk.begin({"1": NUMBER}))
    assert counts(run) == {"failed": 1}
    assert run.each.get().reason.startswith("Decision needed")


def test_a_wish_never_ships_against_a_request(desk: Desk) -> None:
    """Even if a row of a run should say so."""
    desk.channel.ask_to_cancel("1")
    desk.read()
    run = desk.begin({"1": NUMBER})
    row = run.each.get()
    row.wish["despite_request"] = True
    row.save()
    assert counts(desk.carry_on(run)) == {"failed": 1}


def test_a_paused_run_sends_nothing(desk: Desk, run: Run) -> None:
    pausing.pause(run, access=MAI)
    with pytest.raises(pausing.NotNow):
        pausing.pause(run, access=MAI)
    desk.work()
    assert desk.channel.shipped == []
    pausing.go_on(run, access=MAI, wall=desk.clock.now)
    with pytest.raises(pausing.NotNow):
        pausing.go_on(run, access=MAI, wall=desk.clock.now)
    desk.carry_on(run)
    desk.work(seconds=1)
    assert counts(run) == {"done": 3}


def test_a_run_paused_before_it_began_asks_for_nothing(desk: Desk) -> None:
    run = desk.begin({"1": NUMBER})
    pausing.pause(run, access=MAI)
    desk.carry_on(run)
    assert (counts(run), Attempt.objects.count()) == ({"waiting": 1}, 0)


@pytest.mark.parametrize("was_done", [True, False])
def test_the_rest_is_called_off(desk: Desk, run: Run, was_done: bool) -> None:
    """What has left goes on to its end; what turns out never to have got there stays."""
    first = Attempt.objects.order_by("pk").first()
    assert first
    Attempt.objects.filter(pk=first.pk).update(state="calling", claimed_at=desk.clock.now, calls=1)
    assert pausing.call_off(run, access=MAI, now=desk.clock.now) == 2
    assert counts(run) == {"skipped": 2, "sending": 1}
    assert "mai called the rest of the run off" in run.each.filter(outcome="skipped")[0].reason
    assert ClaimedUnit.objects.count() == 1
    if was_done:
        desk.channel.ship(ShipTarget(order_id="1"), tracking_number=NUMBER, carrier_id="")
    desk.work(seconds=1)
    desk.work(seconds=80)
    desk.work(seconds=1)
    run.refresh_from_db()
    assert run.state == Run.State.DONE
    assert counts(run) == ({"skipped": 2, "done": 1} if was_done else {"skipped": 3})
    assert len(desk.channel.shipped) == was_done
    with pytest.raises(pausing.NotNow):
        pausing.call_off(run, access=MAI, now=desk.clock.now)


def test_a_paused_run_that_is_called_off_is_done(desk: Desk, run: Run) -> None:
    pausing.pause(run, access=MAI)
    pausing.call_off(run, access=MAI, now=desk.clock.now)
    run.refresh_from_db()
    assert (run.state, counts(run)) == (Run.State.DONE, {"skipped": 3})


def test_it_says_for_whom_it_waits_and_goes_on_by_itself(desk: Desk, run: Run) -> None:
    def gone(name: str, number: int) -> None:
        raise failure(FailureKind.TRANSIENT, sentence="Nobody answers.")

    desk.channel.before = gone
    desk.work()
    [waiting] = of_run(run.pk)
    assert (waiting.reason, waiting.shop) == ("Nobody answers.", desk.shop)
    desk.channel.before = lambda name, number: None
    desk.work(seconds=60)
    assert (of_run(run.pk), counts(run)) == ([], {"done": 3})


def test_the_same_run_begun_twice_is_one(desk: Desk, run: Run) -> None:
    again = desk.begin(NUMBERS, key=run.key)
    assert (again.pk, Run.objects.count()) == (run.pk, 1)


def test_a_second_run_of_the_same_changes_nothing(desk: Desk, run: Run) -> None:
    again = desk.carry_on(desk.begin(NUMBERS))
    assert (again.state, counts(again)) == (Run.State.DONE, {"skipped": 3})
    desk.work()
    assert len(desk.channel.shipped) == 3


def test_what_was_claimed_and_never_called_is_called_off_too(desk: Desk, run: Run) -> None:
    """The marketplace was slow, and what its callers gave back would wait again."""
    pk = run.each.get(number="1").attempt_id
    Attempt.objects.filter(pk=pk).update(state="calling", claimed_at=desk.clock.now, calls=1)
    assert pausing.call_off(run, access=MAI, now=desk.clock.now) == 2
    finish(
        [Ending(pk or 0, Attempt.State.WAITING, due_at=desk.clock.now, calls=1)],
        by="TikTok Shop",
        now=desk.clock.now,
    )
    run.refresh_from_db()
    assert (run.state, counts(run)) == (Run.State.DONE, {"skipped": 3})
    desk.work()
    assert desk.channel.shipped == []


def test_a_call_that_is_out_is_not_called_off(desk: Desk, run: Run) -> None:
    """Not even by whoever chose it while it still waited."""
    pk = run.each.get(number="1").attempt_id
    Attempt.objects.filter(pk=pk).update(state="calling", claimed_at=desk.clock.now, calls=1)
    assert finish([Ending(pk or 0, Attempt.State.REVOKED)], by="mai", now=desk.clock.now) == []


def test_trying_again_does_not_let_a_paused_run_go_on(desk: Desk, run: Run) -> None:
    run.each.filter(number="1").update(outcome=Outcome.FAILED, attempt=None)
    pausing.pause(run, access=MAI)
    with pytest.raises(NothingToRetry, match="paused"):
        retry_failed(run, access=MAI)
