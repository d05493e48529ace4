"""Seeding from JSON lines: shops, orders, packages, cancellations, returns and apps as documents.
What is in the books already stays as it is, so that a file may be read on every start.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from sandbox import shops
from sandbox.kinds import UNTOLD, Doc, kind_of

if TYPE_CHECKING:
    from sandbox.market import Market

KINDS = ("order", "package", "cancellation", "return")
BATCH = 1000


class BadSeed(ValueError):
    """A line that cannot be read, named by its number."""


def seed(market: Market, lines: Iterable[str]) -> Counter[str]:
    """Adds what is not there yet; gives how many of each kind were added. Raises BadSeed.

    A line is `{"shop": {...}}`, `{"app": {...}}` or `{"order": {...}, "shop": "<id>"}` and so on.
    An order's true address is its recipient_address, or `_.address` when that one is masked.
    """
    added: Counter[str] = Counter()
    numbered = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    while batch := list(islice(numbered, BATCH)):
        with market.books.change():
            added.update(_enter(market, batch))
    return added


def _enter(market: Market, batch: list[tuple[int, str]]) -> Iterator[str]:
    for number, line in batch:
        try:
            entry = json.loads(line)
            kind = next(iter(entry), "")
            if _add(market, kind, entry):
                yield kind
        except (ValueError, TypeError, AttributeError, LookupError) as error:
            raise BadSeed(f"Line {number} of the seed cannot be read: {error}") from error


def _add(market: Market, kind: str, entry: Doc) -> bool:
    books, doc = market.books, entry[kind]
    if kind == "shop":
        if books.get("shop", "", doc["id"]) is None:
            shops.add_shop(books, doc)
            return True
        return False
    if kind == "app":
        if shops.app(books, doc["key"]) is None:
            shops.add_app(books, **doc)
            return True
        return False
    if kind not in KINDS:
        raise ValueError(f"there is no kind {kind!r}")
    shop, id = entry["shop"], doc[kind_of(kind).id]
    if books.rows(
        "SELECT 1 FROM documents WHERE kind = ? AND shop = ? AND id = ?", (kind, shop, id)
    ):
        return False
    if kind == "order":
        doc.setdefault(UNTOLD, {}).setdefault("address", doc["recipient_address"])
    books.put(kind, shop, doc)
    return True
