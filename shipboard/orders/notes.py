"""Notes of ours on an order. The channel never sees them; a removed one is kept, with who did so.
What a note says may be personal, so events tell only that there was one.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from shipboard.orders.events import record
from shipboard.orders.models import Note, Order
from shipboard.orders.overlays import Refused, touch, words

MOST_CHARACTERS = 2000


class NoNote(Refused):
    """There is no such note to remove."""


@transaction.atomic
def add_note(order: Order, *, text: str, by: str, now: datetime) -> Note:
    """Add a note of 1 to 2,000 characters. Raises BadWords or Gone."""
    said = words(text, MOST_CHARACTERS, "the note")
    touch(order, now=now)
    note = Note.objects.create(order=order, text=said, by=by, at=now)
    record(order, "note_added", by=by, at=now)
    return note


@transaction.atomic
def remove_note(note: Note, *, by: str, now: datetime) -> None:
    """Take a note away. Raises NoNote, which names who did so already, or Gone."""
    touch(note.order, now=now)
    there = Note.objects.filter(pk=note.pk)
    if not there.filter(removed_at=None).update(removed_at=now, removed_by=by):
        who = there.values_list("removed_by", flat=True).first()
        raise NoNote(f"{who or 'Somebody'} removed this note already.")
    record(note.order, "note_removed", by=by, at=now)
