"""The marketplace's own files through the command line, against what a correct desk counts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from shipboard.cli import main, orders

PAYLOADS = Path(__file__).parent.parent / "payloads"
EXPECTED = json.loads((PAYLOADS / "orders-expected.json").read_text())
FILES = {"us": ("orders-us.csv", "US", "UTC"), "sea": ("orders-sea.xlsx", "TH", "Asia/Bangkok")}
#: `shipboard` with arguments, which ends with `code`; gives its JSON, else all it said.
Command = Callable[..., Any]


class Process:
    """In a process of its own, on a database of its own."""

    def __init__(self, url: str) -> None:
        self.env = os.environ | {"SHIPBOARD_DATABASE_URL": url, "SHIPBOARD_NOW": EXPECTED["now"]}

    def __call__(self, *arguments: str, code: int = 0) -> Any:
        done = subprocess.run(
            [sys.executable, "-m", "shipboard", *arguments],
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return told(arguments, code, done.stdout, done.stderr)


def told(arguments: tuple[str, ...], code: int, stdout: str, stderr: str) -> Any:
    if "--json" in arguments and code in (0, 3):
        return json.loads(stdout)
    return stdout + stderr


@pytest.fixture
def here(db: None, monkeypatch: pytest.MonkeyPatch) -> Command:
    """In this process, on the database of the tests."""
    monkeypatch.setattr(orders, "desk", nullcontext)
    monkeypatch.setenv("SHIPBOARD_NOW", EXPECTED["now"])

    def run(*arguments: str, code: int = 0) -> Any:
        done = CliRunner().invoke(main, arguments)
        assert done.exit_code == code, done.output
        return told(arguments, code, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="module")
def process() -> Iterator[Process]:
    server = os.environ["SHIPBOARD_DATABASE_URL"]
    name = f"cli_{uuid.uuid4().hex[:8]}"
    parts = conninfo_to_dict(server)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        try:
            yield Process(psycopg.conninfo.make_conninfo(**parts | {"dbname": name}))
        finally:
            drop = sql.SQL("drop database {} with (force)").format(sql.Identifier(name))
            connection.execute(drop)


def test_a_sample_counts_as_it_should_on_a_fresh_desk(process: Process) -> None:
    check(process, "us")


def test_a_sample_counts_as_it_should(here: Command) -> None:
    check(here, "sea")


def check(shipboard: Command, which: str) -> None:
    file, region, zone = FILES[which]
    expected = EXPECTED[which]
    made = shipboard(
        *("shop", "add", f"Sample {which}", "--channel", "file", "--region", region),
        *("--timezone", zone, "--dispatch-hours", "48", "--json"),
    )
    assert made["shop"] == f"sample-{which}"
    done = shipboard("import", str(PAYLOADS / file), "--shop", made["shop"], "--json")
    assert done["rows"] == expected["rows"]
    assert done["orders_created"] == expected["count"]
    assert done["rejected"] == []
    again = shipboard("import", str(PAYLOADS / file), "--shop", made["shop"], "--json")
    assert (again["orders_created"], again["orders_updated"]) == (0, 0)
    assert again["orders_unchanged"] == expected["count"]
    listed = shipboard("orders", f"tab=all&shop={made['shop']}", "--json", "--limit", "1000")
    assert listed["count"] == expected["count"]
    for kind in ("tabs", "stages", "cards"):
        said = {name: n for name, n in listed[kind].items() if n and name != "all"}
        assert said == expected[kind], kind
    orders = {order["order_id"]: order for order in listed["orders"]}
    assert orders.keys() == expected["orders"].keys()
    for order_id, wanted in expected["orders"].items():
        got = orders[order_id]
        assert got["stage"] == wanted["stage"], order_id
        assert got["skus"] == wanted["skus"], order_id
        assert got["total"] == wanted["amount"], order_id
        assert len(got["packages"]) == wanted["packages"], order_id
        assert datetime.fromisoformat(got["created_at"]) == datetime.fromisoformat(
            wanted["created"]
        )


def test_refusals_are_sentences(here: Command, tmp_path: Path) -> None:
    here("shop", "add", "Refused", "--region", "US", "--timezone", "UTC")
    us = str(PAYLOADS / "orders-us.csv")
    assert "there are: refused" in here("import", us, "--shop", "x", code=2)
    assert "check the path" in here("import", "no.csv", "--shop", "refused", code=2)
    pdf = tmp_path / "orders.csv"
    pdf.write_bytes(b"%PDF-1.7")
    assert "PDF" in here("import", str(pdf), "--shop", "refused", "--json", code=2)
    assert "tabb" in here("orders", "tabb=all", code=2)
    assert "those stages are" in here(
        "import", str(pdf), "--shop", "refused", "--complete-list", "nope", code=2
    )
    assert "not a time zone" in here(
        "shop", "add", "Y", "--region", "US", "--timezone", "Mars/Base", code=2
    )
    assert here("orders", "shop=refused", "--json")["count"] == 0


def test_rejected_orders_exit_with_3_and_the_rest_is_taken(here: Command, tmp_path: Path) -> None:
    here("shop", "add", "Partly", "--region", "US", "--timezone", "UTC")
    lines = (PAYLOADS / "orders-us.csv").read_text("utf-8-sig").splitlines(keepends=True)
    file = tmp_path / "partly.csv"
    file.write_text("".join(lines).replace("576856403845718259", "5.76856E+17"), "utf-8")
    done = here("import", str(file), "--shop", "partly", "--json", code=3)
    assert done["orders_created"] == 47
    (rejected,) = done["rejected"]
    assert rejected["row"] == 3
    assert "5.76856E+17" in rejected["reason"] + rejected["order_id"]


def test_names_and_addresses_are_masked_unless_asked_for(here: Command) -> None:
    here("shop", "add", "Masked", "--region", "US", "--timezone", "UTC")
    here("import", str(PAYLOADS / "orders-us.csv"), "--shop", "masked")
    query = "shop=masked&q=576856403845718259"
    assert "2025550102" not in str(here("orders", query, "--json"))
    assert "2025550102" in str(here("orders", query, "--json", "--unmasked"))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SHIPBOARD_DATABASE_URL", "mysql://u:sekret@h/x", "is not the URL of a PostgreSQL"),
        ("SHIPBOARD_DATABASE_URL", "postgresql://u@127.0.0.1:1/x", "does not answer"),
        ("SHIPBOARD_NOW", "+99999999999d", "write an instant"),
    ],
)
@pytest.mark.parametrize("command", [("orders",), ("migrate",), ("worker",)])
def test_bad_settings_are_one_sentence(
    process: Process, command: tuple[str, ...], name: str, value: str, said: str
) -> None:
    bad = Process(process.env["SHIPBOARD_DATABASE_URL"])
    bad.env = process.env | {name: value}
    answer = bad(*command, code=2)
    assert said in answer
    assert "sekret" not in answer
    assert answer.count("\n") == 1
