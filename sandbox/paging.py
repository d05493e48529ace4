"""A page of documents at a time, by keyset, so that page 1,000 costs what page 1 costs. The bodies
stay the JSON text they are stored as. The token is opaque to callers and carries the total.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.books import Books
from sandbox.kinds import UNTOLD

COLUMNS = {"create_time": "created", "update_time": "updated", "order_pay_time": "created"}


class BadToken(ValueError):
    """The page token is not one of ours."""


@dataclass
class Asked:
    """What a search wants. `tests` are SQL conditions on the documents table with their values."""

    kind: str
    shop: str
    page_size: int
    page_token: str = ""
    sort_field: str = "create_time"
    descending: bool = True
    tests: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    #: Fields of the body that this answer leaves out.
    without: Sequence[str] = ()
    #: SQL of what is shown instead of the body, as JSON text.
    shown: str = ""

    def where(self, test: str, *values: object) -> None:
        self.tests.append(test)
        self.values.extend(values)

    def window(self, name: str, low: int | None, high: int | None) -> None:
        """`low` inclusive, `high` exclusive; None or 0 is open."""
        if low:
            self.where(f"{COLUMNS[name]} >= ?", low)
        if high:
            self.where(f"{COLUMNS[name]} < ?", high)

    def field_is(self, name: str, value: object) -> None:
        self.where(f"json_extract(body, '$.{name}') = ?", value)


@dataclass(frozen=True)
class Page:
    """Bodies as JSON text; `next_token` is blank on the last page."""

    texts: list[str]
    next_token: str
    total: int


def page(books: Books, asked: Asked) -> Page:
    """Raises BadToken."""
    tests = ["kind = ?", "shop = ?", *asked.tests]
    values: list[Any] = [asked.kind, asked.shop, *asked.values]
    column = COLUMNS[asked.sort_field]
    if asked.page_token:
        at, id, total = _open(asked.page_token)
        after = "<" if asked.descending else ">"
    else:
        total = books.rows(f"SELECT count(*) FROM documents WHERE {' AND '.join(tests)}", values)[  # noqa: S608
            0
        ][0]
    if asked.page_token:
        tests.append(f"({column}, id) {after} (?, ?)")
        values += [at, id]
    way = "DESC" if asked.descending else "ASC"
    paths = "".join(f", '$.{name}'" for name in (UNTOLD, *asked.without))
    shown = asked.shown or f"json_remove(body{paths})"
    rows = books.rows(
        f"SELECT {column}, id, {shown} FROM documents WHERE {' AND '.join(tests)}"  # noqa: S608
        f" ORDER BY {column} {way}, id {way} LIMIT ?",
        [*values, asked.page_size + 1],
    )
    here = rows[: asked.page_size]
    more = len(rows) > asked.page_size
    token = _seal(here[-1][0], here[-1][1], total) if more else ""
    return Page([row[2] for row in here], token, total)


def _seal(at: int, id: str, total: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([at, id, total]).encode()).decode()


def _open(token: str) -> tuple[int, str, int]:
    try:
        at, id, total = json.loads(base64.urlsafe_b64decode(token))
        return int(at), str(id), int(total)
    except (ValueError, TypeError) as error:
        raise BadToken(token) from error
