"""What holds for every file: dates and amounts come back as they were written, and neither the
order of columns nor of rows, nor repeated rows, change what an order is.
"""

from __future__ import annotations

import random
import tempfile
import tracemalloc
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.order_files import header, rows, write_csv, write_xlsx
from shipboard.channels.contract import OrderFact
from shipboard.channels.file import AcceptedOrder, read_orders
from shipboard.channels.file.cells import clean_row, visible
from shipboard.channels.file.dates import Clock, DateReader, Order
from shipboard.channels.file.money import read_money
from shipboard.channels.text import UNWANTED, clean
from tests.soak import examples

from .files import NOW, TH, US, csv_text, raw_file, read

ZONES = st.sampled_from(
    ["UTC", "America/New_York", "Europe/London", "Asia/Bangkok", "Asia/Jakarta"]
)
LOCAL_TIMES = st.datetimes(datetime(2015, 1, 2), datetime(2026, 11, 22)).map(  # noqa: DTZ001
    lambda at: at.replace(microsecond=0)
)
STYLES = {
    "%m/%d/%Y %I:%M:%S %p": {Clock.TWELVE: Order.MONTH_FIRST},
    "%d/%m/%Y %H:%M:%S": {Clock.TWENTY_FOUR: Order.DAY_FIRST},
    "%m/%d/%Y %H:%M:%S": {Clock.TWENTY_FOUR: Order.MONTH_FIRST},
    "%d/%m/%Y %I:%M:%S %p": {Clock.TWELVE: Order.DAY_FIRST},
    "%Y-%m-%d %H:%M:%S": {},
    "%Y/%m/%dT%H:%M:%S": {},
}


@given(LOCAL_TIMES, ZONES, st.sampled_from(sorted(STYLES)))
def test_dates_come_back(local: datetime, zone_name: str, style: str) -> None:
    zone = ZoneInfo(zone_name)
    reader = DateReader(zone, STYLES[style], NOW)
    instant = reader.read(local.strftime(style))
    assert instant is not None
    back = instant.at.astimezone(zone).replace(tzinfo=None)
    assert back == local or "clock change" in instant.remark
    assert instant.at == local.replace(tzinfo=zone).astimezone(UTC)


@given(
    st.decimals("-99999999", "99999999", places=2),
    st.sampled_from(["{:.2f}", "{:,.2f}", "${:.2f}", "{:,.2f} USD", "US$ {:,.2f}"]),
)
def test_amounts_come_back(amount: Decimal, style: str) -> None:
    assert read_money(style.format(amount), "USD") == (amount, "")


@given(st.integers(0, 10**11), st.sampled_from(["{}", "{:,}", "{:,}.dot", "₫{:,}", "{:,}.dot ₫"]))
def test_amounts_without_a_minor_unit_come_back(amount: int, style: str) -> None:
    shown = style.format(amount)
    if ".dot" in shown:
        shown = shown.replace(".dot", "").replace(",", ".")
    assert read_money(shown, "VND") == (Decimal(amount), "")


@given(st.floats(-1e9, 1e9).map(lambda number: round(number, 4)))
def test_number_cells_come_back(number: float) -> None:
    amount, _ = read_money(number, "USD")
    assert amount is not None
    assert abs(amount - Decimal(repr(number))) < Decimal("0.000001")


@given(st.text(st.characters(codec=None)))
def test_cleaned_text_is_clean_and_stays_so(value: str) -> None:
    cleaned = clean(value)
    assert not UNWANTED.search(cleaned)
    assert clean(cleaned) == cleaned
    assert not UNWANTED.search(visible(value))
    assert clean_row([value])[0] == [cleaned]
    cleaned.encode()


def facts_by_id(folder: Path, text: str) -> dict[str, OrderFact]:
    result = read(raw_file(folder, text.encode()))
    assert result.rejected == []
    return {entry.fact.order_id: entry.fact for entry in result.accepted}


BENCH = [dict(zip(header("us"), row, strict=True)) for row in rows(25, 5, "us")]


@settings(max_examples=examples(25), suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.randoms(use_true_random=False))
def test_neither_columns_nor_rows_have_an_order(chance: random.Random) -> None:
    """Rows move between orders; those of one order keep their sequence, which lines follow."""
    names = header("us")
    chance.shuffle(names)
    slots = [row["Order ID"] for row in BENCH]
    chance.shuffle(slots)
    by_order = {name: [row for row in BENCH if row["Order ID"] == name] for name in set(slots)}
    mixed = [by_order[name].pop(0) for name in slots]
    with tempfile.TemporaryDirectory() as folder:
        plain = facts_by_id(Path(folder), csv_text([dict(row) for row in BENCH]))
        assert facts_by_id(Path(folder), csv_text([dict(row) for row in mixed], names)) == plain


@settings(max_examples=examples(25), deadline=None)
@given(st.randoms(use_true_random=False))
def test_repeated_rows_change_nothing(chance: random.Random) -> None:
    more = [row for row in BENCH for _ in range(chance.randint(1, 3))]
    with tempfile.TemporaryDirectory() as folder:
        plain = facts_by_id(Path(folder), csv_text([dict(row) for row in BENCH]))
        assert facts_by_id(Path(folder), csv_text([dict(row) for row in more])) == plain


def test_the_same_orders_in_every_format(tmp_path: Path) -> None:
    write_csv(tmp_path / "a", 60, seed=9, layout="sea")
    write_xlsx(tmp_path / "b", 60, seed=9, layout="sea")
    write_xlsx(tmp_path / "c", 60, seed=9, layout="sea", shared=True)
    plain, inline, shared = (read(tmp_path / name, TH) for name in "abc")
    assert plain.rejected == []
    assert len(plain.accepted) == 60
    assert plain.warnings == inline.warnings == shared.warnings == []
    assert plain.accepted == inline.accepted == shared.accepted


def test_the_maker_of_files_is_deterministic(tmp_path: Path) -> None:
    count = write_csv(tmp_path / "a", 200, seed=3)
    assert count == write_csv(tmp_path / "b", 200, seed=3)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert 1.4 < count / 200 < 1.8
    assert len(read(tmp_path / "a", US).accepted) == 200


def peak_bytes(path: Path) -> int:
    tracemalloc.start()
    with read_orders(path, US, now=NOW) as export:
        assert all(isinstance(entry, AcceptedOrder) for entry in export.orders())
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def test_memory_does_not_grow_with_the_cells(tmp_path: Path) -> None:
    """A thousand orders more may take their ids and offsets, some 300 bytes each; their cells are
    ten times that."""
    write_csv(tmp_path / "few", 300, seed=1)
    write_csv(tmp_path / "many", 1_300, seed=1)
    peak_bytes(tmp_path / "few")  # fills what is kept between files
    assert peak_bytes(tmp_path / "many") - peak_bytes(tmp_path / "few") < 600 * 1_000
