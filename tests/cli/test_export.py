"""`shipboard export`: the file at once or not at all, private, and what it says."""

from __future__ import annotations

import hashlib
import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from shipboard.accounts.models import AuditEntry
from shipboard.cli import main, orders
from shipboard.ingest.apply import Source, apply
from shipboard.orders.models import Order
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def two_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    """And a command that finds the database of the tests."""
    from contextlib import nullcontext

    monkeypatch.setattr(orders, "desk", nullcontext)
    monkeypatch.setenv("SHIPBOARD_NOW", "2026-11-22T12:00:00+00:00")
    facts = [make.order(f"57600000000000000{n}", recipient={"phone": "5550102"}) for n in (1, 2)]
    apply(make.shop(), facts, Source(by="tests", now=make.NOW))


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["export", *map(str, arguments)])


def test_it_prints_what_it_wrote(tmp_path: Path) -> None:
    out = tmp_path / "orders.xlsx"
    ran = run("tab=all", "--layout", "lines", "--format", "xlsx", "--out", out, "--json")
    assert ran.exit_code == 0, ran.output
    sha256 = hashlib.sha256(out.read_bytes()).hexdigest()
    assert json.loads(ran.stdout) == {"orders": 2, "rows": 2, "sha256": sha256, "shortened": 0}
    assert ran.stderr == ""
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["orders.xlsx"]
    assert not AuditEntry.objects.exists()


def test_it_says_how_many_cells_excel_has_no_room_for(tmp_path: Path) -> None:
    Order.objects.update(buyer_message="long " * 8_000)
    out = tmp_path / "orders.xlsx"
    for layout, where in (("orders", "“Buyer message”"), ("tiktok", "“Buyer Message”")):
        ran = run("sort=created", "--layout", layout, "--format", "xlsx", "--out", out, "--json")
        told = json.loads(ran.stdout)
        assert (ran.exit_code, told["shortened"]) == (0, 2)
        first = f"the first is {where} of order 576000000000000001 in row 2."
        assert first in told["warning"]
        assert ran.stderr.strip() == told["warning"]
    assert run("", "--format", "xlsx", "--out", out).stderr.startswith("2 cells were shortened")
    assert json.loads(run("", "--out", tmp_path / "o.csv", "--json").stdout)["shortened"] == 0


def test_unmasked_is_noted(tmp_path: Path) -> None:
    out = tmp_path / "orders.csv"
    assert run("", "--out", out).exit_code == 0
    assert b"5550102" not in out.read_bytes()
    assert run("", "--out", out, "--unmasked").exit_code == 0
    assert b"5550102" in out.read_bytes()
    assert AuditEntry.objects.get().kind == "export_unmasked"


@pytest.mark.parametrize(
    "arguments",
    [
        ("tab=nowhere",),
        ("", "--layout", "invoice"),
        ("", "--format", "pdf"),
        ("", "--layout", "orders", "--columns", "order_id,nothing"),
        ("shop=nobody",),
        ("", "--layout", "orders", "--with-description"),
        ("", "--layout", "invoice", "--with-description"),
        ("", "--layout", "orders", "--columns", ","),
        ("", "--layout", "orders", "--columns", ""),
        ("", "--layout", "orders", "--columns", "order_id,"),
        ("", "--columns", "order_id"),
    ],
)
def test_what_it_does_not_understand_leaves_the_file_as_it_was(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    out = tmp_path / "orders.csv"
    out.write_text("before")
    ran = run(*arguments, "--out", out)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr.strip().endswith((".", ";"))
    assert [each.read_text() for each in tmp_path.iterdir()] == ["before"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    for out in (
        tmp_path,
        tmp_path / "missing" / "orders.csv",
        Path("/dev/null"),
        tmp_path / ("a" * 300),
    ):
        ran = run("", "--out", out)
        assert ran.exit_code == 2
        assert str(out) in ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_file_for_the_carrier_asks_for_unmasked(tmp_path: Path) -> None:
    out = tmp_path / "carrier.csv"
    refused = run("tab=all", "--layout", "handoff", "--out", out)
    assert refused.exit_code == 2
    assert "ask for it unmasked" in refused.stderr
    assert not out.exists()
    assert not AuditEntry.objects.exists()
    person = {"name": "Jane", "phone": "5550102", "address": "1 High Street", "country": "GB"}
    Order.objects.update(recipient=person)
    assert run("tab=all", "--layout", "handoff", "--unmasked", "--out", out).exit_code == 0
    assert "1 High Street" in out.read_text(encoding="utf-8-sig")
    assert AuditEntry.objects.get().detail == {"layout": "handoff", "format": "csv"}
