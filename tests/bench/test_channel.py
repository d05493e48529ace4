"""The benchmark of the channel, too small to tell anything, so that it cannot rot; and the page
that it writes a part of.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import page
from bench.timing import Result
from tests.bench.conftest import Told


def lines_of(told: Told, *arguments: str) -> list[str]:
    return [" | ".join(each) for each in json.loads(told("bench.channel", "--json", *arguments))]


def test_a_pull_can_be_measured(told: Told) -> None:
    new, changed = lines_of(told, "--part", "pull", "--orders", "120")
    assert new.startswith("Pull 120 orders, all new")
    assert changed.startswith("Pull 120 orders, all known and each changed")


def test_a_burst_can_be_measured_and_loses_nothing(told: Told) -> None:
    burst, read, killed = lines_of(told, "--part", "burst", "--hooks", "96")
    assert "96 answered 200, 96 of them have a row" in burst
    assert read.startswith("Until all the 96 orders")
    assert killed.endswith("96 answered 200 | rows of these: 96 | 1.00")


def test_a_part_written_anew_leaves_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "PAGE", tmp_path / "performance.md")
    old, new = Result("a", "1 s", "x", "2"), Result("b", "2 s", "y", "3")
    page.PAGE.write_text(page.whole([old], 7, [old], [old], [old], [old]))
    page.write(page.MARKETPLACE, page.marketplace([new]))
    assert page.PAGE.read_text() == page.whole([old], 7, [new], [old], [old], [old])
    page.write(page.SHIPMENTS, page.shipments([new]))
    assert page.PAGE.read_text() == page.whole([old], 7, [new], [new], [old], [old])
