"""The copy of rejected rows that people mend and send again: its extra column, and the guard that
keeps its cells from being formulas on the way out and comes off on the way in.
"""

from __future__ import annotations

import re

#: Header of the column that says why; a file with it is such a copy.
REASON = "Why it was rejected"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: Signed numbers, and dashes that stand for nothing, start no formula.
HARMLESS = re.compile(r"[-+]?[\d.,]+|-+")


def guarded(cell: str) -> str:
    """`cell` as text for a spreadsheet. Long ids get a trailing tab, as in the marketplace's own
    files; what could be a formula gets a quote before it."""
    if cell.isdigit() and len(cell) > 15:
        return cell + "\t"
    risky = cell.lstrip().startswith(FORMULA) or cell.startswith(FORMULA)
    return "'" + cell if risky and not HARMLESS.fullmatch(cell.strip()) else cell


def unguarded(cell: str) -> str:
    """`cell` as it was before `guarded`."""
    is_guarded = cell.startswith("'") and guarded(cell[1:]) == cell
    return cell[1:] if is_guarded else cell
