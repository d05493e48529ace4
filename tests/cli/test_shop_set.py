"""`shipboard shop set`: the clock rules and how shipments leave, each without the other."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from click.testing import CliRunner, Result

from shipboard.accounts.models import AuditEntry
from shipboard.channels.models import Shop
from shipboard.cli import main, orders
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def shop(monkeypatch: pytest.MonkeyPatch) -> Shop:
    """And a command that finds the database of the tests."""
    monkeypatch.setattr(orders, "desk", nullcontext)
    return make.shop()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["shop", "set", "northwind", *arguments])


def kinds() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("kind", flat=True))


def test_it_sets_how_shipments_leave_and_nothing_else(shop: Shop) -> None:
    ran = run("--undo-seconds", "0")
    assert (ran.exit_code, ran.stdout) == (
        0,
        "Northwind ships with an undo window of 0 s and 10 calls at once.\n",
    )
    assert run("--in-flight", "3").exit_code == 0
    shop.refresh_from_db()
    assert (shop.undo_seconds, shop.in_flight, shop.dispatch_hours) == (0, 3, 48)
    assert kinds() == ["sending_set", "sending_set"]


def test_it_sets_clock_rules_and_nothing_else(shop: Shop) -> None:
    assert run("--dispatch-hours", "24").exit_code == 0
    shop.refresh_from_db()
    assert (shop.dispatch_hours, shop.undo_seconds, shop.in_flight) == (24, 120, 10)
    assert kinds() == ["rules_changed"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--undo-seconds", "3601"), "between 0 and 3600 seconds; 3601 was given"),
        (("--undo-seconds", "-1"), "between 0 and 3600 seconds"),
        (("--in-flight", "0"), "between 1 and 20; 0 was given"),
        (("--in-flight", "21", "--dispatch-hours", "24"), "between 1 and 20"),
        (("--undo-seconds", "5", "--dispatch-hours", "0", "--after-sales-days", "-1"), "After"),
    ],
)
def test_a_bad_value_changes_nothing(shop: Shop, given: tuple[str, ...], said: str) -> None:
    ran = run(*given)
    assert ran.exit_code == 2
    assert said in ran.stderr
    shop.refresh_from_db()
    assert (shop.undo_seconds, shop.in_flight, shop.dispatch_hours) == (120, 10, 48)
    assert kinds() == []
