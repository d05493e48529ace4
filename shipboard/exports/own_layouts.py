"""Columns that people choose and order for themselves, kept under a name, private or shared."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from shipboard.accounts.models import User
from shipboard.exports.layouts import own_layout
from shipboard.exports.models import ExportLayout
from shipboard.orders.overlays import Refused
from shipboard.orders.values import is_storable

#: So many one person may keep.
MOST = 50
LONGEST_NAME = 60


class LayoutRefused(Refused):
    """It was not kept; the message says why."""


def save_layout(
    person: User,
    name: str,
    layout: str,
    columns: Sequence[str],
    *,
    is_shared: bool,
    now: datetime,
) -> ExportLayout:
    """Keep these columns of `layout`, in this order; what had the same name gives way. Raises
    LayoutRefused and exports.layouts.BadLayout."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not is_storable(name):
        raise LayoutRefused(f"Give the columns a name of up to {LONGEST_NAME} letters.")
    if not columns:
        raise LayoutRefused("Choose at least one column.")
    own_layout(layout, columns)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=person.pk)  # two tabs cannot pass MOST together
        own = ExportLayout.objects.filter(person=person)
        kept = own.filter(name__iexact=name).first()
        if kept is None and own.count() >= MOST:
            raise LayoutRefused(f"You keep {MOST} of them, which is the most; remove one first.")
        kept = kept or ExportLayout(person=person)
        kept.name, kept.layout, kept.columns = name, layout, list(columns)
        kept.is_shared, kept.saved_at = is_shared, now
        kept.save()
    return kept


def layouts_of(person_id: int | None) -> QuerySet[ExportLayout]:
    """One's own and those that others share, by name."""
    seen = ExportLayout.objects.filter(Q(person=person_id or 0) | Q(is_shared=True))
    return seen.select_related("person").order_by(Lower("name"), "pk")
