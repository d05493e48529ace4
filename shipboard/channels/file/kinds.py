"""What a file is, told from its first bytes and never from its name."""

from __future__ import annotations

import mmap
from enum import Enum
from pathlib import Path

from .errors import UnreadableFile
from .limits import MAX_FILE_BYTES, megabytes

AGAIN = "Export the orders again as CSV or Excel and choose that file."
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
STRANGERS = (
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"{\\rtf", "a text document"),
    (b"SQLite format 3", "a database"),
)


class Kind(Enum):
    TEXT = "CSV"
    WORKBOOK = "XLSX"


def kind_of(path: Path) -> Kind:
    """Whether `path` is text with columns or a zipped workbook.

    Raises UnreadableFile for anything else, for an empty file and for one that is too large.
    """
    size = path.stat().st_size
    if size == 0:
        raise UnreadableFile(f"The file is empty. {AGAIN}")
    if size > MAX_FILE_BYTES:
        raise UnreadableFile(
            f"The file is {megabytes(size)}, and at most {megabytes(MAX_FILE_BYTES)} can be read. "
            "Export fewer orders at a time, for example one month."
        )
    with path.open("rb") as file:
        start = file.read(512)
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return Kind.WORKBOOK
    if start.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise _compound_document(path)
    for magic, name in STRANGERS:
        if start.startswith(magic):
            raise UnreadableFile(f"The file is {name}, not an order export. {AGAIN}")
    if start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<":
        raise UnreadableFile(
            "The file is a web page or an XML document, not an order export, whatever its name "
            f"says. {AGAIN}"
        )
    return Kind.TEXT


def _compound_document(path: Path) -> UnreadableFile:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        locked = content.find(ENCRYPTED) >= 0
    if locked:
        return UnreadableFile(
            "The workbook is protected with a password. Open it, save a copy without the password "
            "and choose that copy, or export the orders again."
        )
    return UnreadableFile(
        "The file is in the old Excel format (.xls). Open it and save it as an Excel workbook "
        "(.xlsx), or export the orders again."
    )
