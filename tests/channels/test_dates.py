"""Times in a file: both regional formats, others by evidence, ambiguity, zones, clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from shipboard.channels.contract import ShopFacts
from shipboard.channels.file.dates import Clock, DateReader, Order

from .files import NOW, OTHER_ID, TH, US, read_csv, read_xlsx

NEW_YORK = ShopFacts(region="US", timezone="America/New_York", currency="USD")
GB = ShopFacts(region="GB", timezone="Europe/London", currency="GBP")


def created(tmp_path: Path, value: object, *others: str, shop: ShopFacts = US) -> str:
    """The created instant of an order beside others, or the reason why it was rejected."""
    rows = [{"Created Time": value, "Paid Time": ""}]
    rows += [
        {"Order ID": f"57699290565477{index:04d}", "Created Time": other, "Paid Time": ""}
        for index, other in enumerate(others)
    ]
    result = read_csv(tmp_path, *rows, shop=shop)
    for entry in result.accepted:
        if entry.row == 2:
            return entry.fact.created_at.strftime("%Y-%m-%d %H:%M:%S")
    return next(entry.reason for entry in result.rejected if entry.row == 2)


@pytest.mark.parametrize(
    ("value", "instant"),
    [
        ("03/04/2026 01:02:03 AM", "2026-03-04 01:02:03"),
        ("03/04/2026 12:02:03 AM", "2026-03-04 00:02:03"),
        ("03/04/2026 12:02:03 PM", "2026-03-04 12:02:03"),
        ("3/4/2026 1:02 pm", "2026-03-04 13:02:00"),
        ("03/04/2026 11:59:59 p.m.", "2026-03-04 23:59:59"),
        ("2026-03-04 05:06:07", "2026-03-04 05:06:07"),
        ("2026-03-04T05:06:07", "2026-03-04 05:06:07"),
        ("2026/03/04 05:06", "2026-03-04 05:06:00"),
        ("2026-03-04 05:06:07.123", "2026-03-04 05:06:07"),
        ("2026-03-04T05:06:07Z", "2026-03-04 05:06:07"),
        ("2026-03-04T05:06:07+07:00", "2026-03-03 22:06:07"),
        ("2026-03-04T05:06:07-0530", "2026-03-04 10:36:07"),
        ("04/04/2026 05:06:07", "2026-04-04 05:06:07"),  # no AM, but day and month are one
        ("13/04/2026 05:06:07", "2026-04-13 05:06:07"),  # no AM, but only one order is possible
    ],
)
def test_formats_in_the_us(tmp_path: Path, value: str, instant: str) -> None:
    assert created(tmp_path, value) == instant


@pytest.mark.parametrize(
    ("value", "instant"),
    [
        ("03/04/2026 01:02:03", "2026-04-02 18:02:03"),
        ("03/04/2026 01:02", "2026-04-02 18:02:00"),
        ("03-04-2026 01:02:03", "2026-04-02 18:02:03"),
        ("2026-04-03 01:02:03", "2026-04-02 18:02:03"),
    ],
)
def test_formats_elsewhere(tmp_path: Path, value: str, instant: str) -> None:
    assert created(tmp_path, value, shop=TH) == instant


@pytest.mark.parametrize(
    "value",
    [
        "yesterday",
        "03/04/2026",
        "46000.5",
        "31/02/2026 01:02:03 AM",
        "03/04/2026 13:02:03 PM",
        "03/04/2026 00:02:03 AM",
        "2026-02-30 10:00:00",
        "2026-02-03 25:00:00",
        "13/13/2026 10:00:00",
        "00/04/2026 10:00:00",
        "01/01/2014 10:00:00 AM",
        "01/01/2029 10:00:00 AM",
        "01/01/0000 10:00:00 AM",
        "9999-12-31 23:59:59",
        "0001-01-01 00:00:00",
        "0001-01-01T00:00:00+09:00",
        "٠٣/٠٤/٢٠٢٦ 01:02:03 AM",
    ],
)
@pytest.mark.parametrize("shop", [US, NEW_YORK])
def test_bad_dates(tmp_path: Path, value: str, shop: ShopFacts) -> None:
    reason = created(tmp_path, value, shop=shop)
    assert reason.startswith("Created Time is")
    assert "YYYY-MM-DD HH:MM:SS" in reason


def test_a_bare_number_is_no_date(tmp_path: Path) -> None:
    assert "bare number" in read_xlsx(tmp_path, {"Created Time": 46346.5}).rejection.reason


def test_a_missing_created_time(tmp_path: Path) -> None:
    assert "Created Time is blank" in created(tmp_path, "")


def test_a_strange_family_without_evidence_is_ambiguous(tmp_path: Path) -> None:
    reason = created(tmp_path, "03/04/2026 10:00:00")
    assert "may be 2026-03-04 or 2026-04-03" in reason
    assert "may be" in created(tmp_path, "03/04/2026 10:00:00 AM", shop=TH)
    other_family = "25/04/2026 10:00:00 AM"
    assert "may be" in created(tmp_path, "03/04/2026 10:00:00", other_family)


def test_a_strange_family_is_decided_by_the_file(tmp_path: Path) -> None:
    assert created(tmp_path, "03/04/2026 10:00:00", "25/04/2026 10:00:00").startswith("2026-04-03")
    assert created(tmp_path, "03/04/2026 10:00:00", "04/25/2026 10:00:00").startswith("2026-03-04")
    mixed = created(tmp_path, "03/04/2026 10:00:00", "04/25/2026 10:00:00", "25/04/2026 10:00:00")
    assert "may be" in mixed


def test_the_own_family_follows_contrary_evidence(tmp_path: Path) -> None:
    contrary = "22/11/2026 10:00:00 AM"
    assert created(tmp_path, "03/04/2026 10:00:00 AM", contrary).startswith("2026-04-03")
    assert "may be" in created(
        tmp_path, "03/04/2026 10:00:00 AM", contrary, "11/22/2026 10:00:00 AM"
    )
    assert created(tmp_path, "22/11/2026 10:00:00 AM", "11/22/2026 10:00:00 AM").startswith(
        "2026-11-22"
    )


@pytest.mark.parametrize(
    ("value", "shop", "instant", "says"),
    [
        ("03/08/2026 02:30:00 AM", NEW_YORK, "2026-03-08 07:30:00", "skipped by the clock change"),
        ("11/01/2026 01:30:00 AM", NEW_YORK, "2026-11-01 05:30:00", "came twice"),
        ("29/03/2026 01:30:00", GB, "2026-03-29 01:30:00", "skipped by the clock change"),
        ("25/10/2026 01:30:00", GB, "2026-10-25 00:30:00", "came twice"),
        ("07/04/2026 01:30:00 AM", NEW_YORK, "2026-07-04 05:30:00", ""),
    ],
)
def test_clock_changes(
    tmp_path: Path, value: str, shop: ShopFacts, instant: str, says: str
) -> None:
    result = read_csv(tmp_path, {"Created Time": value, "Paid Time": ""}, shop=shop)
    assert result.fact.created_at.strftime("%Y-%m-%d %H:%M:%S") == instant
    assert says in " ".join(result.warnings)
    assert bool(result.warnings) == bool(says)


def test_a_time_in_the_future_is_taken_with_a_warning(tmp_path: Path) -> None:
    result = read_csv(tmp_path, {"Created Time": "12/24/2026 10:00:00 AM", "Paid Time": ""})
    assert result.fact.created_at == datetime(2026, 12, 24, 10, tzinfo=UTC)
    assert "Created Time lies in the future" in result.warnings[0]
    assert result.as_of == NOW


def test_a_time_ahead_makes_no_file_newer(tmp_path: Path) -> None:
    """Else one wrong date would let stale facts move orders back."""
    rows = [{"Paid Time": "11/20/2027 10:00:00 AM\t"}, {"Order ID": OTHER_ID}]
    plain = read_csv(tmp_path, rows[1]).as_of
    assert read_csv(tmp_path, *rows).as_of == plain < NOW


def test_as_of_is_the_newest_time_of_any_column(tmp_path: Path) -> None:
    rows = [
        {
            "Created Time": "11/02/2026 10:00:00 AM",
            "Paid Time": "",
            "Delivered Time": "11/19/2026 10:00:00 PM",
        },
        {"Order ID": OTHER_ID, "Created Time": "11/12/2026 10:00:00 AM", "Paid Time": "x"},
    ]
    result = read_csv(tmp_path, *rows, shop=NEW_YORK)
    assert result.as_of == datetime(2026, 11, 20, 3, tzinfo=UTC)
    assert all(entry.fact.as_of == result.as_of for entry in result.accepted)


def test_as_of_passes_over_what_no_order_is_from(tmp_path: Path) -> None:
    rows = [{"Created Time": "11/20/2026 10:00:00 AM", "Paid Time": "11/20/2096 10:00:00 AM"}]
    rows += [{"Order ID": OTHER_ID, "Created Time": "02/31/2026 10:00:00 AM", "Paid Time": ""}]
    assert read_csv(tmp_path, *rows).as_of == datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert read_csv(tmp_path, {"Created Time": "soon", "Paid Time": ""}).as_of == NOW


@pytest.mark.parametrize(
    ("column", "days", "is_taken"),
    [("Paid Time", -2, False), ("Paid Time", -0.9, True), ("Delivered Time", -2, False)],
)
def test_times_before_the_created_time(
    tmp_path: Path, column: str, days: float, is_taken: bool
) -> None:
    at = datetime(2026, 11, 20, 10, tzinfo=UTC) + timedelta(days=days)
    result = read_csv(tmp_path, {"Paid Time": "", column: f"{at:%m/%d/%Y %I:%M:%S %p}"})
    assert bool(result.accepted) is is_taken
    if not is_taken:
        assert "more than a day before Created Time" in result.rejection.reason


def test_the_reader_alone() -> None:
    reader = DateReader(ZoneInfo("UTC"), dict.fromkeys(Clock, Order.DAY_FIRST), NOW)
    assert reader.read("") is None
    assert reader.read("--") is None
    instant = reader.read(("2026-11-20 10:00:00",))
    assert instant is not None
    assert instant.at == datetime(2026, 11, 20, 10, tzinfo=UTC)
