"""`shipboard sync` and `shipboard reconcile`: what they print and how they exit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from click.testing import CliRunner, Result

from shipboard.channels import registry
from shipboard.channels.contract import FailureKind, Stage
from shipboard.channels.models import Connection, Shop
from shipboard.cli import main
from shipboard.cli import orders as commands
from tests import make
from tests.ingest.fake_channel import SECRET_WORDS, Clock, FakeChannel, connected_shop, failure

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> FakeChannel:
    """Commands run in the database of the test."""

    @contextmanager
    def here() -> Iterator[None]:
        yield

    made = FakeChannel(Clock())
    monkeypatch.setattr(commands, "desk", here)
    monkeypatch.setattr(registry, "open_channel", lambda shop: made)
    monkeypatch.setenv("SHIPBOARD_NOW", make.NOW.isoformat())
    return made


@pytest.fixture
def shop() -> Shop:
    return connected_shop()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_all_well(shop: Shop, channel: FakeChannel) -> None:
    channel.place_many(4)
    done = run("sync", "--json")
    assert done.exit_code == 0, done.output
    (told,) = json.loads(done.stdout)["shops"]
    assert (told["shop"], told["orders_created"]) == ("northwind", 4)
    assert told["changed"] == ["0000", "0001", "0002", "0003"]
    assert told["failures"] == told["unreadable"] == []
    channel.remote["0002"].stage = Stage.IN_TRANSIT
    done = run("reconcile", "--shop", "northwind")
    assert done.exit_code == 0, done.output
    assert "4 orders read: 0 new, 1 changed, 3 as before, 0 unreadable." in done.stdout
    assert "Changed: 0002" in done.stdout


def test_some_orders_cannot_be_read(shop: Shop, channel: FakeChannel) -> None:
    channel.place_many(4)
    channel.remote["0001"].is_bad = True
    done = run("sync")
    assert done.exit_code == 3
    assert "Order 0001: It has no lines." in done.stderr
    assert SECRET_WORDS not in done.output


def test_one_stream_cannot_be_read(shop: Shop, channel: FakeChannel) -> None:
    channel.place_many(4)

    def refuse(name: str, number: int) -> None:
        if name == "changed_cases":
            raise failure(FailureKind.SCOPE, sentence="Not allowed.", next_step="Allow it.")

    channel.before = refuse
    done = run("sync")
    assert done.exit_code == 3
    assert "Cancellations: Not allowed. Allow it." in done.stderr


def test_nothing_can_be_read(shop: Shop, channel: FakeChannel) -> None:
    def refuse(name: str, number: int) -> None:
        raise failure(FailureKind.AUTH, sentence="Access was withdrawn.", next_step="Reconnect.")

    channel.before = refuse
    done = run("sync", "--json")
    assert done.exit_code == 2
    assert json.loads(done.stdout)["shops"][0]["failures"][0]["kind"] == "auth"


@pytest.mark.parametrize("command", ["sync", "reconcile"])
def test_shops_without_a_line_are_refused(
    channel: FakeChannel, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(commands, "desk", contextmanager(lambda: iter([None])))
    done = run(command)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "No shop is connected" in done.stderr
    make.shop("Files")
    assert "come from files" in run(command, "--shop", "files").stderr
    assert "There is no shop" in run(command, "--shop", "nobody").stderr
    shop = connected_shop()
    Connection.objects.filter(shop=shop).update(state=Connection.State.PAUSED)
    done = run(command, "--shop", shop.slug)
    assert done.exit_code == 2
    assert "paused" in done.stderr
