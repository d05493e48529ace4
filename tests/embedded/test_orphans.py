"""`kill -9` of the owner, and pid files that lie: the data survives and so does every stranger."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

import pytest

from shipboard.embedded import EmbeddedError, database
from shipboard.embedded.orphans import stale
from shipboard.embedded.sockets import NAME, listener, socket_directory
from tests.embedded.conftest import (
    Start,
    is_alive,
    nothing_runs,
    place_of,
    remember,
    remembered,
)

pytestmark = pytest.mark.usefixtures("settled")
Stranger = subprocess.Popen[bytes]


def test_an_orphan_is_known_by_its_socket_and_replaced(home: Path, start: Start) -> None:
    owner = start("hold", home)
    remember(owner.wait_for("postgresql://"), "before the kill")
    place = place_of(home)
    orphan = listener(place)
    owner.kill()
    assert orphan is not None
    assert is_alive(orphan), "the server outlives its owner"
    # Its pid file is gone, so only the socket can tell who it is.
    (place.data / "postmaster.pid").rename(home / "taken away")
    following = start("hold", home)
    following.wait_for("still running without its owner")
    assert remembered(following.wait_for("postgresql://")) == ["before the kill"]
    assert not is_alive(orphan)
    assert listener(place) not in (None, orphan)
    following.release()
    assert following.exit_code() == 0
    assert nothing_runs(place)


def test_guests_of_a_killed_owner_may_finish(home: Path, start: Start) -> None:
    owner = start("hold", home)
    url = owner.wait_for("postgresql://")
    guest = start("hold", home)
    guest.wait_for("postgresql://")
    owner.kill()
    following = start("hold", home)
    following.wait_for("Other shipboard commands still use the database")
    remember(url, "finished")
    guest.release()
    assert guest.exit_code() == 0
    assert remembered(following.wait_for("postgresql://")) == ["finished"]
    following.release()
    assert following.exit_code() == 0


def pid_file_of_a_stranger(home: Path, stranger: Stranger) -> None:
    """What a crash leaves once the pid has been given to another program: whole and plausible."""
    place = place_of(home)
    lines = [
        *(str(stranger.pid), str(place.data), "1700000000", "5432"),
        *(str(socket_directory(place)), "", "  1234567    999999", "ready   "),
    ]
    text = "\n".join([*lines, ""])
    for path in (place.data / "postmaster.pid", socket_directory(place) / f"{NAME}.lock"):
        path.write_text(text)
        os.chown(path, place.account.uid, place.account.gid)
        path.chmod(0o600)


def test_a_stale_pid_file_that_names_a_stranger(
    home: Path, start: Start, stranger: Stranger
) -> None:
    with database(home) as url:
        remember(url, "kept")
    pid_file_of_a_stranger(home, stranger)
    holder = start("hold", home)
    holder.wait_for(f"names process {stranger.pid}, which is not this home's database")
    assert remembered(holder.wait_for("postgresql://")) == ["kept"]
    holder.release()
    assert holder.exit_code() == 0
    assert stranger.poll() is None


def test_a_stale_pid_file_that_names_a_stranger_of_the_same_account(
    home: Path, start: Start
) -> None:
    """The harder case: the stranger runs as the very account that runs PostgreSQL."""
    with database(home):
        pass
    stranger = subprocess.Popen(["sleep", "600"], cwd="/", **place_of(home).account.popen())
    try:
        pid_file_of_a_stranger(home, stranger)
        with database(home) as url:
            remember(url, "kept")
        assert stranger.poll() is None
    finally:
        stranger.terminate()
        stranger.wait()


DAMAGE = (b"", b"12", b"\0\xff\xfegarbage\n\n", b"-1\n", b"99999999999999999999\n", b"1\n")


def test_damaged_pid_files_truncated_and_garbage(home: Path) -> None:
    with database(home) as url:
        remember(url, "kept")
    place = place_of(home)
    for damage in DAMAGE:
        for path in (place.data / "postmaster.pid", socket_directory(place) / f"{NAME}.lock"):
            path.write_bytes(damage)
        with database(home) as url:
            assert remembered(url) == ["kept"], damage


def test_a_pid_file_cut_in_the_middle_while_an_orphan_runs(home: Path, start: Start) -> None:
    owner = start("hold", home)
    remember(owner.wait_for("postgresql://"), "kept")
    place = place_of(home)
    owner.kill()
    os.truncate(place.data / "postmaster.pid", 2)
    with database(home) as url:
        assert remembered(url) == ["kept"]
    assert nothing_runs(place)


def test_a_socket_file_without_a_server(home: Path) -> None:
    with database(home):
        pass
    path = socket_directory(place_of(home)) / NAME
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    with database(home) as url:
        remember(url, "kept")


def test_a_stranger_on_our_socket_is_neither_used_nor_ended(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shipboard.embedded.orphans.SILENT", 1.0)
    with database(home):
        pass
    path = socket_directory(place_of(home)) / NAME
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.bind(str(path))
        stranger.listen()
        # The stranger is this very test: it lives, and is told apart.
        sentence = f"Process {os.getpid()} listens on this home's socket .* is not its database"
        with pytest.raises(EmbeddedError, match=sentence), database(home):
            pass


def test_a_server_that_holds_the_data_and_does_not_answer_is_refused(
    home: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shipboard.embedded.orphans.SILENT", 1.0)
    owner = start("hold", home)
    remember(owner.wait_for("postgresql://"), "kept")
    place = place_of(home)
    pid = listener(place)
    owner.kill()
    path = socket_directory(place) / NAME
    path.rename(path.with_name("hidden"))
    with pytest.raises(EmbeddedError, match=f"process {pid}.*does not answer"), database(home):
        pass
    assert pid is not None
    assert is_alive(pid)
    path.with_name("hidden").rename(path)
    with database(home) as url:
        assert remembered(url) == ["kept"]


def test_a_well_formed_pid_file_of_a_dead_process_is_left_to_postgresql(tmp_path: Path) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    pid_file = tmp_path / "postmaster.pid"
    pid_file.write_text(f"{gone.pid}\n/somewhere\n")
    assert stale(pid_file) is None
    assert stale(tmp_path / "absent") is None
