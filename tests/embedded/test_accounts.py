"""Root lends PostgreSQL an account and touches nobody's permissions; an ordinary user needs none.
Every test asserts what belongs to whoever runs it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
from pathlib import Path

import pytest

from shipboard.embedded import EmbeddedError, database
from shipboard.embedded.account import Account, account_to_lend
from shipboard.embedded.binaries import WHEEL, find_binaries
from shipboard.embedded.place import SYSTEM_STATE
from tests.embedded.conftest import IS_ROOT, Start, nothing_runs, place_of, remember, remembered


def modes(path: Path) -> dict[Path, tuple[int, int, int]]:
    """Mode, owner and group of a path and of everything above it."""
    facts = {step: step.stat() for step in (path, *path.parents)}
    return {step: (f.st_mode, f.st_uid, f.st_gid) for step, f in facts.items()}


def test_a_home_below_a_closed_directory(home: Path) -> None:
    closed = home / "closed"
    closed.mkdir(parents=True)
    home.chmod(0o755)
    closed.chmod(0o700)
    before, accounts = modes(closed), pwd.getpwall()
    inner = closed / ".shipboard"
    with database(inner) as url:
        remember(url, "kept")
    place = place_of(inner)
    try:
        if IS_ROOT:
            assert SYSTEM_STATE in place.directory.parents
            assert place.account.uid != 0
        else:
            assert place.directory == inner / "postgres"
            assert place.account.uid == os.geteuid()
        with database(inner) as url:
            assert remembered(url) == ["kept"]
        assert modes(closed) == before
        assert pwd.getpwall() == accounts
        # Where it is was decided once: opening the directory later changes nothing.
        closed.chmod(0o755)
        with database(inner) as url:
            assert remembered(url) == ["kept"]
    finally:
        if IS_ROOT:
            shutil.rmtree(place.directory)


def test_an_open_home_holds_its_own_data(home: Path) -> None:
    before = modes(home.parent)
    with database(home):
        pass
    place = place_of(home)
    assert place.directory == home / "postgres"
    assert modes(home.parent) == before
    assert home.stat().st_uid == os.geteuid()


def test_an_ordinary_user(base: Path, start: Start) -> None:
    own = base / "own"
    own.mkdir(mode=0o700)
    if IS_ROOT:
        nobody = pwd.getpwnam("nobody")
        os.chown(own, nobody.pw_uid, nobody.pw_gid)
        holder = start("hold-as", "nobody", own / "home")
    else:
        holder = start("hold", own / "home")
    remember(holder.wait_for("postgresql://"), "kept")
    holder.release()
    assert holder.exit_code() == 0
    place = place_of(own / "home")
    assert place.directory == own / "home" / "postgres"
    assert place.account.uid == own.stat().st_uid != 0
    assert nothing_runs(place)
    # Root (or the same user) comes along: the data keep their owner, and the user gets in again.
    with database(own / "home") as url:
        assert remembered(url) == ["kept"]
    again = start("hold-as", "nobody", own / "home") if IS_ROOT else start("hold", own / "home")
    assert remembered(again.wait_for("postgresql://")) == ["kept"]
    again.release()
    assert again.exit_code() == 0


def test_somebody_elses_database_is_refused_to_an_ordinary_user(
    base: Path, home: Path, start: Start
) -> None:
    with database(home):
        pass
    if IS_ROOT:
        holder = start("hold-as", "nobody", home)
        assert holder.exit_code() == 2
        assert "SHIPBOARD_HOME" in holder.lines[-1]
    else:
        assert place_of(home).account.switch is False


def test_root_is_never_lent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIPBOARD_POSTGRES_USER", "root")
    if IS_ROOT:
        with pytest.raises(EmbeddedError, match="refuses to run as root"):
            account_to_lend()
        monkeypatch.setenv("SHIPBOARD_POSTGRES_USER", "no-such-account")
        with pytest.raises(EmbeddedError, match="no account no-such-account"):
            account_to_lend()
    else:
        assert account_to_lend().uid == os.geteuid()


def test_programs_out_of_reach_are_copied_whole(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wheel below a closed directory: root copies it, an ordinary user has no need to."""
    account = account_to_lend()
    wheel = find_binaries(account, print).directory.parents[1]
    closed = base / "closed"
    shutil.copytree(wheel, closed / WHEEL, ignore=shutil.ignore_patterns("include"))
    shutil.copytree(wheel.with_name(f"{WHEEL}.libs"), closed / f"{WHEEL}.libs")
    closed.chmod(0o700)
    monkeypatch.setattr("shipboard.embedded.binaries.SYSTEM_STATE", base / "state")
    monkeypatch.setattr(
        "shipboard.embedded.binaries.bin_directory", lambda: closed / WHEEL / "pginstall" / "bin"
    )
    said: list[str] = []
    found = find_binaries(account, said.append)
    if account.switch:
        assert base / "state" in found.directory.parents
        assert len(said) == 1
        # A half copy (no mark of completeness) is made anew; a whole one is used as it is.
        (mark,) = (base / "state").glob("postgresql-*/complete")
        mark.unlink()
        found.initdb.unlink()
        assert find_binaries(account, said.append).initdb.exists()
        find_binaries(account, said.append)
        assert len(said) == 2
        assert [path.name for path in (base / "state").iterdir()] == [mark.parent.name]
    else:
        assert closed in found.directory.parents
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("mode", "uid", "gid", "enters"),
    [(0o700, 1, 1, False), (0o710, 1, 0, True), (0o701, 1, 1, True), (0o070, 1, 1, False)],
)
def test_who_can_enter(tmp_path: Path, mode: int, uid: int, gid: int, enters: bool) -> None:
    """Judged like the kernel does, for an account that is neither us nor in our group."""
    directory = tmp_path / "inner"
    directory.mkdir()
    directory.chmod(mode)
    group = directory.stat().st_gid if gid == 0 else directory.stat().st_gid + 1
    account = Account("somebody", directory.stat().st_uid + uid, group, switch=True)
    assert account._may_pass(directory) is enters
