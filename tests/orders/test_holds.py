"""Held here: one hold at a time, ended once, by a person or by the clock, each with its event."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipboard.orders.holds import (
    AlreadyHeld,
    NotHeld,
    due,
    held,
    hold_of,
    place_hold,
    release_hold,
)
from shipboard.orders.models import Event, Hold, Order
from shipboard.orders.overlays import BadWords, Gone, Stale
from tests import make
from tests.ingest.test_apply_together import together

LATER = make.NOW + make.HOUR


@pytest.fixture
def order() -> Order:
    row = make.row(make.shop())
    row.save()
    return row


@pytest.mark.django_db
def test_a_hold_and_its_end(order: Order) -> None:
    place_hold(order, reason=" Wait ", by="mai", now=make.NOW)
    with pytest.raises(AlreadyHeld, match="mai holds this order already: Wait"):
        place_hold(order, reason="Other", by="bo", now=make.NOW)
    release_hold(order, by="bo", now=make.NOW)
    hold = Hold.objects.get()
    assert (hold.reason, hold.by, hold.released_by, hold.as_of) == ("Wait", "mai", "bo", None)
    events = Event.objects.order_by("pk").values_list("kind", "by", "detail")
    assert list(events) == [("hold_placed", "mai", {"hold": hold.pk}), ("hold_released", "bo", {})]


@pytest.mark.django_db
def test_releasing_what_is_not_held_is_refused_and_says_who_was_first(order: Order) -> None:
    with pytest.raises(NotHeld, match="not held here"):
        release_hold(order, by="mai", now=make.NOW)
    place_hold(order, reason="Wait", by="mai", now=make.NOW)
    release_hold(order, by="bo", now=make.NOW)
    version = Order.objects.get().version
    with pytest.raises(NotHeld, match="bo released it already"):
        release_hold(order, by="mai", now=make.NOW)
    assert Order.objects.get().version == version


@pytest.mark.django_db
def test_the_clock_alone_ends_a_hold_and_makes_room_for_the_next(order: Order) -> None:
    place_hold(order, reason="Wait", by="mai", now=make.NOW, until=LATER)
    with pytest.raises(AlreadyHeld):
        place_hold(order, reason="Other", by="bo", now=LATER - timedelta(microseconds=1))
    with pytest.raises(NotHeld, match="the clock released it already"):
        release_hold(order, by="bo", now=LATER)
    place_hold(order, reason="Other", by="bo", now=LATER + make.HOUR)
    first = Hold.objects.order_by("pk")[0]
    assert (first.released_at, first.released_by) == (LATER, "the clock")
    ended = Event.objects.get(kind="hold_ended")
    assert (ended.at, ended.by) == (LATER, "the clock")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"reason": "  "}, "Write the reason first"),
        ({"reason": "x" * 301}, "301 characters are too many for the reason"),
        ({"reason": "a\x00b"}, "cannot be kept"),
        ({"until": make.NOW}, "must end later than now"),
        ({"remind_at": make.NOW}, "reminder must come later"),
        ({"until": LATER, "remind_at": LATER}, "before the hold ends"),
    ],
)
def test_what_cannot_be_a_hold(order: Order, given: dict[str, object], said: str) -> None:
    with pytest.raises(BadWords, match=said):
        place_hold(order, by="mai", now=make.NOW, **{"reason": "x", **given})  # type: ignore[arg-type]
    assert (Hold.objects.count(), Order.objects.get().version) == (0, 0)


@pytest.mark.django_db
def test_what_was_decided_on_an_older_row_is_refused(order: Order) -> None:
    place_hold(order, reason="Wait", by="mai", now=make.NOW, seen=0)
    with pytest.raises(Stale, match="has changed since you saw it"):
        release_hold(order, by="bo", now=make.NOW, seen=0)
    release_hold(order, by="bo", now=make.NOW, seen=1)
    assert Order.objects.get().version == 2
    gone = Order(pk=order.pk)
    order.delete()
    with pytest.raises(Gone):
        place_hold(gone, reason="Wait", by="mai", now=make.NOW)


instants = st.one_of(st.none(), st.integers(0, 3).map(lambda hours: make.NOW + hours * make.HOUR))


@pytest.mark.django_db
@given(until=instants, remind_at=instants, released_at=instants, now=instants.filter(bool))
def test_sql_and_python_agree_on_what_is_held(until, remind_at, released_at, now) -> None:  # type: ignore[no-untyped-def]
    shop = make.Shop.objects.first() or make.shop()
    order = Order.objects.first() or make.row(shop)
    order.save()
    Hold.objects.all().delete()
    Hold.objects.create(
        order=order,
        reason="x",
        by="mai",
        placed_at=make.NOW,
        until=until,
        remind_at=remind_at,
        released_at=released_at,
    )
    is_held = released_at is None and (until is None or until > now)
    assert (hold_of(Order.objects.get(), now) is not None) == is_held
    assert Order.objects.filter(held(now)).exists() == is_held
    is_due = is_held and remind_at is not None and remind_at <= now
    assert Order.objects.filter(due(now)).exists() == is_due


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once(order: Order) -> None:
    def place() -> str:
        return place_hold(order, reason="Wait", by="mai", now=make.NOW).reason

    def release() -> None:
        release_hold(order, by="mai", now=make.NOW)

    outcomes = together(place, place, place)
    assert sorted(type(each).__name__ for each in outcomes) == ["AlreadyHeld", "AlreadyHeld", "str"]
    assert Hold.objects.count() == 1
    outcomes = together(release, release)
    assert sorted(type(each).__name__ for each in outcomes) == ["NoneType", "NotHeld"]
    assert Event.objects.filter(kind="hold_released").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["until", "remind_at"])
def test_no_instant_is_too_far_for_a_screen(order: Order, name: str) -> None:
    far = {name: make.NOW + timedelta(days=367)}
    with pytest.raises(BadWords, match="within a year"):
        place_hold(order, reason="Wait", by="mai", now=make.NOW, **far)
    assert not Hold.objects.exists()
