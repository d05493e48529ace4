"""What a cell may hold, how it reads as text, and how text is cleaned before it is stored."""

from __future__ import annotations

from collections.abc import Sequence

from ..text import UNWANTED, clean

Cell = str | int | float | tuple[str]
"""Text, a number, or a real date cell: a tuple of its local time as `YYYY-MM-DD HH:MM:SS`."""

#: How a formula reads that nobody worked out, for those who ask to be told of it.
NO_VALUE = "=(a formula without a value)"
EXACT_DIGITS = 15  # a spreadsheet's numbers are exact up to here


def text(cell: Cell) -> str:
    """The cell as a person would read it; a number too long to be exact reads as 5.76E+17."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, tuple):
        return cell[0]
    if isinstance(cell, int):
        return str(cell)
    return repr(cell) if abs(cell) < 10**EXACT_DIGITS else f"{cell:.15G}"


def is_blank(cells: Sequence[Cell]) -> bool:
    return not any(not isinstance(cell, str) or cell.strip() for cell in cells)


def visible(value: str) -> str:
    """`value` with every unwanted character written out (`\\x07`), so that it can be stored."""
    return UNWANTED.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), value)


def clean_row(cells: Sequence[Cell]) -> tuple[list[Cell], dict[int, str]]:
    """The row cleaned, and the originals, made visible, of the cells where more than the
    surrounding whitespace changed, by position."""
    cleaned: list[Cell] = [cell.strip() if isinstance(cell, str) else cell for cell in cells]
    if "".join(cell for cell in cleaned if isinstance(cell, str)).isprintable():
        return cleaned, {}
    originals: dict[int, str] = {}
    for at, cell in enumerate(cleaned):
        if isinstance(cell, str) and not cell.isprintable():
            cleaned[at] = clean(cell)
            if UNWANTED.search(cell):
                originals[at] = visible(cell)
    return cleaned, originals
