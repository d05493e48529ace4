"""ingest/freshness: how old a shop's data is, at one cheap question."""

from __future__ import annotations

from datetime import timedelta

from pytest_django import DjangoAssertNumQueries as Counted

from shipboard.channels.models import Connection, Shop
from shipboard.ingest.freshness import Level, freshness
from shipboard.ingest.sync import sync
from tests import make
from tests.ingest.fake_channel import Clock, FakeChannel, connected_shop


def test_it_counts_from_the_last_poll_that_went_through(
    shop: Shop,
    channel: FakeChannel,
    clock: Clock,
    django_assert_num_queries: Counted,
) -> None:
    make.shop("Files only")
    sync(shop, clock)
    for age, level in (
        (timedelta(), Level.FRESH),
        (timedelta(minutes=5) - timedelta(seconds=1), Level.FRESH),
        (timedelta(minutes=5), Level.AMBER),
        (timedelta(minutes=15) - timedelta(seconds=1), Level.AMBER),
        (timedelta(minutes=15), Level.RED),
    ):
        with django_assert_num_queries(1):
            (found,) = freshness(None, make.NOW + age)
        assert (found.age, found.level, found.at, found.slug) == (age, level, make.NOW, "northwind")


def test_a_poll_that_finds_nothing_new_makes_it_fresh(
    shop: Shop, channel: FakeChannel, clock: Clock
) -> None:
    sync(shop, clock)
    clock.pass_(hours=1)
    sync(shop, clock)
    (found,) = freshness([shop.pk], clock.now)
    assert found.level == Level.FRESH


def test_a_poll_that_fails_does_not(shop: Shop, channel: FakeChannel, clock: Clock) -> None:
    channel.before = lambda name, number: 1 / 0  # type: ignore[assignment, return-value]
    sync(shop, clock)
    (found,) = freshness([shop.pk], clock.now)
    assert (found.at, found.age, found.level) == (None, timedelta(hours=1), Level.RED)


def test_paused_shops_age_and_disconnected_ones_are_not_named(db: None, clock: Clock) -> None:
    paused, off, on = (connected_shop(name) for name in ("Paused", "Off", "On"))
    Connection.objects.filter(shop=paused).update(state=Connection.State.PAUSED)
    Connection.objects.filter(shop=off).update(state=Connection.State.OFF)
    found = freshness(None, clock.now)
    assert [(each.name, each.is_paused) for each in found] == [("On", False), ("Paused", True)]
    assert [each.name for each in freshness([on.pk, off.pk], clock.now)] == ["On"]
    assert freshness([], clock.now) == ()
