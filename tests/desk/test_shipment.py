"""Shipping one order through the page: the form, what stands in its field, who was first, undo, the
decision over a buyer's request, correcting, and what is said of it all afterwards.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shipboard import clock
from shipboard.accounts.models import AuditEntry
from shipboard.channels import registry
from shipboard.channels.contract import (
    CarrierFact,
    CaseFact,
    CaseKind,
    ChannelFailure,
    FailureKind,
    OrderFact,
    ParcelContent,
    ScanFact,
    Shipping,
    Stage,
)
from shipboard.channels.models import Carrier, Shop
from shipboard.fulfilment.finishing import Ending, finish
from shipboard.ingest.apply import Source, apply
from shipboard.orders.attempts import Attempt
from shipboard.orders.models import Order
from shipboard.orders.scans import Scan, Tracking
from tests import make
from tests.ingest.fake_channel import connected_shop

pytestmark = pytest.mark.django_db
ID = "576000000000000001"
PATH, SHIP = f"/orders/{ID}/", f"/orders/{ID}/ship/"
USPS = "9400111899223100000000"
UPS = "1Z999AA10123456784"
PANEL = {"HX-Request": "true", "HX-Target": "panel-body", "HX-Current-URL": "http://x/orders/"}
ASKS = CaseFact(kind=CaseKind.CANCELLATION, case_id="1", is_open=True, reason="Changed my mind")


@pytest.fixture
def shop(db: None) -> Shop:
    """A shop of TikTok Shop in the United States, whose carriers are known."""
    made = make.shop(channel="tiktok")
    for remote_id, name in (("71", "USPS"), ("72", "UPS"), ("73", "Veho")):
        Carrier.objects.create(
            shop=made, delivery_option_id="d1", remote_id=remote_id, name=name, as_of=make.NOW
        )
    return made


Told = Callable[..., Order]


@pytest.fixture
def told(shop: Shop) -> Told:
    """Have the shop's channel tell of the order."""

    def tell(**given: Any) -> Order:
        values: dict[str, Any] = {
            "shipping": Shipping.SELLER,
            "extra": {"delivery_option_id": "d1"},
            "lines": (make.line(quantity=2, unit_ids=("u1", "u2")),),
            "recipient": {"name": "Ada Marlow", "postal_code": "78701"},
        }
        apply(shop, [make.order(**values | given)], Source(by="tests", now=make.NOW))
        return Order.objects.get(order_id=ID)

    return tell


def form(order: Order, **given: str) -> dict[str, str]:
    order.refresh_from_db()
    fields = {"tracking_number": USPS, "carrier": "71", "key": str(uuid4())}
    return fields | {"seen": str(order.version)} | given


def text(page: str) -> str:
    return re.sub(r" (?=[.,;])", "", re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


def test_the_row_the_card_and_the_page_lead_to_the_form(desk: Client, told: Told) -> None:
    told()
    for view in ("list", "card"):
        page = desk.get(f"/orders/?tab=all&view={view}").content.decode()
        assert f'href="/orders/{ID}/ship/?shop=northwind"' in page, view
    assert 'id="do-add_shipment"' in desk.get(PATH).content.decode()
    page = desk.get(SHIP).content.decode()
    assert "<!doctype html>" in page
    assert re.search(r'name="tracking_number"[^>]* autofocus', page)
    assert [name for name in ("USPS", "UPS", "Veho") if f">{name}</option>" in page] == [
        "USPS",
        "UPS",
        "Veho",
    ]
    assert "<!doctype html>" not in desk.get(SHIP, headers=PANEL).content.decode()


def test_without_scripts_it_goes_to_the_outbox_and_back(desk: Client, told: Told) -> None:
    order = told()
    page = desk.post(SHIP, form(order), follow=True).content.decode()
    attempt = Attempt.objects.get()
    assert (attempt.state, attempt.tracking_number, attempt.carrier) == ("waiting", USPS, "USPS")
    assert attempt.by == "mai@shop.example"
    said = text(page)
    assert re.search(rf"{USPS} goes to TikTok Shop in (2:00|1:5\d); undo it before", said)
    assert "In the outbox" in said
    assert "Shipment asked for" in said
    listed = desk.get("/orders/?tab=all").content.decode()
    assert "In the outbox" in listed
    assert "ship-link" not in listed
    page = desk.post(f"/attempts/{attempt.pk}/undo/", follow=True).content.decode()
    assert "goes nowhere" in page
    assert "Shipment taken back before it left" in page
    attempt.refresh_from_db()
    assert attempt.state == "revoked"
    again = desk.post(f"/attempts/{attempt.pk}/undo/", follow=True).content.decode()
    assert "mai@shop.example took it back." in again


def test_the_dialog_leaves_a_notice_with_undo(desk: Client, told: Told) -> None:
    order = told()
    answer = desk.post(SHIP, form(order), headers=PANEL)
    page = answer.content.decode()
    assert (answer.headers["HX-Retarget"], answer.headers["HX-Reswap"]) == (
        "#ship-notice",
        "innerHTML",
    )
    assert json.loads(answer.headers["HX-Trigger"])["shipment-asked"] == {"pk": order.pk}
    assert re.search(r'data-countdown="1\d\d"', page)
    pk = Attempt.objects.get().pk
    assert f'hx-post="/attempts/{pk}/undo/' in page
    notice = {"HX-Request": "true", "HX-Target": "ship-notice"}
    assert "is taken back" in desk.post(f"/attempts/{pk}/undo/", headers=notice).content.decode()
    on_page = PANEL | {"HX-Current-URL": f"http://x{PATH}?shop=northwind"}
    answer = desk.post(SHIP, form(order), headers=on_page)
    assert answer.headers["HX-Redirect"] == f"{PATH}?shop=northwind"


def test_a_double_click_is_one_shipment(desk: Client, told: Told) -> None:
    given = form(told())
    assert [desk.post(SHIP, given).status_code for _ in range(2)] == [302, 302]
    assert Attempt.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({"tracking_number": "94001118992231 00#00"}, "tracking_number", "letters and digits only"),
        ({"tracking_number": " "}, "tracking_number", "Write the tracking number"),
        ({"carrier": "99"}, "carrier", "is not offered for this order"),
        ({"carrier": "", "tracking_number": "ABC1"}, "carrier", "Choose the carrier"),
        ({"line-0": "3"}, "contents", "only 2 of them still wait"),
        ({"line-0": "0"}, "contents", "nothing is chosen"),
        ({"line-0": "two"}, "contents", "is no number of units"),
        ({"line-": "5"}, "contents", "is no number of units"),
        ({"key": "x"}, "", "The form was not complete"),
    ],
)
def test_a_refusal_stands_in_its_field_with_what_was_typed(
    desk: Client, told: Told, given: dict[str, str], field: str, sentence: str
) -> None:
    order = told()
    answer = desk.post(SHIP, form(order, service="Ground", **given), headers=PANEL)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in text(page)
    assert 'value="Ground"' in page
    if field:
        place = {"tracking_number": "ship-number", "carrier": "ship-carrier", "contents": "line-0"}
        found = re.search(rf'<(?:input|select)[^>]*"{place[field]}"[^>]*aria-invalid[^>]*>', page)
        assert found or re.search(rf'aria-invalid="true"[^>]*"{place[field]}"', page), page
    assert not Attempt.objects.exists()


def test_what_cannot_be_kept_is_left_away(desk: Client, told: Told) -> None:
    order = told()
    given = form(order, tracking_number=f"{USPS}\0", carrier="7\x001", service="Gro\0und")
    assert desk.get(f"{SHIP}check/", given).status_code == 200
    assert desk.get(SHIP, {"package_id": "\0", "despite": "\0"}).status_code == 200
    assert desk.post(SHIP, given).status_code == 302
    attempt = Attempt.objects.get()
    assert (attempt.tracking_number, attempt.carrier_id, attempt.service) == (USPS, "71", "Ground")


class Carriers:
    """A channel that is asked for carriers, and has none to tell or fails."""

    def __init__(self, *, fails: bool) -> None:
        self.fails, self.asked = fails, 0

    def carriers(self, delivery_option_id: str) -> tuple[CarrierFact, ...]:
        self.asked += 1
        if self.fails:
            raise ChannelFailure(
                FailureKind.TRANSIENT, operation="carriers", sentence="It does not answer."
            )
        return ()


@pytest.mark.parametrize("fails", [True, False])
def test_a_page_asks_for_unknown_carriers_once_a_minute(
    desk: Client, told: Told, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    channel = Carriers(fails=fails)
    monkeypatch.setattr(registry, "open_channel", lambda _: channel)
    order = told(extra={"delivery_option_id": f"new {fails}"})
    desk.get(f"{SHIP}check/", {"tracking_number": USPS})
    desk.post("/ship/", {"orders": str(order.pk)})
    desk.post("/ship/check/", {"order": order.pk, f"number-{order.pk}": USPS})
    desk.get("/ship/rows/", {"orders": ID})
    assert channel.asked == 0
    for _ in range(3):
        page = text(desk.get(SHIP).content.decode())
        assert "are being read from the marketplace. Try again in a minute." in page
        desk.post(SHIP, form(order))
    assert channel.asked == 1


def test_nobody_is_asked_for_carriers_of_what_cannot_be_shipped(
    desk: Client, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = Carriers(fails=True)
    monkeypatch.setattr(registry, "open_channel", lambda _: channel)
    told(extra={"delivery_option_id": "no more"}, stage=Stage.CANCELED)
    assert "The order is canceled." in desk.get(SHIP).content.decode()
    assert channel.asked == 0


def test_the_other_order_of_a_package_says_with_which_it_goes(desk: Client) -> None:
    shop = connected_shop(region="TH", dispatch_hours=None, auto_cancel_hours=None)
    Carrier.objects.create(shop=shop, remote_id="7", name="UPS", as_of=make.NOW)
    waits = make.parcel(tracking_number="")
    facts = [
        make.order(each, shipping=Shipping.SELLER, parcels=(waits,)) for each in (ID, "576002")
    ]
    apply(shop, facts, Source(by="tests", now=make.NOW))
    order = Order.objects.get(order_id=ID)
    other = "/orders/576002/"
    assert 'id="do-add_shipment"' in desk.get(other).content.decode()
    assert desk.post(SHIP, form(order, tracking_number=UPS, carrier="7")).status_code == 302
    said = f"It goes in one parcel with order {ID}, which mai@shop.example ships."
    page = desk.get(other).content.decode()
    assert said in page
    assert 'id="do-add_shipment"' not in page
    assert said in desk.get(f"{other}ship/").content.decode()
    given = form(Order.objects.get(order_id="576002"), tracking_number=UPS, carrier="7")
    refused = desk.post(f"{other}ship/", given)
    assert (refused.status_code, said in refused.content.decode()) == (409, True)
    desk.post(f"/attempts/{Attempt.objects.get().pk}/undo/")
    assert said not in desk.get(other).content.decode()


def test_part_of_an_order_goes_and_the_rest_is_left(desk: Client, told: Told) -> None:
    order = told()
    assert desk.post(SHIP, form(order) | {"line-0": "1"}).status_code == 302
    first = Attempt.objects.get()
    assert (first.is_part, first.units.count()) == (True, 1)
    page = desk.get(SHIP).content.decode()
    assert "What is in the parcel" not in page
    given = form(order, tracking_number=UPS, carrier="72")
    assert desk.post(SHIP, given).status_code == 302
    assert Attempt.objects.latest("pk").units.get().unit == "u2"


def test_who_comes_second_is_told_who_won(desk: Client, told: Told) -> None:
    order = told()
    old = form(order)
    desk.post(SHIP, form(order))
    answer = desk.post(SHIP, old, headers=PANEL)
    said = text(answer.content.decode())
    assert answer.status_code == 409
    assert "has changed since you saw it" in said
    assert f"In the outbox {USPS} USPS by mai@shop.example" in said
    answer = desk.post(SHIP, form(order, tracking_number=UPS, carrier="72"))
    said = text(answer.content.decode())
    assert answer.status_code == 409
    assert f"mai@shop.example ships it already under {USPS}" in said
    assert Attempt.objects.count() == 1


def test_what_is_typed_is_judged_and_carriers_narrowed(desk: Client, told: Told) -> None:
    told()
    page = desk.get(f"{SHIP}check/", {"tracking_number": "1Z999AA1 0123456784"}).content.decode()
    assert "Good" in text(page)
    assert f"Taken as {UPS}." in text(page)
    fits, others = page.split('label="Others"')
    assert ">UPS</option>" in fits
    assert 'value="72" selected' in fits
    assert ">USPS</option>" in others
    given = {"tracking_number": USPS, "carrier": "72", "guessed": "72"}
    page = desk.get(f"{SHIP}check/", given).content.decode()
    assert 'value="71" selected' in page, "a guess gives way to another number"
    page = desk.get(f"{SHIP}check/", given | {"guessed": ""}).content.decode()
    assert 'value="72" selected' in page, "a person's choice stays"
    assert "Warning" in text(page)
    assert "It looks like a number of USPS." in text(page)
    page = desk.get(f"{SHIP}check/", {"tracking_number": "12#4"}).content.decode()
    assert "Refused" in text(page)
    assert desk.get(f"{SHIP}check/").status_code == 200


def test_a_buyer_who_asks_to_cancel_needs_a_decision(desk: Client, told: Told) -> None:
    order = told(cases=(ASKS,))
    listed = desk.get("/orders/?tab=all").content.decode()
    assert "Decision needed" in listed
    assert "Add Shipment Information to order" not in listed
    assert "answer-link" in listed
    page = desk.get(PATH).content.decode()
    assert "shipping it rejects the buyer's request" in text(page).replace("&#39;", "'")
    assert f"{SHIP}?shop=northwind&amp;despite=yes" in page or "despite=yes" in page
    assert desk.post(SHIP, form(order)).status_code == 409
    asked = desk.get(f"{SHIP}?despite=yes").content.decode()
    assert "Ship it and reject the buyer" in asked
    answer = desk.post(SHIP, form(order, despite="yes"))
    assert (answer.status_code, Attempt.objects.count()) == (422, 0)
    assert "Say that you mean it" in answer.content.decode()
    assert desk.post(SHIP, form(order, despite="yes", sure="yes")).status_code == 302
    assert Attempt.objects.get().despite_request
    assert AuditEntry.objects.filter(kind="shipped_despite", subject=ID).count() == 1


def test_elsewhere_shipping_despite_a_request_is_not_offered(desk: Client, told: Told) -> None:
    Shop.objects.update(region="GB")
    order = told(cases=(ASKS,))
    page = text(desk.get(PATH).content.decode())
    assert "the marketplace refuses a shipment while the buyer waits" in page
    assert desk.post(SHIP, form(order, despite="yes", sure="yes")).status_code == 409
    assert not Attempt.objects.exists()


def test_a_shop_fed_by_files_records_it(desk: Client, told: Told) -> None:
    Shop.objects.update(channel="file")
    order = told()
    page = desk.get(SHIP).content.decode()
    assert "Nobody is called" in page
    given = form(order, carrier="USPS")
    page = desk.post(SHIP, given, follow=True).content.decode()
    assert "is recorded: it goes with the shop" in text(page)
    assert Attempt.objects.get().state == "recorded"


def refuse(attempt: Attempt) -> None:
    ending = Ending(
        attempt.pk,
        "refused",
        reason="The carrier does not know this number.",
        next_step="Check it against the label.",
        code="21011022",
        words="Invalid tracking number",
        request_id="R-77",
    )
    Attempt.objects.filter(pk=attempt.pk).update(state="calling")
    finish([ending], by="the channel", now=clock.now())


def test_what_the_marketplace_refused_is_shown_until_it_is_tried_again(
    desk: Client, told: Told
) -> None:
    order = told()
    desk.post(SHIP, form(order))
    refuse(Attempt.objects.get())
    for address in ("/orders/?tab=all", PATH):
        page = text(desk.get(address).content.decode())
        assert "Refused" in page
        assert "The carrier does not know this number. Check it against the label." in page
    page = desk.get(PATH).content.decode()
    assert "R-77" in page
    assert "Shipment refused" in page
    assert 'id="do-add_shipment"' in page
    desk.post(SHIP, form(order, tracking_number=UPS, carrier="72"))
    assert "does not know this number" not in desk.get("/orders/?tab=all").content.decode()


def shipped(**given: Any) -> dict[str, Any]:
    parcel = make.parcel(tracking_number=USPS, contents=(ParcelContent(0, 2),))
    values = {"stage": Stage.PENDING_COLLECTION, "parcels": (parcel,), "arranged_at": make.NOW}
    return values | {"as_of": make.NOW + timedelta(minutes=1)} | given


def test_a_number_is_corrected_once_within_the_window(desk: Client, told: Told) -> None:
    order = told(**shipped(arranged_at=make.NOW - timedelta(hours=1)))
    page = text(desk.get(PATH).content.decode())
    assert "Until Wed 25 Nov 11:00 UTC" in page
    assert "1 correction." in page
    assert "Marked as shipped Sun 22 Nov 11:00 UTC" in page
    parcel = order.contents.get().parcel
    address = f"/orders/{ID}/correct/?parcel={parcel.pk}"
    page = desk.get(address).content.decode()
    assert USPS in page
    window = "takes one correction within 72 hours: until Wed 25 Nov 11:00 UTC ( 2d 23h )"
    said = text(page)
    assert window in said, said[said.index("Now:") :][:200]
    assert 'data-left="2026-11-25T11:00:00+00:00"' in page
    nul = {"parcel": f"{parcel.pk}\0", "tracking_number": "\0", "carrier": "7\0", "key": "\0"}
    assert desk.post(f"/orders/{ID}/correct/", nul).status_code == 422
    given = form(order, parcel=str(parcel.pk))
    answer = desk.post(address, given)
    assert answer.status_code == 422
    assert "That is its tracking number already." in answer.content.decode()
    given |= {"tracking_number": UPS, "carrier": "72"}
    assert desk.post(address, given).status_code == 302
    attempt = Attempt.objects.get()
    assert (attempt.kind, attempt.state) == ("correct", "waiting")
    finish([Ending(attempt.pk, "done")], by="the channel", now=clock.now())
    page = desk.get(PATH).content.decode()
    assert "It was corrected once already" in page
    assert "Tracking number corrected" in page
    assert desk.get(f"/orders/{ID}/correct/?parcel=0").status_code == 404


def test_a_window_that_is_over_says_so(desk: Client, told: Told) -> None:
    told(**shipped(arranged_at=make.NOW - timedelta(hours=73)))
    page = desk.get(PATH).content.decode()
    assert "The 72 hours in which the marketplace takes a correction are over." in page


def test_what_is_missing_for_the_deadline_is_said(desk: Client, told: Told) -> None:
    told()
    page = text(desk.get(PATH).content.decode())
    assert "Missing: the tracking number, and with it the mark as shipped." in page


def test_shipped_and_not_scanned_in_time_is_not_collected(desk: Client, told: Told) -> None:
    order = told(**shipped())
    Order.objects.filter(pk=order.pk).update(collect_by=make.NOW - timedelta(hours=1))
    for view in ("list", "card"):
        page = desk.get(f"/orders/?tab=all&urgency=overdue&view={view}").content.decode()
        assert "Not collected" in page


class Scanning:
    """A channel that knows scans, or fails."""

    def __init__(self, *scans: ScanFact, fails: bool = False) -> None:
        self.told, self.fails, self.asked = scans, fails, 0

    def scans(self, order_id: str) -> tuple[ScanFact, ...]:
        self.asked += 1
        if self.fails:
            raise ChannelFailure(
                FailureKind.TRANSIENT, operation="tracking", sentence="It does not answer."
            )
        return self.told


@pytest.fixture
def scanning(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Scanning]:
    def use(*scans: ScanFact, fails: bool = False) -> Scanning:
        channel = Scanning(*scans, fails=fails)
        monkeypatch.setattr(registry, "open_channel", lambda _: channel)
        return channel

    return use


def scan(words: str, hours: float = -1) -> ScanFact:
    return ScanFact(at=make.NOW + timedelta(hours=hours), words=words, tracking_number=USPS)


def test_scans_are_read_when_asked_for_and_make_tags(
    desk: Client, told: Told, scanning: Callable[..., Scanning]
) -> None:
    order = told(**shipped())
    channel = scanning(
        scan("Delivered, PORTLAND, OR 97201"), scan("Label created", hours=-36), scan("x")
    )
    desk.get(PATH)
    assert channel.asked == 0
    page = desk.post(f"{PATH}scans/", headers={"HX-Request": "true"}).content.decode()
    assert page.index("Delivered, PORTLAND") < page.index("Label created")
    desk.post(f"{PATH}scans/")
    assert (channel.asked, Scan.objects.count()) == (1, 3)
    assert Tracking.objects.get().tags == ["address", "timestamp"]
    page = desk.get(PATH).content.decode()
    assert "Timestamp issue" in page
    assert "Tracking address issue" in page
    for query in ("logistics_tag=timestamp", "logistics_tag=address", "urgency=logistics_issue"):
        listed = desk.get(f"/orders/?tab=all&{query}").content.decode()
        assert f'data-order="{ID}"' in listed, query
        assert "Timestamp issue" in listed
    assert 'data-card="logistics_issue" data-count="1"' in listed
    Tracking.objects.update(read_at=make.NOW - timedelta(minutes=11))
    scanning(scan("Delivered, AUSTIN, TX 78701"))
    desk.post(f"{PATH}scans/")
    assert Tracking.objects.get().tags == []
    assert Scan.objects.filter(order=order).count() == 4


def test_scans_that_cannot_be_read_say_so(
    desk: Client, told: Told, scanning: Callable[..., Scanning]
) -> None:
    told(**shipped())
    scanning(fails=True)
    page = desk.post(f"{PATH}scans/", headers={"HX-Request": "true"}).content.decode()
    assert "The scans could not be read. It does not answer." in page
    page = desk.post(f"{PATH}scans/", follow=True).content.decode()
    assert "The scans could not be read. It does not answer." in page
    assert not Tracking.objects.exists()


def facts(many: int) -> list[OrderFact]:
    parcel = make.parcel(package_id="", contents=())
    return [
        make.order(
            f"57700000000000{at:04}",
            shipping=Shipping.SELLER,
            cases=(ASKS,) if at % 3 == 0 else (),
            stage=Stage.PENDING_COLLECTION if at % 4 == 0 else Stage.AWAITING_SHIPMENT,
            parcels=(parcel,) if at % 4 == 0 else (),
        )
        for at in range(many)
    ]


def queries(desk: Client, shop: Shop, many: int) -> int:
    apply(shop, facts(many), Source(by="tests", now=make.NOW))
    for order in Order.objects.all():
        Tracking.objects.get_or_create(order=order, read_at=make.NOW, tags=["timestamp"])
        Attempt.objects.create(
            kind="ship",
            state="refused",
            shop=shop,
            order=order,
            tracking_number=USPS,
            by="mai",
            asked_at=make.NOW,
            due_at=make.NOW,
            reason="No.",
        )
    with CaptureQueriesContext(
        connection,
    ) as asked:
        page = desk.get("/orders/?tab=all").content.decode()
    assert page.count("Timestamp issue") >= many
    return len(asked)


def test_a_list_of_shipments_costs_no_more_than_one_of_none(desk: Client, shop: Shop) -> None:
    with CaptureQueriesContext(connection) as asked:
        desk.get("/orders/?tab=all")
    few, many = queries(desk, shop, 3), queries(desk, shop, 50)
    assert few == many
    # The parts of rows: lines, contents, cases, holds, attempts, notes, labels.
    assert many - len(asked) <= 8
