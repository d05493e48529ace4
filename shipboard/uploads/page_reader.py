"""A program of its own that opens a PDF which nobody has looked at yet, so that a hostile one hangs
or breaks nothing but this process: bounded in memory, and in time for each page. No Django here.

    python -m shipboard.uploads.page_reader SECONDS read FILE FIRST MOST
    python -m shipboard.uploads.page_reader SECONDS cut FILE
    python -m shipboard.uploads.page_reader SECONDS join FILE...
    python -m shipboard.uploads.page_reader SECONDS picture FILE

What is on each page from FIRST on, of MOST pages at most; documents of the pages that lines of
stdin name; one document of several; the first page as PNG. It ends after so many SECONDS at one
page, and after twice as many at opening a file. Each answer on stdout is a line of JSON, and `size`
bytes after it where it has a size.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import re
import resource
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
import zxingcpp
from PIL import Image

#: Bytes of one label's document that is cut out; a scan of a page has one or two millions.
MAX_DOCUMENT = 8_000_000
MEMORY = 1_500_000_000
#: Dots per inch at which codes are looked for, the second when the first found none.
DOTS = (200, 300)
#: Of one picture; a page of A4 at 200 dots has 3.9 millions.
MOST_DOTS = 9_000_000
MOST_TEXT, MOST_CODES, MOST_CODE = 20_000, 40, 500
FORMATS = zxingcpp.BarcodeFormats(
    (
        zxingcpp.BarcodeFormat.Code128,
        zxingcpp.BarcodeFormat.QRCode,
        zxingcpp.BarcodeFormat.DataMatrix,
    )
)
#: What a label has no use for. Names that are long enough not to be met by chance in a picture.
HOSTILE = re.compile(rb"/(JavaScript|Launch|EmbeddedFile|RichMedia|GoToE)\b")
LOCKED = (
    "The PDF is locked with a password. Open it in a PDF reader, print it to a new PDF, and send "
    "that."
)
DAMAGED = (
    "The PDF is damaged and cannot be opened. Download it from Seller Center once more, and send "
    "that."
)
ACTIVE = (
    "The PDF holds a script or an attachment, which no label needs. Print it to a new PDF, and "
    "send that."
)
EMPTY = "The PDF has no pages."


class Refused(Exception):
    """The file is not taken; the message says why and what to do."""


def main(arguments: Sequence[str]) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Fatal in the middle of a call into the library too, which no exception would be.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    seconds, what, *rest = arguments
    signal.alarm(2 * int(seconds))
    work: dict[str, Callable[..., None]] = {
        "read": read,
        "cut": cut,
        "join": join,
        "picture": picture,
    }
    try:
        work[what](int(seconds), *rest)
    except Refused as refusal:
        say({"refused": str(refusal)})


def say(answer: dict[str, Any], content: bytes = b"") -> None:
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + content)
    sys.stdout.buffer.flush()


def read(seconds: int, path: str, first: str, most: str) -> None:
    with opened(path) as pdf:
        _check(pdf, int(most))
        say({"pages": len(pdf)})
        for number in range(int(first), len(pdf) + 1):
            signal.alarm(seconds)
            found = _read(pdf, number)
            signal.alarm(0)  # nobody is hurried who is slow to listen
            say({"page": number} | found)


def _check(pdf: pypdfium2.PdfDocument, most: int) -> None:
    """Raises Refused. What is active is looked for in the file as it is written anew, where no name
    is packed or disguised."""
    if not len(pdf):
        raise Refused(EMPTY)
    if len(pdf) > most:
        raise Refused(f"The PDF has {len(pdf):,} pages; up to {most:,} are read. Send it in parts.")
    counts = (pdfium.FPDFDoc_GetJavaScriptActionCount, pdfium.FPDFDoc_GetAttachmentCount)
    if any(count(pdf) > 0 for count in counts) or HOSTILE.search(_written(pdf)):
        raise Refused(ACTIVE)


@contextlib.contextmanager
def opened(path: str) -> Iterator[pypdfium2.PdfDocument]:
    try:
        pdf = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as problem:
        is_locked = problem.err_code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY)
        raise Refused(LOCKED if is_locked else DAMAGED) from None
    try:
        yield pdf
    finally:
        pdf.close()


def _read(pdf: pypdfium2.PdfDocument, number: int) -> dict[str, Any]:
    """What is on a page; `unreadable` when it cannot be drawn."""
    try:
        page = pdf[number - 1]
        text = page.get_textpage().get_text_bounded()[:MOST_TEXT]
        drawn = _drawn(page, DOTS[0])
        codes = _codes(drawn) or _codes(_drawn(page, DOTS[1]))
        digest = hashlib.sha256(repr(drawn.size).encode() + drawn.tobytes()).hexdigest()
    except (pypdfium2.PdfiumError, MemoryError, ValueError, OverflowError):
        return {"unreadable": True}
    return {"text": text, "codes": codes, "digest": digest}


def _drawn(page: pypdfium2.PdfPage, dots: int) -> Image.Image:
    wide, high = page.get_size()
    if not (0 < wide < 20_000 and 0 < high < 20_000):
        raise ValueError("no page has that size")
    scale = min(dots / 72, (MOST_DOTS / (wide * high)) ** 0.5)
    drawn: Image.Image = page.render(scale=scale, grayscale=True).to_pil()
    return drawn


def _codes(drawn: Image.Image) -> list[list[str]]:
    """[kind, text] of each, top to bottom."""
    found = zxingcpp.read_barcodes(drawn, formats=FORMATS)
    found.sort(key=lambda code: (code.position.top_left.y, code.position.top_left.x))
    return [[code.format.name, code.text[:MOST_CODE]] for code in found[:MOST_CODES]]


def cut(seconds: int, path: str) -> None:
    """Documents of the pages that each line of stdin names, [3, 4]; as they are, with nothing of
    them drawn anew. `size` -1: it is too large, or broken."""
    with opened(path) as pdf:
        signal.alarm(0)
        for line in sys.stdin:
            signal.alarm(seconds)
            numbers = json.loads(line)
            content = _cut(pdf, numbers)
            signal.alarm(0)
            say({"size": -1 if content is None else len(content)}, content or b"")


def _cut(pdf: pypdfium2.PdfDocument, numbers: Sequence[int]) -> bytes | None:
    try:
        some = pypdfium2.PdfDocument.new()
        some.import_pages(pdf, [number - 1 for number in numbers])
        content = _written(some)
    except (pypdfium2.PdfiumError, MemoryError):
        return None
    return content if len(content) <= MAX_DOCUMENT else None


def join(seconds: int, *paths: str) -> None:
    signal.alarm(seconds)
    whole = pypdfium2.PdfDocument.new()
    for path in paths:
        with opened(path) as pdf:
            whole.import_pages(pdf)
    content = _written(whole)
    if len(content) > MAX_DOCUMENT:
        raise Refused("Together these pages are too large for one label.")
    say({"size": len(content), "pages": len(whole)}, content)


def picture(seconds: int, path: str) -> None:
    with opened(path) as pdf:
        signal.alarm(seconds)
        stream = io.BytesIO()
        try:
            _drawn(pdf[0], 110).save(stream, "PNG", optimize=False)
        except (pypdfium2.PdfiumError, MemoryError, ValueError, OverflowError):
            raise Refused("This page cannot be drawn.") from None
    say({"size": stream.tell()}, stream.getvalue())


def _written(pdf: pypdfium2.PdfDocument) -> bytes:
    stream = io.BytesIO()
    pdf.save(stream)
    return stream.getvalue()


if __name__ == "__main__":
    main(sys.argv[1:])
