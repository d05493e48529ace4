"""The sandbox's books: documents as JSON text in SQLite, found by kind, shop and id, by order, or a
page at a time; and a ledger that is only ever added to, by which tests count what really happened.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.kinds import Doc, kind_of
from sandbox.schema import PUT, SCHEMA, SETTINGS


@dataclass(frozen=True)
class Entry:
    """One line; `at` in the marketplace's time, `amount` a decimal string or blank."""

    at: int
    shop: str
    what: str
    order_id: str
    package_id: str
    amount: str
    detail: Doc


class Books:
    """One connection and one lock; every method may be called from any thread."""

    def __init__(self, path: Path | str = ":memory:") -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        for setting in SETTINGS:
            self._db.execute(f"PRAGMA {setting}")
        self._db.executescript(SCHEMA)

    @contextmanager
    def change(self) -> Iterator[Books]:
        """One lock and one transaction: all of it is kept, or, on any exception, nothing.

        A change within a change is part of the outer one.
        """
        with self._lock:
            outermost = self._depth == 0
            if outermost:
                self._db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield self
            except BaseException:
                self._depth -= 1
                if outermost:
                    self._db.execute("ROLLBACK")
                raise
            self._depth -= 1
            if outermost:
                self._db.execute("COMMIT")

    def get(self, kind: str, shop: str, id: str) -> Doc | None:
        text = self.text(kind, shop, id)
        return None if text is None else json.loads(text)

    def need(self, kind: str, shop: str, id: str) -> Doc:
        """Raises LookupError where `get` gives None."""
        found = self.get(kind, shop, id)
        if found is None:
            raise LookupError(f"{shop} has no {kind} {id}")
        return found

    def text(self, kind: str, shop: str, id: str) -> str | None:
        """The document as JSON text, with all that is untold."""
        rows = self.rows(
            "SELECT body FROM documents WHERE kind = ? AND shop = ? AND id = ?", (kind, shop, id)
        )
        return rows[0][0] if rows else None

    def told(self, kind: str, shop: str, id: str) -> str | None:
        """The document as JSON text, as the API tells it."""
        rows = self.rows(
            "SELECT json_remove(body, '$._') FROM documents WHERE kind = ? AND shop = ? AND id = ?",
            (kind, shop, id),
        )
        return rows[0][0] if rows else None

    def put(self, kind: str, shop: str, doc: Doc) -> None:
        """Adds or replaces a document; its id, times, status and orders are read from it."""
        fields = kind_of(kind)
        id = doc[fields.id]
        created = int(doc.get(fields.created) or 0)
        updated = int(doc.get(fields.updated) or created)
        row = (kind, shop, id, created, updated, doc.get(fields.status) or "", dump(doc))
        with self.change():
            self._db.execute(PUT, row)
            if orders := fields.orders(doc):
                self._db.execute(
                    "DELETE FROM links WHERE kind = ? AND shop = ? AND id = ?", (kind, shop, id)
                )
                self._db.executemany(
                    "INSERT OR IGNORE INTO links VALUES (?, ?, ?, ?)",
                    [(kind, shop, order, id) for order in orders],
                )

    def remove(self, kind: str, shop: str, id: str) -> None:
        with self.change():
            for table in ("documents", "links"):
                self._db.execute(
                    f"DELETE FROM {table} WHERE kind = ? AND shop = ? AND id = ?",  # noqa: S608
                    (kind, shop, id),
                )

    def find(self, kind: str, shop: str | None = None, **wanted: str) -> list[Doc]:
        """All documents of a kind (of every shop when `shop` is None), in the order of creation.

        `order_id=` follows the links, `status=` the column; any other name is a field of the body.
        """
        tests, values = ["kind = ?"], [kind]
        if shop is not None:
            wanted = {"shop": shop} | wanted
        for name, value in wanted.items():
            tests.append(_test(name))
            values.append(value)
        # CROSS: from the order's few links to the documents, never the other way round.
        where = (
            "links CROSS JOIN documents USING (kind, shop, id)"
            if "order_id" in wanted
            else ("documents")
        )
        rows = self.rows(
            f"SELECT body FROM {where} WHERE {' AND '.join(tests)} ORDER BY created, id",  # noqa: S608
            values,
        )
        return [json.loads(row[0]) for row in rows]

    def note(
        self,
        what: str,
        shop: str,
        at: int,
        *,
        order_id: str = "",
        package_id: str = "",
        amount: str = "",
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Adds a line to the ledger, within the change that it tells of."""
        row = (at, shop, what, order_id, package_id, amount, dump(dict(detail or {})))
        with self.change():
            self._db.execute(
                "INSERT INTO ledger (at, shop, what, order_id, package_id, amount, detail)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                row,
            )

    def ledger(self, **wanted: str) -> list[Entry]:
        """The ledger's lines in order; `shop=`, `what=`, `order_id=`, `package_id=` narrow them."""
        tests = " AND ".join(["1", *(f"{name} = ?" for name in wanted)])
        rows = self.rows(
            "SELECT at, shop, what, order_id, package_id, amount, detail FROM ledger"  # noqa: S608
            f" WHERE {tests} ORDER BY number",
            list(wanted.values()),
        )
        return [
            Entry(at, shop, what, order, package, amount, json.loads(detail))
            for at, shop, what, order, package, amount, detail in rows
        ]

    def number(self, name: str) -> int:
        """The next number of a series, from 1; never given out twice."""
        with self.change():
            self._db.execute(
                "INSERT INTO numbers VALUES (?, 1) ON CONFLICT DO UPDATE SET last = last + 1",
                (name,),
            )
            row = self._db.execute("SELECT last FROM numbers WHERE name = ?", (name,)).fetchone()
        return int(row[0])

    def rows(self, sql: str, values: list[Any] | tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """The rows that a query finds."""
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def close(self) -> None:
        with self._lock:
            self._db.close()


def dump(value: object) -> str:
    """Compact JSON text."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _test(name: str) -> str:
    if name in ("shop", "status", "order_id"):
        return f"{name} = ?"
    return f"json_extract(body, '$.{name}') = ?"
