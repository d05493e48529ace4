"""How a verb comes by what it acts on: the one that is named, or some that fits, drawn so that the
same seed draws the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import TYPE_CHECKING

from sandbox.kinds import Doc, kind_of
from sandbox.verbs import CannotDo

if TYPE_CHECKING:
    from sandbox.market import Market

#: So many of each status are looked at: the newest and the oldest.
LOOKED_AT = 20

Test = Callable[[Doc], bool]


def draw(market: Market, given: Doc) -> Random:
    """The chance of one act: of its `seed`, or of a number that is used once."""
    seed = given.get("seed") or market.books.number("chance")
    return Random(int(seed))  # noqa: S311 (chance that can be repeated is the point)


def some(
    market: Market,
    shop: str,
    kind: str,
    given: Doc,
    statuses: Sequence[str],
    test: Test = lambda doc: True,
) -> Doc:
    """The document that `given` names by its id, or by its order's, or else one that fits. Raises
    CannotDo when it does not fit or there is none.
    """
    fits: Test = lambda doc: doc[kind_of(kind).status] in statuses and test(doc)  # noqa: E731
    name = "order_id" if kind == "order" else kind_of(kind).id
    if id := given.get(name):
        found = [market.books.need(kind, shop, str(id))]
    elif order_id := given.get("order_id"):
        found = market.books.find(kind, shop, order_id=str(order_id))
    else:
        found = list(_candidates(market, shop, kind, statuses))
        draw(market, given).shuffle(found)
    for doc in found:
        if fits(doc):
            return doc
    raise CannotDo(f"There is no {kind} that this fits.")


def _candidates(market: Market, shop: str, kind: str, statuses: Sequence[str]) -> Iterator[Doc]:
    for status in statuses:
        seen = set()
        for way in ("DESC", "ASC"):
            rows = market.books.rows(
                "SELECT id, body FROM documents WHERE kind = ? AND shop = ? AND status = ?"  # noqa: S608
                f" ORDER BY updated {way}, id {way} LIMIT ?",
                (kind, shop, status, LOOKED_AT),
            )
            for id, body in rows:
                if id not in seen:
                    seen.add(id)
                    yield json.loads(body)
