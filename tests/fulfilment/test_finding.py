"""Labels made at the marketplace are found once, and fetched; what is bought already is not bought
again.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from shipboard.accounts.access import Access, NotAllowed
from shipboard.accounts.roles import RIGHTS, Role
from shipboard.channels import registry
from shipboard.channels.contract import Stage
from shipboard.channels.models import Connection
from shipboard.fulfilment.finding import find_labels, find_many, find_new, why_not_find
from shipboard.fulfilment.refusals import CannotShip
from shipboard.fulfilment.storing import content_of
from shipboard.orders.attempts import Attempt
from shipboard.orders.labels import Label, LabelOrder
from shipboard.orders.models import Order
from tests import make
from tests.fulfilment.conftest import MAI
from tests.fulfilment.packing_channel import PDF, PackingChannel
from tests.fulfilment.packing_desk import PackingDesk
from tests.fulfilment.shipping_channel import lost
from tests.ingest.fake_channel import Clock, connected_shop

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> PackingDesk:
    """Order "1" of two SKUs, "2" and "3" of one, all of one buyer."""
    shop = connected_shop(region="TH", dispatch_hours=None, auto_cancel_hours=None, in_flight=1)
    channel = PackingChannel(clock)
    monkeypatch.setattr(registry, "open_channel", lambda shop: channel)
    made = PackingDesk(shop, clock, channel)
    for order_id, skus in (("1", (2, 1)), ("2", (1,)), ("3", (1,))):
        channel.place_packed(order_id, skus)
    made.read()
    return made


def find(desk: PackingDesk, order_id: str = "1", access: Access = MAI) -> list[Label]:
    now = desk.clock.now
    return find_labels(desk.order(order_id), access=access, now=now, wall=now)


def arrange_there(desk: PackingDesk, order_id: str = "1") -> str:
    package_id = desk.channel._packages_of(order_id)[0]
    desk.channel.arrange_there(package_id)
    desk.read()
    return package_id


def test_a_label_is_found_and_its_file_stored(desk: PackingDesk) -> None:
    package_id = arrange_there(desk)
    (label,) = find(desk)
    assert (label.source, label.state, label.package_id) == ("found", "creating", package_id)
    assert label.arranged_at == desk.order().arranged_at
    inside = LabelOrder.objects.get()
    assert (inside.units, inside.contents, len(inside.address)) == (3, {"0": 2, "1": 1}, 32)
    desk.fetch()
    label.refresh_from_db()
    assert (label.state, label.tracking_number) == ("created", "TH000000001")
    assert content_of(label).content == PDF
    assert desk.channel.bought == []


def test_it_is_found_once(desk: PackingDesk) -> None:
    arrange_there(desk)
    find(desk)
    with pytest.raises(CannotShip, match="known here already"):
        find(desk)
    now = desk.clock.now
    assert find_many([desk.order()], access=MAI, now=now, wall=now) == 0
    assert find_new(now, now) == 0
    assert Label.objects.count() == 1


def test_a_combined_package_is_one_label_of_its_orders(desk: PackingDesk) -> None:
    desk.combine("1", "2")
    desk.work()
    arrange_there(desk)
    now = desk.clock.now
    both = [desk.order("1"), desk.order("2")]
    assert find_many(both, access=MAI, now=now, wall=now) == 1
    counts = LabelOrder.objects.values_list("order__order_id", "units")
    assert sorted(counts) == [("1", 3), ("2", 1)]


def test_of_a_split_order_what_is_arranged(desk: PackingDesk) -> None:
    desk.split(["1-0-0", "1-0-1"], ["1-1-0"])
    desk.work()
    package_id = arrange_there(desk)
    assert desk.order().stage == Stage.PARTIALLY_SHIPPED
    assert [each.package_id for each in find(desk)] == [package_id]
    desk.channel.arrange_there(desk.channel._packages_of("1")[1])
    desk.read()
    assert len(find(desk)) == 1
    assert Label.objects.count() == 2


def test_when_there_is_nothing_to_fetch(desk: PackingDesk) -> None:
    assert "not arranged yet" in why_not_find(desk.order())
    with pytest.raises(CannotShip, match="not arranged yet"):
        find(desk)
    arrange_there(desk)
    Order.objects.filter(order_id="1").update(collected_at=desk.clock.now)
    with pytest.raises(CannotShip, match="carrier has it already"):
        find(desk)
    make.row(make.shop("Files"), "9").save()
    assert "fed by files" in why_not_find(desk.order("9"))
    with pytest.raises(NotAllowed):
        find(desk, access=Access(by="may", rights=RIGHTS[Role.VIEWER]))
    assert not Label.objects.exists()


def test_by_itself_what_is_new_since_the_connection(desk: PackingDesk) -> None:
    arrange_there(desk, "1")
    desk.clock.pass_(minutes=1)
    Connection.objects.update(connected_at=desk.clock.now)
    arrange_there(desk, "2")
    Order.objects.filter(order_id="1").update(arranged_at=desk.clock.now - timedelta(hours=1))
    now = desk.clock.now
    assert find_new(now, now) == 1
    assert LabelOrder.objects.get().order.order_id == "2"
    assert find_new(now, now) == 0
    Label.objects.update(state=Label.State.VOIDED)
    assert find_new(now, now) == 0
    Connection.objects.update(state=Connection.State.PAUSED)
    arrange_there(desk, "3")
    assert find_new(desk.clock.now, desk.clock.now) == 0


def test_a_rejected_label_that_was_made_there_is_that_one(desk: PackingDesk) -> None:
    attempt = desk.label("2")
    Label.objects.update(state=Label.State.REJECTED, rejection="oversized", reason="Too big.")
    Attempt.objects.update(state=Attempt.State.REFUSED)
    attempt.units.all().delete()
    arrange_there(desk, "2")
    (label,) = find(desk, "2")
    assert (label.pk, label.source, label.reason) == (attempt.label_id, "found", "")
    assert Label.objects.count() == 1


def test_not_while_a_label_of_ours_is_on_its_way(desk: PackingDesk) -> None:
    attempt = desk.label("2")
    Label.objects.update(package_id="")
    arrange_there(desk, "2")
    now = desk.clock.now
    assert find_new(now, now) == 0
    desk.work()
    attempt.refresh_from_db()
    assert attempt.state == Attempt.State.DONE
    assert find_new(now, now) == 0
    assert desk.channel.bought == []


def test_what_is_bought_already_leads_to_its_label(desk: PackingDesk) -> None:
    """It was made in Seller Center between our last look and our call."""
    package_id = desk.channel._packages_of("2")[0]
    attempt = desk.label("2")
    desk.channel.before = lambda name, number: (
        desk.channel.arrange_there(package_id) if name == "arrange" else None
    )
    desk.work()
    desk.channel.before = lambda name, number: None
    desk.work()
    desk.work(80)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.package_id) == (Attempt.State.DONE, package_id)
    assert desk.channel.bought == []
    desk.fetch()
    label = Label.objects.get()
    assert (label.state, label.package_id) == ("created", package_id)


def test_a_found_label_gives_way_to_the_attempt_that_made_it(desk: PackingDesk) -> None:
    """The answer was lost, and somebody had the label fetched before the desk asked."""
    package_id = desk.channel._packages_of("2")[0]
    attempt = desk.label("2")
    desk.channel.hears = lambda when, number: None

    def lose(name: str, number: int) -> None:
        if name == "arrange":
            desk.channel.bought.append(package_id)
            desk.channel.arrange_there(package_id)
            raise lost()

    desk.channel.before = lose
    desk.work()
    desk.channel.before = lambda name, number: None
    now = desk.clock.now
    assert find_many([desk.order("2")], access=MAI, now=now, wall=now) == 0
    desk.work(40)
    attempt.refresh_from_db()
    assert attempt.state == Attempt.State.DONE
    assert (desk.channel.bought, Label.objects.count()) == ([package_id], 1)
