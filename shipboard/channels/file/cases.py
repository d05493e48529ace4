"""The cancellation, return or refund that an order's rows speak of.

The file says only a word and an amount, never who must answer: a case is taken to be open when
the order has not come to the end that the case asks for.
"""

from __future__ import annotations

from decimal import Decimal

from ..contract import CaseFact, CaseKind, Stage
from .errors import quoted
from .rows import OrderRows
from .vocabulary import case_kind
from .words import folded

FINISHED = (Stage.CANCELED, Stage.CLOSED)


def cases_of(
    order: OrderRows, stage: Stage, refund: Decimal | None, reason: str
) -> tuple[tuple[CaseFact, ...], str]:
    """The cases of an order in `stage` with `refund` paid back and cancel reason `reason`; and
    the words that name no kind of case we know ("" for none)."""
    cases: dict[CaseKind, CaseFact] = {}
    strange: list[str] = []
    seen: set[str] = set()
    for row, word in zip(order.rows, order.texts("case_type"), strict=False):
        if not word or folded(word) in seen:
            continue
        seen.add(folded(word))
        kind = case_kind(word)
        if kind is None:
            strange.append(word)
            order.reading.remarks.add(
                f"The {order.layout.title('case_type')} {quoted(word)} is not known; it was kept "
                "as text",
                row.number,
            )
        else:
            cases.setdefault(kind, _case(kind, stage, refund, reason))
    return tuple(cases.values()), ", ".join(strange)


def _case(kind: CaseKind, stage: Stage, refund: Decimal | None, reason: str) -> CaseFact:
    if kind is CaseKind.CANCELLATION:
        return CaseFact(kind=kind, is_open=stage not in FINISHED, reason=reason)
    is_open = stage not in FINISHED and not refund
    return CaseFact(kind=kind, is_open=is_open, amount=refund or None)
