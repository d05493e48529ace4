"""What keeps a cell from being a formula when a spreadsheet opens it, on the way out (exports, and
the copy of rejected rows that people mend and send again), and comes off on the way in. Further
that copy's extra column.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable, Iterable

EVERY = range(1, sys.maxunicode + 1)


def class_of(belongs: Callable[[str], bool], codes: Iterable[int] = EVERY) -> str:
    """The characters of `codes`, which rise, for which `belongs` holds: the inside of a bracket
    expression that Python and PostgreSQL read alike."""
    spans: list[list[int]] = []
    for code in codes:
        if belongs(chr(code)):
            if spans and spans[-1][1] == code - 1:
                spans[-1][1] = code
            else:
                spans.append([code, code])
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in spans)


#: Header of the column that says why; a file with it is such a copy.
REASON = "Why it was rejected"
#: From here on, and only in this plane, Unicode has signs that programs ignore, named or not.
PLANE_14 = 0xE0000
#: What programs skip at a cell's start: controls, signs of format and separators by category, and
#: of the others those that Unicode wants ignored (Default_Ignorable_Code_Point).
SKIPPED = (
    class_of(
        lambda sign: unicodedata.category(sign) in {"Cc", "Cf", "Zs", "Zl", "Zp"}, range(1, 0x20000)
    )
    + r"\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8"
    + rf"\U{PLANE_14:08x}-\U{PLANE_14 + 0xFFF:08x}"
)
#: What a formula starts with, plain or of full width.
SIGNS = r"-=+@\uff0d\uff1d\uff0b\uff20"
#: The first sign of anything that FORMULA matches.
FIRST = rf"[{SIGNS}'{SKIPPED}]"
#: How a cell starts that could be a formula, also behind guards of before; PostgreSQL reads the
#: pattern alike (exports/cells.py).
FORMULA = rf"^'*(?:[{SKIPPED}]*[{SIGNS}]|[\u0009\u000a\u000d])"
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
