"""Labels through the engine: bought once whatever gets lost, fetched until they are there, rejected
with a reason and created again, and stale once their parcel has changed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from shipboard.channels import registry
from shipboard.channels.contract import Combinable, FailureKind, Rejection, Stage
from shipboard.fulfilment import sending
from shipboard.fulfilment.fetching import DELAYED_AFTER, fetch_again
from shipboard.fulfilment.refusals import CannotShip, DecisionNeeded, Taken
from shipboard.fulfilment.storing import content_of, purge
from shipboard.orders.attempts import Attempt, ClaimedUnit, Sending
from shipboard.orders.holds import place_hold
from shipboard.orders.labels import Label, LabelDocument, LabelOrder
from shipboard.orders.models import Order
from shipboard.orders.staleness import with_staleness
from tests.fulfilment.packing_channel import PDF, RECIPIENT, PackingChannel
from tests.fulfilment.packing_desk import PackingDesk
from tests.fulfilment.shipping_channel import lost
from tests.ingest.fake_channel import Clock, connected_shop, failure

pytestmark = pytest.mark.django_db(transaction=True)
State, Ends = Label.State, Attempt.State


@pytest.fixture
def desk(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> PackingDesk:
    """Order "1" of two SKUs, "2" and "3" of one, all of one buyer."""
    shop = connected_shop(region="TH", dispatch_hours=None, auto_cancel_hours=None, in_flight=1)
    channel = PackingChannel(clock)
    monkeypatch.setattr(registry, "open_channel", lambda shop: channel)
    made = PackingDesk(shop, clock, channel)
    for order_id, skus in (("1", (2, 1)), ("2", (1,)), ("3", (1,))):
        channel.place_packed(order_id, skus)
    made.read()
    return made


def label_of(order_id: str = "1") -> Label:
    return Label.objects.exclude(state=State.VOIDED).get(inside__order__order_id=order_id)


def stale(desk: PackingDesk, order_id: str = "1") -> str:
    labels = with_staleness(Label.objects.filter(pk=label_of(order_id).pk), desk.clock.now)
    return str(labels.get().stale)


def made(desk: PackingDesk, order_id: str = "1") -> Label:
    desk.label(order_id)
    desk.work()
    desk.fetch()
    label = label_of(order_id)
    assert label.state == State.CREATED
    return label


def test_a_label_is_bought_fetched_and_sealed(desk: PackingDesk) -> None:
    attempt = desk.label()
    assert (label_of().state, attempt.state) == (State.CREATING, Ends.WAITING)
    desk.work()
    attempt.refresh_from_db()
    bought = label_of()
    assert (bought.state, bought.arranged_at is not None) == (State.CREATING, True)
    assert (attempt.state, bought.tracking_number) == (Ends.DONE, "TH000000001")
    assert Order.objects.get(order_id="1").stage == Stage.PENDING_COLLECTION
    desk.fetch()
    label = label_of()
    assert (label.state, label.fetch_at) == (State.CREATED, None)
    assert content_of(label).content == PDF
    assert PDF not in bytes(LabelDocument.objects.get().sealed)
    assert stale(desk) == ""
    assert len(desk.channel.bought) == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_answer_that_is_lost_is_asked_for(desk: PackingDesk, when: str) -> None:
    def lose(at: str, number: int) -> None:
        if at == when and number == 1:
            raise lost()

    desk.channel.buying = lose
    attempt = desk.label()
    desk.work()
    assert label_of().state == (State.UNKNOWN if when == "before" else label_of().state)
    for seconds in (1, 30, 40, 10, 1):
        desk.work(seconds=seconds)
    attempt.refresh_from_db()
    assert (attempt.state, len(desk.channel.bought)) == (Ends.DONE, 1)
    assert attempt.tries == (2 if when == "before" else 1)
    desk.fetch()
    assert label_of().state == State.CREATED


def test_a_purchase_that_a_killed_sender_had_claimed_is_not_repeated(desk: PackingDesk) -> None:
    attempt = desk.label()
    Attempt.objects.update(state=Ends.CALLING, claimed_at=desk.clock.now, calls=1)
    (package_id,) = desk.channel._packages_of("1")
    desk.channel.bought.append(package_id)
    sending.ask_about_orphans(desk.shop.pk)
    assert label_of().state == State.UNKNOWN
    desk.channel.arrange_there(package_id)
    desk.work()
    attempt.refresh_from_db()
    assert (attempt.state, attempt.package_id) == (Ends.DONE, package_id)
    assert not [call for call in desk.channel.calls if call[0] == "arrange"]


def test_what_the_package_knows_before_the_order_does_counts(
    desk: PackingDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order still says that it waits when the grace is over."""

    def lose(at: str, number: int) -> None:
        if at == "after":
            raise lost()

    desk.channel.buying = lose
    monkeypatch.setattr(desk.channel, "_tell_all", lambda: None)
    attempt = desk.label()
    for seconds in (1, 40, 40, 1):
        desk.work(seconds=seconds)
    attempt.refresh_from_db()
    assert (attempt.state, len(desk.channel.bought)) == (Ends.DONE, 1)


def lost_label(desk: PackingDesk, order_id: str) -> Attempt:
    """Its call got no answer and did nothing."""

    def lose(at: str, number: int) -> None:
        raise lost()

    desk.channel.buying = lose
    attempt = desk.label(order_id)
    desk.work()
    desk.channel.buying = lambda at, number: None
    return attempt


def test_a_package_that_is_gone_keeps_no_other_label_back(desk: PackingDesk) -> None:
    attempt = lost_label(desk, "2")
    desk.channel.combine(Combinable(remote_id="", order_ids=("2", "3")))
    other = desk.label("1")
    for _ in range(3):
        desk.work(seconds=61)
    for each in (attempt, other):
        each.refresh_from_db()
    assert (attempt.state, attempt.reason) == (Ends.REFUSED, "It is not known.")
    assert (attempt.code, "Seller Center" in attempt.next_step) == ("21011005", True)
    assert Label.objects.get(attempts=attempt).state == State.REJECTED
    assert not ClaimedUnit.objects.filter(attempt=attempt).exists()
    assert (other.state, desk.channel.bought) == (Ends.DONE, [other.package_id])
    assert not Sending.objects.exclude(blocked_at=None).exists()


@pytest.mark.parametrize("kind", [FailureKind.TRANSIENT, FailureKind.NOT_READY])
def test_a_package_that_tells_nothing_yet_keeps_no_other_label_back(
    desk: PackingDesk, kind: FailureKind
) -> None:
    attempt, other = lost_label(desk, "2"), desk.label("1")

    def say_nothing() -> None:
        raise failure(kind, sentence="Later.")

    desk.channel.telling = say_nothing
    for _ in range(3):
        desk.work(seconds=61)
    for each in (attempt, other):
        each.refresh_from_db()
    assert (attempt.state, other.state) == (Ends.UNKNOWN, Ends.DONE)
    assert not Sending.objects.exclude(blocked_at=None).exists()
    desk.channel.telling = lambda: None
    for _ in range(2):
        desk.work(seconds=61)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.tries) == (Ends.DONE, 2)


def test_a_shop_that_is_told_to_be_quiet_asks_for_no_package(desk: PackingDesk) -> None:
    attempt = lost_label(desk, "2")

    def quiet() -> None:
        raise failure(FailureKind.THROTTLED)

    desk.channel.telling = quiet
    for _ in range(2):
        desk.work(seconds=61)
    attempt.refresh_from_db()
    assert attempt.state == Ends.UNKNOWN
    assert Sending.objects.exclude(blocked_at=None).exists()


def test_two_clicks_and_two_people_have_one_label(desk: PackingDesk) -> None:
    key = uuid4()
    assert desk.label(key=key) == desk.label(key=key)
    with pytest.raises(CannotShip, match="has asked for its shipping label"):
        desk.label()
    desk.work()
    with pytest.raises(CannotShip):
        desk.label()
    assert (Label.objects.count(), len(desk.channel.bought)) == (1, 1)


def test_a_unit_that_somebody_has_cannot_be_labelled(desk: PackingDesk) -> None:
    first = desk.label()
    Attempt.objects.filter(pk=first.pk).update(is_part=True)
    with pytest.raises(Taken):
        desk.label()


def test_a_rejected_label_says_why_and_is_created_again(desk: PackingDesk) -> None:
    def refuse(at: str, number: int) -> None:
        if at == "before" and number == 1:
            raise failure(
                FailureKind.NEEDS_FIX,
                code="11021010",
                words="invalid postcode",
                request_id="r-1",
                rejection=Rejection.BUYER_ADDRESS,
            )

    desk.channel.buying = refuse
    desk.label()
    desk.work()
    rejected = label_of()
    assert (rejected.state, rejected.rejection) == (State.REJECTED, Rejection.BUYER_ADDRESS)
    assert (rejected.words, rejected.request_id) == ("invalid postcode", "r-1")
    assert not ClaimedUnit.objects.exists()
    desk.label()
    desk.work()
    desk.fetch()
    again = label_of()
    assert (again.pk, again.state, again.rejection) == (rejected.pk, State.CREATED, "")
    assert again.attempts.count() == 2
    assert len(desk.channel.bought) == 1


def test_a_label_that_is_long_in_coming_is_delayed_and_still_asked_for(desk: PackingDesk) -> None:
    def busy(number: int) -> None:
        raise failure(FailureKind.NOT_READY, code="11034037", sentence="The carrier makes it.")

    desk.channel.making = busy
    desk.label()
    desk.work()
    desk.fetch()
    first = label_of()
    assert (first.state, first.fetches) == (State.CREATING, 1)
    assert first.fetch_at == desk.clock.now + timedelta(seconds=2)
    desk.clock.pass_(seconds=DELAYED_AFTER.total_seconds())
    desk.fetch()
    assert label_of().state == State.DELAYED
    desk.channel.making = lambda number: None
    desk.clock.pass_(minutes=6)
    desk.fetch()
    assert (label_of().state, len(desk.channel.bought)) == (State.CREATED, 1)


def test_a_file_that_cannot_be_had_is_rejected_and_never_bought_again(desk: PackingDesk) -> None:
    def gone(number: int) -> None:
        raise failure(FailureKind.FINAL, code="21042102", sentence="It was picked up.")

    desk.channel.making = gone
    desk.label()
    desk.work()
    desk.fetch()
    label = label_of()
    assert (label.state, label.rejection) == (State.REJECTED, Rejection.PRINT_FAILURE)
    with pytest.raises(CannotShip):
        desk.label()
    desk.channel.making = lambda number: None
    assert fetch_again([label], desk.clock.now, desk.clock.now) == 1
    desk.fetch()
    assert (label_of().state, len(desk.channel.bought)) == (State.CREATED, 1)


def test_nothing_is_bought_of_what_must_not_go(desk: PackingDesk) -> None:
    place_hold(desk.order("2"), reason="Check", by="mai", now=desk.clock.now)
    with pytest.raises(CannotShip, match="held"):
        desk.label("2")
    desk.channel.ask_to_cancel("3")
    desk.read()
    with pytest.raises(DecisionNeeded):
        desk.label("3")
    attempt = desk.label("1")
    desk.channel.cancel("1")
    desk.work()
    attempt.refresh_from_db()
    assert (attempt.state, desk.channel.bought) == (Ends.REFUSED, [])
    assert label_of("1").rejection == Rejection.ORDER_STATE


def test_a_label_is_stale_once_its_order_is_canceled_or_held(desk: PackingDesk) -> None:
    made(desk)
    place_hold(desk.order(), reason="Check", by="mai", now=desk.clock.now)
    assert stale(desk) == "held"
    desk.channel.cancel("1")
    desk.read()
    assert stale(desk) == "canceled"


def test_a_label_is_stale_while_the_buyer_asks_to_cancel(desk: PackingDesk) -> None:
    made(desk)
    desk.channel.ask_to_cancel("1")
    desk.read()
    assert stale(desk) == "cancel_asked"
    desk.channel.close_case("C1")
    desk.channel.change("1")
    desk.read()
    assert stale(desk) == ""


def test_a_label_is_stale_once_the_address_changed(desk: PackingDesk) -> None:
    made(desk)
    desk.channel.change("1", recipient=RECIPIENT | {"address": "2 Canal Road"})
    desk.read()
    assert stale(desk) == "readdressed"


def test_a_label_is_stale_once_its_parcel_holds_less(desk: PackingDesk) -> None:
    label = made(desk)
    held = desk.channel.packages[label.package_id]
    desk.channel.packages[label.package_id] = held[1:]
    desk.channel._tell("1")
    desk.read()
    assert stale(desk) == "repacked"


def test_what_the_marketplace_took_back_is_stale_and_bought_anew(desk: PackingDesk) -> None:
    first = made(desk)
    desk.clock.pass_(minutes=11)
    del desk.channel.arranged[first.package_id]
    desk.channel._tell("1")
    desk.read()
    assert stale(desk) == "taken_back"
    desk.label()
    first.refresh_from_db()
    assert (first.state, first.printed_at) == (State.VOIDED, None)
    desk.work()
    desk.fetch()
    assert (label_of().state, len(desk.channel.bought)) == (State.CREATED, 2)


def test_a_number_that_the_marketplace_changed_makes_it_stale_until_it_is_fetched_again(
    desk: PackingDesk,
) -> None:
    label = made(desk)
    assert fetch_again([label], desk.clock.now, desk.clock.now) == 0
    desk.channel.arranged[label.package_id] = "TH777777777"
    desk.channel._tell("1")
    desk.read()
    assert stale(desk) == "renumbered"
    assert fetch_again([label], desk.clock.now, desk.clock.now) == 1
    desk.fetch()
    assert (label_of().tracking_number, label_of().state) == ("TH777777777", State.CREATED)
    assert (stale(desk), len(desk.channel.bought)) == ("", 1)


def test_a_purchase_without_a_package_is_looked_up(desk: PackingDesk) -> None:
    """Success with no data."""
    arrange = desk.channel.arrange
    desk.channel.arrange = lambda *given: replace(arrange(*given), package_id="")  # type: ignore[method-assign]
    attempt = desk.label()
    package_id = attempt.package_id
    Attempt.objects.filter(pk=attempt.pk).update(package_id="")
    Label.objects.update(package_id="")
    desk.work()
    desk.work()
    attempt.refresh_from_db()
    assert (attempt.state, attempt.package_id) == (Ends.DONE, package_id)
    desk.fetch()
    assert (label_of().state, len(desk.channel.bought)) == (State.CREATED, 1)


def test_files_go_after_the_shops_days(desk: PackingDesk) -> None:
    label = made(desk)
    days = timedelta(days=desk.shop.label_days)
    assert purge(desk.clock.now + days - timedelta(minutes=1)) == 0
    assert purge(desk.clock.now + days) == 1
    assert Label.objects.filter(pk=label.pk).exists()
    assert LabelOrder.objects.filter(label=label).exists()


def test_a_combined_parcel_has_one_label_of_all_its_orders(desk: PackingDesk) -> None:
    desk.combine("2", "3")
    desk.work()
    desk.read()
    desk.label("2")
    with pytest.raises(CannotShip):
        desk.label("3")
    desk.work()
    desk.fetch()
    assert label_of("2") == label_of("3")
    assert len(desk.channel.bought) == 1
    desk.channel.cancel("3")
    desk.read()
    assert stale(desk, "2") == "canceled"


def test_the_packing_channel_counts_what_is_paid_for(desk: PackingDesk) -> None:
    assert isinstance(desk.channel, PackingChannel)
    made(desk, "1")
    made(desk, "2")
    assert len(desk.channel.bought) == len(set(desk.channel.bought)) == 2


def test_a_label_that_somebody_waits_for_goes_before_found_ones(desk: PackingDesk) -> None:
    for order_id in ("1", "2"):
        desk.label(order_id)
    desk.work()
    Label.objects.filter(inside__order__order_id="1").update(source=Label.Source.FOUND)
    desk.fetch()
    asked = [call[1] for call in desk.channel.calls if call[0] == "document"]
    assert asked == [label_of("2").package_id, label_of("1").package_id]
