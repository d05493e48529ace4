"""A file from the sending to its end: begun once, every row with what became of it."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from openpyxl import load_workbook

from shipboard.accounts.access import Access, NotAllowed
from shipboard.accounts.models import AuditEntry
from shipboard.channels import registry
from shipboard.channels.contract import Stage
from shipboard.channels.models import Shop
from shipboard.clock import wall
from shipboard.fulfilment import outbox, pausing, runner, sending
from shipboard.fulfilment.models import Run
from shipboard.ingest.removal import remove_shop
from shipboard.ingest.sync import sync
from shipboard.orders.attempts import Attempt
from shipboard.orders.models import Order
from shipboard.uploads import uploads
from shipboard.uploads.models import ShipmentUpload, UploadFile, UploadRow
from shipboard.uploads.result_files import to_mend
from shipboard.uploads.results import TO_MEND, Result, counts_of, rows_of
from shipboard.uploads.uploads import NothingToShip, NotKept, begin, plain_file, purge, take
from tests import make
from tests.fulfilment.shipping_channel import ShippingChannel, carriers
from tests.ingest.fake_channel import Clock, connected_shop
from tests.uploads.conftest import (
    MAI,
    MUG,
    Send,
    Write,
    long_row,
    number,
    order_id,
    place,
    two_skus,
)


def go(upload: ShipmentUpload) -> ShipmentUpload:
    """Begin it, and let the worker carry the run on."""
    run = begin(upload, access=MAI, now=make.NOW)
    runner.carry_on(run.pk, lambda: make.NOW)
    upload.refresh_from_db()
    return upload


def results(upload: ShipmentUpload) -> dict[int, tuple[str, str]]:
    return {row.row: (row.result, row.why) for row in rows_of(upload)}


def test_a_file_is_recorded_for_a_shop_that_nobody_can_call(shop: Shop, send: Send) -> None:
    for at in (1, 2):
        place(shop, at, lines=two_skus())
    upload = send(
        [
            long_row(1, number(1)),
            long_row(2, number(2), sku=MUG, quantity="1"),
            long_row(2, number(3), sku=MUG, quantity="1"),
            long_row(9, number(9)),
        ]
    )
    assert (upload.rows, upload.good, upload.refused, upload.orders) == (4, 3, 1, 2)
    assert counts_of(upload) == {Result.GOOD: 3, Result.REFUSED: 1}
    assert Attempt.objects.count() == 0
    go(upload)
    assert counts_of(upload) == {Result.RECORDED: 3, Result.REFUSED: 1}
    attempts = list(Attempt.objects.order_by("pk"))
    assert [each.tracking_number for each in attempts] == [number(1), number(2), number(3)]
    assert [each.units.count() for each in attempts] == [3, 1, 1]
    assert all(each.is_bulk and each.by == "mai" for each in attempts)
    assert upload.run is not None
    assert upload.run.chosen == f"2 orders of the file {upload.file_name}"


def test_the_same_file_twice_changes_nothing(shop: Shop, send: Send) -> None:
    rows = [long_row(at, number(at)) for at in (1, 2)]
    for at in (1, 2):
        place(shop, at)
    first, second = send(rows), send(rows)
    go(first)
    go(second)  # judged before the first was begun
    assert counts_of(second) == {Result.UNCHANGED: 2}
    third = send(rows)
    assert (third.unchanged, third.orders) == (2, 0)
    with pytest.raises(NothingToShip):
        begin(third, access=MAI, now=make.NOW)
    assert Attempt.objects.count() == 2


def test_a_double_click_begins_one_run(shop: Shop, send: Send) -> None:
    place(shop, 1)
    key = uuid4()
    upload = send([long_row(1, number(1))], key=key)
    assert send([long_row(1, number(1))], key=key) == upload
    one = begin(upload, access=MAI, now=make.NOW)
    assert begin(upload, access=Access(by="lan"), now=make.NOW) == one
    assert Run.objects.count() == 1


def test_what_changed_since_the_preview_fails_with_its_reason(shop: Shop, send: Send) -> None:
    gone, held = place(shop, 1), place(shop, 2)
    place(shop, 3)
    upload = send([long_row(at, number(at)) for at in (1, 2, 3)])
    assert upload.good == 3
    gone.delete()
    Order.objects.filter(pk=held.pk).update(stage="in_transit")
    go(upload)
    found = results(upload)
    assert found[3] == (Result.REFUSED, "The order was gone when the file was begun.")
    assert found[4] == (Result.FAILED, "It is on its way already.")
    assert found[5][0] == Result.RECORDED
    assert sum(counts_of(upload).values()) == upload.rows


def test_who_may_not_work_sends_nothing(shop: Shop, write: Write) -> None:
    place(shop, 1)
    path = write([long_row(1, number(1))])
    nobody = Access(by="tam", rights=frozenset())
    with pytest.raises(NotAllowed):
        take(shop, path, file_name="x", key=uuid4(), access=nobody, now=make.NOW)
    assert ShipmentUpload.objects.count() == 0


def test_the_file_is_sealed_and_goes_after_thirty_days(
    shop: Shop, send: Send, settings: Any
) -> None:
    place(shop, 1)
    upload = send([long_row(1, number(1))], kind="csv")
    assert number(1).encode() not in bytes(UploadFile.objects.get().sealed)
    with plain_file(upload) as path:
        assert number(1) in path.read_text(encoding="utf-8-sig")
    assert not path.exists()
    (entry,) = AuditEntry.objects.filter(kind="shipments_sent")
    assert (entry.by, entry.subject, entry.detail["rows"]) == ("mai", shop.name, 1)
    purge(make.NOW + timedelta(days=30))
    assert UploadFile.objects.count() == 1
    purge(make.NOW + timedelta(days=30, seconds=1))
    assert (UploadFile.objects.count(), UploadRow.objects.count()) == (0, 0)
    upload.refresh_from_db()
    assert counts_of(upload)[Result.GOOD] == 1
    with pytest.raises(NotKept, match="30 days"), plain_file(upload):
        pass


def test_another_secret_key_opens_nothing(shop: Shop, send: Send, settings: Any) -> None:
    place(shop, 1)
    upload = send([long_row(1, number(1))])
    settings.SECRET_KEY = "another"
    with pytest.raises(NotKept, match="SHIPBOARD_SECRET_KEY"), plain_file(upload):
        pass


def test_files_go_with_their_shop(shop: Shop, send: Send) -> None:
    place(shop, 1)
    go(send([long_row(1, number(1))]))
    remove_shop(shop)
    assert ShipmentUpload.objects.count() == UploadFile.objects.count() == 0
    assert Run.objects.count() == 1


def test_only_those_of_the_shop_see_a_file(shop: Shop, send: Send) -> None:
    place(shop, 1)
    upload = send([long_row(1, number(1))])
    other = make.shop("Other")
    assert uploads.seen_by(Access(by="a", shop_ids=frozenset({shop.pk}))).get() == upload
    assert not uploads.seen_by(Access(by="a", shop_ids=frozenset({other.pk}))).exists()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def market(db: None, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> ShippingChannel:
    shop = connected_shop("Market", dispatch_hours=None, auto_cancel_hours=None)
    Shop.objects.filter(pk=shop.pk).update(in_flight=1)
    carriers(shop)
    made = ShippingChannel(clock)
    monkeypatch.setattr(registry, "open_channel", lambda shop: made)
    for at in range(1, 5):
        made.place_order(order_id(at), units=2, buyer_username=f"buyer_{at}")
    sync(shop, clock)
    return made


def test_rows_follow_their_shipments_to_the_marketplace(
    market: ShippingChannel, clock: Clock, send: Send
) -> None:
    shop = Shop.objects.get(name="Market")
    upload = send(
        [
            long_row(1, number(1)),
            long_row(2, number(2), sku=MUG, quantity="1"),
            long_row(2, number(3), sku=MUG, quantity="1"),
            long_row(3, number(4)),
            long_row(4, number(5)),
        ],
        of=shop,
    )
    assert (upload.good, upload.orders) == (5, 4)
    run = begin(upload, access=MAI, now=clock.now)
    assert counts_of(upload_again(upload)) == {Result.WAITING: 5}
    runner.carry_on(run.pk, clock)
    assert counts_of(upload) == {Result.SENDING: 5}
    undone = Attempt.objects.get(tracking_number=number(5))
    outbox.revoke(undone, access=MAI, now=clock.now)
    market.change(order_id(3), stage=Stage.CANCELED)
    clock.pass_(seconds=150)
    sending.carry_on(shop.pk, clock, lambda: wall() + timedelta(seconds=150))
    found = results(upload)
    assert [found[row][0] for row in (3, 4, 5, 7)] == [
        *[Result.SHIPPED] * 3,
        Result.UNDONE,
    ]
    assert found[6][0] == Result.FAILED
    assert found[6][1]
    assert sum(counts_of(upload).values()) == upload.rows
    shipped = sorted((each[0], len(each[1]), each[2]) for each in market.shipped)
    assert shipped == [
        (order_id(1), 2, number(1)),
        (order_id(2), 1, number(2)),
        (order_id(2), 1, number(3)),
    ]


@pytest.mark.parametrize("is_carried", [True, False])
def test_what_was_called_off_is_not_begun_and_to_mend(
    market: ShippingChannel, clock: Clock, send: Send, is_carried: bool
) -> None:
    shop = Shop.objects.get(name="Market")
    upload = send([long_row(at, number(at)) for at in range(1, 5)], of=shop, kind="csv")
    run = begin(upload, access=MAI, now=clock.now)
    undone = []
    if is_carried:
        runner.carry_on(run.pk, clock)
        outbox.revoke(Attempt.objects.get(tracking_number=number(1)), access=MAI, now=clock.now)
        undone = [Result.UNDONE]
    clock.pass_(seconds=1)
    pausing.call_off(run, access=MAI, now=clock.now)
    found = list(results(upload_again(upload)).values())
    of_run = found[len(undone) :]
    assert [result for result, _ in found] == [*undone, *[Result.NOT_BEGUN] * len(of_run)]
    assert {why for _, why in of_run} == {"Not begun: mai called the rest of the run off."}
    assert Result.NOT_BEGUN in TO_MEND
    assert to_mend(upload).decode().count("Not begun,") == len(of_run)


def test_rows_that_are_not_filled_in_are_left_out(shop: Shop, send: Send) -> None:
    for at in (1, 2, 3):
        place(shop, at)
    rows = [long_row(1, number(1)), long_row(2, "", carrier=""), long_row(3, "")]
    upload = send([*rows, long_row(9, "", carrier="")])
    before = {Result.GOOD: 1, Result.LEFT_OUT: 2, Result.REFUSED: 1}
    assert counts_of(upload) == before
    assert (upload.unchanged, upload.refused) == (2, 1)
    go(upload)
    assert counts_of(upload) == {Result.RECORDED: 1, Result.LEFT_OUT: 2, Result.REFUSED: 1}
    assert results(upload)[4][1].startswith("Neither a tracking number nor a carrier")
    sheet = load_workbook(io.BytesIO(to_mend(upload)))["Shipping info"]
    assert [sheet["A3"].value, sheet["A4"].value] == [order_id(3), None]


def upload_again(upload: ShipmentUpload) -> ShipmentUpload:
    upload.refresh_from_db()
    return upload
