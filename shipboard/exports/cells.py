"""How a value becomes a cell, in SQL: guarded, masked, in the shop's zone. The guard and the mask
are those of Python (channels/file/mended.py, orders/masking.py); tests hold the two together.
"""

from __future__ import annotations

import re

from shipboard.channels.file.mended import FIRST, FORMULA, PLANE_14, class_of
from shipboard.orders.masking import OPEN, USERNAME

#: As str.split and str.isdigit understand them.
BLANK, DIGIT = class_of(str.isspace), class_of(str.isdigit)
_BLANKS = "".join(chr(code) for code in range(1, 0x10000) if chr(code).isspace())
#: Codes of what a formula may start with, as an array; plane 14's first stands for all from it on.
_LOW = re.findall(FIRST, "".join(map(chr, range(1, 0x20000))))
_FIRST = f"{{{','.join(str(ord(sign)) for sign in _LOW)},{PLANE_14}}}"


def literal(text: str) -> str:
    """`text` as a literal in a statement that takes parameters."""
    return "'" + text.replace("'", "''").replace("%", "%%") + "'"


def guarded(text: str) -> str:
    """SQL for mended.guarded_text of the SQL `text`; no value for a blank one. Few texts start with
    one of some signs, so the pattern is seldom asked."""
    may = f"least(ascii({text}), {PLANE_14}) = any('{_FIRST}'::int[])"
    return (
        f"case when {may} and {text} ~ {literal(FORMULA)} "
        f"then '''' || {text} else nullif({text}, '') end"
    )


def masked(key: str, text: str) -> str:
    """SQL for masking.masked."""
    if key in OPEN:
        return text
    if key == "phone":
        some = f"regexp_replace({text}, '[{DIGIT}]', '*', 'g')"
        rest = f"regexp_replace({text}, '[{DIGIT}](?=(?:[^{DIGIT}]*[{DIGIT}]){{2}})', '*', 'g')"
        many = f"{text} ~ '(?:[{DIGIT}][^{DIGIT}]*){{5}}'"
        return f"case when {many} then {rest} else {some} end"
    if key in ("name", USERNAME):
        words = f"'[{BLANK}]*([^{BLANK}])[^{BLANK}]*[{BLANK}]*', '\\1**** ', 'g'"
        return f"rtrim(regexp_replace({text}, {words}), {literal(_BLANKS)})"
    return f"case when {text} <> '' then '********' end"


def money(amount: str) -> str:
    """SQL for an amount as the marketplace's files have it: 0, two places, or four where two are
    too few (three could be read as thousands)."""
    return (
        f"case when {amount} = 0 then '0' when scale({amount}) <= 2 or "
        f"{amount} = round({amount}, 2) then round({amount}, 2)::text "
        f"else round({amount}, 4)::text end"
    )


def local(instant: str, form: str) -> str:
    """SQL for an instant as text in the zone of the row's shop."""
    return f"to_char({instant} at time zone zone, {literal(form)})"


def serial(instant: str) -> str:
    """SQL for a local time as spreadsheets count it: days since 30 December 1899."""
    return f"(floor(date_part('epoch', {instant} at time zone zone)) / 86400 + 25569)::text"
