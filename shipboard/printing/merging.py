"""One file out of many: pages go in as they are, in their own size, nothing scaled or cropped, what
they show untouched. PDFium, which does it, takes one thread at a time.
"""

from __future__ import annotations

import ctypes
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from threading import Lock

import pypdfium2
from pypdfium2 import raw

from shipboard.printing.pdf_file import PdfFile
from shipboard.printing.pictures import picture_pdf
from shipboard.printing.records import PDF, Damaged, Pages, Paper, Printed

#: Held around every use of PDFium in this process.
PDFIUM = Lock()


def interleave(labels: Sequence[Pages], slips: Printed) -> list[Pages]:
    """Each label, then its slip; raises ValueError unless there are as many of both."""
    parts: list[Pages] = []
    start = 0
    for label, many in zip(labels, slips.pages, strict=True):
        pages = range(start, start + many)
        parts += [label, Pages(f"Slip of {label.name}", slips.content, pages=pages)]
        start += many
    return parts


def merge(parts: Sequence[Pages], is_reversed: bool = False) -> bytes:
    """All pages in the order of `parts`, or the last one first, for a printer that lays each page
    on the one before, face up. Raises Damaged, which names the part.

    A file that several parts are of is taken in once, as its fonts are.
    """
    by_file: dict[int, list[int]] = {}
    for place, part in enumerate(parts):
        by_file.setdefault(id(part.content), []).append(place)
    places: dict[int, range] = {}
    total = 0
    with PDFIUM, _new() as result:
        for some in by_file.values():
            wanted: list[int] = []
            with _opened(parts[some[0]].name, _as_pdf(parts[some[0]])) as source:
                for place in some:
                    pages = _chosen(parts[place], len(source))
                    places[place] = range(total + len(wanted), total + len(wanted) + len(pages))
                    wanted.extend(pages)
                _take_in(result, source, wanted, total, parts[some[0]].name)
            total += len(wanted)
        order = list(chain.from_iterable(places[place] for place in range(len(parts))))
        _arrange(result, order[::-1] if is_reversed else order)
        return _saved(result)


def count_pages(part: Pages) -> int:
    """Of its file, or of those named. Raises Damaged."""
    with PDFIUM, _opened(part.name, _as_pdf(part)) as document:
        return len(_chosen(part, len(document)))


def _as_pdf(part: Pages) -> bytes:
    if part.media_type == PDF:
        return part.content
    if part.media_type.startswith("image/"):
        return picture_pdf(part)
    raise Damaged(part.name, f"its file is {part.media_type}, neither a PDF nor a picture")


@contextmanager
def _new() -> Iterator[pypdfium2.PdfDocument]:
    """A document without pages that is printed at its size, as those of ours are."""
    ours = PdfFile()
    ours.add_page(Paper.A6.points, b"")
    result = pypdfium2.PdfDocument.new()
    try:
        with _opened("The file", ours.written()) as source:
            raw.FPDF_CopyViewerPreferences(result, source)
        yield result
    finally:
        result.close()


@contextmanager
def _opened(name: str, content: bytes) -> Iterator[pypdfium2.PdfDocument]:
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        is_locked = getattr(error, "err_code", None) == raw.FPDF_ERR_PASSWORD
        why = "its file is locked with a password" if is_locked else "its file is not a whole PDF"
        raise Damaged(name, why) from error
    try:
        yield document
    finally:
        document.close()


def _chosen(part: Pages, many: int) -> range:
    chosen = range(many) if part.pages is None else part.pages
    if not chosen:
        raise Damaged(part.name, "its file has no pages")
    if chosen.start < 0 or chosen[-1] >= many:
        raise Damaged(part.name, f"its file has no page {chosen[-1] + 1}, only {many}")
    return chosen


def _take_in(
    result: pypdfium2.PdfDocument,
    source: pypdfium2.PdfDocument,
    pages: Sequence[int],
    at: int,
    name: str,
) -> None:
    if not raw.FPDF_ImportPagesByIndex(result, source, _ints(pages), len(pages), at):
        raise Damaged(name, "its pages can't be read")


def _arrange(result: pypdfium2.PdfDocument, order: Sequence[int]) -> None:
    if list(order) == sorted(order):
        return
    if not raw.FPDF_MovePages(result, _ints(order), len(order), 0):
        raise RuntimeError("PDFium would not put the pages into their order.")


def _ints(values: Sequence[int]) -> ctypes.Array[ctypes.c_int]:
    return (ctypes.c_int * len(values))(*values)


def _saved(result: pypdfium2.PdfDocument) -> bytes:
    written = io.BytesIO()
    result.save(written, flags=raw.FPDF_NO_INCREMENTAL)
    return written.getvalue()
