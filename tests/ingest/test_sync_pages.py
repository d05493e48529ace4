"""ingest/streams: pages while orders change, tokens that are refused, and what a kill costs."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.test import override_settings

from shipboard.channels.contract import CasesPage, FailureKind, OrdersPage, Stage, Stream
from shipboard.channels.models import Shop
from shipboard.ingest import cursors, findings, pages, payloads, streams
from shipboard.ingest.models import Cursor, Finding, Payload
from shipboard.ingest.reconcile import reconcile
from shipboard.ingest.sync import sync
from shipboard.orders.models import Order
from tests import make
from tests.ingest.fake_channel import Clock, FakeChannel, before, cursor, failure

SAME = timedelta()


def windows(channel: FakeChannel, stream: Stream = Stream.ORDERS) -> list[tuple[object, ...]]:
    """(since, until, token) of the calls."""
    return [call[2:] for call in channel.calls if call[:2] == ("changed_orders", stream)]


def stages(shop: Shop) -> dict[str, str]:
    return dict(Order.objects.filter(shop=shop).values_list("order_id", "stage"))


def same(channel: FakeChannel) -> dict[str, str]:
    return {each.order_id: each.stage.value for each in channel.remote.values()}


def test_polls_overlap(shop: Shop, channel: FakeChannel, clock: Clock) -> None:
    sync(shop, clock)
    clock.pass_(minutes=1)
    sync(shop, clock)
    minutes = timedelta(minutes=1)
    assert windows(channel) == [
        (make.NOW - timedelta(days=90), make.NOW, ""),
        (make.NOW - 10 * minutes, make.NOW + minutes, ""),
    ]


@pytest.mark.parametrize("spread", [timedelta(minutes=1), SAME])
@pytest.mark.parametrize("tells_reached", [True, False])
@pytest.mark.parametrize("together", [1, 2, 10])
def test_an_order_that_changes_while_pages_are_read_costs_none(
    monkeypatch: pytest.MonkeyPatch,
    shop: Shop,
    channel: FakeChannel,
    clock: Clock,
    spread: timedelta,
    tells_reached: bool,
    together: int,
) -> None:
    """Before every page the first order that was told of moves to the end: all others move up."""
    monkeypatch.setattr(streams, "TOGETHER", together)
    channel.tells_reached = tells_reached
    channel.place_many(11, spread)
    left = iter(sorted(channel.remote)[:3])

    def shuffle(name: str, number: int) -> None:
        if name == "changed_orders" and number > 3:
            clock.pass_(seconds=1)
            if moved := next(left, None):
                channel.change(moved, Stage.IN_TRANSIT)

    channel.before = shuffle
    sync(shop, clock)
    channel.before = lambda name, number: None
    assert len(stages(shop)) == 11
    clock.pass_(minutes=1)
    sync(shop, clock)
    assert stages(shop) == same(channel)


def test_a_page_of_one_instant_goes_on_by_token(
    shop: Shop, channel: FakeChannel, clock: Clock
) -> None:
    channel.place_many(10, SAME)
    sync(shop, clock)
    assert len(stages(shop)) == 10
    assert [token for _, _, token in windows(channel)] == ["", "", "3", "6", "9"]


def test_a_refused_token_begins_the_instant_again(
    shop: Shop, channel: FakeChannel, clock: Clock
) -> None:
    channel.place_many(10, SAME)
    channel.refused_tokens.add("6")

    def forgive(name: str, number: int) -> None:
        if len(windows(channel)) == 5:
            channel.refused_tokens.clear()

    channel.before = forgive
    assert sync(shop, clock).failed == ()
    assert len(stages(shop)) == 10
    tokens = [token for _, _, token in windows(channel)]
    assert tokens == ["", "", "3", "6", "", "3", "6", "9"]


def test_a_token_that_is_refused_again_and_again_is_said(
    shop: Shop, channel: FakeChannel, clock: Clock
) -> None:
    channel.place_many(10, SAME)
    channel.refused_tokens.add("6")
    (failed,) = sync(shop, clock).failed
    assert failed.sentence == cursor(shop).problem == "That page is not known."
    assert len(stages(shop)) == 6


def test_a_token_is_not_given_up_for_a_passing_failure(
    shop: Shop, channel: FakeChannel, clock: Clock
) -> None:
    channel.place_many(10, SAME)

    def cut(name: str, number: int) -> None:
        if name == "changed_orders" and channel.calls[-1][-1] == "6":
            raise failure(FailureKind.TRANSIENT)

    channel.before = cut
    assert sync(shop, clock).failed[0].stream == Stream.ORDERS
    stopped = cursor(shop)
    assert (stopped.page, stopped.seen_until, stopped.window_until) == ("6", None, make.NOW)
    channel.before = lambda name, number: None
    clock.pass_(minutes=1)
    channel.calls.clear()
    sync(shop, clock)
    assert windows(channel)[0][2] == "6"
    assert cursor(shop).seen_until == clock.now
    assert len(stages(shop)) == 10


def test_a_channel_that_goes_in_circles_is_left(
    shop: Shop, channel: FakeChannel, clock: Clock
) -> None:
    channel.place_many(10, SAME)
    channel._start = lambda page: 0  # type: ignore[method-assign]
    assert sync(shop, clock).failed[0].kind == FailureKind.FINAL
    assert cursor(shop).seen_until is None


@pytest.mark.usefixtures("page_by_page")
def test_a_first_pull_shows_how_far_it_is(shop: Shop, channel: FakeChannel, clock: Clock) -> None:
    channel.place_many(9, timedelta(days=10))
    turns = iter([True, False])
    assert not sync(shop, clock, goes_on=lambda: next(turns)).is_done
    begun = cursor(shop)
    assert (begun.seen_until, begun.succeeded_at) == (None, None)
    assert begun.window_from == make.NOW - timedelta(days=40)
    assert sync(shop, clock).is_done
    assert len(stages(shop)) == 9


def test_pages_are_stored_together(
    monkeypatch: pytest.MonkeyPatch, shop: Shop, channel: FakeChannel, clock: Clock
) -> None:
    channel.place_many(9)
    steps = []
    real = streams.take

    def counted(*given: Any, **named: Any) -> Any:
        steps.append(len(given[2].heard))
        return real(*given, **named)

    monkeypatch.setattr(streams, "take", counted)
    synced = sync(shop, clock)
    # Four pages, of which each begins with the order that the one before it ended with.
    assert len(windows(channel)) == 4
    assert [each for each in steps if each] == [9]
    assert synced.taken.applied.created == 9


def test_others_need_not_wait_for_many_slow_pages(
    monkeypatch: pytest.MonkeyPatch, shop: Shop, channel: FakeChannel, clock: Clock
) -> None:
    monkeypatch.setattr(streams, "ENOUGH_SECONDS", 0.0)
    channel.place_many(9)
    assert not sync(shop, clock, goes_on=lambda: False).is_done
    assert len(stages(shop)) == 3


def test_what_is_told_last_of_an_order_counts(
    shop: Shop, channel: FakeChannel, clock: Clock
) -> None:
    """It is told of, moves on, and is told of again before anything is stored."""
    channel.place_many(7)

    def move(name: str, number: int) -> None:
        if len(windows(channel)) == 2 and name == "changed_orders":
            clock.pass_(seconds=1)
            channel.change("0000", Stage.IN_TRANSIT)
            channel.change("0001", Stage.IN_TRANSIT)
            channel.remote["0001"].is_bad = True

    channel.before = move
    reader = streams.Reader(
        shop=shop,
        stream=Stream.ORDERS,
        channel=channel,
        until=clock.now + timedelta(minutes=1),
        clock=clock,
    )
    is_read = False
    while not is_read:
        _, is_read = reader.step()
    assert stages(shop) == {**same(channel), "0001": Stage.AWAITING_SHIPMENT}
    kept = Payload.objects.get(order__order_id="0000")
    assert payloads.unfolded(kept.body).startswith("0000 in_transit")
    (found,) = Finding.objects.filter(settled_at=None)
    assert (found.order_id, found.kind) == ("0001", Finding.Kind.UNREADABLE_ORDER)


@override_settings(SYNC_LOOK_BACK=timedelta(days=15))
def test_how_far_back_a_new_shop_is_read_can_be_set(
    shop: Shop, channel: FakeChannel, clock: Clock
) -> None:
    channel.place_many(9, timedelta(days=10))
    sync(shop, clock)
    assert sorted(stages(shop)) == ["0007", "0008"]


def empty(channel: FakeChannel, monkeypatch: pytest.MonkeyPatch, names: set[str]) -> None:
    """Success, and no data."""
    answers = {"changed_orders": OrdersPage(), "changed_cases": CasesPage(), "orders": OrdersPage()}
    for name in names:

        def silent(*given: object, name: str = name) -> object:
            channel._called(name, *given)
            return answers[name]

        monkeypatch.setattr(channel, name, silent)


@pytest.mark.parametrize("first", [True, False])
def test_success_without_data_is_no_news(
    shop: Shop, channel: FakeChannel, clock: Clock, monkeypatch: pytest.MonkeyPatch, first: bool
) -> None:
    if not first:
        sync(shop, clock)
        clock.pass_(minutes=1)
    channel.place_many(30, timedelta(seconds=1))
    channel.ask_to_cancel("0003")
    with monkeypatch.context() as patch:
        empty(channel, patch, {"changed_orders", "changed_cases"})
        failed = {each.stream for each in sync(shop, clock).failed}
        assert failed == (set(Stream) if first else set())
    with monkeypatch.context() as patch:
        empty(channel, patch, {"orders"})
        clock.pass_(minutes=1)
        sync(shop, clock)
    clock.pass_(minutes=1)
    sync(shop, clock)
    assert stages(shop) == same(channel)
    assert not Finding.objects.exists()


def test_a_shop_that_says_nothing_again_and_again_is_believed(
    shop: Shop, channel: FakeChannel, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty(channel, monkeypatch, {"changed_orders"})
    for _ in range(3):
        assert Stream.ORDERS in {each.stream for each in sync(shop, clock).failed}
    assert sync(shop, clock).failed == ()
    assert cursor(shop).succeeded_at == clock.now


def test_none_of_many_orders_is_no_answer(
    shop: Shop, channel: FakeChannel, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel.place_many(12)
    sync(shop, clock)
    empty(channel, monkeypatch, {"orders"})
    (failed,) = reconcile(shop, clock).failed
    assert failed.kind == FailureKind.TRANSIENT
    assert not Finding.objects.exists()


class Kill(BaseException):
    """The process is gone."""


STEPS = (
    (streams, "cursor_of"),
    (streams, "take"),
    (pages, "with_cases"),
    (pages, "apply"),
    (payloads, "keep"),
    (findings, "note"),
    (findings, "settle_heard"),
    (streams, "note_success"),
    (cursors, "note_success"),
)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("together", [1, 2])
@pytest.mark.parametrize("is_after", [False, True])
@pytest.mark.parametrize(("module", "name"), STEPS)
def test_a_kill_between_two_steps_costs_what_was_not_stored(
    monkeypatch: pytest.MonkeyPatch,
    shop: Shop,
    channel: FakeChannel,
    clock: Clock,
    module: object,
    name: str,
    is_after: bool,
    together: int,
) -> None:
    monkeypatch.setattr(streams, "TOGETHER", together)
    channel.place_many(7)
    channel.ask_to_cancel("0004")
    channel.remote["0005"].is_bad = True
    real = getattr(module, name)
    for kills in range(4):
        left = iter(range(kills))

        def killed(*given: object, left: object = left, **named: object) -> object:
            is_last = next(left, None) is None  # type: ignore[call-overload]
            outcome = None if is_last and not is_after else real(*given, **named)
            if is_last:
                raise Kill
            return outcome

        monkeypatch.setattr(module, name, killed)
        with suppress(Kill):
            sync(shop, clock)
        monkeypatch.setattr(module, name, real)
        stored = set(stages(shop))
        for each in Cursor.objects.filter(stream=Stream.ORDERS):
            done = each.window_from or each.seen_until
            told = {
                one.order_id
                for one in channel.remote.values()
                if done and one.changed_at < done and not one.is_bad
            }
            assert told <= stored, "the cursor is ahead of what is stored"
    clock.pass_(minutes=1)
    assert sync(shop, clock).failed == ()
    assert stages(shop) == {id_: each for id_, each in same(channel).items() if id_ != "0005"}
    assert cursor(shop).seen_until == clock.now


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_drops_while_the_channel_answers_stores_nothing(
    shop: Shop, channel: FakeChannel, clock: Clock
) -> None:
    from django.db import connection

    channel.place_many(2)
    with before(channel, "changed_orders", connection.close):
        (failed,) = sync(shop, clock).failed
    assert (failed.stream, failed.kind) == (Stream.ORDERS, FailureKind.TRANSIENT)
    assert failed.sentence == "The database was away for a moment; this is read again."
    assert not Order.objects.exists()
    sync(shop, clock)
    assert len(stages(shop)) == 2
