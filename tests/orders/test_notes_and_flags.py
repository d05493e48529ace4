"""Notes and flags of ours: who and when is kept, what a note says is in no event."""

from __future__ import annotations

import pytest

from shipboard.orders.flags import set_flag
from shipboard.orders.models import Colour, Event, Flag, Note, Order
from shipboard.orders.notes import NoNote, add_note, remove_note
from shipboard.orders.overlays import BadWords, Stale
from tests import make
from tests.ingest.test_apply_together import together


@pytest.fixture
def order() -> Order:
    row = make.row(make.shop())
    row.save()
    return row


def kinds() -> list[str]:
    return list(Event.objects.order_by("pk").values_list("kind", flat=True))


@pytest.mark.django_db
def test_a_note_comes_and_goes_and_stays_on_record(order: Order) -> None:
    note = add_note(order, text=" Ada Marlow called\r\ntwice ", by="mai", now=make.NOW)
    assert note.text == "Ada Marlow called\ntwice"
    assert "Marlow" not in str(list(Event.objects.values()))
    remove_note(note, by="bo", now=make.NOW)
    with pytest.raises(NoNote, match="bo removed this note already"):
        remove_note(note, by="mai", now=make.NOW)
    assert (Note.objects.get().removed_by, Order.objects.get().version) == ("bo", 2)
    assert kinds() == ["note_added", "note_removed"]


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["", " \n ", "x" * 2001, "a\x00", "\udc80"])
def test_what_cannot_be_a_note(order: Order, text: str) -> None:
    with pytest.raises(BadWords):
        add_note(order, text=text, by="mai", now=make.NOW)
    assert (Note.objects.count(), Order.objects.get().version) == (0, 0)


@pytest.mark.django_db
def test_a_flag_changes_colour_and_goes(order: Order) -> None:
    assert not set_flag(order, None, by="mai", now=make.NOW)
    assert set_flag(order, Colour.RED, by="mai", now=make.NOW)
    assert not set_flag(order, Colour.RED, by="bo", now=make.NOW)
    assert set_flag(order, Colour.BLUE, by="bo", now=make.NOW)
    assert list(Flag.objects.values_list("colour", "by")) == [("blue", "bo")]
    assert set_flag(order, None, by="mai", now=make.NOW)
    assert (Flag.objects.count(), Order.objects.get().version) == (0, 3)
    assert kinds() == ["flag_set", "flag_set", "flag_removed"]


@pytest.mark.django_db
def test_a_flag_decided_on_an_older_row_is_refused(order: Order) -> None:
    set_flag(order, Colour.RED, by="mai", now=make.NOW, seen=0)
    with pytest.raises(Stale):
        set_flag(order, Colour.BLUE, by="bo", now=make.NOW, seen=0)
    assert Flag.objects.get().colour == "red"


@pytest.mark.django_db(transaction=True)
def test_the_same_flag_at_once_is_one_change(order: Order) -> None:
    outcomes = together(*[lambda: set_flag(order, Colour.RED, by="mai", now=make.NOW)] * 3)
    assert sorted(map(str, outcomes)) == ["False", "False", "True"]
    assert kinds() == ["flag_set"]
