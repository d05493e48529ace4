"""The filters `label` and `printed` of the order list, the card of logistics issues, and an order's
label in one word.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shipboard.accounts.access import COMMAND_LINE
from shipboard.channels.contract import PARCEL_TROUBLE, Shipping, Stage
from shipboard.channels.models import Shop
from shipboard.cli import listing as command
from shipboard.orders.cards import Card, on_card
from shipboard.orders.counts import counts
from shipboard.orders.filters import BadFilter, parse
from shipboard.orders.labels import Label
from shipboard.orders.models import Order
from shipboard.orders.queries import listing
from shipboard.orders.scans import Tracking
from tests import make

pytestmark = pytest.mark.django_db
State = Label.State


def place(shop: Shop, number: int, **given: Any) -> Order:
    row = make.row(shop, str(number), **{"shipping": Shipping.PLATFORM} | given)
    row.save()
    return row


def found(query: str) -> set[str]:
    listed = listing(parse(query), COMMAND_LINE, make.NOW)
    assert listed.count == len(listed.page.rows)
    return {order.order_id for order in listed.page.rows}


@pytest.fixture
def shop() -> Shop:
    """An order in each state, by its name."""
    made = make.shop()
    states = [each for each in State if each != State.CREATED]
    for state in states:
        row = make.row(made, state.value, shipping=Shipping.PLATFORM)
        row.save()
        make.label(row, state=state, arranged_at=make.NOW)
    for name, printed in (("created", "no"), ("sent", "sent"), ("confirmed", "confirmed")):
        row = make.row(made, name, shipping=Shipping.PLATFORM)
        row.save()
        make.label(row, label_print=printed, arranged_at=make.NOW)
    gone = make.row(made, "canceled", shipping=Shipping.PLATFORM, stage=Stage.CANCELED)
    gone.save()
    make.label(gone)
    make.row(made, "bare", shipping=Shipping.PLATFORM).save()
    make.row(made, "seller", shipping=Shipping.SELLER).save()
    return made


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("label=none", {"bare", "voided"}),
        ("label=creating", {"creating"}),
        ("label=created", {"created", "canceled"}),
        ("label=printed", {"sent", "confirmed"}),
        ("label=rejected", {"rejected"}),
        ("label=delayed", {"delayed"}),
        ("label=unknown", {"unknown"}),
        ("label=stale", {"canceled"}),
        ("label=voided", {"voided"}),
        ("label=none&label=rejected", {"bare", "voided", "rejected"}),
        ("printed=yes", {"sent", "confirmed"}),
        ("printed=no", {"created", "canceled"}),
        ("printed=no&label=stale", {"canceled"}),
    ],
)
def test_the_filters(shop: Shop, query: str, expected: set[str]) -> None:
    assert found(query) == expected


@pytest.mark.parametrize("query", ["label=lost", "printed=maybe", "printed=yes&printed=no"])
def test_other_values_are_refused(query: str) -> None:
    with pytest.raises(BadFilter):
        parse(query)


def test_the_command_line_says_the_same(shop: Shop) -> None:
    rows = command.run("", limit=100, unmasked=False)["orders"]
    words = {row["order_id"]: row["label"] for row in rows}
    printed = dict.fromkeys(("sent", "confirmed"), "printed")
    alone = {state: state for state in ("creating", "created", "rejected", "delayed", "unknown")}
    assert words == alone | printed | {
        "voided": "none",
        "bare": "none",
        "seller": "",
        "canceled": "created",
    }


def test_logistics_issues_are_labels_that_need_a_person() -> None:
    shop = make.shop()
    ago = make.NOW - timedelta(minutes=11)
    wanted = {"rejected", "delayed", "unknown for long", "no file", "tagged too", "lost too"}
    made = {
        "rejected": {"state": State.REJECTED, "arranged_at": None},
        "delayed": {"state": State.DELAYED},
        "unknown for long": {"state": State.UNKNOWN, "asked_at": ago},
        "unknown": {"state": State.UNKNOWN, "asked_at": make.NOW},
        "created": {"state": State.CREATED},
        "voided": {"state": State.VOIDED},
        "tagged too": {"state": State.REJECTED},
        "lost too": {"state": State.REJECTED},
    }
    for name, given in made.items():
        extra = {PARCEL_TROUBLE: "lost"} if name == "lost too" else {}
        row = make.row(shop, name, extra=extra)
        row.save()
        make.label(row, **given)
        if name == "tagged too":
            Tracking.objects.create(order=row, read_at=make.NOW, tags=["address"])
    shipped = {
        "no file": (Stage.PENDING_COLLECTION, make.NOW),
        "shipped": (Stage.PENDING_COLLECTION, None),
        "on its way": (Stage.IN_TRANSIT, make.NOW),
        "canceled": (Stage.CANCELED, None),
    }
    for name, (stage, arranged_at) in shipped.items():
        row = make.row(shop, name, stage=stage)
        row.save()
        make.label(row, state=State.REJECTED, arranged_at=arranged_at)
    assert found("urgency=logistics_issue") == wanted
    recount = Order.objects.filter(on_card(Card.LOGISTICS_ISSUE, make.NOW)).count()
    assert counts([shop], make.NOW).cards[Card.LOGISTICS_ISSUE] == recount == len(wanted)


def test_a_voided_label_of_an_order_that_counts_as_shipped_is_a_logistics_issue() -> None:
    """Each counts once, however many of its labels are in trouble."""
    shop, arranged, voided = make.shop(), Stage.PENDING_COLLECTION, {"state": State.VOIDED}
    made: dict[str, tuple[Stage, list[dict[str, Any]]]] = {
        "voided": (arranged, [voided]),
        "voided twice": (arranged, [voided, voided]),
        "replaced": (arranged, [voided, {"state": State.CREATED}]),
        "of another package": (
            arranged,
            [{"state": State.CREATED, "package_id": "1"}, voided | {"package_id": "2"}],
        ),
        "same package": (
            arranged,
            [{"state": State.CREATED, "package_id": "3"}, voided | {"package_id": "3"}],
        ),
        "never bought": (arranged, [voided | {"arranged_at": None}]),
        "waits again": (Stage.AWAITING_SHIPMENT, [voided]),
        "on its way": (Stage.IN_TRANSIT, [voided]),
        "rejected too": (
            arranged,
            [{"state": State.REJECTED, "package_id": "4"}, voided | {"package_id": "5"}],
        ),
        "lost too": (arranged, [voided]),
        "tagged too": (arranged, [voided]),
    }
    for name, (stage, labels) in made.items():
        extra = {PARCEL_TROUBLE: "lost"} if name == "lost too" else {}
        row = make.row(shop, name, stage=stage, extra=extra)
        row.save()
        for given in labels:
            make.label(row, **given)
        if name == "tagged too":
            Tracking.objects.create(order=row, read_at=make.NOW, tags=["address"])
    wanted = {"voided", "voided twice", "of another package", "rejected too"}
    wanted |= {"lost too", "tagged too"}
    assert found("urgency=logistics_issue") == wanted
    recount = Order.objects.filter(on_card(Card.LOGISTICS_ISSUE, make.NOW)).count()
    assert counts([shop], make.NOW).cards[Card.LOGISTICS_ISSUE] == recount == len(wanted)
