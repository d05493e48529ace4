"""Saved views: filters that people keep under a name, for themselves or for everyone on the desk.
A view holds no orders and no shops: whoever opens it sees what it finds in their own.
"""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from shipboard.accounts.models import User
from shipboard.orders.filters import OrderFilter
from shipboard.orders.models import SavedView
from shipboard.orders.values import is_storable

#: So many views one person may keep.
MOST = 50
LONGEST_NAME = 60
#: How a list is looked at, not which orders it holds.
LOOKS = frozenset({"view", "per_page", "after", "before"})


class ViewRefused(ValueError):
    """The view was not saved or renamed; the message is a sentence for the person."""


def kept_query(filter_: OrderFilter) -> str:
    """The query string of what `filter_` matches and how that is sorted: no page, no look."""
    blank = OrderFilter()
    looks = {each.name: getattr(blank, each.name) for each in fields(filter_) if each.name in LOOKS}
    return replace(filter_, **looks).query()


def save_view(
    owner: User, name: str, filter_: OrderFilter, *, is_shared: bool, now: datetime
) -> SavedView:
    """Raises ViewRefused for a blank, long or taken name, and beyond MOST views of one person."""
    name = _clean(name)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=owner.pk)  # two tabs cannot pass MOST together
        if owner.views.count() >= MOST:
            raise ViewRefused(f"You keep {MOST} views, which is the most; remove one first.")
        view = SavedView(
            owner=owner, name=name, query=kept_query(filter_), is_shared=is_shared, saved_at=now
        )
        _store(view)
    return view


def rename_view(view: SavedView, name: str) -> None:
    """Raises ViewRefused as save_view does."""
    view.name = _clean(name)
    _store(view)


def share_view(view: SavedView, *, is_shared: bool) -> None:
    SavedView.objects.filter(pk=view.pk).update(is_shared=is_shared)


def views_of(person_id: int | None) -> QuerySet[SavedView]:
    """One's own views and those that others share, by name."""
    seen = SavedView.objects.filter(Q(owner=person_id) | Q(is_shared=True))
    return seen.select_related("owner").order_by(Lower("name"), "pk")


def _clean(name: str) -> str:
    name = " ".join(name.split())
    if not name or not is_storable(name):
        raise ViewRefused("Give the view a name, so that you find it again.")
    if len(name) > LONGEST_NAME:
        raise ViewRefused(f"A view's name has at most {LONGEST_NAME} characters; shorten it.")
    return name


def _store(view: SavedView) -> None:
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError:
        raise ViewRefused(
            f"You have a view named {view.name} already; choose another name, or remove that one."
        ) from None
