"""Splitting and combining: once, settled by reading when an answer is lost; never beside labels."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import connection
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from shipboard.accounts.access import Access, NotAllowed
from shipboard.accounts.roles import RIGHTS, Role
from shipboard.channels import registry
from shipboard.channels.contract import Combinable, FailureKind, Stage
from shipboard.channels.models import App, Shop
from shipboard.fulfilment.allowed import Verb, why_not
from shipboard.fulfilment.refusals import BadShipment, CannotShip, Taken
from shipboard.fulfilment.repack_rules import companions, why_not_repack
from shipboard.orders.attempts import Attempt, ClaimedUnit
from shipboard.orders.holds import place_hold
from shipboard.orders.labels import Label
from shipboard.orders.models import Order
from shipboard.orders.overlays import Refused, Stale
from shipboard.orders.parts import with_parts
from tests import make
from tests.fulfilment.packing_channel import RECIPIENT, PackingChannel
from tests.fulfilment.packing_desk import PackingDesk
from tests.fulfilment.shipping_channel import lost
from tests.ingest.fake_channel import Clock, connected_shop, failure
from tests.soak import examples

pytestmark = pytest.mark.django_db(transaction=True)
State = Attempt.State
A, B = "1-0-0", "1-1-0"
APART = [[(0, 1)], [(1, 1)]]
TOGETHER = [[(0, 1), (1, 1)]]
Made = Callable[..., PackingDesk]


@pytest.fixture
def made(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Made:
    def make_desk(region: str = "TH") -> PackingDesk:
        shop = connected_shop(
            region=region, dispatch_hours=None, auto_cancel_hours=None, in_flight=1
        )
        channel = PackingChannel(clock)
        monkeypatch.setattr(registry, "open_channel", lambda shop: channel)
        return PackingDesk(shop, clock, channel)

    return make_desk


@pytest.fixture
def desk(made: Made) -> PackingDesk:
    """Order "1" of two SKUs, and "2" and "3" of the same buyer."""
    found = made()
    found.channel.place_packed("1", (1, 1))
    found.channel.place_packed("2")
    found.channel.place_packed("3")
    found.read()
    return found


def test_an_order_is_split(desk: PackingDesk) -> None:
    attempt = desk.split([A], [B])
    assert (attempt.state, attempt.kind) == (State.WAITING, "repack")
    desk.work()
    attempt.refresh_from_db()
    assert (attempt.state, attempt.calls) == (State.DONE, 1)
    assert desk.channel.contents("1") == [(A,), (B,)]
    assert desk.packed() == APART
    assert desk.order().is_split
    assert desk.events() == ["repacking_asked", "repacked"]
    assert not ClaimedUnit.objects.exists()


def test_orders_are_combined_and_taken_apart(desk: PackingDesk) -> None:
    desk.combine("1", "2", "3")
    desk.work()
    together = (A, B, "2-0-0", "3-0-0")
    assert [desk.channel.contents(each) for each in "123"] == [[together]] * 3
    assert [desk.events(each) for each in "123"] == [["repacking_asked", "repacked"]] * 3
    assert desk.order("3").version > 1
    desk.uncombine("2", "2")
    desk.work()
    assert desk.channel.contents("2") == [("2-0-0",)]
    assert desk.channel.contents("1") == [(A, B, "3-0-0")]
    desk.uncombine("1")
    desk.work()
    assert [desk.channel.contents(each) for each in "13"] == [[(A, B)], [("3-0-0",)]]
    assert set(Attempt.objects.values_list("state", flat=True)) == {State.DONE}


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_answer_is_settled_by_reading(desk: PackingDesk, when: str) -> None:
    def lose(at: str, number: int) -> None:
        if (at, number) == (when, 1):
            raise lost()

    desk.channel.hears = lose
    attempt = desk.split([A], [B])
    desk.work()
    attempt.refresh_from_db()
    assert attempt.state == State.UNKNOWN
    desk.work(30)
    attempt.refresh_from_db()
    assert attempt.state == (State.DONE if when == "after" else State.UNKNOWN)
    desk.work(80)
    desk.work(1)
    attempt.refresh_from_db()
    assert (attempt.state, len(desk.channel.packed)) == (State.DONE, 1)
    assert desk.packed() == APART


@pytest.mark.parametrize("is_carried_out", [True, False])
def test_a_sender_that_is_killed_over_a_call(desk: PackingDesk, is_carried_out: bool) -> None:
    attempt = desk.combine("1", "2")
    now = desk.clock.now
    Attempt.objects.filter(pk=attempt.pk).update(state=State.CALLING, claimed_at=now, calls=1)
    if is_carried_out:
        desk.channel.combine(_group(attempt))
    desk.work(1)
    desk.work(80)
    desk.work(1)
    attempt.refresh_from_db()
    assert (attempt.state, len(desk.channel.packed)) == (State.DONE, 1)
    assert desk.channel.contents("1") == desk.channel.contents("2")


def _group(attempt: Attempt) -> Combinable:
    assert attempt.asks
    return Combinable(remote_id="", order_ids=tuple(attempt.asks["groups"][0]))


def test_what_a_seller_did_meanwhile_is_not_done_again(desk: PackingDesk) -> None:
    attempt = desk.split([A], [B])
    desk.channel.split("1", [(A,), (B,)])
    desk.work()
    attempt.refresh_from_db()
    assert (attempt.state, attempt.calls, len(desk.channel.packed)) == (State.DONE, 0, 1)


def test_a_refusal_frees_the_units(desk: PackingDesk) -> None:
    def refuse(at: str, number: int) -> None:
        raise failure(FailureKind.FINAL, sentence="Not this one.", code="21011035")

    desk.channel.hears = refuse
    desk.combine("1", "2")
    desk.work()
    attempt = Attempt.objects.get()
    assert (attempt.state, attempt.reason) == (State.REFUSED, "Not this one.")
    assert [desk.events(each)[-1] for each in "12"] == ["repacking_refused"] * 2
    assert why_not(Verb.CREATE_LABEL, desk.order("2"), desk.clock.now) == ""


def test_a_cancellation_after_a_lost_split_sends_nothing_again(desk: PackingDesk) -> None:
    def lose(at: str, number: int) -> None:
        raise lost()

    desk.channel.hears = lose
    attempt = desk.combine("1", "2")
    desk.work()
    desk.channel.cancel("2")
    desk.work(90)
    desk.work(90)
    attempt.refresh_from_db()
    assert (attempt.state, desk.channel.packed) == (State.REFUSED, [])
    assert attempt.reason.startswith("Nothing was repacked. Order 2: The order is canceled.")


def test_labels_and_packing_keep_out_of_each_others_way(desk: PackingDesk) -> None:
    desk.split([A], [B])
    with pytest.raises(CannotShip, match="mai splits or combines it; the marketplace is being"):
        desk.label()
    desk.combine("2", "3")
    with pytest.raises(Taken, match="splits or combines it"):
        desk.label("3")
    desk.work()
    desk.label("2")
    for ask in (lambda: desk.uncombine("2"), lambda: desk.uncombine("3")):
        with pytest.raises(Refused, match=r"asked for its shipping label|shipping label"):
            ask()
    desk.work()
    assert len(desk.channel.bought) == 1
    with pytest.raises(CannotShip, match="arranged already"):
        desk.uncombine("3")


def test_a_label_has_to_be_retired_first(desk: PackingDesk) -> None:
    desk.label()
    desk.work()
    desk.fetch()
    Label.objects.update(label_print=Label.Print.SENT)
    (package_id,) = desk.channel.arranged
    del desk.channel.arranged[package_id]
    desk.channel._tell("1")
    desk.clock.pass_(minutes=11)
    desk.read()
    with pytest.raises(CannotShip, match="label is printed: void the label on the Shipping Labels"):
        desk.split([A], [B])
    Label.objects.update(state=Label.State.VOIDED)
    desk.split([A], [B])
    desk.work()
    assert desk.packed() == APART


def test_each_package_gets_a_label_of_its_own(desk: PackingDesk) -> None:
    desk.split([A], [B])
    desk.work()
    with pytest.raises(BadShipment):
        desk.label()
    for package_id in sorted(desk.channel.packages):
        if desk.channel._has(desk.channel.packages[package_id], "1"):
            desk.label(package_id=package_id)
    desk.work()
    assert len(set(desk.channel.bought)) == 2
    assert desk.order().stage == Stage.PENDING_COLLECTION


def test_where_packages_are_born_with_the_label_each_has_its_own(made: Made) -> None:
    desk = made("US")
    desk.channel.place_packed("1", (1, 1))
    desk.read()
    desk.split([A], [B])
    desk.work()
    packages = [pk for pk, held in desk.channel.packages.items()]
    attempt = desk.label(package_id=packages[0])
    assert attempt.is_part
    assert [each.unit for each in attempt.units.all()] == list(desk.channel.packages[packages[0]])


@pytest.mark.parametrize(
    ("groups", "word"),
    [
        (([A, B],), "second package"),
        (([A], []), "Every unit"),
        (([A], [A, B]), "Every unit"),
        (([A], [B, "9-9-9"]), "Every unit"),
    ],
)
def test_groups_that_do_not_fit(
    desk: PackingDesk, groups: tuple[list[str], ...], word: str
) -> None:
    with pytest.raises(BadShipment, match=word):
        desk.split(*groups)
    assert not Attempt.objects.exists()


def test_units_of_a_sku_stay_together_where_the_market_says_so(made: Made) -> None:
    desk = made("TH")
    desk.channel.place_packed("1", (2, 1))
    desk.channel.place_packed("2", (3,))
    desk.channel.place_packed("3", (1,))
    desk.read()
    with pytest.raises(BadShipment, match="all units of a SKU"):
        desk.split(["1-0-0"], ["1-0-1", "1-1-0"])
    with pytest.raises(CannotShip, match="one SKU"):
        desk.split(["2-0-0"], ["2-0-1", "2-0-2"], order_id="2")
    with pytest.raises(CannotShip, match="one unit"):
        desk.split(["3-0-0"], order_id="3")


def test_units_part_where_the_market_lets_them(made: Made) -> None:
    desk = made("GB")
    desk.channel.place_packed("1", (3,))
    desk.read()
    desk.split(["1-0-0"], ["1-0-1", "1-0-2"])
    desk.work()
    assert desk.packed() == [[(0, 1)], [(0, 2)]]
    with pytest.raises(CannotShip, match="in this way already"):
        desk.split(["1-0-1"], ["1-0-0", "1-0-2"])
    desk.split(["1-0-0"], ["1-0-1"], ["1-0-2"])
    desk.work()
    assert desk.packed() == [[(0, 1)]] * 3


@pytest.mark.parametrize(
    "given",
    [
        {"buyer_username": "other"},
        {"recipient": RECIPIENT | {"address": "2 Canal Road"}},
        {"recipient": {}},
        {"warehouse": "Chiang Mai"},
        {"delivery_option": "Express"},
    ],
)
def test_who_may_not_travel_together(desk: PackingDesk, given: dict[str, object]) -> None:
    desk.channel.place_packed("4", **given)
    desk.read()
    with pytest.raises(BadShipment, match="one buyer, to one address"):
        desk.combine("1", "4")
    assert {each.order_id for each in companions(desk.order(), desk.clock.now)} == {"2", "3"}


def test_companions(desk: PackingDesk) -> None:
    now = desk.clock.now
    assert [each.order_id for each in companions(desk.order(), now)] == ["2", "3"]
    place_hold(desk.order("3"), reason="wait", by="mai", now=now)
    assert [each.order_id for each in companions(desk.order(), now)] == ["2"]
    desk.combine("1", "2")
    desk.work()
    assert companions(desk.order(), desk.clock.now) == []
    with pytest.raises(CannotShip, match="held here"):
        desk.combine("1", "3")


def test_twenty_orders_at_most(desk: PackingDesk) -> None:
    for number in range(4, 25):
        desk.channel.place_packed(str(number))
    desk.read()
    with pytest.raises(BadShipment, match="at most 20"):
        desk.combine("1", *(str(number) for number in range(2, 22)))
    assert len(companions(desk.order(), desk.clock.now)) == 19


def test_what_is_split_or_combined_is_not_combined(desk: PackingDesk) -> None:
    desk.split([A], [B])
    desk.combine("2", "3")
    desk.work()
    desk.channel.place_packed("4")
    desk.read()
    for other in ("1", "2"):
        with pytest.raises(BadShipment, match="split or combined already"):
            desk.combine("4", other)
    with pytest.raises(BadShipment, match="Choose the orders"):
        desk.combine("4")
    with pytest.raises(CannotShip, match="other orders"):
        desk.split(["2-0-0"], order_id="2")
    with pytest.raises(CannotShip, match="nothing to take apart"):
        desk.uncombine("4")
    with pytest.raises(BadShipment, match="not in this package"):
        desk.uncombine("2", "4")


def test_when_nothing_is_packed_anew(desk: PackingDesk) -> None:
    desk.channel.ask_to_cancel("2")
    desk.channel.arrange_there(desk.channel._packages_of("1")[0])
    desk.channel.change("3", Stage.UNPAID)
    desk.read()
    now = desk.clock.now
    assert "buyer asks to cancel" in why_not_repack(desk.order("2"), now)
    assert "not paid" in why_not_repack(desk.order("3"), now)
    assert "arranged already" in why_not_repack(desk.order("1"), now)
    assert "fed by files" in why_not(Verb.REPACK, _of_a_file(), now)


def _of_a_file() -> Order:
    make.row(make.shop("Files"), "9").save()
    return with_parts(Order.objects.filter(order_id="9"), make.NOW)[0]


def test_the_same_form_twice_is_one(desk: PackingDesk) -> None:
    key = uuid4()
    first = desk.split([A], [B], key=key, seen=desk.order().version)
    assert desk.split([A], [B], key=key).pk == first.pk
    with pytest.raises(Stale):
        desk.split([A], [B], seen=0)


def test_who_may(desk: PackingDesk) -> None:
    looks = Access(by="may", rights=RIGHTS[Role.VIEWER])
    with pytest.raises(NotAllowed):
        desk.split([A], [B], access=looks)


IDS = ("1", "2", "3")


class Packing(RuleBasedStateMachine):
    """People split, combine, label and cancel; answers are lost and senders killed. No unit is
    lost or doubled, and what is arranged is packed no more."""

    def __init__(self) -> None:
        super().__init__()
        Order.objects.all().delete()
        Shop.objects.all().delete()
        App.objects.all().delete()
        connection.cursor().execute("delete from procrastinate_jobs")
        self.clock = Clock()
        self.shop = connected_shop(
            region="GB", dispatch_hours=None, auto_cancel_hours=None, in_flight=1
        )
        self.channel = PackingChannel(self.clock)
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(registry, "open_channel", lambda shop: self.channel)
        self.desk = PackingDesk(self.shop, self.clock, self.channel)
        for order_id in IDS:
            self.channel.place_packed(order_id, (2, 1))
        self.losing = ""
        self.frozen: dict[str, tuple[str, ...]] = {}
        self.channel.hears = self._answer
        self.desk.read()

    def teardown(self) -> None:
        self.patch.undo()

    def _answer(self, when: str, number: int) -> None:
        if when == self.losing:
            self.losing = ""
            raise lost()

    def _try(self, ask: Callable[[], Attempt]) -> None:
        try:
            ask()
        except Refused:
            return

    @rule(order_id=st.sampled_from(IDS), cut=st.integers(1, 2))
    def split(self, order_id: str, cut: int) -> None:
        units = self.channel.units(order_id)
        self._try(lambda: self.desk.split(units[:cut], units[cut:], order_id=order_id))

    @rule(order_id=st.sampled_from(IDS), other=st.sampled_from(IDS))
    def combine(self, order_id: str, other: str) -> None:
        if order_id != other:
            self._try(lambda: self.desk.combine(order_id, other))

    @rule(order_id=st.sampled_from(IDS), is_all=st.booleans())
    def uncombine(self, order_id: str, is_all: bool) -> None:
        self._try(lambda: self.desk.uncombine(order_id, *([] if is_all else [order_id])))

    @rule(order_id=st.sampled_from(IDS), which=st.integers(0, 2))
    def label(self, order_id: str, which: int) -> None:
        mine = self.channel._packages_of(order_id)
        if mine:
            self._try(lambda: self.desk.label(order_id, mine[which % len(mine)]))

    @rule(when=st.sampled_from(["before", "after"]))
    def lose_an_answer(self, when: str) -> None:
        self.losing = when

    @rule(order_id=st.sampled_from(IDS))
    def cancel(self, order_id: str) -> None:
        if not set(self.channel._packages_of(order_id)) & self.channel.arranged.keys():
            self.channel.cancel(order_id)

    @rule()
    def kill_a_sender(self) -> None:
        waiting = Attempt.objects.filter(state=State.WAITING)
        first = waiting.order_by("pk").first()
        if first:
            Attempt.objects.filter(pk=first.pk).update(
                state=State.CALLING, claimed_at=self.clock.now, calls=first.calls + 1
            )

    @rule(seconds=st.sampled_from([1, 40, 100]))
    def work(self, seconds: int) -> None:
        self.desk.work(seconds)

    @rule()
    def read(self) -> None:
        self.desk.read()

    @invariant()
    def no_unit_is_lost_or_doubled(self) -> None:
        held = [unit for units in self.channel.packages.values() for unit in units]
        alive = {u for each in IDS for u in self.channel.units(each)} - self.channel.canceled
        assert sorted(held) == sorted(alive)

    @invariant()
    def nothing_is_packed_anew_once_arranged(self) -> None:
        for package_id in self.channel.arranged:
            held = self.channel.packages.get(package_id)
            assert self.frozen.setdefault(package_id, held or ()) == held

    @invariant()
    def nothing_is_bought_twice(self) -> None:
        assert len(self.channel.bought) == len(set(self.channel.bought))

    @precondition(lambda self: bool(Attempt.objects.exists()))
    @rule()
    def it_all_comes_to_an_end(self) -> None:
        self.losing = ""
        for _ in range(6):
            self.desk.work(100)
        open_ = Attempt.objects.exclude(state__in=(State.DONE, State.REFUSED))
        assert not open_.exists()
        kinds = Attempt.objects.filter(units__isnull=False).values_list("kind", flat=True)
        assert "repack" not in set(kinds)


Packing.TestCase.settings = settings(
    max_examples=examples(9), stateful_step_count=16, deadline=None
)
test_any_course = pytest.mark.django_db(transaction=True)(Packing.TestCase)
