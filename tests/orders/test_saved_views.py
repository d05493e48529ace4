"""Saved views: what is kept of a filter, names, the most of them, and counts that give up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given

from shipboard.accounts.access import access_of
from shipboard.accounts.models import User
from shipboard.accounts.roles import Role
from shipboard.orders import view_counts
from shipboard.orders.filters import OrderFilter, View, parse
from shipboard.orders.models import SavedView
from shipboard.orders.saved_views import (
    LONGEST_NAME,
    MOST,
    ViewRefused,
    kept_query,
    rename_view,
    save_view,
    views_of,
)
from tests import make
from tests.orders.test_filters import filters


@pytest.fixture
def owner(db: None) -> User:
    return User.objects.create_user("mai@shop.example", "a long password", role=Role.OWNER)


def keep(owner: User, name: str, query: str = "", *, is_shared: bool = False) -> SavedView:
    return save_view(owner, name, parse(query), is_shared=is_shared, now=make.NOW)


@given(filters())
def test_a_saved_filter_comes_back_as_it_was(filter_: OrderFilter) -> None:
    query = kept_query(filter_)
    looks = {"per_page": 50, "after": "", "before": "", "view": None}
    assert parse(query) == replace(filter_, **looks)  # type: ignore[arg-type]
    assert kept_query(parse(query)) == query


def test_neither_page_nor_look_is_kept(owner: User) -> None:
    shown = replace(parse("tab=shipped&sort=total"), per_page=20, after="x", view=View.CARD)
    view = save_view(owner, "Road", shown, is_shared=False, now=make.NOW)
    assert view.query == "tab=shipped&sort=total"


@pytest.mark.parametrize("name", ["", "  ", "x" * (LONGEST_NAME + 1), "nul \x00"])
def test_a_name_must_be_one(owner: User, name: str) -> None:
    with pytest.raises(ViewRefused):
        keep(owner, name)
    view = keep(owner, "Fine")
    with pytest.raises(ViewRefused):
        rename_view(view, name)
    assert SavedView.objects.get().name == "Fine"


def test_a_name_is_one_persons_once(owner: User) -> None:
    other = User.objects.create_user("pim@shop.example", "a long password")
    keep(owner, "Late")
    keep(other, "Late")
    with pytest.raises(ViewRefused, match="already"):
        keep(owner, "LATE")
    assert SavedView.objects.count() == 2


def test_there_is_a_most(owner: User) -> None:
    for number in range(MOST):
        keep(owner, str(number))
    with pytest.raises(ViewRefused, match="remove one"):
        keep(owner, "One too many")
    assert owner.views.count() == MOST


def test_one_sees_ones_own_and_what_is_shared(owner: User) -> None:
    other = User.objects.create_user("pim@shop.example", "a long password")
    keep(owner, "b")
    keep(owner, "C", is_shared=True)
    keep(other, "a", is_shared=True)
    keep(other, "d")
    assert [view.name for view in views_of(owner.pk)] == ["a", "b", "C"]
    assert [view.name for view in views_of(None)] == ["a", "C"]


def test_counting_gives_up_in_words(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    make.shop()
    monkeypatch.setattr(view_counts, "PATIENCE", timedelta(0))
    for name, query in (("1", "carrier=USPS"), ("2", "carrier=UPS"), ("3", "tab=shipped")):
        keep(owner, name, query)
    keep(owner, "4", "carrier=USPS&sort=total")
    shown = view_counts.count(views_of(owner.pk), access_of(owner), make.NOW)
    assert [each.count for each in shown] == [0, None, 0, 0]
    assert "open it for its count" in shown[1].why_not
