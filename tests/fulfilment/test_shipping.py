"""One shipment from the asking to its end, whatever happens to its call."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from shipboard.channels.contract import FailureKind, Outcome, ShipTarget, Stage
from shipboard.channels.models import Shop
from shipboard.fulfilment import blocking, claiming, outbox, sending
from shipboard.fulfilment.allowed import Verb, why_not
from shipboard.fulfilment.calling import FRESH, Call, Crew, Said
from shipboard.fulfilment.correcting import ask_to_correct, why_not_correct
from shipboard.fulfilment.refusals import (
    AlreadyAsked,
    BadShipment,
    CannotShip,
    DecisionNeeded,
    Taken,
    TooLate,
)
from shipboard.fulfilment.shipping import ShipWish, ask_to_ship
from shipboard.fulfilment.targets import look
from shipboard.ingest.sync import sync
from shipboard.orders.attempts import Attempt, ClaimedUnit, Sending
from shipboard.orders.models import Event, Item, Line, Order
from shipboard.orders.overlays import Stale
from shipboard.orders.parts import with_parts
from tests import make
from tests.fulfilment.conftest import MAI
from tests.fulfilment.shipping_channel import NUMBER, lost
from tests.fulfilment.shipping_desk import WINDOW, Desk
from tests.ingest.fake_channel import failure

SECOND_NUMBER = "9400111899223100000018"
State = Attempt.State


def test_a_shipment_waits_leaves_and_is_accepted(desk: Desk) -> None:
    attempt = desk.ask()
    assert (attempt.state, attempt.due_at) == (State.WAITING, make.NOW + timedelta(seconds=WINDOW))
    desk.work(seconds=WINDOW - 1)
    assert desk.channel.shipped == []
    desk.work(seconds=1)
    assert desk.channel.shipped == [("1", ("1-0",), NUMBER)]
    attempt.refresh_from_db()
    assert (attempt.state, attempt.calls, attempt.package_id) == (State.DONE, 1, "P1")
    order = desk.order()
    assert order.stage == Stage.PENDING_COLLECTION
    kinds = list(Event.objects.filter(order=order).order_by("pk").values_list("kind", flat=True))
    assert [each for each in kinds if each.startswith("shipment")] == [
        "shipment_asked",
        "shipment_accepted",
    ]


def test_it_leaves_at_once_when_a_deadline_is_near(desk: Desk) -> None:
    Order.objects.update(ship_by=make.NOW + timedelta(minutes=11))
    assert desk.ask().due_at == make.NOW


def test_a_shop_may_do_without_an_undo_window(desk: Desk) -> None:
    Shop.objects.update(undo_seconds=0)
    assert desk.ask().due_at == make.NOW


def test_it_can_be_taken_back_until_it_leaves(desk: Desk) -> None:
    attempt = desk.ask()
    outbox.revoke(attempt, access=MAI, now=desk.clock.now)
    desk.work()
    assert desk.channel.shipped == []
    assert not ClaimedUnit.objects.exists()
    again = desk.ask()
    desk.work()
    with pytest.raises(TooLate, match="still be corrected"):
        outbox.revoke(again, access=MAI, now=desk.clock.now)


def test_a_form_sent_twice_is_one_shipment(desk: Desk) -> None:
    key = uuid4()
    assert desk.ask(key=key).pk == desk.ask(key=key).pk
    desk.work()
    assert len(desk.channel.shipped) == 1


def test_the_second_person_is_told_who_ships_it(desk: Desk) -> None:
    desk.ask()
    with pytest.raises(AlreadyAsked, match="mai ships it already"):
        desk.ask()
    with pytest.raises(CannotShip, match=r"mai ships it already under 94001.*outbox"):
        desk.ask(number=SECOND_NUMBER)


def test_what_was_decided_on_an_older_page_is_refused(desk: Desk) -> None:
    version = desk.order().version
    desk.channel.change("1", buyer_message="Hurry")
    desk.read()
    with pytest.raises(Stale):
        desk.ask(seen=version)
    assert not Attempt.objects.exists()


@pytest.mark.parametrize("after_effect", [False, True])
def test_a_lost_answer_is_settled_by_asking(desk: Desk, after_effect: bool) -> None:
    """Whether it was carried out or not, it is shipped once."""
    attempt = desk.ask()
    when = "after" if after_effect else "before"

    def lose(at: str, number: int) -> None:
        if at == when and number == 1:
            raise lost()

    desk.channel.hears = lose
    desk.work()
    attempt.refresh_from_db()
    assert attempt.state == State.UNKNOWN
    with pytest.raises(CannotShip, match="being told now"):
        desk.ask(number=SECOND_NUMBER)
    desk.work(seconds=1)
    attempt.refresh_from_db()
    assert attempt.state == (State.DONE if after_effect else State.UNKNOWN)
    desk.work(seconds=80)
    desk.work(seconds=1)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.calls) == (State.DONE, 1 if after_effect else 2)
    assert desk.channel.shipped == [("1", ("1-0",), NUMBER)]


def test_what_a_killed_sender_had_claimed_is_asked_about(desk: Desk) -> None:
    """It died after its call was carried out, and before it could write that down."""
    attempt = desk.ask()
    desk.clock.pass_(seconds=WINDOW)
    Attempt.objects.update(state=State.CALLING, claimed_at=desk.clock.now, calls=1)
    desk.channel._carry_out(look([attempt], desk.clock.now).target(attempt), NUMBER)
    desk.work(seconds=1)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.calls, len(desk.channel.shipped)) == (State.DONE, 1, 1)


@pytest.mark.parametrize(
    ("kind", "outcome", "state"),
    [
        (FailureKind.NEEDS_FIX, Outcome.NONE, State.REFUSED),
        (FailureKind.FINAL, Outcome.NONE, State.REFUSED),
        (FailureKind.BLOCKED_BY_CASE, Outcome.NONE, State.REFUSED),
        (FailureKind.TRANSIENT, Outcome.NONE, State.WAITING),
        (FailureKind.NOT_READY, Outcome.NONE, State.WAITING),
        (FailureKind.THROTTLED, Outcome.NONE, State.WAITING),
        (FailureKind.AUTH, Outcome.NONE, State.WAITING),
        (FailureKind.TRANSIENT, Outcome.UNKNOWN, State.UNKNOWN),
        (FailureKind.ALREADY_DONE, Outcome.DONE, State.UNKNOWN),
    ],
)
def test_each_failure_leaves_it_in_its_state(
    desk: Desk, kind: FailureKind, outcome: Outcome, state: str
) -> None:
    attempt = desk.ask()

    def refuse(when: str, number: int) -> None:
        raise failure(kind, outcome=outcome, sentence="Because.", next_step="Do so.", code="7")

    desk.channel.hears = refuse
    desk.work()
    attempt.refresh_from_db()
    assert attempt.state == state
    if state == State.REFUSED:
        assert (attempt.reason, attempt.next_step, attempt.code) == ("Because.", "Do so.", "7")
        assert not ClaimedUnit.objects.exists()
    else:
        assert ClaimedUnit.objects.count() == 1
    is_blocked = blocking.is_blocked(desk.shop.pk, desk.clock.now)
    assert is_blocked == (kind in (FailureKind.THROTTLED, FailureKind.AUTH))
    desk.channel.hears = lambda when, number: None
    for _ in range(6):
        desk.work(seconds=80)
    attempt.refresh_from_db()
    assert attempt.state == (State.REFUSED if state == State.REFUSED else State.DONE)
    assert len(desk.channel.shipped) == (0 if state == State.REFUSED else 1)
    assert not Sending.objects.exclude(blocked_at=None).exists()


def test_a_marketplace_out_of_reach_keeps_everything_until_it_is_back(desk: Desk) -> None:
    desk.ask()
    channel = desk.channel

    def gone(name: str, number: int) -> None:
        raise failure(FailureKind.TRANSIENT, sentence="Nobody answers.")

    channel.before = gone
    desk.work()
    [row] = Sending.objects.all()
    began = row.blocked_at
    assert (began, row.reason) == (desk.clock.now, "Nobody answers.")
    desk.work(seconds=30)
    row.refresh_from_db()
    assert row.blocked_at == began
    channel.before = lambda name, number: None
    desk.work(seconds=60)
    assert desk.attempt().state == State.DONE


def test_a_request_to_cancel_stops_what_has_not_left(desk: Desk) -> None:
    attempt = desk.ask()
    desk.channel.ask_to_cancel("1")
    desk.work()
    attempt.refresh_from_db()
    assert (attempt.state, desk.channel.shipped) == (State.REFUSED, [])
    assert attempt.reason.startswith("Decision needed")
    with pytest.raises(DecisionNeeded):
        desk.ask()
    despite = desk.ask(despite_request=True)
    desk.work()
    despite.refresh_from_db()
    assert despite.state == State.DONE


def test_shipping_all_the_same_is_for_those_who_ask_to_cancel(desk: Desk) -> None:
    with pytest.raises(CannotShip, match="No buyer's request"):
        desk.ask(despite_request=True)


def test_where_shipping_answers_no_request_it_is_refused(desk: Desk) -> None:
    Shop.objects.update(region="GB")
    desk.channel.ask_to_cancel("1")
    desk.read()
    sync(desk.shop, desk.clock)
    with pytest.raises(CannotShip, match="answer the buyer's request first"):
        desk.ask(despite_request=True)


def test_an_order_shipped_elsewhere_meanwhile_is_not_shipped_again(desk: Desk) -> None:
    attempt = desk.ask()
    desk.channel._carry_out(look([attempt], desk.clock.now).target(attempt), SECOND_NUMBER)
    desk.work()
    attempt.refresh_from_db()
    assert (attempt.state, len(desk.channel.shipped)) == (State.REFUSED, 1)


def test_an_order_shipped_elsewhere_under_the_same_number_is_done(desk: Desk) -> None:
    attempt = desk.ask()
    desk.channel._carry_out(look([attempt], desk.clock.now).target(attempt), NUMBER)
    desk.work()
    attempt.refresh_from_db()
    assert (attempt.state, len(desk.channel.shipped)) == (State.DONE, 1)


def test_two_parcels_of_one_order(desk: Desk) -> None:
    desk.channel.place_order("2", units=3)
    desk.read()
    first = desk.ask("2", contents={0: 1})
    second = desk.ask("2", number=SECOND_NUMBER, contents={0: 2})
    with pytest.raises(Taken, match="mai ships it already"):
        desk.ask("2", number="9400111899223100000025")
    desk.work()
    assert {first.units.count(), second.units.count()} == {1, 2}
    assert desk.order("2").stage == Stage.PENDING_COLLECTION
    assert sorted(desk.channel.shipped) == [
        ("2", ("2-0",), NUMBER),
        ("2", ("2-1", "2-2"), SECOND_NUMBER),
    ]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"number": " "}, "tracking_number"),
        ({"number": "94001 1189/92"}, "tracking_number"),
        ({"carrier": "Nobody Express"}, "carrier"),
        ({"contents": {}}, "contents"),
        ({"contents": {0: 2}}, "contents"),
    ],
)
def test_what_does_not_fit_is_refused_in_its_field(
    desk: Desk, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadShipment) as refused:
        desk.ask(**given)
    assert refused.value.field == field
    assert not Attempt.objects.exists()


def test_the_carrier_is_known_by_its_number(desk: Desk) -> None:
    assert desk.ask(number="1Z999AA10123456784", carrier="").carrier == "UPS"


def test_a_correction(desk: Desk) -> None:
    desk.ask()
    desk.work()
    order = desk.order()
    [content] = order.contents.all()
    attempt = ask_to_correct(
        order,
        content.parcel,
        tracking_number=SECOND_NUMBER,
        carrier="USPS",
        access=MAI,
        now=desk.clock.now,
        wall=desk.clock.now,
    )
    assert "corrects it already" in why_not_correct(order, content.parcel, desk.clock.now)
    desk.work()
    attempt.refresh_from_db()
    assert (attempt.state, desk.channel.corrected) == (State.DONE, [("1", SECOND_NUMBER)])
    [content] = desk.order().contents.all()
    assert content.parcel.tracking_number == SECOND_NUMBER
    assert "corrected once" in why_not_correct(desk.order(), content.parcel, desk.clock.now)


def test_a_lost_answer_to_a_correction_is_settled_by_asking(desk: Desk) -> None:
    desk.ask()
    desk.work()
    order = desk.order()
    [content] = order.contents.all()
    asked: dict[str, Any] = {"access": MAI, "now": desk.clock.now, "wall": desk.clock.now}
    ask_to_correct(order, content.parcel, tracking_number=SECOND_NUMBER, carrier="USPS", **asked)

    def lose(when: str, number: int) -> None:
        if when == "after":
            raise lost()

    desk.channel.hears = lose
    desk.work()
    desk.work(seconds=1)
    assert (desk.attempt().state, len(desk.channel.corrected)) == (State.DONE, 1)


def test_no_correction_after_the_window(desk: Desk) -> None:
    desk.ask()
    desk.work()
    order = desk.order()
    [content] = order.contents.all()
    later = desk.clock.now + timedelta(hours=73)
    assert "72 hours" in why_not_correct(order, content.parcel, later)


def test_a_shop_fed_by_file_records_its_shipment(db: None) -> None:
    shop = make.shop("Paper", region="US")
    order = make.row(shop, "1", shipping="seller")
    order.save()
    item = Item.objects.create(shop=shop, digest=b"1", sku_id="7")
    Line.objects.create(order=order, position=0, item=item, quantity=2)
    wish = ShipWish(tracking_number=NUMBER, carrier="USPS")
    attempt = ask_to_ship(order, wish, access=MAI, now=make.NOW, wall=make.NOW)
    assert attempt.state == State.RECORDED
    assert set(attempt.units.values_list("unit", flat=True)) == {"7#1", "7#2"}
    (order,) = with_parts(Order.objects.filter(pk=order.pk), make.NOW)
    assert "next upload file" in why_not(Verb.ADD_SHIPMENT, order, make.NOW)


def test_the_database_judges_who_has_a_unit(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Should two ever look at once, and both see it free."""
    desk.channel.place_order("2", units=2)
    desk.read()
    desk.ask("2", contents={0: 1})
    monkeypatch.setattr(claiming, "claimed_keys", lambda order: set())
    with pytest.raises(Taken, match="a moment earlier"):
        desk.ask("2", number=SECOND_NUMBER, contents={0: 1})
    assert Attempt.objects.count() == 1


def test_a_call_that_may_still_be_on_its_way_is_not_made_again(desk: Desk) -> None:
    """Its sender was killed, and the marketplace shows nothing of it yet."""
    attempt = desk.ask()
    desk.clock.pass_(seconds=WINDOW)
    Attempt.objects.update(state=State.CALLING, claimed_at=desk.clock.now, calls=1)
    for seconds in (1, 30, 40):
        desk.work(seconds=seconds)
        attempt.refresh_from_db()
        assert (attempt.state, attempt.calls) == (State.UNKNOWN, 1)
    desk.work(seconds=5)
    desk.work(seconds=1)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.calls) == (State.DONE, 2)


def test_a_call_is_not_begun_long_after_its_claim(desk: Desk) -> None:
    call = Call(
        attempt=1,
        calls=1,
        tries=1,
        order_id="1",
        target=ShipTarget(order_id="1"),
        kind=Attempt.Kind.SHIP,
        tracking_number=NUMBER,
        carrier_id="",
        claimed=time.monotonic() - FRESH - 1,
    )
    with Crew(lambda: desk.channel, 1) as crew:
        crew.give([call])
        assert crew.answers() == [Said(call)]
    assert desk.channel.shipped == []


def test_odd_words_of_a_marketplace_are_kept_as_far_as_they_can_be(desk: Desk) -> None:
    def refuse(when: str, number: int) -> None:
        raise failure(FailureKind.FINAL, words="No\x00 \ud800way", code="7")

    desk.channel.hears = refuse
    desk.ask()
    desk.work()
    assert (desk.attempt().state, desk.attempt().words) == (State.REFUSED, "No ?way")


def test_claims_that_came_to_no_call_do_not_count_as_calls(desk: Desk) -> None:
    """A slow marketplace: callers never got round to it, again and again."""
    attempt = desk.ask()
    Attempt.objects.update(calls=30)
    desk.work()
    attempt.refresh_from_db()
    assert (attempt.state, attempt.calls, attempt.tries) == (State.DONE, 31, 1)


def test_what_was_asked_anew_since_its_order_was_read_is_read_again(desk: Desk) -> None:
    attempt = desk.ask()
    desk.clock.pass_(seconds=WINDOW)
    turn = sending._Turn(desk.shop, desk.clock, desk.clock, lambda: desk.channel)
    [call] = turn._read(desk.channel, turn._due())
    Attempt.objects.filter(pk=attempt.pk).update(calls=1)
    assert turn._claim([call]) == []
    attempt.refresh_from_db()
    assert attempt.state == State.WAITING


def test_a_used_form_ships_nothing_else(desk: Desk) -> None:
    key = uuid4()
    desk.ask(key=key)
    with pytest.raises(CannotShip, match="Open it anew"):
        desk.ask(key=key, number=SECOND_NUMBER)
    desk.channel.place_order("2")
    desk.read()
    with pytest.raises(CannotShip, match="Open it anew"):
        desk.ask("2", key=key)
    assert Attempt.objects.count() == 1


def test_a_form_whose_shipment_was_taken_back_says_so(desk: Desk) -> None:
    key = uuid4()
    outbox.revoke(desk.ask(key=key), access=MAI, now=desk.clock.now)
    with pytest.raises(CannotShip, match="taken back since"):
        desk.ask(key=key)


def test_a_form_sent_twice_at_once_is_not_stale(desk: Desk) -> None:
    """The second waited for the first, which changed the order."""
    key, version = uuid4(), desk.order().version
    assert desk.ask(key=key, seen=version).pk == desk.ask(key=key, seen=version).pk
