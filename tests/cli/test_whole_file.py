"""A kill while `shipboard export` writes leaves nothing that anybody could read."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from shipboard.cli.whole_file import HALF, whole_or_none

PROGRAM = """
import os, sys, time
from pathlib import Path
import django
django.setup()
from shipboard.cli import whole_file
kind, out = sys.argv[1], Path(sys.argv[2])
if kind == "named":
    del os.O_TMPFILE
if kind == "linked":
    Path.replace = lambda self, target: (print("ready", flush=True), time.sleep(60))
with whole_file.whole_or_none(out) as file:
    file.write(b"Jane Roe" * 100_000)
    file.flush()
    if kind != "linked":
        print("ready", flush=True)
        time.sleep(60)
"""


def begin(kind: str, out: Path) -> subprocess.Popen[str]:
    """A writer in the middle of its file; `named`: where files cannot be without a name;
    `linked`: at the last moment, when it has one."""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "shipboard.settings"}
    command = [sys.executable, "-c", PROGRAM, kind, str(out)]
    writer = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert writer.stdout
    assert writer.stdout.readline() == "ready\n"
    return writer


@pytest.fixture(params=["nameless", "named", "linked"])
def writer(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    with begin(request.param, tmp_path / "orders.csv") as writer:
        yield writer
        writer.kill()


def halves(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.name.startswith(HALF)]


def test_a_kill_leaves_nothing_once_the_next_has_begun(
    writer: subprocess.Popen[str], tmp_path: Path
) -> None:
    out = tmp_path / "orders.csv"
    out.write_text("before")
    writer.send_signal(signal.SIGKILL)
    assert writer.wait(10) == -signal.SIGKILL
    is_nameless = "nameless" in writer.args  # type: ignore[operator]
    left = halves(tmp_path)
    assert len(left) == (0 if is_nameless else 1)
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in left)
    assert out.read_text() == "before"
    with whole_or_none(tmp_path / "other.csv") as file:
        assert halves(tmp_path) == []
        file.write(b"whole")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "orders.csv": "before",
        "other.csv": "whole",
    }


def test_what_another_is_writing_stays(writer: subprocess.Popen[str], tmp_path: Path) -> None:
    before = halves(tmp_path)
    with whole_or_none(tmp_path / "other.csv") as file:
        file.write(b"whole")
    assert halves(tmp_path) == before
    assert (tmp_path / "other.csv").read_bytes() == b"whole"


@pytest.mark.parametrize("is_nameless", [True, False])
def test_it_appears_whole_private_and_only_when_all_went_well(
    is_nameless: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_nameless:
        monkeypatch.delattr(os, "O_TMPFILE")
    out = tmp_path / "orders.csv"
    for content in (b"one", b"another"):
        with whole_or_none(out) as file:
            file.write(content)
            file.flush()
            assert len(halves(tmp_path)) == (0 if is_nameless else 1)
        assert [path.read_bytes() for path in tmp_path.iterdir()] == [content]
        assert stat.S_IMODE(out.stat().st_mode) == 0o600
    with suppress(RuntimeError), whole_or_none(out) as file:
        file.write(b"half")
        raise RuntimeError
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"another"]
