"""The file for the carrier: whose address it holds, whose it does not, who may have it, and that it
comes back as a file of shipments.
"""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from openpyxl import load_workbook

from shipboard.accounts.access import COMMAND_LINE, NotAllowed, access_of
from shipboard.accounts.models import User
from shipboard.accounts.roles import Role
from shipboard.channels.contract import CaseKind, Shipping, Stage
from shipboard.channels.models import Shop
from shipboard.exports.exports import begin
from shipboard.exports.layouts import BadLayout
from shipboard.exports.models import ExportSchedule
from shipboard.exports.schedules import schedule_export
from shipboard.exports.write import plan
from shipboard.fulfilment.shipping import ShipWish, ask_to_ship
from shipboard.ingest.apply import Source, apply
from shipboard.orders.attempts import Attempt
from shipboard.orders.holds import place_hold
from shipboard.orders.models import Case, Order
from shipboard.uploads.uploads import take
from tests import make
from tests.exports.files import exported, table, wanted

pytestmark = pytest.mark.django_db(transaction=True)
WHOLE = {
    "name": "Dana Whitfield",
    "phone": "+1 555 010 0199",
    "country": "United States",
    "state": "Ohio",
    "city": "Dayton",
    "postal_code": "04543",
    "address": "7 Canal Street",
    "address_extra": "Flat 3",
}
NUMBER = "1Z999AA10123456784"
HANDOFF = wanted("sort=created", layout="handoff", unmasked=True)


@pytest.fixture
def shop() -> Shop:
    return make.shop("Paper")


def place(shop: Shop, order_id: str, recipient: dict[str, str], **given: Any) -> Order:
    values = {"shipping": Shipping.SELLER, "recipient": recipient, "delivery_option": "Standard"}
    apply(shop, [make.order(order_id, **values | given)], Source(by="tests", now=make.NOW))
    return Order.objects.get(order_id=order_id)


def ship(order: Order, **given: Any) -> Attempt:
    wish = ShipWish(tracking_number=NUMBER, carrier="UPS", service="Ground", **given)
    return ask_to_ship(order, wish, access=COMMAND_LINE, now=make.NOW, wall=make.NOW)


def test_a_row_has_all_that_a_carrier_asks_for(shop: Shop) -> None:
    lines = (make.line(quantity=2), make.line(sku_id="2", seller_sku="PLATE-01"))
    parcel = make.parcel(tracking_number="", weight_kg=Decimal("1.2"))
    ship(place(shop, "1", WHOLE, lines=lines, parcels=(parcel,)))
    [row] = table(HANDOFF)
    assert row == {
        "Order ID (reference)": "1",
        "Shop": "Paper",
        "Recipient": "Dana Whitfield",
        "Phone": "'+1 555 010 0199",
        "Country": "United States",
        "State": "Ohio",
        "City": "Dayton",
        "District": "",
        "Commune": "",
        "Zipcode": "04543",
        "Detail Address": "7 Canal Street",
        "Additional address information": "Flat 3",
        "House Name or Number": "",
        "Delivery Instruction": "",
        "Weight (kg)": "1.200",
        "Units": "3",
        "Contents": "2 x MUG-01; 1 x PLATE-01",
        "Delivery option": "Standard",
        "Tracking number": NUMBER,
        "Carrier": "UPS",
        "Service": "Ground",
        "Problem": "",
    }


@pytest.mark.parametrize(
    ("hidden", "said", "kept"),
    [
        ({"name": "D**** W****"}, "masks the recipient", ""),
        ({"address": "7 C****"}, "masks the recipient", ""),
        ({"postal_code": "0****"}, "masks the recipient", ""),
        ({"name": ""}, "not known whole", ""),
        ({"address": ""}, "not known whole", ""),
        ({"country": ""}, "not known whole", ""),
        ({"phone": "(+1)555*****99"}, "phone number is masked or missing", "Dayton"),
        ({"phone": ""}, "phone number is masked or missing", "Dayton"),
        ({"delivery_instruction": "Ring ****"}, "", "Dayton"),
    ],
)
def test_nothing_masked_gets_in(shop: Shop, hidden: dict[str, str], said: str, kept: str) -> None:
    place(shop, "1", WHOLE | hidden)
    [row] = table(HANDOFF)
    assert said in row["Problem"]
    assert bool(row["Problem"]) == bool(said)
    assert "*" not in "".join(row.values())
    assert row["City"] == kept
    if not kept:
        assert not {"Dana Whitfield", "7 Canal Street", "'+1 555 010 0199"} & set(row.values())


def test_an_order_without_a_recipient_is_a_row_with_a_problem(shop: Shop) -> None:
    place(shop, "1", {})
    [row] = table(HANDOFF)
    assert "not known whole" in row["Problem"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"stage": Stage.CANCELED}, "canceled"),
        ({"stage": Stage.UNPAID}, "not to be shipped yet"),
        ({"stage": Stage.ON_HOLD, "paid_at": make.NOW - make.HOUR / 2}, "not to be shipped yet"),
        ({"stage": Stage.UNKNOWN}, "not to be shipped yet"),
        ({"stage": Stage.IN_TRANSIT}, "has had its parcel"),
        ({"stage": Stage.DELIVERED}, "has had its parcel"),
        ({"stage": Stage.CLOSED}, "has had its parcel"),
        ({"is_platform_fulfilled": True}, "its own warehouse"),
        ({"shipping": Shipping.PLATFORM}, "create its shipping label"),
        ({"stage": Stage.ON_HOLD, "paid_at": make.NOW - 2 * make.HOUR}, ""),
        ({"stage": Stage.PARTIALLY_SHIPPED}, ""),
        ({"stage": Stage.PENDING_COLLECTION}, ""),
        ({"shipping": Shipping.UNSAID}, ""),
    ],
)
def test_only_what_is_to_be_handed_over_has_an_address(
    shop: Shop, given: dict[str, Any], said: str
) -> None:
    place(shop, "1", WHOLE, **given)
    [row] = table(HANDOFF)
    assert said in row["Problem"]
    assert bool(row["Problem"]) == bool(said)
    assert bool(row["City"]) != bool(said)


def test_what_is_held_here_stays(shop: Shop) -> None:
    place_hold(place(shop, "1", WHOLE), reason="Stock is counted", by="mai", now=make.NOW)
    [row] = table(HANDOFF)
    assert "held here" in row["Problem"]
    assert not row["City"]


def test_units_that_are_canceled_are_not_packed(shop: Shop) -> None:
    partly = make.line(quantity=3, extra={"canceled_units": "1"})
    gone = make.line(sku_id="2", seller_sku="PLATE-01", extra={"canceled_units": "1"})
    place(shop, "1", WHOLE, lines=(partly, gone))
    [row] = table(HANDOFF)
    assert row["Units"] == "2"
    assert row["Contents"] == "2 x MUG-01"


def test_numbers_are_those_that_count(shop: Shop) -> None:
    refused, corrected, taken_back = (place(shop, each, WHOLE) for each in ("1", "2", "3"))
    Attempt.objects.filter(pk=ship(refused).pk).update(state="refused")
    Attempt.objects.filter(pk=ship(corrected).pk).update(state="done", package_id="P")
    Attempt.objects.create(
        kind="correct",
        state="done",
        shop=shop,
        order=corrected,
        package_id="P",
        tracking_number="RA123456785GB",
        by="mai",
        asked_at=make.NOW,
        due_at=make.NOW,
        ended_at=make.NOW,
    )
    gone = make.NOW - make.HOUR
    Attempt.objects.filter(pk=ship(taken_back).pk).update(state="done", ended_at=gone)
    numbers = {row["Order ID (reference)"]: row["Tracking number"] for row in table(HANDOFF)}
    assert numbers == {"1": "", "2": "RA123456785GB", "3": ""}


def test_it_is_never_masked_and_only_for_those_who_may_see_buyers(shop: Shop) -> None:
    place(shop, "1", WHOLE)
    masked = replace(HANDOFF, unmasked=False)
    with pytest.raises(BadLayout, match="ask for it unmasked"):
        plan(masked, COMMAND_LINE, make.NOW)
    packer = User.objects.create_user("tam@shop.example", "a long password", role=Role.PACKER)
    for what, refusal in ((HANDOFF, NotAllowed), (masked, BadLayout)):
        with pytest.raises(refusal):
            begin(what, key=uuid4(), access=access_of(packer), now=make.NOW)
        schedule = ExportSchedule(
            name="Carrier", timezone="UTC", at="06:00", layout="handoff", unmasked=what.unmasked
        )
        with pytest.raises(refusal):
            schedule_export(schedule, access=access_of(packer), now=make.NOW)


@pytest.mark.parametrize("format_", ["csv", "xlsx"])
def test_what_the_carrier_gives_back_is_a_file_of_shipments(
    shop: Shop, format_: str, tmp_path: Path
) -> None:
    place(shop, "576000000000000001", WHOLE)
    content, _ = exported(replace(HANDOFF, format=format_))
    back = tmp_path / f"carrier.{format_}"
    back.write_bytes(_filled(content, format_))
    upload = take(shop, back, file_name=back.name, key=uuid4(), access=COMMAND_LINE, now=make.NOW)
    assert (upload.rows, upload.good, upload.refused) == (1, 1, 0)


def _filled(content: bytes, format_: str) -> bytes:
    """With a number and a carrier, as the carrier's people would type them."""
    typed = {"Tracking number": NUMBER, "Carrier": "UPS"}
    out = io.BytesIO()
    if format_ == "xlsx":
        book = load_workbook(io.BytesIO(content))
        sheet = book.worksheets[0]
        names = [cell.value for cell in sheet[1]]
        for name, value in typed.items():
            sheet.cell(row=2, column=names.index(name) + 1).value = value
        book.save(out)
        return out.getvalue()
    header, row = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    given = [typed.get(name, cell) for name, cell in zip(header, row, strict=True)]
    text = io.StringIO()
    csv.writer(text).writerows([header, given])
    return text.getvalue().encode()


def test_what_is_being_canceled_has_no_address_and_says_so(shop: Shop) -> None:
    for order_id in ("1", "2", "3", "4", "5", "6"):
        place(shop, order_id, WHOLE)
    # Decided for at the marketplace: a moment ago, and so long ago that the rest may go.
    for order_id, changed_at in (("5", make.NOW - make.HOUR / 60), ("6", make.NOW - make.HOUR)):
        Case.objects.create(
            order=Order.objects.get(order_id=order_id),
            kind=CaseKind.CANCELLATION,
            is_open=False,
            is_granted=True,
            changed_at=changed_at,
        )
    Case.objects.create(
        order=Order.objects.get(order_id="2"), kind=CaseKind.CANCELLATION, is_open=True
    )
    # The last is told of as it was before.
    for order_id, state in (("3", Attempt.State.WAITING), ("4", Attempt.State.DONE)):
        order = Order.objects.get(order_id=order_id)
        Attempt.objects.create(
            kind=Attempt.Kind.CANCEL,
            state=state,
            shop=shop,
            order=order,
            asked_at=order.as_of,
            due_at=order.as_of,
            ended_at=order.as_of,
        )
    rows = {row["Order ID (reference)"]: row for row in table(HANDOFF)}
    assert {order_id: bool(row["City"]) for order_id, row in rows.items()} == {
        "1": True,
        "2": False,
        "3": False,
        "4": False,
        "5": False,
        "6": True,
    }
    assert not rows["1"]["Problem"]
    assert all("keep it back" in rows[each]["Problem"] for each in ("2", "3", "4", "5"))
