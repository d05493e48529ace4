"""ingest/hook_work: what webhooks name is read again, each order once; what fails is tried again
and said in the end; a kill before the marking means reading once more.
"""

from __future__ import annotations

from typing import Any

import pytest

from shipboard.channels import registry
from shipboard.channels.contract import FailureKind, Stage
from shipboard.channels.models import Connection, Grant, Shop
from shipboard.channels.registry import NotConnected
from shipboard.ingest import hook_work
from shipboard.ingest.hook_work import CLAIMED, LEASE, MOST_TRIES
from shipboard.ingest.models import Hook
from shipboard.orders.models import Order
from tests import make
from tests.ingest.fake_channel import SECRET_WORDS, Clock, FakeChannel, failure

State = Hook.State


def hook(shop: Shop, *order_ids: str, **given: Any) -> Hook:
    number = Hook.objects.count()
    values = {"channel": "tiktok", "received_at": make.NOW, "body": b"", "sha256": b""}
    return Hook.objects.create(
        shop=shop, order_ids=list(order_ids), key=f"n{number}", **values | given
    )


def work(shop: Shop, clock: Clock) -> None:
    hook_work.carry_on(shop.pk, clock)


def states() -> list[str]:
    return list(Hook.objects.order_by("pk").values_list("state", flat=True))


def asked(channel: FakeChannel) -> list[tuple[str, ...]]:
    return [call[1] for call in channel.calls if call[0] == "orders"]


def test_an_order_is_read_once_however_often_it_is_named(
    shop: Shop, channel: FakeChannel, clock: Clock
) -> None:
    channel.place("1")
    channel.place("2", Stage.IN_TRANSIT)
    for ids in (["1"], ["1", "2"], ["2"], ["1"]):
        hook(shop, *ids)
    work(shop, clock)
    assert asked(channel) == [("1", "2")]
    assert Order.objects.get(order_id="2").stage == Stage.IN_TRANSIT
    assert states() == [State.DONE] * 4
    work(shop, clock)
    assert len(asked(channel)) == 1


def test_many_are_read_in_fifties_over_several_claims(
    shop: Shop, channel: FakeChannel, clock: Clock
) -> None:
    for number in range(CLAIMED + 60):
        hook(shop, f"{number % 130:04}")
    channel.place_many(130)
    work(shop, clock)
    assert [len(each) for each in asked(channel)] == [50, 50, 30, 50, 10]
    assert Order.objects.count() == 130
    assert set(states()) == {State.DONE}


def test_an_unknown_type_that_names_an_order_is_read_and_stays_to_be_looked_at(
    shop: Shop, channel: FakeChannel, clock: Clock
) -> None:
    channel.place("1")
    hook(shop, "1", is_known=False, kind="type 99")
    hook(shop, is_known=False, kind="type 98")
    work(shop, clock)
    assert Order.objects.count() == 1
    assert states() == [State.UNKNOWN_TYPE] * 2


def test_what_is_odd_of_an_order_is_said(shop: Shop, channel: FakeChannel, clock: Clock) -> None:
    channel.place("1")
    channel.remote["1"].is_bad = True
    hook(shop, "1")
    hook(shop, "2")
    work(shop, clock)
    bad, absent = Hook.objects.order_by("pk").values_list("state", "problem")
    assert bad == (State.DONE, "It has no lines.")
    assert absent == (State.DONE, "The marketplace does not know this order.")


def test_a_failure_is_tried_again_and_then_given_up_in_words(
    shop: Shop, channel: FakeChannel, clock: Clock
) -> None:
    channel.place("1")
    hook(shop, "1")

    def refuse(name: str, number: int) -> None:
        raise failure(FailureKind.TRANSIENT, sentence="It did not answer.")

    channel.before = refuse
    waits = []
    for _ in range(MOST_TRIES):
        work(shop, clock)
        found = Hook.objects.get()
        if found.retry_at:
            waits.append(found.retry_at - clock.now)
            clock.now = found.retry_at
    assert (found.state, found.attempts) == (State.FAILED, MOST_TRIES)
    assert found.problem == f"It did not answer. Wait. {hook_work.POLLS}"
    assert waits == sorted(waits)
    assert len(waits) == MOST_TRIES - 1


def test_not_before_its_time(shop: Shop, channel: FakeChannel, clock: Clock) -> None:
    channel.place("1")
    hook(shop, "1")
    channel.before = lambda name, number: (_ for _ in ()).throw(failure(FailureKind.THROTTLED))
    work(shop, clock)
    channel.before = lambda name, number: None
    work(shop, clock)
    assert states() == [State.NEW]
    clock.pass_(seconds=31)
    work(shop, clock)
    assert states() == [State.DONE]


def test_one_fifty_that_breaks_keeps_none_of_the_others_back(
    shop: Shop, channel: FakeChannel, clock: Clock
) -> None:
    channel.place_many(120)
    for number in range(120):
        hook(shop, f"{number:04}")

    def refuse(name: str, number: int) -> None:
        if name == "orders" and "0060" in channel.calls[-1][1]:
            raise failure(FailureKind.FINAL)

    channel.before = refuse
    work(shop, clock)
    assert states() == [State.DONE] * 50 + [State.NEW] * 50 + [State.DONE] * 20


def test_with_no_access_nothing_more_is_asked(
    shop: Shop, channel: FakeChannel, clock: Clock
) -> None:
    channel.place_many(120)
    for number in range(120):
        hook(shop, f"{number:04}")

    def refuse(name: str, number: int) -> None:
        if number > 1:
            raise failure(FailureKind.AUTH)

    channel.before = refuse
    work(shop, clock)
    assert len(asked(channel)) == 2
    assert states() == [State.DONE] * 50 + [State.NEW] * 70


def test_what_breaks_here_is_tried_again_without_its_words(
    shop: Shop, channel: FakeChannel, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    hook(shop, "1")
    channel.before = lambda name, number: (_ for _ in ()).throw(RuntimeError(SECRET_WORDS))
    work(shop, clock)
    assert states() == [State.NEW]
    assert "RuntimeError" in caplog.text
    assert SECRET_WORDS not in caplog.text + Hook.objects.get().problem


def test_a_kill_before_the_marking_means_reading_once_more(
    shop: Shop, channel: FakeChannel, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel.place("1")
    hook(shop, "1")
    with monkeypatch.context() as patch:
        patch.setattr(hook_work, "_mark", lambda *given: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            work(shop, clock)
    assert Order.objects.count() == 1
    assert states() == [State.NEW]
    work(shop, clock)  # the claim still holds
    assert len(asked(channel)) == 1
    clock.now += LEASE
    work(shop, clock)
    assert states() == [State.DONE]
    assert len(asked(channel)) == 2


def test_hooks_of_a_paused_shop_are_set_aside(
    shop: Shop, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook(shop, "1")
    Connection.objects.update(state=Connection.State.PAUSED)
    with pytest.raises(NotConnected):
        registry.open_channel(shop)
    work(shop, clock)
    found = Hook.objects.get()
    assert found.state == State.SET_ASIDE
    assert "is paused" in found.problem


def test_access_that_was_withdrawn_ends_the_grant(
    shop: Shop, channel: FakeChannel, clock: Clock
) -> None:
    hook(shop, ends_access=True, notice="The seller withdrew it.")
    channel.before = lambda name, number: (_ for _ in ()).throw(failure(FailureKind.AUTH))
    work(shop, clock)
    grant = Grant.objects.get()
    assert (grant.ended_at, grant.problem) == (clock.now, "The seller withdrew it.")
    assert states() == [State.DONE]


@pytest.mark.parametrize("kind", [None, FailureKind.SCOPE])
def test_a_late_word_of_it_ends_nothing(
    shop: Shop, channel: FakeChannel, clock: Clock, kind: FailureKind | None
) -> None:
    hook(shop, ends_access=True, notice="The seller withdrew it.")

    def refuse(name: str, number: int) -> None:
        if kind:
            raise failure(kind)

    channel.before = refuse
    work(shop, clock)
    assert Grant.objects.get().ended_at is None
    assert Hook.objects.get().problem == hook_work.STILL_ON


def test_nobody_knows_yet_whether_it_was(shop: Shop, channel: FakeChannel, clock: Clock) -> None:
    hook(shop, ends_access=True, notice="The seller withdrew it.")
    channel.before = lambda name, number: (_ for _ in ()).throw(failure(FailureKind.TRANSIENT))
    work(shop, clock)
    assert Grant.objects.get().ended_at is None
    assert states() == [State.NEW]


def test_each_minute_what_waits_is_queued_once(
    shop: Shop, channel: FakeChannel, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued: list[int] = []
    monkeypatch.setattr(hook_work, "queue", queued.append)
    hook(shop, "1")
    hook(shop, "2")
    hook(shop, "3", state=State.DONE)
    hook_work.queue_due(clock.now)
    assert queued == [shop.pk]
    Hook.objects.update(retry_at=clock.now + make.HOUR)
    hook_work.queue_due(clock.now)
    assert queued == [shop.pk]
