"""Shipments of shops fed by files: what goes with an upload file, and what later imports say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shipboard.accounts.access import Access, NotAllowed
from shipboard.channels.contract import CaseFact, CaseKind, ParcelContent, Shipping, Stage
from shipboard.channels.models import Shop
from shipboard.fulfilment import outbox, recorded
from shipboard.fulfilment.refusals import TooLate
from shipboard.fulfilment.shipping import ShipWish, ask_to_ship
from shipboard.ingest.apply import Source, apply
from shipboard.orders.attempts import Attempt, ClaimedUnit
from shipboard.orders.models import Event, Order
from tests import make
from tests.fulfilment.conftest import MAI

pytestmark = pytest.mark.django_db
NUMBER, OTHER = "1Z999AA10123456784", "9400111899223100000001"
LATER = make.NOW + make.HOUR
State = Attempt.State


@pytest.fixture
def shop() -> Shop:
    return make.shop("Paper")


def tell(shop: Shop, order_id: str, **given: Any) -> Order:
    """An import that shows the order so."""
    fact = make.order(order_id, **{"shipping": Shipping.SELLER, "lines": LINES} | given)
    apply(shop, [fact], Source(by="import", now=given.get("as_of", make.NOW)))
    return Order.objects.get(shop=shop, order_id=order_id)


LINES = (make.line(quantity=2), make.line(sku_id="2", seller_sku="PLATE-01"))


def ask(order: Order, number: str = NUMBER, carrier: str = "UPS", **wish: Any) -> Attempt:
    wished = ShipWish(tracking_number=number, carrier=carrier, **wish)
    return ask_to_ship(order, wished, access=MAI, now=make.NOW, wall=make.NOW)


def show(shop: Shop, order_id: str, number: str, *contents: tuple[int, int], **given: Any) -> Order:
    """A later import with a parcel under that number."""
    held = tuple(ParcelContent(line, count) for line, count in contents or ((0, 2), (1, 1)))
    parcel = make.parcel(package_id=f"P{number}", tracking_number=number, contents=held)
    values = {"stage": Stage.IN_TRANSIT, "as_of": LATER, "parcels": (parcel,)}
    return tell(shop, order_id, **values | given)


def state_of(attempt: Attempt) -> str:
    attempt.refresh_from_db()
    return attempt.state


def hand_over(shop: Shop, **given: Any) -> recorded.Handed | None:
    return recorded.hand_over(shop, **{"access": MAI, "now": make.NOW} | given)


def test_exactly_what_waits_goes_and_only_once(shop: Shop) -> None:
    first, second = ask(tell(shop, "1")), ask(tell(shop, "2"), OTHER, "USPS")
    ask(tell(make.shop("Other"), "3"), OTHER, "USPS")
    version = first.order.version
    file = hand_over(shop)
    assert file is not None
    assert (file.first, file.shipments, file.open) == (first.pk, 2, 2)
    assert [each.attempt for each in recorded.handed(shop, file.first, make.NOW)] == [first, second]
    assert hand_over(shop) is None
    assert Event.objects.filter(kind="shipment_handed_over", by="mai").count() == 2
    assert Order.objects.get(pk=first.order_id).version > version
    with pytest.raises(TooLate, match="upload file already"):
        outbox.revoke(first, access=MAI, now=make.NOW)


def test_what_is_recorded_later_goes_with_the_next_file_even_at_the_same_instant(
    shop: Shop,
) -> None:
    one = ask(tell(shop, "1"))
    first = hand_over(shop)
    two = ask(tell(shop, "2"), OTHER, "USPS")
    second = hand_over(shop)
    assert first is not None
    assert second is not None
    assert second.at > first.at
    assert [each.first for each in recorded.history(shop, make.NOW)] == [two.pk, one.pk]
    assert [each.by for each in recorded.history(shop, make.NOW)] == ["mai", "mai"]
    assert [each.attempt for each in recorded.handed(shop, one.pk, make.NOW)] == [one]


def test_what_must_not_go_stays_and_says_why(shop: Shop) -> None:
    goes, stays = ask(tell(shop, "1")), ask(tell(shop, "2"), OTHER, "USPS")
    asked = CaseFact(kind=CaseKind.CANCELLATION, case_id="C", is_open=True)
    tell(shop, "2", cases=(asked,), as_of=LATER)
    found = recorded.shipments(list(recorded.waiting(shop)), LATER)
    assert [bool(each.why_not) for each in found] == [False, True]
    assert "cancel" in found[1].why_not
    file = hand_over(shop, now=LATER)
    assert file is not None
    assert file.shipments == 1
    assert [each.pk for each in recorded.waiting(shop)] == [stays.pk]
    assert goes.pk == file.first


def test_an_order_in_parts_names_its_skus_and_waits_for_the_long_layout(shop: Shop) -> None:
    order = tell(shop, "1")
    one = ask(order, contents={0: 1})
    rest = ask(order, OTHER, "USPS")
    assert hand_over(shop, whole_only=True) is None
    assert hand_over(shop) is not None
    rows = [each.contents for each in recorded.handed(shop, one.pk, make.NOW)]
    assert rows == [
        (("1729000000000000001", 1),),
        (("1729000000000000001", 1), ("2", 1)),
    ]
    assert rest.is_part


def test_a_file_holds_so_many_rows_as_the_marketplace_takes(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorded, "MOST_ROWS", 2)
    for number, tracking in enumerate(("RA123456785GB", "RA473124829GB", "RA000000005GB")):
        order = tell(shop, str(number))
        Attempt.objects.create(
            kind="ship",
            state=State.RECORDED,
            shop=shop,
            order=order,
            tracking_number=tracking,
            by="mai",
            asked_at=make.NOW,
            due_at=make.NOW,
        )
        claim_all(Attempt.objects.latest("pk"))
    sizes = []
    while file := hand_over(shop):
        sizes.append(file.shipments)
    assert sizes == [2, 1]


def claim_all(attempt: Attempt) -> None:
    units = [("1729000000000000001#1", 0), ("1729000000000000001#2", 0), ("2#1", 1)]
    for unit, line in units:
        ClaimedUnit.objects.create(order=attempt.order, unit=unit, line=line, attempt=attempt)


def test_who_only_looks_hands_nothing_over(shop: Shop) -> None:
    attempt = ask(tell(shop, "1"))
    with pytest.raises(NotAllowed):
        hand_over(shop, access=Access(by="viewer", rights=frozenset()))
    assert recorded.waiting(shop).get() == attempt


def test_a_later_import_confirms_it(shop: Shop) -> None:
    attempt = ask(tell(shop, "1"))
    hand_over(shop)
    assert recorded.confirm(make.NOW) == 0
    show(shop, "1", NUMBER.lower())
    assert recorded.confirm(LATER) == 1
    assert state_of(attempt) == State.DONE
    assert attempt.package_id == f"P{NUMBER.lower()}"
    assert recorded.history(shop, make.NOW)[0].confirmed == 1
    assert recorded.confirm(LATER) == 0


def test_another_number_refuses_it_and_frees_its_units(shop: Shop) -> None:
    attempt = ask(tell(shop, "1"))
    show(shop, "1", OTHER)
    recorded.confirm(LATER)
    assert state_of(attempt) == State.REFUSED
    assert attempt.reason == (
        f"It was not shipped under {NUMBER}. The marketplace shows the order under {OTHER}."
    )
    assert not ClaimedUnit.objects.exists()


def test_a_canceled_order_refuses_it(shop: Shop) -> None:
    attempt = ask(tell(shop, "1"))
    tell(shop, "1", stage=Stage.CANCELED, as_of=LATER)
    recorded.confirm(LATER)
    assert state_of(attempt) == State.REFUSED
    assert "canceled" in attempt.reason


def test_an_order_shipped_under_no_known_number(shop: Shop) -> None:
    kept, gone = ask(tell(shop, "1")), ask(tell(shop, "2"), OTHER, "USPS")
    Attempt.objects.filter(pk=kept.pk).update(handed_over_at=make.NOW)
    for order_id in ("1", "2"):
        tell(shop, order_id, stage=Stage.IN_TRANSIT, as_of=LATER)
    recorded.confirm(LATER)
    assert state_of(kept) == State.DONE
    assert "not under which number" in kept.warning
    assert state_of(gone) == State.REFUSED


def test_one_part_that_is_seen_says_nothing_of_the_other(shop: Shop) -> None:
    order = tell(shop, "1")
    one, other = ask(order, contents={0: 1}), ask(order, OTHER, "USPS", contents={0: 1})
    show(shop, "1", OTHER, (0, 1), stage=Stage.PARTIALLY_SHIPPED)
    recorded.confirm(LATER)
    assert (state_of(one), state_of(other)) == (State.RECORDED, State.DONE)
    file = hand_over(shop, now=LATER)
    assert file is not None
    assert (file.first, file.shipments) == (one.pk, 1)


def test_an_order_that_lost_a_unit_refuses_it(shop: Shop) -> None:
    attempt = ask(tell(shop, "1"))
    parcel = make.parcel(tracking_number=OTHER, contents=(ParcelContent(1, 1),))
    fewer = (make.line(quantity=1), LINES[1])
    tell(shop, "1", lines=fewer, parcels=(parcel,), as_of=LATER)
    assert hand_over(shop, now=LATER) is None
    recorded.confirm(LATER)
    assert state_of(attempt) == State.REFUSED
    assert "not all of its units wait" in attempt.reason


def test_while_nothing_is_told_it_asks_one_question_whatever_is_recorded(shop: Shop) -> None:
    for number in range(3):
        ask(tell(shop, str(number), buyer_username="same"))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert recorded.confirm(make.NOW + timedelta(days=1)) == 0
    assert len(queries) == 1


def test_the_number_of_queries_of_a_hand_over_does_not_grow(shop: Shop) -> None:
    counts = []
    for many in (1, 3):
        for number in range(many):
            ask(tell(shop, f"{many}-{number}", buyer_username="same"))
        with CaptureQueriesContext(connection) as queries:
            hand_over(shop)
        counts.append(len(queries))
    assert counts[0] == counts[1]
