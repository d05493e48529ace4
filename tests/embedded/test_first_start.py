"""The first start on a new home, the second on the same, and the paths that homes have."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psycopg
import pytest

from shipboard.embedded import EmbeddedError, database
from shipboard.embedded.sockets import PATH_LIMIT, socket_directory
from tests.embedded.conftest import Start, nothing_runs, place_of, remember, remembered


def no_words(sentence: str) -> None:
    pass


def test_first_start_makes_a_private_database_and_stops_it(home: Path) -> None:
    with database(home, no_words) as url, psycopg.connect(url) as connection:
        facts = connection.execute(
            "select current_database(), current_user, current_setting('server_encoding'),"
            " current_setting('listen_addresses'), lower('É'), current_setting('shared_buffers')"
        ).fetchone()
        assert facts
        assert facts[:5] == ("shipboard", "shipboard", "UTF8", "", "é")
        assert facts[5] != "128MB", "the settings of shipboard.conf are in force"
    place = place_of(home)
    assert nothing_runs(place)
    assert home.stat().st_mode & 0o067 == 0
    for private in (place.data, socket_directory(place)):
        assert private.stat().st_mode & 0o777 == 0o700
        assert private.stat().st_uid == place.account.uid != 0


def test_told_to_end_while_the_database_is_made(home: Path, start: Start) -> None:
    program = start("up", home)
    program.wait_for("Creating the database")
    program.signal(signal.SIGTERM)
    assert program.exit_code() == 0
    assert nothing_runs(place_of(home))
    with database(home, no_words) as url:
        remember(url, "and then")


def test_data_outlives_the_server(home: Path) -> None:
    with database(home, no_words) as url:
        remember(url, "first")
    with database(home, no_words) as url:
        assert remembered(url) == ["first"]


def test_a_home_can_be_moved(home: Path, base: Path) -> None:
    with database(home, no_words) as url:
        remember(url, "moved")
    home.rename(base / "elsewhere")
    with database(base / "elsewhere", no_words) as url:
        assert remembered(url) == ["moved"]
    (base / "elsewhere").rename(home)


def test_a_path_with_spaces_and_quotes(base: Path, start: Start) -> None:
    directory = base / 'it\'s a "home", 100 % ours'
    holder = start("hold", directory)
    url = holder.wait_for("postgresql://")
    remember(url, "quoted")
    assert remembered(url) == ["quoted"]
    holder.release()
    assert holder.exit_code() == 0
    assert nothing_runs(place_of(directory))


@pytest.fixture
def home_far_down(home: Path) -> Path:
    return home / ("d" * 60) / ("e" * 60) / "home"


def test_a_path_too_long_for_a_socket(home: Path, home_far_down: Path) -> None:
    # Made reachable by hand: the first start makes only the home itself so.
    home_far_down.parent.mkdir(mode=0o755, parents=True)
    with database(home_far_down, no_words) as url:
        remember(url, "far down")
        place = place_of(home_far_down)
        sockets = socket_directory(place)
        assert home not in sockets.parents
        assert len(os.fsencode(sockets)) < PATH_LIMIT - 20
        assert sockets.stat().st_mode & 0o777 == 0o700
    assert not sockets.exists()
    with database(home_far_down, no_words) as url:
        assert remembered(url) == ["far down"]


def test_somebody_elses_socket_directory_is_refused(home: Path, home_far_down: Path) -> None:
    home_far_down.parent.mkdir(mode=0o755, parents=True)
    with database(home_far_down, no_words):
        pass
    sockets = socket_directory(place_of(home_far_down))
    sockets.symlink_to(home)
    try:
        with (
            pytest.raises(EmbeddedError, match="is not a directory that belongs to"),
            database(home_far_down, no_words),
        ):
            pass
    finally:
        sockets.unlink()


def test_what_a_killed_first_start_left_is_removed(home: Path) -> None:
    with database(home, no_words):
        pass
    place = place_of(home)
    place.data.rename(place.directory / "data.new-half")
    (place.directory / "data.new-half" / "PG_VERSION").unlink()
    with database(home, no_words) as url:
        remember(url, "afresh")
    assert not list(place.directory.glob("data.new-*"))


def test_another_major_version_is_refused(home: Path) -> None:
    with database(home, no_words):
        pass
    version = place_of(home).data / "PG_VERSION"
    version.write_text("12\n")
    with (
        pytest.raises(EmbeddedError, match=r"written by PostgreSQL 12, and the installed one is"),
        database(home, no_words),
    ):
        pass


def test_data_that_vanished_is_said_and_not_made_anew(home: Path) -> None:
    with database(home, no_words):
        pass
    place = place_of(home)
    place.directory.rename(home / "put away")
    with pytest.raises(EmbeddedError, match="which is gone"), database(home, no_words):
        pass
    (home / "put away").rename(place.directory)


def test_a_home_that_is_a_file_is_one_sentence(home: Path) -> None:
    home.write_text("")
    with pytest.raises(EmbeddedError, match=r"^Could not .* SHIPBOARD_HOME\.$"), database(home):
        pass
