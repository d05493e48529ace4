"""What buyers, carriers and the marketplace do when somebody tells them to: a table of verbs, which
the control page shows as forms and tests call by name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.kinds import Doc

if TYPE_CHECKING:
    from sandbox.market import Market

Run = Callable[["Market", str, Doc], Doc]


@dataclass(frozen=True)
class Verb:
    """`run(market, shop id, {field: text})` gives a few facts of what came of it. `danger`: what is
    gone afterwards, of a verb that nothing takes back; a person is asked before it is done."""

    name: str
    words: str
    fields: tuple[str, ...]
    run: Run
    danger: str = ""


VERBS: dict[str, Verb] = {}


class CannotDo(ValueError):
    """The verb does not fit the state of things; the message says why."""


def verb(
    name: str, words: str, fields: tuple[str, ...] = (), danger: str = ""
) -> Callable[[Run], Run]:
    def enter(run: Run) -> Run:
        VERBS[name] = Verb(name, words, fields, run, danger)
        return run

    return enter


def do(market: Market, name: str, shop: str, given: Doc | None = None) -> Doc:
    """Does it within one change. Raises CannotDo, LookupError."""
    if name not in VERBS:
        raise CannotDo(f"There is no verb {name}.")
    with market.books.change():
        return VERBS[name].run(market, shop, given or {})
