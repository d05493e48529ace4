"""Splitting, combining and taking apart through the page; and the label made elsewhere."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.test import Client

from shipboard.channels import registry
from shipboard.channels.contract import (
    Combinable,
    FailureKind,
    ParcelContent,
    ParcelFact,
    Rejection,
    Shipping,
    SplitAdvice,
    Stage,
)
from shipboard.channels.models import Shop
from shipboard.ingest.apply import Source, apply
from shipboard.orders.attempts import Attempt
from shipboard.orders.labels import Label, LabelOrder
from shipboard.orders.models import Order
from tests import make
from tests.fulfilment.packing_channel import RECIPIENT
from tests.ingest.fake_channel import connected_shop, failure

pytestmark = pytest.mark.django_db
PATH = "/orders/1/repack/"
PANEL = {"HX-Request": "true", "HX-Target": "panel-body", "HX-Current-URL": "http://x/orders/"}


class Asked:
    """What the marketplace says when the dialog opens."""

    def __init__(self) -> None:
        self.groups: tuple[Combinable, ...] = ()
        self.reasons: tuple[str, ...] = ()
        self.is_away = False

    def combinable(self) -> tuple[Combinable, ...]:
        if self.is_away:
            raise failure(FailureKind.TRANSIENT)
        return self.groups

    def split_advice(self, order_ids: list[str]) -> tuple[SplitAdvice, ...]:
        if self.is_away:
            raise failure(FailureKind.TRANSIENT)
        must = bool(self.reasons)
        return (
            SplitAdvice(
                order_id=order_ids[0], can_split=True, must_split=must, reasons=self.reasons
            ),
        )


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    made = Asked()
    monkeypatch.setattr(registry, "open_channel", lambda shop: made)
    return made


def place(shop: Shop, order_id: str, *quantities: int, package: str = "", **given: object) -> Order:
    """An order with so many units of each SKU, waiting in a package."""
    lines = tuple(
        make.line(
            sku_id=f"S{at}",
            product_name=("Enamel mug", "Oak tray")[at],
            quantity=count,
            unit_ids=tuple(f"{order_id}-{at}-{n}" for n in range(count)),
        )
        for at, count in enumerate(quantities)
    )
    contents = tuple(ParcelContent(at, count) for at, count in enumerate(quantities))
    values: dict[str, object] = {
        "shipping": Shipping.PLATFORM,
        "lines": lines,
        "buyer_username": "alma",
        "recipient": RECIPIENT,
        "warehouse": "Bangkok",
        "delivery_option": "Standard",
        "parcels": (ParcelFact(package_id=package or f"P{order_id}", contents=contents),),
    }
    apply(shop, [make.order(order_id, **values | given)], Source(by="tests", now=make.NOW))
    return Order.objects.get(order_id=order_id)


@pytest.fixture
def order(asked: Asked) -> Order:
    return place(connected_shop(region="TH"), "1", 2, 1)


def post(desk: Client, do: str, headers: dict[str, str] | None = None, **given: object):  # type: ignore[no-untyped-def]
    seen = Order.objects.get(order_id="1").version
    values = {"do": do, "key": str(uuid4()), "seen": str(seen)} | given
    return desk.post(PATH, values, headers=headers or {})


def mark(shown) -> str:  # type: ignore[no-untyped-def]
    """What the button under a preview carries."""
    found = re.search(r'name="sure" value="(\w+)"', shown.content.decode())
    assert found
    return found[1]


def test_the_page_without_a_script(desk: Client, order: Order) -> None:
    page = desk.get(PATH).content.decode()
    assert "<h1" in page
    assert 'name="part-0" value="1" aria-label="Enamel mug in package 1" checked' in page
    assert 'name="part-1" value="2"' in page
    assert "No other order of this buyer" in page
    assert PATH in desk.get("/orders/1/").content.decode()


def test_a_split_is_shown_before_it_goes(desk: Client, order: Order) -> None:
    shown = post(desk, "split", **{"part-0": "1", "part-1": "2"})
    text = re.sub(r"\s+", " ", shown.content.decode())
    assert "<strong>2 packages:</strong>" in text
    assert "2 × Enamel mug</li><li" in text
    assert not Attempt.objects.exists()
    sure = mark(shown)
    other = post(desk, "split", sure=sure, **{"part-0": "2", "part-1": "1"})
    assert "1 × Oak tray</li><li" in re.sub(r"\s+", " ", other.content.decode())
    assert not Attempt.objects.exists()
    sent = post(desk, "split", sure=sure, **{"part-0": "1", "part-1": "2"})
    assert sent.status_code == 302
    attempt = Attempt.objects.get()
    assert attempt.asks is not None
    assert attempt.asks["groups"] == [["1-0-0", "1-0-1"], ["1-1-0"]]
    page = desk.get("/orders/1/").content.decode()
    assert "split or combine" in page
    assert "Split or combination asked for" in page


def test_all_in_one_package_is_no_split(desk: Client, order: Order) -> None:
    answer = post(desk, "split", **{"part-0": "1", "part-1": "1"})
    assert answer.status_code == 422
    assert "second package" in answer.content.decode()


def test_units_are_counted_where_they_may_part(desk: Client, asked: Asked) -> None:
    place(connected_shop(region="GB"), "1", 3)
    page = desk.get(f"{PATH}?packages=3").content.decode()
    assert page.count('type="number"') == 3
    given = {"part-0-1": "2", "part-0-2": "2"}
    wrong = post(desk, "split", packages="2", **given)
    assert "3 × Enamel mug wait, and 4 were put" in wrong.content.decode()
    assert 'value="2"' in wrong.content.decode()
    assert post(desk, "split", **given | {"part-0-2": "x"}).status_code == 422
    more = post(desk, "split", more="3", packages="2", **given).content.decode()
    assert more.count('type="number"') == 3
    right = {"packages": "2", **given, "part-0-2": "1"}
    post(desk, "split", sure=mark(post(desk, "split", **right)), **right)
    attempt = Attempt.objects.get()
    assert attempt.asks is not None
    assert attempt.asks["groups"] == [["1-0-0", "1-0-1"], ["1-0-2"]]


def test_orders_that_could_travel_along(desk: Client, order: Order, asked: Asked) -> None:
    for order_id in ("2", "3"):
        place(order.shop, order_id, 1)
    assert "2 other orders of this buyer" in desk.get("/orders/1/").content.decode()
    asked.groups = (Combinable(remote_id="G1", order_ids=("1", "2")),)
    page = desk.get(PATH).content.decode()
    assert 'name="orders" value="2"' in page
    assert 'name="orders" value="3"' not in page
    sent = post(desk, "combine", group="G1", orders=["2"], headers=PANEL)
    assert sent["HX-Redirect"] == f"/orders/1/?shop={order.shop.slug}"
    attempt = Attempt.objects.get()
    assert attempt.asks == {"way": "combine", "groups": [["1", "2"]], "package_id": "G1"}
    assert "splits or combines it" in desk.get(PATH).content.decode()


def test_while_the_marketplace_does_not_answer(desk: Client, order: Order, asked: Asked) -> None:
    place(order.shop, "2", 1)
    asked.is_away = True
    page = desk.get(PATH).content.decode()
    assert 'name="orders" value="2"' in page
    assert "Preview the split" in page


def test_orders_are_taken_apart(desk: Client, asked: Asked) -> None:
    shop = connected_shop(region="TH")
    for order_id in ("1", "2"):
        place(shop, order_id, 1, package="PC")
    page = desk.get(PATH).content.decode()
    assert "2 orders travel in one package" in page
    assert "Preview the split" not in page
    assert post(desk, "uncombine").status_code == 422
    post(desk, "uncombine", leaving=["2"])
    attempt = Attempt.objects.get()
    assert attempt.asks == {"way": "uncombine", "groups": [["2"], ["1"]], "package_id": "PC"}


def test_why_it_has_to_be_split(desk: Client, order: Order, asked: Asked) -> None:
    asked.reasons = ("At most one phone goes in a package.",)
    label = Label.objects.create(
        shop=order.shop,
        state=Label.State.REJECTED,
        rejection=Rejection.TOO_MANY_ITEMS,
        reason="Too many items.",
        by="mai",
        asked_at=make.NOW,
    )
    LabelOrder.objects.create(label=label, order=order, units=3)
    page = desk.get(PATH).content.decode()
    assert "At most one phone" in page
    assert "Too many items." in page


def test_what_stands_in_the_way(desk: Client, order: Order) -> None:
    given = {"part-0": "1", "part-1": "2"}
    sure = mark(post(desk, "split", **given))
    label = Label.objects.create(
        shop=order.shop, state=Label.State.CREATED, label_print="sent", by="mai", asked_at=make.NOW
    )
    LabelOrder.objects.create(label=label, order=order, units=3)
    page = desk.get(PATH).content.decode()
    assert "label is printed: void the label" in page
    assert "Preview the split" not in page
    refused = post(desk, "split", sure=sure, **given)
    assert refused.status_code == 409
    assert not Attempt.objects.exists()


def test_a_form_of_an_older_order(desk: Client, order: Order) -> None:
    given = {"part-0": "1", "part-1": "2"}
    answer = post(desk, "split", sure=mark(post(desk, "split", **given)), seen="99", **given)
    assert (answer.status_code, Attempt.objects.count()) == (409, 0)
    assert post(desk, "nonsense").status_code == 422


def test_the_label_made_elsewhere(desk: Client, asked: Asked) -> None:
    shop = connected_shop(region="TH")
    parcel = ParcelFact(package_id="P1", tracking_number="TH1", contents=(ParcelContent(0, 1),))
    place(shop, "1", 1, stage=Stage.PENDING_COLLECTION, arranged_at=make.NOW, parcels=(parcel,))
    assert "Fetch its label" in desk.get("/orders/1/").content.decode()
    desk.post("/orders/1/find-label/")
    label = Label.objects.get()
    assert (label.source, label.package_id, label.by) == ("found", "P1", "mai@shop.example")
    page = desk.get("/orders/1/").content.decode()
    assert "Fetch its label" not in page
    assert "Label made at the marketplace was found" in page
    again = desk.post("/orders/1/find-label/", headers={"HX-Target": "drawer-body"})
    assert "known here already" in again.content.decode()
