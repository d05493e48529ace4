"""The tally: what triggers keep equals a recount, whoever writes, and whoever folds meanwhile."""

from __future__ import annotations

import random
import threading
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Count
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shipboard.channels.contract import CaseFact, CaseKind, Stage
from shipboard.channels.models import Shop
from shipboard.ingest.apply import Source, apply
from shipboard.ingest.removal import remove_shop
from shipboard.orders.cards import Card, on_card
from shipboard.orders.counts import counts
from shipboard.orders.facets import facets
from shipboard.orders.models import Order, Tally
from shipboard.orders.stages import stage_now
from shipboard.orders.tally import fold, pulse
from tests import make
from tests.soak import examples
from tests.strategies import facts

TICK = timedelta(microseconds=1)


def check(*shops: Shop) -> None:
    """Counts at and around every instant that an order has, against plain Python."""
    orders = list(Order.objects.filter(shop__in=shops))
    instants = {make.NOW} | {
        at for order in orders for at in (order.hold_ends_at, order.closes_at, order.ship_by) if at
    }
    for now in {at + off for at in instants for off in (-TICK, 0 * TICK, TICK)}:
        found = counts(list(shops), now)
        expected = Counter(stage_now(order, now) for order in orders)
        assert found.stages == {stage: expected[stage] for stage in Stage}
        on = {card.name: Count("pk", filter=on_card(card, now)) for card in Card}
        recount = Order.objects.filter(shop__in=shops).aggregate(**on)
        assert found.cards == {card: recount[card.name] for card in Card}


def raw(statement: str, **given: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, given)


#: What anybody may do to orders past ingest.
BY_HAND = (
    "update \"order\" set stage = 'delivered', closes_at = %(now)s where id %% 2 = 0",
    "update \"order\" set stage = 'delivered', closes_at = %(now)s + interval '13 hours'",
    'update "order" set closes_at = null where id %% 3 = 0',
    "update \"order\" set stage = 'on_hold', hold_ends_at = %(now)s where id %% 3 = 1",
    'update "order" set version = version + 1',
    "; ".join(
        f"delete from {table} where order_id %% 2 = 1"
        for table in ("line", "parcel_content", '"case"', "event", "hold")
    )
    + '; delete from "order" where id %% 2 = 1',
)
steps = st.one_of(
    st.lists(facts(("1", "2", "3", "4")), min_size=1, max_size=4),
    st.sampled_from(BY_HAND),
    st.just("fold"),
)


@pytest.mark.django_db
@settings(
    max_examples=examples(4),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(steps, min_size=1, max_size=6))
def test_counts_follow_every_write(steps: list[Any]) -> None:
    with transaction.atomic():
        try_steps(steps)
        transaction.set_rollback(True)


def try_steps(steps: list[Any]) -> None:
    shop, other = make.shop(), make.shop("Other")
    apply(other, [make.order("9", stage=Stage.CLOSED)], Source(by="tests", now=make.NOW))
    for step in steps:
        before = pulse([shop.pk])
        if step == "fold":
            fold()
            assert pulse([shop.pk]) == before
        elif isinstance(step, str):
            raw(step, now=make.NOW)
        else:
            apply(shop, step, Source(by="tests", now=make.NOW))
        check(shop)
    check(other)
    check(shop, other)


@pytest.mark.django_db
def test_the_pulse_beats_with_every_change_of_its_shops() -> None:
    shop, other = make.shop(), make.shop("Other")
    beats = [pulse([shop.pk])]
    order = make.row(shop)
    for change in (order.save, order.save, order.delete):
        change()
        beats.append(pulse([shop.pk]))
    assert beats == [0, 1, 2, 3]
    assert pulse([other.pk]) == pulse([]) == 0


@pytest.mark.django_db
def test_folding_leaves_one_row_for_each_sum() -> None:
    shop = make.shop()
    for number in range(5):
        make.row(shop, str(number)).save()
    fold()
    (row,) = Tally.objects.all()
    assert (row.orders, row.changes, row.day) == (5, 5, None)


@pytest.mark.django_db
def test_a_shop_that_goes_takes_its_tally_along() -> None:
    shop, other = make.shop(), make.shop("Other")
    for each in (shop, other):
        case = CaseFact(kind=CaseKind.RETURN, is_open=True)
        apply(each, [make.order(cases=(case,))], Source(by="tests", now=make.NOW))
    remove_shop(shop)
    assert set(Tally.objects.values_list("shop", flat=True)) == {other.pk}
    check(other)
    Tally.objects.create(shop_id=shop.pk, stage=Stage.CLOSED, orders=1, changes=1)
    fold()
    assert set(Tally.objects.values_list("shop", flat=True)) == {other.pk}


@pytest.mark.django_db
def test_facets_are_what_orders_have_had() -> None:
    shop, other = make.shop(), make.shop("Other")
    source = Source(by="tests", now=make.NOW)
    apply(shop, [make.order("1", warehouse="East"), make.order("2", warehouse="")], source)
    apply(other, [make.order("3", warehouse="West", currency="THB")], source)
    Order.objects.filter(order_id="2").update(warehouse="North")
    assert facets([shop])["warehouse"] == ["East", "North"]
    assert facets([shop, other])["warehouse"] == ["East", "North", "West"]
    assert facets([other])["currency"] == ["THB"]
    assert facets([]) == {"carrier": [], "warehouse": [], "delivery_option": [], "currency": []}


@pytest.fixture
def shops(transactional_db: None) -> list[Shop]:
    return [make.shop("One"), make.shop("Two")]


def write(shop: Shop, seed: int) -> None:
    chance = random.Random(seed)
    for number in range(20):
        told = [
            make.order(str(chance.randrange(40)), stage=chance.choice(list(Stage)), as_of=at)
            for at in [make.NOW + timedelta(seconds=100 * number + seed)] * 5
        ]
        apply(shop, told, Source(by="tests", now=make.NOW))


def test_many_writers_and_folds_at_once(shops: list[Shop]) -> None:
    problems: list[BaseException] = []

    def alone(work: Any, *given: Any) -> None:
        try:
            work(*given)
        except BaseException as problem:
            problems.append(problem)
        finally:
            connection.close()

    writing = threading.Event()
    writing.set()

    def keep_folding() -> None:
        while writing.is_set():
            fold()

    def keep_reading() -> None:
        last = 0
        while writing.is_set():
            found = counts(shops, make.NOW)
            assert min(found.stages.values()) >= 0
            beat = pulse([shop.pk for shop in shops])
            assert beat >= last
            last = beat

    around = [
        threading.Thread(target=alone, args=(work,))
        for work in (keep_folding, keep_folding, keep_reading)
    ]
    writers = [
        threading.Thread(target=alone, args=(write, shop, seed))
        for seed, shop in enumerate([*shops, *shops])
    ]
    for thread in (*around, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    writing.clear()
    for thread in around:
        thread.join()
    assert not problems
    check(*shops)
    fold()
    check(*shops)
    raw('truncate "order" cascade')
    assert sum(counts(shops, make.NOW).tabs.values()) == 0
