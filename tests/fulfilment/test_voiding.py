"""Labels put out of use, and back: only what no call is out for, only what a person said, and never
two labels of one parcel.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shipboard.accounts.access import Access, NotAllowed
from shipboard.accounts.models import AuditEntry
from shipboard.accounts.roles import Right
from shipboard.fulfilment import queueing
from shipboard.fulfilment.voiding import (
    NOT_OURS,
    OVER,
    REPLACED,
    UNDER_WAY,
    Ended,
    restore,
    void,
)
from shipboard.orders.labels import Label
from shipboard.orders.models import Event, Order
from shipboard.orders.overlays import BadWords
from tests import make
from tests.fulfilment.conftest import MAI

pytestmark = pytest.mark.django_db
State = Label.State
LATER = make.NOW + timedelta(minutes=5)


@pytest.fixture
def order() -> Order:
    row = make.row(make.shop())
    row.save()
    return row


@pytest.fixture(autouse=True)
def queued(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    asked: list[Any] = []
    monkeypatch.setattr(queueing, "queue", lambda *given: asked.append(given))
    return asked


def put_away(*labels: Label, reason: str = "", access: Access = MAI) -> Ended:
    return void([label.pk for label in labels], reason, access=access, now=make.NOW)


def put_back(*labels: Label, access: Access = MAI) -> Ended:
    pks = [label.pk for label in labels]
    return restore(pks, access=access, now=LATER, wall=LATER)


@pytest.mark.parametrize("state", [State.CREATED, State.DELAYED, State.REJECTED, State.CREATING])
def test_a_label_is_put_out_of_use(order: Order, state: State) -> None:
    label = make.label(order, state=state, fetch_at=make.NOW)
    ended = put_away(label, reason="smudged")
    assert (ended.done, ended.left, ended.paid) == ((label.pk,), (), 1)
    label.refresh_from_db()
    assert (label.state, label.fetch_at, label.voided_at) == (State.VOIDED, None, make.NOW)
    assert (label.voided_by, label.void_reason) == ("mai", "Do not use: smudged")
    assert Event.objects.get().kind == "label_voided"
    assert AuditEntry.objects.get().kind == "labels_voided"
    assert Order.objects.get().version == order.version + 1


@pytest.mark.parametrize("state", [State.CREATING, State.UNKNOWN])
def test_what_is_being_asked_for_is_left_alone(order: Order, state: State) -> None:
    label = make.label(order, state=state, arranged_at=None)
    ended = put_away(label)
    assert [why for _, why in ended.left] == [UNDER_WAY]
    label.refresh_from_db()
    assert label.state == state
    assert not Event.objects.exists()


def test_twice_is_once(order: Order) -> None:
    label = make.label(order)
    put_away(label)
    assert [why for _, why in put_away(label).left] == [OVER]
    assert Event.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "back"),
    [
        ({}, State.CREATED),
        ({"state": State.REJECTED, "stored_at": None, "rejected_at": make.NOW}, State.REJECTED),
        ({"state": State.DELAYED, "stored_at": None}, State.CREATING),
    ],
)
def test_it_is_undone(order: Order, queued: list[Any], given: dict[str, Any], back: State) -> None:
    label = make.label(order, **given)
    put_away(label)
    assert put_back(label).done == (label.pk,)
    label.refresh_from_db()
    assert (label.state, label.voided_at, label.void_reason) == (back, None, "")
    is_fetched = back == State.CREATING
    assert (label.fetch_at == LATER) == is_fetched
    assert bool(queued) == is_fetched
    kinds = Event.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["label_voided", "label_restored"]


def test_it_is_not_undone_once_the_parcel_has_another_label(order: Order) -> None:
    of_order, of_package = make.label(order), make.label(order, package_id="115001")
    put_away(of_package)
    make.label(order, package_id="115001")
    assert [why for _, why in put_back(of_package).left] == [REPLACED]
    put_away(of_order)
    assert [why for _, why in put_back(of_order).left] == [REPLACED]


def test_what_the_desk_voided_by_itself_stays_so(order: Order) -> None:
    label = make.label(order, state=State.VOIDED, void_reason="It was taken back.")
    assert [why for _, why in put_back(label).left] == [NOT_OURS]


def test_labels_of_other_shops_are_not_there(order: Order) -> None:
    label = make.label(order)
    stranger = Access(by="lee", shop_ids=frozenset())
    assert put_away(label, access=stranger) == Ended((), ())
    assert put_back(label, access=stranger) == Ended((), ())


def test_who_only_looks_may_not(order: Order) -> None:
    looks = Access(by="lee", rights=frozenset(set(Right) - {Right.WORK}))
    for verb in (put_away, put_back):
        with pytest.raises(NotAllowed):
            verb(make.label(order), access=looks)


def test_a_reason_that_cannot_be_kept_is_refused(order: Order) -> None:
    label = make.label(order)
    for reason in ("x" * 201, "half\x00"):
        with pytest.raises(BadWords):
            put_away(label, reason=reason)
    label.refresh_from_db()
    assert label.state == State.CREATED


def test_several_at_once(order: Order) -> None:
    labels = [make.label(order), make.label(order, state=State.UNKNOWN, arranged_at=None)]
    ended = put_away(*labels)
    assert (len(ended.done), len(ended.left)) == (1, 1)
