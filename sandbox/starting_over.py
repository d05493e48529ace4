"""The verb that empties the books."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.kinds import Doc
from sandbox.verbs import verb

if TYPE_CHECKING:
    from sandbox.market import Market


@verb(
    "start_over",
    "The books are emptied: no shop, order or token is left, only apps.",
    danger="Every shop, order, package, case and token of this marketplace is gone for good, and "
    "every desk that is connected to it has to be connected again.",
)
def start_over(market: Market, shop: str, given: Doc) -> Doc:
    for what in ("documents WHERE kind != 'app'", "links", "ledger", "numbers"):
        market.books.rows(f"DELETE FROM {what}")  # noqa: S608
    return {}
