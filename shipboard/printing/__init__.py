"""Paper: records go in, bytes of a PDF come out. Pure: no table, no Django, no clock.

    slips_pdf(slips, paper) -> Printed              packing slips, in the order of `slips`
    pick_list_pdf(lines, title=, paper=) -> bytes   one row a SKU, in the order of `lines`
    cover_pdf(cover, paper) -> bytes                one page and what does not fit on it
    interleave(labels, slips) -> list[Pages]        label, its slip, next label, its slip
    merge(parts, is_reversed=False) -> bytes        all pages of Pages, each in its own size,
                                                    untouched; raises Damaged, naming the part
    count_pages(part) -> int                        raises Damaged

    in_stack_order(parcels, sorting, contents) -> list      Sorting.SKU, QUANTITY, SHIP_BY, GIVEN
    in_files(parcels, most=100) -> list[list]               of one sending, at most 100 labels each
    pick_lines(stack) -> tuple[PickLine, ...]               of the lines of each parcel of a stack

A file for the printer is `merge([Pages("cover", cover_pdf(...)), *interleave(labels, slips)])`.
"""

from __future__ import annotations

from shipboard.printing.covers import cover_pdf
from shipboard.printing.merging import count_pages, interleave, merge
from shipboard.printing.pick_lists import pick_list_pdf
from shipboard.printing.records import (
    MOST,
    PDF,
    PNG,
    Cover,
    Damaged,
    Ending,
    LeftOut,
    Pages,
    Paper,
    PickLine,
    Printed,
    Slip,
    SlipLine,
)
from shipboard.printing.slips import slips_pdf
from shipboard.printing.stacking import Contents, Sorting, in_files, in_stack_order, pick_lines

__all__ = [
    "MOST",
    "PDF",
    "PNG",
    "Contents",
    "Cover",
    "Damaged",
    "Ending",
    "LeftOut",
    "Pages",
    "Paper",
    "PickLine",
    "Printed",
    "Slip",
    "SlipLine",
    "Sorting",
    "count_pages",
    "cover_pdf",
    "in_files",
    "in_stack_order",
    "interleave",
    "merge",
    "pick_lines",
    "pick_list_pdf",
    "slips_pdf",
]
