"""Prices of a batch: asked for once, again only where weight or size changed, never spent on other
than they were shown; and what keeps a parcel out before any money is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from shipboard.channels import registry
from shipboard.channels.contract import (
    FailureKind,
    Handover,
    HandoverFact,
    ParcelContent,
    ServiceFact,
    ShipTarget,
    Size,
    SlotFact,
)
from shipboard.channels.models import DeliveryOption, Shop
from shipboard.fulfilment import batches, pricing
from shipboard.fulfilment.batches import Change, NotAsShown
from shipboard.fulfilment.batching import make_batch, sort_orders
from shipboard.fulfilment.label_wishes import label_wish_of
from shipboard.fulfilment.models import LabelBatch, LabelBatchRow, Run, RunRow
from shipboard.orders.holds import place_hold
from shipboard.orders.models import Order
from tests import make
from tests.fulfilment.buying_channel import AIR, GROUND, Quotes, services
from tests.fulfilment.conftest import MAI, some
from tests.fulfilment.test_batching import in_mexico, take, waiting
from tests.fulfilment.test_batching import shop as shop
from tests.ingest.fake_channel import Clock, failure

pytestmark = pytest.mark.django_db
SIDES = (Decimal(30), Decimal(20), Decimal(10))
ALL = Change(grams=500, sides=SIDES)


@pytest.fixture
def quotes(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Quotes:
    Shop.objects.update(in_flight=1)
    made = Quotes()
    monkeypatch.setattr(registry, "open_channel", lambda shop: made)
    monkeypatch.setattr(pricing, "PAUSE", 0.0)
    # The threads of a test see nothing of its transaction; they ask nothing of the database.
    return made


class Page:
    """A batch as its person works on it."""

    def __init__(self, batch: LabelBatch, clock: Clock) -> None:
        self.batch, self.clock = batch, clock

    def look(self) -> list[batches.BatchParcel]:
        self.batch.refresh_from_db()
        return batches.look(self.batch, MAI, self.clock.now)

    def rows(self) -> list[int]:
        return list(
            LabelBatchRow.objects.filter(batch=self.batch)
            .order_by("position")
            .values_list("pk", flat=True)
        )

    def edit(self, change: Change, *pks: int) -> int:
        changes = dict.fromkeys(pks or self.rows(), change)
        return batches.edit(self.batch, changes, access=MAI, wall=self.clock.now)

    def price(self) -> None:
        pricing.carry_on(self.batch.pk, self.clock, self.clock)

    def begin(self, seen: str | None = None, *, prints: bool = False) -> Run:
        return batches.begin(
            self.batch,
            batches.shown(self.look()) if seen is None else seen,
            prints=prints,
            access=MAI,
            now=self.clock.now,
            wall=self.clock.now,
        )

    def problems(self) -> list[str]:
        return [each.problem for each in self.look()]


Open = Callable[..., Page]


@pytest.fixture
def opened(shop: Shop, quotes: Quotes, clock: Clock) -> Open:
    def open_batch(*order_ids: str, **given: Any) -> Page:
        pks = take(shop, *(order_ids or ("1", "2", "3")), **given)
        (lot,) = sort_orders(some(*pks), MAI, make.NOW).lots
        batch = make_batch(lot.asked, key=uuid4(), access=MAI, now=make.NOW)
        pricing.begin_new(batch)
        return Page(batch, clock)

    return open_batch


def jobs() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from procrastinate_jobs where task_name = 'price_labels'")
        (count,) = cursor.fetchone() or (0,)
        return int(count)


def test_what_is_missing_is_said_and_not_asked_for(opened: Open, quotes: Quotes) -> None:
    page = opened()
    assert page.problems() == ["Its weight is missing."] * 3
    assert jobs() == 0
    page.edit(Change(grams=500))
    assert page.problems() == ["Its size is missing."] * 3
    page.price()
    assert quotes.asked == []
    with pytest.raises(NotAsShown, match="No parcel is ready"):
        page.begin()


def test_the_usual_service_and_its_price(opened: Open, quotes: Quotes) -> None:
    page = opened()
    page.edit(ALL)
    assert jobs() == 1
    assert all(each.is_waiting for each in page.look())
    with pytest.raises(NotAsShown, match="still being asked for"):
        page.begin()
    page.price()
    assert [(each.wish.service_id, each.wish.price) for each in page.look()] == [
        (GROUND, Decimal("5.40"))
    ] * 3
    assert quotes.asked[0][1] == Size(
        weight_grams=500, length_cm=SIDES[0], width_cm=SIDES[1], height_cm=SIDES[2]
    )
    assert {target.order_id for target, _ in quotes.asked} == {"1", "2", "3"}
    assert batches.totals(page.look()) == ({"USD": Decimal("16.20")}, 0)
    assert page.batch.state == LabelBatch.State.READY


def test_only_what_changed_is_asked_for_again(opened: Open, quotes: Quotes) -> None:
    page = opened()
    page.edit(ALL)
    page.price()
    (first, *_) = page.rows()
    quotes.asked.clear()
    assert page.edit(ALL) == 0
    assert page.edit(Change(service=AIR), first) == 1
    page.price()
    assert quotes.asked == []
    page.edit(Change(grams=900), first)
    page.price()
    assert [(target.order_id, size.weight_grams) for target, size in quotes.asked] == [("1", 900)]
    assert [each.wish.service_id for each in page.look()] == [AIR, GROUND, GROUND]


def test_services_for_many(opened: Open) -> None:
    page = opened()
    page.edit(replace(ALL, service=batches.CHEAPEST))
    page.price()
    assert {each.wish.service for each in page.look()} == {"USPS Ground"}
    page.edit(Change(service=AIR))
    assert batches.totals(page.look()) == ({"USD": Decimal("57.00")}, 0)
    page.edit(Change(service=batches.USUAL))
    assert batches.totals(page.look()) == ({"USD": Decimal("16.20")}, 0)
    page.edit(Change(service="elsewhere"))
    assert set(page.problems()) == {"The chosen service does not take this parcel."}
    assert not any(each.is_ready for each in page.look())
    page.edit(Change(service=batches.CHEAPEST))
    assert all(each.is_ready for each in page.look())


def test_limits_are_checked_before_money_is_spent(opened: Open, shop: Shop, quotes: Quotes) -> None:
    page = opened("1", "2", extra={"delivery_option_id": "d1"})
    DeliveryOption.objects.create(
        shop=shop, remote_id="d1", name="Standard", most_grams=1000, as_of=make.NOW
    )
    one, _ = page.rows()
    page.edit(ALL)
    page.edit(Change(grams=1500), one)
    page.price()
    assert page.problems()[0].startswith("Standard takes up to 1 kg")
    run = page.begin()
    assert [row.number for row in RunRow.objects.filter(run=run)] == ["2"]


def test_what_the_platform_refuses_keeps_one_parcel_out(opened: Open, quotes: Quotes) -> None:
    def answer(target: ShipTarget, size: Size) -> tuple[ServiceFact, ...]:
        if target.order_id == "2":
            raise failure(FailureKind.NEEDS_FIX, sentence="The postal code is wrong.")
        return () if target.order_id == "3" else services()

    quotes.answer = answer
    page = opened()
    page.edit(ALL)
    page.price()
    assert page.problems() == ["", "The postal code is wrong.", pricing.NOTHING_OFFERED[0]]
    quotes.answer = lambda target, size: services()
    batches.ask_again(page.batch, page.rows()[1:], access=MAI)
    page.price()
    assert page.problems() == ["", "", ""]
    assert len(quotes.asked) == 5


def test_a_moments_trouble_is_asked_again(opened: Open, quotes: Quotes) -> None:
    def answer(target: ShipTarget, size: Size) -> tuple[ServiceFact, ...]:
        if len(quotes.asked) < 3:
            raise failure(FailureKind.TRANSIENT)
        return services()

    quotes.answer = answer
    page = opened("1")
    page.edit(ALL)
    page.price()
    assert page.problems() == [""]
    assert len(quotes.asked) == 3


def test_a_refused_desk_stops_asking(opened: Open, quotes: Quotes) -> None:
    def answer(target: ShipTarget, size: Size) -> tuple[ServiceFact, ...]:
        raise failure(FailureKind.AUTH, sentence="Access was taken back.")

    quotes.answer = answer
    page = opened()
    page.edit(ALL)
    page.price()
    assert set(page.problems()) == {"Access was taken back."}
    assert page.batch.state == LabelBatch.State.READY


def test_an_answer_to_an_older_question_is_dropped(opened: Open, quotes: Quotes) -> None:
    page = opened("1")
    page.edit(ALL)
    (row,) = LabelBatchRow.objects.all()
    page.edit(Change(grams=900))
    pricing._take(row, services(), make.NOW)
    assert [each.is_waiting for each in page.look()] == [True]
    page.price()
    assert [size.weight_grams for _, size in quotes.asked] == [900]


def test_a_left_pricing_goes_on(opened: Open) -> None:
    page = opened("1")
    page.edit(ALL)
    with connection.cursor() as cursor:
        cursor.execute("update procrastinate_jobs set status = 'failed'")
    assert jobs() == 1
    pricing.resume()
    assert jobs() == 2
    page.price()
    pricing.resume()
    assert jobs() == 2


def test_it_is_begun_once(opened: Open, quotes: Quotes) -> None:
    page = opened()
    page.edit(ALL)
    page.price()
    seen = batches.shown(page.look())
    run = page.begin(seen, prints=True)
    again = page.begin(seen)
    assert run == again
    assert Run.objects.count() == 1
    assert Run.objects.get().prints_at_once
    wishes = [label_wish_of(row.wish or {}) for row in RunRow.objects.order_by("position")]
    assert [(each.service_id, each.price) for each in wishes] == [(GROUND, Decimal("5.40"))] * 3
    assert wishes[0].size.weight_grams == 500
    with pytest.raises(NotAsShown, match="being created already"):
        page.edit(Change(grams=1))


def test_another_price_than_was_shown_is_not_spent(opened: Open, quotes: Quotes) -> None:
    page = opened()
    page.edit(ALL)
    page.price()
    seen = batches.shown(page.look())
    quotes.answer = lambda target, size: services(ground="7.00")
    batches.ask_again(page.batch, page.rows()[:1], access=MAI)
    page.price()
    with pytest.raises(NotAsShown, match="have changed since they were shown"):
        page.begin(seen)
    assert not Run.objects.exists()
    assert page.begin().rows == 3


def test_old_prices_are_asked_for_again(opened: Open, quotes: Quotes, clock: Clock) -> None:
    page = opened("1")
    page.edit(ALL)
    page.price()
    clock.pass_(seconds=3_700)
    with pytest.raises(NotAsShown, match="over an hour old"):
        page.begin()
    assert not Run.objects.exists()
    page.price()
    assert len(quotes.asked) == 2
    assert page.begin().rows == 1


def test_what_is_left_out_or_held_meanwhile_stays(opened: Open) -> None:
    page = opened()
    page.edit(ALL)
    page.price()
    one, two, _ = page.rows()
    assert batches.leave_out(page.batch, [one], True, access=MAI) == 1
    seen = batches.shown(page.look())
    held = LabelBatchRow.objects.get(pk=two).order_id
    place_hold(Order.objects.get(pk=held), reason="Gift", by="mai", now=make.NOW)
    assert "held here" in page.problems()[1]
    with pytest.raises(NotAsShown):
        page.begin(seen)
    run = page.begin()
    assert [row.number for row in RunRow.objects.filter(run=run)] == ["3"]


def test_hand_over_is_asked_for_once(
    opened: Open, shop: Shop, quotes: Quotes, clock: Clock
) -> None:
    in_mexico(shop)
    slot = SlotFact(starts_at=make.NOW, ends_at=make.NOW + timedelta(hours=2))
    quotes.hands_over = HandoverFact(can_pickup=True, slots=(slot,))
    inside = (waiting("11", ParcelContent(0, 2)),)
    page = opened("1", parcels=inside)
    page.price()
    page.price()
    assert quotes.packages == ["11"]
    page.look()
    assert page.batch.handover["pickup"]
    wanted = (Handover.PICKUP, (slot.starts_at, slot.ends_at))
    assert page.edit(Change(handover=wanted)) == 1
    run = page.begin()
    wish = label_wish_of(RunRow.objects.get(run=run).wish or {})
    assert (wish.handover, wish.slot, wish.package_id) == (*wanted, "11")


def test_hand_over_that_is_not_told(opened: Open, shop: Shop, quotes: Quotes) -> None:
    in_mexico(shop)
    quotes.hands_over = failure(FailureKind.AUTH, sentence="Access was taken back.")
    page = opened("1", parcels=(waiting("11", ParcelContent(0, 2)),))
    page.price()
    page.look()
    assert page.batch.handover["problem"].startswith("Access was taken back.")
    assert page.begin().rows == 1


@pytest.mark.django_db(transaction=True)
def test_several_are_asked_for_at_once(opened: Open, quotes: Quotes) -> None:
    Shop.objects.update(in_flight=3)
    together = Barrier(3, timeout=10)

    def answer(target: ShipTarget, size: Size) -> tuple[ServiceFact, ...]:
        together.wait()
        return services()

    quotes.answer = answer
    page = opened()
    page.edit(ALL)
    page.price()
    assert page.problems() == ["", "", ""]
