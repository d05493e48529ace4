"""Several commands on one home: one starts the server, the others use it, the last need decides
when it stops.
"""

from __future__ import annotations

import signal
from pathlib import Path

from tests.embedded.conftest import Start, nothing_runs, place_of, remember, remembered


def test_two_commands_on_a_cold_home_share_one_server(home: Path, start: Start) -> None:
    first, second = start("hold", home), start("hold", home)
    urls = {program.wait_for("postgresql://") for program in (first, second)}
    assert len(urls) == 1
    remember(urls.pop(), "shared")
    for program in (first, second):
        program.release()
    assert (first.exit_code(), second.exit_code()) == (0, 0)
    assert nothing_runs(place_of(home))
    said = first.lines + second.lines
    assert said.count("Creating the database (first start).") == 1


def test_the_owner_waits_for_its_guests(home: Path, start: Start) -> None:
    owner = start("hold", home)
    url = owner.wait_for("postgresql://")
    guest = start("hold", home)
    guest.wait_for("postgresql://")
    owner.release()
    owner.wait_for("Waiting for other shipboard commands to finish")
    remember(url, "still there")
    guest.release()
    assert guest.exit_code() == 0
    assert owner.exit_code() == 0
    assert nothing_runs(place_of(home))


def test_a_command_that_comes_while_the_owner_waits_need_not_wait(home: Path, start: Start) -> None:
    owner = start("hold", home)
    remember(owner.wait_for("postgresql://"), "kept")
    guest = start("hold", home)
    guest.wait_for("postgresql://")
    owner.release()
    owner.wait_for("Waiting for other shipboard commands to finish")
    late = start("hold", home)
    url = late.wait_for("postgresql://")
    guest.release()
    assert guest.exit_code() == 0
    assert remembered(url) == ["kept"]
    late.release()
    assert (owner.exit_code(), late.exit_code()) == (0, 0)
    assert nothing_runs(place_of(home))


def test_many_commands_in_a_row_and_at_once(home: Path, start: Start) -> None:
    holders = [start("hold", home) for _ in range(4)]
    for number, holder in enumerate(holders):
        remember(holder.wait_for("postgresql://"), str(number))
        holder.release()
    assert [holder.exit_code() for holder in holders] == [0, 0, 0, 0]
    assert nothing_runs(place_of(home))


def test_a_command_told_to_end_stops_its_server(home: Path, start: Start) -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        owner = start("hold", home)
        owner.wait_for("postgresql://")
        owner.signal(number)
        assert owner.exit_code() != 0
        assert nothing_runs(place_of(home))
