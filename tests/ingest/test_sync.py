"""ingest/sync: what a poll takes, what it writes down, and how it fails."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from shipboard.channels.contract import CaseFact, CaseKind, FailureKind, Stage, Stream
from shipboard.channels.models import Connection, Shop
from shipboard.ingest import findings
from shipboard.ingest.models import Cursor, Finding, Payload
from shipboard.ingest.payloads import unfolded
from shipboard.ingest.reconcile import reconcile
from shipboard.ingest.schedule import sync_now
from shipboard.ingest.sync import Why, reread, sync
from shipboard.orders.models import Case, Event, Order
from tests import make
from tests.ingest.fake_channel import (
    SECRET_WORDS,
    Clock,
    FakeChannel,
    before,
    connected_shop,
    cursor,
    failure,
)

Kind = Finding.Kind


def open_findings(shop: Shop) -> dict[tuple[str, str], Finding]:
    standing = Finding.objects.filter(shop=shop, settled_at=None)
    return {(each.kind, each.order_id): each for each in standing}


def test_orders_come_with_their_payloads(shop: Shop, channel: FakeChannel, clock: Clock) -> None:
    channel.place_many(8)
    synced = sync(shop, clock)
    assert (synced.taken.applied.created, synced.failed, synced.is_done) == (8, (), True)
    assert Order.objects.filter(shop=shop).count() == Payload.objects.count() == 8
    kept = Payload.objects.select_related("order").get(order__order_id="0003")
    assert unfolded(kept.body).startswith("0003 awaiting_shipment")
    assert Event.objects.first().by == "TikTok Shop"  # type: ignore[union-attr]
    assert cursor(shop).seen_until == cursor(shop).succeeded_at == clock.now


def test_a_second_run_changes_nothing(shop: Shop, channel: FakeChannel, clock: Clock) -> None:
    channel.place_many(7)
    channel.ask_to_cancel("0002")
    sync(shop, clock)

    def state() -> list[object]:
        tables = (Order.objects.defer("as_of"), Case.objects, Event.objects, Payload.objects)
        skipped = {"as_of", "digest", "field_ages"}
        return [
            {key: value for key, value in row.items() if key not in skipped}
            for table in tables
            for row in table.order_by("pk").values()  # type: ignore[attr-defined]
        ]

    first = state()
    clock.pass_(minutes=1)
    applied = sync(shop, clock).taken.applied
    assert (applied.created, applied.updated) == (0, 0)
    assert state() == first


def test_one_bad_order_keeps_the_others(shop: Shop, channel: FakeChannel, clock: Clock) -> None:
    channel.page_size = 100
    channel.place_many(100)
    channel.remote["0050"].is_bad = True
    synced = sync(shop, clock)
    assert Order.objects.count() == 99
    assert set(synced.taken.unreadable) == {("0050", "It has no lines.")}
    finding = open_findings(shop)[Kind.UNREADABLE_ORDER, "0050"]
    assert finding.needs_human
    assert unfolded(finding.payload) == SECRET_WORDS
    channel.remote["0050"].is_bad = False
    reconcile(shop, clock)
    assert not open_findings(shop)
    assert Order.objects.count() == 100


def test_one_that_cannot_be_stored_keeps_the_others(
    shop: Shop, channel: FakeChannel, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    channel.place_many(5)
    channel.remote["0002"].given = {"buyer_message": f"{SECRET_WORDS}\x00"}
    synced = sync(shop, clock)
    assert Order.objects.count() == 4
    ((order_id, reason),) = set(synced.taken.unreadable)
    assert (order_id, SECRET_WORDS in reason) == ("0002", False)
    assert open_findings(shop)[Kind.UNREADABLE_ORDER, "0002"].payload
    assert "could not be stored" in caplog.text
    assert SECRET_WORDS not in caplog.text


def test_nothing_personal_in_logs_findings_and_events(
    shop: Shop, channel: FakeChannel, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    channel.place_many(3)
    channel.remote["0001"].is_bad = True
    channel.place("strange", Stage.UNKNOWN, status_words="HALF_SENT")
    sync(shop, clock)
    channel.before = lambda name, number: 1 / 0  # type: ignore[assignment, return-value]
    sync(shop, clock)
    said = [*Finding.objects.values_list("sentence"), *Cursor.objects.values_list("problem")]
    written = caplog.text + repr(said) + repr(list(Event.objects.values()))
    assert "ZeroDivisionError" in caplog.text
    assert SECRET_WORDS not in written


def test_a_status_that_is_not_known_waits_for_a_human(
    shop: Shop, channel: FakeChannel, clock: Clock
) -> None:
    channel.place("1", Stage.UNKNOWN, status_words="HALF_SENT")
    assert set(sync(shop, clock).taken.unknown) == {"1"}
    finding = open_findings(shop)[Kind.UNKNOWN_STATUS, "1"]
    assert finding.needs_human
    assert "HALF_SENT" in finding.sentence
    clock.pass_(minutes=1)
    sync(shop, clock)
    assert open_findings(shop)[Kind.UNKNOWN_STATUS, "1"].times == 2
    channel.change("1", Stage.IN_TRANSIT, status_words="")
    sync(shop, clock)
    assert not open_findings(shop)
    settled = Finding.objects.get()
    assert (settled.settled_by, settled.settled_at) == ("TikTok Shop", clock.now)


def test_a_genuine_step_back_is_applied_and_listed(
    shop: Shop, channel: FakeChannel, clock: Clock
) -> None:
    channel.place("1", Stage.IN_TRANSIT)
    sync(shop, clock)
    clock.pass_(minutes=1)
    channel.change("1", Stage.AWAITING_SHIPMENT)
    assert sync(shop, clock).taken.applied.stepped_back == ("1",)
    assert Order.objects.get().stage == Stage.AWAITING_SHIPMENT
    assert not open_findings(shop)[Kind.STEPPED_BACK, "1"].needs_human


def test_a_list_that_lags_behind_moves_nothing_back(
    shop: Shop, channel: FakeChannel, clock: Clock
) -> None:
    """The order was read by its id a moment ago; the list still tells of what was before."""
    channel.place("1", Stage.AWAITING_SHIPMENT)
    sync(shop, clock)
    clock.pass_(seconds=5)
    channel.change("1", Stage.IN_TRANSIT)
    reread(shop, ["1"], Why.WEBHOOK, clock.now)
    clock.pass_(seconds=5)
    now = channel.remote["1"]
    channel.remote["1"] = type(now)(
        order_id="1", stage=Stage.AWAITING_SHIPMENT, changed_at=now.changed_at
    )
    with before(channel, "orders", lambda: channel.remote.update({"1": now})):
        assert sync(shop, clock).taken.applied.updated == 0
    assert Order.objects.get().stage == Stage.IN_TRANSIT
    assert not Finding.objects.exists()


def test_a_request_to_cancel_is_found_though_the_order_did_not_change(
    shop: Shop, channel: FakeChannel, clock: Clock
) -> None:
    channel.place("1", ago=timedelta(days=3))
    sync(shop, clock)
    clock.pass_(hours=1)
    channel.ask_to_cancel("1")
    sync(shop, clock)
    case = Case.objects.get(is_open=True)
    assert (case.case_id, case.respond_by) == ("C1", make.NOW + 48 * make.HOUR)
    clock.pass_(hours=1)
    channel.close_case("C1")
    sync(shop, clock)
    assert not Case.objects.filter(is_open=True).exists()


def test_an_answer_that_lacks_a_case_ends_no_request(
    shop: Shop, channel: FakeChannel, clock: Clock
) -> None:
    channel.place("1")
    channel.ask_to_cancel("1")
    sync(shop, clock)
    kept = dict(channel.cases)
    clock.pass_(minutes=1)
    channel.cases.clear()
    sync(shop, clock)
    assert Case.objects.filter(is_open=True, case_id="C1").exists()
    channel.cases |= kept
    channel.close_case("C1")
    clock.pass_(minutes=1)
    sync(shop, clock)
    assert not Case.objects.filter(is_open=True).exists()


def test_returns_come_with_their_orders(shop: Shop, channel: FakeChannel, clock: Clock) -> None:
    channel.place("1", Stage.DELIVERED, ago=timedelta(days=5))
    sync(shop, clock)
    clock.pass_(days=1)
    asked = CaseFact(kind=CaseKind.RETURN, case_id="R1", is_open=True, reason="Broken")
    channel.cases["R1"] = ("1", asked, clock.now)
    sync(shop, clock)
    assert list(Case.objects.values_list("kind", "case_id", "is_open")) == [("return", "R1", True)]
    channel.change("1")
    clock.pass_(minutes=1)
    sync(shop, clock)  # an account without the return does not end it
    assert Case.objects.get().is_open


def test_without_the_right_to_ask_for_cases_the_request_is_seen_all_the_same(
    shop: Shop, channel: FakeChannel, clock: Clock
) -> None:
    channel.place("1")
    channel.ask_to_cancel("1")

    def refuse(name: str, number: int) -> None:
        if name in ("cases_of", "changed_cases"):
            raise failure(FailureKind.SCOPE, sentence="The app may not read cancellations.")

    channel.before = refuse
    synced = sync(shop, clock)
    assert Case.objects.get(is_open=True).case_id == ""
    assert [each.stream for each in synced.failed] == [Stream.CANCELLATIONS, Stream.RETURNS]
    assert cursor(shop, Stream.CANCELLATIONS).problem == "The app may not read cancellations."
    assert cursor(shop).succeeded_at == clock.now
    channel.before = lambda name, number: None
    clock.pass_(minutes=1)
    sync(shop, clock)
    assert list(Case.objects.filter(is_open=True).values_list("case_id")) == [("C1",)]


def test_access_refused_ends_the_round_and_is_not_tried_again_at_once(
    shop: Shop, channel: FakeChannel, clock: Clock
) -> None:
    def refuse(name: str, number: int) -> None:
        raise failure(FailureKind.AUTH, sentence="Access was withdrawn.", next_step="Reconnect.")

    channel.before = refuse
    (failed,) = sync(shop, clock, patient=True).failed
    assert (failed.kind, failed.sentence) == (FailureKind.AUTH, "Access was withdrawn.")
    asked = len(channel.calls)
    clock.pass_(seconds=20)
    assert sync(shop, clock, patient=True).failed == ()
    assert len(channel.calls) == asked
    channel.before = lambda name, number: None
    sync_now(shop)
    sync(shop, clock, patient=True)
    mended = cursor(shop, failed.stream)
    assert (mended.failures, mended.problem, mended.retry_at) == (0, "", None)


def test_waits_grow_and_are_as_long_as_the_channel_asks(
    shop: Shop, channel: FakeChannel, clock: Clock
) -> None:
    def fails(given: FailureKind, **more: float) -> timedelta:
        def refuse(name: str, number: int) -> None:
            if name == "changed_orders":
                raise failure(given, **more)

        channel.before = refuse
        sync(shop, clock)
        retry_at = cursor(shop).retry_at
        assert retry_at
        return retry_at - clock.now

    waits = [fails(FailureKind.TRANSIENT) for _ in range(12)]
    assert timedelta(seconds=22) <= waits[0] <= timedelta(seconds=38)
    assert waits[0] < waits[2] < waits[3]
    assert max(waits) <= timedelta(minutes=6.25)
    # A refusal may be a slip too: not an hour at once, but soon.
    refused = [fails(FailureKind.AUTH) for _ in range(12)]
    assert refused[0] <= timedelta(seconds=38)
    assert timedelta(minutes=45) <= max(refused) <= timedelta(minutes=75)
    assert fails(FailureKind.THROTTLED, retry_after=4000.0) == timedelta(seconds=4000)
    assert cursor(shop).failures == 1
    # What failed keeps none of the others back.
    assert cursor(shop, Stream.RETURNS).succeeded_at == clock.now


@pytest.mark.usefixtures("page_by_page")
def test_a_pause_stops_a_pull_within_a_page(shop: Shop, channel: FakeChannel, clock: Clock) -> None:
    channel.place_many(9)
    paused = Connection.objects.filter(shop=shop)
    with before(
        channel, "changed_orders", lambda: paused.update(state=Connection.State.PAUSED) and None
    ):
        assert not sync(shop, clock).is_done
    assert Order.objects.count() == 3
    assert cursor(shop).seen_until is None


def test_an_order_the_channel_does_not_know_is_left_alone_and_listed(
    shop: Shop, channel: FakeChannel, clock: Clock
) -> None:
    channel.place_many(2)
    sync(shop, clock)
    lost = channel.remote.pop("0001")
    clock.pass_(minutes=1)
    order = list(Order.objects.filter(order_id="0001").values())
    taken = reread(shop, ["0000", "0001", "never"], Why.WEBHOOK, clock.now)
    assert (taken.gone, taken.absent) == (("0001",), ("never",))
    assert list(open_findings(shop)) == [(Kind.GONE, "0001")]
    assert list(Order.objects.filter(order_id="0001").values()) == order
    channel.remote["0001"] = lost
    reread(shop, ["0001"], Why.ASKED, clock.now)
    assert not open_findings(shop)


def test_findings_that_are_over_go_after_ninety_days(shop: Shop, clock: Clock) -> None:
    found = [findings.Found(Kind.UNREADABLE_ORDER, each, "Why") for each in ("1", "2")]
    findings.note(shop, [*found, *findings.plain(Kind.STEPPED_BACK, ["3"])], clock.now)
    settled = Finding.objects.get(order_id="1")
    assert findings.settle(settled, by="mai@example.com", now=clock.now)
    assert not findings.settle(settled, by="jo@example.com", now=clock.now)
    clock.pass_(days=90)
    assert findings.forget_old(clock.now) == 0
    clock.pass_(seconds=1)
    assert findings.forget_old(clock.now) == 2
    assert Finding.objects.get().order_id == "2"


def test_many_orders_read_by_id_go_fifty_at_a_time(
    shop: Shop, channel: FakeChannel, clock: Clock
) -> None:
    channel.place_many(120)
    ids = [f"{number:04}" for number in range(120)]
    assert reread(shop, [*ids, *ids], Why.ASKED, clock.now).applied.created == 120
    assert [len(call[1]) for call in channel.calls if call[0] == "orders"] == [50, 50, 20]


@pytest.mark.parametrize("kind", [CaseKind.RETURN, CaseKind.REFUND, CaseKind.REPLACEMENT])
def test_what_ended_there_ends_here_when_the_order_is_read_again(
    shop: Shop, channel: FakeChannel, clock: Clock, kind: CaseKind
) -> None:
    """One call for all returns of a batch, and none where none waits here."""
    channel.place_many(3)
    channel.ask_back("0000", kind, "R1")
    channel.ask_back("0001", kind, "R2")
    channel.ask_to_cancel("0001")
    sync(shop, clock)
    assert Case.objects.filter(is_open=True).count() == 3
    row = Case.objects.get(case_id="R1")
    clock.pass_(minutes=1)
    for case_id in ("R1", "R2", "C1"):
        channel.close_case(case_id, status="DONE")
    channel.calls.clear()
    reread(shop, ["0000", "0001", "0002"], Why.ASKED, clock.now)
    asked = [call for call in channel.calls if call[0] == "cases_of"]
    assert asked == [("cases_of", ("0001",)), ("cases_of", ("0000", "0001"))]
    assert not Case.objects.filter(is_open=True).exists()
    over = Case.objects.get(case_id="R1")
    assert (over.pk, over.status, over.step) == (row.pk, "DONE", "")
    channel.calls.clear()
    reread(shop, ["0000", "0001", "0002"], Why.ASKED, clock.now)
    assert not [call for call in channel.calls if call[0] == "cases_of"]


def test_a_replacement_that_goes_on_as_a_refund_waits_once(
    shop: Shop, channel: FakeChannel, clock: Clock
) -> None:
    channel.place("1")
    channel.ask_back("1", CaseKind.REPLACEMENT)
    sync(shop, clock)
    clock.pass_(minutes=1)
    channel.ask_back("1", CaseKind.REFUND)
    reread(shop, ["1"], Why.ASKED, clock.now)
    assert [case.kind for case in Case.objects.filter(is_open=True)] == ["refund"]


def test_shops_do_not_meddle(channel: FakeChannel, clock: Clock, shop: Shop) -> None:
    other = connected_shop("Southwind")
    channel.place_many(4)
    sync(shop, clock)
    channel.remote["0001"].is_bad = True
    sync(other, clock)
    assert not open_findings(shop)
    assert list(open_findings(other)) == [(Kind.UNREADABLE_ORDER, "0001")]
    assert (Order.objects.filter(shop=shop).count(), Payload.objects.count()) == (4, 7)
