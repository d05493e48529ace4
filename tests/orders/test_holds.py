"""Held here: one hold at a time, released once, each with its event."""

from __future__ import annotations

import pytest

from shipboard.orders.holds import NotHeld, place_hold, release_hold
from shipboard.orders.models import Event, Hold, Order
from tests import make
from tests.ingest.test_apply_together import together


@pytest.fixture
def order() -> Order:
    row = make.row(make.shop())
    row.save()
    return row


@pytest.mark.django_db
def test_a_hold_and_its_end(order: Order) -> None:
    assert place_hold(order, reason="Wait", by="mai", now=make.NOW)
    assert not place_hold(order, reason="Other", by="bo", now=make.NOW)
    release_hold(order, by="bo", now=make.NOW)
    hold = Hold.objects.get()
    assert (hold.reason, hold.by, hold.released_by, hold.as_of) == ("Wait", "mai", "bo", None)
    kinds = Event.objects.order_by("pk").values_list("kind", "by")
    assert list(kinds) == [("hold_placed", "mai"), ("hold_released", "bo")]


@pytest.mark.django_db
def test_releasing_what_is_not_held_is_refused(order: Order) -> None:
    with pytest.raises(NotHeld, match="not held any more"):
        release_hold(order, by="mai", now=make.NOW)
    assert Event.objects.count() == 0


@pytest.mark.django_db
def test_held_again_after_a_release(order: Order) -> None:
    for _ in range(2):
        assert place_hold(order, reason="Wait", by="mai", now=make.NOW)
        release_hold(order, by="mai", now=make.NOW)
    assert Hold.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once(order: Order) -> None:
    def place() -> bool:
        return place_hold(order, reason="Wait", by="mai", now=make.NOW)

    def release() -> None:
        release_hold(order, by="mai", now=make.NOW)

    assert sorted(map(str, together(place, place, place))) == ["False", "False", "True"]
    assert Hold.objects.count() == 1
    outcomes = together(release, release)
    assert sorted(type(each).__name__ for each in outcomes) == ["NoneType", "NotHeld"]
    assert Event.objects.filter(kind="hold_released").count() == 1
