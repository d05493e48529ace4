"""Files at rest: what was written comes back, and nothing else ever does."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shipboard.exports import vault
from shipboard.exports.vault import CHUNK, HEADER, TAG, Damaged, OtherKey

STORED = CHUNK + TAG


def keep(content: bytes, key: UUID | None = None) -> UUID:
    key = key or uuid4()
    with vault.sealed(key) as out:
        out.write(content)
    return key


def read(key: UUID) -> bytes:
    opened = vault.unseal(key)
    content = b"".join(opened.chunks)
    assert opened.size == len(content) == vault.size_of(key)
    return content


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7])
def test_what_was_written_comes_back(size: int) -> None:
    content = bytes(n % 251 for n in range(size))
    key = keep(content)
    assert read(key) == content
    stored = vault.place(key)
    assert stored.stat().st_mode & 0o777 == 0o600
    assert stored.parent.stat().st_mode & 0o777 == 0o700
    assert size < 100 or content[:100] not in stored.read_bytes()


@given(pieces=st.lists(st.binary(max_size=40_000), max_size=12))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_however_it_is_written(pieces: list[bytes]) -> None:
    key = uuid4()
    with vault.sealed(key) as out:
        for piece in pieces:
            out.write(piece)
    assert read(key) == b"".join(pieces)


def changed(key: UUID, content: bytes) -> None:
    vault.place(key).write_bytes(content)
    with pytest.raises(Damaged):
        read(key)


def test_cut_turned_and_swapped_chunks_do_not_open() -> None:
    key = keep(bytes(3 * CHUNK + 100))
    whole = vault.place(key).read_bytes()
    head, chunks = whole[:HEADER], [whole[HEADER + n * STORED :][:STORED] for n in range(4)]
    for cut in (0, 3, HEADER, HEADER + 5, HEADER + STORED, HEADER + 2 * STORED, len(whole) - 1):
        changed(key, whole[:cut])
    changed(key, head + chunks[1] + chunks[0] + chunks[2] + chunks[3])
    changed(key, head + chunks[0] + chunks[0] + chunks[2] + chunks[3])
    changed(key, head + chunks[0] + chunks[1] + chunks[3])
    changed(key, whole + b"x")
    for at in (2, HEADER + 1, HEADER + STORED + 9, len(whole) - 1):
        changed(key, whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])


def test_a_file_does_not_open_as_another() -> None:
    one, other = keep(b"one"), keep(b"other")
    vault.place(one).write_bytes(vault.place(other).read_bytes())
    with pytest.raises(Damaged, match="damaged"):
        read(one)


def test_another_secret_key_is_said_in_a_sentence(settings: Any) -> None:
    key = keep(b"orders")
    settings.SECRET_KEY = "another"
    with pytest.raises(OtherKey, match="another SHIPBOARD_SECRET_KEY"):
        vault.unseal(key)


def test_what_breaks_in_the_middle_leaves_nothing(exports_folder: Path) -> None:
    def break_off() -> None:
        with vault.sealed(uuid4()) as out:
            out.write(bytes(200_000))
            raise ValueError("half")

    with pytest.raises(ValueError, match="half"):
        break_off()
    assert list(exports_folder.iterdir()) == []


def test_a_missing_file_is_said() -> None:
    with pytest.raises(Damaged, match="not there"):
        vault.unseal(uuid4())


def test_memory_stays_flat() -> None:
    key, piece = uuid4(), bytes(1_000_000)
    tracemalloc.start()
    with vault.sealed(key) as out:
        for _ in range(60):
            out.write(piece)
    assert sum(map(len, vault.unseal(key).chunks)) == 60_000_000
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 8_000_000
