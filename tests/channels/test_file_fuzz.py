"""Hundreds of damaged copies of the samples: every one is either read or refused with a sentence.
Any other exception is a bug. The seed is fixed, so a failure can be repeated.
"""

from __future__ import annotations

import csv
import io
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from shipboard.channels.contract import ShopFacts
from shipboard.channels.file import UnreadableFile
from shipboard.channels.text import UNWANTED
from tests.soak import SEED, examples

from .files import PAYLOADS, TH, US, raw_file, read

CSV = (PAYLOADS / "orders-us.csv").read_bytes()
XLSX = (PAYLOADS / "orders-sea.xlsx").read_bytes()
NASTY = (
    *("", " ", "0", "-1", "1e999", "NaN", "Infinity", "1E+18", "9" * 21, "=1+1", "#REF!"),
    *("\t", "\n", '"', "'", ",", ";", "\\", "%s", "{}", "\x07", "\x7f", "\u202e", "\ufeff"),
    *("02/30/2026 10:00:00 AM", "30/02/2026 10:00:00", "00/00/0000 00:00:00"),
    *("12/31/9999 11:59:59 PM", "31/12/9999 23:59:59", "9999-12-31 23:59:59"),
    *("2026-11-22T24:00:00Z", "5 pm", "1,2,3", "1.2.3", "\U0001f600", "١٢٣", "true", "x" * 5_000),
    *("$", "£5", "€ 1.234", "-0", "0.0000001", "TOTAL", "Return/Refund"),
)
FOREIGN = (b'"', b",", b"\r", b"\n", b"\0", b"\xff", b"\xe0\xb8", b"<", b"&")


def check(path: Path, shop: ShopFacts) -> bool:
    """Reads `path`; whether it could be read. Nothing unfit for a database may come out."""
    sentence = ""
    try:
        result = read(path, shop)
    except UnreadableFile as refusal:
        sentence = str(refusal)
    if sentence:
        assert sentence.endswith(".")
        return False
    assert len(result.accepted) + len(result.rejected) <= result.rows
    said = repr(result.accepted) + repr([(one.order_id, one.reason) for one in result.rejected])
    assert not UNWANTED.search(said)
    for one in result.rejected:
        assert one.reason.endswith(".")
        assert not any(UNWANTED.search(cell) for _, row in one.rows for cell in row)
    return True


def damaged_bytes(content: bytes, chance: random.Random) -> bytes:
    """A copy with one to eight faults: flipped, cut, doubled or foreign bytes."""
    data = bytearray(content)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(data))
        match chance.randrange(5):
            case 0:
                data[at] ^= 1 << chance.randrange(8)
            case 1:
                del data[at : at + chance.randint(1, 40)]
            case 2:
                data[at:at] = data[at : at + chance.randint(1, 40)]
            case 3:
                data[at:at] = chance.choice(
                    (b'"', b",", b"\r", b"\n", b"\0", b"\xff", b"\xe0\xb8", b"<", b"&")
                )
            case _:
                data[at : at + 4] = chance.randbytes(4)
    return bytes(data)


def damaged_sheet(content: bytes, chance: random.Random) -> bytes:
    """The workbook with one of its parts damaged and everything packed properly again."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        hit = chance.choice(
            [*source.namelist(), "xl/worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"]
        )
        for name in source.namelist():
            part = source.read(name)
            target.writestr(name, damaged_bytes(part, chance) if name == hit else part)
    return out.getvalue()


def damaged_cells(content: bytes, chance: random.Random) -> bytes:
    """The CSV with a few cells replaced by nasty ones, or moved, and rows left whole."""
    table = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    for _ in range(chance.randint(1, 12)):
        row = chance.choice(table)
        at = chance.randrange(len(row))
        if chance.random() < 0.8:
            row[at] = chance.choice(NASTY)
        else:
            other = chance.choice(table)
            row[at], other[-1] = other[-1], row[at]
    out = io.StringIO()
    csv.writer(out).writerows(table)
    return out.getvalue().encode()


@pytest.mark.parametrize(
    ("damage", "content", "shop", "times"),
    [
        (damaged_bytes, CSV, US, 150),
        (damaged_cells, CSV, US, 150),
        (damaged_bytes, XLSX, TH, 300),
        (damaged_sheet, XLSX, TH, 120),
    ],
)
def test_damage_never_surprises(
    tmp_path: Path,
    damage: Callable[[bytes, random.Random], bytes],
    content: bytes,
    shop: ShopFacts,
    times: int,
) -> None:
    readable = 0
    for seed in range(SEED, SEED + examples(times)):
        path = raw_file(tmp_path, damage(content, random.Random(seed)))
        try:
            readable += check(path, shop)
        except AssertionError:
            raise
        except Exception as error:  # the seed is what one needs
            pytest.fail(f"seed {seed}: {error!r}")
    assert 0 < readable < examples(times) or damage is damaged_cells
