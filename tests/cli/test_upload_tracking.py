"""`shipboard upload-tracking`: what goes in, what comes out, and how it ends."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from shipboard.channels.models import Shop
from shipboard.cli import main, orders
from shipboard.orders.attempts import Attempt
from shipboard.uploads.models import ShipmentUpload
from tests import make
from tests.fulfilment.shipping_channel import carriers
from tests.ingest.fake_channel import connected_shop
from tests.uploads.conftest import (
    PAYLOADS,
    Rows,
    Write,
    long_row,
    number,
    order_id,
    place,
    write,
)

__all__ = ["write"]


@pytest.fixture(autouse=True)
def here(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process, on the database of the tests."""
    monkeypatch.setattr(orders, "desk", nullcontext)
    monkeypatch.setenv("SHIPBOARD_NOW", make.NOW.isoformat())


def upload(path: Path | str, *more: str, shop: str = "northwind", code: int = 0) -> Any:
    done = CliRunner().invoke(main, ["upload-tracking", str(path), "--shop", shop, *more])
    assert done.exit_code == code, done.output
    assert "Traceback" not in done.output
    return done


def told(path: Path, code: int = 0, shop: str = "northwind") -> dict[str, Any]:
    return dict(json.loads(upload(path, "--json", code=code, shop=shop).stdout))


@pytest.fixture
def rows() -> Rows:
    shop = make.shop()
    for at in (1, 2):
        place(shop, at)
    return [
        long_row(1, number(1)),
        long_row(2, number(2), carrier="FedEx"),
        long_row(9, number(9)),
    ]


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_rows_are_taken_warned_and_refused(rows: Rows, write: Write, kind: str) -> None:
    said = told(write(rows, kind=kind), code=3)
    (warned,) = said.pop("warned")
    assert (warned["row"], warned["order_id"]) == (4, order_id(2))
    assert "UPS" in warned["reason"]
    assert said == {
        "rows": 3,
        "accepted": 2,
        "unchanged": 0,
        "refused": [
            {
                "row": 5,
                "order_id": order_id(9),
                "reason": "Northwind has no order with this ID.",
            }
        ],
    }
    assert Attempt.objects.filter(state=Attempt.State.RECORDED, by="command line").count() == 2


def test_the_same_file_twice_changes_nothing(rows: Rows, write: Write) -> None:
    path = write(rows[:2])
    assert told(path)["accepted"] == 2
    again = told(path)
    assert again == {"rows": 2, "accepted": 0, "unchanged": 2, "warned": [], "refused": []}
    assert Attempt.objects.count() == 2
    assert ShipmentUpload.objects.count() == 2


def test_a_templates_rows_that_are_not_filled_in_are_no_fault(rows: Rows, write: Write) -> None:
    path = write([rows[0], long_row(2, "", carrier="")])
    assert told(path) == {"rows": 2, "accepted": 1, "unchanged": 1, "warned": [], "refused": []}
    assert told(write([rows[0], long_row(2, "")]), code=3)["refused"][0]["row"] == 4


def test_people_get_words(rows: Rows, write: Write) -> None:
    done = upload(write(rows), code=3)
    assert done.stdout == "3 rows: 2 accepted, 0 as before, 1 refused.\n"
    assert f"Row 5, order {order_id(9)}: Northwind has no order with this ID." in done.stderr
    assert "Note: Row 4" in done.stderr
    assert "recorded here" in done.stderr


def test_a_connected_shop_is_told_who_sends(write: Write) -> None:
    shop = connected_shop("Market", dispatch_hours=None, auto_cancel_hours=None)
    carriers(shop)
    place(shop, 1)
    path = write([long_row(1, number(1))])
    done = upload(path, "--json", shop="market")
    assert json.loads(done.stdout)["accepted"] == 1
    assert "by the worker" in done.stderr
    assert Attempt.objects.get().state == Attempt.State.WAITING
    assert told(path, shop="market")["unchanged"] == 1


@pytest.mark.parametrize("name", ["tracking-upload-template.xlsx", "orders-expected.json", "gone"])
def test_what_cannot_be_read_changes_nothing(name: str) -> None:
    make.shop()
    done = upload(PAYLOADS / name, "--json", code=2)
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert ShipmentUpload.objects.count() == 0


def test_a_shop_that_there_is_not(write: Write) -> None:
    done = upload(write([long_row(1, number(1))]), shop="nowhere", code=2)
    assert "There is no shop 'nowhere'" in done.stderr
    assert not Shop.objects.exists()
