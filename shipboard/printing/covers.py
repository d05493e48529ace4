"""The cover of a file: what is in it, whose it is, its first and last label, and what was left out
and why.
"""

from __future__ import annotations

from shipboard.printing.pdf_file import PdfFile
from shipboard.printing.records import Cover, Ending, Paper
from shipboard.printing.sheets import Sheets


def cover_pdf(cover: Cover, paper: Paper) -> bytes:
    """One page, and more when much was left out."""
    file = PdfFile()
    sheets = Sheets(file, paper, f"{cover.title}, continued")
    sheets.text(cover.title, 1.8, is_bold=True)
    if cover.files > 1:
        sheets.text(f"File {cover.number} of {cover.files}", 1.3, is_bold=True)
    sheets.text(f"{cover.at} ({cover.zone})")
    sheets.text(f"By {cover.by}")
    sheets.gap(0.4 * sheets.size)
    sheets.rule()
    sheets.gap(0.6 * sheets.size)
    for name, many in cover.counts:
        sheets.text(f"{name}: {many:,}", 1.2, is_bold=True)
    for title, ending in (("First label", cover.first), ("Last label", cover.last)):
        if ending:
            _ending(sheets, title, ending)
    _left_out(sheets, cover)
    sheets.close()
    return file.written()


def _ending(sheets: Sheets, title: str, ending: Ending) -> None:
    """In letters only: a barcode on a cover could be stuck on a parcel."""
    sheets.need(5 * sheets.size)
    sheets.gap(0.8 * sheets.size)
    sheets.text(f"{title}: order {ending.order_id}", is_bold=True)
    if ending.code != ending.order_id:
        sheets.text(ending.code)


def _left_out(sheets: Sheets, cover: Cover) -> None:
    if not cover.left_out:
        return
    sheets.gap(0.8 * sheets.size)
    sheets.need(4 * sheets.size)
    sheets.rule()
    sheets.gap(0.6 * sheets.size)
    sheets.text(f"Left out: {len(cover.left_out):,}", 1.2, is_bold=True)
    for each in cover.left_out:
        sheets.text(f"{each.what}: {each.why}")
