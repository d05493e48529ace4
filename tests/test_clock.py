"""SHIPBOARD_NOW fixes or shifts the desk's one clock; nonsense is refused in a sentence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shipboard import clock


@pytest.mark.parametrize(
    ("setting", "instant"),
    [
        ("2026-11-22T12:00:00+00:00", datetime(2026, 11, 22, 12, tzinfo=UTC)),
        ("2026-11-22T12:00:00+07:00", datetime(2026, 11, 22, 5, tzinfo=UTC)),
        ("2026-11-22 12:00", datetime(2026, 11, 22, 12, tzinfo=UTC)),
    ],
)
def test_an_instant_fixes_it(
    monkeypatch: pytest.MonkeyPatch, setting: str, instant: datetime
) -> None:
    monkeypatch.setenv("SHIPBOARD_NOW", setting)
    assert clock.now() == instant


@pytest.mark.parametrize(
    ("setting", "shift"), [("+3h", timedelta(hours=3)), ("-2d", timedelta(days=-2))]
)
def test_a_shift_moves_it(monkeypatch: pytest.MonkeyPatch, setting: str, shift: timedelta) -> None:
    monkeypatch.setenv("SHIPBOARD_NOW", setting)
    assert abs(clock.now() - datetime.now(UTC) - shift) < timedelta(seconds=5)


@pytest.mark.parametrize(
    "setting",
    ["garbage", "+99999999999d", "-999999d", "9999-12-31", "0001-01-01T00:00:00+14:00", "+3", "3h"],
)
def test_nonsense_is_refused(monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
    monkeypatch.setenv("SHIPBOARD_NOW", setting)
    with pytest.raises(clock.BadClock, match="write an instant"):
        clock.now()
