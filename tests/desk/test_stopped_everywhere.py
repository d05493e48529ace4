"""A parcel whose order is being canceled goes nowhere, whatever path it is on: asked for by its
buyer, canceled by its seller, or its cancellation just being approved; nor while the order is told
of as it was before. Everybody is told why.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from shipboard.channels import registry
from shipboard.channels.contract import CaseFact, CaseKind, Shipping
from shipboard.channels.file.tracking import ShipmentRow
from shipboard.channels.models import Shop
from shipboard.desk.handover_scan import told_of
from shipboard.desk.rows import row_of
from shipboard.fulfilment import batches, recorded, runner, sending
from shipboard.fulfilment.allowed import Verb, why_not
from shipboard.fulfilment.applies import applies
from shipboard.fulfilment.batching import make_batch, sort_orders
from shipboard.fulfilment.label_wishes import LabelWish
from shipboard.fulfilment.labelling import ask_to_label
from shipboard.fulfilment.models import RunRow
from shipboard.fulfilment.print_pages import pdf_of
from shipboard.fulfilment.printing import Choice, NothingToPrint, send_to_print
from shipboard.fulfilment.refusals import CannotShip
from shipboard.fulfilment.shipping import ShipWish, ask_to_ship
from shipboard.ingest import hook_work
from shipboard.ingest.apply import Source, apply
from shipboard.orders.attempts import Attempt
from shipboard.orders.holds import place_hold
from shipboard.orders.labels import Label
from shipboard.orders.models import Case, Order
from shipboard.orders.parts import with_parts
from shipboard.orders.staleness import with_staleness
from shipboard.printing import Sorting
from shipboard.uploads.judging import judge
from tests import make
from tests.desk.test_changes import Looker
from tests.fulfilment.conftest import MAI, some
from tests.fulfilment.label_stock import label, number, pages_of
from tests.fulfilment.packing_channel import PackingChannel
from tests.fulfilment.packing_desk import PackingDesk
from tests.fulfilment.shipping_channel import NUMBER, ShippingChannel, carriers
from tests.fulfilment.shipping_desk import Desk
from tests.ingest.fake_channel import Clock, connected_shop
from tests.ingest.hooks import URL, body, keep_secret, signed

pytestmark = pytest.mark.django_db
LATER = make.NOW + timedelta(days=1)
Stop = Callable[[Order], None]


def asked(order: Order) -> None:
    Case.objects.create(order=order, kind=CaseKind.CANCELLATION, case_id="C1", is_open=True)


def canceling(order: Order) -> None:
    _attempt(order, kind=Attempt.Kind.CANCEL)


def approving(order: Order) -> None:
    asked(order)
    case = Case.objects.get(order=order)
    asks = {"decision": "approve_cancel"}
    _attempt(order, kind=Attempt.Kind.ANSWER, case=case, asks=asks)


def canceled(order: Order) -> None:
    """From here, before the order was read last."""
    done = {"state": Attempt.State.DONE, "ended_at": order.as_of}
    _attempt(order, kind=Attempt.Kind.CANCEL, **done)


def canceled_there(order: Order) -> None:
    """By the seller in Seller Center."""
    told = {"case_id": "S1", "is_open": False, "is_granted": True, "by": "seller"}
    kind = CaseKind.CANCELLATION
    Case.objects.create(order=order, kind=kind, unit_ids=["1a"], changed_at=order.as_of, **told)


def _attempt(order: Order, **given: Any) -> None:
    """In the outbox, and not to leave during the test."""
    values = {"state": Attempt.State.WAITING, "asked_at": make.NOW, "due_at": LATER, "by": "an"}
    Attempt.objects.create(shop=order.shop, order=order, **values | given)


@pytest.fixture(params=[asked, canceling, approving, canceled, canceled_there])
def stop(request: pytest.FixtureRequest) -> Stop:
    """What happens to an order from one moment to the next."""
    found: Stop = request.param
    return found


def take(shop: Shop, order_id: str, shipping: Shipping = Shipping.SELLER) -> Order:
    lines = (make.line(quantity=2, unit_ids=(f"{order_id}a", f"{order_id}b")),)
    fact = make.order(order_id, shipping=shipping, lines=lines, warehouse="Harbor")
    apply(shop, [fact], Source(by="tests", now=make.NOW))
    return parts(order_id)


def parts(order_id: str) -> Order:
    (order,) = with_parts(Order.objects.filter(order_id=order_id), make.NOW)
    return order


def test_no_verb_ships_it_and_each_says_why(db: None, stop: Stop) -> None:
    shop = make.shop(channel="tiktok")
    carriers(shop)
    stop(take(shop, "1"))
    stop(take(shop, "2", Shipping.PLATFORM))
    seller, platform = parts("1"), parts("2")
    assert not row_of(seller, make.NOW).can_ship
    assert not row_of(platform, make.NOW).can_label
    for verb in (Verb.ADD_SHIPMENT, Verb.CREATE_LABEL):
        assert not Order.objects.filter(applies(verb, make.NOW)).exists()
    for order, verb in ((seller, Verb.ADD_SHIPMENT), (platform, Verb.CREATE_LABEL)):
        assert "cancel" in why_not(verb, order, make.NOW)
    by = {"access": MAI, "now": make.NOW, "wall": make.NOW}
    with pytest.raises(CannotShip, match="cancel"):
        ask_to_ship(seller, ShipWish(tracking_number=NUMBER, carrier="USPS"), **by)
    with pytest.raises(CannotShip, match="cancel"):
        ask_to_label(platform, LabelWish(), **by)
    (told,) = judge(shop, [ShipmentRow(2, "1", NUMBER, carrier="USPS")], make.NOW).rows
    assert told.verdict == "refused"
    assert "cancel" in told.reason
    sorting = sort_orders(some(platform.pk), MAI, make.NOW)
    assert not sorting.lots
    assert "cancel" in sorting.left[0].why


def test_a_batch_of_labels_that_is_priced_already_leaves_it_out(db: None, stop: Stop) -> None:
    shop = make.shop(channel="tiktok", region="GB")
    order = take(shop, "1", Shipping.PLATFORM)
    (lot,) = sort_orders(some(order.pk), MAI, make.NOW).lots
    batch = make_batch(lot.asked, key=uuid4(), access=MAI, now=make.NOW, travels="local")
    stop(order)
    (row,) = batches.look(batch, MAI, make.NOW)
    assert not row.is_ready
    assert "cancel" in row.problem


@pytest.fixture
def made(db: None) -> Label:
    return label(make.shop(), 1)


def test_its_label_is_stale_at_once_and_never_printed(made: Label, stop: Stop) -> None:
    choice = Choice(sorting=Sorting.GIVEN)
    other = label(made.shop, 2)
    (file,) = send_to_print([made, other], choice, MAI, uuid4(), make.NOW)
    stop(Order.objects.get(labels__label=made))
    stale = with_staleness(Label.objects.filter(pk=made.pk), make.NOW).get()
    assert stale.stale in ("canceling", "cancel_asked")
    with pytest.raises(NothingToPrint, match="cancel"):
        send_to_print([made], choice, MAI, uuid4(), make.NOW)
    # Nor when the file that went to the printer is opened once more.
    codes = set[str]().union(
        *(codes for _, codes in pages_of(pdf_of(file, make.NOW, with_addresses=False)))
    )
    assert number(2) in codes
    assert number(1) not in codes


def test_the_scan_at_the_door_stops_it(made: Label, stop: Stop) -> None:
    assert told_of(number(1), MAI).is_good
    stop(Order.objects.get(labels__label=made))
    told = told_of(number(1), MAI)
    assert (told.word, told.is_good) == ("STOP", False)
    assert "cancel" in told.sentence
    assert "Keep the parcel back" in told.sentence


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shipper(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """One order, "1", that waits to be shipped by its seller."""
    shop = connected_shop(dispatch_hours=None, auto_cancel_hours=None, in_flight=1)
    carriers(shop)
    channel = ShippingChannel(clock)
    monkeypatch.setattr(registry, "open_channel", lambda shop: channel)
    monkeypatch.setattr(runner, "wall", clock)
    channel.place_order("1")
    found = Desk(shop, clock, channel)
    found.read()
    return found


def remote(desk: Desk | PackingDesk, order_id: str, stop: Stop) -> None:
    """The same there, where the sender looks again; nothing of it has come here yet."""
    if stop is asked:
        case = CaseFact(kind=CaseKind.CANCELLATION, case_id="C1", is_open=True)
        desk.channel.change(order_id, cases=(case,))
    else:
        stop(Order.objects.get(order_id=order_id))


def test_a_run_that_has_begun_leaves_it(shipper: Desk, stop: Stop) -> None:
    run = shipper.begin({"1": NUMBER})
    stop(Order.objects.get())
    shipper.carry_on(run)
    row = RunRow.objects.get(run=run)
    assert row.outcome == RunRow.Outcome.FAILED
    assert "cancel" in row.reason
    assert not Attempt.objects.filter(kind=Attempt.Kind.SHIP).exists()


def test_what_waits_in_the_outbox_does_not_leave(shipper: Desk, stop: Stop) -> None:
    attempt = shipper.ask()
    remote(shipper, "1", stop)
    shipper.work()
    attempt.refresh_from_db()
    assert attempt.state == Attempt.State.REFUSED
    assert "cancel" in attempt.reason
    assert not shipper.channel.shipped


def test_it_is_stopped_between_its_reading_and_its_call(
    shipper: Desk, stop: Stop, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = shipper.ask()
    claim = sending._Turn._claim

    def then_stop(turn: Any, ready: Any) -> Any:
        claimed = claim(turn, ready)
        if claimed:
            remote(shipper, "1", stop)
            if stop is asked:
                stop(Order.objects.get())
        return claimed

    monkeypatch.setattr(sending._Turn, "_claim", then_stop)
    shipper.work()
    shipper.work()
    attempt.refresh_from_db()
    assert not shipper.channel.shipped
    assert attempt.state == Attempt.State.REFUSED
    assert "cancel" in attempt.reason


def test_an_order_in_its_package_stops_it_too(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, stop: Stop, db: None
) -> None:
    shop = connected_shop(region="TH", dispatch_hours=None, auto_cancel_hours=None, in_flight=1)
    channel = PackingChannel(clock)
    monkeypatch.setattr(registry, "open_channel", lambda shop: channel)
    packer = PackingDesk(shop, clock, channel)
    for order_id in ("1", "2"):
        channel.place_packed(order_id)
    packer.read()
    packer.combine("1", "2")
    packer.work()
    packer.read()
    attempt = packer.label("1")
    remote(packer, "2", stop)
    packer.work()
    attempt.refresh_from_db()
    assert not channel.bought
    assert attempt.state == Attempt.State.REFUSED
    assert "order 2" in attempt.reason
    assert "cancel" in attempt.reason


PAPER = {
    "1": "1Z999AA10123456784",
    "2": "9400111899223100000001",
    "3": "9400111899223100000018",
    "4": "1Z12345E0205271688",
}


def test_the_upload_file_for_seller_center_leaves_it_out(desk: Client) -> None:
    shop = make.shop("Paper")
    for order_id in PAPER:
        wish = ShipWish(tracking_number=PAPER[order_id], carrier="UPS")
        ask_to_ship(take(shop, order_id), wish, access=MAI, now=make.NOW, wall=make.NOW)
    asked(Order.objects.get(order_id="1"))
    assert "buyer asks to cancel" in desk.get("/handoff/").content.decode()
    handed = recorded.hand_over(shop, access=MAI, now=make.NOW)
    assert handed
    assert handed.shipments == 3
    # Taken once, and canceled or held since: not when it is taken again.
    asked(Order.objects.get(order_id="2"))
    held = Order.objects.get(order_id="4")
    place_hold(held, reason="Stock is counted", by="mai", now=make.NOW)
    again = recorded.handed(shop, handed.first, make.NOW)
    assert [each.attempt.order.order_id for each in again] == ["3"]
    page = desk.get("/handoff/").content.decode()
    assert "Left out, as they are held here, canceled, or to be canceled" in page


def test_from_the_webhook_to_an_open_page_within_three_seconds(
    desk: Client, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = connected_shop()
    keep_secret()
    channel = ShippingChannel(clock)
    monkeypatch.setattr(registry, "open_channel", lambda shop: channel)
    channel.place_order("57601")
    Desk(shop, clock, channel).read()
    order = Order.objects.get()
    looker = Looker(desk)
    assert "Add Shipment Information" in desk.get("/orders/?tab=pending_shipping").content.decode()
    channel.ask_to_cancel("57601")
    begun = time.process_time()
    sent = body("57601", id="n1", number=11)
    assert Client().post(URL, sent, "application/json", headers=signed(sent)).status_code == 200
    hook_work.carry_on(shop.pk, clock)  # the job that the webhook has queued
    told = looker.ask().content.decode()
    took = time.process_time() - begun
    assert f'id="order-{order.pk}"' in told
    assert "ecision needed" in told
    assert f'/orders/57601/ship/?shop={shop.slug}"' not in told
    # The page asks every two seconds, so all of this has the third one; other work on the machine
    # does not count.
    assert took < 1, took
