"""Many search values from one box: what people paste, taken apart; and put together again; and
which text the database takes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

MOST_VALUES = 1000
#: Comma, semicolon, newline or tab, also the full-width signs that Asian keyboards type.
_SIGNS = ",;\n\r\t，；、"
SEPARATORS = re.compile(f"[{_SIGNS}]+")
#: A value in quotes: they stand at a value's ends, and a quote within is written twice.
QUOTED = re.compile(rf'(?:(?<=[\s{_SIGNS}])|^)"((?:[^"]|"")*)"(?=[\s{_SIGNS}]|$)')


class TooManyValues(ValueError):
    """More than MOST_VALUES; the message says how many."""


def split_values(text: str) -> tuple[str, ...]:
    """The distinct values in `text`, in order. Quotes keep a value whole; spaces separate too when
    every piece holds a digit and none is shorter than 6. Raises TooManyValues."""
    values: list[str] = []
    for number, part in enumerate(QUOTED.split(text)):
        if number % 2:
            values.append(part.replace('""', '"').strip())
        else:
            for piece in SEPARATORS.split(part):
                values.extend(_by_spaces(piece.strip()))
    distinct = tuple(dict.fromkeys(value for value in values if value))
    if len(distinct) > MOST_VALUES:
        raise TooManyValues(
            f"{len(distinct):,} values were given; search takes up to {MOST_VALUES:,} at once."
        )
    return distinct


def join_values(values: Iterable[str]) -> str:
    """Text that split_values takes apart into the same values."""
    return ",".join(_quoted(value) for value in values)


def is_storable(value: str) -> bool:
    """PostgreSQL takes neither NUL nor halves of characters (a command line may hold those)."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in value


def _quoted(value: str) -> str:
    if re.search(rf'[\s{_SIGNS}"]', value):
        return '"' + value.replace('"', '""') + '"'
    return value


def _by_spaces(piece: str) -> list[str]:
    pieces = piece.split()
    if all(len(each) >= 6 and any(sign.isdigit() for sign in each) for each in pieces):
        return pieces
    return [piece]
