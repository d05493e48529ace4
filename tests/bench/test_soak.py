"""`make soak` tells what it ran, with the seed, and fails when a proof did."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench import soak


@pytest.fixture(autouse=True)
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(soak, "PAGE", tmp_path / "reliability.md")
    monkeypatch.setattr(soak, "ROUNDS", 2)
    return tmp_path / "reliability.md"


def soaked(monkeypatch: pytest.MonkeyPatch, *folders: str, fails: str = "") -> list[str]:
    """Folders that were run."""
    ran = []

    def run(where: str, seed: int) -> int:
        ran.append(where)
        return int(where == fails)

    monkeypatch.setattr(soak, "run", run)
    monkeypatch.setattr(sys, "argv", ["soak", *folders])
    with pytest.raises(SystemExit) as end:
        soak.main()
    assert end.value.code == int(bool(fails))
    return ran


def test_every_proof_is_told_with_its_seed(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert soaked(monkeypatch) == [*soak.PROOFS.values()] * 2
    rows = [line.split(" | ") for line in written.read_text().splitlines()[8:]]
    assert len(rows) == 2 * len(soak.PROOFS)
    assert {row[4] for row in rows} == {"passed"}
    assert len({row[1] for row in rows}) == 2
    assert "LibreOffice" in written.read_text()


def test_some_run_anew_leave_the_others(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    soaked(monkeypatch)
    before = written.read_text().splitlines()
    assert soaked(monkeypatch, "tests/exports", fails="tests/exports") == ["tests/exports"] * 2
    after = written.read_text().splitlines()
    assert len(after) == len(before)
    assert [line for line in after if "| failed |" in line] == [
        line for line in after if line.startswith("| Exports")
    ]
    assert [line for line in after if line not in before] == [
        line for line in after if line.startswith("| Exports")
    ]
