"""`shipboard orders`: what it says of each order beside its deadlines."""

from __future__ import annotations

import json
from contextlib import nullcontext

import pytest
from click.testing import CliRunner

from shipboard.channels.contract import CaseFact, CaseKind, Shipping
from shipboard.cli import main, orders
from shipboard.ingest.apply import Source, apply
from shipboard.orders.holds import place_hold
from shipboard.orders.models import Order
from tests import make

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    ran = CliRunner().invoke(main, ["orders", "sort=created", *arguments])
    assert ran.exit_code == 0, ran.output
    return ran.stdout


@pytest.fixture(autouse=True)
def three_orders(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two the buyer asks to cancel, and that one is held."""
    monkeypatch.setattr(orders, "desk", nullcontext)
    monkeypatch.setenv("SHIPBOARD_NOW", make.NOW.isoformat())
    asked = CaseFact(kind=CaseKind.CANCELLATION, is_open=True, reason="Too late")
    facts = [
        make.order("1", shipping=Shipping.SELLER, created_at=make.NOW - 3 * make.HOUR),
        make.order(
            "2",
            shipping=Shipping.SELLER,
            created_at=make.NOW - 2 * make.HOUR,
            cases=(asked,),
        ),
        make.order(
            "3",
            shipping=Shipping.PLATFORM,
            created_at=make.NOW - make.HOUR,
            cases=(asked,),
        ),
    ]
    apply(make.shop(), facts, Source(by="tests", now=make.NOW))
    held = Order.objects.get(order_id="2")
    place_hold(held, reason="Stain", by="Lee", now=make.NOW)


def test_a_request_to_cancel_is_told_in_the_desks_words() -> None:
    told = {line.split("  ")[0]: line for line in run().splitlines()[2:]}
    assert told["1"].endswith("12.50 USD")
    assert told["2"].endswith("12.50 USD  Held here, Decision needed, Cancel asked")
    assert told["3"].endswith("12.50 USD  Cancel asked")


def test_programs_hear_of_it_too() -> None:
    found = {each["order_id"]: each for each in json.loads(run("--json"))["orders"]}
    assert {name: each["asks_to_cancel"] for name, each in found.items()} == {
        "1": False,
        "2": True,
        "3": True,
    }
    assert found["1"]["marks"] == []
    assert found["3"]["marks"] == ["Cancel asked"]
