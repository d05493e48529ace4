"""Files at rest: encrypted in chunks as they are written, decrypted as they are sent, in flat
memory. A chunk that is missing, moved, cut or of another file does not open (the construction is
known as STREAM).
"""

from __future__ import annotations

import contextlib
import hmac
import io
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

MAGIC = b"SHIPBOARD-EXPORT1"
SALT = 16
CHECK = 8
HEADER = len(MAGIC) + SALT + CHECK
TAG = 16
#: Plain bytes of a chunk; the last one has fewer, or none.
CHUNK = 64 * 1024


class Unopenable(Exception):
    """The file cannot be read; the message is a sentence for the person."""


class OtherKey(Unopenable):
    """It was written when the desk had another secret key."""


class Damaged(Unopenable):
    """It is cut, changed, or not the file it is named."""


def place(key: UUID) -> Path:
    """Where the finished file of an export is."""
    folder: Path = settings.EXPORTS
    return folder / key.hex


@contextlib.contextmanager
def sealed(key: UUID) -> Iterator[BinaryIO]:
    """What is written to the stream lies at place(key), encrypted and whole, once the block has
    ended well; else nothing does. A half file of an earlier try goes first."""
    path = place(key)
    part = path.with_suffix(".part")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    discard(key)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb", buffering=0) as raw:
            sealer = _Sealer(raw, key)
            yield cast(BinaryIO, sealer)
            sealer.finish()
            os.fsync(raw.fileno())
        part.rename(path)
        _keep_names(path.parent)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _keep_names(folder: Path) -> None:
    """A rename outlives a power cut only once its folder was written."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def discard(key: UUID) -> None:
    """Delete what is there of an export's file, whole or half."""
    place(key).unlink(missing_ok=True)
    place(key).with_suffix(".part").unlink(missing_ok=True)


def stored() -> set[UUID]:
    """Keys of the files that are there, whole or half."""
    folder: Path = settings.EXPORTS
    found = {path.stem for path in folder.glob("*")} if folder.is_dir() else set()
    return {UUID(stem) for stem in found if re.fullmatch("[0-9a-f]{32}", stem)}


def size_of(key: UUID) -> int:
    """Plain bytes of a finished file. Raises Damaged, or OSError when there is none."""
    return _plain_size(place(key).stat().st_size)


def check(key: UUID, size: int) -> None:
    """Raises Damaged when a look at it, unopened, tells that there is no finished file of `size`
    plain bytes."""
    try:
        found = size_of(key)
    except OSError:
        raise Damaged(GONE) from None
    if found != size:
        raise Damaged(DAMAGED)


@dataclass(frozen=True)
class Opened:
    """`size`: plain bytes in all; `chunks` gives them and closes the file. It raises Damaged in
    the middle when a later chunk does not open: what was sent then is short, never wrong."""

    size: int
    chunks: Iterator[bytes]


def unseal(key: UUID) -> Opened:
    """The plain file. Raises OtherKey, or Damaged when it is gone, cut or its begin does not
    open."""
    try:
        raw = place(key).open("rb")
    except OSError:
        raise Damaged(GONE) from None
    try:
        header = raw.read(HEADER)
        cipher = _Cipher(header, key)
        size = _plain_size(os.fstat(raw.fileno()).st_size)
        chunks = _chunks(raw, cipher, size)
        first = next(chunks)
    except BaseException:
        raw.close()
        raise
    return Opened(size, _with_first(first, chunks))


def _with_first(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _plain_size(stored: int) -> int:
    body = stored - HEADER
    chunks = -(-body // (CHUNK + TAG))
    size = body - chunks * TAG
    if chunks < 1 or size < (chunks - 1) * CHUNK:
        raise Damaged(DAMAGED)
    return size


def _chunks(raw: BinaryIO, cipher: _Cipher, size: int) -> Iterator[bytes]:
    with raw:
        for number in range(size // CHUNK + 1):
            is_last = number == size // CHUNK
            yield cipher.open(raw.read(CHUNK + TAG), number, is_last=is_last)


GONE = "The file is not there any more. Export the orders again."
DAMAGED = "The file is damaged and is not handed out. Export the orders again."


class _Cipher:
    """A key for one file; a chunk's number and whether it is the last are part of its nonce."""

    def __init__(self, header: bytes, key: UUID) -> None:
        if len(header) != HEADER or not header.startswith(MAGIC):
            raise Damaged(DAMAGED)
        salt, check = header[len(MAGIC) : -CHECK], header[-CHECK:]
        secret, known = _derive(salt)
        if not hmac.compare_digest(check, known):
            raise OtherKey(
                "The file was encrypted with another SHIPBOARD_SECRET_KEY and cannot be opened "
                "with the present one. Export the orders again."
            )
        self.box = AESGCM(secret)
        self.about = header + key.bytes

    def seal(self, plain: bytes, number: int, *, is_last: bool) -> bytes:
        return self.box.encrypt(_nonce(number, is_last), plain, self.about)

    def open(self, stored: bytes, number: int, *, is_last: bool) -> bytes:
        try:
            return self.box.decrypt(_nonce(number, is_last), stored, self.about)
        except (InvalidTag, ValueError):
            raise Damaged(DAMAGED) from None


def _derive(salt: bytes) -> tuple[bytes, bytes]:
    """The file's key, and eight bytes that tell whether it is the right one."""
    both = HKDF(SHA256(), length=32 + CHECK, salt=salt, info=b"shipboard export file")
    derived = both.derive(settings.SECRET_KEY.encode())
    return derived[:32], derived[32:]


def _nonce(number: int, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


class _Sealer(io.RawIOBase):
    """Takes plain bytes, writes encrypted chunks."""

    def __init__(self, raw: io.RawIOBase | BinaryIO, key: UUID) -> None:
        self.raw = raw
        salt = secrets.token_bytes(SALT)
        header = MAGIC + salt + _derive(salt)[1]
        self.cipher = _Cipher(header, key)
        self.held = bytearray()
        self.number = 0
        _write_all(raw, header)

    def writable(self) -> bool:
        return True

    def write(self, given: object, /) -> int:
        view = memoryview(given).cast("B")  # type: ignore[arg-type]
        self.held += view
        while len(self.held) >= CHUNK:
            self._put(bytes(self.held[:CHUNK]), is_last=False)
            del self.held[:CHUNK]
        return len(view)

    def finish(self) -> None:
        self._put(bytes(self.held), is_last=True)
        self.held.clear()

    def _put(self, plain: bytes, *, is_last: bool) -> None:
        _write_all(self.raw, self.cipher.seal(plain, self.number, is_last=is_last))
        self.number += 1


def _write_all(raw: io.RawIOBase | BinaryIO, stored: bytes) -> None:
    """A disk that is nearly full takes a part and says so, without raising."""
    left = memoryview(stored)
    while left:
        left = left[raw.write(left) or 0 :]
