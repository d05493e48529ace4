"""What keeps a cell from being a formula when a spreadsheet opens it, on the way out (exports, and
the copy of rejected rows that people mend and send again), and comes off on the way in. Further
that copy's extra column.
"""

from __future__ import annotations

import re

#: Header of the column that says why; a file with it is such a copy.
REASON = "Why it was rejected"
#: What programs skip at a cell's start: blanks, controls, signs without a width.
SKIPPED = r"\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff"
#: How a cell starts that could be a formula, also behind guards of before; PostgreSQL reads the
#: pattern alike (exports/cells.py).
FORMULA = rf"^'*(?:[{SKIPPED}]*[-=+@\uff0d\uff1d\uff0b\uff20]|[\u0009\u000a\u000d])"
_FORMULA = re.compile(FORMULA)
#: Signed numbers, and dashes that stand for nothing, start no formula.
HARMLESS = re.compile(r"[-+]?[\d.,]+|-+")


def guarded_text(cell: str) -> str:
    """`cell`, with a quote before it when it could be a formula; `unguarded` gives it back."""
    return "'" + cell if _FORMULA.match(cell) else cell


def guarded(cell: str) -> str:
    """A cell of any column, numbers included, for a spreadsheet. Long ids get a trailing tab, as
    in the marketplace's own files."""
    if cell.isdigit() and len(cell) > 15:
        return cell + "\t"
    return cell if HARMLESS.fullmatch(cell.strip()) else guarded_text(cell)


def unguarded(cell: str) -> str:
    """`cell` as it was before it was guarded."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell
